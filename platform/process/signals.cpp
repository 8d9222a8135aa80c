#include "platform/process/signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <system_error>

namespace eda::process {

Signals::Signals() {
  sigset_t set;
  sigemptyset(&set);
  for (int number : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, number);
  if (int fault = pthread_sigmask(SIG_BLOCK, &set, nullptr); fault != 0) {
    throw std::system_error(fault, std::generic_category(), "pthread_sigmask");
  }
  std::signal(SIGPIPE, SIG_IGN);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  wakes_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);
  if (signals_ < 0 || wakes_ < 0) throw std::system_error(errno, std::generic_category(), "signalfd");
}

Signals::~Signals() {
  close(signals_);
  close(wakes_);
}

Signal Signals::wait() {
  for (;;) {
    if (auto signal = poll_for(-1)) return *signal;
  }
}

std::optional<Signal> Signals::wait_for(std::chrono::milliseconds span) {
  return poll_for(static_cast<int>(span.count()));
}

void Signals::wake() {
  std::uint64_t one = 1;
  [[maybe_unused]] auto written = write(wakes_, &one, sizeof one);  // it can only fail when 2^64 wakes are waiting
}

std::optional<Signal> Signals::poll_for(int milliseconds) {
  pollfd watched[] = {{signals_, POLLIN, 0}, {wakes_, POLLIN, 0}};
  if (poll(watched, 2, milliseconds) <= 0) return std::nullopt;
  signalfd_siginfo info{};
  if (read(signals_, &info, sizeof info) == sizeof info) {
    switch (info.ssi_signo) {
      case SIGINT:
        return Signal::interrupt;
      case SIGHUP:
        return Signal::hangup;
      default:
        return Signal::terminate;
    }
  }
  std::uint64_t count = 0;
  if (read(wakes_, &count, sizeof count) == sizeof count) return Signal::woken;
  return std::nullopt;
}

}  // namespace eda::process
