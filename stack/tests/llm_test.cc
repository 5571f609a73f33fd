// The client of models, against the scripted server and against one that records what it is sent.
#include "stack/llm.h"

#include <cstdlib>

#include "recorder.h"
#include "scripted_server.h"
#include "stack/event_stream.h"
#include "stack/retry.h"
#include "tracing_test_base.h"

namespace stack {
namespace {

namespace json = boost::json;

const json::array kQuestion = {{{"role", "user"}, {"content", "q"}}};

class LlmTest : public TracingTest {
 protected:
  // What goes wrong; empty when nothing does.
  static std::string ErrorOf(const LlmClient& llm, const ChatOptions& options = {}) try {
    (void)llm.Chat(kQuestion, options);
    return {};
  } catch (const LlmError& error) {
    return error.what();
  }

  // The span of the only call.
  ReceivedSpan Call() {
    const std::vector<ReceivedSpan> spans = Spans();
    EXPECT_EQ(spans.size(), 1U);
    return spans.at(0);
  }
};

TEST_F(LlmTest, StreamsTextAndToolCalls) {
  const ScriptedServer server(Script(R"({"delay_ms": 0, "content": "Let me see.", "piece_bytes": 4,
      "tool_calls": [{"name": "now", "arguments": {}}, {"name": "add", "arguments": {"a": 1, "b": 2}}],
      "usage": {"prompt_tokens_details": {"cached_tokens": 1}, "completion_tokens_details": {"reasoning_tokens": 2}}})"));
  std::vector<std::string> pieces;
  const ChatReply reply =
      server.client().Chat(kQuestion, {.on_text = [&](std::string_view piece) { pieces.emplace_back(piece); }});
  EXPECT_EQ(pieces, (std::vector<std::string>{"Let ", "me s", "ee."}));
  EXPECT_EQ(json::value(reply.message), json::parse(R"({"role": "assistant", "content": "Let me see.", "tool_calls": [
      {"id": "call_1", "type": "function", "function": {"name": "now", "arguments": "{}"}},
      {"id": "call_1_1", "type": "function", "function": {"name": "add", "arguments": "{\"a\":1,\"b\":2}"}}]})"));
  EXPECT_EQ(reply.finish_reason, "tool_calls");
  // "q" is 1 token; the answer 3, "now" and "{}" 1 each, "add" 1 and {"a":1,"b":2} of 13 characters 4.
  EXPECT_EQ(reply.total_tokens, 1 + 3 + 2 + 5);

  const ReceivedSpan call = Call();
  EXPECT_EQ(Text(call, "llm.output_messages.0.message.content"), "Let me see.");
  EXPECT_EQ(Text(call, "llm.output_messages.0.message.tool_calls.1.tool_call.function.arguments"), R"({"a":1,"b":2})");
  EXPECT_EQ(call.attributes.at("llm.token_count.prompt"), Value(std::int64_t{1}));
  EXPECT_EQ(call.attributes.at("llm.token_count.completion"), Value(std::int64_t{10}));
  EXPECT_EQ(call.attributes.at("llm.token_count.total"), Value(std::int64_t{11}));
  EXPECT_EQ(call.attributes.at("llm.token_count.prompt_details.cache_read"), Value(std::int64_t{1}));
  EXPECT_EQ(call.attributes.at("llm.token_count.completion_details.reasoning"), Value(std::int64_t{2}));
  ASSERT_EQ(call.events.size(), 1U);
  EXPECT_EQ(call.events[0].name, "First Token Stream Event");
}

TEST_F(LlmTest, AStreamThatBreaksKeepsWhatCame) {
  const ScriptedServer server(
      Script(R"({"delay_ms": 0, "content": "Half a sentence", "piece_bytes": 4, "break_after_pieces": 3})"));
  std::string heard;
  const std::string error = ErrorOf(server.client(), {.on_text = [&](std::string_view piece) { heard += piece; }});
  EXPECT_EQ(error.substr(0, 35), "cannot ask the model at http://127.");
  EXPECT_EQ(heard, "Half a s");
  const ReceivedSpan call = Call();
  EXPECT_EQ(call.status, 2U);
  EXPECT_EQ(Text(call, "llm.output_messages.0.message.content"), "Half a s");
}

TEST_F(LlmTest, AsksAgainAndTellsSo) {
  const ScriptedServer server(Script(R"({"delay_ms": 0, "content": "Yes.", "faults": [{"delay_ms": 0, "close": true},
      {"delay_ms": 0, "status": 429, "error": "slow down", "retry_after": "0"},
      {"delay_ms": 0, "status": 503, "error": "overloaded"}]})"));
  EXPECT_EQ(server.client().Chat(kQuestion).message.at("content").as_string(), "Yes.");
  const ReceivedSpan call = Call();
  EXPECT_EQ(call.status, 0U);
  ASSERT_EQ(call.events.size(), 3U);
  for (const auto& event : call.events) EXPECT_EQ(event.name, "retry");
  EXPECT_EQ(call.events[0].attributes.at("attempt"), Value(std::int64_t{1}));
  EXPECT_EQ(call.events[1].attributes.at("delay_ms"), Value(std::int64_t{0}));
  EXPECT_EQ(call.events[1].attributes.at("error"), Value(server.url() + "/chat/completions answered 429: slow down"));
  EXPECT_EQ(call.events[2].attributes.at("attempt"), Value(std::int64_t{3}));
}

TEST_F(LlmTest, GivesUpAfterTheLastAttempt) {
  const ScriptedServer server(Script(R"({"delay_ms": 0, "status": 500, "error": "broken"})"));
  EXPECT_EQ(ErrorOf(server.client()), server.url() + "/chat/completions answered 500: broken");
  const ReceivedSpan call = Call();
  ASSERT_EQ(call.events.size(), 4U);  // three retries and the exception
  EXPECT_EQ(call.events[3].name, "exception");
  EXPECT_EQ(call.status, 2U);
}

TEST_F(LlmTest, DoesNotWaitForAServerThatAsksForTooMuch) {
  const ScriptedServer server(Script(R"({"delay_ms": 0, "status": 429, "error": "tomorrow", "retry_after": "86400"})"));
  EXPECT_EQ(ErrorOf(server.client()), server.url() + "/chat/completions answered 429: tomorrow");
  EXPECT_EQ(Call().events.size(), 1U);
}

TEST_F(LlmTest, DoesNotAskAgainWhatIsRefused) {
  const ScriptedServer server(Script(R"({"delay_ms": 0, "status": 401, "error": "no such key"})"));
  EXPECT_EQ(ErrorOf(server.client()), server.url() + "/chat/completions answered 401: no such key");
  EXPECT_EQ(Call().events.size(), 1U);
}

TEST_F(LlmTest, SaysWhatIsNoAnswer) {
  const ScriptedServer server(Script(R"({"delay_ms": 0, "body": "<html>"})"));
  EXPECT_EQ(ErrorOf(server.client()), "the model's server answered no chat completion: <html>");
}

TEST_F(LlmTest, TakesAWholeAnswerWhereItAskedForAStream) {
  const ScriptedServer server(Script(
      R"({"delay_ms": 0, "body": "{\"choices\": [{\"message\": {\"role\": \"assistant\", \"content\": \"Yes.\"}}]}"})"));
  EXPECT_EQ(server.client().Chat(kQuestion, {.on_text = [](std::string_view) {}}).message.at("content"), "Yes.");
}

TEST_F(LlmTest, TimesOut) {
  const ScriptedServer server(Script(R"({"delay_ms": 3000, "content": "late"})"));
  ModelServerConfig config = server.config();
  config.timeout = std::chrono::seconds(1);
  const LlmClient llm({.server = config, .model = "m"});
  try {
    (void)llm.Chat(kQuestion);
    FAIL() << "the answer takes three seconds";
  } catch (const LlmError& error) {
    EXPECT_EQ(error.kind(), LlmError::Kind::kTimeout);
  }
}

TEST_F(LlmTest, IsStopped) {
  const ScriptedServer server(Script(R"({"delay_ms": 0, "status": 503, "error": "overloaded", "retry_after": "50"})"));
  std::stop_source stop;
  stop.request_stop();
  try {
    (void)server.client().Chat(kQuestion, {.stop = stop.get_token()});
    FAIL() << "it was stopped";
  } catch (const LlmError& error) {
    EXPECT_EQ(error.kind(), LlmError::Kind::kStopped);
  }
}

TEST_F(LlmTest, WhatTheListenerThrowsEndsTheCall) {
  const ScriptedServer server(Script(R"({"delay_ms": 0, "content": "Yes."})"));
  struct Gone {};
  EXPECT_THROW((void)server.client().Chat(kQuestion, {.on_text = [](std::string_view) { throw Gone(); }}), Gone);
}

constexpr const char* kYes = R"({"choices": [{"message": {"role": "assistant", "content": "Yes."}}]})";

TEST_F(LlmTest, SendsTheRequestOfOpenAi) {
  Recorder recorder(kYes);
  const LlmClient llm({.server = {.base_url = recorder.url(), .api_key = "k"}, .model = "gpt"});
  const ChatReply reply = llm.Chat(kQuestion, {.temperature = 0.2, .max_tokens = 9, .parameters = {{"seed", 7}}});
  EXPECT_EQ(reply.finish_reason, "");
  EXPECT_EQ(reply.total_tokens, std::nullopt);
  const HttpRequest request = recorder.request();
  EXPECT_EQ(request.target(), "/v1/chat/completions");  // a base URL without a path gets /v1
  EXPECT_EQ(request["authorization"], "Bearer k");
  EXPECT_EQ(request["content-type"], "application/json");
  EXPECT_EQ(json::parse(request.body()), json::parse(R"({"model": "gpt", "stream": false, "temperature": 0.2,
      "max_tokens": 9, "seed": 7, "messages": [{"role": "user", "content": "q"}]})"));
  const ReceivedSpan call = Call();
  EXPECT_EQ(request["traceparent"], "00-" + call.trace_id + "-" + call.span_id + "-03");
  EXPECT_EQ(Text(call, "llm.invocation_parameters"), R"({"temperature": 0.2, "seed": 7, "max_tokens": 9})");
}

TEST_F(LlmTest, ATemperatureMayBeLeftOut) {
  Recorder recorder(kYes);
  (void)LlmClient({.server = {.base_url = recorder.url()}, .model = "o3"})
      .Chat(kQuestion, {.temperature = std::nullopt});
  EXPECT_FALSE(json::parse(recorder.request().body()).as_object().contains("temperature"));
  EXPECT_EQ(recorder.request().count("authorization"), 0U);
  EXPECT_EQ(Text(Call(), "llm.invocation_parameters"), "{}");
}

// libcurl asks a proxy for every http:// address but those of the tests' own servers: one recorder stands for all
// hosts, and is told in the request's target which one is meant.
class BaseUrlTest : public LlmTest {
 protected:
  void SetUp() override {
    setenv("http_proxy", recorder_.url().c_str(), 1);
    setenv("no_proxy", "127.0.0.1", 1);
  }
  void TearDown() override {
    unsetenv("http_proxy");
    unsetenv("no_proxy");
    LlmTest::TearDown();
  }
  Recorder recorder_{kYes};
};

TEST_F(BaseUrlTest, EachKindOfServerIsAskedItsWay) {
  struct Case {
    std::string base_url;
    std::string key;
    std::string target;
    std::string api_key;        // of the header api-key
    std::string authorization;  // of the header of that name
    std::string provider;       // on the span
  };
  const std::string azure = "http://shop.openai.azure.com";
  const std::vector<Case> cases = {
      {azure + "/openai/deployments/gpt-4o?api-version=2024-10-21", "k",
       azure + "/openai/deployments/gpt-4o/chat/completions?api-version=2024-10-21", "k", "", "azure"},
      {azure + "/openai/v1", "k", azure + "/openai/v1/chat/completions", "k", "", "azure"},
      {azure + "/openai/v1/?api-version=preview", "k", azure + "/openai/v1/chat/completions?api-version=preview", "k",
       "", "azure"},
      {"http://shop.services.ai.azure.com/openai/v1", "k",
       "http://shop.services.ai.azure.com/openai/v1/chat/completions", "k", "", "azure"},
      {"http://api.openai.com/v1", "k", "http://api.openai.com/v1/chat/completions", "", "Bearer k", "openai"},
      // vLLM, with and without its --api-key; Ollama and llama.cpp, which have none.
      {"http://gpu:8000", "k", "http://gpu:8000/v1/chat/completions", "", "Bearer k", "(none)"},
      {"http://gpu:8000/v1", "", "http://gpu:8000/v1/chat/completions", "", "", "(none)"},
      {"http://gpu:11434", "", "http://gpu:11434/v1/chat/completions", "", "", "(none)"},
      {"http://gpu:11434/v1/", "", "http://gpu:11434/v1/chat/completions", "", "", "(none)"},
      {"http://gpu:8080/", "", "http://gpu:8080/v1/chat/completions", "", "", "(none)"},
  };
  for (const Case& c : cases) {
    (void)LlmClient({.server = {.base_url = c.base_url, .api_key = c.key}, .model = "m"}).Chat(kQuestion);
    const HttpRequest request = recorder_.request();
    EXPECT_EQ(request.target(), c.target);
    EXPECT_EQ(request["api-key"], c.api_key) << c.base_url;
    EXPECT_EQ(request["authorization"], c.authorization) << c.base_url;
    EXPECT_EQ(Text(Spans().back(), "llm.provider"), c.provider) << c.base_url;
  }
}

TEST(ModelServer, KnowsBaseUrls) {
  const auto url = [](const std::string& base) { return ModelServer({.base_url = base}).Url("/chat/completions"); };
  EXPECT_EQ(url("https://api.openai.com/v1"), "https://api.openai.com/v1/chat/completions");
  EXPECT_EQ(url("https://api.openai.com/v1/"), "https://api.openai.com/v1/chat/completions");
  EXPECT_EQ(url("http://localhost:11434"), "http://localhost:11434/v1/chat/completions");
  EXPECT_EQ(url("http://localhost:8000/"), "http://localhost:8000/v1/chat/completions");
  EXPECT_EQ(url("https://x.openai.azure.com/openai/deployments/d?api-version=2024-10-21"),
            "https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=2024-10-21");
  EXPECT_EQ(ModelServer({.base_url = "https://x.openai.azure.com/openai/v1"}).provider(), "azure");
  EXPECT_EQ(ModelServer({.base_url = "https://api.openai.com/v1"}).provider(), "openai");
  EXPECT_EQ(ModelServer({.base_url = "http://localhost:8000"}).provider(), "");
  try {
    (void)url("localhost:8000");
    FAIL() << "that is no URL";
  } catch (const LlmError& error) {
    EXPECT_STREQ(error.what(), "not an http:// or https:// URL: localhost:8000");
  }
}

TEST(Retry, OfWhatMayPass) {
  for (const long status : {408L, 429L, 500L, 502L, 503L, 504L, 529L}) EXPECT_TRUE(IsWorthRetrying({.status = status}));
  for (const long status : {301L, 400L, 401L, 404L, 422L, 501L}) EXPECT_FALSE(IsWorthRetrying({.status = status}));
  EXPECT_FALSE(IsWorthRetrying({.status = 429, .body = R"({"error": {"code": "insufficient_quota"}})"}));
}

TEST(Retry, AsTheServerAsks) {
  using std::chrono::milliseconds;
  EXPECT_EQ(AskedDelay({.retry_after = "7"}), milliseconds(7'000));
  EXPECT_EQ(AskedDelay({.retry_after = "7", .retry_after_ms = "250"}), milliseconds(250));
  EXPECT_EQ(AskedDelay({.retry_after = "Wed, 21 Oct 2015 07:28:00 GMT"}), milliseconds(0));
  EXPECT_GT(AskedDelay({.retry_after = "Fri, 31 Dec 2100 23:59:59 GMT"}), milliseconds(1'000'000'000));
  EXPECT_EQ(AskedDelay({}), std::nullopt);
  EXPECT_EQ(AskedDelay({.retry_after = "soon"}), std::nullopt);
  EXPECT_EQ(AskedDelay({.retry_after = "-1"}), std::nullopt);
}

TEST(Retry, BacksOff) {
  using std::chrono::milliseconds;
  const RetryPolicy policy{.first_delay = milliseconds(100), .delay_max = milliseconds(350)};
  EXPECT_EQ(Backoff(policy, 1, 0.0), milliseconds(50));
  EXPECT_EQ(Backoff(policy, 1, 0.5), milliseconds(75));
  EXPECT_EQ(Backoff(policy, 2, 0.0), milliseconds(100));
  EXPECT_EQ(Backoff(policy, 3, 0.0), milliseconds(175));
  EXPECT_EQ(Backoff(policy, 40, 0.0), milliseconds(175));
}

TEST(EventStream, ReadsEventsOfAnyPieces) {
  constexpr std::string_view kStream =
      "data: one\n\n: a comment\r\nid: 7\r\ndata:two\r\ndata: lines\r\n\r\ndata\n\ndata: x";
  for (std::size_t size = 1; size <= kStream.size(); ++size) {
    std::vector<std::string> events;
    EventStream stream([&](const std::string& data) { events.push_back(data); });
    for (std::size_t at = 0; at < kStream.size(); at += size) stream.Feed(kStream.substr(at, size));
    EXPECT_EQ(events, (std::vector<std::string>{"one", "two\nlines"})) << size;
  }
}

}  // namespace
}  // namespace stack
