#include "otlp/internal/proto_values.h"

#include "base/utf8.h"

namespace nightjar::otlp::internal {

using protozero::pbf_reader;

std::string ProtoValues::ReadString(pbf_reader& message) {
  const std::string_view text = ReadBytes(message);
  if (IsValidUtf8(text)) return std::string(text);
  ++counters_.mended_strings;
  return ReplaceInvalidUtf8(text);
}

void ProtoValues::ReadResource(pbf_reader message, model::Resource& resource) {
  while (message.next()) {
    switch (message.tag_and_type()) {
      case Text(1): AppendAttribute(message.get_message(), resource.attributes); break;
      case Varint(2): resource.dropped_attributes = message.get_uint32(); break;
      default: message.skip();
    }
  }
  KeepLastOfDuplicates(resource.attributes);
}

void ProtoValues::ReadScope(pbf_reader message, model::Scope& scope) {
  while (message.next()) {
    switch (message.tag_and_type()) {
      case Text(1): scope.name = ReadString(message); break;
      case Text(2): scope.version = ReadString(message); break;
      case Text(3): AppendAttribute(message.get_message(), scope.attributes); break;
      case Varint(4): scope.dropped_attributes = message.get_uint32(); break;
      default: message.skip();
    }
  }
  KeepLastOfDuplicates(scope.attributes);
}

void ProtoValues::AppendAttributeAt(int depth, pbf_reader message, model::Attributes& attributes) {
  CheckRoom(attributes.size(), kAttributesMax, "attributes");
  counters_.CountValues(1);
  model::Attribute& attribute = attributes.emplace_back();
  while (message.next()) {
    switch (message.tag_and_type()) {
      case Text(1): attribute.key = ReadString(message); break;
      case Text(2): ReadValueAt(depth, message.get_message(), attribute.value); break;
      default: message.skip();
    }
  }
}

void ProtoValues::ReadValueAt(int depth, pbf_reader message, model::Value& value) {
  CheckValueDepth(depth);
  while (message.next()) {
    switch (message.tag_and_type()) {
      case Text(1): value = ReadString(message); break;
      case Varint(2): value = message.get_bool(); break;
      case Varint(3): value = message.get_int64(); break;
      case Fixed64(4): value = message.get_double(); break;
      case Text(5): value = ReadArray(depth, message.get_message()); break;
      case Text(6): value = ReadKeyValueList(depth, message.get_message()); break;
      case Text(7): value = model::Bytes{std::string(ReadBytes(message))}; break;
      default: message.skip();
    }
  }
}

model::Array ProtoValues::ReadArray(int depth, pbf_reader message) {
  model::Array array;
  while (message.next()) {
    if (message.tag_and_type() == Text(1)) {
      counters_.CountValues(1);
      ReadValueAt(depth + 1, message.get_message(), array.emplace_back());
    } else {
      message.skip();
    }
  }
  return array;
}

model::KeyValueList ProtoValues::ReadKeyValueList(int depth, pbf_reader message) {
  model::KeyValueList list;
  while (message.next()) {
    if (message.tag_and_type() == Text(1)) {
      AppendAttributeAt(depth + 1, message.get_message(), list);
    } else {
      message.skip();
    }
  }
  KeepLastOfDuplicates(list);
  return list;
}

}  // namespace nightjar::otlp::internal
