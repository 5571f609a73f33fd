#include "server/grpc/internal/descriptors.h"

#include <algorithm>
#include <array>
#include <protozero/pbf_writer.hpp>
#include <string_view>
#include <utility>

namespace nightjar::server::internal {
namespace {

using protozero::pbf_writer;

// FieldDescriptorProto.Type
constexpr int kMessageType = 11;
constexpr int kEnumType = 14;
constexpr std::array<std::pair<std::string_view, int>, 15> kScalarTypes = {{{"double", 1},
                                                                            {"float", 2},
                                                                            {"int64", 3},
                                                                            {"uint64", 4},
                                                                            {"int32", 5},
                                                                            {"fixed64", 6},
                                                                            {"fixed32", 7},
                                                                            {"bool", 8},
                                                                            {"string", 9},
                                                                            {"bytes", 12},
                                                                            {"uint32", 13},
                                                                            {"sfixed32", 15},
                                                                            {"sfixed64", 16},
                                                                            {"sint32", 17},
                                                                            {"sint64", 18}}};
constexpr int kLabelOptional = 1;
constexpr int kLabelRepeated = 3;

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string WholeName(std::string_view name, std::string_view package) {
  if (name.starts_with('.')) return std::string(name);
  return "." + std::string(package) + "." + std::string(name);
}

void AddText(pbf_writer& out, protozero::pbf_tag_type tag, std::string_view text) {
  out.add_string(tag, text.data(), text.size());
}

// The oneofs of a message, in order. An "optional" field has one of its own, after all others.
std::vector<std::string> OneofsOf(const MessageDescriptor& message) {
  std::vector<std::string> names;
  for (const FieldDescriptor& field : message.fields) {
    if (!field.oneof.empty() && std::ranges::find(names, field.oneof) == names.end()) names.push_back(field.oneof);
  }
  for (const FieldDescriptor& field : message.fields) {
    if (field.type.starts_with("optional ")) names.push_back("_" + field.name);
  }
  return names;
}

std::string EncodeField(const FieldDescriptor& field, const std::vector<std::string>& oneofs,
                        std::string_view package) {
  std::string encoded;
  pbf_writer out(encoded);
  std::string_view type = field.type;
  const bool repeated = TakePrefix(type, "repeated ");
  const bool optional = TakePrefix(type, "optional ");
  AddText(out, 1, field.name);
  out.add_int32(3, field.number);
  out.add_enum(4, repeated ? kLabelRepeated : kLabelOptional);
  const auto scalar = std::ranges::find(kScalarTypes, type, &std::pair<std::string_view, int>::first);
  if (scalar != kScalarTypes.end()) {
    out.add_enum(5, scalar->second);
  } else {
    out.add_enum(5, TakePrefix(type, "enum ") ? kEnumType : kMessageType);
    AddText(out, 6, WholeName(type, package));
  }
  const auto oneof = std::ranges::find(oneofs, optional ? "_" + field.name : field.oneof);
  if (oneof != oneofs.end()) out.add_int32(9, static_cast<int>(oneof - oneofs.begin()));
  if (optional) out.add_bool(17, true);
  return encoded;
}

std::string EncodeEnum(const EnumDescriptor& enumeration) {
  std::string encoded;
  pbf_writer out(encoded);
  AddText(out, 1, enumeration.name);
  for (const EnumDescriptor::Value& value : enumeration.values) {
    pbf_writer row(out, 2);
    AddText(row, 1, value.name);
    row.add_int32(2, value.number);
  }
  return encoded;
}

std::string EncodeMessage(const MessageDescriptor& message, std::string_view package) {
  std::string encoded;
  pbf_writer out(encoded);
  AddText(out, 1, message.name);
  const std::vector<std::string> oneofs = OneofsOf(message);
  for (const FieldDescriptor& field : message.fields) out.add_message(2, EncodeField(field, oneofs, package));
  for (const MessageDescriptor& inner : message.messages) out.add_message(3, EncodeMessage(inner, package));
  for (const EnumDescriptor& inner : message.enums) out.add_message(4, EncodeEnum(inner));
  for (const std::string& name : oneofs) {
    pbf_writer oneof(out, 8);
    AddText(oneof, 1, name);
  }
  return encoded;
}

std::string EncodeService(const ServiceDescriptor& service, std::string_view package) {
  std::string encoded;
  pbf_writer out(encoded);
  AddText(out, 1, service.name);
  for (const MethodDescriptor& method : service.methods) {
    pbf_writer row(out, 2);
    AddText(row, 1, method.name);
    AddText(row, 2, WholeName(method.request, package));
    AddText(row, 3, WholeName(method.response, package));
    if (method.streams == Streams::kBoth) row.add_bool(5, true);
    if (method.streams != Streams::kNone) row.add_bool(6, true);
  }
  return encoded;
}

}  // namespace

std::string EncodeFileDescriptor(const FileDescriptor& file) {
  std::string encoded;
  pbf_writer out(encoded);
  AddText(out, 1, file.name);
  AddText(out, 2, file.package);
  for (const std::string& import : file.imports) AddText(out, 3, import);
  for (const MessageDescriptor& message : file.messages) out.add_message(4, EncodeMessage(message, file.package));
  for (const EnumDescriptor& enumeration : file.enums) out.add_message(5, EncodeEnum(enumeration));
  for (const ServiceDescriptor& service : file.services) out.add_message(6, EncodeService(service, file.package));
  AddText(out, 12, "proto3");
  return encoded;
}

}  // namespace nightjar::server::internal
