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
  return ScriptedLlm(kScript).Answer(request);
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
  EXPECT_EQ(Ask(R"({"model": "m", "stream": true, "messages": []})").result_int(), 400U);
  EXPECT_EQ(Ask("", http::verb::get).result_int(), 405U);
  EXPECT_EQ(Ask("", http::verb::get, "/").result_int(), 404U);
}

TEST(ScriptedLlm, OtherPaths) {
  EXPECT_EQ(Ask("", http::verb::get, "/healthz").body(), R"({"status": "ok"})");
  EXPECT_EQ(json::parse(Ask("", http::verb::get, "/v1/models").body()).at("data").at(0).at("id").as_string(),
            "scripted");
}

TEST(ScriptedLlm, RefusesWhatIsNoScript) {
  for (const char* script :
       {"", "[]", R"({"conversations": [{"turns": []}]})",
        R"({"conversations": [{"goal_contains": "", "turns": [{}]}]})",
        R"({"conversations": [{"goal_contains": "", "turns": [{"content": "x", "status": 500}]}]})",
        R"({"conversations": [{"goal_contains": "", "turns": [{"status": 200}]}]})",
        R"({"conversations": [{"goal_contains": "", "turns": [{"tool_calls": [{"name": "now"}]}]}]})"}) {
    EXPECT_THROW(ScriptedLlm{script}, ScriptError) << script;
  }
}

}  // namespace
}  // namespace stack
