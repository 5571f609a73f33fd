#include "base/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <thread>
#include <utility>

namespace nightjar {
namespace {

constexpr auto kWriteEvery = std::chrono::milliseconds(200);
constexpr const char* kClearLine = "\r\033[K";

}  // namespace

Progress::Progress() : terminal_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() { Write(""); }

void Progress::Begin(std::string what) {
  what_ = std::move(what);
  Write(what_);
}

void Progress::Show(double done, double whole, std::string_view unit) {
  const auto now = std::chrono::steady_clock::now();
  if (now - written_ < kWriteEvery) return;
  written_ = now;
  Write(fmt::format("{}: {:.0f} of {:.0f} {}", what_, done, whole, unit));
}

void Progress::Wait(std::chrono::seconds time) {
  for (auto waited = std::chrono::seconds(0); waited < time; ++waited) {
    Show(static_cast<double>(waited.count()), static_cast<double>(time.count()), "s");
    std::this_thread::sleep_for(std::chrono::seconds(1));
  }
}

void Progress::Write(const std::string& text) {
  if (!terminal_) return;
  fmt::print(stderr, "{}{}", kClearLine, text);
  std::fflush(stderr);
}

}  // namespace nightjar
