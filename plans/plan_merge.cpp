// Sets and what they manage.

#include "plans/plan.h"

namespace eda::plans {

namespace {

// What the manager had and the document says no more.
std::vector<std::string> release(Wish& wish, const std::string& manager, const Document& document) {
  std::vector<std::string> released;
  for (auto& [path, field] : wish) {
    if (field.manager != manager || document.fields.contains(path)) continue;
    field.manager.clear();
    released.push_back(path);
  }
  return released;
}

// "shop" gives way to "checkout/shop".
bool gives_way(const std::string& held, const std::string& manager) {
  auto slash = manager.find('/');
  return slash != std::string::npos && manager.compare(slash + 1, std::string::npos, held) == 0;
}

}  // namespace

std::string ApplySet::manager() const {
  return name.empty() || team.empty() ? name : team + "/" + name;
}

Wish effective(const Wish& wish, const Overlay& overlay) {
  Wish world = wish;
  for (auto& [path, over] : overlay) world[path].value = over.value;
  return world;
}

Merged merge(const Wish& before, const Document& document, const std::string& manager, Conflicts how) {
  Merged merged{before, {}, {}};
  if (!manager.empty()) merged.released = release(merged.after, manager, document);
  for (auto& [path, said] : document.fields) {
    auto held = before.find(path);
    bool others = held != before.end() && !held->second.manager.empty() && held->second.manager != manager &&
                  !gives_way(held->second.manager, manager);
    if (others && held->second.value == said.value) continue;
    if (others) merged.conflicts.push_back(Conflict{path, held->second.manager});
    if (!others || how == Conflicts::force) merged.after[path] = WishField{said.value, manager};
  }
  return merged;
}

}  // namespace eda::plans
