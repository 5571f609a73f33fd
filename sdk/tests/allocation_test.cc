// A program of its own, because it replaces operator new.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "nightjar/tracing.h"

namespace {

thread_local std::size_t t_allocations = 0;

}  // namespace

void* operator new(std::size_t bytes) {
  ++t_allocations;
  if (void* memory = std::malloc(bytes)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace nightjar {
namespace {

void MakeSpans() {
  Span outer = tracer().StartActiveSpan("outer");
  outer.SetAttribute("http.request.method", "POST");
  Span inner = tracer().StartActiveSpan("a name that no small string holds inside itself");
  inner.SetAttribute("url.path", "/v1/chat/completions");
  inner.AddEvent("event", {{"number", 7}});
}

std::size_t AllocationsOfAHundredSpans() {
  MakeSpans();  // warms the thread up
  const std::size_t before = t_allocations;
  for (int i = 0; i < 50; ++i) MakeSpans();
  return t_allocations - before;
}

TEST(Allocations, SpansThatAreNotSampled) {
  setenv("OTEL_TRACES_SAMPLER", "always_off", 1);
  ASSERT_EQ(InitTracing({.endpoint = "http://127.0.0.1:9"}), InitStatus::kStarted);
  EXPECT_EQ(AllocationsOfAHundredSpans(), 0U);
  ShutdownTracing();
  EXPECT_EQ(AllocationsOfAHundredSpans(), 0U);  // nor when tracing is off
}

// The batch they are copied into grows by doubling: 100 spans of some 150 bytes make a few steps.
TEST(Allocations, SpansThatAreRecorded) {
  setenv("OTEL_TRACES_SAMPLER", "always_on", 1);
  setenv("OTEL_BSP_EXPORT_TIMEOUT", "0", 1);
  ASSERT_EQ(InitTracing({.endpoint = "http://127.0.0.1:9"}), InitStatus::kStarted);
  EXPECT_LE(AllocationsOfAHundredSpans(), 10U);
  ShutdownTracing();
}

}  // namespace
}  // namespace nightjar
