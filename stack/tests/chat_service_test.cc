// The chat server's routes over real HTTP: the scripted server behind, a sink for its spans.
#include "stack/chat_service.h"

#include <list>

#include "http_exchange.h"
#include "recorder.h"
#include "scripted_server.h"
#include "stack/builtin_tools.h"
#include "stack/documents.h"
#include "tracing_test_base.h"

namespace stack {
namespace {

namespace json = boost::json;

constexpr const char* kTraceId = "0af7651916cd43dd8448eb211c80319c";
constexpr const char* kTraceparent = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";

// One chat server with what it needs.
class Chat {
 public:
  explicit Chat(const std::string& script = ScriptedLlm::kDefaultScript, const std::string& collector = "",
                std::chrono::seconds model_timeout = std::chrono::seconds(120))
      : models_(script), llm_(Client(models_, model_timeout)), feedback_(collector, "key") {
    RegisterBuiltinTools(tools_, retriever_);
  }

  HttpExchange::Response Ask(std::string_view line, std::string_view headers = {}, std::string_view body = {}) {
    return Exchange(server_.address(), RequestText(line, headers, body));
  }
  ChatService& service() { return service_; }
  [[nodiscard]] std::string address() const { return server_.address(); }

 private:
  static LlmClient Client(const ScriptedServer& models, std::chrono::seconds timeout) {
    ModelServerConfig server = models.config();
    server.timeout = timeout;
    return LlmClient({.server = server, .model = "qwen2.5-7b-instruct"});
  }

  ScriptedServer models_;
  HybridRetriever retriever_{DemoCorpus()};
  ToolRegistry tools_;
  LlmClient llm_;
  Agent agent_{llm_, tools_, kSystemPrompt};
  FeedbackClient feedback_;
  ChatService service_{agent_, feedback_};
  HttpServer server_{"127.0.0.1",
                     0,
                     [this](const HttpRequest& request) { return service_.Answer(request); },
                     {.connections_max = 8, .body_bytes_max = 50'000},
                     &ChatService::Refuse};
};

std::string TraceOf(const HttpExchange::Response& response) { return std::string(response["X-Trace-Id"]); }

// The error's code; the body must name the header's trace.
std::string CodeOf(const HttpExchange::Response& response) {
  const json::value body = json::parse(response.body());
  EXPECT_EQ(TraceOf(response).size(), 32U);
  EXPECT_EQ(body.at("trace_id").as_string(), TraceOf(response));
  return std::string(body.at("error").at("code").as_string());
}

class ChatServiceTest : public TracingTest {};

TEST_F(ChatServiceTest, AnswersInTheCallersTrace) {
  Chat chat;
  const auto response = chat.Ask("POST /chat", std::string(kTraceparent) + "X-User-Id: ada\r\nX-Session-Id: s-1\r\n",
                                 R"({"message": "What is WAL?"})");
  EXPECT_EQ(response.result_int(), 200U);
  EXPECT_EQ(TraceOf(response), kTraceId);
  EXPECT_EQ(json::parse(response.body()),
            json::parse(R"({"reply": "The notes found by the search are all there is on this question.",
      "trace_id": "0af7651916cd43dd8448eb211c80319c", "stop_reason": "final_answer"})"));

  const std::vector<ReceivedSpan> spans = Spans();
  ASSERT_EQ(Waterfall(spans), (std::vector<std::string>{"POST /chat", "  agent.run", "    llm.chat",
                                                        "    tool.search_docs", "      retrieval", "    llm.chat"}));
  EXPECT_EQ(spans[0].parent_span_id, "b7ad6b7169203331");
  for (const ReceivedSpan& span : spans) EXPECT_EQ(span.trace_id, kTraceId);
  EXPECT_EQ(Text(spans[0], "openinference.span.kind"), "CHAIN");
  EXPECT_EQ(Text(spans[0], "input.value"), "What is WAL?");
  EXPECT_EQ(Text(spans[0], "output.value"), "The notes found by the search are all there is on this question.");
  EXPECT_EQ(Text(spans[0], "http.request.method"), "POST");
  EXPECT_EQ(spans[0].attributes.at("http.response.status_code"), Value(std::int64_t{200}));
  EXPECT_EQ(Text(spans[1], "user.id"), "ada");
  EXPECT_EQ(Text(spans[1], "session.id"), "s-1");
  EXPECT_EQ(Text(spans[2], "user.id"), "ada");  // the spans below it too
}

TEST_F(ChatServiceTest, Streams) {
  Chat chat(Script(R"({"delay_ms": 0, "content": "Yes, it is.", "piece_bytes": 5})"));
  const auto response = chat.Ask("POST /chat", kTraceparent, R"({"message": "Is it?", "stream": true})");
  EXPECT_EQ(response["Content-Type"], "text/event-stream");
  EXPECT_EQ(TraceOf(response), kTraceId);
  EXPECT_EQ(response.body(),
            "data: {\"delta\":\"Yes, \"}\n\ndata: {\"delta\":\"it is\"}\n\ndata: {\"delta\":\".\"}\n\n"
            "event: done\ndata: {\"reply\":\"Yes, it is.\",\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\","
            "\"stop_reason\":\"final_answer\"}\n\n");
  const std::vector<ReceivedSpan> spans = Spans();
  ASSERT_EQ(Waterfall(spans), (std::vector<std::string>{"POST /chat", "  agent.run", "    llm.chat"}));
  EXPECT_EQ(spans[0].attributes.at("http.response.status_code"), Value(std::int64_t{200}));
}

TEST_F(ChatServiceTest, ASessionRemembersForItsUser) {
  Chat chat(R"({"conversations": [{"goal_contains": "", "turns": [{"delay_ms": 0, "content": "About {goal}."}]}]})");
  const auto ask = [&](const std::string& user, const std::string& message) {
    EXPECT_EQ(chat.Ask("POST /chat", "X-User-Id: " + user + "\r\nX-Session-Id: s\r\n",
                       json::serialize(json::object{{"message", message}}))
                  .result_int(),
              200U);
    return Spans().back();  // the model's
  };
  EXPECT_EQ(InputMessages(ask("ada", "one")), 2U);
  const ReceivedSpan second = ask("ada", "two");
  EXPECT_EQ(InputMessages(second), 4U);
  EXPECT_EQ(Text(second, "llm.input_messages.1.message.content"), "one");
  EXPECT_EQ(Text(second, "llm.input_messages.2.message.content"), "About one.");
  EXPECT_EQ(Text(second, "llm.input_messages.3.message.content"), "two");
  EXPECT_EQ(InputMessages(ask("bob", "three")), 2U);
}

TEST_F(ChatServiceTest, EveryAnswerTellsItsTrace) {
  Chat chat;
  const auto missing = chat.Ask("GET /nope", kTraceparent);
  EXPECT_EQ(missing.result_int(), 404U);
  EXPECT_EQ(CodeOf(missing), "not_found");
  EXPECT_EQ(TraceOf(missing), kTraceId);
  const auto method = chat.Ask("GET /chat");
  EXPECT_EQ(method.result_int(), 405U);
  EXPECT_EQ(method["Allow"], "POST");
  EXPECT_EQ(CodeOf(method), "method_not_allowed");
  const auto large = chat.Ask("POST /chat", "", std::string(50'001, 'x'));
  EXPECT_EQ(large.result_int(), 413U);
  EXPECT_EQ(CodeOf(large), "invalid_argument");
  const auto broken = Exchange(chat.address(), "what?\r\n\r\n");
  EXPECT_EQ(broken.result_int(), 400U);
  EXPECT_EQ(CodeOf(broken), "invalid_argument");
  const auto headers = chat.Ask("GET /chat", "X: " + std::string(17'000, 'x') + "\r\n");
  EXPECT_EQ(headers.result_int(), 431U);
  EXPECT_EQ(CodeOf(headers), "invalid_argument");

  std::vector<std::string> names;
  for (const ReceivedSpan& span : Spans()) names.push_back(span.name);
  EXPECT_EQ(names, (std::vector<std::string>{"GET", "GET /chat", "HTTP", "HTTP", "HTTP"}));
}

// On a server of its own: a connection that was answered counts until the server has closed it.
TEST_F(ChatServiceTest, OneConnectionTooManyIsToldItsTrace) {
  const Chat chat;
  std::list<HttpExchange> others;
  for (int i = 0; i < 8; ++i) others.emplace_back(chat.address());
  const auto busy = HttpExchange(chat.address()).Receive();
  EXPECT_EQ(busy.result_int(), 503U);
  EXPECT_EQ(CodeOf(busy), "unavailable");
  ASSERT_EQ(Spans().size(), 1U);
  EXPECT_EQ(Spans().at(0).name, "HTTP");
}

TEST_F(ChatServiceTest, AHandlerThatThrowsTellsItsTraceToo) {
  const HttpServer server(
      "127.0.0.1", 0, [](const HttpRequest&) -> HttpReply { throw std::runtime_error("the secret of the house"); }, {},
      &ChatService::Refuse);
  const auto response = Exchange(server.address(), RequestText("GET /"));
  EXPECT_EQ(response.result_int(), 500U);
  EXPECT_EQ(CodeOf(response), "internal");
  EXPECT_EQ(response.body().find("secret"), std::string::npos);
  EXPECT_EQ(Spans().at(0).status, 2U);
}

TEST_F(ChatServiceTest, AModelThatTakesTooLong) {
  Chat chat(Script(R"({"delay_ms": 3000, "content": "late"})"), "", std::chrono::seconds(1));
  const auto response = chat.Ask("POST /chat", kTraceparent, R"({"message": "q"})");
  EXPECT_EQ(response.result_int(), 504U);
  EXPECT_EQ(CodeOf(response), "model_timeout");
  EXPECT_EQ(TraceOf(response), kTraceId);
}

TEST_F(ChatServiceTest, RefusesWhatIsNoQuestion) {
  Chat chat;
  const auto message_of = [&](std::string_view headers, const std::string& body) {
    const auto response = chat.Ask("POST /chat", headers, body);
    EXPECT_EQ(response.result_int(), 400U) << body;
    EXPECT_EQ(CodeOf(response), "invalid_argument");
    return std::string(json::parse(response.body()).at("error").at("message").as_string());
  };
  EXPECT_EQ(message_of("", "hello"), "the body must be a JSON object");
  EXPECT_EQ(message_of("", "[]"), "the body must be a JSON object");
  EXPECT_EQ(message_of("", "{}"), "message is missing");
  EXPECT_EQ(message_of("", R"({"message": 7})"), "message must be a string");
  EXPECT_EQ(message_of("", R"({"message": "q", "stream": "yes"})"), "stream must be true or false");
  EXPECT_EQ(message_of("", R"({"message": ")" + std::string(32'001, 'x') + R"("})"),
            "message must have at most 32000 bytes");
  EXPECT_EQ(message_of("X-User-Id: " + std::string(257, 'x') + "\r\n", R"({"message": "q"})"),
            "X-User-Id must have at most 256 bytes");
}

TEST_F(ChatServiceTest, AModelThatFailsIsABadGateway) {
  Chat chat(Script(R"({"delay_ms": 0, "status": 400, "error": "the key is secret-key"})"));
  const auto response = chat.Ask("POST /chat", "", R"({"message": "q"})");
  EXPECT_EQ(response.result_int(), 502U);
  EXPECT_EQ(CodeOf(response), "model_unavailable");
  EXPECT_EQ(response.body().find("secret-key"), std::string::npos);
  const std::vector<ReceivedSpan> spans = Spans();
  ASSERT_EQ(Waterfall(spans), (std::vector<std::string>{"POST /chat", "  agent.run", "    llm.chat"}));
  for (const ReceivedSpan& span : spans) EXPECT_EQ(span.status, 2U);
  EXPECT_NE(spans[2].status_message.find("the key is secret-key"), std::string::npos);
  EXPECT_EQ(spans[2].events.at(0).name, "exception");
}

TEST_F(ChatServiceTest, AModelThatFailsEndsTheStream) {
  Chat chat(Script(R"({"delay_ms": 0, "content": "It begins", "piece_bytes": 5, "break_after_pieces": 2})"));
  const auto response = chat.Ask("POST /chat", kTraceparent, R"({"message": "q", "stream": true})");
  EXPECT_EQ(response.body(),
            "data: {\"delta\":\"It be\"}\n\nevent: error\ndata: {\"error\":{\"code\":\"model_unavailable\","
            "\"message\":\"the model gave no answer\"},\"trace_id\":\"0af7651916cd43dd8448eb211c80319c\"}\n\n");
  EXPECT_EQ(Spans()[0].attributes.at("http.response.status_code"), Value(std::int64_t{502}));
}

TEST_F(ChatServiceTest, AServerThatStopsSaysSo) {
  Chat chat;
  chat.service().Stop();
  const auto response = chat.Ask("POST /chat", "", R"({"message": "q"})");
  EXPECT_EQ(response.result_int(), 503U);
  EXPECT_EQ(CodeOf(response), "stopping");
}

TEST_F(ChatServiceTest, HealthHasATraceThatIsNotRecorded) {
  Chat chat;
  const auto response = chat.Ask("GET /healthz");
  EXPECT_EQ(response.body(), R"({"status":"ok"})");
  EXPECT_EQ(TraceOf(response).size(), 32U);
  EXPECT_TRUE(Spans().empty());
  EXPECT_EQ(TraceOf(chat.Ask("GET /healthz", kTraceparent)), kTraceId);
  EXPECT_EQ(Spans().size(), 1U);
}

TEST_F(ChatServiceTest, FeedbackBecomesAnAnnotation) {
  Recorder collector("{}");
  Chat chat(ScriptedLlm::kDefaultScript, collector.url());
  const auto response = chat.Ask("POST /feedback", "X-User-Id: ada\r\n",
                                 R"({"trace_id": "0af7651916cd43dd8448eb211c80319c", "score": 0, "comment": "wrong"})");
  EXPECT_EQ(response.result_int(), 200U);
  EXPECT_EQ(response.body(), R"({"status":"recorded"})");
  EXPECT_NE(TraceOf(response), kTraceId);  // the feedback's own
  const HttpRequest sent = collector.request();
  EXPECT_EQ(sent.target(), "/v1/trace_annotations?sync=true");
  EXPECT_EQ(sent["authorization"], "Bearer key");
  EXPECT_EQ(json::parse(sent.body()), json::parse(R"({"data": [{"trace_id": "0af7651916cd43dd8448eb211c80319c",
      "name": "user_feedback", "annotator_kind": "HUMAN", "identifier": "ada", "metadata": {"user_id": "ada"},
      "result": {"score": 0, "label": "thumbs-down", "explanation": "wrong"}}]})"));
  (void)chat.Ask("POST /feedback", "", R"({"trace_id": "0af7651916cd43dd8448eb211c80319c", "score": 1})");
  EXPECT_EQ(json::parse(collector.request().body()), json::parse(R"({"data": [{
      "trace_id": "0af7651916cd43dd8448eb211c80319c", "name": "user_feedback", "annotator_kind": "HUMAN",
      "identifier": "", "result": {"score": 1, "label": "thumbs-up"}}]})"));
}

TEST_F(ChatServiceTest, FeedbackThatCannotBeKept) {
  constexpr const char* kGood = R"({"trace_id": "0af7651916cd43dd8448eb211c80319c", "score": 1})";
  Recorder unknown("{}", 404);
  EXPECT_EQ(Chat(ScriptedLlm::kDefaultScript, unknown.url()).Ask("POST /feedback", "", kGood).result_int(), 404U);
  Recorder failing("{}", 500);
  const auto response = Chat(ScriptedLlm::kDefaultScript, failing.url()).Ask("POST /feedback", "", kGood);
  EXPECT_EQ(response.result_int(), 502U);
  EXPECT_EQ(CodeOf(response), "collector_unavailable");
  Chat chat;
  EXPECT_EQ(chat.Ask("POST /feedback", "", kGood).result_int(), 502U);
  for (const char* body : {"{}", R"({"trace_id": "x", "score": 1})", R"({"trace_id": 7, "score": 1})",
                           R"({"trace_id": "0AF7651916CD43DD8448EB211C80319C", "score": 1})",
                           R"({"trace_id": "0af7651916cd43dd8448eb211c80319c"})",
                           R"({"trace_id": "0af7651916cd43dd8448eb211c80319c", "score": 0.5})",
                           R"({"trace_id": "0af7651916cd43dd8448eb211c80319c", "score": 1, "comment": []})"}) {
    EXPECT_EQ(chat.Ask("POST /feedback", "", body).result_int(), 400U) << body;
  }
}

TEST(ChatService, WorksWithoutTracing) {
  setenv("OTEL_SDK_DISABLED", "true", 1);
  EXPECT_EQ(nightjar::InitTracing(), nightjar::InitStatus::kDisabled);
  Chat chat(Script(R"({"delay_ms": 0, "content": "Yes."})"));
  const auto response = chat.Ask("POST /chat", kTraceparent, R"({"message": "q"})");
  EXPECT_EQ(response.result_int(), 200U);
  EXPECT_EQ(TraceOf(response), kTraceId);
  EXPECT_EQ(json::parse(response.body()).at("trace_id").as_string(), kTraceId);
  const auto first = chat.Ask("GET /nope");
  EXPECT_EQ(CodeOf(first), "not_found");
  EXPECT_NE(TraceOf(first), TraceOf(chat.Ask("GET /nope")));
  EXPECT_EQ(TraceOf(chat.Ask("GET /healthz", kTraceparent)), kTraceId);
  EXPECT_EQ(CodeOf(Exchange(chat.address(), "what?\r\n\r\n")), "invalid_argument");
  unsetenv("OTEL_SDK_DISABLED");
  nightjar::ShutdownTracing();
}

}  // namespace
}  // namespace stack
