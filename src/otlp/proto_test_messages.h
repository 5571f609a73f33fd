// Protobuf messages for tests, written field by field.
#pragma once

#include <protozero/pbf_writer.hpp>
#include <string>
#include <string_view>

namespace nightjar::otlp {

// The bytes that `fill(writer)` writes.
std::string Message(auto fill) {
  std::string bytes;
  protozero::pbf_writer writer(bytes);
  fill(writer);
  return bytes;
}

// A field that holds a message, a string or bytes.
inline std::string Field(protozero::pbf_tag_type number, std::string_view bytes) {
  return Message([&](protozero::pbf_writer& writer) { writer.add_bytes(number, bytes.data(), bytes.size()); });
}

// AnyValue{string_value}.
inline std::string TextValue(std::string_view text) { return Field(1, text); }

inline std::string KeyValue(std::string_view key, std::string_view any_value) {
  return Field(1, key) + Field(2, any_value);
}

// A request with one resource and one scope, the same for each signal.
inline std::string RequestOf(std::string_view items) { return Field(1, Field(2, items)); }

}  // namespace nightjar::otlp
