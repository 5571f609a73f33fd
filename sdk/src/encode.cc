#include "encode.h"

#include <protozero/pbf_writer.hpp>

#include "utf8.h"
#include "wire.h"

namespace nightjar::sdk {
namespace {

using protozero::pbf_writer;
using Strings = std::span<const std::string>;

std::string EncodeStrings(Strings strings, std::size_t characters_max) {
  std::string encoded;
  std::string scratch;
  for (const std::string& item : strings) {
    const std::string_view clean = CleanUtf8(item, characters_max, scratch);
    const std::size_t any_bytes = DelimitedBytes(clean.size());
    WireWriter element(encoded, DelimitedBytes(any_bytes));
    element.BeginMessage(field::kArrayItem, any_bytes);
    element.Delimited(field::kStringValue, clean);
  }
  return encoded;
}

// Opens a KeyValue; the caller writes its AnyValue of `any_bytes`.
WireWriter BeginKeyValue(std::string& out, unsigned tag, std::string_view key, std::size_t any_bytes) {
  const std::size_t bytes = DelimitedBytes(key.size()) + DelimitedBytes(any_bytes);
  WireWriter writer(out, DelimitedBytes(bytes));
  writer.BeginMessage(tag, bytes);
  writer.Delimited(field::kKey, key);
  writer.BeginMessage(field::kValue, any_bytes);
  return writer;
}

}  // namespace

void AppendKeyValue(std::string& out, unsigned tag, std::string_view key, const AttributeValue& value,
                    std::size_t characters_max) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    std::string scratch;
    const std::string_view clean = CleanUtf8(*text, characters_max, scratch);
    BeginKeyValue(out, tag, key, DelimitedBytes(clean.size())).Delimited(field::kStringValue, clean);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    const auto bits = static_cast<std::uint64_t>(*integer);
    BeginKeyValue(out, tag, key, 1 + VarintBytes(bits)).Varint(field::kIntValue, bits);
  } else if (const auto* boolean = std::get_if<bool>(&value)) {
    BeginKeyValue(out, tag, key, 2).Varint(field::kBoolValue, *boolean ? 1 : 0);
  } else if (const auto* real = std::get_if<double>(&value)) {
    BeginKeyValue(out, tag, key, 9).Double(field::kDoubleValue, *real);
  } else {
    const std::string array = EncodeStrings(std::get<Strings>(value), characters_max);
    BeginKeyValue(out, tag, key, DelimitedBytes(array.size())).Delimited(field::kArrayValue, array);
  }
}

void AppendEvent(std::string& out, std::string_view name, std::uint64_t time_unix_ns,
                 std::initializer_list<Attribute> attributes, const SpanLimits& limits) {
  std::string scratch;
  pbf_writer span(out);
  pbf_writer event(span, field::kEvents);
  event.add_fixed64(field::kEventTime, time_unix_ns);
  const std::string_view clean_name = CleanUtf8(name, kUnlimited, scratch);
  event.add_string(field::kEventName, clean_name.data(), clean_name.size());
  std::size_t kept = 0;
  for (const Attribute& attribute : attributes) {
    if (attribute.key.empty() || kept == limits.event_attributes_max) continue;
    const std::string_view key = CleanUtf8(attribute.key, kUnlimited, scratch);
    AppendKeyValue(out, field::kEventAttributes, key, attribute.value, limits.value_characters_max);
    ++kept;
  }
  const std::size_t dropped = attributes.size() - kept;
  if (dropped > 0) event.add_uint32(field::kEventDroppedAttributes, static_cast<std::uint32_t>(dropped));
}

RequestEnvelope MakeEnvelope(const Settings& settings) {
  RequestEnvelope envelope;
  std::string scratch;
  for (const auto& [key, value] : settings.resource) {
    AppendKeyValue(envelope.resource, field::kResourceAttributes, CleanUtf8(key, kUnlimited, scratch), value,
                   kUnlimited);
  }
  pbf_writer scope(envelope.scope);
  scope.add_string(field::kScopeName, std::string(CleanUtf8(settings.service_name, kUnlimited, scratch)));
  return envelope;
}

std::string EncodeRequest(const RequestEnvelope& envelope, std::string_view spans) {
  const std::size_t scope_spans_bytes = DelimitedBytes(envelope.scope.size()) + spans.size();
  const std::size_t resource_spans_bytes = DelimitedBytes(envelope.resource.size()) + DelimitedBytes(scope_spans_bytes);
  std::string request;
  request.reserve(DelimitedBytes(resource_spans_bytes));
  WireWriter writer(request, DelimitedBytes(resource_spans_bytes) - spans.size());
  writer.BeginMessage(field::kResourceSpans, resource_spans_bytes);
  writer.Delimited(field::kResource, envelope.resource);
  writer.BeginMessage(field::kScopeSpans, scope_spans_bytes);
  writer.Delimited(field::kScope, envelope.scope);
  request.append(spans);
  return request;
}

}  // namespace nightjar::sdk
