// OTLP/JSON is protobuf's JSON mapping with these differences (specification, "JSON Protobuf Encoding"): ids are hex,
// enums are numbers, keys are lowerCamelCase only. null is an absent field. Of a field that comes twice the last wins.
// A known field of a wrong type rejects its span; one that carries no span (resourceSpans, scopeSpans, spans) refuses
// the request.
//
// simdjson's On-Demand parser checks what is read and only the brackets of what is skipped, so that unknown fields may
// hold numbers of any size and nest as deep as they like. It does not recurse; this file does so for attribute values
// only.
#include <fmt/format.h>
#include <simdjson.h>

#include <charconv>
#include <limits>

#include "base/base64.h"
#include "base/utf8.h"
#include "otlp/decode_traces.h"
#include "otlp/internal/batch.h"

namespace nightjar::otlp {
namespace {

using internal::CheckRoom;
using internal::Rejected;
using TraceBatch = internal::Batch<DecodedTraces>;
using simdjson::ondemand::json_type;
using JsonValue = simdjson::ondemand::value;

// Of a client's text, what a reason holds.
std::string_view Shortened(std::string_view text) { return Utf8Prefix(text, 60); }

// Calls on_field(key, value) for every field that is not null.
template <typename OnField>
void ForEachField(simdjson::ondemand::object object, OnField on_field) {
  for (simdjson::ondemand::field field : object) {
    const std::string_view key = field.unescaped_key();
    if (!field.value().is_null()) on_field(key, field.value());
  }
}

template <typename OnField>
void ForEachField(JsonValue value, std::string_view what, OnField on_field) {
  if (value.type() != json_type::object) throw Rejected{fmt::format("{} is not an object", what)};
  ForEachField(value.get_object(), on_field);
}

template <typename OnItem>
void ForEachItem(JsonValue value, std::string_view what, OnItem on_item) {
  if (value.type() != json_type::array) throw Rejected{fmt::format("{} is not a list", what)};
  for (JsonValue item : value.get_array()) on_item(item);
}

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

class JsonDecoder {
 public:
  Result<DecodedTraces> Run(const simdjson::padded_string& body) {
    simdjson::ondemand::document document;
    if (const auto error = parser_.iterate(body).get(document)) return NotARequest(simdjson::error_message(error));
    try {
      if (document.type() != json_type::object) return NotARequest("it is not an object");
      ReadRequest(document.get_object());
      const bool at_end = document.current_location().error() == simdjson::OUT_OF_BOUNDS;
      if (!at_end) throw simdjson::simdjson_error(simdjson::TRAILING_CONTENT);
      return batch_.Take();
    } catch (const Rejected& rejected) {
      return NotARequest(rejected.reason);
    } catch (const simdjson::simdjson_error& error) {
      const char* place = nullptr;
      if (document.current_location().get(place) != simdjson::SUCCESS) return NotARequest(error.what());
      return NotARequest(fmt::format("{} (near byte {})", error.what(), place - body.data()));
    } catch (const internal::TooManyValues&) {
      return Fail(internal::OverTheValueLimit());
    }
  }

 private:
  static std::unexpected<Error> NotARequest(std::string_view why) {
    return Fail(ErrorCode::kInvalidArgument,
                fmt::format("the body is not an ExportTraceServiceRequest in OTLP/JSON: {}", why));
  }

  void ReadRequest(simdjson::ondemand::object request) {
    const TraceBatch::Place begin = batch_.here();
    ForEachField(request, [&](std::string_view key, JsonValue& field) {
      if (key != "resourceSpans") return;
      batch_.ForgetSince(begin);
      ForEachItem(field, key, [&](JsonValue& item) { ReadResourceSpans(item); });
    });
  }

  void ReadResourceSpans(JsonValue value) {
    const TraceBatch::Place begin = batch_.here();
    const std::uint32_t resource = batch_.AddResource();
    std::string reason;  // not empty: the resource was refused, and its spans with it
    ForEachField(value, "an element of resourceSpans", [&](std::string_view key, JsonValue& field) {
      if (key == "resource") {
        internal::Attempt(reason, [&] { ReadResource(field, batch_.resource(resource)); });
      } else if (key == "scopeSpans") {
        batch_.ForgetSince(begin);
        ForEachItem(field, key, [&](JsonValue& item) { ReadScopeSpans(item, resource); });
      } else if (key == "schemaUrl") {
        internal::Attempt(reason, [&] { batch_.resource(resource).schema_url = ReadString(field, key); });
      }
    });
    batch_.RejectSince(begin, std::move(reason));
  }

  void ReadScopeSpans(JsonValue value, std::uint32_t resource) {
    const TraceBatch::Place begin = batch_.here();
    const std::uint32_t scope = batch_.AddScope();
    std::string reason;  // not empty: the scope was refused, and its spans with it
    ForEachField(value, "an element of scopeSpans", [&](std::string_view key, JsonValue& field) {
      if (key == "scope") {
        internal::Attempt(reason, [&] { ReadScope(field, batch_.scope(scope)); });
      } else if (key == "spans") {
        batch_.ForgetSince(begin);
        ForEachItem(field, key, [&](JsonValue& item) {
          batch_.AddItem([&](model::Span& span) {
            span.resource = resource;
            span.scope = scope;
            ReadSpan(item, span);
          });
        });
      } else if (key == "schemaUrl") {
        internal::Attempt(reason, [&] { batch_.scope(scope).schema_url = ReadString(field, key); });
      }
    });
    batch_.RejectSince(begin, std::move(reason));
  }

  void ReadResource(JsonValue value, model::Resource& resource) {
    ForEachField(value, "resource", [&](std::string_view key, JsonValue& field) {
      if (key == "attributes") {
        resource.attributes = ReadAttributes(field, key, 1);
      } else if (key == "droppedAttributesCount") {
        resource.dropped_attributes = ReadInteger<std::uint32_t>(field, key);
      }
    });
  }

  void ReadScope(JsonValue value, model::Scope& scope) {
    ForEachField(value, "scope", [&](std::string_view key, JsonValue& field) {
      if (key == "name") {
        scope.name = ReadString(field, key);
      } else if (key == "version") {
        scope.version = ReadString(field, key);
      } else if (key == "attributes") {
        scope.attributes = ReadAttributes(field, key, 1);
      } else if (key == "droppedAttributesCount") {
        scope.dropped_attributes = ReadInteger<std::uint32_t>(field, key);
      }
    });
  }

  void ReadSpan(JsonValue value, model::Span& span) {
    std::string_view trace_id;
    std::string_view span_id;
    std::string_view parent_span_id;
    ForEachField(value, "a span", [&](std::string_view key, JsonValue& field) {
      if (key == "traceId") {
        trace_id = ReadPlainText(field, key);
      } else if (key == "spanId") {
        span_id = ReadPlainText(field, key);
      } else if (key == "parentSpanId") {
        parent_span_id = ReadPlainText(field, key);
      } else {
        ReadSpanField(key, field, span);
      }
    });
    span.trace_id = ReadId<TraceId>(trace_id, "traceId");
    span.span_id = ReadId<SpanId>(span_id, "spanId");
    internal::CheckIdsAreSet(span);
    if (!parent_span_id.empty()) span.parent_span_id = ReadId<SpanId>(parent_span_id, "parentSpanId");
  }

  void ReadSpanField(std::string_view key, JsonValue& field, model::Span& span) {
    if (key == "attributes") {
      span.attributes = ReadAttributes(field, key, 1);
    } else if (key == "name") {
      span.name = ReadString(field, key);
    } else if (key == "kind") {
      span.kind = static_cast<model::SpanKind>(ReadEnum(field, key));
    } else if (key == "startTimeUnixNano") {
      span.start_unix_ns = ReadInteger<std::uint64_t>(field, key);
    } else if (key == "endTimeUnixNano") {
      span.end_unix_ns = ReadInteger<std::uint64_t>(field, key);
    } else if (key == "status") {
      ReadStatus(field, span);
    } else if (key == "events") {
      span.events.clear();
      ForEachItem(field, key, [&](JsonValue& item) { AppendEvent(item, span.events); });
    } else if (key == "links") {
      span.links.clear();
      ForEachItem(field, key, [&](JsonValue& item) { AppendLink(item, span.links); });
    } else if (key == "traceState") {
      span.trace_state = ReadString(field, key);
    } else if (key == "flags") {
      span.flags = ReadInteger<std::uint32_t>(field, key);
    } else if (key == "droppedAttributesCount") {
      span.dropped_attributes = ReadInteger<std::uint32_t>(field, key);
    } else if (key == "droppedEventsCount") {
      span.dropped_events = ReadInteger<std::uint32_t>(field, key);
    } else if (key == "droppedLinksCount") {
      span.dropped_links = ReadInteger<std::uint32_t>(field, key);
    }
  }

  void ReadStatus(JsonValue value, model::Span& span) {
    ForEachField(value, "status", [&](std::string_view key, JsonValue& field) {
      if (key == "message") {
        span.status_message = ReadString(field, key);
      } else if (key == "code") {
        span.status = static_cast<model::StatusCode>(ReadEnum(field, key));
      }
    });
  }

  void AppendEvent(JsonValue value, std::vector<model::Event>& events) {
    CheckRoom(events.size(), kEventsMax, "events");
    batch_.counters().CountValues(1);
    model::Event& event = events.emplace_back();
    ForEachField(value, "an event", [&](std::string_view key, JsonValue& field) {
      if (key == "timeUnixNano") {
        event.time_unix_ns = ReadInteger<std::uint64_t>(field, key);
      } else if (key == "name") {
        event.name = ReadString(field, key);
      } else if (key == "attributes") {
        event.attributes = ReadAttributes(field, key, 1);
      } else if (key == "droppedAttributesCount") {
        event.dropped_attributes = ReadInteger<std::uint32_t>(field, key);
      }
    });
  }

  void AppendLink(JsonValue value, std::vector<model::Link>& links) {
    CheckRoom(links.size(), kLinksMax, "links");
    batch_.counters().CountValues(1);
    model::Link& link = links.emplace_back();
    std::string_view trace_id;
    std::string_view span_id;
    ForEachField(value, "a link", [&](std::string_view key, JsonValue& field) {
      if (key == "traceId") {
        trace_id = ReadPlainText(field, key);
      } else if (key == "spanId") {
        span_id = ReadPlainText(field, key);
      } else if (key == "traceState") {
        link.trace_state = ReadString(field, key);
      } else if (key == "attributes") {
        link.attributes = ReadAttributes(field, key, 1);
      } else if (key == "droppedAttributesCount") {
        link.dropped_attributes = ReadInteger<std::uint32_t>(field, key);
      } else if (key == "flags") {
        link.flags = ReadInteger<std::uint32_t>(field, key);
      }
    });
    link.trace_id = ReadId<TraceId>(trace_id, "traceId of a link");
    link.span_id = ReadId<SpanId>(span_id, "spanId of a link");
  }

  // A list of KeyValues. `depth` is that of their values.
  model::Attributes ReadAttributes(JsonValue value, std::string_view what, int depth) {
    model::Attributes attributes;
    ForEachItem(value, what, [&](JsonValue& item) {
      CheckRoom(attributes.size(), kAttributesMax, "attributes");
      batch_.counters().CountValues(1);
      model::Attribute& attribute = attributes.emplace_back();
      ForEachField(item, "an attribute", [&](std::string_view key, JsonValue& field) {
        if (key == "key") {
          attribute.key = ReadString(field, key);
        } else if (key == "value") {
          attribute.value = ReadValue(field, depth);
        }
      });
    });
    internal::KeepLastOfDuplicates(attributes);
    return attributes;
  }

  model::Value ReadValue(JsonValue value, int depth) {
    internal::CheckValueDepth(depth);
    model::Value read;
    ForEachField(value, "an attribute value", [&](std::string_view key, JsonValue& field) {
      if (key == "stringValue") {
        read = ReadString(field, key);
      } else if (key == "intValue") {
        read = ReadInteger<std::int64_t>(field, key);
      } else if (key == "boolValue") {
        if (field.type() != json_type::boolean) throw Rejected{"boolValue is not true or false"};
        read = field.get_bool().value();
      } else if (key == "doubleValue") {
        read = ReadDouble(field);
      } else if (key == "arrayValue") {
        read = ReadArray(field, depth + 1);
      } else if (key == "kvlistValue") {
        read = ReadKeyValueList(field, depth + 1);
      } else if (key == "bytesValue") {
        read = ReadBytes(field);
      }
    });
    return read;
  }

  model::Array ReadArray(JsonValue value, int depth) {
    model::Array array;
    ForEachField(value, "arrayValue", [&](std::string_view key, JsonValue& field) {
      if (key != "values") return;
      array.clear();
      ForEachItem(field, "arrayValue.values", [&](JsonValue& item) {
        batch_.counters().CountValues(1);
        array.push_back(item.is_null() ? model::Value() : ReadValue(item, depth));
      });
    });
    return array;
  }

  model::KeyValueList ReadKeyValueList(JsonValue value, int depth) {
    model::KeyValueList list;
    ForEachField(value, "kvlistValue", [&](std::string_view key, JsonValue& field) {
      if (key == "values") list = ReadAttributes(field, "kvlistValue.values", depth);
    });
    return list;
  }

  // Base64 of either alphabet, with or without padding, as protobuf's JSON mapping asks.
  static model::Bytes ReadBytes(JsonValue& value) {
    std::string text(ReadPlainText(value, "bytesValue"));
    for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
    while (text.size() % 4 != 0) text += '=';
    auto bytes = FromBase64(text);
    if (!bytes) throw Rejected{"bytesValue is not base64"};
    return {std::move(*bytes)};
  }

  template <typename IdType>
  static IdType ReadId(std::string_view hex, std::string_view field) {
    if (const auto id = IdType::FromHex(hex)) return *id;
    if (hex.size() != 2 * IdType::kSize)
      throw Rejected{
          fmt::format("{} has {} characters, must have {} hex digits", field, hex.size(), 2 * IdType::kSize)};
    throw Rejected{fmt::format("{} is not hex", field)};
  }

  static std::int32_t ReadEnum(JsonValue& value, std::string_view field) {
    if (value.type() == json_type::string)
      throw Rejected{fmt::format("{} \"{}\" is a name; OTLP/JSON wants the number", field,
                                 Shortened(ReadPlainText(value, field)))};
    return ReadInteger<std::int32_t>(value, field);
  }

  // A JSON number, or a string that holds one, without fraction or exponent.
  template <typename Integer>
  static Integer ReadInteger(JsonValue& value, std::string_view field) {
    std::string_view text;
    if (value.type() == json_type::number) {
      text = value.raw_json_token();
      text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
    } else {
      text = ReadPlainText(value, field);
    }
    Integer number = 0;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
    const bool has_leading_zero = text.size() > 1 && text[text[0] == '-'] == '0';
    if (error == std::errc() && end == text.end() && !has_leading_zero) return number;
    throw Rejected{fmt::format("{} {} is not {} integer of {} bits", field, Shortened(text),
                               std::numeric_limits<Integer>::is_signed ? "a signed" : "an unsigned",
                               8 * sizeof(Integer))};
  }

  static double ReadDouble(JsonValue& value) {
    double number = 0;
    if (value.type() != json_type::string) {
      if (value.get_double().get(number) == simdjson::SUCCESS) return number;
      throw Rejected{"doubleValue is not a double"};
    }
    const std::string_view text = ReadPlainText(value, "doubleValue");
    if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
    if (text == "Infinity") return std::numeric_limits<double>::infinity();
    if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
    // from_chars knows more spellings of infinity and NaN than JSON.
    const bool is_decimal = text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
    const auto [end, error] = std::from_chars(text.begin(), text.end(), number);
    if (is_decimal && error == std::errc() && end == text.end()) return number;
    throw Rejected{fmt::format("doubleValue \"{}\" is not a double", Shortened(text))};
  }

  // The text of an attribute or a name.
  std::string ReadString(JsonValue& value, std::string_view field) {
    CheckIsString(value, field);
    const std::string_view quoted = value.raw_json_token();
    std::string_view text;
    if (value.get_string().get(text) == simdjson::SUCCESS && IsValidUtf8(text)) return std::string(text);
    return ReadMended(quoted, field);
  }

  // Text that must be plain: an id, a number, base64. Lives as long as the parser.
  static std::string_view ReadPlainText(JsonValue& value, std::string_view field) {
    CheckIsString(value, field);
    std::string_view text;
    if (value.get_string().get(text) != simdjson::SUCCESS || !IsValidUtf8(text)) throw Rejected{BadEscape(field)};
    return text;
  }

  // `quoted` is a JSON string, which did not read.
  std::string ReadMended(std::string_view quoted, std::string_view field) {
    std::string json(quoted);
    MendSurrogates(json);
    const simdjson::padded_string padded(json);
    std::string text(padded.size() + simdjson::SIMDJSON_PADDING, '\0');
    auto* end = reinterpret_cast<std::uint8_t*>(text.data());
    std::string_view read;
    const simdjson::ondemand::raw_json_string inside(reinterpret_cast<const std::uint8_t*>(padded.data()) + 1);
    if (parser_.unescape(inside, end).get(read) != simdjson::SUCCESS) throw Rejected{BadEscape(field)};
    ++batch_.counters().mended_strings;
    return std::string(read);
  }

  static void CheckIsString(JsonValue& value, std::string_view field) {
    if (value.type() != json_type::string) throw Rejected{fmt::format("{} is not a string", field)};
  }

  static std::string BadEscape(std::string_view field) {
    return fmt::format("{} holds an escape that JSON does not have", field);
  }

  TraceBatch batch_;
  simdjson::ondemand::parser parser_;
};

}  // namespace

Result<DecodedTraces> DecodeTracesJson(std::string_view body) {
  return JsonDecoder().Run(simdjson::padded_string(body));
}

}  // namespace nightjar::otlp
