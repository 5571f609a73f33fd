#include "otlp/internal/json_values.h"

#include "base/utf8.h"

namespace nightjar::otlp::internal {
namespace {

// Makes \ufffd of every half of a surrogate pair that stands alone in `text`, a JSON string with its quotes. JavaScript
// writes such halves where it cuts a text.
void MendSurrogates(std::string& text) {
  const auto code_unit = [&](std::size_t at) {
    unsigned unit = 0;
    if (at + 6 <= text.size() && text[at] == '\\' && text[at + 1] == 'u')
      std::from_chars(text.data() + at + 2, text.data() + at + 6, unit, 16);
    return unit;
  };
  const auto is_high = [](unsigned unit) { return unit >= 0xD800 && unit < 0xDC00; };
  const auto is_low = [](unsigned unit) { return unit >= 0xDC00 && unit < 0xE000; };
  for (std::size_t at = text.find('\\'); at < text.size(); at = text.find('\\', at)) {
    const unsigned unit = code_unit(at);
    if (is_high(unit) && is_low(code_unit(at + 6))) {
      at += 12;
    } else {
      if (is_high(unit) || is_low(unit)) text.replace(at, 6, "\\ufffd");
      at += 2;
    }
  }
}

}  // namespace

std::string JsonValues::ReadString(JsonValue& value, std::string_view field) {
  CheckIsString(value, field);
  const std::string_view quoted = value.raw_json_token();
  std::string_view text;
  if (value.get_string().get(text) == simdjson::SUCCESS && IsValidUtf8(text)) return std::string(text);
  return ReadMended(quoted, field);
}

// `quoted` is a JSON string, which did not read.
std::string JsonValues::ReadMended(std::string_view quoted, std::string_view field) {
  std::string json(quoted);
  MendSurrogates(json);
  const simdjson::padded_string padded(json);
  std::string text(padded.size() + simdjson::SIMDJSON_PADDING, '\0');
  auto* end = reinterpret_cast<std::uint8_t*>(text.data());
  std::string_view read;
  const simdjson::ondemand::raw_json_string inside(reinterpret_cast<const std::uint8_t*>(padded.data()) + 1);
  if (parser_.unescape(inside, end).get(read) != simdjson::SUCCESS) throw BadEscape(field);
  ++counters_.mended_strings;
  return std::string(read);
}

void JsonValues::ReadResource(JsonValue value, model::Resource& resource) {
  ForEachField(value, "resource", [&](std::string_view key, JsonValue& field) {
    if (key == "attributes") {
      resource.attributes = ReadAttributes(field, key);
    } else if (key == "droppedAttributesCount") {
      resource.dropped_attributes = ReadInteger<std::uint32_t>(field, key);
    }
  });
}

void JsonValues::ReadScope(JsonValue value, model::Scope& scope) {
  ForEachField(value, "scope", [&](std::string_view key, JsonValue& field) {
    if (key == "name") {
      scope.name = ReadString(field, key);
    } else if (key == "version") {
      scope.version = ReadString(field, key);
    } else if (key == "attributes") {
      scope.attributes = ReadAttributes(field, key);
    } else if (key == "droppedAttributesCount") {
      scope.dropped_attributes = ReadInteger<std::uint32_t>(field, key);
    }
  });
}

model::Attributes JsonValues::ReadAttributesAt(int depth, JsonValue value, std::string_view field) {
  model::Attributes attributes;
  ForEachItem(value, field, [&](JsonValue& item) {
    CheckRoom(attributes.size(), kAttributesMax, "attributes");
    counters_.CountValues(1);
    model::Attribute& attribute = attributes.emplace_back();
    ForEachField(item, "an attribute", [&](std::string_view key, JsonValue& part) {
      if (key == "key") {
        attribute.key = ReadString(part, key);
      } else if (key == "value") {
        attribute.value = ReadValueAt(depth, part, "an attribute value");
      }
    });
  });
  KeepLastOfDuplicates(attributes);
  return attributes;
}

model::Value JsonValues::ReadValueAt(int depth, JsonValue value, std::string_view field) {
  CheckValueDepth(depth);
  model::Value read;
  ForEachField(value, field, [&](std::string_view key, JsonValue& content) {
    if (key == "stringValue") {
      read = ReadString(content, key);
    } else if (key == "intValue") {
      read = ReadInteger<std::int64_t>(content, key);
    } else if (key == "boolValue") {
      read = ReadBool(content, key);
    } else if (key == "doubleValue") {
      read = ReadDouble(content, key);
    } else if (key == "arrayValue") {
      read = ReadArray(depth + 1, content);
    } else if (key == "kvlistValue") {
      read = ReadKeyValueList(depth + 1, content);
    } else if (key == "bytesValue") {
      read = ReadBase64(content, key);
    }
  });
  return read;
}

model::Array JsonValues::ReadArray(int depth, JsonValue value) {
  model::Array array;
  ForEachField(value, "arrayValue", [&](std::string_view key, JsonValue& field) {
    if (key != "values") return;
    array.clear();
    ForEachItem(field, "arrayValue.values", [&](JsonValue& item) {
      counters_.CountValues(1);
      array.push_back(item.is_null() ? model::Value() : ReadValueAt(depth, item, "an element of arrayValue.values"));
    });
  });
  return array;
}

model::KeyValueList JsonValues::ReadKeyValueList(int depth, JsonValue value) {
  model::KeyValueList list;
  ForEachField(value, "kvlistValue", [&](std::string_view key, JsonValue& field) {
    if (key == "values") list = ReadAttributesAt(depth, field, "kvlistValue.values");
  });
  return list;
}

}  // namespace nightjar::otlp::internal
