#include "cli/commands/plans.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/change.h"
#include "cli/errors.h"
#include "cli/kinds.h"
#include "cli/manifests.h"
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

// --- apply

struct ApplyOptions {
  FileOptions files;
  ChangeOptions change;
};

Result<Exit> apply(Session& session, const ApplyOptions& options) {
  EDA_ASSIGN(auto documents, read_manifests(options.files.files, options.files.folders()));
  EDA_ASSIGN(auto plan, plan_documents(session, documents, options.change.dry_run ? Purpose::look : Purpose::apply));
  return carry_out(session, plan, options.change);
}

// --- plan

struct PlanOptions {
  FileOptions files;
  bool exit_code = false;
};

Result<Exit> plan(Session& session, const PlanOptions& options) {
  EDA_ASSIGN(auto documents, read_manifests(options.files.files, options.files.folders()));
  EDA_ASSIGN(auto computed, plan_documents(session, documents, Purpose::look));
  EDA_TRY(show_plan(session, computed));
  return options.exit_code && computed.changes_anything() ? Exit::differences : Exit::ok;
}

// --- validate

Result<Exit> validate(Session& session, const FileOptions& options) {
  EDA_ASSIGN(auto documents, read_manifests(options.files, options.folders()));
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
                 "cat stream.yaml | edactl apply -f - --yes --reason \"more partitions for the sale\"",
                 [](CLI::App& app) -> Run {
                   auto options = std::make_shared<ApplyOptions>();
                   declare_files(app, options->files);
                   declare_change(app, options->change);
                   return [options](Session& session) { return apply(session, *options); };
                 },
                 {},
                 "Objects"});
  out.push_back({"plan",
                 "show what apply would change, how risky it is and whom it affects",
                 "edactl plan -f streams/\n"
                 "edactl plan -f . -R --exit-code   # exit 3 when something differs",
                 [](CLI::App& app) -> Run {
                   auto options = std::make_shared<PlanOptions>();
                   declare_files(app, options->files);
                   app.add_flag("--exit-code", options->exit_code, "exit 3 when the plan changes something");
                   return [options](Session& session) { return plan(session, *options); };
                 },
                 {},
                 "Objects"});
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
                 "Objects"});
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
                 "Objects"});
  return out;
}

}  // namespace eda::cli
