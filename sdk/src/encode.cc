#include "encode.h"

#include "provider_state.h"
#include "utf8.h"
#include "wire.h"

namespace nightjar::sdk {
namespace {

void AppendDelimited(std::string& out, unsigned tag, std::string_view content) {
  WireWriter(out, DelimitedBytes(content.size())).Delimited(tag, content);
}
void AppendVarint(std::string& out, unsigned tag, std::uint64_t value) {
  WireWriter(out, 1 + VarintBytes(value)).Varint(tag, value);
}
void AppendInteger(std::string& out, std::int64_t value) {
  AppendVarint(out, field::kIntValue, static_cast<std::uint64_t>(value));
}
void AppendDouble(std::string& out, double value) { WireWriter(out, 9).Double(field::kDoubleValue, value); }

template <std::size_t kSize>
std::string_view AsBytes(const std::array<std::uint8_t, kSize>& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
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

void AppendText(std::string& out, std::string_view text, std::size_t characters_max) {
  std::string scratch;
  AppendDelimited(out, field::kStringValue, CleanUtf8(text, characters_max, scratch));
}

// Appends the fields of an AnyValue; lists and maps below `depth_left` become empty.
class AnyEncoder {
 public:
  AnyEncoder(std::string& out, std::size_t length_max, std::size_t depth_left)
      : out_(out), length_max_(length_max), depth_left_(depth_left) {}

  void operator()(std::monostate /*empty*/) const {}
  void operator()(bool value) const { AppendVarint(out_, field::kBoolValue, value ? 1 : 0); }
  void operator()(std::int64_t value) const { AppendInteger(out_, value); }
  void operator()(double value) const { AppendDouble(out_, value); }
  void operator()(std::string_view value) const { AppendText(out_, value, length_max_); }
  void operator()(std::span<const std::byte> value) const {
    AppendDelimited(out_, field::kBytesValue,
                    {reinterpret_cast<const char*>(value.data()), std::min(value.size(), length_max_)});
  }
  void operator()(const AttributeMap& map) const {
    AppendNested(field::kKeyValueList, [&](std::string& content) {
      std::string scratch;
      for (const Attribute& entry : map) AppendEntry(content, CleanUtf8(entry.key, kUnlimited, scratch), entry.value);
    });
  }
  template <typename Items>
  void operator()(const Items& items) const {
    AppendNested(field::kArrayValue, [&](std::string& content) {
      for (const auto& item : items) {
        std::string any;
        AnyEncoder(any, length_max_, depth_left_ - 1).Value(item);
        AppendDelimited(content, field::kListItem, any);
      }
    });
  }
  void operator()(const OwnedAttributes& map) const {
    AppendNested(field::kKeyValueList, [&](std::string& content) {
      for (const auto& [key, value] : map) AppendEntry(content, key, value);
    });
  }

  template <typename Item>
  void Value(const Item& item) const {
    if constexpr (std::is_same_v<Item, AttributeValue>) {
      std::visit(*this, item);
    } else if constexpr (std::is_same_v<Item, OwnedValue>) {
      std::visit(*this, item.value);
    } else if constexpr (std::is_same_v<Item, std::string>) {
      (*this)(std::string_view(item));
    } else {
      (*this)(item);
    }
  }
  void operator()(const std::string& value) const { (*this)(std::string_view(value)); }
  void operator()(const std::vector<std::byte>& value) const { (*this)(std::span<const std::byte>(value)); }

 private:
  template <typename Fill>
  void AppendNested(unsigned tag, const Fill& fill) const {
    if (depth_left_ == 0) return;
    std::string content;
    fill(content);
    AppendDelimited(out_, tag, content);
  }
  template <typename Item>
  void AppendEntry(std::string& content, std::string_view key, const Item& value) const {
    std::string any;
    AnyEncoder(any, length_max_, depth_left_ - 1).Value(value);
    BeginKeyValue(content, field::kListItem, key, any.size()).Raw(any);
  }

  std::string& out_;
  std::size_t length_max_;
  std::size_t depth_left_;
};

// Appends at most `count_max` attributes as fields `tag`; returns how many were left out.
std::size_t AppendAttributes(std::string& out, unsigned tag, AttributeMap attributes, std::size_t count_max,
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

}  // namespace

void AppendKeyValue(std::string& out, unsigned tag, std::string_view key, const AttributeValue& value,
                    const SpanLimits& limits) {
  // The usual kinds in one go: this is the hot path.
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    std::string scratch;
    const std::string_view clean = CleanUtf8(*text, limits.value_length_max, scratch);
    BeginKeyValue(out, tag, key, DelimitedBytes(clean.size())).Delimited(field::kStringValue, clean);
  } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    const auto bits = static_cast<std::uint64_t>(*integer);
    BeginKeyValue(out, tag, key, 1 + VarintBytes(bits)).Varint(field::kIntValue, bits);
  } else if (const auto* boolean = std::get_if<bool>(&value)) {
    BeginKeyValue(out, tag, key, 2).Varint(field::kBoolValue, *boolean ? 1 : 0);
  } else if (const auto* real = std::get_if<double>(&value)) {
    BeginKeyValue(out, tag, key, 9).Double(field::kDoubleValue, *real);
  } else {
    std::string any;
    AnyEncoder(any, limits.value_length_max, limits.value_depth_max).Value(value);
    BeginKeyValue(out, tag, key, any.size()).Raw(any);
  }
}

void AppendKeyValue(std::string& out, unsigned tag, std::string_view key, const OwnedValue& value,
                    const SpanLimits& limits) {
  std::string any;
  AnyEncoder(any, limits.value_length_max, limits.value_depth_max).Value(value);
  std::string scratch;
  BeginKeyValue(out, tag, CleanUtf8(key, kUnlimited, scratch), any.size()).Raw(any);
}

void AppendEvent(std::string& out, std::string_view name, std::uint64_t time_unix_ns, AttributeMap attributes,
                 const SpanLimits& limits) {
  std::string scratch;
  const std::string_view clean_name = CleanUtf8(name, kUnlimited, scratch);
  const std::size_t head = 9 + DelimitedBytes(clean_name.size());
  std::string tail;
  const std::size_t dropped =
      AppendAttributes(tail, field::kEventAttributes, attributes, limits.event_attributes_max, limits);
  if (dropped > 0) AppendVarint(tail, field::kEventDroppedAttributes, dropped);
  WireWriter writer(out, DelimitedBytes(head + tail.size()));
  writer.BeginMessage(field::kEvents, head + tail.size());
  writer.Fixed64(field::kEventTime, time_unix_ns);
  writer.Delimited(field::kEventName, clean_name);
  writer.Raw(tail);
}

void AppendLink(std::string& out, const SpanContext& context, AttributeMap attributes, const SpanLimits& limits) {
  std::string link;
  AppendDelimited(link, field::kLinkTraceId, AsBytes(context.trace_id));
  AppendDelimited(link, field::kLinkSpanId, AsBytes(context.span_id));
  if (!context.trace_state.empty()) AppendDelimited(link, field::kLinkTraceState, context.trace_state.header());
  const std::size_t dropped =
      AppendAttributes(link, field::kLinkAttributes, attributes, limits.link_attributes_max, limits);
  if (dropped > 0) AppendVarint(link, field::kLinkDroppedAttributes, dropped);
  const std::uint32_t flags = (context.sampled ? kFlagSampled : 0) | (context.random ? kFlagRandom : 0) |
                              kFlagKnowsRemote | (context.remote ? kFlagRemote : 0);
  WireWriter(link, 5).Fixed32(field::kLinkFlags, flags);
  AppendDelimited(out, field::kLinks, link);
}

std::string EncodeScope(const TracerOptions& options) {
  std::string scope;
  std::string scratch;
  if (!options.name.empty()) AppendDelimited(scope, field::kScopeName, CleanUtf8(options.name, kUnlimited, scratch));
  if (!options.version.empty()) {
    AppendDelimited(scope, field::kScopeVersion, CleanUtf8(options.version, kUnlimited, scratch));
  }
  for (const auto& [key, value] : options.attributes) AppendKeyValue(scope, field::kScopeAttributes, key, value);
  return scope;
}

std::string EncodeResource(const OwnedAttributes& attributes) {
  std::string resource;
  for (const auto& [key, value] : attributes) AppendKeyValue(resource, field::kResourceAttributes, key, value);
  return resource;
}

std::string EncodeRequest(const SpanBatch& batch) {
  std::string request;
  request.reserve(batch.bytes() + 1'024);
  for (const ScopeSpans& scope : batch.scopes()) {
    if (scope.spans.empty()) continue;
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
    writer.Raw(scope.spans);
    if (!url.empty()) writer.Delimited(field::kSchemaUrl, url);
  }
  return request;
}

}  // namespace nightjar::sdk
