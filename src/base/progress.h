// What a long run is doing, on one line of a terminal's standard error; nothing when that is no terminal.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace nightjar {

// Belongs to one thread. Clears its line when it goes.
class Progress {
 public:
  Progress();
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // A new step of the run. `what` stands in front of everything shown until the next.
  void Begin(std::string what);
  // How far the step is; at most five times a second something is written.
  void Show(double done, double whole, std::string_view unit);
  // Sleeps, counting down.
  void Wait(std::chrono::seconds time);

 private:
  void Write(const std::string& text);

  const bool terminal_;
  std::string what_;
  std::chrono::steady_clock::time_point written_{};
};

}  // namespace nightjar
