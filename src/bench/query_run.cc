#include "bench/query_run.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include "bench/body_stream.h"
#include "bench/fill.h"
#include "bench/measure.h"
#include "bench/questions.h"
#include "bench/sender.h"
#include "client/http_client.h"

namespace nightjar::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Times = std::vector<std::chrono::nanoseconds>;

constexpr std::size_t kBusyPoolSpans = 100'000;
constexpr auto kCrowdTime = std::chrono::seconds(15);
constexpr double kMebibyte = 1024.0 * 1024.0;

std::string UrlOf(const Target& target) { return fmt::format("http://{}:{}", target.host, target.api_port); }

// The operating system forgets what it read of these files. Files that merges remove meanwhile need not be forgotten.
Result<void> ForgetFiles(const std::filesystem::path& directory) {
  ASSIGN_OR_RETURN(const std::vector<std::filesystem::path> files, FilesUnder(directory));
  for (const std::filesystem::path& path : files) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    fdatasync(file);
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    close(file);
  }
  return {};
}

// Spans that arrive until it is stopped, sent by a thread of its own.
class Arrivals {
 public:
  Arrivals(const Target& target, const WorkloadOptions& workload, double spans_per_s) : stream_(Pool(workload)) {
    thread_ = std::jthread([this, target, spans_per_s](const std::stop_token& stop) {
      sent_ = SendHttp({.host = target.host, .port = target.otlp_http_port, .spans_per_s = spans_per_s},
                       [this, &stop]() -> const Body* { return stop.stop_requested() ? nullptr : &stream_.Next(); });
    });
  }

  Result<SendReport> Stop() {
    thread_.request_stop();
    thread_.join();
    return std::move(sent_);
  }

 private:
  static std::vector<Body> Pool(WorkloadOptions workload) {
    workload.spans = kBusyPoolSpans;
    ++workload.seed;
    return BodyMaker(workload).Make(kBusyPoolSpans);
  }

  BodyStream stream_;
  Result<SendReport> sent_ = SendReport();
  std::jthread thread_;
};

class QueryRun {
 public:
  QueryRun(const QueryOptions& options, const Target& target, Progress& progress)
      : options_(options), target_(target), progress_(progress), api_(UrlOf(target)), random_(options.workload.seed) {}

  Result<Column> Run() {
    ASSIGN_OR_RETURN(const Filled filled, Fill(options_.workload, target_, progress_));
    column_.name = std::string(ToString(options_.workload.dataset));
    Add("spans", "spans", 0, static_cast<double>(filled.sent.spans));
    std::uint64_t parts = 0;
    for (const TableSize& table : filled.tables) parts += table.parts;
    Add("parts", "parts", 0, static_cast<double>(parts));
    const std::vector<Question> questions = QuestionsOf(options_.workload, random_);
    for (const Question& question : questions) {
      RETURN_IF_ERROR(ForgetFiles(target_.data_directory));
      ASSIGN_OR_RETURN(const Times cold, Ask(question, "cold", 1));
      Add(question.name + "_cold_ms", question.label + ", cold, ms", 1,
          std::chrono::duration<double, std::milli>(cold.front()).count());
    }
    for (const Question& question : questions) {
      ASSIGN_OR_RETURN(const Times times, Ask(question, "warm", options_.repeats));
      AddQuantiles(question.name, question.label, times, column_.figures);
    }
    if (options_.busy_spans_per_s > 0) RETURN_IF_ERROR(WhileSpansArrive(questions));
    if (options_.crowd > 0) RETURN_IF_ERROR(Crowd());
    return std::move(column_);
  }

 private:
  void Add(std::string name, std::string label, int digits, std::optional<double> value) {
    column_.figures.push_back({std::move(name), std::move(label), digits, value});
  }

  // Ascending.
  Result<Times> Ask(const Question& question, std::string_view how, std::size_t repeats) {
    progress_.Begin(fmt::format("{}, {}: {}", column_.name, how, question.label));
    Times times;
    const auto begin = Clock::now();
    for (std::size_t i = 0; i < repeats && (i == 0 || Clock::now() - begin < options_.question_max); ++i) {
      const std::string path = question.target();
      const auto start = Clock::now();
      ASSIGN_OR_RETURN(const client::HttpAnswer answer, api_.Get(path));
      times.push_back(Clock::now() - start);
      if (answer.status != 200)
        return Fail(ErrorCode::kUnavailable, fmt::format("GET {} was answered {}", path, answer.status));
      progress_.Show(static_cast<double>(i), static_cast<double>(repeats), "questions");
    }
    std::ranges::sort(times);
    return times;
  }

  Result<void> WhileSpansArrive(const std::vector<Question>& questions) {
    Arrivals arrivals(target_, options_.workload, options_.busy_spans_per_s);
    for (const Question& question : questions) {
      ASSIGN_OR_RETURN(const Times times, Ask(question, "while spans arrive", options_.repeats));
      AddQuantiles(question.name + "_busy", question.label + ", while spans arrive:", times, column_.figures);
    }
    ASSIGN_OR_RETURN(const SendReport sent, arrivals.Stop());
    Add("busy_spans_per_s", "spans/s acknowledged meanwhile", 0, static_cast<double>(sent.spans) / sent.seconds);
    return {};
  }

  Result<void> Crowd() {
    const double rate = options_.busy_spans_per_s > 0 ? options_.busy_spans_per_s : 10'000;
    progress_.Begin(fmt::format("{}: acknowledgements without a crowd", column_.name));
    Arrivals alone(target_, options_.workload, rate);
    progress_.Wait(kCrowdTime);
    ASSIGN_OR_RETURN(const SendReport before, alone.Stop());
    AddQuantiles("ack_alone", "acknowledgement without questions", before.latencies, column_.figures);

    progress_.Begin(fmt::format("{}: acknowledgements with {} questions at once", column_.name, options_.crowd));
    const MemoryWatch memory(target_.pid);
    Arrivals arrivals(target_, options_.workload, rate);
    std::atomic<std::size_t> answered = 0, refused = 0;
    {
      std::vector<std::jthread> people;
      const std::vector<std::string> targets = HeavyTargets(options_.workload);
      for (std::size_t i = 0; i < options_.crowd; ++i)
        people.emplace_back([&, path = targets[i % targets.size()]](const std::stop_token& stop) {
          client::HttpClient api(UrlOf(target_));
          while (!stop.stop_requested()) {
            const auto answer = api.Get(path);
            ++(answer && answer->status == 200 ? answered : refused);
          }
        });
      progress_.Wait(kCrowdTime);
      for (std::jthread& person : people) person.request_stop();  // all before one is waited for
    }
    ASSIGN_OR_RETURN(const SendReport during, arrivals.Stop());
    AddQuantiles("ack_crowd", fmt::format("acknowledgement, {} questions at once:", options_.crowd), during.latencies,
                 column_.figures);
    const auto p99 = [](const SendReport& report) {
      return static_cast<double>(Quantile(report.latencies, 0.99).count());
    };
    Add("ack_crowd_ratio", "p99, times that without questions", 1, p99(during) / p99(before));
    Add("crowd_answered", "their answers", 0, static_cast<double>(answered));
    Add("crowd_refused", "of them not 200", 0, static_cast<double>(refused));
    Add("crowd_memory_mib", "memory peak, MiB", 0, static_cast<double>(memory.peak_bytes()) / kMebibyte);
    return {};
  }

  const QueryOptions& options_;
  const Target& target_;
  Progress& progress_;
  client::HttpClient api_;
  std::mt19937_64 random_;
  Column column_;
};

}  // namespace

Result<Column> MeasureQueries(const QueryOptions& options, const Target& target, Progress& progress) {
  return QueryRun(options, target, progress).Run();
}

}  // namespace nightjar::bench
