#include "platform/text/json.h"

#include <limits>
#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include "platform/core/limits.h"
#include "platform/text/unicode.h"

namespace eda::text {
namespace {

nlohmann::json to_nlohmann(const Value& value) {
  if (const bool* v = value.as_bool()) return *v;
  if (const std::int64_t* v = value.as_int()) return *v;
  if (const double* v = value.as_double()) return *v;
  if (const std::string* v = value.as_text()) return *v;
  if (const Value::List* list = value.as_list()) {
    auto out = nlohmann::json::array();
    for (const Value& item : *list) out.push_back(to_nlohmann(item));
    return out;
  }
  if (const Value::Map* map = value.as_map()) {
    auto out = nlohmann::json::object();
    for (const auto& [key, item] : *map) out[key] = to_nlohmann(item);
    return out;
  }
  return nullptr;
}

/// "line 3, column 7" of a byte offset; columns count code points.
std::string place(std::string_view text, std::size_t offset) {
  std::string_view before = text.substr(0, std::min(offset, text.size()));
  auto line = std::count(before.begin(), before.end(), '\n') + 1;
  std::size_t start = before.rfind('\n');
  std::size_t column = code_points(start == std::string_view::npos ? before : before.substr(start + 1)) + 1;
  return fmt::format("line {}, column {}", line, column);
}

/// Builds a Value from nlohmann's events; every method returns false to stop, with `error` set.
class Builder {
 public:
  explicit Builder(std::string_view text) : text_(text) {}

  bool null() { return put(Value()); }
  bool boolean(bool v) { return put(Value(v)); }
  bool number_integer(std::int64_t v) { return put(Value(v)); }
  bool number_unsigned(std::uint64_t v) {
    if (v > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return too_large(std::to_string(v));
    return put(Value(static_cast<std::int64_t>(v)));
  }
  bool number_float(double v, const std::string& spelling) {
    if (spelling.find_first_of(".eE") == std::string::npos) return too_large(spelling);
    return put(Value(v));
  }
  bool string(std::string& v) { return put(Value(std::move(v))); }
  bool binary(nlohmann::json::binary_t&) { return false; }

  bool start_object(std::size_t) { return open(Frame{Value::Map(), {}, {}, Shape::object}); }
  bool start_array(std::size_t) { return open(Frame{{}, Value::List(), {}, Shape::array}); }
  bool key(std::string& name) {
    Frame& top = frames_.back();
    if (top.map.contains(name)) {
      error = Error(Code::invalid, "JSON_SYNTAX", fmt::format("the key \"{}\" stands twice", cut(printable(name), 60)));
      return false;
    }
    top.key = std::move(name);
    return true;
  }
  bool end_object() { return close(); }
  bool end_array() { return close(); }

  bool parse_error(std::size_t read, const std::string&, const nlohmann::detail::exception&) {
    // `read` counts the bytes taken, the offending one included; after the end it is one more than there are.
    std::size_t at = read > 0 ? read - 1 : 0;
    error = Error(Code::invalid, "JSON_SYNTAX",
                  (at >= text_.size() ? "the JSON ends too early, at " : "this is no JSON at ") + place(text_, at));
    return false;
  }

  Value root;
  Error error;

 private:
  enum class Shape { object, array };
  struct Frame {
    Value::Map map;
    Value::List list;
    std::string key;
    Shape shape;
  };

  bool put(Value value) {
    if (frames_.empty()) {
      root = std::move(value);
    } else if (Frame& top = frames_.back(); top.shape == Shape::array) {
      top.list.push_back(std::move(value));
    } else {
      top.map.emplace(std::move(top.key), std::move(value));
    }
    return true;
  }
  bool open(Frame frame) {
    if (frames_.size() == limits::nesting) {
      error = Error(Code::invalid, "JSON_TOO_DEEP",
                    fmt::format("the JSON is nested deeper than {} levels", limits::nesting));
      return false;
    }
    frames_.push_back(std::move(frame));
    return true;
  }
  bool close() {
    Frame done = std::move(frames_.back());
    frames_.pop_back();
    return put(done.shape == Shape::array ? Value(std::move(done.list)) : Value(std::move(done.map)));
  }
  bool too_large(const std::string& spelling) {
    error =
        Error(Code::invalid, "JSON_SYNTAX", fmt::format("the number {} does not fit in 64 bits", cut(spelling, 40)));
    return false;
  }

  std::string_view text_;
  std::vector<Frame> frames_;
};

}  // namespace

std::string to_json(const Value& value) {
  return to_nlohmann(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<Value> from_json(std::string_view text) {
  Builder builder(text);
  if (!nlohmann::json::sax_parse(text, &builder)) return fail(std::move(builder.error));
  return std::move(builder.root);
}

}  // namespace eda::text
