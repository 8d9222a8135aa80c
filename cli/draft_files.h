#pragma once
// Drafted manifests as files of a folder, one for each object. Nothing that somebody wrote is lost.

#include <string>
#include <vector>

#include "eda/plans/v1/plans.pb.h"
#include "platform/core/error.h"

namespace eda::cli {

struct DraftFile {
  std::string name;  ///< in the folder: "orders.placed.yaml"
  std::string text;
};

/// The document as its file. Without a team it gets an empty one with a comment: edactl validate names the place.
/// Errors: internal DRAFT_ODD for a kind or a name that is none, for a name becomes a path.
Result<DraftFile> draft_file(const eda::plans::v1::Document& document);

enum class Overwrite { no, yes };
struct Written {
  std::size_t fresh = 0, changed = 0, unchanged = 0;
};
/// All, or none when one cannot be: the folder is made, files that say the same are left alone. Errors: conflict
/// FILE_DIFFERS with each file that says something else, unless they may be overwritten; unavailable FILE_UNWRITABLE.
Result<Written> write_drafts(const std::string& folder, const std::vector<DraftFile>& files, Overwrite overwrite);

}  // namespace eda::cli
