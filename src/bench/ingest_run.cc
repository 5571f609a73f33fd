#include "bench/ingest_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "base/check.h"
#include "bench/measure.h"
#include "bench/reader.h"
#include "bench/summarize_cost.h"
#include "client/http_client.h"

namespace nightjar::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kMebibyte = 1 << 20;
constexpr double kTrickleSpansPerS = 1'000;
constexpr std::size_t kTrickleConnections = 10;
constexpr std::chrono::minutes kStoringMax{5};

class IngestRun {
 public:
  IngestRun(const IngestOptions& options, const Target& target, Progress& progress)
      : options_(options), target_(target), progress_(progress), stream_(MakePool(options, progress)) {}

  Result<Column> Measure() {
    if (options_.transport == Transport::kGrpc && target_.grpc_port == 0)
      return Fail(ErrorCode::kInvalidArgument, "--transport grpc needs the port: --grpc-port");
    RETURN_IF_ERROR(FullSpeed());
    RETURN_IF_ERROR(HalfSpeed());
    RETURN_IF_ERROR(Mixed());
    RETURN_IF_ERROR(Trickle());
    Idle();
    return Column{.name = Name(), .figures = std::move(figures_)};
  }

 private:
  static std::vector<Body> MakePool(const IngestOptions& options, Progress& progress) {
    progress.Begin(fmt::format("{}: making {} spans", ToString(options.workload.dataset), options.workload.spans));
    WorkloadOptions workload = options.workload;
    // A body must not come round again while it is in flight.
    workload.spans = std::max(workload.spans, 4 * options.connections * workload.spans_per_body);
    return MakeBodies(workload);
  }

  std::string Name() const {
    const std::string_view dataset = ToString(options_.workload.dataset);
    switch (options_.transport) {
      case Transport::kHttp: return std::string(dataset);
      case Transport::kHttpGzip: return fmt::format("{} gzip", dataset);
      case Transport::kGrpc: return fmt::format("{} grpc", dataset);
    }
    CHECK(false);
  }

  void Begin(std::string_view phase) { progress_.Begin(fmt::format("{}: {}", Name(), phase)); }

  void Add(std::string name, std::string label, int decimals, std::optional<double> value) {
    figures_.push_back({std::move(name), std::move(label), decimals, value});
  }

  // Hands out bodies of the stream until they held that many spans.
  NextBody Upto(std::size_t spans) {
    return [this, spans, sent = std::size_t{0}]() mutable -> const Body* {
      progress_.Show(static_cast<double>(sent), static_cast<double>(spans), "spans");
      if (sent >= spans) return nullptr;
      const Body& body = stream_.Next();
      sent += body.spans;
      return &body;
    };
  }

  // … until the time is over.
  NextBody For(std::chrono::seconds time) {
    return [this, time, start = Clock::now()]() -> const Body* {
      const std::chrono::duration<double> since = Clock::now() - start;
      progress_.Show(since.count(), static_cast<double>(time.count()), "s");
      return since >= time ? nullptr : &stream_.Next();
    };
  }

  SendOptions HttpOptions() const {
    return {.host = target_.host, .port = target_.otlp_http_port, .connections = options_.connections};
  }

  // Over the transport that is measured.
  Result<SendReport> Send(double spans_per_s, const NextBody& next) {
    SendOptions send = HttpOptions();
    send.spans_per_s = spans_per_s;
    send.gzip = options_.transport == Transport::kHttpGzip;
    if (options_.transport != Transport::kGrpc) return SendHttp(send, next);
    send.port = target_.grpc_port;
    return SendGrpc(send, next);
  }

  // Bodies made, and compressed, before the first is sent.
  Result<SendReport> SendSpans(double spans_per_s, std::size_t spans) {
    if (options_.transport != Transport::kHttpGzip) return Send(spans_per_s, Upto(spans));
    const std::vector<Body> bodies = stream_.TakeCompressed(spans);
    return Send(spans_per_s, Each(bodies));
  }

  // Compressed as they are sent: nobody has the memory for minutes of them.
  Result<SendReport> SendFor(std::chrono::seconds time) {
    NextBody next = For(time);
    if (options_.transport == Transport::kHttpGzip) next = Compressed(std::move(next), options_.connections);
    return Send(options_.spans_per_s, next);
  }

  std::optional<double> CpuSeconds() const {
    return target_.pid == 0 ? std::nullopt : std::optional(ProcessTreeUsage(target_.pid).cpu_seconds);
  }

  Result<void> FullSpeed() {
    std::uint64_t disk_before = 0;
    if (!target_.data_directory.empty()) {
      ASSIGN_OR_RETURN(disk_before, DiskBytes(target_.data_directory));
    }
    std::optional<MemoryWatch> memory;
    if (target_.pid != 0) memory.emplace(target_.pid);
    Begin("full speed");
    const auto cpu_before = CpuSeconds();
    const double own_before = OwnCpuSeconds();
    Result<SendReport> sent = options_.sustained.count() == 0 ? SendSpans(options_.spans_per_s, options_.workload.spans)
                                                              : SendFor(options_.sustained);
    if (!sent) return Fail(std::move(sent).error());
    const double own_cpu = OwnCpuSeconds() - own_before;
    const auto cpu_sent = CpuSeconds();
    ASSIGN_OR_RETURN(const std::optional<double> until_stored, SecondsUntilStored());
    Begin("settling");
    progress_.Wait(options_.settle);
    const auto spans = static_cast<double>(sent->spans);
    const auto cpu = [&](std::optional<double> after) {
      return after ? std::optional((*after - *cpu_before) / spans * 1e6) : std::nullopt;
    };
    AddLoad(*sent);
    Add("stored_s", "from the last ack until all is stored, s", 0, until_stored);
    Add("stored_spans_per_s", "spans/s stored, from the first byte until all is", 0,
        until_stored ? std::optional(spans / (sent->seconds + *until_stored)) : std::nullopt);
    Add("server_cpu_s_per_1m_spans", "server CPU-s per 1M spans, until the last ack", 2, cpu(cpu_sent));
    const auto settled = cpu(CpuSeconds());
    Add("server_cpu_s_per_1m_spans_settled", "server CPU-s per 1M spans, settled", 2, settled);
    ASSIGN_OR_RETURN(const double summarize, SummarizeCpuSecondsPerMillion(options_.workload));
    Add("summarize_cpu_s_per_1m_spans", "of these, understanding spans", 2, summarize);
    Add("summarize_cpu_percent", "the same, %", 1, settled ? std::optional(summarize / *settled * 100) : std::nullopt);
    Add("server_memory_peak_mib", "server memory peak, MiB", 0,
        memory ? std::optional(static_cast<double>(memory->peak_bytes()) / kMebibyte) : std::nullopt);
    RETURN_IF_ERROR(AddSizes(spans, disk_before));
    Add("client_cpu_s_per_1m_spans", "load generator CPU-s per 1M spans", 2, own_cpu / spans * 1e6);
    return {};
  }

  void AddLoad(const SendReport& sent) {
    const auto spans = static_cast<double>(sent.spans);
    std::size_t refused = 0;
    for (const auto& [status, count] : sent.refusals) refused += count;
    full_spans_per_s_ = spans / std::max(sent.seconds, 1e-9);
    Add("spans_acknowledged", "spans acknowledged", 0, spans);
    Add("spans_rejected", "spans rejected", 0, static_cast<double>(sent.rejected_spans));
    Add("requests_refused", "requests refused (429, 503), sent again", 0, static_cast<double>(refused));
    Add("request_bytes_per_span", "request bytes per span", 0, static_cast<double>(sent.bytes) / spans);
    Add("seconds", "seconds", 2, sent.seconds);
    Add("spans_per_s", "spans/s acknowledged", 0, full_spans_per_s_);
    Add("mb_per_s", "MB/s acknowledged", 1, static_cast<double>(sent.bytes) / 1e6 / std::max(sent.seconds, 1e-9));
    AddAcknowledgements("ack", "acknowledgement", sent);
  }

  void AddAcknowledgements(const std::string& name, const std::string& label, const SendReport& sent) {
    AddQuantiles(name, label, sent.latencies, figures_);
    std::optional<double> max;
    if (!sent.latencies.empty()) max = std::chrono::duration<double, std::milli>(sent.latencies.back()).count();
    Add(name + "_max_ms", label + " max, ms", 1, max);
  }

  Result<void> AddSizes(double spans, std::uint64_t disk_before) {
    std::optional<double> disk, storage;
    if (!target_.data_directory.empty()) {
      ASSIGN_OR_RETURN(const std::uint64_t disk_after, DiskBytes(target_.data_directory));
      disk = static_cast<double>(disk_after > disk_before ? disk_after - disk_before : 0) / spans;
    }
    if (target_.api_port != 0) {
      client::HttpClient api(fmt::format("http://{}:{}", target_.host, target_.api_port));
      ASSIGN_OR_RETURN(const json::object status, api.GetObject("/api/v1/status"));
      const json::value* bytes = status.if_contains("storage_bytes");
      if (bytes == nullptr || !bytes->is_int64()) return Fail(ErrorCode::kInternal, "the status has no storage_bytes");
      storage = static_cast<double>(bytes->get_int64()) / spans;
    }
    Add("disk_bytes_per_span", "bytes per span on disk, settled", 1, disk);
    Add("storage_bytes_per_span", "bytes per span of live data, settled", 1, storage);
    return {};
  }

  Result<void> HalfSpeed() {
    SendReport sent;
    std::optional<double> until_stored;
    const double rate = full_spans_per_s_ / 2;
    if (options_.half.count() != 0) {
      Begin("half speed");
      ASSIGN_OR_RETURN(sent, SendSpans(rate, SpansIn(options_.half, rate)));
      ASSIGN_OR_RETURN(until_stored, SecondsUntilStored());
    }
    Add("half_speed_spans_per_s", "half speed: spans/s offered", 0,
        options_.half.count() == 0 ? std::nullopt : std::optional(rate));
    AddAcknowledgements("half_speed_ack", "half speed: acknowledgement", sent);
    Add("half_speed_stored_s", "half speed: from the last ack until all is stored, s", 0, until_stored);
    return {};
  }

  // What was acknowledged faster than it can be stored waits in the journal, and would make the next figures its own.
  Result<std::optional<double>> SecondsUntilStored() {
    if (target_.api_port == 0) return std::optional<double>();
    Begin("storing");
    client::HttpClient api(fmt::format("http://{}:{}", target_.host, target_.api_port));
    const auto start = Clock::now();
    for (;;) {
      ASSIGN_OR_RETURN(const json::object status, api.GetObject("/api/v1/status"));
      const json::value* journal = status.if_contains("journal");
      const json::value* pending =
          journal != nullptr && journal->is_object() ? journal->get_object().if_contains("pending_requests") : nullptr;
      if (pending == nullptr || !pending->is_number())
        return Fail(ErrorCode::kInternal, "the status does not tell the journal's pending_requests");
      const std::chrono::duration<double> waited = Clock::now() - start;
      if (pending->to_number<std::int64_t>() == 0) return std::optional(waited.count());
      if (waited > kStoringMax)
        return Fail(ErrorCode::kDeadlineExceeded, "what was acknowledged is not stored in time");
      progress_.Wait(std::chrono::seconds(1));
    }
  }

  static std::size_t SpansIn(std::chrono::seconds time, double spans_per_s) {
    return static_cast<std::size_t>(static_cast<double>(time.count()) * spans_per_s);
  }

  Result<void> Mixed() {
    SendReport sent;
    ReadTimes read;
    const bool run = options_.mixed.count() != 0 && target_.api_port != 0;
    if (run) {
      Begin("reads while ingesting");
      Reader reader(target_, options_.workload);
      const double rate = std::min(options_.mixed_spans_per_s, full_spans_per_s_ / 2);
      Result<SendReport> mixed = SendSpans(rate, SpansIn(options_.mixed, rate));
      read = reader.Stop();
      if (!mixed) return Fail(std::move(mixed).error());
      sent = *std::move(mixed);
    }
    const auto attained = static_cast<double>(sent.spans) / std::max(sent.seconds, 1e-9);
    Add("mixed_spans_per_s", "while reading: spans/s acknowledged", 0, run ? std::optional(attained) : std::nullopt);
    AddAcknowledgements("mixed_ack", "while reading: acknowledgement", sent);
    AddQuantiles("visible_by_id", "while ingesting: ack until readable by id", read.until_by_id, figures_);
    AddQuantiles("visible_in_list", "while ingesting: ack until in the list", read.until_in_list, figures_);
    AddQuantiles("by_id", "while ingesting: a trace by id", read.by_id, figures_);
    AddQuantiles("list", "while ingesting: 50 newest traces", read.list, figures_);
    AddQuantiles("search", "while ingesting: 50 newest that match a filter", read.search, figures_);
    Add("read_failures", "while ingesting: reads that failed", 0,
        run ? std::optional(static_cast<double>(read.failures)) : std::nullopt);
    return {};
  }

  Result<void> Trickle() {
    SendReport sent;
    std::optional<double> cores;
    if (options_.trickle.count() != 0) {
      Begin("trickle");
      WorkloadOptions workload = options_.workload;
      workload.dataset = Dataset::kJaeger;
      workload.spans = SpansIn(options_.trickle, kTrickleSpansPerS);
      workload.spans_per_body = 10;
      workload.seed += 1;
      const std::vector<Body> bodies = MakeBodies(workload);
      SendOptions send = HttpOptions();
      send.connections = kTrickleConnections;
      send.spans_per_s = kTrickleSpansPerS;
      progress_.Wait(options_.settle);
      const auto before = CpuSeconds();
      ASSIGN_OR_RETURN(sent, SendHttp(send, Each(bodies)));
      if (before) cores = (*CpuSeconds() - *before) / sent.seconds;
    }
    Add("trickle_cores", "trickle, 10 clients x 10 spans each 100 ms: cores", 3, cores);
    AddQuantiles("trickle_ack", "trickle: acknowledgement", sent.latencies, figures_);
    return {};
  }

  void Idle() {
    std::optional<double> percent, memory;
    if (options_.idle.count() != 0 && target_.pid != 0) {
      Begin("settling");
      progress_.Wait(options_.settle);
      Begin("idle");
      const Usage before = ProcessTreeUsage(target_.pid);
      const auto start = Clock::now();
      progress_.Wait(options_.idle);
      const Usage after = ProcessTreeUsage(target_.pid);
      const std::chrono::duration<double> time = Clock::now() - start;
      percent = (after.cpu_seconds - before.cpu_seconds) / time.count() * 100;
      memory = static_cast<double>(after.resident_bytes) / kMebibyte;
    }
    Add("idle_cpu_percent", "idle: CPU, % of one core", 2, percent);
    Add("idle_memory_mib", "idle: memory, MiB", 0, memory);
  }

  const IngestOptions& options_;
  const Target& target_;
  Progress& progress_;
  BodyStream stream_;
  double full_spans_per_s_ = 0;
  std::vector<Figure> figures_;
};

}  // namespace

Result<Column> MeasureIngest(const IngestOptions& options, const Target& target, Progress& progress) {
  return IngestRun(options, target, progress).Measure();
}

}  // namespace nightjar::bench
