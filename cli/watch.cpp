#include "cli/watch.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <thread>

#include "cli/errors.h"
#include "cli/json.h"
#include "cli/reach.h"
#include "cli/wrap.h"
#include "platform/text/unicode.h"

namespace eda::cli {

namespace v1 = eda::catalog::v1;

namespace {

using Objects = std::map<std::string, v1::Object>;

// Lines whose columns stand below each other, and grow as they need to.
class Lines {
 public:
  Lines(Session& session, const ObjectColumns& columns, RowChoice choice)
      : session_(session), columns_(columns), all_(columns.columns()), shown_(std::move(choice.shown)) {
    const auto& format = session.format();
    if (!shown_.empty()) return;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (format != Format::table || all_[i].show != Column::Show::wide) shown_.push_back(i);
    }
  }

  void widen(const v1::Object& object) {
    auto cells = columns_.cells(session_.terminal(), object);
    for (std::size_t at = 0; at < shown_.size(); ++at) {
      widths_[at] = std::max(widths_[at], text::columns(shown_text(cells[shown_[at]])));
    }
  }
  void headers() {
    if (!session_.format().rows.headers) return;
    std::vector<Cell> cells;
    for (auto& column : all_) cells.emplace_back(column.header, Style::bold);
    write(cells);
  }
  void object(const v1::Object& object) {
    widen(object);
    write(columns_.cells(session_.terminal(), object));
  }
  void begin() {
    widths_.clear();
    for (auto index : shown_) widths_.push_back(text::columns(all_[index].header));
  }

 private:
  static std::string shown_text(const Cell& cell) { return cell.text.empty() ? "-" : text::printable(cell.text); }

  void write(const std::vector<Cell>& cells) {
    auto& terminal = session_.terminal();
    if (session_.format() == Format::tsv) {
      std::vector<Cell> wanted;
      for (auto index : shown_) wanted.push_back(cells[index]);
      return terminal.out(tsv_line(wanted));
    }
    std::string line;
    for (std::size_t at = 0; at < shown_.size(); ++at) {
      auto& cell = cells[shown_[at]];
      auto text = shown_text(cell);
      std::string margin(widths_[at] + 2 - text::columns(text), ' ');
      bool last = at + 1 == shown_.size();
      // Where there are colours there is a terminal, and only its own lines are wrapped.
      line += terminal.out_palette().paint(cell.text.empty() ? Style::plain : cell.style, text) + (last ? "" : margin);
    }
    terminal.out(line + "\n");
  }

  Session& session_;
  const ObjectColumns& columns_;
  std::vector<Column> all_;
  std::vector<std::size_t> shown_;
  std::vector<std::size_t> widths_;
};

class Watch {
 public:
  Watch(Session& session, const ObjectColumns& columns, RowChoice choice, std::string cluster)
      : session_(session), cluster_(std::move(cluster)), lines_(session, columns, std::move(choice)) {}

  Result<> take(Objects now) {
    if (std::exchange(first_, false)) {
      lines_.begin();
      for (auto& [name, object] : now) lines_.widen(object);
      if (in_rows()) lines_.headers();
    }
    for (auto& [name, object] : now) {
      std::string text;
      write_json(text, object);
      auto mark = std::hash<std::string>()(text);
      auto known = seen_.find(name);
      if (known != seen_.end() && known->second == mark) continue;
      seen_[name] = mark;
      show(object);
    }
    for (auto known = last_.begin(); known != last_.end(); ++known) {
      if (now.contains(known->first)) continue;
      known->second.mutable_status()->set_state("gone");
      show(known->second);
      seen_.erase(known->first);
    }
    last_ = std::move(now);
    return session_.terminal().finish();  // whoever reads it waits for it
  }

 private:
  bool in_rows() const { return session_.format() != Format::json && session_.format() != Format::name; }

  void show(const v1::Object& object) {
    auto& terminal = session_.terminal();
    if (session_.format() == Format::json) {
      terminal.out(to_json(object).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
    } else if (session_.format() == Format::name) {
      terminal.out(object_name(object, cluster_) + "\n");
    } else {
      lines_.object(object);
    }
  }

  Session& session_;
  std::string cluster_;
  Lines lines_;
  std::map<std::string, std::size_t> seen_;
  Objects last_;
  bool first_ = true;
};

Result<Objects> see(Session& session, const Look& look) {
  Objects out;
  session.begin();
  EDA_TRY(look([&](const v1::Object& object) { out.emplace(object_name(object, {}), object); }));
  return out;
}

}  // namespace

Result<Exit> watch_objects(Session& session, const ObjectColumns& columns, const Look& look) {
  auto& format = session.format();
  if (format == Format::yaml) {
    return fail(usage_error("what is watched has no output format \"yaml\"", "-o json writes one object a line"));
  }
  if (!format.rows.sort_by.empty()) {
    return fail(usage_error("changes are shown in the order in which they come", "leave out --sort-by, or -w"));
  }
  EDA_ASSIGN(auto choice, choose_rows(format.rows, columns.columns()));
  EDA_ASSIGN(const auto* settings, session.settings());
  EDA_ASSIGN(auto now, see(session, look));
  Watch watch(session, columns, std::move(choice), settings->cluster.value);
  EDA_TRY(watch.take(std::move(now)));
  constexpr auto pause = std::chrono::milliseconds(1'000);
  constexpr int share = 4;  // of the time that looking takes, edad has so much to itself
  bool away = false;
  for (auto took = std::chrono::milliseconds(0);;) {
    std::this_thread::sleep_for(std::max(pause, share * took));
    auto begun = std::chrono::steady_clock::now();
    auto seen = see(session, look);
    took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
    if (seen) {
      if (std::exchange(away, false)) session.terminal().say("edad answers again");
      EDA_TRY(watch.take(std::move(*seen)));
    } else if (!may_pass(seen.error())) {
      return fail(std::move(seen).error());
    } else if (!std::exchange(away, true)) {
      session.terminal().say(seen.error().message + "; trying again");
    }
  }
}

}  // namespace eda::cli
