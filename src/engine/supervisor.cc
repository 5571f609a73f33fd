#include "engine/supervisor.h"

#include <fmt/format.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "base/check.h"
#include "engine/internal/child_process.h"
#include "engine/internal/exit_code.h"

namespace nightjar::engine {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kReadyMax{30'000};
constexpr milliseconds kStopPatience{3'000};
constexpr milliseconds kPingEvery{2'000};
constexpr milliseconds kAnswerMax{5'000};    // a child that takes longer is not ready
constexpr milliseconds kSilenceMax{10'000};  // … and is killed
constexpr std::array kBackOff = {milliseconds(0), milliseconds(100), milliseconds(500), milliseconds(2'000),
                                 milliseconds(10'000)};
constexpr milliseconds kHealthy{1'000};  // a child that lived so long starts the back-off anew

constexpr int kNotRun = 127;  // as a shell says it

Result<void> CheckFiles(const EngineOptions& options) {
  CHECK(options.data_path.is_absolute() && options.socket_path.is_absolute());
  if (access(options.library.c_str(), R_OK) != 0) {
    return Fail(ErrorCode::kNotFound,
                fmt::format("there is no engine library at {}: run ./x setup or set --engine-library",
                            options.library.string()));
  }
  std::error_code error;
  std::filesystem::create_directories(options.data_path, error);
  if (!error && access(options.data_path.c_str(), R_OK | W_OK | X_OK) != 0) {
    error = std::error_code(errno, std::generic_category());
  }
  if (error) {
    return Fail(ErrorCode::kFailedPrecondition,
                fmt::format("the engine cannot write to {} ({}): change its rights or choose another --data-dir",
                            options.data_path.string(), error.message()));
  }
  return {};
}

std::string SilentFor(milliseconds time) {
  return fmt::format("it did not answer for {} s", duration_cast<std::chrono::seconds>(time).count());
}

Error StartError(const EngineOptions& options, const ChildEnd& end) {
  const std::string path = options.data_path.string();
  if (end.exited && end.number == std::to_underlying(ExitCode::kLocked)) {
    return {ErrorCode::kFailedPrecondition,
            fmt::format("cannot lock {}: another nightjar uses it, stop that one or choose another --data-dir", path)};
  }
  if (end.exited && end.number == std::to_underlying(ExitCode::kLibrary)) {
    return {ErrorCode::kFailedPrecondition,
            fmt::format("{} is not the engine library of this version: run ./x setup", options.library.string())};
  }
  if (end.exited && end.number == std::to_underlying(ExitCode::kDirectory)) {
    return {ErrorCode::kFailedPrecondition,
            fmt::format("the engine cannot use {} or the socket {}: see its log", path, options.socket_path.string())};
  }
  return {ErrorCode::kFailedPrecondition,
          fmt::format("the engine did not start on {} ({}): see its log", path, ToString(end))};
}

}  // namespace

struct Supervisor::Impl {
  explicit Impl(EngineOptions engine_options)
      : options(std::move(engine_options)), stop_event(eventfd(0, EFD_CLOEXEC)) {
    CHECK(stop_event >= 0);
  }

  void Run();
  // One life of a child, from its start to its end; nothing when it was stopped.
  std::optional<ChildEnd> RunOnce();
  // From its readiness to its end.
  std::optional<ChildEnd> Watch(ChildProcess& child);
  // A ping, and a second one when that was not answered.
  ChildProcess::Outcome CheckAnswers(const ChildProcess& child);
  std::optional<ChildEnd> Stopped(ChildProcess& child);
  bool Pause(milliseconds time) const;  // false when it is time to stop
  void Publish(std::optional<Error> start_error);
  void SetReady(bool ready);

  const EngineOptions options;
  const int stop_event;

  std::mutex mutex;
  std::condition_variable started;
  EngineState state;                  // guarded by mutex
  std::optional<Result<void>> start;  // guarded by mutex; the outcome of the first start
  std::thread thread;
};

void Supervisor::Impl::Publish(std::optional<Error> start_error) {
  if (start) return;
  if (start_error) {
    start = Fail(std::move(*start_error));
  } else {
    start.emplace();
  }
  started.notify_all();
}

void Supervisor::Impl::SetReady(bool ready) {
  const std::lock_guard lock(mutex);
  state.ready = ready;
}

bool Supervisor::Impl::Pause(milliseconds time) const {
  pollfd stop{stop_event, POLLIN, 0};
  return poll(&stop, 1, static_cast<int>(time.count())) == 0;
}

std::optional<ChildEnd> Supervisor::Impl::Stopped(ChildProcess& child) {
  milliseconds patience{0};  // of one that does not answer
  {
    const std::lock_guard lock(mutex);
    if (std::exchange(state.ready, false)) patience = kStopPatience;
  }
  const ChildEnd end = child.Stop(patience);
  const std::lock_guard lock(mutex);
  state.pid = 0;
  state.last_exit = ToString(end);
  return std::nullopt;
}

std::optional<ChildEnd> Supervisor::Impl::RunOnce() {
  auto child = ChildProcess::Start(options, stop_event);
  if (!child) {
    spdlog::error("engine: {}", child.error().message);
    const std::lock_guard lock(mutex);
    Publish(child.error());
    return ChildEnd{.exited = true, .number = kNotRun, .why = {}};
  }
  {
    const std::lock_guard lock(mutex);
    state.pid = (*child)->pid();
  }
  const auto readiness = (*child)->WaitReady(kReadyMax);
  switch (readiness.outcome) {
    case ChildProcess::Outcome::kStopped: return Stopped(**child);
    case ChildProcess::Outcome::kEnded: return (*child)->Reap();
    case ChildProcess::Outcome::kTimeout: {
      ChildEnd end = (*child)->Kill(SilentFor(kReadyMax));
      const std::lock_guard lock(mutex);
      Publish(StartError(options, end));
      return end;
    }
    case ChildProcess::Outcome::kAnswered: break;
  }
  {
    const std::lock_guard lock(mutex);
    state.ready = true;
    state.sandboxed = readiness.sandboxed;
    Publish(std::nullopt);
  }
  return Watch(**child);
}

std::optional<ChildEnd> Supervisor::Impl::Watch(ChildProcess& child) {
  for (;;) {
    auto outcome = child.Wait(kPingEvery);
    if (outcome == ChildProcess::Outcome::kTimeout) outcome = CheckAnswers(child);
    switch (outcome) {
      case ChildProcess::Outcome::kStopped: return Stopped(child);
      case ChildProcess::Outcome::kEnded: return child.Reap();
      case ChildProcess::Outcome::kTimeout: return child.Kill(SilentFor(kSilenceMax));
      case ChildProcess::Outcome::kAnswered: break;
    }
  }
}

// The second wait is on a connection of its own and begins anew, so that a child which was asleep with us, as a laptop
// may be, has its time to answer.
ChildProcess::Outcome Supervisor::Impl::CheckAnswers(const ChildProcess& child) {
  auto outcome = child.Ping(kAnswerMax);
  if (outcome != ChildProcess::Outcome::kTimeout) return outcome;
  SetReady(false);
  spdlog::warn("engine: {}", SilentFor(kAnswerMax));
  outcome = child.Ping(kSilenceMax - kAnswerMax);
  if (outcome == ChildProcess::Outcome::kAnswered) {
    SetReady(true);
    spdlog::info("engine: it answers again");
  }
  return outcome;
}

void Supervisor::Impl::Run() {
  for (std::size_t failures = 0;;) {
    const auto begin = Clock::now();
    const auto end = RunOnce();
    if (!end) return;
    if (Clock::now() - begin >= kHealthy) failures = 0;
    {
      const std::lock_guard lock(mutex);
      state.ready = false;
      state.pid = 0;
      state.last_exit = ToString(*end);
      Publish(StartError(options, *end));
      if (start && !*start) return;
    }
    const milliseconds pause = kBackOff[std::min(failures, kBackOff.size() - 1)];
    ++failures;
    spdlog::warn("engine: ended with {}, starts again in {} ms", ToString(*end), pause.count());
    if (!Pause(pause)) return;
    const std::lock_guard lock(mutex);
    ++state.restarts;
  }
}

Result<std::unique_ptr<Supervisor>> Supervisor::Start(EngineOptions options) {
  RETURN_IF_ERROR(CheckFiles(options));
  auto impl = std::make_unique<Impl>(std::move(options));
  impl->thread = std::thread([p = impl.get()] { p->Run(); });
  std::unique_ptr<Supervisor> supervisor(new Supervisor(std::move(impl)));
  Impl& running = *supervisor->impl_;
  std::unique_lock lock(running.mutex);
  running.started.wait(lock, [&] { return running.start.has_value(); });
  if (!*running.start) {
    Error error = running.start->error();
    lock.unlock();
    return Fail(std::move(error));
  }
  lock.unlock();
  return supervisor;
}

Supervisor::Supervisor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Supervisor::~Supervisor() {
  eventfd_write(impl_->stop_event, 1);
  impl_->thread.join();
  close(impl_->stop_event);
}

EngineState Supervisor::state() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->state;
}

}  // namespace nightjar::engine
