#include "encode.h"

#include "provider_state.h"
#include "utf8.h"
#include "wire.h"

namespace nightjar::sdk {
namespace {

void AppendDelimited(ByteBuffer& out, unsigned tag, std::string_view content) {
  WireWriter(out, DelimitedBytes(content.size())).Delimited(tag, content);
}
void AppendVarint(ByteBuffer& out, unsigned tag, std::uint64_t value) {
  WireWriter(out, 1 + VarintBytes(value)).Varint(tag, value);
}

template <std::size_t kSize>
std::string_view AsBytes(const std::array<std::uint8_t, kSize>& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

// Appends the fields of an AnyValue; lists and maps below `depth_left` become empty.
class AnyEncoder {
 public:
  AnyEncoder(ByteBuffer& out, std::size_t length_max, std::size_t depth_left)
      : out_(out), length_max_(length_max), depth_left_(depth_left) {}

  void operator()(std::monostate /*empty*/) const {}
  void operator()(bool value) const { AppendVarint(out_, field::kBoolValue, value ? 1 : 0); }
  void operator()(std::int64_t value) const { AppendVarint(out_, field::kIntValue, static_cast<std::uint64_t>(value)); }
  void operator()(double value) const { WireWriter(out_, 9).Double(field::kDoubleValue, value); }
  void operator()(std::string_view value) const {
    std::string scratch;
    AppendDelimited(out_, field::kStringValue, CleanUtf8(value, length_max_, scratch));
  }
  void operator()(const std::string& value) const { (*this)(std::string_view(value)); }
  void operator()(std::span<const std::byte> value) const {
    AppendDelimited(out_, field::kBytesValue,
                    {reinterpret_cast<const char*>(value.data()), std::min(value.size(), length_max_)});
  }
  void operator()(const std::vector<std::byte>& value) const { (*this)(std::span<const std::byte>(value)); }
  void operator()(const AttributeMap& map) const {
    AppendNested(field::kKeyValueList, [&](const AnyEncoder& inner) {
      std::string scratch;
      for (const Attribute& entry : map) inner.Entry(CleanUtf8(entry.key, kUnlimited, scratch), entry.value);
    });
  }
  void operator()(const OwnedAttributes& map) const {
    AppendNested(field::kKeyValueList, [&](const AnyEncoder& inner) {
      for (const auto& [key, value] : map) inner.Entry(key, value);
    });
  }
  template <typename Items>
  void operator()(const Items& items) const {
    AppendNested(field::kArrayValue, [&](const AnyEncoder& inner) {
      for (const auto& item : items) AppendMessage(out_, field::kListItem, [&] { inner.Value(item); });
    });
  }

  template <typename Item>
  void Value(const Item& item) const {
    if constexpr (std::is_same_v<Item, AttributeValue>) {
      std::visit(*this, item);
    } else if constexpr (std::is_same_v<Item, OwnedValue>) {
      std::visit(*this, item.value);
    } else {
      (*this)(item);
    }
  }

 private:
  template <typename Fill>
  void AppendNested(unsigned tag, const Fill& fill) const {
    if (depth_left_ == 0) return;
    AppendMessage(out_, tag, [&] { fill(AnyEncoder(out_, length_max_, depth_left_ - 1)); });
  }
  template <typename Item>
  void Entry(std::string_view key, const Item& value) const {
    AppendMessage(out_, field::kListItem, [&] {
      AppendDelimited(out_, field::kKey, key);
      AppendMessage(out_, field::kValue, [&] { Value(value); });
    });
  }

  ByteBuffer& out_;
  std::size_t length_max_;
  std::size_t depth_left_;
};

// Appends at most `count_max` attributes as fields `tag`; returns how many were left out.
std::size_t AppendAttributes(ByteBuffer& out, unsigned tag, AttributeMap attributes, std::size_t count_max,
                             const SpanLimits& limits) {
  std::string scratch;
  std::size_t kept = 0;
  for (const Attribute& attribute : attributes) {
    if (attribute.key.empty() || kept == count_max) continue;
    AppendKeyValue(out, tag, CleanUtf8(attribute.key, kUnlimited, scratch), attribute.value, limits);
    ++kept;
  }
  return attributes.size() - kept;
}

// A KeyValue whose AnyValue has `any_bytes`, which `write` writes: for values whose size is known.
template <typename Write>
void AppendScalar(ByteBuffer& out, unsigned tag, std::string_view key, std::size_t any_bytes, const Write& write) {
  const std::size_t bytes = DelimitedBytes(key.size()) + DelimitedBytes(any_bytes);
  WireWriter writer(out, DelimitedBytes(bytes));
  writer.BeginMessage(tag, bytes);
  writer.Delimited(field::kKey, key);
  writer.BeginMessage(field::kValue, any_bytes);
  write(writer);
}

template <typename Value>
void AppendAnyKeyValue(ByteBuffer& out, unsigned tag, std::string_view key, const Value& value,
                       const SpanLimits& limits) {
  AppendMessage(out, tag, [&] {
    AppendDelimited(out, field::kKey, key);
    AppendMessage(out, field::kValue,
                  [&] { AnyEncoder(out, limits.value_length_max, limits.value_depth_max).Value(value); });
  });
}

}  // namespace

void AppendKeyValue(ByteBuffer& out, unsigned tag, std::string_view key, const AttributeValue& value,
                    const SpanLimits& limits) {
  // The usual kinds in one go: this is the hot path.
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    std::string scratch;
    const std::string_view clean = CleanUtf8(*text, limits.value_length_max, scratch);
    AppendScalar(out, tag, key, DelimitedBytes(clean.size()),
                 [&](WireWriter& writer) { writer.Delimited(field::kStringValue, clean); });
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    const auto bits = static_cast<std::uint64_t>(*integer);
    AppendScalar(out, tag, key, 1 + VarintBytes(bits),
                 [&](WireWriter& writer) { writer.Varint(field::kIntValue, bits); });
  } else if (const auto* boolean = std::get_if<bool>(&value)) {
    AppendScalar(out, tag, key, 2, [&](WireWriter& writer) { writer.Varint(field::kBoolValue, *boolean ? 1 : 0); });
  } else if (const auto* real = std::get_if<double>(&value)) {
    AppendScalar(out, tag, key, 9, [&](WireWriter& writer) { writer.Double(field::kDoubleValue, *real); });
  } else {
    AppendAnyKeyValue(out, tag, key, value, limits);
  }
}

void AppendKeyValue(ByteBuffer& out, unsigned tag, std::string_view key, const OwnedValue& value,
                    const SpanLimits& limits) {
  std::string scratch;
  AppendAnyKeyValue(out, tag, CleanUtf8(key, kUnlimited, scratch), value, limits);
}

void AppendEvent(ByteBuffer& out, std::string_view name, std::uint64_t time_unix_ns, AttributeMap attributes,
                 const SpanLimits& limits) {
  std::string scratch;
  const std::string_view clean_name = CleanUtf8(name, kUnlimited, scratch);
  AppendMessage(out, field::kEvents, [&] {
    WireWriter(out, 9).Fixed64(field::kEventTime, time_unix_ns);
    AppendDelimited(out, field::kEventName, clean_name);
    const std::size_t dropped =
        AppendAttributes(out, field::kEventAttributes, attributes, limits.event_attributes_max, limits);
    if (dropped > 0) AppendVarint(out, field::kEventDroppedAttributes, dropped);
  });
}

void AppendLink(ByteBuffer& out, const SpanContext& context, AttributeMap attributes, const SpanLimits& limits) {
  const std::uint32_t flags = (context.sampled ? kFlagSampled : 0) | (context.random ? kFlagRandom : 0) |
                              kFlagKnowsRemote | (context.remote ? kFlagRemote : 0);
  AppendMessage(out, field::kLinks, [&] {
    AppendDelimited(out, field::kLinkTraceId, AsBytes(context.trace_id));
    AppendDelimited(out, field::kLinkSpanId, AsBytes(context.span_id));
    if (!context.trace_state.empty()) AppendDelimited(out, field::kLinkTraceState, context.trace_state.header());
    const std::size_t dropped =
        AppendAttributes(out, field::kLinkAttributes, attributes, limits.link_attributes_max, limits);
    if (dropped > 0) AppendVarint(out, field::kLinkDroppedAttributes, dropped);
    WireWriter(out, 5).Fixed32(field::kLinkFlags, flags);
  });
}

std::string EncodeScope(const TracerOptions& options) {
  ByteBuffer scope;
  std::string scratch;
  if (!options.name.empty()) AppendDelimited(scope, field::kScopeName, CleanUtf8(options.name, kUnlimited, scratch));
  if (!options.version.empty()) {
    AppendDelimited(scope, field::kScopeVersion, CleanUtf8(options.version, kUnlimited, scratch));
  }
  for (const auto& [key, value] : options.attributes) AppendKeyValue(scope, field::kScopeAttributes, key, value);
  return std::string(scope.view());
}

std::string EncodeResource(const OwnedAttributes& attributes) {
  ByteBuffer resource;
  for (const auto& [key, value] : attributes) AppendKeyValue(resource, field::kResourceAttributes, key, value);
  return std::string(resource.view());
}

ByteBuffer EncodeRequest(const SpanBatch& batch) {
  ByteBuffer request;
  for (const ScopeSpans& scope : batch.scopes()) {
    if (scope.spans.size() == 0) continue;
    const TracerState& tracer = *scope.tracer;
    const std::string& url = tracer.options.schema_url;
    const std::size_t scope_spans_bytes =
        DelimitedBytes(tracer.scope_bytes.size()) + scope.spans.size() + (url.empty() ? 0 : DelimitedBytes(url.size()));
    const std::size_t resource_spans_bytes =
        DelimitedBytes(tracer.provider.resource_bytes.size()) + DelimitedBytes(scope_spans_bytes);
    WireWriter writer(request, DelimitedBytes(resource_spans_bytes));
    writer.BeginMessage(field::kResourceSpans, resource_spans_bytes);
    writer.Delimited(field::kResource, tracer.provider.resource_bytes);
    writer.BeginMessage(field::kScopeSpans, scope_spans_bytes);
    writer.Delimited(field::kScope, tracer.scope_bytes);
    writer.Raw(scope.spans.view());
    if (!url.empty()) writer.Delimited(field::kSchemaUrl, url);
  }
  return request;
}

}  // namespace nightjar::sdk
