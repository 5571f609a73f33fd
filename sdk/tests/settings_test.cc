#include "settings.h"

#include <gtest/gtest.h>

#include <map>

namespace nightjar::sdk {
namespace {

using std::chrono::milliseconds;
using Variables = std::map<std::string, std::string>;

ResolvedSettings Resolve(const TracingOptions& options, const Variables& variables) {
  return ResolveSettings(options, [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string() : found->second;
  });
}

Settings Resolve(const Variables& variables) {
  ResolvedSettings resolved = Resolve({}, variables);
  EXPECT_EQ(resolved.status, InitStatus::kStarted);
  return resolved.settings;
}

TEST(Settings, Endpoint) {
  const Variables all = {{"PHOENIX_COLLECTOR_ENDPOINT", "http://phoenix:6006"},
                         {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces:4318/custom"},
                         {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://generic:4318"}};
  struct Case {
    std::string option;
    Variables variables;
    std::string expected;
    bool console = false;
  };
  const std::vector<Case> cases = {
      {"", {}, "http://localhost:6006/v1/traces"},
      {"http://given:1", all, "http://given:1/v1/traces"},
      {"http://given:1/", all, "http://given:1/v1/traces"},
      {"https://given/otlp", all, "https://given/otlp"},
      {"", all, "http://phoenix:6006/v1/traces"},
      {"", {{"PHOENIX_COLLECTOR_ENDPOINT", "http://phoenix:6006/v1/traces"}}, "http://phoenix:6006/v1/traces"},
      {"", {{"PHOENIX_COLLECTOR_ENDPOINT", ""}}, "http://localhost:6006/v1/traces"},
      {"",
       {{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces:4318/custom"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://generic:4318"}},
       "http://traces:4318/custom"},
      {"", {{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://traces:4318"}}, "http://traces:4318"},
      {"", {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://generic:4318"}}, "http://generic:4318/v1/traces"},
      {"", {{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://generic:4318/otlp/"}}, "http://generic:4318/otlp/v1/traces"},
      {"", {{"OTEL_TRACES_EXPORTER", "console"}}, "", true},
      {"", {{"OTEL_TRACES_EXPORTER", "otlp, console"}}, "http://localhost:6006/v1/traces", true},
  };
  for (const Case& c : cases) {
    const ResolvedSettings resolved = Resolve({.endpoint = c.option}, c.variables);
    EXPECT_EQ(resolved.status, InitStatus::kStarted) << c.expected;
    EXPECT_EQ(resolved.settings.otlp.endpoint, c.expected);
    EXPECT_EQ(resolved.settings.console, c.console) << c.expected;
  }
}

TEST(Settings, RefusesWhatIsNoUrl) {
  for (const char* endpoint : {"localhost:6006", "ftp://host/x", "http://", "http:///v1/traces", "http://a b/"}) {
    const ResolvedSettings resolved = Resolve({.endpoint = endpoint}, {});
    EXPECT_EQ(resolved.status, InitStatus::kInvalidEndpoint) << endpoint;
    EXPECT_NE(resolved.error.find("not an http:// or https:// URL"), std::string::npos);
  }
}

TEST(Settings, Disabled) {
  EXPECT_EQ(Resolve({}, {{"OTEL_SDK_DISABLED", "TRUE"}}).status, InitStatus::kDisabled);
  EXPECT_EQ(Resolve({}, {{"OTEL_SDK_DISABLED", "1"}}).status, InitStatus::kStarted);
  EXPECT_EQ(Resolve({}, {{"OTEL_TRACES_EXPORTER", "none"}}).status, InitStatus::kDisabled);
  EXPECT_EQ(Resolve({.endpoint = {}, .console = true}, {{"OTEL_TRACES_EXPORTER", "none"}}).status,
            InitStatus::kStarted);
}

TEST(Settings, WhatIsNeitherTrueNorFalseIsToldSo) {
  for (const char* name : {"OTEL_SDK_DISABLED", "OPENINFERENCE_HIDE_INPUTS"}) {
    for (const char* value : {"", "true", "True", "FALSE"})
      EXPECT_EQ(Resolve({}, {{name, value}}).settings.warning, "");
    const ResolvedSettings wrong = Resolve({}, {{name, "1"}});
    EXPECT_EQ(wrong.status, InitStatus::kStarted);
    EXPECT_EQ(wrong.settings.masking, Masking{});
    EXPECT_EQ(wrong.settings.warning, std::string("ignored ") + name + ": 1");
  }
}

TEST(Settings, ServiceName) {
  const Variables both = {{"OTEL_SERVICE_NAME", "named"}, {"OTEL_RESOURCE_ATTRIBUTES", "service.name=attribute"}};
  EXPECT_EQ(Resolve({}).service_name, "stack");
  EXPECT_EQ(Resolve({{"OTEL_RESOURCE_ATTRIBUTES", "service.name=attribute"}}).service_name, "attribute");
  EXPECT_EQ(Resolve(both).service_name, "named");
  EXPECT_EQ(Resolve({.service_name = "option"}, both).settings.service_name, "option");
}

TEST(Settings, Resource) {
  const ResolvedSettings resolved = Resolve(
      {.project_name = "", .resource = {{"team", {std::string("search")}}}},
      {{"OTEL_RESOURCE_ATTRIBUTES", " deployment.environment = test%2Cone ,service.name=x,host.name=h,broken,team=t"},
       {"PHOENIX_PROJECT_NAME", "shop"}});
  const auto value = [&](const std::string& key) {
    for (const auto& [name, owned] : resolved.settings.resource) {
      if (name == key) return std::get<std::string>(owned.value);
    }
    return std::string("(none)");
  };
  EXPECT_EQ(value("deployment.environment"), "test,one");
  EXPECT_EQ(value("service.name"), "x");
  EXPECT_EQ(value("host.name"), "h");  // goes before what was detected
  EXPECT_EQ(value("os.type"), "linux");
  EXPECT_EQ(value("openinference.project.name"), "shop");
  EXPECT_EQ(value("team"), "search");
  EXPECT_EQ(resolved.settings.warning, "ignored OTEL_RESOURCE_ATTRIBUTES: an entry without key=value");
}

TEST(Settings, Batching) {
  const Settings defaults = Resolve({});
  EXPECT_EQ(defaults.batch.schedule_delay, milliseconds(5'000));
  EXPECT_EQ(defaults.otlp.export_timeout, milliseconds(30'000));
  EXPECT_EQ(defaults.otlp.request_timeout, milliseconds(10'000));
  EXPECT_EQ(defaults.batch.queue_spans_max, 2048U);
  EXPECT_EQ(defaults.batch.batch_spans_max, 512U);

  const Settings set = Resolve({{"OTEL_BSP_SCHEDULE_DELAY", "250"},
                                {"OTEL_BSP_EXPORT_TIMEOUT", "1000"},
                                {"OTEL_EXPORTER_OTLP_TIMEOUT", "7000"},
                                {"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "8000"},
                                {"OTEL_BSP_MAX_QUEUE_SIZE", "100"},
                                {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "500"}});
  EXPECT_EQ(set.batch.schedule_delay, milliseconds(250));
  EXPECT_EQ(set.otlp.export_timeout, milliseconds(1'000));
  EXPECT_EQ(set.otlp.request_timeout, milliseconds(8'000));
  EXPECT_EQ(set.batch.queue_spans_max, 100U);
  EXPECT_EQ(set.batch.batch_spans_max, 100U);  // never above the queue

  const Settings wrong = Resolve({{"OTEL_BSP_MAX_QUEUE_SIZE", "0"}, {"OTEL_BSP_SCHEDULE_DELAY", "5s"}});
  EXPECT_EQ(wrong.batch.queue_spans_max, 2048U);
  EXPECT_EQ(wrong.batch.schedule_delay, milliseconds(5'000));
  EXPECT_EQ(wrong.warning, "ignored OTEL_BSP_SCHEDULE_DELAY: 5s; ignored OTEL_BSP_MAX_QUEUE_SIZE: 0");
}

TEST(Settings, Headers) {
  const Settings settings = Resolve({{"OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20abc, x-team=a"},
                                     {"OTEL_EXPORTER_OTLP_TRACES_HEADERS", "x-team=b"}});
  const KeyValues expected = {{"authorization", "Bearer abc"}, {"x-team", "b"}};
  EXPECT_EQ(settings.otlp.headers, expected);
}

TEST(Settings, Limits) {
  const SpanLimits defaults = Resolve({}).limits;
  EXPECT_EQ(defaults.attributes_max, 128U);
  EXPECT_EQ(defaults.events_max, 128U);
  EXPECT_EQ(defaults.event_attributes_max, 128U);
  EXPECT_EQ(defaults.value_length_max, SpanLimits::kUnlimited);

  const SpanLimits set = Resolve({{"OTEL_ATTRIBUTE_COUNT_LIMIT", "10"},
                                  {"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "20"},
                                  {"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "30"},
                                  {"OTEL_SPAN_EVENT_COUNT_LIMIT", "40"},
                                  {"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "50"}})
                             .limits;
  EXPECT_EQ(set.attributes_max, 20U);
  EXPECT_EQ(set.value_length_max, 30U);
  EXPECT_EQ(set.events_max, 40U);
  EXPECT_EQ(set.event_attributes_max, 50U);
  EXPECT_EQ(set.link_attributes_max, 10U);  // the general one

  const SpanLimits links = Resolve({{"OTEL_SPAN_LINK_COUNT_LIMIT", "60"},
                                    {"OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "70"},
                                    {"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "30"},
                                    {"OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "80"}})
                               .limits;
  EXPECT_EQ(links.links_max, 60U);
  EXPECT_EQ(links.link_attributes_max, 70U);
  EXPECT_EQ(links.value_length_max, 80U);
}

TEST(Settings, Sampler) {
  struct Case {
    const char* name;
    const char* argument;
    const char* description;
  };
  const std::string defaults =
      ",remoteParentSampled:AlwaysOnSampler,remoteParentNotSampled:AlwaysOffSampler,localParentSampled:AlwaysOnSampler,"
      "localParentNotSampled:AlwaysOffSampler}";
  for (const Case& c :
       std::initializer_list<Case>{{"", "", "ParentBased{root:AlwaysOnSampler"},
                                   {"always_on", "", "AlwaysOnSampler"},
                                   {"always_off", "", "AlwaysOffSampler"},
                                   {"parentbased_always_on", "", "ParentBased{root:AlwaysOnSampler"},
                                   {"parentbased_always_off", "", "ParentBased{root:AlwaysOffSampler"},
                                   {"traceidratio", "0.0001", "TraceIdRatioBased{0.000100}"},
                                   {"traceidratio", "", "TraceIdRatioBased{1.000000}"},
                                   {"parentbased_traceidratio", "0.5", "ParentBased{root:TraceIdRatioBased{0.500000}"},
                                   {"parentbased_traceidratio", "2", "ParentBased{root:TraceIdRatioBased{1.000000}"},
                                   {"jaeger_remote", "", "ParentBased{root:AlwaysOnSampler"}}) {
    const SamplerPtr sampler =
        Resolve({{"OTEL_TRACES_SAMPLER", c.name}, {"OTEL_TRACES_SAMPLER_ARG", c.argument}}).sampler;
    const std::string expected = c.description;
    EXPECT_EQ(sampler->description(), expected.starts_with("ParentBased") ? expected + defaults : expected);
  }
}

TEST(Settings, Propagators) {
  struct Case {
    const char* names;
    std::vector<std::string> fields;
    const char* warning;
  };
  const std::vector<std::string> defaults = {"traceparent", "tracestate", "baggage"};
  for (const Case& c : std::vector<Case>{{"", defaults, ""},
                                         {"baggage", {"baggage"}, ""},
                                         {"tracecontext, baggage,tracecontext", defaults, ""},
                                         {"b3", {"b3"}, ""},
                                         {"b3multi", {"x-b3-traceid", "x-b3-spanid", "x-b3-sampled"}, ""},
                                         {"none", {}, ""},
                                         {"jaeger,baggage", {"baggage"}, "ignored OTEL_PROPAGATORS: jaeger"}}) {
    const Settings settings = Resolve({{"OTEL_PROPAGATORS", c.names}});
    EXPECT_EQ(settings.propagator->fields(), c.fields) << c.names;
    EXPECT_EQ(settings.warning, c.warning) << c.names;
  }
}

TEST(Settings, Protocol) {
  for (const char* name : {"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"}) {
    EXPECT_EQ(Resolve({{name, "http/protobuf"}}).warning, "");
    EXPECT_EQ(Resolve({{name, "grpc"}}).warning, std::string("ignored ") + name + ": grpc");
    EXPECT_EQ(Resolve({{name, "http/json"}}).warning, std::string("ignored ") + name + ": http/json");
  }
}

TEST(Settings, CompressionOfTheSignalGoesFirst) {
  const auto compression = [](const char* general, const char* traces) {
    return Resolve({{"OTEL_EXPORTER_OTLP_COMPRESSION", general}, {"OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", traces}});
  };
  EXPECT_EQ(compression("", "").otlp.compression, Compression::kNone);
  EXPECT_EQ(compression("gzip", "").otlp.compression, Compression::kGzip);
  EXPECT_EQ(compression("", "gzip").otlp.compression, Compression::kGzip);
  EXPECT_EQ(compression("gzip", "none").otlp.compression, Compression::kNone);
  EXPECT_EQ(compression("gzip", "zstd").otlp.compression, Compression::kGzip);
  EXPECT_EQ(compression("gzip", "zstd").warning, "ignored OTEL_EXPORTER_OTLP_TRACES_COMPRESSION: zstd");
}

TEST(Settings, Certificates) {
  const Variables general = {{"OTEL_EXPORTER_OTLP_CERTIFICATE", "ca.pem"},
                             {"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "client.pem"},
                             {"OTEL_EXPORTER_OTLP_CLIENT_KEY", "client.key"}};
  const OtlpHttpOptions first = Resolve(general).otlp;
  EXPECT_EQ(first.certificate, "ca.pem");
  EXPECT_EQ(first.client_certificate, "client.pem");
  EXPECT_EQ(first.client_key, "client.key");
  Variables both = general;
  both.insert({{"OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "traces-ca.pem"},
               {"OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE", "traces-client.pem"},
               {"OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "traces-client.key"}});
  const OtlpHttpOptions second = Resolve(both).otlp;
  EXPECT_EQ(second.certificate, "traces-ca.pem");
  EXPECT_EQ(second.client_certificate, "traces-client.pem");
  EXPECT_EQ(second.client_key, "traces-client.key");
}

TEST(Settings, WhatIsNotSupportedIsToldSo) {
  EXPECT_EQ(Resolve({{"OTEL_TRACES_EXPORTER", "otlp,zipkin"}}).warning, "ignored OTEL_TRACES_EXPORTER: zipkin");
  EXPECT_EQ(Resolve({{"OTEL_TRACES_SAMPLER", "xray"}}).warning, "ignored OTEL_TRACES_SAMPLER: xray");
  EXPECT_EQ(Resolve({{"OTEL_TRACES_SAMPLER", "traceidratio"}, {"OTEL_TRACES_SAMPLER_ARG", "2"}}).warning,
            "ignored OTEL_TRACES_SAMPLER_ARG: 2");
  EXPECT_EQ(Resolve({{"OTEL_CONFIG_FILE", "otel.yaml"}}).warning,
            "ignored OTEL_CONFIG_FILE: configuration files are not read");
}

TEST(Settings, Masking) {
  EXPECT_EQ(Resolve({}).masking, Masking{});
  EXPECT_EQ(Resolve({{"OPENINFERENCE_BASE64_IMAGE_MAX_LENGTH", "100"}}).masking.base64_image_bytes_max, 100U);
  const Settings wrong = Resolve({{"OPENINFERENCE_BASE64_IMAGE_MAX_LENGTH", "short"}});
  EXPECT_EQ(wrong.masking.base64_image_bytes_max, 32'000U);
  EXPECT_EQ(wrong.warning, "ignored OPENINFERENCE_BASE64_IMAGE_MAX_LENGTH: short");
}

}  // namespace
}  // namespace nightjar::sdk
