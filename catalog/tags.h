#pragma once
// Tags: words with a meaning that rules act on. The organisation's own stand beside those that are built in; which
// objects have them is a field of theirs, spec.tags, of whatever kind has one.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/catalog.h"

namespace eda::catalog {

/// The Tag kind: description, who may set it, whether it may be taken off again. It belongs to nobody: admins write it.
const plans::KindRules& tag_rules();

inline constexpr std::string_view pii = "pii", deprecated = "deprecated";
/// pii, financial, deprecated: made by the migrations, never deleted, for rules name them.
bool built_in_tag(std::string_view name);

struct Tag {
  enum class SetBy { owner, lead, admin } set_by = SetBy::owner;
  bool removable = true;
};
Tag tag_of(const plans::Wish& wish);

/// What a change puts on and takes off.
struct TagChange {
  std::vector<std::string> added, removed;
};
TagChange tag_change(const plans::Draft& draft);
/// The tags that a wish gives; none where its kind has no such field.
std::vector<std::string> tags_in(const plans::Wish& wish);
bool has_tag(const plans::Wish& wish, std::string_view tag);

/// Judges a draft's change against the tags that there are: unknown ones are violations with the nearest name; who may
/// not set a tag is refused (denied), as is taking one off that stays (refused TAG_STAYS).
void judge_tags(plans::Draft& draft, const std::map<std::string, Tag>& known, const std::vector<std::string>& names,
                const Standing& standing, const std::string& owner);

namespace errors {
Error tag_built_in(const std::string& tag);
/// `successor` and `sunset` are empty where the stream says none.
Error stream_deprecated(const Ref& service, const Ref& stream, const std::string& successor, const std::string& sunset);
Error tag_in_use(const std::string& tag, const std::vector<std::string>& some, std::int64_t total);
}  // namespace errors

}  // namespace eda::catalog
