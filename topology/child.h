#pragma once
// Drawing in a process of its own: edad starts itself again, hands it the drawing on stdin and takes the picture from
// stdout, both files in memory. The child has no other descriptor, none of edad's environment, and limits on processor
// time, memory, output and time by the clock. Whatever Graphviz makes of its input ends there.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "platform/core/error.h"
#include "topology/drawing.h"

namespace eda::topology {

/// The first argument of a process that is to draw and do nothing else.
inline constexpr const char* child_word = "--render-child";

struct ChildLimits {
  int cpu_seconds = 5;
  std::size_t memory_bytes = std::size_t{1} << 30;  ///< of address space
  std::size_t output_bytes = std::size_t{64} << 20;
  std::chrono::milliseconds wall{20'000};
};

struct ChildOptions {
  std::string program = "/proc/self/exe";
  std::size_t at_once = 2;
  std::size_t waiting = 16;                ///< callers in line at most; one more is told to come back
  std::chrono::milliseconds wait{10'000};  ///< in line at most
};

struct Drawn {
  std::string bytes;
  Engine engine = Engine::dot;
};

class Children {
 public:
  explicit Children(ChildOptions options = {}) : options_(std::move(options)) {}
  Children(const Children&) = delete;
  Children& operator=(const Children&) = delete;

  /// Tries the drawing's engines until one gives a picture, within `wall` in all. Errors: exhausted RENDER_BUSY;
  /// exhausted RENDER_LIMIT where the last engine met a limit; unhealthy RENDER_FAILED otherwise.
  Result<Drawn> draw(Drawing drawing, std::chrono::milliseconds wall);
  /// One child under these limits, whatever the drawing's engine is.
  Result<std::string> run(const Drawing& drawing, const ChildLimits& limits);

 private:
  Result<> enter(std::chrono::milliseconds patience);
  void leave();

  ChildOptions options_;
  std::mutex guard_;
  std::condition_variable freed_;
  std::size_t running_ = 0;
  std::size_t in_line_ = 0;
};

/// main() of the child: [child_word, CPU_SECONDS, MEMORY_BYTES, OUTPUT_BYTES]. Sets the limits before it reads.
int child_main(const std::vector<std::string>& arguments);

}  // namespace eda::topology
