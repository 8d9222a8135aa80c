#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>

#include "cli/app.h"

namespace {

int run(int argc, char** argv) {
  auto environment = [](const char* name) -> const char* { return std::getenv(name); };
  eda::cli::interrupt::install();
  eda::cli::Terminal terminal(environment);
  return eda::cli::run_app({argv + 1, argv + argc}, terminal, environment);
}

}  // namespace

int main(int argc, char** argv) {
  int exit = 1;
  try {
    exit = run(argc, argv);
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "error: a defect in edactl: %s\n", fault.what());
  }
  std::fflush(stdout);
  // Everything is written; taking gRPC down in order would cost as long as the call took.
  ::_exit(exit);
}
