// For tests: protobuf messages written field by field, and what a decoder made of a request, in one form for all
// signals.
#pragma once

#include <cstdint>
#include <protozero/pbf_writer.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "otlp/internal/batch.h"

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

struct Outcome {
  std::vector<model::Attributes> items;  // the attributes of each span, log record or point that was taken
  std::vector<model::Resource> resources;
  std::vector<model::Scope> scopes;
  std::uint64_t rejected = 0;
  std::uint64_t mended = 0;
  std::string first_reason;
  bool operator==(const Outcome&) const = default;
};

template <auto kDecoder>
Result<Outcome> Decode(std::string_view body) {
  auto decoded = kDecoder(body);
  if (!decoded) return Fail(decoded.error());
  Outcome outcome{.resources = decoded->batch.resources,
                  .scopes = decoded->batch.scopes,
                  .rejected = internal::RejectedItems(*decoded),
                  .mended = decoded->mended_strings,
                  .first_reason = decoded->first_reason};
  for (const auto& item : internal::Items(*decoded)) outcome.items.push_back(item.attributes);
  return outcome;
}

}  // namespace nightjar::otlp
