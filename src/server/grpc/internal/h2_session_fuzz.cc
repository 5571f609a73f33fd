// Bytes of a client, after HTTP/2's preface and SETTINGS, through the whole protocol: frames, headers, messages, health
// and reflection. What OTLP's messages hold is the business of the decoders' fuzzers.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "server/grpc/internal/h2_session.h"
#include "server/grpc/internal/health_service.h"
#include "server/grpc/internal/reflection_service.h"

namespace nightjar::server::internal {
namespace {

constexpr std::string_view kGreeting("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);
constexpr std::size_t kBudgetBytes = 1 << 20;

// What the connections of one server share.
struct Services {
  Services() {
    static const ReflectionService reflection;
    reflection.AddTo(methods);
    health.AddTo(methods);
    methods["/echo"] = {.shape = CallShape::kUnary,
                        .where = CallRunsOn::kIo,
                        .message_bytes_max = 4096,
                        .handle = [](const std::shared_ptr<Call>& call, std::string message) {
                          CHECK(message.size() <= 4096);
                          call->SendAndFinish(std::move(message));
                        }};
  }

  boost::asio::io_context io;  // never runs: a watcher hears once
  HealthService health{io, [] { return Result<void>(); }};
  GrpcMethods methods;
};

}  // namespace
}  // namespace nightjar::server::internal

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace nightjar::server;
  using namespace nightjar::server::internal;
  static const GrpcLimits limits{.message_bytes_max = 4096, .metadata_bytes_max = 1024, .streams_max = 8};
  Services services;
  WorkerPool workers(1, 1);
  const auto budget = std::make_shared<ByteBudget>(kBudgetBytes);
  const GrpcContext context{
      limits, services.methods, workers, budget,
      [](std::string_view, std::string_view, const GrpcStatus& status) { CHECK(status.code != 0); }};
  std::deque<std::pair<std::int32_t, CallEvent>> events;
  {
    H2Session session(context, "fuzzer", [&](std::int32_t stream_id, CallEvent event) {
      events.emplace_back(stream_id, std::move(event));
    });
    CHECK(session.Receive(kGreeting));
    std::string_view left(reinterpret_cast<const char*>(bytes), size);
    bool open = true;
    while (open && !left.empty()) {
      const std::string_view part = left.substr(0, 4096);
      left.remove_prefix(part.size());
      open = session.Receive(part);
      for (; !events.empty(); events.pop_front()) {
        session.Answer(events.front().first, std::move(events.front().second));
      }
      while (!session.Pending().empty()) continue;
      open = open && !session.done() && session.CheckDeadlines(H2Session::Clock::now());
    }
    services.health.Stop();
  }
  events.clear();
  CHECK(budget->TryTake(kBudgetBytes));  // everything was given back
  return 0;
}
