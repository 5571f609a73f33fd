#include "server/engine_stream.h"

#include <fmt/format.h>

#include <utility>

namespace nightjar::server {

EngineStream::EngineStream(store::ClickHouse& clickhouse, Statement statement)
    : clickhouse_(clickhouse),
      statement_(std::move(statement)),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

EngineStream::~EngineStream() = default;

void EngineStream::Run(const std::stop_token& stop) {
  const store::QueryOptions options{.timeout = kEngineStreamTimeMax, .format = statement_.format, .stop = stop};
  Result<void> done = clickhouse_.Stream(statement_.sql, statement_.params, options, [&](std::string_view piece) {
    std::unique_lock lock(mutex_);
    bytes_ += piece;
    changed_.notify_all();
    return changed_.wait(lock, stop, [&] { return bytes_.size() < kEngineStreamBytesMax; });
  });
  const std::lock_guard lock(mutex_);
  result_ = std::move(done);
  changed_.notify_all();
}

Result<std::string> EngineStream::Next(const std::stop_token& abandoned) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait(lock, abandoned, [&] { return !bytes_.empty() || result_; }))
    return Fail(ErrorCode::kUnavailable, "nobody waits for the answer any more");
  if (bytes_.empty() && !*result_) return Fail(result_->error());
  changed_.notify_all();
  return std::exchange(bytes_, std::string());
}

void EngineStream::Leave() {
  {
    const std::lock_guard lock(mutex_);
    is_left_ = true;
  }
  thread_.request_stop();
}

bool EngineStream::over() const {
  const std::lock_guard lock(mutex_);
  return is_left_ && result_;
}

Result<std::shared_ptr<EngineStream>> EngineStreams::Begin(EngineStream::Statement statement) {
  const std::lock_guard lock(mutex_);
  std::erase_if(streams_, [](const auto& stream) { return stream->over(); });
  if (streams_.size() >= kEngineStreamsMax)
    return Fail(ErrorCode::kUnavailable, fmt::format("{} exports are running already", kEngineStreamsMax));
  EngineStream* stream = streams_.emplace_back(std::make_unique<EngineStream>(clickhouse_, std::move(statement))).get();
  return std::shared_ptr<EngineStream>(stream, [](EngineStream* left) { left->Leave(); });
}

}  // namespace nightjar::server
