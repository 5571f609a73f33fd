// Reads and writes pieces of JSON text without building a tree: enough to lift a message out of a model's answer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace nightjar::sdk {

// The text of member `key` of the object `json`, or of the first element of the array `json`. Nothing when there is no
// such member or the text is not JSON as far as it was read. Keys are compared as they are written, escapes included.
std::optional<std::string_view> JsonMember(std::string_view json, std::string_view key);
std::optional<std::string_view> JsonFirstElement(std::string_view json);

// Goes through the members of an object, or the elements of an array, in their order.
//   for (JsonItems items(text); items.Next();) Use(items.key(), items.value());
class JsonItems {
 public:
  explicit JsonItems(std::string_view json);
  bool Next();
  [[nodiscard]] std::string_view key() const { return key_; }  // as it is written, without quotes; empty in an array
  [[nodiscard]] std::string_view value() const { return value_; }
  // After Next() said false: whether the text ended as an object or an array does.
  [[nodiscard]] bool complete() const { return complete_; }
  [[nodiscard]] bool is_array() const { return close_ == ']'; }

 private:
  std::string_view rest_;
  char close_ = '\0';  // what ends it; '\0' when it is neither
  bool first_ = true;
  bool complete_ = false;
  std::string_view key_;
  std::string_view value_;
};

// What a JSON string stands for. Nothing when it is no string; a wrong escape becomes U+FFFD.
std::optional<std::string> JsonString(std::string_view json);

// The value of a JSON number without fraction or exponent that fits 64 bits.
std::optional<std::int64_t> JsonInteger(std::string_view json);

// Appends `text` as a JSON string, quotes included.
void AppendJsonString(std::string& out, std::string_view text);

// Appends the shortest text that reads back as `number`; null when it is not finite.
void AppendJsonNumber(std::string& out, double number);

}  // namespace nightjar::sdk
