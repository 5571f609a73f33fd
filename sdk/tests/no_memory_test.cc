// What the SDK does while memory is short: every allocation of a program that uses all of it fails in turn, alone, and
// with all that follow it; on the program's thread, and on the SDK's own. Each time nothing may be thrown, printed or
// aborted, and every span must be counted. A program of its own, because it replaces operator new.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <new>
#include <stdexcept>

#include "nightjar/baggage.h"
#include "nightjar/llm.h"
#include "nightjar/propagation.h"
#include "nightjar/tracing.h"
#include "otlp_sink.h"

namespace {

// Which allocations fail.
struct Failing {
  bool on_program_thread = true;
  bool all_later = false;
  long first = 0;
};
constinit Failing g_failing;
constinit std::atomic<bool> g_armed{false};
constinit std::atomic<long> g_allocations{0};  // since armed, on the threads concerned
constinit std::atomic<bool> g_failed{false};   // one has
constinit thread_local bool t_program_thread = false;

bool FailsNow() {
  if (!g_armed.load() || t_program_thread != g_failing.on_program_thread) return false;
  const long number = g_allocations.fetch_add(1);
  const bool fails = number == g_failing.first || (g_failing.all_later && number > g_failing.first);
  if (fails) g_failed = true;
  return fails;
}

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t bytes) {
  void* memory = FailsNow() ? nullptr : std::malloc(bytes);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new[](std::size_t bytes) { return operator new(bytes); }  // which a sanitizer's own would not
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace nightjar {
namespace {

enum ExitCode : int { kFine = 0, kThrew = 1, kLostCount = 2, kDoesNotRecover = 3, kNothingFailed = 4 };

// What the program hands to the SDK, made before memory is short: its own allocations are none of the SDK's.
struct Given {
  explicit Given(const std::string& url)
      : options{.service_name = "a service with a long name",
                .endpoint = url,
                .project_name = "a project with a long name",
                .resource = {{"team", {std::string("the team that looks after search")}}}},
        library{.name = "a library with a long name", .version = "1.2.3"} {
    other.trace_id.fill(7);
    other.span_id.fill(7);
    other.sampled = true;
    other.trace_state = TraceState::Parse("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7").value_or(TraceState());
    received.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    received.Add("tracestate", "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7");
    received.Add("baggage", "tenant=a tenant with a long name,plan=free");
  }

  const TracingOptions options;
  const TracerOptions library;
  const std::runtime_error error{"a message that no small string holds inside itself"};
  const std::vector<std::string> texts = {"one", "a text that no small string holds inside itself"};
  const std::vector<std::vector<double>> vectors = {{0.1, -0.2, 0.3}};
  const std::vector<RetrievedDocument> documents = {{"doc-1", 0.9, "a text that no small string holds inside itself"}};
  SpanContext other;
  HeaderCarrier received;
};

constexpr std::string_view kLong = "a text that no small string holds inside itself, \xFF and one byte of it no UTF-8";
constexpr std::string_view kMessages =
    R"([{"role": "user", "content": [{"type": "text", "text": "a question of some length"}]},
        {"role": "assistant", "content": null, "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}]}])";
constexpr std::string_view kResponse =
    R"({"model": "m-1", "choices": [{"finish_reason": "stop", "message": {"role": "assistant", "content": "\u00e9 yes"}}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}})";
constexpr std::string_view kChunk =
    R"({"model": "m-1", "choices": [{"delta": {"content": "words of an answer that comes in pieces",
        "tool_calls": [{"index": 0, "id": "c", "function": {"name": "search", "arguments": "{}"}}]}}]})";

constexpr int kSpans = 13;  // of UseSpans and UseLlmSpans

void UseSpans(const Given& given) {
  static const ContextKey<int> key;
  const Scope context(Context::Current().With(key, 7).With(kBaggage, Baggage().With("tenant", kLong)));
  Span outer = tracer().StartActiveSpan(kLong, {.kind = SpanKind::kServer, .attributes = {{"at start", kLong}}});
  const AttributeValue items[] = {1, kLong, AttributeMap()};
  outer.SetAttribute("text", kLong);
  outer.SetAttribute("texts", given.texts);
  outer.SetAttribute("mixed", AttributeList(items));
  outer.SetAttribute("text", 1);
  outer.AddEvent(kLong, {{"text", kLong}, {"number", 7}});
  outer.AddLink(given.other, {{"text", kLong}});
  outer.RecordException(given.error, {{"more", kLong}});
  try {
    throw 7;
  } catch (...) {
    outer.RecordCurrentException();
  }
  outer.SetStatus(SpanStatus::kError, kLong);
  outer.UpdateName("another name that no small string holds inside itself");

  HeaderCarrier headers;
  propagator().Inject(Context::Current(), headers);
  const Context remote = propagator().Extract(given.received);
  Span child = tracer().StartSpan("child", {.kind = SpanKind::kClient, .parent = &remote});
  const Scope scope(child.context());
  EnvironmentCarrier environment;
  propagator().Inject(Context::Current(), environment);
  (void)environment.Read("traceparent");
  (void)CurrentContext().trace_id_hex();
  (void)given.other.trace_state.With("shop", kLong.substr(0, 30)).Without("rojo");
  TracerProvider* const provider = tracer_provider();
  Tracer library = provider == nullptr ? Tracer() : provider->tracer(given.library);
  (library.enabled() ? library : tracer()).StartSpan("of a library").End();
  (void)ProbabilitySampler(0.5);
  (void)ParentBasedSampler({.root = AlwaysRecordSampler(nullptr)});
}

void UseLlmSpans(const Given& given) {
  const Scope scope = UsingAttributes({.session_id = kLong, .user_id = kLong, .tags = given.texts});
  const Scope prompt = UsingPromptTemplate({.text = kLong, .version = "v2"});
  Span agent = AgentSpan(kLong, "researcher");
  Span call = LlmSpan("a model with a long name", kMessages, 0.7);
  RecordLlmOutput(call, kResponse);
  Span streamed = LlmSpan({.model = "m", .messages_json = "no JSON", .tools_json = R"([{"type": "function"}])"});
  LlmStream stream(streamed);
  stream.Add(kChunk);
  stream.Add(kChunk);
  stream.Finish();
  Span tool = ToolSpan("a tool with a long name", R"({"place": "Ulm"})", "call_1");
  RecordOutput(tool, R"({"celsius": 21})");
  Span retrieval = RetrievalSpan(kLong, 3);
  RecordRetrievalOutput(retrieval, given.documents);
  Span rerank = RerankerSpan(kLong, "rerank-v3", 3, given.documents);
  RecordRerankerOutput(rerank, given.documents);
  Span embedding = EmbeddingSpan("a model with a long name", given.texts);
  RecordEmbeddingOutput(embedding, given.vectors);
  const Span chain = ChainSpan(kLong, kLong);
  const Span guardrail = GuardrailSpan(kLong, kLong);
  Span judge = EvaluatorSpan(kLong, kLong);
  RecordEvaluation(judge, {.name = kLong, .score = 0.8, .label = kLong, .explanation = kLong});
  Traced(judge, [] {});
}

// Runs in a process of its own, so that each time everything happens for the first time.
ExitCode RunShortOfMemory(const Failing& failing, const Given& given) {
  g_failing = failing;
  t_program_thread = true;
  g_armed = true;
  InitStatus started{};
  TracingStats stats;
  try {
    started = InitTracing(given.options);
    UseSpans(given);
    UseLlmSpans(given);
    (void)ForceFlush();
    (void)tracing_endpoint();
    (void)ShutdownTracing();
    (void)tracing_stats();
    g_armed = false;
    stats = tracing_stats();
  } catch (...) {
    return kThrew;
  }
  if (started == InitStatus::kStarted) {
    if (stats.exported + stats.failed + stats.dropped != kSpans || stats.queued != 0 || stats.live != 0) {
      return kLostCount;
    }
  } else if (started != InitStatus::kOutOfResources || InitTracing(given.options) != InitStatus::kStarted ||
             ShutdownTracing() != FlushStatus::kFlushed) {
    return kDoesNotRecover;
  }
  return g_failed ? kFine : kNothingFailed;
}

// A sink in a process of its own: one that forks must have no other threads.
class SinkProcess {
 public:
  SinkProcess() {
    int url[2];
    if (pipe(url) != 0 || pipe(until_closed_) != 0) std::abort();
    child_ = fork();
    if (child_ == 0) {
      close(until_closed_[1]);
      const sdk_test::OtlpSink sink;
      const std::string text = sink.url();
      if (write(url[1], text.data(), text.size()) < 0) _exit(1);
      char byte = 0;
      _exit(static_cast<int>(read(until_closed_[0], &byte, 1)));
    }
    std::array<char, 64> text{};
    const ssize_t bytes = read(url[0], text.data(), text.size());
    url_.assign(text.data(), bytes > 0 ? static_cast<std::size_t>(bytes) : 0);
    close(url[0]);
    close(url[1]);
  }
  SinkProcess(const SinkProcess&) = delete;
  SinkProcess& operator=(const SinkProcess&) = delete;
  ~SinkProcess() {
    close(until_closed_[0]);
    close(until_closed_[1]);
    waitpid(child_, nullptr, 0);
  }
  [[nodiscard]] const std::string& url() const { return url_; }

 private:
  int until_closed_[2] = {-1, -1};
  pid_t child_ = -1;
  std::string url_;
};

struct Case {
  const char* name;
  bool on_program_thread;
  bool all_later;
};

class NoMemoryTest : public testing::TestWithParam<Case> {
 protected:
  // The child's exit code, or minus the signal that ended it. What it prints goes to `output_`.
  int Run(const Failing& failing, const Given& given) const {
    const pid_t child = fork();
    if (child == 0) {
      dup2(output_, STDOUT_FILENO);
      dup2(output_, STDERR_FILENO);
      _exit(RunShortOfMemory(failing, given));
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  [[nodiscard]] std::string Printed() const {
    struct stat file{};
    EXPECT_EQ(fstat(output_, &file), 0);
    std::string text(static_cast<std::size_t>(file.st_size), '\0');
    EXPECT_EQ(pread(output_, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
    return text;
  }

  const int output_ = memfd_create("output", MFD_CLOEXEC);
};

TEST_P(NoMemoryTest, NothingIsThrownPrintedOrLost) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "the thread sanitizer does not know a child's threads from its parent's";
#endif
  const SinkProcess sink;
  const Given given(sink.url());
  Failing failing{.on_program_thread = GetParam().on_program_thread, .all_later = GetParam().all_later};
  int code = kFine;
  for (; code == kFine; ++failing.first) {
    code = Run(failing, given);
    ASSERT_EQ(Printed(), "") << "allocation " << failing.first;
    ASSERT_TRUE(code == kFine || code == kNothingFailed) << code << " at allocation " << failing.first;
  }
  RecordProperty("allocations", static_cast<int>(failing.first));
  EXPECT_GT(failing.first, GetParam().on_program_thread ? 100 : 1);  // there were that many to fail
}

INSTANTIATE_TEST_SUITE_P(All, NoMemoryTest,
                         testing::Values(Case{"OneOfTheProgram", true, false}, Case{"AllOfTheProgram", true, true},
                                         Case{"OneOfTheWorker", false, false}, Case{"AllOfTheWorker", false, true}),
                         [](const auto& shown) { return std::string(shown.param.name); });

}  // namespace
}  // namespace nightjar
