// The examples in the public headers, which header_examples.py makes functions of. They are compiled, never run: what
// they take for granted is declared here.
#include <cstdio>
#include <thread>

#include "nightjar/baggage.h"
#include "nightjar/llm.h"
#include "nightjar/openinference.h"
#include "nightjar/propagation.h"
#include "nightjar/tracing.h"

namespace nightjar {

using namespace std::chrono_literals;

extern Span span;
extern Scope scope;
extern SpanContext queued_by;
extern HeaderCarrier received_headers;
extern ReadableSpan finished;
extern std::vector<RetrievedDocument> found;
extern std::string question, messages, json;
extern bool debug;

std::string Ask(const std::string& question);
std::string Explain(const std::string& question);
bool NextChunk(std::string& json);

// A coroutine of the least kind, and something to wait for in it.
struct Task {
  struct promise_type {
    Task get_return_object() { return {}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_never final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() {}
  };
};
struct Answer : std::suspend_always {
  std::string await_resume() { return {}; }
};
Answer AskLater(const std::string& question);

#include "header_examples.inc"

}  // namespace nightjar
