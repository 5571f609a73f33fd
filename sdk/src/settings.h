// What tracing runs with: options first, then the environment, then the defaults of the OpenTelemetry specification.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nightjar/tracing.h"
#include "utf8.h"

namespace nightjar::sdk {

using KeyValues = std::vector<std::pair<std::string, std::string>>;

struct SpanLimits {
  std::size_t attributes_max = 128;
  std::size_t events_max = 128;
  std::size_t event_attributes_max = 128;
  std::size_t value_characters_max = kUnlimited;
};

// Consistent probability sampling: a trace is kept when the last 56 bits of its id, as a number, reach the threshold.
struct Sampler {
  std::uint64_t threshold = 0;  // 0 keeps all, 2^56 keeps none
  bool follows_parent = true;   // a span with a parent takes the parent's decision
  std::string trace_state;      // "ot=th:…" tells the backend the probability; empty when all are kept
};

struct Settings {
  std::string endpoint;  // empty: nothing leaves over HTTP
  KeyValues headers;
  std::chrono::milliseconds request_timeout{10'000};
  std::chrono::milliseconds export_timeout{30'000};  // one batch, with its retries
  std::chrono::milliseconds schedule_delay{5'000};
  std::size_t queue_spans_max = 2'048;
  std::size_t batch_spans_max = 512;
  bool console = false;
  SpanLimits limits;
  Sampler sampler;
  std::string service_name;
  KeyValues resource;   // includes service.name
  std::string warning;  // what in the environment was ignored; empty when nothing was
};

// Looks a variable up; empty when it is not set.
using Environment = std::function<std::string(const char* name)>;
std::string ProcessEnvironment(const char* name);

struct ResolvedSettings {
  InitStatus status = InitStatus::kStarted;
  std::string error;  // set unless kStarted
  Settings settings;  // usable when kStarted
};
ResolvedSettings ResolveSettings(const TracingOptions& options, const Environment& environment);

}  // namespace nightjar::sdk
