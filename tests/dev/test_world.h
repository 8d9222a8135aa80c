#pragma once
// A private world with the edad that was built beside this program, forgotten at the end.

#include <catch2/catch.hpp>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "dev/dev.h"
#include "tests/dev/place.h"

namespace eda::dev {

inline void quiet(std::string_view) {}

struct TestWorld {
  ~TestWorld() { (void)reset(place.path() / "state", quiet); }
  Options options() const {
    Options options;
    options.state = place.path() / "state";
    return options;
  }
  World start(const Progress& progress = quiet) {
    auto world = up(options(), progress);
    if (!world) FAIL(world.error().message);
    return *world;
  }
  Place place;
};

inline std::map<std::string, int> pids(const World& world) {
  std::map<std::string, int> all;
  for (const auto& component : world.components) all[component.name] = component.pid;
  return all;
}

/// Of "127.0.0.1:7070", and of a URL that ends so.
inline int port_of(const std::string& address) {
  return std::stoi(address.substr(address.rfind(':') + 1));
}

}  // namespace eda::dev
