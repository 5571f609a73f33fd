// Tracer providers: one configuration of sampler, limits, resource and processors, and the tracers that share it.
//
// Most programs need InitTracing() of tracing.h only. A provider of your own is for tests, for several destinations,
// and for processors or samplers of your own:
//   auto exporter = [] { return OtlpHttpExporter({.endpoint = "http://localhost:6006/v1/traces"}); };
//   TracerProvider& provider = TracerProvider::Create({.resource = {{"service.name", OwnedValue{"shop"}}},
//                                                      .processors = {BatchSpanProcessor(exporter)}});
//   Tracer tracer = provider.tracer({.name = "cart", .version = "1.2"});
//   tracer.StartSpan("add").End();
//   const bool delivered = provider.ForceFlush(1s) == FlushStatus::kFlushed;
//   (void)provider.Shutdown(5s);
//
// Threads: all may use a provider and its tracers at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "nightjar/export.h"
#include "nightjar/sampler.h"
#include "nightjar/span.h"

namespace nightjar {

namespace sdk {
struct ProviderState;
}  // namespace sdk

// What is over a limit is dropped and counted on the span, or cut.
struct SpanLimits {
  static constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();
  std::size_t attributes_max = 128;
  std::size_t events_max = 128;
  std::size_t links_max = 128;
  std::size_t event_attributes_max = 128;
  std::size_t link_attributes_max = 128;
  std::size_t value_length_max = kUnlimited;  // characters of text, bytes of bytes, also inside lists and maps
  std::size_t value_depth_max = 64;           // deeper lists and maps become the empty value
};

// Write your own by deriving: ids must not be all zero. Called on the program's threads at once: it must be
// thread-safe.
//   class Counting final : public IdGenerator {
//    public:
//     TraceId NewTraceId() noexcept override { return {1}; }
//     SpanId NewSpanId() noexcept override { return {++next_}; }
//     bool random() const noexcept override { return false; }
//
//    private:
//     std::atomic<std::uint8_t> next_{0};
//   };
//   TracerProvider& provider = TracerProvider::Create({.id_generator = std::make_shared<Counting>()});
class IdGenerator {
 public:
  IdGenerator() = default;
  IdGenerator(const IdGenerator&) = delete;
  IdGenerator& operator=(const IdGenerator&) = delete;
  virtual ~IdGenerator() = default;
  virtual TraceId NewTraceId() noexcept = 0;
  virtual SpanId NewSpanId() noexcept = 0;
  // Whether the last 56 bits of its trace ids are random.
  [[nodiscard]] virtual bool random() const noexcept = 0;
};

// Which of the OpenInference attributes that hold what people wrote are kept out of spans; from OPENINFERENCE_HIDE_*.
struct Masking {
  bool inputs = false;   // input.value, llm.input_messages, and what they are made of
  bool outputs = false;  // output.value, llm.output_messages
  bool input_messages = false;
  bool output_messages = false;
  bool input_text = false;
  bool output_text = false;
  bool input_images = false;
  bool invocation_parameters = false;
  bool tools = false;
  bool prompts = false;
  bool choices = false;
  bool embedding_vectors = false;
  bool embedding_text = false;
  std::size_t base64_image_bytes_max = 32'000;  // longer data: URLs of images are replaced
  bool operator==(const Masking&) const = default;
};

// What the tracers of a provider share.
struct ProviderOptions {
  OwnedAttributes resource = {};              // telemetry.sdk.* are added
  SamplerPtr sampler = ParentBasedSampler();  // null: the same
  SpanLimits limits = {};
  std::vector<SpanProcessorPtr> processors = {};   // called in this order
  std::shared_ptr<IdGenerator> id_generator = {};  // null: random ids
  Masking masking = {};
};

// The instrumentation scope of a tracer's spans.
struct TracerOptions {
  std::string name = {};  // of the library that makes the spans
  std::string version = {};
  std::string schema_url = {};
  OwnedAttributes attributes = {};
};

// Thread-safe. A provider and its tracers are never destroyed, so that spans may end at any time, even while the
// process exits: make one per program, not one per request.
class TracerProvider {
 public:
  // Without memory one that records nothing. Processors that are null are left out.
  static TracerProvider& Create(ProviderOptions options) noexcept;
  TracerProvider(const TracerProvider&) = delete;
  TracerProvider& operator=(const TracerProvider&) = delete;
  ~TracerProvider() = delete;

  // The same tracer for the same options. After Shutdown, and without memory, one that records nothing.
  Tracer tracer(const TracerOptions& options = {}) noexcept;

  // Every processor, one after the other, within `timeout` altogether. The worst status counts.
  FlushStatus ForceFlush(std::chrono::milliseconds timeout = std::chrono::seconds(10)) noexcept;

  // Flushes and stops; spans that start or end later are not recorded. Again: kFailed, and nothing happens.
  FlushStatus Shutdown(std::chrono::milliseconds timeout = std::chrono::seconds(10)) noexcept;

 private:
  explicit TracerProvider(sdk::ProviderState& state) noexcept : state_(state) {}
  static TracerProvider& Inert() noexcept;
  sdk::ProviderState& state_;  // never destroyed either
};

}  // namespace nightjar
