#include "stack/scripted_llm.h"

#include <gtest/gtest.h>

namespace stack {
namespace {

namespace http = boost::beast::http;
namespace json = boost::json;

constexpr const char* kScript = R"({"conversations": [
  {"goal_contains": "weather", "turns": [
    {"delay_ms": 0, "tool_calls": [{"name": "now", "arguments": {"about": "{goal}"}}]},
    {"delay_ms": 0, "content": "Sunny."},
    {"delay_ms": 0, "status": 503, "error": "overloaded"}]}]})";

HttpResponse Ask(const std::string& body, http::verb verb = http::verb::post,
                 const std::string& target = "/v1/chat/completions") {
  HttpRequest request(verb, target, 11);
  request.body() = body;
  return ScriptedLlm(kScript).Answer(request).response;
}

TEST(ScriptedLlm, AnswersTheTurnAfterTheAssistantMessages) {
  const HttpResponse first = Ask(R"({"model": "m", "messages": [{"role": "system", "content": "Be brief."},
                                     {"role": "user", "content": "The weather?"}]})");
  ASSERT_EQ(first.result_int(), 200U);
  const json::value tool = json::parse(first.body());
  EXPECT_EQ(tool.at("model").as_string(), "m");
  EXPECT_EQ(tool.at("choices"), json::parse(R"([{"index": 0, "finish_reason": "tool_calls", "message": {
      "role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function",
      "function": {"name": "now", "arguments": "{\"about\":\"The weather?\"}"}}]}}])"));
  // "Be brief." is 9 characters, "The weather?" 12: 3 + 3 tokens. "now" is 1 token, the 24 of the arguments are 6.
  EXPECT_EQ(tool.at("usage"), json::parse(R"({"prompt_tokens": 6, "completion_tokens": 7, "total_tokens": 13})"));

  const HttpResponse second = Ask(R"({"model": "m", "messages": [{"role": "user", "content": "The weather?"},
      {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function",
        "function": {"name": "now", "arguments": "{}"}}]}, {"role": "tool", "content": "12:00"}]})");
  const json::value answer = json::parse(second.body());
  EXPECT_EQ(answer.at("choices"), json::parse(R"([{"index": 0, "finish_reason": "stop",
      "message": {"role": "assistant", "content": "Sunny."}}])"));
  // 12 characters, "now", "{}" and 5 characters: 3 + 1 + 1 + 2. "Sunny." is 6 characters.
  EXPECT_EQ(answer.at("usage"), json::parse(R"({"prompt_tokens": 7, "completion_tokens": 2, "total_tokens": 9})"));
}

TEST(ScriptedLlm, Errors) {
  const auto conversation = [](int assistant_messages) {
    json::array messages{{{"role", "user"}, {"content", "weather"}}};
    for (int i = 0; i < assistant_messages; ++i) messages.push_back({{"role", "assistant"}, {"content", "x"}});
    return json::serialize(json::object{{"model", "m"}, {"messages", messages}});
  };
  EXPECT_EQ(Ask(conversation(2)).result_int(), 503U);
  EXPECT_EQ(Ask(conversation(2)).body(), R"({"error":{"message":"overloaded"}})");
  EXPECT_EQ(Ask(conversation(3)).body(), R"({"error":{"message":"the script has no turn 4 for: weather"}})");
  EXPECT_EQ(Ask(conversation(3)).result_int(), 404U);
  EXPECT_EQ(Ask(R"({"model": "m", "messages": [{"role": "user", "content": "food"}]})").body(),
            R"({"error":{"message":"the script has no conversation for: food"}})");
  EXPECT_EQ(Ask("no json").result_int(), 400U);
  EXPECT_EQ(Ask(R"({"messages": 7})").result_int(), 400U);
  EXPECT_EQ(Ask("", http::verb::get).result_int(), 405U);
  EXPECT_EQ(Ask("", http::verb::get, "/").result_int(), 404U);
}

TEST(ScriptedLlm, OtherPaths) {
  EXPECT_EQ(Ask("", http::verb::get, "/healthz").body(), R"({"status": "ok"})");
  EXPECT_EQ(json::parse(Ask("", http::verb::get, "/v1/models").body()).at("data").at(0).at("id").as_string(),
            "scripted");
}

// The goal is the last question; a message with a name is not one.
TEST(ScriptedLlm, ASessionGoesOn) {
  const HttpResponse answer = Ask(R"({"model": "m", "messages": [{"role": "user", "content": "food"},
      {"role": "assistant", "content": "Bread."}, {"role": "user", "content": "weather"},
      {"role": "assistant", "content": "x"}, {"role": "user", "name": "reviewer", "content": "Sure?"}]})");
  EXPECT_EQ(json::parse(answer.body()).at("choices").at(0).at("message").at("content").as_string(), "Sunny.");
}

std::string Chat(ScriptedLlm& model, bool stream) {
  HttpRequest request(http::verb::post, "/v1/chat/completions", 11);
  request.body() = R"({"model": "m", "messages": [{"role": "user", "content": "q"}], "stream": )" +
                   std::string(stream ? "true" : "false") + "}";
  HttpReply reply = model.Answer(request);
  if (!reply.stream) return std::to_string(reply.response.result_int()) + " " + reply.response.body();
  std::string body;
  reply.stream([&](std::string_view piece) {
    body += piece;
    return true;
  });
  return body;
}

// The `choices` of each event.
std::vector<std::string> Choices(std::string_view stream) {
  std::vector<std::string> choices;
  while (!stream.empty()) {
    const std::size_t end = stream.find("\n\n");
    const std::string_view data = stream.substr(6, end - 6);
    choices.push_back(data == "[DONE]" ? "[DONE]" : json::serialize(json::parse(data).at("choices").at(0)));
    stream.remove_prefix(end + 2);
  }
  return choices;
}

TEST(ScriptedLlm, Streams) {
  ScriptedLlm model(R"({"conversations": [{"goal_contains": "", "turns": [
      {"delay_ms": 0, "content": "Grün.", "tool_calls": [{"name": "now", "arguments": "{}"}], "piece_bytes": 3}]}]})");
  EXPECT_EQ(
      Choices(Chat(model, true)),
      (std::vector<std::string>{
          R"({"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null})",
          R"({"index":0,"delta":{"content":"Grü"},"finish_reason":null})",
          R"({"index":0,"delta":{"content":"n."},"finish_reason":null})",
          std::string(R"({"index":0,"delta":{"tool_calls":[{"id":"call_1","type":"function",)") +
              R"("function":{"name":"now","arguments":""},"index":0}]},"finish_reason":null})",
          R"({"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]},"finish_reason":null})",
          R"({"index":0,"delta":{},"finish_reason":"tool_calls"})", "[DONE]"}));
}

TEST(ScriptedLlm, FaultsComeBeforeTheAnswer) {
  ScriptedLlm model(R"({"conversations": [{"goal_contains": "", "turns": [{"delay_ms": 0, "content": "Yes.",
      "usage": {"total_tokens": 5}, "faults": [{"delay_ms": 0, "status": 429, "error": "slow down", "retry_after": "1"},
                {"delay_ms": 0, "close": true}, {"delay_ms": 0, "body": "<html>"}]}]}]})");
  EXPECT_EQ(Chat(model, false), R"(429 {"error":{"message":"slow down"}})");
  EXPECT_THROW((void)Chat(model, false), CloseConnection);
  EXPECT_EQ(Chat(model, false), "200 <html>");
  const json::value answer = json::parse(Chat(model, false).substr(4));
  EXPECT_EQ(answer.at("choices").at(0).at("message").at("content").as_string(), "Yes.");
  EXPECT_EQ(answer.at("usage"), json::parse(R"({"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 5})"));
}

TEST(ScriptedLlm, AStreamMayBreak) {
  ScriptedLlm model(R"({"conversations": [{"goal_contains": "", "turns": [
      {"delay_ms": 0, "content": "Yes.", "break_after_pieces": 1}]}]})");
  EXPECT_THROW((void)Chat(model, true), CloseConnection);
}

TEST(ScriptedLlm, EmbedsAndReranks) {
  const json::value embeddings =
      json::parse(Ask(R"({"model": "e", "input": ["red", ""]})", http::verb::post, "/v1/embeddings").body());
  EXPECT_EQ(embeddings.at("data").as_array().size(), 2U);
  EXPECT_EQ(embeddings.at("data").at(1).at("index"), 1);
  EXPECT_EQ(embeddings.at("data").at(0).at("embedding").as_array().size(), 512U);
  const json::value scores = json::parse(
      Ask(R"({"model": "r", "query": "red", "documents": ["xyz", "red"], "top_n": 1})", http::verb::post, "/v1/rerank")
          .body());
  ASSERT_EQ(scores.at("results").as_array().size(), 1U);
  EXPECT_EQ(scores.at("results").at(0).at("index"), 1);
  EXPECT_NEAR(scores.at("results").at(0).at("relevance_score").as_double(), 1.0, 1e-6);
}

TEST(ScriptedLlm, RefusesWhatIsNoScript) {
  for (const char* script :
       {"", "[]", R"({"conversations": [{"turns": []}]})",
        R"({"conversations": [{"goal_contains": "", "turns": [{}]}]})",
        R"({"conversations": [{"goal_contains": "", "turns": [{"content": "x", "status": 500}]}]})",
        R"({"conversations": [{"goal_contains": "", "turns": [{"status": 200}]}]})",
        R"({"conversations": [{"goal_contains": "", "turns": [{"content": "x", "faults": [{}]}]}]})",
        R"({"conversations": [{"goal_contains": "", "turns": [{"content": "x", "piece_bytes": 0}]}]})",
        R"({"conversations": [{"goal_contains": "", "turns": [{"tool_calls": [{"name": "now"}]}]}]})"}) {
    EXPECT_THROW(ScriptedLlm{script}, ScriptError) << script;
  }
}

}  // namespace
}  // namespace stack
