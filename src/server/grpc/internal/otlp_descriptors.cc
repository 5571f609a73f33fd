#include <algorithm>
#include <iterator>
#include <vector>

#include "server/grpc/internal/descriptors.h"

namespace nightjar::server::internal {
namespace {

constexpr const char* kAttributes = "repeated .opentelemetry.proto.common.v1.KeyValue";
constexpr const char* kResource = ".opentelemetry.proto.resource.v1.Resource";
constexpr const char* kScope = ".opentelemetry.proto.common.v1.InstrumentationScope";
constexpr const char* kTemporality = "enum AggregationTemporality";

FileDescriptor Common() {
  return {.name = "opentelemetry/proto/common/v1/common.proto",
          .package = "opentelemetry.proto.common.v1",
          .imports = {},
          .messages = {{"AnyValue",
                        {{"string_value", 1, "string", "value"},
                         {"bool_value", 2, "bool", "value"},
                         {"int_value", 3, "int64", "value"},
                         {"double_value", 4, "double", "value"},
                         {"array_value", 5, "ArrayValue", "value"},
                         {"kvlist_value", 6, "KeyValueList", "value"},
                         {"bytes_value", 7, "bytes", "value"},
                         {"string_value_strindex", 8, "int32", "value"}}},
                       {"ArrayValue", {{"values", 1, "repeated AnyValue"}}},
                       {"KeyValueList", {{"values", 1, "repeated KeyValue"}}},
                       {"KeyValue", {{"key", 1, "string"}, {"value", 2, "AnyValue"}, {"key_strindex", 3, "int32"}}},
                       {"InstrumentationScope",
                        {{"name", 1, "string"},
                         {"version", 2, "string"},
                         {"attributes", 3, "repeated KeyValue"},
                         {"dropped_attributes_count", 4, "uint32"}}},
                       {"EntityRef",
                        {{"schema_url", 1, "string"},
                         {"type", 2, "string"},
                         {"id_keys", 3, "repeated string"},
                         {"description_keys", 4, "repeated string"}}}},
          .enums = {},
          .services = {}};
}

FileDescriptor Resource() {
  return {.name = "opentelemetry/proto/resource/v1/resource.proto",
          .package = "opentelemetry.proto.resource.v1",
          .imports = {"opentelemetry/proto/common/v1/common.proto"},
          .messages = {{"Resource",
                        {{"attributes", 1, kAttributes},
                         {"dropped_attributes_count", 2, "uint32"},
                         {"entity_refs", 3, "repeated .opentelemetry.proto.common.v1.EntityRef"}}}},
          .enums = {},
          .services = {}};
}

FileDescriptor Trace() {
  return {.name = "opentelemetry/proto/trace/v1/trace.proto",
          .package = "opentelemetry.proto.trace.v1",
          .imports = {"opentelemetry/proto/common/v1/common.proto", "opentelemetry/proto/resource/v1/resource.proto"},
          .messages =
              {{"TracesData", {{"resource_spans", 1, "repeated ResourceSpans"}}},
               {"ResourceSpans",
                {{"resource", 1, kResource}, {"scope_spans", 2, "repeated ScopeSpans"}, {"schema_url", 3, "string"}}},
               {"ScopeSpans", {{"scope", 1, kScope}, {"spans", 2, "repeated Span"}, {"schema_url", 3, "string"}}},
               {"Span",
                {{"trace_id", 1, "bytes"},
                 {"span_id", 2, "bytes"},
                 {"trace_state", 3, "string"},
                 {"parent_span_id", 4, "bytes"},
                 {"flags", 16, "fixed32"},
                 {"name", 5, "string"},
                 {"kind", 6, "enum Span.SpanKind"},
                 {"start_time_unix_nano", 7, "fixed64"},
                 {"end_time_unix_nano", 8, "fixed64"},
                 {"attributes", 9, kAttributes},
                 {"dropped_attributes_count", 10, "uint32"},
                 {"events", 11, "repeated Span.Event"},
                 {"dropped_events_count", 12, "uint32"},
                 {"links", 13, "repeated Span.Link"},
                 {"dropped_links_count", 14, "uint32"},
                 {"status", 15, "Status"}},
                {{"Event",
                  {{"time_unix_nano", 1, "fixed64"},
                   {"name", 2, "string"},
                   {"attributes", 3, kAttributes},
                   {"dropped_attributes_count", 4, "uint32"}}},
                 {"Link",
                  {{"trace_id", 1, "bytes"},
                   {"span_id", 2, "bytes"},
                   {"trace_state", 3, "string"},
                   {"attributes", 4, kAttributes},
                   {"dropped_attributes_count", 5, "uint32"},
                   {"flags", 6, "fixed32"}}}},
                {{"SpanKind",
                  {{"SPAN_KIND_UNSPECIFIED", 0},
                   {"SPAN_KIND_INTERNAL", 1},
                   {"SPAN_KIND_SERVER", 2},
                   {"SPAN_KIND_CLIENT", 3},
                   {"SPAN_KIND_PRODUCER", 4},
                   {"SPAN_KIND_CONSUMER", 5}}}}},
               {"Status",
                {{"message", 2, "string"}, {"code", 3, "enum Status.StatusCode"}},
                {},
                {{"StatusCode", {{"STATUS_CODE_UNSET", 0}, {"STATUS_CODE_OK", 1}, {"STATUS_CODE_ERROR", 2}}}}}},
          .enums = {{"SpanFlags",
                     {{"SPAN_FLAGS_DO_NOT_USE", 0},
                      {"SPAN_FLAGS_TRACE_FLAGS_MASK", 255},
                      {"SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK", 256},
                      {"SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK", 512}}}},
          .services = {}};
}

FileDescriptor TraceService() {
  return {.name = "opentelemetry/proto/collector/trace/v1/trace_service.proto",
          .package = "opentelemetry.proto.collector.trace.v1",
          .imports = {"opentelemetry/proto/trace/v1/trace.proto"},
          .messages = {{"ExportTraceServiceRequest",
                        {{"resource_spans", 1, "repeated .opentelemetry.proto.trace.v1.ResourceSpans"}}},
                       {"ExportTraceServiceResponse", {{"partial_success", 1, "ExportTracePartialSuccess"}}},
                       {"ExportTracePartialSuccess", {{"rejected_spans", 1, "int64"}, {"error_message", 2, "string"}}}},
          .enums = {},
          .services = {{"TraceService", {{"Export", "ExportTraceServiceRequest", "ExportTraceServiceResponse"}}}}};
}

FileDescriptor Logs() {
  return {
      .name = "opentelemetry/proto/logs/v1/logs.proto",
      .package = "opentelemetry.proto.logs.v1",
      .imports = {"opentelemetry/proto/common/v1/common.proto", "opentelemetry/proto/resource/v1/resource.proto"},
      .messages = {{"LogsData", {{"resource_logs", 1, "repeated ResourceLogs"}}},
                   {"ResourceLogs",
                    {{"resource", 1, kResource}, {"scope_logs", 2, "repeated ScopeLogs"}, {"schema_url", 3, "string"}}},
                   {"ScopeLogs",
                    {{"scope", 1, kScope}, {"log_records", 2, "repeated LogRecord"}, {"schema_url", 3, "string"}}},
                   {"LogRecord",
                    {{"time_unix_nano", 1, "fixed64"},
                     {"observed_time_unix_nano", 11, "fixed64"},
                     {"severity_number", 2, "enum SeverityNumber"},
                     {"severity_text", 3, "string"},
                     {"body", 5, ".opentelemetry.proto.common.v1.AnyValue"},
                     {"attributes", 6, kAttributes},
                     {"dropped_attributes_count", 7, "uint32"},
                     {"flags", 8, "fixed32"},
                     {"trace_id", 9, "bytes"},
                     {"span_id", 10, "bytes"},
                     {"event_name", 12, "string"}}}},
      .enums = {{"SeverityNumber",
                 {{"SEVERITY_NUMBER_UNSPECIFIED", 0}, {"SEVERITY_NUMBER_TRACE", 1},   {"SEVERITY_NUMBER_TRACE2", 2},
                  {"SEVERITY_NUMBER_TRACE3", 3},      {"SEVERITY_NUMBER_TRACE4", 4},  {"SEVERITY_NUMBER_DEBUG", 5},
                  {"SEVERITY_NUMBER_DEBUG2", 6},      {"SEVERITY_NUMBER_DEBUG3", 7},  {"SEVERITY_NUMBER_DEBUG4", 8},
                  {"SEVERITY_NUMBER_INFO", 9},        {"SEVERITY_NUMBER_INFO2", 10},  {"SEVERITY_NUMBER_INFO3", 11},
                  {"SEVERITY_NUMBER_INFO4", 12},      {"SEVERITY_NUMBER_WARN", 13},   {"SEVERITY_NUMBER_WARN2", 14},
                  {"SEVERITY_NUMBER_WARN3", 15},      {"SEVERITY_NUMBER_WARN4", 16},  {"SEVERITY_NUMBER_ERROR", 17},
                  {"SEVERITY_NUMBER_ERROR2", 18},     {"SEVERITY_NUMBER_ERROR3", 19}, {"SEVERITY_NUMBER_ERROR4", 20},
                  {"SEVERITY_NUMBER_FATAL", 21},      {"SEVERITY_NUMBER_FATAL2", 22}, {"SEVERITY_NUMBER_FATAL3", 23},
                  {"SEVERITY_NUMBER_FATAL4", 24}}},
                {"LogRecordFlags", {{"LOG_RECORD_FLAGS_DO_NOT_USE", 0}, {"LOG_RECORD_FLAGS_TRACE_FLAGS_MASK", 255}}}},
      .services = {}};
}

FileDescriptor LogsService() {
  return {.name = "opentelemetry/proto/collector/logs/v1/logs_service.proto",
          .package = "opentelemetry.proto.collector.logs.v1",
          .imports = {"opentelemetry/proto/logs/v1/logs.proto"},
          .messages = {{"ExportLogsServiceRequest",
                        {{"resource_logs", 1, "repeated .opentelemetry.proto.logs.v1.ResourceLogs"}}},
                       {"ExportLogsServiceResponse", {{"partial_success", 1, "ExportLogsPartialSuccess"}}},
                       {"ExportLogsPartialSuccess",
                        {{"rejected_log_records", 1, "int64"}, {"error_message", 2, "string"}}}},
          .enums = {},
          .services = {{"LogsService", {{"Export", "ExportLogsServiceRequest", "ExportLogsServiceResponse"}}}}};
}

std::vector<MessageDescriptor> DataPoints() {
  return {{"NumberDataPoint",
           {{"attributes", 7, kAttributes},
            {"start_time_unix_nano", 2, "fixed64"},
            {"time_unix_nano", 3, "fixed64"},
            {"as_double", 4, "double", "value"},
            {"as_int", 6, "sfixed64", "value"},
            {"exemplars", 5, "repeated Exemplar"},
            {"flags", 8, "uint32"}}},
          {"HistogramDataPoint",
           {{"attributes", 9, kAttributes},
            {"start_time_unix_nano", 2, "fixed64"},
            {"time_unix_nano", 3, "fixed64"},
            {"count", 4, "fixed64"},
            {"sum", 5, "optional double"},
            {"bucket_counts", 6, "repeated fixed64"},
            {"explicit_bounds", 7, "repeated double"},
            {"exemplars", 8, "repeated Exemplar"},
            {"flags", 10, "uint32"},
            {"min", 11, "optional double"},
            {"max", 12, "optional double"}}},
          {"ExponentialHistogramDataPoint",
           {{"attributes", 1, kAttributes},
            {"start_time_unix_nano", 2, "fixed64"},
            {"time_unix_nano", 3, "fixed64"},
            {"count", 4, "fixed64"},
            {"sum", 5, "optional double"},
            {"scale", 6, "sint32"},
            {"zero_count", 7, "fixed64"},
            {"positive", 8, "ExponentialHistogramDataPoint.Buckets"},
            {"negative", 9, "ExponentialHistogramDataPoint.Buckets"},
            {"flags", 10, "uint32"},
            {"exemplars", 11, "repeated Exemplar"},
            {"min", 12, "optional double"},
            {"max", 13, "optional double"},
            {"zero_threshold", 14, "double"}},
           {{"Buckets", {{"offset", 1, "sint32"}, {"bucket_counts", 2, "repeated uint64"}}}}},
          {"SummaryDataPoint",
           {{"attributes", 7, kAttributes},
            {"start_time_unix_nano", 2, "fixed64"},
            {"time_unix_nano", 3, "fixed64"},
            {"count", 4, "fixed64"},
            {"sum", 5, "double"},
            {"quantile_values", 6, "repeated SummaryDataPoint.ValueAtQuantile"},
            {"flags", 8, "uint32"}},
           {{"ValueAtQuantile", {{"quantile", 1, "double"}, {"value", 2, "double"}}}}},
          {"Exemplar",
           {{"filtered_attributes", 7, kAttributes},
            {"time_unix_nano", 2, "fixed64"},
            {"as_double", 3, "double", "value"},
            {"as_int", 6, "sfixed64", "value"},
            {"span_id", 4, "bytes"},
            {"trace_id", 5, "bytes"}}}};
}

FileDescriptor Metrics() {
  FileDescriptor file = {
      .name = "opentelemetry/proto/metrics/v1/metrics.proto",
      .package = "opentelemetry.proto.metrics.v1",
      .imports = {"opentelemetry/proto/common/v1/common.proto", "opentelemetry/proto/resource/v1/resource.proto"},
      .messages =
          {{"MetricsData", {{"resource_metrics", 1, "repeated ResourceMetrics"}}},
           {"ResourceMetrics",
            {{"resource", 1, kResource}, {"scope_metrics", 2, "repeated ScopeMetrics"}, {"schema_url", 3, "string"}}},
           {"ScopeMetrics", {{"scope", 1, kScope}, {"metrics", 2, "repeated Metric"}, {"schema_url", 3, "string"}}},
           {"Metric",
            {{"name", 1, "string"},
             {"description", 2, "string"},
             {"unit", 3, "string"},
             {"gauge", 5, "Gauge", "data"},
             {"sum", 7, "Sum", "data"},
             {"histogram", 9, "Histogram", "data"},
             {"exponential_histogram", 10, "ExponentialHistogram", "data"},
             {"summary", 11, "Summary", "data"},
             {"metadata", 12, kAttributes}}},
           {"Gauge", {{"data_points", 1, "repeated NumberDataPoint"}}},
           {"Sum",
            {{"data_points", 1, "repeated NumberDataPoint"},
             {"aggregation_temporality", 2, kTemporality},
             {"is_monotonic", 3, "bool"}}},
           {"Histogram",
            {{"data_points", 1, "repeated HistogramDataPoint"}, {"aggregation_temporality", 2, kTemporality}}},
           {"ExponentialHistogram",
            {{"data_points", 1, "repeated ExponentialHistogramDataPoint"},
             {"aggregation_temporality", 2, kTemporality}}},
           {"Summary", {{"data_points", 1, "repeated SummaryDataPoint"}}}},
      .enums = {{"AggregationTemporality",
                 {{"AGGREGATION_TEMPORALITY_UNSPECIFIED", 0},
                  {"AGGREGATION_TEMPORALITY_DELTA", 1},
                  {"AGGREGATION_TEMPORALITY_CUMULATIVE", 2}}},
                {"DataPointFlags",
                 {{"DATA_POINT_FLAGS_DO_NOT_USE", 0}, {"DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK", 1}}}},
      .services = {}};
  std::ranges::move(DataPoints(), std::back_inserter(file.messages));
  return file;
}

FileDescriptor MetricsService() {
  return {
      .name = "opentelemetry/proto/collector/metrics/v1/metrics_service.proto",
      .package = "opentelemetry.proto.collector.metrics.v1",
      .imports = {"opentelemetry/proto/metrics/v1/metrics.proto"},
      .messages = {{"ExportMetricsServiceRequest",
                    {{"resource_metrics", 1, "repeated .opentelemetry.proto.metrics.v1.ResourceMetrics"}}},
                   {"ExportMetricsServiceResponse", {{"partial_success", 1, "ExportMetricsPartialSuccess"}}},
                   {"ExportMetricsPartialSuccess",
                    {{"rejected_data_points", 1, "int64"}, {"error_message", 2, "string"}}}},
      .enums = {},
      .services = {{"MetricsService", {{"Export", "ExportMetricsServiceRequest", "ExportMetricsServiceResponse"}}}}};
}

}  // namespace

std::vector<FileDescriptor> OtlpDescriptors() {
  return {Common(), Resource(), Trace(), TraceService(), Logs(), LogsService(), Metrics(), MetricsService()};
}

}  // namespace nightjar::server::internal
