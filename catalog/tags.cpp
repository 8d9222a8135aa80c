#include "catalog/tags.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "platform/text/distance.h"
#include "platform/text/unicode.h"

namespace eda::catalog {

namespace {

constexpr std::string_view tags_path = "spec.tags";
constexpr std::array built_ins{pii, std::string_view("financial"), deprecated};

const plans::Field tag_fields[] = {
    {.path = "spec.description",
     .type = plans::FieldType::text,
     .doc = "What the tag says of whatever has it.",
     .example = "Data about health, of which access is logged."},
    {.path = "spec.setBy",
     .type = plans::FieldType::choice,
     .fallback = "owner",
     .doc =
         "Who may put it on, or take it off: whoever may change the object (owner), leads of the owning team (lead), "
         "admins (admin).",
     .example = "lead",
     .choices = {"owner", "lead", "admin"}},
    {.path = "spec.removable",
     .type = plans::FieldType::boolean,
     .fallback = "true",
     .doc = "Whether it may be taken off again. Of one that may not, an admin has to say that it may, first.",
     .example = "false"},
};

std::vector<std::string> without(const std::vector<std::string>& these, const std::vector<std::string>& those) {
  std::vector<std::string> left;
  for (auto& one : these) {
    if (std::find(those.begin(), those.end(), one) == those.end()) left.push_back(one);
  }
  return left;
}

bool may_set(const Tag& tag, const Standing& standing, const std::string& owner) {
  if (standing.admin) return true;
  if (tag.set_by == Tag::SetBy::admin) return false;
  return tag.set_by == Tag::SetBy::owner || standing.in(owner) == TeamRole::lead;
}

Error not_set_by_you(const plans::Draft& draft, const std::string& name, const Tag& tag, const std::string& owner) {
  bool admins = tag.set_by == Tag::SetBy::admin;
  auto who = admins ? std::string("admins") : fmt::format("leads of team/{}", owner);
  return Error(Code::denied, "TAG_SET_BY", fmt::format("tag/{} of {} is set by {} only", name, draft.ref.text(), who),
               admins ? "ask an admin" : fmt::format("ask a lead: edactl describe team {}", owner));
}

Error tag_stays(const plans::Draft& draft, const std::string& name) {
  return Error(Code::refused, "TAG_STAYS", fmt::format("tag/{} may not be taken off {}", name, draft.ref.text()),
               fmt::format("leave it on, or ask an admin to set spec.removable of tag/{} to true", name));
}

}  // namespace

const plans::KindRules& tag_rules() {
  static const plans::KindRules rules{
      .kind = "Tag",
      .plural = "tags",
      .scope = plans::Scope::global,
      .rank = 0,
      .doc = "A word that streams and services carry, and that rules act on: pii, financial, deprecated, and your own.",
      .fields = tag_fields,
      .name_fault = text::name_fault};
  return rules;
}

bool built_in_tag(std::string_view name) {
  return std::find(built_ins.begin(), built_ins.end(), name) != built_ins.end();
}

Tag tag_of(const plans::Wish& wish) {
  Tag tag;
  auto set_by = plans::wished_text(wish, "spec.setBy", "owner");
  if (set_by == "lead") tag.set_by = Tag::SetBy::lead;
  if (set_by == "admin") tag.set_by = Tag::SetBy::admin;
  auto* removable = plans::wished(wish, "spec.removable");
  tag.removable = !removable || !removable->as_bool() || *removable->as_bool();
  return tag;
}

std::vector<std::string> tags_in(const plans::Wish& wish) {
  std::vector<std::string> tags;
  auto* value = plans::wished(wish, tags_path);
  if (!value || !value->as_list()) return tags;
  for (auto& item : *value->as_list()) {
    if (item.as_text()) tags.push_back(*item.as_text());
  }
  return tags;
}

bool has_tag(const plans::Wish& wish, std::string_view tag) {
  auto tags = tags_in(wish);
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

TagChange tag_change(const plans::Draft& draft) {
  auto before = draft.before ? tags_in(draft.before->wish) : std::vector<std::string>();
  auto after = tags_in(draft.after);
  return {without(after, before), without(before, after)};
}

void judge_tags(plans::Draft& draft, const std::map<std::string, Tag>& known, const std::vector<std::string>& names,
                const Standing& standing, const std::string& owner) {
  auto change = tag_change(draft);
  for (auto& name : change.added) {
    auto tag = known.find(name);
    if (tag == known.end()) {
      auto near = text::did_you_mean(name, names);
      draft.violate(std::string(tags_path), fmt::format("there is no tag \"{}\"", text::printable(name)),
                    near.empty() ? "edactl get tags lists them; admins make new ones" : near);
    } else if (!may_set(tag->second, standing, owner) && !draft.refusal) {
      draft.refusal = not_set_by_you(draft, name, tag->second, owner);
    }
  }
  for (auto& name : change.removed) {
    auto tag = known.find(name);
    if (tag == known.end() || draft.refusal) continue;  // what is no tag any more comes off freely
    if (!tag->second.removable) {
      draft.refusal = tag_stays(draft, name);
    } else if (!may_set(tag->second, standing, owner)) {
      draft.refusal = not_set_by_you(draft, name, tag->second, owner);
    }
  }
}

namespace errors {

Error tag_built_in(const std::string& tag) {
  return Error(Code::refused, "TAG_BUILT_IN", fmt::format("tag/{} is built in and is not deleted", tag),
               "leave it; whoever does not need it does not set it");
}

Error stream_deprecated(const Ref& service, const Ref& stream, const std::string& successor,
                        const std::string& sunset) {
  auto until = sunset.empty() ? std::string() : fmt::format(" and ends on {}", sunset);
  return Error(Code::refused, "STREAM_DEPRECATED",
               fmt::format("{} cannot begin to read {}: it is deprecated{}", service.text(), stream.text(), until),
               successor.empty()
                   ? fmt::format("ask its owner what to read instead: edactl describe stream {}", stream.name)
                   : fmt::format("read stream/{} instead, its successor", successor));
}

Error tag_in_use(const std::string& tag, const std::vector<std::string>& some, std::int64_t total) {
  return Error(Code::refused, "TAG_IN_USE",
               fmt::format("{} object{} tag/{}: {}{}", total, total == 1 ? " has" : "s have", tag,
                           fmt::join(some, ", "), total > static_cast<std::int64_t>(some.size()) ? ", …" : ""),
               fmt::format("take it off first: edactl get all --tag {}", tag));
}

}  // namespace errors

}  // namespace eda::catalog
