#include "controlplane/readiness.h"

#include <fmt/format.h>

#include <algorithm>

namespace eda::controlplane {

void Readiness::set(const std::string& part, std::string fault) {
  std::lock_guard lock(mutex_);
  faults_[part] = std::move(fault);
}

void Readiness::set_all(const std::string& prefix, const std::map<std::string, std::string>& faults) {
  std::lock_guard lock(mutex_);
  std::erase_if(faults_,
                [&](const auto& part) { return part.first.starts_with(prefix) && !faults.contains(part.first); });
  for (auto& [part, fault] : faults) faults_[part] = fault;
}

bool Readiness::ready() const {
  std::lock_guard lock(mutex_);
  return std::all_of(faults_.begin(), faults_.end(), [](const auto& part) { return part.second.empty(); });
}

std::string Readiness::text() const {
  std::string text;
  for (auto& [part, fault] : parts()) text += fmt::format("{}: {}\n", part, fault.empty() ? "ok" : fault);
  return text;
}

std::map<std::string, std::string> Readiness::parts() const {
  std::lock_guard lock(mutex_);
  return faults_;
}

}  // namespace eda::controlplane
