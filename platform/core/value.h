#pragma once
// What a field of an object holds: the shapes of JSON with integers kept apart from decimals. Durations are integer
// milliseconds, sizes integer bytes (Kafka's units); how people write them belongs to platform/text/units.

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace eda {

class Value {
 public:
  using List = std::vector<Value>;
  using Map = std::map<std::string, Value>;

  Value() = default;
  Value(bool v) : data_(v) {}                            // NOLINT: a literal is a value
  Value(std::int64_t v) : data_(v) {}                    // NOLINT
  Value(int v) : data_(static_cast<std::int64_t>(v)) {}  // NOLINT
  Value(double v) : data_(v) {}                          // NOLINT
  Value(std::string v) : data_(std::move(v)) {}          // NOLINT
  Value(const char* v) : data_(std::string(v)) {}        // NOLINT
  Value(List v) : data_(std::move(v)) {}                 // NOLINT
  Value(Map v) : data_(std::move(v)) {}                  // NOLINT

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  const bool* as_bool() const { return std::get_if<bool>(&data_); }
  const std::int64_t* as_int() const { return std::get_if<std::int64_t>(&data_); }
  const double* as_double() const { return std::get_if<double>(&data_); }
  const std::string* as_text() const { return std::get_if<std::string>(&data_); }
  const List* as_list() const { return std::get_if<List>(&data_); }
  const Map* as_map() const { return std::get_if<Map>(&data_); }
  Map* mutable_map() { return std::get_if<Map>(&data_); }

  friend bool operator==(const Value&, const Value&) = default;

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Map> data_;
};

}  // namespace eda
