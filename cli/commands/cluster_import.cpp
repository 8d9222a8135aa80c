// cluster import: manifests of the topics that no stream manages, drafted exactly as they are. Writes to no cluster.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/commands/clusters.h"
#include "cli/draft_files.h"
#include "cli/errors.h"
#include "cli/session.h"
#include "eda/streams/v1/streams.grpc.pb.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace v1 = eda::streams::v1;
using v1::StreamService;

namespace {

constexpr std::size_t most_named = 10;

struct ImportOptions {
  std::string cluster, folder;
  bool force = false;
};

struct Drafts {
  std::vector<DraftFile> files;
  std::vector<std::string> internal;
};

Result<Drafts> draft(Session& session, const std::string& cluster, const std::string& team) {
  v1::DraftManifestsRequest request;
  request.set_cluster(cluster);
  request.set_team(team);
  request.set_page_size(500);
  Drafts out;
  EDA_TRY(pages(session, &StreamService::Stub::DraftManifests, std::move(request),
                [&](v1::DraftManifestsResponse& page) -> Result<> {
                  for (auto& document : page.documents()) {
                    EDA_ASSIGN(auto file, draft_file(document));
                    out.files.push_back(std::move(file));
                  }
                  out.internal.insert(out.internal.end(), page.internal().begin(), page.internal().end());
                  session.terminal().progress(fmt::format("{} topics read", out.files.size()));
                  return {};
                }));
  session.terminal().progress_done();
  return out;
}

std::string names_text(const std::vector<std::string>& names) {
  auto shown = std::min(names.size(), most_named);
  auto out = fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(shown), ", "));
  return names.size() > shown ? out + fmt::format(" and {} more", names.size() - shown) : out;
}

void conclude(Session& session, const ImportOptions& options, const std::string& cluster, const std::string& team,
              const Drafts& drafts, const Written& written) {
  auto& terminal = session.terminal();
  auto folder = text::printable(options.folder);
  std::string before;
  if (written.changed > 0) before += fmt::format(", {} overwritten", written.changed);
  if (written.unchanged > 0) before += fmt::format(", {} there already", written.unchanged);
  terminal.say(
      fmt::format("{} manifest{} written to {}{}", written.fresh, written.fresh == 1 ? "" : "s", folder, before));
  if (!drafts.internal.empty()) {
    terminal.say(fmt::format("left out, for they are internal: {}", text::printable(names_text(drafts.internal))));
  }
  if (drafts.files.empty()) return terminal.say("every topic of the cluster is managed by a stream");
  std::string where = cluster.empty() ? "" : " --cluster " + cluster;
  terminal.say("next:");
  if (team.empty()) {
    terminal.say(
        fmt::format("  write each one's team where team: \"\" stands; edactl validate -f {} lists the places", folder));
  }
  terminal.say(fmt::format("  edactl plan -f {}{}    # adoption and nothing else", folder, where));
  terminal.say(fmt::format("  edactl apply -f {}{} --yes --reason \"imported\"", folder, where));
}

Result<Exit> import_topics(Session& session, const ImportOptions& options) {
  if (options.folder.empty()) return fail(usage_error("where to?", "--dir FOLDER"));
  EDA_ASSIGN(const auto* settings, session.settings());
  auto& cluster = options.cluster.empty() ? settings->cluster.value : options.cluster;
  auto& team = settings->team.value;
  EDA_ASSIGN(auto drafts, draft(session, cluster, team));
  EDA_ASSIGN(auto written, write_drafts(options.folder, drafts.files, options.force ? Overwrite::yes : Overwrite::no));
  if (session.format() == Format::name) {
    for (auto& file : drafts.files) session.terminal().out(file.name + "\n");
  }
  conclude(session, options, cluster, team, drafts, written);
  return Exit::ok;
}

}  // namespace

Command cluster_import_command() {
  return {
      "import",
      "write manifests of the topics that no stream manages, exactly as they are; no cluster is written to",
      "edactl cluster import prod --dir streams/ --team checkout\n"
      "edactl cluster import prod --dir streams/   # of several teams: write each one's team into its file",
      [](CLI::App& app) -> Run {
        auto options = std::make_shared<ImportOptions>();
        app.add_option("name", options->cluster, "the cluster (default: --cluster, or the context's)")
            ->type_name("NAME");
        app.add_option("--dir", options->folder, "the folder to write to, a file for each topic")->type_name("FOLDER");
        app.add_flag("--force", options->force, "overwrite files that say something else");
        return [options](Session& session) { return import_topics(session, *options); };
      },
      {},
      "Domains",
      Shows::names};
}

}  // namespace eda::cli
