#include "bench/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <random>
#include <utility>

#include "base/now.h"
#include "client/http_client.h"

namespace nightjar::bench {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;

constexpr auto kRoundEvery = std::chrono::milliseconds(100);
constexpr auto kVisibleMax = std::chrono::seconds(10);
constexpr const char* kProject = "bench-reader";  // small, so that its list holds the newest trace on one page
constexpr std::uint64_t kSeed = 0x8ead;           // ids of no other workload
constexpr std::size_t kRoundsMax = 3'000;

class Session {
 public:
  Session(const Target& target, const WorkloadOptions& older, ReadTimes& times)
      : older_(older),
        times_(times),
        api_(fmt::format("http://{}:{}", target.host, target.api_port)),
        otlp_(fmt::format("http://{}:{}", target.host, target.otlp_http_port)),
        random_(kSeed),
        bodies_(MakeBodies({.dataset = Dataset::kJaeger,
                            .spans = 10 * kRoundsMax,
                            .spans_per_body = 10,
                            .seed = kSeed,
                            .end_unix_ns = Now()})) {}

  // REQUIRES: number < kRoundsMax
  void Round(std::size_t number) {
    SendAndLook(number);
    const std::string id = TraceIdOf(older_.seed, random_() % TraceCount(older_)).ToHex();
    Time("/api/v1/traces/" + id, times_.by_id);
    const std::string newest = fmt::format("/api/v1/projects/{}/traces?limit=50", ProjectOf(older_.dataset));
    Time(newest, times_.list);
    Time(newest + "&q=" + client::PercentEncode(SearchOf(older_.dataset)), times_.search);
  }

 private:
  // Sends one trace of Jaeger's set.
  void SendAndLook(std::size_t number) {
    const auto sent = otlp_.Post("/v1/traces", bodies_.at(number).bytes,
                                 {"content-type: application/x-protobuf", fmt::format("x-project-name: {}", kProject)});
    if (!sent || sent->status != 200) return Failed();
    const auto acknowledged = Clock::now();
    const std::string id = TraceIdOf(kSeed, number).ToHex();
    const std::string path = fmt::format("/api/v1/projects/{}/traces", kProject);
    Await(acknowledged, path + "/" + id, "\"span_count\":10", times_.until_by_id);
    Await(acknowledged, path + "?limit=5", id, times_.until_in_list);
  }

  // Asks until the answer holds the text.
  void Await(Clock::time_point since, const std::string& target, const std::string& text,
             std::vector<nanoseconds>& times) {
    while (Clock::now() - since < kVisibleMax) {
      const auto answer = api_.Get(target);
      if (!answer) return Failed();
      if (answer->status == 200 && answer->body.find(text) != std::string::npos)
        return times.push_back(Clock::now() - since);
    }
    Failed();
  }

  void Time(const std::string& target, std::vector<nanoseconds>& times) {
    const auto start = Clock::now();
    const auto answer = api_.Get(target);
    if (!answer || answer->status != 200) return Failed();
    times.push_back(Clock::now() - start);
  }

  void Failed() { ++times_.failures; }

  const WorkloadOptions& older_;
  ReadTimes& times_;
  client::HttpClient api_;
  client::HttpClient otlp_;
  std::mt19937_64 random_;
  const std::vector<Body> bodies_;
};

}  // namespace

Reader::Reader(const Target& target, const WorkloadOptions& older)
    : target_(target), older_(older), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void Reader::Run(const std::stop_token& stop) {
  Session session(target_, older_, times_);
  std::size_t number = 0;
  do {
    const auto next = Clock::now() + kRoundEvery;
    session.Round(number++);
    std::this_thread::sleep_until(next);
  } while (number < kRoundsMax && !stop.stop_requested());
}

ReadTimes Reader::Stop() {
  thread_.request_stop();
  thread_.join();
  for (auto* times : {&times_.until_by_id, &times_.until_in_list, &times_.by_id, &times_.list, &times_.search})
    std::ranges::sort(*times);
  return std::move(times_);
}

}  // namespace nightjar::bench
