#include "ingest/retention.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <utility>

#include "base/now.h"

namespace nightjar::ingest {
namespace {

constexpr std::chrono::hours kEvery{1};
constexpr std::chrono::seconds kPatience{1};  // SIGTERM waits for this too
constexpr UnixNanos kDayNs = 86'400'000'000'000;

}  // namespace

Retention::Retention(std::function<Result<std::vector<KeptFor>>()> rules, Ingest& ingest)
    : rules_(std::move(rules)), ingest_(ingest), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

Retention::~Retention() = default;

void Retention::Check() {
  const std::lock_guard lock(mutex_);
  check_wanted_ = true;
  changed_.notify_one();
}

void Retention::Run(const std::stop_token& stop) {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait_for(lock, stop, kEvery, [this] { return check_wanted_; });
      if (stop.stop_requested()) return;
      check_wanted_ = false;
    }
    Pass(stop);
  }
}

void Retention::Pass(const std::stop_token& stop) {
  const Result<std::vector<KeptFor>> rules = rules_();
  if (!rules) {
    spdlog::error("how long projects keep their traces cannot be read, nothing is erased: {}", rules.error().message);
    return;
  }
  for (const KeptFor& kept : *rules) {
    if (stop.stop_requested()) return;
    const UnixNanos kept_ns = static_cast<UnixNanos>(kept.days) * kDayNs;
    const UnixNanos now = Now();
    if (kept_ns >= now) continue;
    const Result<void> erased = ingest_.Erase(
        {.project = kept.project, .trace_id = {}, .session_id = {}, .before_unix_ns = now - kept_ns}, kPatience);
    if (erased) {
      spdlog::info("erased what project {} had from more than {} days ago", kept.project, kept.days);
    } else if (erased.error().code == ErrorCode::kUnavailable) {
      spdlog::info("erasing what is old of project {} takes longer: {}", kept.project, erased.error().message);
    } else if (erased.error().code != ErrorCode::kNotFound) {
      spdlog::error("what is old of project {} was not erased: {}", kept.project, erased.error().message);
    }
  }
}

}  // namespace nightjar::ingest
