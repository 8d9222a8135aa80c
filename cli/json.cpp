#include "cli/json.h"

#include <fmt/format.h>
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <vector>

#include "platform/core/time.h"
#include "platform/rpc/convert.h"

namespace eda::cli {

namespace pb = google::protobuf;
using pb::FieldDescriptor;

namespace {

class Writer {
 public:
  Writer(std::string& out, std::size_t margin) : out_(out), margin_(margin) {}

  void message(const pb::Message& message) {
    const auto* type = message.GetDescriptor();
    if (type == pb::Struct::descriptor()) return data(static_cast<const pb::Struct&>(message));
    if (type == pb::Value::descriptor()) return data(static_cast<const pb::Value&>(message));
    if (type == pb::ListValue::descriptor()) return data(static_cast<const pb::ListValue&>(message));
    if (type == pb::Timestamp::descriptor()) {
      return string(to_rfc3339(rpc::from_proto(static_cast<const pb::Timestamp&>(message))));
    }
    const auto* reflection = message.GetReflection();
    open('{');
    for (int i = 0; i < type->field_count(); ++i) {
      const auto* field = type->field(i);
      // Of a field without presence, HasField says whether it holds something.
      bool there =
          field->is_repeated() ? reflection->FieldSize(message, field) > 0 : reflection->HasField(message, field);
      if (!there) continue;
      key(field->json_name());
      if (field->is_map()) {
        map(message, *reflection, field);
      } else if (field->is_repeated()) {
        list(message, *reflection, field);
      } else {
        value(message, *reflection, field);
      }
    }
    close('}');
  }

  void string(std::string_view text) {
    out_ += '"';
    std::size_t done = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
      auto c = static_cast<unsigned char>(text[at]);
      if (c >= 0x20 && c != '"' && c != '\\') continue;
      out_ += text.substr(done, at - done);
      done = at + 1;
      escape(c);
    }
    out_ += text.substr(done);
    out_ += '"';
  }

 private:
  void escape(unsigned char c) {
    constexpr std::string_view named = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt";
    auto at = named.find(static_cast<char>(c));
    if (at == std::string_view::npos) {
      fmt::format_to(std::back_inserter(out_), "\\u{:04x}", c);
    } else {
      out_ += '\\';
      out_ += letters[at];
    }
  }

  void line() {
    out_ += '\n';
    out_.append(margin_, ' ');
  }
  void open(char bracket) {
    out_ += bracket;
    margin_ += 2;
    first_ = true;
  }
  void close(char bracket) {
    margin_ -= 2;
    if (!first_) line();
    first_ = false;
    out_ += bracket;
  }
  // Before each item of an object or list.
  void next() {
    if (!first_) out_ += ',';
    first_ = false;
    line();
  }
  void key(std::string_view name) {
    next();
    string(name);
    out_ += ": ";
  }

  void number(double value) {
    constexpr double exact = 9007199254740992.0;
    if (std::nearbyint(value) == value && std::abs(value) <= exact) {
      fmt::format_to(std::back_inserter(out_), "{}", static_cast<std::int64_t>(value));
    } else {
      fmt::format_to(std::back_inserter(out_), "{}", value);
    }
  }

  void data(const pb::Struct& data_map) {
    open('{');
    for (const auto* entry : sorted(data_map.fields())) {
      key(entry->first);
      data(entry->second);
    }
    close('}');
  }
  void data(const pb::ListValue& list_value) {
    open('[');
    for (auto& item : list_value.values()) {
      next();
      data(item);
    }
    close(']');
  }
  void data(const pb::Value& any) {
    switch (any.kind_case()) {
      case pb::Value::kStringValue:
        return string(any.string_value());
      case pb::Value::kNumberValue:
        return number(any.number_value());
      case pb::Value::kBoolValue:
        out_ += any.bool_value() ? "true" : "false";
        return;
      case pb::Value::kStructValue:
        return data(any.struct_value());
      case pb::Value::kListValue:
        return data(any.list_value());
      case pb::Value::kNullValue:
      case pb::Value::KIND_NOT_SET:
        out_ += "null";
    }
  }

  template <class Map>
  static std::vector<const typename Map::value_type*> sorted(const Map& map) {
    std::vector<const typename Map::value_type*> out;
    for (auto& entry : map) out.push_back(&entry);
    std::sort(out.begin(), out.end(), [](auto* a, auto* b) { return a->first < b->first; });
    return out;
  }

  // Keys are strings in every contract of ours.
  void map(const pb::Message& message, const pb::Reflection& reflection, const FieldDescriptor* field) {
    const auto* name = field->message_type()->map_key();
    const auto* held = field->message_type()->map_value();
    std::vector<std::pair<std::string, const pb::Message*>> entries;
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      auto& entry = reflection.GetRepeatedMessage(message, field, i);
      entries.emplace_back(entry.GetReflection()->GetString(entry, name), &entry);
    }
    std::sort(entries.begin(), entries.end(), [](auto& a, auto& b) { return a.first < b.first; });
    open('{');
    for (auto& [text, entry] : entries) {
      key(text);
      value(*entry, *entry->GetReflection(), held);
    }
    close('}');
  }

  void list(const pb::Message& message, const pb::Reflection& reflection, const FieldDescriptor* field) {
    open('[');
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      next();
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        this->message(reflection.GetRepeatedMessage(message, field, i));
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
        string(reflection.GetRepeatedString(message, field, i));
      } else {
        throw std::runtime_error("a list of numbers is not written yet: " + field->full_name());
      }
    }
    close(']');
  }

  void value(const pb::Message& message, const pb::Reflection& reflection, const FieldDescriptor* field) {
    auto plain = [&](auto what) { fmt::format_to(std::back_inserter(out_), "{}", what); };
    auto quoted = [&](auto what) { fmt::format_to(std::back_inserter(out_), "\"{}\"", what); };
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return this->message(reflection.GetMessage(message, field));
      case FieldDescriptor::CPPTYPE_STRING: {
        if (field->type() == FieldDescriptor::TYPE_BYTES) break;
        std::string scratch;
        return string(reflection.GetStringReference(message, field, &scratch));
      }
      case FieldDescriptor::CPPTYPE_ENUM:
        return string(reflection.GetEnum(message, field)->name());
      case FieldDescriptor::CPPTYPE_BOOL:
        return plain(reflection.GetBool(message, field));
      case FieldDescriptor::CPPTYPE_INT32:
        return plain(reflection.GetInt32(message, field));
      case FieldDescriptor::CPPTYPE_UINT32:
        return plain(reflection.GetUInt32(message, field));
      case FieldDescriptor::CPPTYPE_INT64:
        return quoted(reflection.GetInt64(message, field));
      case FieldDescriptor::CPPTYPE_UINT64:
        return quoted(reflection.GetUInt64(message, field));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return number(reflection.GetDouble(message, field));
      case FieldDescriptor::CPPTYPE_FLOAT:
        return number(static_cast<double>(reflection.GetFloat(message, field)));
    }
    throw std::runtime_error("bytes are not written yet: " + field->full_name());
  }

  std::string& out_;
  std::size_t margin_;
  bool first_ = true;
};

}  // namespace

void write_json(std::string& out, const pb::Message& message, std::size_t margin) {
  Writer(out, margin).message(message);
}

void write_json(std::string& out, std::string_view text) {
  Writer(out, 0).string(text);
}

nlohmann::ordered_json to_json(const pb::Message& message) {
  std::string text;
  write_json(text, message);
  return nlohmann::ordered_json::parse(text);
}

std::string json_text(const nlohmann::ordered_json& value) {
  return value.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string json_text(const pb::Message& message) {
  std::string out;
  write_json(out, message);
  return out + "\n";
}

}  // namespace eda::cli
