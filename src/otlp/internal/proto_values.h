// What the protobuf messages of all signals share (opentelemetry-proto 1.x, common.proto and resource.proto). A known
// field with another wire type is skipped like an unknown one, as protobuf asks. A singular field that comes twice:
// last wins.
#pragma once

#include <fmt/format.h>

#include <protozero/pbf_message.hpp>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "model/span.h"
#include "otlp/internal/rules.h"

namespace nightjar::otlp::internal {

// Labels for a switch over pbf_reader::tag_and_type().
constexpr std::uint32_t Varint(protozero::pbf_tag_type field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::varint);
}
constexpr std::uint32_t Text(protozero::pbf_tag_type field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::length_delimited);
}
constexpr std::uint32_t Fixed64(protozero::pbf_tag_type field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::fixed64);
}
constexpr std::uint32_t Fixed32(protozero::pbf_tag_type field) {
  return protozero::tag_and_type(field, protozero::pbf_wire_type::fixed32);
}

inline std::string_view ReadBytes(protozero::pbf_reader& message) {
  const protozero::data_view view = message.get_view();
  return {view.data(), view.size()};
}

template <typename IdType>
IdType BytesToId(std::string_view bytes, std::string_view field) {
  const auto id = IdType::FromBytes(bytes);
  if (!id) throw Rejected{fmt::format("{} has {} bytes, must have {}", field, bytes.size(), IdType::kSize)};
  return *id;
}

// All zero if `bytes` is empty.
template <typename IdType>
IdType BytesToOptionalId(std::string_view bytes, std::string_view field) {
  return bytes.empty() ? IdType() : BytesToId<IdType>(bytes, field);
}

class ProtoValues {
 public:
  explicit ProtoValues(Counters& counters) : counters_(counters) {}

  std::string ReadString(protozero::pbf_reader& message);
  // An AnyValue, which may hold others down to kValueDepthMax.
  void ReadValue(protozero::pbf_reader message, model::Value& value) { ReadValueAt(1, message, value); }
  // Afterwards, once all attributes are there: KeepLastOfDuplicates.
  void AppendAttribute(protozero::pbf_reader message, model::Attributes& attributes) {
    AppendAttributeAt(1, message, attributes);
  }
  void ReadResource(protozero::pbf_reader message, model::Resource& resource);
  void ReadScope(protozero::pbf_reader message, model::Scope& scope);

 private:
  // `depth` is that of the value.
  void ReadValueAt(int depth, protozero::pbf_reader message, model::Value& value);
  void AppendAttributeAt(int depth, protozero::pbf_reader message, model::Attributes& attributes);
  model::Array ReadArray(int depth, protozero::pbf_reader message);
  model::KeyValueList ReadKeyValueList(int depth, protozero::pbf_reader message);

  Counters& counters_;
};

}  // namespace nightjar::otlp::internal
