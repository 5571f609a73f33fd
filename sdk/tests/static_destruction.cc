// A program whose statics end spans after main() has returned, some after the exit handler has shut tracing down, while
// a thread goes on making spans. With an argument it shuts tracing down itself before.
#include <chrono>
#include <thread>

#include "nightjar/tracing.h"

namespace {

struct Static {
  const char* name;
  nightjar::Span held;

  explicit Static(const char* its_name) : name(its_name) {}
  Static(const Static&) = delete;
  Static& operator=(const Static&) = delete;
  ~Static() {
    nightjar::Span span = nightjar::tracer().StartActiveSpan(name);
    span.SetAttribute("key", "value");
    span.AddEvent("event");
  }
};

Static before_tracing("destroyed after the exit handler");

void MakeSpans() {
  while (true) {
    nightjar::tracer().StartActiveSpan("on a thread").End();
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

}  // namespace

int main(int argc, char** /*argv*/) {
  nightjar::tracer().StartActiveSpan("in main").End();
  static Static after_tracing("destroyed before the exit handler");
  before_tracing.held = nightjar::tracer().StartSpan("held after the exit handler");
  after_tracing.held = nightjar::tracer().StartSpan("held before the exit handler");
  std::thread(MakeSpans).detach();
  if (argc > 1) nightjar::ShutdownTracing();
  return 0;
}
