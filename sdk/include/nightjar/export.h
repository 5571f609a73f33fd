// What happens to spans: processors see them start and end, exporters carry finished ones away.
//
// Threads: all may make processors and exporters at once.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nightjar/span.h"

namespace nightjar {

namespace sdk {
struct TracerState;
struct ScopeSpans;
}  // namespace sdk

// How a flush, a shutdown or an export ended.
enum class FlushStatus {
  kFlushed,   // every span that had ended was accepted
  kFailed,    // some were dropped or refused; see TracingStats::last_error
  kTimedOut,  // some are still on their way
};

// A finished span as plain values.
struct SpanRecord {
  // Something that happened at one moment.
  struct Event {
    std::string name;
    std::uint64_t time_unix_ns = 0;
    OwnedAttributes attributes;
    std::uint32_t attributes_dropped = 0;
  };
  // Another span that this one has to do with.
  struct Link {
    SpanContext context;
    OwnedAttributes attributes;
    std::uint32_t attributes_dropped = 0;
  };
  std::string name;
  SpanContext context;
  SpanId parent_span_id{};  // all zero for a root
  bool parent_remote = false;
  SpanKind kind = SpanKind::kInternal;
  std::uint64_t start_unix_ns = 0;
  std::uint64_t end_unix_ns = 0;
  OwnedAttributes attributes;
  std::vector<Event> events;
  std::vector<Link> links;
  std::uint32_t attributes_dropped = 0;
  std::uint32_t events_dropped = 0;
  std::uint32_t links_dropped = 0;
  SpanStatus status = SpanStatus::kUnset;
  std::string status_description;
};

// A finished span, borrowed: valid during the call it was passed to. It is kept as the bytes of an OTLP Span; Read()
// costs what reading them costs. Any thread may read it meanwhile.
//   const auto show = [](const ReadableSpan& span) {
//     std::printf("%s %s: %s\n", span.scope_name().c_str(), span.scope_version().c_str(), span.Read().name.c_str());
//     std::printf("%zu attributes of the resource, %zu bytes\n", span.resource().size(), span.otlp().size());
//     if (!span.sampled()) std::puts("recorded only");
//   };
class ReadableSpan {
 public:
  ReadableSpan(std::string_view otlp, bool sampled, const sdk::TracerState& tracer) noexcept
      : otlp_(otlp), sampled_(sampled), tracer_(&tracer) {}
  [[nodiscard]] SpanRecord Read() const noexcept;  // empty when there is no memory
  [[nodiscard]] std::string_view otlp() const noexcept { return otlp_; }
  [[nodiscard]] bool sampled() const noexcept { return sampled_; }
  [[nodiscard]] const std::string& scope_name() const noexcept;
  [[nodiscard]] const std::string& scope_version() const noexcept;
  [[nodiscard]] const OwnedAttributes& resource() const noexcept;
  [[nodiscard]] const sdk::TracerState& tracer() const noexcept { return *tracer_; }

 private:
  std::string_view otlp_;
  bool sampled_;
  const sdk::TracerState* tracer_;
};

// Finished spans on their way to an exporter, in the order they ended within each scope. One thread at a time may use
// it.
//   SpanBatch batch;
//   batch.Add(finished);
//   std::printf("%zu spans, %zu bytes\n", batch.count(), batch.bytes());
//   for (const ReadableSpan& span : batch.spans()) std::puts(span.Read().name.c_str());
//   batch.Clear();
class SpanBatch {
 public:
  SpanBatch() noexcept;
  SpanBatch(SpanBatch&&) noexcept;
  SpanBatch& operator=(SpanBatch&&) noexcept;
  ~SpanBatch();

  void Add(const ReadableSpan& span);  // throws std::bad_alloc, and is as it was
  void Clear() noexcept;               // keeps the memory
  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] const std::vector<sdk::ScopeSpans>& scopes() const noexcept { return scopes_; }
  // All spans, borrowed from the batch. Throws std::bad_alloc.
  [[nodiscard]] std::vector<ReadableSpan> spans() const;

 private:
  std::vector<sdk::ScopeSpans> scopes_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

// What became of a batch.
struct ExportResult {
  std::uint64_t exported = 0;
  std::uint64_t failed = 0;
  std::string error = {};  // why some failed; if none did, what the receiver warns of
};

// Write your own by deriving. One thread at a time calls Export. What Export throws fails its batch.
//   class Count final : public SpanExporter {
//    public:
//     ExportResult Export(const SpanBatch& batch) override {
//       std::printf("%zu spans\n", batch.count());
//       return {.exported = batch.count()};
//     }
//     void Cancel() noexcept override {}  // Export does not wait for anything
//   };
class SpanExporter {
 public:
  SpanExporter() = default;
  SpanExporter(const SpanExporter&) = delete;
  SpanExporter& operator=(const SpanExporter&) = delete;
  virtual ~SpanExporter() = default;

  // Blocks until the batch is delivered or given up, retries included. A batch fails whose export throws.
  virtual ExportResult Export(const SpanBatch& batch) = 0;

  // Makes a running Export, and every later one, return soon. Called once, when its processor is shut down, on the
  // thread that does so.
  virtual void Cancel() noexcept = 0;
};

// Write your own by deriving. OnStart, OnEnding and OnEnd run on the program's threads, at once on several of them:
// they must not block and must not throw. All processors see OnEnding before any sees OnEnd.
//   class Host final : public SpanProcessor {
//    public:
//     void OnStart(Span& span, const Context& parent) noexcept override {
//       if (!parent.span().valid()) span.SetAttribute("entry", true);
//     }
//     void OnEnding(Span& span) noexcept override { span.SetAttribute("host.name", "a1"); }
//     void OnEnd(const ReadableSpan&) noexcept override {}
//     FlushStatus ForceFlush(std::chrono::milliseconds) noexcept override { return FlushStatus::kFlushed; }
//     FlushStatus Shutdown(std::chrono::milliseconds) noexcept override { return FlushStatus::kFlushed; }
//   };
//   InitTracing({.processors = {std::make_shared<Host>()}});
class SpanProcessor {
 public:
  SpanProcessor() = default;
  SpanProcessor(const SpanProcessor&) = delete;
  SpanProcessor& operator=(const SpanProcessor&) = delete;
  virtual ~SpanProcessor() = default;

  // The span may be changed, and belongs to the caller.
  virtual void OnStart(Span& /*span*/, const Context& /*parent*/) noexcept {}
  // Its end time is set; it may be changed still.
  virtual void OnEnding(Span& /*span*/) noexcept {}
  // `span` is gone afterwards: copy what is needed. Spans that are recorded only come here too.
  virtual void OnEnd(const ReadableSpan& span) noexcept = 0;

  virtual FlushStatus ForceFlush(std::chrono::milliseconds timeout) noexcept = 0;
  // Flushes, then stops. Later calls of anything do nothing.
  virtual FlushStatus Shutdown(std::chrono::milliseconds timeout) noexcept = 0;
};
using SpanProcessorPtr = std::shared_ptr<SpanProcessor>;  // shared by providers

// When spans leave a batch processor, and how many may wait.
struct BatchOptions {
  std::chrono::milliseconds schedule_delay{5'000};  // how long a span waits at most before it leaves; at least 1
  std::size_t queue_spans_max = 2'048;              // and 64 MiB; what comes on top is dropped and counted
  std::size_t batch_spans_max = 512;                // and 8 MiB
};

// Makes an exporter; null when that cannot be. Called once, and once more in each forked child, which must not touch
// its parent's connections.
using ExporterFactory = std::function<std::unique_ptr<SpanExporter>()>;

// Exports on a thread of its own, which never runs the program's signal handlers. A forked child starts with an empty
// queue and its own thread. Null when no thread can be started.
//   auto processor = BatchSpanProcessor([] { return OtlpHttpExporter({.endpoint = "https://c:4318/v1/traces"}); });
SpanProcessorPtr BatchSpanProcessor(ExporterFactory exporter, const BatchOptions& options = {}) noexcept;

// Exports each span as it ends, on the thread that ends it, which waits. For tests and for looking at spans at once.
// Null when `exporter` is, or when there is no memory.
//   TracerProvider& provider = TracerProvider::Create({.processors = {SimpleSpanProcessor(ConsoleExporter())}});
SpanProcessorPtr SimpleSpanProcessor(std::unique_ptr<SpanExporter> exporter) noexcept;

// Of the bodies of requests.
enum class Compression { kNone, kGzip };

// Where spans are sent, and how.
struct OtlpHttpOptions {
  std::string endpoint = {};  // an http:// or https:// URL, used as it is
  std::vector<std::pair<std::string, std::string>> headers = {};
  Compression compression = Compression::kNone;
  std::chrono::milliseconds request_timeout{10'000};
  std::chrono::milliseconds export_timeout{30'000};  // one batch, with its retries
  std::string certificate = {};                      // file of trusted certificates, PEM; empty: the system's
  std::string client_certificate = {};
  std::string client_key = {};
  std::size_t request_bytes_max = 64U << 20;  // before compression; a larger batch is given up
  std::size_t answer_bytes_max = 4U << 20;
};

// OTLP over HTTP, as protobuf. Answers 429, 502, 503 and 504 and connection failures are tried again, after the time
// the server asks for or with exponential back-off and jitter. Null when there is no memory.
std::unique_ptr<SpanExporter> OtlpHttpExporter(OtlpHttpOptions options) noexcept;

// Writes spans to stdout for people: one line a span, one indented line for each event and attribute. Null when there
// is no memory.
std::unique_ptr<SpanExporter> ConsoleExporter() noexcept;

}  // namespace nightjar
