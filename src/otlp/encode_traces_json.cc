#include "otlp/encode_traces_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <cstddef>
#include <utility>

#include "base/base64.h"
#include "base/json.h"

namespace nightjar::otlp {
namespace {

json::value ValueJson(const model::Value& value);

json::array AttributesJson(const model::Attributes& attributes) {
  json::array list;
  for (const auto& [key, value] : attributes) list.push_back(json::object{{"key", key}, {"value", ValueJson(value)}});
  return list;
}

// An empty value is an object without a field.
struct ValueVisitor {
  json::object operator()(std::monostate) const { return {}; }
  json::object operator()(const std::string& text) const { return {{"stringValue", text}}; }
  json::object operator()(bool flag) const { return {{"boolValue", flag}}; }
  json::object operator()(std::int64_t integer) const { return {{"intValue", std::to_string(integer)}}; }
  json::object operator()(double number) const {
    if (std::isfinite(number)) return {{"doubleValue", number}};
    return {{"doubleValue", std::isnan(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity"}};
  }
  json::object operator()(const model::Array& items) const {
    json::array values;
    for (const model::Value& item : items) values.push_back(ValueJson(item));
    return {{"arrayValue", json::object{{"values", std::move(values)}}}};
  }
  json::object operator()(const model::KeyValueList& items) const {
    return {{"kvlistValue", json::object{{"values", AttributesJson(items)}}}};
  }
  json::object operator()(const model::Bytes& bytes) const { return {{"bytesValue", ToBase64(bytes.data)}}; }
};

json::value ValueJson(const model::Value& value) { return std::visit(ValueVisitor(), value.variant()); }

json::object SpanJson(const model::Span& span) {
  json::object out{
      {"traceId", span.trace_id.ToHex()},
      {"spanId", span.span_id.ToHex()},
      {"traceState", span.trace_state},
      {"flags", span.flags},
      {"name", span.name},
      {"kind", static_cast<std::int32_t>(span.kind)},
      {"startTimeUnixNano", std::to_string(span.start_unix_ns)},
      {"endTimeUnixNano", std::to_string(span.end_unix_ns)},
      {"attributes", AttributesJson(span.attributes)},
      {"droppedAttributesCount", span.dropped_attributes},
      {"droppedEventsCount", span.dropped_events},
      {"droppedLinksCount", span.dropped_links},
      {"status", json::object{{"code", static_cast<std::int32_t>(span.status)}, {"message", span.status_message}}}};
  if (!span.parent_span_id.IsZero()) out["parentSpanId"] = span.parent_span_id.ToHex();
  json::array& events = out["events"].emplace_array();
  for (const model::Event& event : span.events)
    events.push_back(json::object{{"timeUnixNano", std::to_string(event.time_unix_ns)},
                                  {"name", event.name},
                                  {"attributes", AttributesJson(event.attributes)},
                                  {"droppedAttributesCount", event.dropped_attributes}});
  json::array& links = out["links"].emplace_array();
  for (const model::Link& link : span.links)
    links.push_back(json::object{{"traceId", link.trace_id.ToHex()},
                                 {"spanId", link.span_id.ToHex()},
                                 {"traceState", link.trace_state},
                                 {"attributes", AttributesJson(link.attributes)},
                                 {"droppedAttributesCount", link.dropped_attributes},
                                 {"flags", link.flags}});
  return out;
}

json::object ResourceJson(const model::Resource& resource) {
  return {{"attributes", AttributesJson(resource.attributes)}, {"droppedAttributesCount", resource.dropped_attributes}};
}

json::object ScopeJson(const model::Scope& scope) {
  return {{"name", scope.name},
          {"version", scope.version},
          {"attributes", AttributesJson(scope.attributes)},
          {"droppedAttributesCount", scope.dropped_attributes}};
}

}  // namespace

std::string ResourceSpansJson(const model::SpanBatch& batch) {
  std::string out;
  for (std::size_t begin = 0; begin < batch.spans.size();) {
    const model::Span& first = batch.spans[begin];
    std::size_t end = begin;
    json::array spans;
    for (; end < batch.spans.size() && batch.spans[end].resource == first.resource &&
           batch.spans[end].scope == first.scope;
         ++end)
      spans.push_back(SpanJson(batch.spans[end]));
    const model::Resource& resource = batch.resource_of(first);
    const model::Scope& scope = batch.scope_of(first);
    json::object of_scope{{"scope", ScopeJson(scope)}, {"spans", std::move(spans)}, {"schemaUrl", scope.schema_url}};
    json::object of_resource{{"resource", ResourceJson(resource)},
                             {"scopeSpans", json::array{std::move(of_scope)}},
                             {"schemaUrl", resource.schema_url}};
    if (!out.empty()) out += ',';
    out += ToJson(of_resource);
    begin = end;
  }
  return out;
}

}  // namespace nightjar::otlp
