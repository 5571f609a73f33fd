#include <fmt/format.h>

#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "bench/sender.h"
#include "bench/tally.h"
#include "client/otlp_grpc_client.h"

namespace nightjar::bench {
namespace {

constexpr auto kRetryPause = std::chrono::milliseconds(50);
constexpr int kUnavailableStatus = 503;  // what gRPC's UNAVAILABLE is over HTTP

class Run {
 public:
  Run(const SendOptions& options, const NextBody& next)
      : address_(fmt::format("{}:{}", options.host, options.port)), next_(next), tally_(options.spans_per_s) {}

  Result<SendReport> Finish(std::size_t calls) {
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < calls; ++i) threads.emplace_back([this] { SendAll(); });
    }
    if (failure_) return Fail(*failure_);
    return tally_.Finish();
  }

 private:
  void SendAll() {
    client::OtlpGrpcClient client(address_);
    for (;;) {
      const Body* body = nullptr;
      Tally::Clock::time_point due;
      {
        const std::lock_guard lock(mutex_);
        if (!failure_) body = next_();
        if (body == nullptr) return;
        due = tally_.TakeDue(*body);
      }
      std::this_thread::sleep_until(due);
      while (!SendOnce(client, *body, due)) std::this_thread::sleep_for(kRetryPause);
    }
  }

  // False when the server asks to come back.
  bool SendOnce(client::OtlpGrpcClient& client, const Body& body, Tally::Clock::time_point due) {
    const Result<std::string> answer = client.Export(body.bytes, "");
    const std::lock_guard lock(mutex_);
    if (answer) {
      tally_.Acknowledge(body, due, *answer);
      return true;
    }
    // Before the first acknowledgement it is rather that nobody listens there.
    if (answer.error().code == ErrorCode::kUnavailable && tally_.any_acknowledged()) {
      tally_.Refuse(kUnavailableStatus);
      return false;
    }
    failure_ = answer.error();
    return true;
  }

  const std::string address_;
  std::mutex mutex_;
  // Guarded by mutex_:
  const NextBody& next_;
  Tally tally_;
  std::optional<Error> failure_;  // ends every thread
};

}  // namespace

Result<SendReport> SendGrpc(const SendOptions& options, const NextBody& next) {
  return Run(options, next).Finish(options.connections);
}

}  // namespace nightjar::bench
