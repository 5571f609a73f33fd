// Field numbers are those of opentelemetry-proto 1.x (trace.proto, resource.proto, common.proto).
#include "client/otlp_writer.h"

#include <protozero/pbf_writer.hpp>
#include <variant>
#include <vector>

namespace nightjar::client {
namespace {

using protozero::pbf_writer;

void WriteAttributes(pbf_writer& writer, protozero::pbf_tag_type field, const model::Attributes& attributes);

// An empty value is no field at all.
struct ValueWriter {
  pbf_writer& writer;

  void operator()(std::monostate) const {}
  void operator()(const std::string& text) const { writer.add_string(1, text); }
  void operator()(bool flag) const { writer.add_bool(2, flag); }
  void operator()(std::int64_t integer) const { writer.add_int64(3, integer); }
  void operator()(double number) const { writer.add_double(4, number); }
  void operator()(const model::Array& items) const {
    pbf_writer list(writer, 5);
    for (const model::Value& item : items) {
      pbf_writer value(list, 1);
      std::visit(ValueWriter{value}, item.variant());
    }
  }
  void operator()(const model::KeyValueList& items) const {
    pbf_writer list(writer, 6);
    WriteAttributes(list, 1, items);
  }
  void operator()(const model::Bytes& bytes) const { writer.add_bytes(7, bytes.data); }
};

void WriteAttributes(pbf_writer& writer, protozero::pbf_tag_type field, const model::Attributes& attributes) {
  for (const auto& [key, value] : attributes) {
    pbf_writer attribute(writer, field);
    attribute.add_string(1, key);
    pbf_writer any(attribute, 2);
    std::visit(ValueWriter{any}, value.variant());
  }
}

void WriteSpan(pbf_writer writer, const model::Span& span) {
  const auto add_bytes = [&writer](protozero::pbf_tag_type field, std::string_view bytes) {
    writer.add_bytes(field, bytes.data(), bytes.size());
  };
  add_bytes(1, span.trace_id.AsBytes());
  add_bytes(2, span.span_id.AsBytes());
  if (!span.parent_span_id.IsZero()) add_bytes(4, span.parent_span_id.AsBytes());
  writer.add_string(5, span.name);
  writer.add_int32(6, static_cast<std::int32_t>(span.kind));
  writer.add_fixed64(7, span.start_unix_ns);
  writer.add_fixed64(8, span.end_unix_ns);
  WriteAttributes(writer, 9, span.attributes);
  for (const model::Event& event : span.events) {
    pbf_writer to(writer, 11);
    to.add_fixed64(1, event.time_unix_ns);
    to.add_string(2, event.name);
    WriteAttributes(to, 3, event.attributes);
  }
  pbf_writer status(writer, 15);
  if (!span.status_message.empty()) status.add_string(2, span.status_message);
  status.add_int32(3, static_cast<std::int32_t>(span.status));
}

}  // namespace

std::string WriteOtlp(const model::SpanBatch& batch) {
  // spans_of[resource][scope]
  std::vector<std::vector<std::vector<const model::Span*>>> spans_of(
      batch.resources.size(), std::vector<std::vector<const model::Span*>>(batch.scopes.size()));
  for (const model::Span& span : batch.spans) spans_of[span.resource][span.scope].push_back(&span);

  std::string bytes;
  pbf_writer request(bytes);
  for (std::size_t i = 0; i < batch.resources.size(); ++i) {
    pbf_writer resource_spans(request, 1);
    {
      pbf_writer resource(resource_spans, 1);
      WriteAttributes(resource, 1, batch.resources[i].attributes);
    }
    for (std::size_t j = 0; j < batch.scopes.size(); ++j) {
      if (spans_of[i][j].empty()) continue;
      pbf_writer scope_spans(resource_spans, 2);
      {
        pbf_writer scope(scope_spans, 1);
        scope.add_string(1, batch.scopes[j].name);
      }
      for (const model::Span* span : spans_of[i][j]) WriteSpan(pbf_writer(scope_spans, 2), *span);
    }
  }
  return bytes;
}

}  // namespace nightjar::client
