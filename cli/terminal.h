#pragma once
// The process's stdin, stdout and stderr: data goes to stdout, words go to stderr, questions only to a terminal.

#include <cstdio>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/palette.h"
#include "platform/core/error.h"
#include "platform/core/secret.h"

namespace eda::cli {

/// A variable's text, nullptr when it is not set.
using Environment = std::function<const char*(const char*)>;

class Terminal {
 public:
  enum class Talk { quiet, normal, verbose };

  explicit Terminal(const Environment& environment);
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void talk(Talk talk) { talk_ = talk; }
  bool verbose() const { return talk_ == Talk::verbose; }

  /// Questions may be asked: stdin and stderr are terminals.
  bool interactive() const { return in_ && err_; }
  bool out_is_terminal() const { return out_; }
  bool err_is_terminal() const { return err_; }
  /// Columns of stdout; 0 when it is no terminal, and nothing is cut.
  std::size_t width() const;
  std::size_t err_width() const;
  const Palette& out_palette() const { return out_palette_; }
  const Palette& err_palette() const { return err_palette_; }

  /// Data.
  void out(std::string_view text);
  /// Words: one line, without its end. Not with -q.
  void say(std::string_view line);
  /// Only with -v.
  void detail(std::string_view line);
  /// Errors and refusals: always.
  void complain(std::string_view text);

  /// A line that the next one replaces; only where stderr is a terminal and talks.
  void progress(std::string_view line);
  /// Takes the progress line away.
  void progress_done();

  /// One line of stdin after a question; empty at its end. Only when interactive().
  std::string ask(std::string_view question);
  /// The same without echo.
  Secret ask_secret(std::string_view question);

  /// Something about the output cannot be as it was asked for; nothing more is written to stdout, and finish() says
  /// why.
  void refuse(Error why);
  /// Flushes stdout; unavailable OUTPUT when something could not be written (a full disk).
  Result<> finish();

 private:
  bool in_, out_, err_;
  Talk talk_ = Talk::normal;
  Palette out_palette_, err_palette_;
  bool progress_shown_ = false;
  bool failed_ = false;
  std::optional<Error> refused_;
};

/// What Ctrl-C says before it ends the process with 130 at once. Kept current by whoever changes something.
namespace interrupt {
void install();
/// A sentence or two, at most 1,000 bytes; empty: nothing was changed.
void note(std::string_view what_is_known);
/// The note that holds now.
std::string noted();
}  // namespace interrupt

}  // namespace eda::cli
