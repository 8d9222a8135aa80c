#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <iostream>

#include "platform/text/unicode.h"

namespace eda::cli {

namespace {

std::size_t columns_of(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

// The state of the terminal before the echo went off, for the handler of Ctrl-C to put back.
termios saved_mode;
std::atomic<bool> echo_is_off{false};

// A dumb terminal's cursor only goes forward.
bool cursor_stays = false;
std::string last_line;

// Two texts and an index: the handler reads one while the other is written.
constexpr std::size_t note_bytes = 1024;
std::array<std::array<char, note_bytes>, 2> notes;
std::atomic<int> current_note{0};

extern "C" void on_interrupt(int) {
  if (echo_is_off.load()) ::tcsetattr(STDIN_FILENO, TCSANOW, &saved_mode);
  auto& text = notes[static_cast<std::size_t>(current_note.load())];
  constexpr char head[] = "\ninterrupted: ";
  [[maybe_unused]] auto a = ::write(STDERR_FILENO, head, sizeof head - 1);
  [[maybe_unused]] auto b = ::write(STDERR_FILENO, text.data(), std::strlen(text.data()));
  [[maybe_unused]] auto c = ::write(STDERR_FILENO, "\n", 1);
  ::_exit(130);
}

}  // namespace

Terminal::Terminal(const Environment& environment)
    : in_(::isatty(STDIN_FILENO) == 1), out_(::isatty(STDOUT_FILENO) == 1), err_(::isatty(STDERR_FILENO) == 1) {
  auto colours = [&](bool terminal) {
    return Palette(choose_colours(terminal ? Sink::terminal : Sink::other, environment("NO_COLOR"),
                                  environment("CLICOLOR_FORCE"), environment("TERM")));
  };
  const char* term = environment("TERM");
  cursor_stays = term != nullptr && std::string_view(term) == "dumb";
  out_palette_ = colours(out_);
  err_palette_ = colours(err_);
}

std::size_t Terminal::width() const {
  return out_ ? columns_of(STDOUT_FILENO) : 0;
}
std::size_t Terminal::err_width() const {
  return err_ ? columns_of(STDERR_FILENO) : 0;
}

void Terminal::out(std::string_view text) {
  progress_done();
  if (refused_) return;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) failed_ = true;
}

void Terminal::say(std::string_view line) {
  if (talk_ == Talk::quiet || refused_) return;
  complain(std::string(line) + "\n");
}

void Terminal::detail(std::string_view line) {
  if (talk_ == Talk::verbose) complain(std::string(line) + "\n");
}

void Terminal::complain(std::string_view text) {
  progress_done();
  std::fflush(stdout);  // what was said before stays before, where both go to one place
  std::fwrite(text.data(), 1, text.size(), stderr);
}

void Terminal::progress(std::string_view line) {
  if (!err_ || talk_ == Talk::quiet) return;
  if (cursor_stays) {
    // A line that nothing can replace: said when it says something new.
    if (line != last_line) complain(std::string(line) + "\n");
    last_line = line;
    return;
  }
  auto shown = "\r" + text::cut(line, err_width() - 1) + "\x1b[K";
  std::fwrite(shown.data(), 1, shown.size(), stderr);
  progress_shown_ = true;
}

void Terminal::progress_done() {
  if (!progress_shown_) return;
  std::fputs("\r\x1b[K", stderr);
  progress_shown_ = false;
}

std::string Terminal::ask(std::string_view question) {
  complain(question);
  std::string line;
  if (!std::getline(std::cin, line)) complain("\n");
  return line;
}

Secret Terminal::ask_secret(std::string_view question) {
  complain(question);
  bool quiet = ::tcgetattr(STDIN_FILENO, &saved_mode) == 0;
  if (quiet) {
    termios without = saved_mode;
    without.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    echo_is_off = true;
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &without);
  }
  std::string line;
  std::getline(std::cin, line);
  if (quiet) {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved_mode);
    echo_is_off = false;
  }
  complain("\n");
  return Secret(std::move(line));
}

void Terminal::refuse(Error why) {
  if (!refused_) refused_ = std::move(why);
}

Result<> Terminal::finish() {
  if (refused_) return fail(*refused_);
  if (std::fflush(stdout) != 0) failed_ = true;
  if (!failed_) return {};
  return fail(Code::unavailable, "OUTPUT", "the output could not be written completely", "is the disk full?");
}

namespace interrupt {

void install() {
  note({});
  struct sigaction action {};
  action.sa_handler = on_interrupt;
  ::sigaction(SIGINT, &action, nullptr);
}

void note(std::string_view what_is_known) {
  std::string_view text = what_is_known.empty() ? "nothing was changed" : what_is_known;
  int next = 1 - current_note.load();
  auto& place = notes[static_cast<std::size_t>(next)];
  auto length = std::min(text.size(), note_bytes - 1);
  std::copy_n(text.begin(), length, place.begin());
  place[length] = '\0';
  current_note = next;
}

std::string noted() {
  return notes[static_cast<std::size_t>(current_note.load())].data();
}

}  // namespace interrupt

}  // namespace eda::cli
