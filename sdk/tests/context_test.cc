#include "nightjar/context.h"

#include <coroutine>
#include <thread>

#include "nightjar/tracing.h"
#include "tracing_fixture.h"

namespace nightjar {
namespace {

using sdk_test::ReceivedSpan;

const ContextKey<std::string> kTenant;
const ContextKey<int> kDepth;

TEST(ContextValues, AreFoundByTheirKey) {
  const Context empty;
  EXPECT_EQ(empty.Find(kTenant), nullptr);
  const Context one = empty.With(kTenant, "t-1");
  const Context two = one.With(kDepth, 2).With(kTenant, "t-2");
  EXPECT_EQ(*one.Find(kTenant), "t-1");  // contexts do not change
  EXPECT_EQ(one.Find(kDepth), nullptr);
  EXPECT_EQ(*two.Find(kTenant), "t-2");
  EXPECT_EQ(*two.Find(kDepth), 2);
}

TEST(Scopes, NestAndEndInAnyOrder) {
  EXPECT_EQ(Context::Current().Find(kTenant), nullptr);
  auto outer = std::make_unique<Scope>(Context().With(kTenant, "outer"));
  auto inner = std::make_unique<Scope>(Context().With(kTenant, "inner"));
  EXPECT_EQ(*Context::Current().Find(kTenant), "inner");
  outer.reset();
  EXPECT_EQ(*Context::Current().Find(kTenant), "inner");
  inner.reset();
  EXPECT_EQ(Context::Current().Find(kTenant), nullptr);
}

TEST(Scopes, EndOnAnotherThread) {
  auto scope = std::make_unique<Scope>(Context().With(kTenant, "here"));
  std::thread([moved = std::move(scope)]() mutable {
    EXPECT_EQ(Context::Current().Find(kTenant), nullptr);
    moved.reset();
  }).join();
  EXPECT_EQ(Context::Current().Find(kTenant), nullptr);
}

class ContextTest : public sdk_test::TracingTest {
 protected:
  void SetUp() override { Start(); }
};

TEST_F(ContextTest, AStartedSpanIsNotActiveByItself) {
  {
    Span span = tracer().StartSpan("waiting");
    EXPECT_FALSE(CurrentContext().valid());
    const Scope scope(span.context());
    EXPECT_EQ(CurrentContext().span_id, span.context().span_id);
    const Span child = tracer().StartSpan("child");
  }
  const ReceivedSpan child = Finish("child");
  EXPECT_EQ(child.parent_span_id, Received("waiting").span_id);
}

TEST_F(ContextTest, ValuesAreInheritedBySpansAndTheirChildren) {
  const Scope scope(Context::Current().With(kTenant, "t-1"));
  const Span outer = tracer().StartActiveSpan("outer");
  const Span inner = tracer().StartActiveSpan("inner");
  EXPECT_EQ(*Context::Current().Find(kTenant), "t-1");
  EXPECT_TRUE(CurrentContext().valid());
}

// A coroutine that starts at once and is resumed by whoever calls handle.resume().
struct Task {
  struct Promise {
    Task get_return_object() { return {std::coroutine_handle<Promise>::from_promise(*this)}; }
    std::suspend_never initial_suspend() noexcept { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    void return_void() {}
    void unhandled_exception() { std::terminate(); }
  };
  using promise_type = Promise;
  std::coroutine_handle<Promise> handle;
};

Task Work() {
  const Span span = tracer().StartSpan("coroutine");
  Scope scope(span.context());
  {
    const Span before = tracer().StartSpan("before");
  }
  co_await Across(scope, std::suspend_always());
  {
    const Span after = tracer().StartSpan("after");
  }
}

TEST_F(ContextTest, ACoroutineTakesItsScopeToTheThreadThatResumesIt) {
  Task task = Work();
  EXPECT_FALSE(CurrentContext().valid());  // suspended: this thread goes on without it
  {
    const Span meanwhile = tracer().StartSpan("meanwhile");
  }
  std::thread([&] {
    task.handle.resume();
    EXPECT_FALSE(CurrentContext().valid());
  }).join();
  task.handle.destroy();
  const ReceivedSpan root = Finish("coroutine");
  EXPECT_EQ(Received("before").parent_span_id, root.span_id);
  EXPECT_EQ(Received("after").parent_span_id, root.span_id);
  EXPECT_EQ(Received("meanwhile").parent_span_id, "");
}

}  // namespace
}  // namespace nightjar
