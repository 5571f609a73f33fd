#include "server/live_spans.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <utility>

#include "base/json.h"
#include "base/now.h"
#include "query/search.h"
#include "server/query_json.h"
#include "server/stream_routes.h"

namespace nightjar::server {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLookEvery{250};
constexpr std::chrono::seconds kHeartbeat{15};
constexpr std::chrono::seconds kQuestionMax{5};
constexpr std::size_t kEventsPerPiece = 500;

}  // namespace

LiveSpans::LiveSpans(ApiSources sources)
    : sources_(std::move(sources)), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

LiveSpans::~LiveSpans() {
  thread_.request_stop();
  thread_.join();
  const std::lock_guard lock(mutex_);
  for (const auto& weak : clients_)
    if (const auto client = weak.lock(); client && client->wanted)
      std::exchange(client->wanted, nullptr)(std::string());
}

bool LiveSpans::Add(const std::shared_ptr<LiveClient>& client) {
  const std::lock_guard lock(mutex_);
  std::erase_if(clients_, [](const auto& weak) { return weak.expired(); });
  if (clients_.size() >= kStreamsMax) return false;
  clients_.push_back(client);
  return true;
}

void LiveSpans::Want(const std::shared_ptr<LiveClient>& client, PieceDone done) {
  const std::lock_guard lock(mutex_);
  client->wanted = std::move(done);
  client->quiet_since = Clock::now();
  changed_.notify_one();
}

void LiveSpans::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::vector<std::shared_ptr<LiveClient>> waiting;
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, kLookEvery, [] { return false; });
      std::erase_if(clients_, [](const auto& weak) { return weak.expired(); });
      for (const auto& weak : clients_)
        if (auto client = weak.lock(); client && client->wanted) waiting.push_back(std::move(client));
    }
    for (const auto& client : waiting)
      if (!stop.stop_requested()) Serve(client);
  }
}

// Only this thread takes `wanted` away, but for the destructor, which comes after it.
void LiveSpans::Serve(const std::shared_ptr<LiveClient>& client) {
  const std::uint64_t stored = sources_.stored_end();
  Result<std::string> piece = std::string();
  const bool over = client->abandoned.stop_requested();
  if (!over && client->asked_at != stored) piece = NewEvents(*client);
  PieceDone done;
  {
    const std::lock_guard lock(mutex_);
    const bool is_quiet = piece && piece->empty();
    if (is_quiet) client->asked_at = stored;
    if (is_quiet && !over) {
      if (Clock::now() - client->quiet_since < kHeartbeat) return;
      piece = std::string(": heartbeat\n\n");
    }
    done = std::exchange(client->wanted, nullptr);
  }
  done(std::move(piece));
}

Result<std::string> LiveSpans::NewEvents(LiveClient& client) const {
  const query::Window window{.project = client.project, .now = Now()};
  const query::Search search(sources_.clickhouse, {.timeout = kQuestionMax, .stop = client.abandoned});
  ASSIGN_OR_RETURN(const std::vector<query::Arrival> arrivals,
                   search.Arrived(client.expression, window, client.last_seq, kEventsPerPiece));
  std::string events;
  for (const query::Arrival& arrival : arrivals) {
    events += fmt::format("id: {}\nevent: span\ndata: {}\n\n", arrival.seq, ToJson(ToJsonValue(arrival.span)));
    client.last_seq = arrival.seq;
  }
  return events;
}

}  // namespace nightjar::server
