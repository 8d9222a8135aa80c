#include "cli/commands/plans.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <future>
#include <memory>

#include "cli/apply_set.h"
#include "cli/change.h"
#include "cli/errors.h"
#include "cli/kinds.h"
#include "cli/manifests.h"
#include "cli/plan_file.h"
#include "cli/session.h"

namespace eda::cli {

namespace {

struct FileOptions {
  std::vector<std::string> files;
  bool recursive = false;

  Folders folders() const { return recursive ? Folders::recursive : Folders::flat; }
};

void declare_files(CLI::App& app, FileOptions& options) {
  app.add_option("-f,--filename", options.files, "manifests: a file, a folder, or - for stdin; repeat for more")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app.add_flag("-R,--recursive", options.recursive, "look into the folders below too");
}

struct SetOptions {
  bool prune = false;
  bool force = false;
  std::string source;
};

void declare_set(CLI::App& app, SetOptions& options) {
  app.add_flag("--prune", options.prune, "delete what the same set named before and no longer names");
  app.add_flag("--force-conflicts", options.force, "take over fields that another set manages");
  app.add_option("--source", options.source, "where the manifests come from (default: git's origin and commit)")
      ->type_name("TEXT");
}

// What is piped in is a part of anything: it says nothing about what is no longer named.
Result<> check_prune(Session& session, const FileOptions& files) {
  EDA_ASSIGN(const auto* settings, session.settings());
  bool piped = std::find(files.files.begin(), files.files.end(), "-") != files.files.end();
  if (!piped || !settings->set.value.empty()) return {};
  return fail(usage_error("--prune with manifests from stdin needs to know the set", "--set NAME"));
}

// Reads, and plans as the set.
Result<WholePlan> plan_files(Session& session, const FileOptions& files, const SetOptions& options, Purpose purpose) {
  EDA_ASSIGN(const auto* settings, session.settings());
  if (options.prune) EDA_TRY(check_prune(session, files));
  // git is asked while the files are read.
  auto asked = std::async(std::launch::async, [&] { return find_apply_set(session, files.files, options.source); });
  auto documents = read_manifests(files.files, files.folders());
  auto set = asked.get();
  EDA_TRY(documents);
  EDA_TRY(set);
  if (options.prune && set->name.empty()) {
    return fail(usage_error("--prune needs a set, and neither git nor the folder gives one", "--set NAME"));
  }
  EDA_ASSIGN(auto request, plan_request(session, purpose));
  request.set_set(set->name);
  request.set_source(set->source);
  if (!set->name.empty()) request.set_set_team(settings->team.value);
  request.set_prune(options.prune);
  request.set_force_conflicts(options.force);
  return plan_documents(session, *documents, std::move(request));
}

// --- apply

struct ApplyOptions {
  FileOptions files;
  SetOptions set;
  ChangeOptions change;
  std::string plan_file;
};

Result<Exit> apply_file(Session& session, const ApplyOptions& options) {
  if (!options.files.files.empty() || options.set.prune || options.set.force || !options.set.source.empty()) {
    return fail(usage_error("--plan applies a plan as it is, without -f, --prune, --force-conflicts and --source",
                            "edactl apply --plan FILE"));
  }
  EDA_ASSIGN(auto plan, load_plan(session, options.plan_file));
  return carry_out(session, plan, options.change);
}

Result<Exit> apply(Session& session, const ApplyOptions& options) {
  if (!options.plan_file.empty()) return apply_file(session, options);
  auto purpose = options.change.dry_run ? Purpose::look : Purpose::apply;
  EDA_ASSIGN(auto plan, plan_files(session, options.files, options.set, purpose));
  return carry_out(session, plan, options.change);
}

// --- plan

struct PlanOptions {
  FileOptions files;
  SetOptions set;
  bool exit_code = false;
  std::string out;
};

Result<Exit> plan(Session& session, const PlanOptions& options) {
  EDA_ASSIGN(auto computed, plan_files(session, options.files, options.set, Purpose::look));
  if (!options.out.empty()) EDA_TRY(write_plan_file(session, computed, options.out));
  EDA_TRY(show_plan(session, computed));
  return options.exit_code && computed.changes_anything() ? Exit::differences : Exit::ok;
}

// --- validate

Result<Exit> validate(Session& session, const FileOptions& options) {
  EDA_ASSIGN(auto documents, read_manifests(options.files, options.folders()));
  Error odd(Code::invalid, "MANIFEST_INVALID", "the manifests contradict themselves", "correct what is listed");
  for (auto& document : documents) {
    auto found = plans::judge_document(*kinds().find(document.kind), document);
    odd.violations.insert(odd.violations.end(), found.begin(), found.end());
  }
  if (!odd.violations.empty()) return fail(std::move(odd));
  auto references = plans::check_references(kinds(), documents, nullptr);
  if (!references.violations.empty()) {
    Error error(Code::invalid, "REFERENCES_INVALID", "references between the manifests are wrong",
                "correct what is listed");
    error.violations = std::move(references.violations);
    return fail(std::move(error));
  }
  auto plural = [](std::size_t count) { return count == 1 ? "" : "s"; };
  std::string unchecked;
  if (references.unchecked > 0) {
    unchecked = fmt::format("; {} reference{} to other objects not checked (edactl plan asks the server)",
                            references.unchecked, plural(references.unchecked));
  }
  session.terminal().say(fmt::format("valid: {} document{}{}", documents.size(), plural(documents.size()), unchecked));
  return Exit::ok;
}

// --- delete

struct DeleteOptions {
  FileOptions files;
  ChangeOptions change;
  std::vector<std::string> what;
};

Result<std::vector<Ref>> deletions_of(Session& session, const DeleteOptions& options) {
  EDA_ASSIGN(const auto* settings, session.settings());
  std::vector<Ref> out;
  if (!options.files.files.empty()) {
    if (!options.what.empty()) return fail(usage_error("give either -f or a kind and names"));
    EDA_ASSIGN(auto documents, read_manifests(options.files.files, options.files.folders()));
    for (auto& document : documents) {
      auto& cluster = document.cluster.empty() ? settings->cluster.value : document.cluster;
      out.push_back(ref_of(*kinds().find(document.kind), cluster, document.name));
    }
    return out;
  }
  if (options.what.size() < 2) return fail(usage_error("delete what?", "edactl delete KIND NAME…, or -f FILE"));
  EDA_ASSIGN(const auto* rules, parse_kind(options.what.front()));
  for (std::size_t i = 1; i < options.what.size(); ++i) {
    out.push_back(ref_of(*rules, settings->cluster.value, options.what[i]));
  }
  return out;
}

Result<Exit> remove(Session& session, const DeleteOptions& options) {
  EDA_ASSIGN(auto deletions, deletions_of(session, options));
  EDA_ASSIGN(auto plan, plan_deletions(session, deletions, options.change.dry_run ? Purpose::look : Purpose::apply));
  return carry_out(session, plan, options.change);
}

}  // namespace

std::vector<Command> plan_commands() {
  std::vector<Command> out;
  out.push_back({"apply",
                 "make the world as the manifests say: plan, agree, apply exactly that, wait",
                 "edactl apply -f team.yaml\n"
                 "edactl apply -f streams/ -R --dry-run\n"
                 "edactl apply -f streams/ --prune --confirm shop   # and delete what the set shop names no more\n"
                 "edactl apply --plan plan.json --yes               # exactly what plan --out wrote\n"
                 "cat stream.yaml | edactl apply -f - --yes --reason \"more partitions for the sale\"",
                 [](CLI::App& app) -> Run {
                   auto options = std::make_shared<ApplyOptions>();
                   declare_files(app, options->files);
                   declare_set(app, options->set);
                   app.add_option("--plan", options->plan_file,
                                  "apply the plan that plan --out wrote, and nothing else")
                       ->type_name("FILE");
                   declare_change(app, options->change);
                   return [options](Session& session) { return apply(session, *options); };
                 },
                 {},
                 "Objects",
                 Shows::plans});
  out.push_back({"plan",
                 "show what apply would change, how risky it is and whom it affects",
                 "edactl plan -f streams/\n"
                 "edactl plan -f . -R --exit-code   # exit 3 when something differs\n"
                 "edactl plan -f streams/ -o markdown --out plan.json > plan.md   # for a pull request (docs/ci.md)",
                 [](CLI::App& app) -> Run {
                   auto options = std::make_shared<PlanOptions>();
                   declare_files(app, options->files);
                   declare_set(app, options->set);
                   app.add_option("--out", options->out, "write the plan for apply --plan too")->type_name("FILE");
                   app.add_flag("--exit-code", options->exit_code, "exit 3 when the plan changes something");
                   return [options](Session& session) { return plan(session, *options); };
                 },
                 {},
                 "Objects",
                 Shows::plans});
  out.push_back({"validate",
                 "check manifests without a server",
                 "edactl validate -f stream.yaml\n"
                 "edactl validate -f manifests/ -R",
                 [](CLI::App& app) -> Run {
                   auto options = std::make_shared<FileOptions>();
                   declare_files(app, *options);
                   return [options](Session& session) { return validate(session, *options); };
                 },
                 {},
                 "Objects",
                 Shows::words});
  out.push_back({"delete",
                 "delete objects; each name has to be confirmed, and its protection be off",
                 "edactl delete stream orders.tmp\n"
                 "edactl delete stream orders.tmp --confirm orders.tmp   # without a terminal\n"
                 "edactl delete -f old-team.yaml",
                 [](CLI::App& app) -> Run {
                   auto options = std::make_shared<DeleteOptions>();
                   app.add_option("what", options->what, "a kind, then names")->type_name("KIND NAME");
                   declare_files(app, options->files);
                   declare_change(app, options->change);
                   return [options](Session& session) { return remove(session, *options); };
                 },
                 {},
                 "Objects",
                 Shows::plans});
  return out;
}

}  // namespace eda::cli
