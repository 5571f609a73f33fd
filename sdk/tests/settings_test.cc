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
      {"", {{"OTEL_TRACES_EXPORTER", "console"}}, ""},
  };
  for (const Case& c : cases) {
    const ResolvedSettings resolved = Resolve({.endpoint = c.option}, c.variables);
    EXPECT_EQ(resolved.status, InitStatus::kStarted) << c.expected;
    EXPECT_EQ(resolved.settings.otlp.endpoint, c.expected);
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

}  // namespace
}  // namespace nightjar::sdk
