// The agent against the real scripted server, traced by the real SDK into a sink.
#include "stack/agent.h"

#include <gtest/gtest.h>

#include "scripted_server.h"
#include "stack/builtin_tools.h"
#include "stack/documents.h"
#include "tracing_test_base.h"

namespace stack {
namespace {

constexpr const char* kGoal = "Compare Postgres and SQLite for a small Django app's database.";

class AgentTest : public TracingTest {
 protected:
  AgentTest() { RegisterBuiltinTools(tools_, retriever_); }

  AgentResult Run(const std::string& script, const AgentConfig& config = {}, const std::string& goal = kGoal) {
    const ScriptedServer server(script);
    const LlmClient llm = server.client();
    return Agent(llm, tools_, kSystemPrompt).Run(goal, config);
  }

  const HybridRetriever retriever_{DemoCorpus()};
  ToolRegistry tools_;
};

TEST_F(AgentTest, TheWaterfall) {
  const AgentResult result = Run(ScriptedLlm::kDefaultScript, {.user_id = "ada", .session_id = "s-1"});
  const std::vector<ReceivedSpan> spans = Spans();
  EXPECT_EQ(Waterfall(spans),
            (std::vector<std::string>{"agent.run", "  llm.chat", "  tool.search_docs", "    retrieval", "  llm.chat",
                                      "  tool.fetch_chunk", "  llm.chat", "  llm.chat"}));
  for (const ReceivedSpan& span : spans) {
    EXPECT_EQ(span.trace_id, result.trace_id);
    EXPECT_EQ(span.status, 0U);
  }
  EXPECT_EQ(result.stop_reason, "final_answer");
  EXPECT_EQ(result.iterations, 3);
  EXPECT_EQ(result.final.substr(0, 16), "Start on SQLite:");

  const ReceivedSpan& root = spans[0];
  EXPECT_EQ(Text(root, "openinference.span.kind"), "AGENT");
  EXPECT_EQ(Text(root, "input.value"), kGoal);
  EXPECT_EQ(Text(root, "output.value"), result.final);
  EXPECT_EQ(Text(root, "agent.stop_reason"), "final_answer");
  EXPECT_EQ(root.attributes.at("agent.iterations"), Value(std::int64_t{3}));
  EXPECT_EQ(Text(root, "user.id"), "ada");
  EXPECT_EQ(Text(root, "session.id"), "s-1");
}

TEST_F(AgentTest, TheAttributesOfItsParts) {
  (void)Run(ScriptedLlm::kDefaultScript);
  const std::vector<ReceivedSpan> spans = Spans();
  ASSERT_EQ(spans.size(), 8U);

  const ReceivedSpan& search = spans[2];
  EXPECT_EQ(Text(search, "openinference.span.kind"), "TOOL");
  EXPECT_EQ(Text(search, "tool.name"), "search_docs");
  EXPECT_EQ(Text(search, "input.value"), R"({"query":"Postgres vs SQLite for Django","top_k":3})");
  EXPECT_EQ(Text(search, "output.value").substr(0, 15), R"([{"id":"dj-001")");

  const ReceivedSpan& retrieval = spans[3];
  EXPECT_EQ(Text(retrieval, "openinference.span.kind"), "RETRIEVER");
  EXPECT_EQ(Text(retrieval, "input.value"), "Postgres vs SQLite for Django");
  EXPECT_EQ(retrieval.attributes.at("retrieval.top_k"), Value(std::int64_t{3}));
  EXPECT_EQ(Text(retrieval, "retrieval.documents.0.document.id"), "dj-001");
  EXPECT_TRUE(retrieval.attributes.contains("retrieval.documents.2.document.content"));
  EXPECT_FALSE(retrieval.attributes.contains("retrieval.documents.3.document.id"));

  EXPECT_EQ(Text(spans[5], "input.value"), R"({"chunk_id":"dj-001"})");

  // The history grows: system and user; each tool call and its result; the draft and the request for the final answer.
  const std::vector<std::size_t> messages = {2, 4, 6, 8};
  const std::vector<std::size_t> calls = {1, 4, 6, 7};
  for (std::size_t i = 0; i < calls.size(); ++i) {
    const ReceivedSpan& call = spans[calls[i]];
    EXPECT_EQ(Text(call, "openinference.span.kind"), "LLM");
    EXPECT_EQ(Text(call, "llm.model_name"), "qwen2.5-7b-instruct");
    EXPECT_EQ(Text(call, "llm.invocation_parameters"), R"({"temperature": 0.7})");
    EXPECT_EQ(InputMessages(call), messages[i]);
    EXPECT_EQ(Text(call, "llm.output_messages.0.message.role"), "assistant");
  }
  // The tools that the model may call go along, but for the last call.
  for (const std::size_t call : {1U, 4U, 6U}) {
    EXPECT_EQ(boost::json::parse(Text(spans[call], "llm.tools.1.tool.json_schema")).at("function").at("name"), "now");
    EXPECT_EQ(spans[call].attributes.count("llm.tools.3.tool.json_schema"), 0U);
  }
  EXPECT_EQ(spans[7].attributes.count("llm.tools.0.tool.json_schema"), 0U);
  EXPECT_EQ(Text(search, "tool.id"), "call_1");
  EXPECT_EQ(Text(search, "tool.description"), "Searches the notes. Returns the best chunks with their ids and scores.");
  EXPECT_EQ(Text(spans[1], "llm.finish_reason"), "tool_calls");
  // The prompt is 157 and 62 characters (40 + 16 tokens); the call is "search_docs" and 51 characters (3 + 13).
  EXPECT_EQ(spans[1].attributes.at("llm.token_count.prompt"), Value(std::int64_t{40 + 16}));
  EXPECT_EQ(spans[1].attributes.at("llm.token_count.completion"), Value(std::int64_t{3 + 13}));
}

TEST_F(AgentTest, AToolThatFailsIsToldToTheModel) {
  const AgentResult result = Run(R"({"conversations": [{"goal_contains": "", "turns": [
      {"delay_ms": 0, "tool_calls": [{"name": "fetch_chunk", "arguments": {"chunk_id": "xx-1"}}]},
      {"delay_ms": 0, "content": "no such chunk"}, {"delay_ms": 0, "content": "It is not there."}]}]})");
  EXPECT_EQ(result.final, "It is not there.");
  const std::vector<ReceivedSpan> spans = Spans();
  ASSERT_EQ(Waterfall(spans),
            (std::vector<std::string>{"agent.run", "  llm.chat", "  tool.fetch_chunk", "  llm.chat", "  llm.chat"}));
  EXPECT_EQ(spans[0].status, 0U);
  EXPECT_EQ(spans[2].status, 2U);
  EXPECT_EQ(spans[2].status_message, "there is no chunk xx-1");
  ASSERT_EQ(spans[2].events.size(), 1U);
  EXPECT_EQ(spans[2].events[0].attributes.at("exception.type"), Value("stack::ToolError"));
  EXPECT_FALSE(spans[2].attributes.contains("output.value"));
  EXPECT_EQ(Text(spans[3], "llm.input_messages.3.message.content"), R"({"error":"there is no chunk xx-1"})");
}

TEST_F(AgentTest, StopsAfterItsIterationsAndStillAnswers) {
  const AgentResult result = Run(R"({"conversations": [{"goal_contains": "", "turns": [
      {"delay_ms": 0, "tool_calls": [{"name": "now", "arguments": {}}]},
      {"delay_ms": 0, "tool_calls": [{"name": "now", "arguments": {}}]},
      {"delay_ms": 0, "content": "Time is up."}]}]})",
                                 {.iterations_max = 2});
  EXPECT_EQ(result.stop_reason, "max_iterations");
  EXPECT_EQ(result.iterations, 2);
  EXPECT_EQ(result.final, "Time is up.");
}

TEST_F(AgentTest, AModelThatFailsEndsTheRun) {
  EXPECT_THROW((void)Run(R"({"conversations": [{"goal_contains": "", "turns": [
      {"delay_ms": 0, "status": 400, "error": "no such model"}]}]})"),
               LlmError);
  const std::vector<ReceivedSpan> spans = Spans();
  ASSERT_EQ(Waterfall(spans), (std::vector<std::string>{"agent.run", "  llm.chat"}));
  for (const ReceivedSpan& span : spans) {
    EXPECT_EQ(span.status, 2U);
    ASSERT_EQ(span.events.size(), 1U);
    EXPECT_EQ(span.events[0].attributes.at("exception.type"), Value("stack::LlmError"));
    EXPECT_NE(span.status_message.find("answered 400: no such model"), std::string::npos);
  }
  EXPECT_EQ(spans[0].attributes.count("output.value"), 0U);
}

TEST_F(AgentTest, AServerThatIsNotThereIsNamed) {
  const LlmClient llm({.server = {.base_url = "http://127.0.0.1:9/v1"}, .model = "m"});
  try {
    (void)Agent(llm, tools_, kSystemPrompt).Run(kGoal);
    FAIL() << "nobody listens there";
  } catch (const LlmError& error) {
    EXPECT_STREQ(error.what(),
                 "cannot ask the model at http://127.0.0.1:9/v1/chat/completions: Couldn't connect to server");
  }
}

TEST_F(AgentTest, AnyOtherGoalIsAnsweredToo) {
  const AgentResult result = Run(ScriptedLlm::kDefaultScript, {}, "What is WAL?");
  EXPECT_EQ(result.final, "The notes hold the chunks listed above and nothing more on: What is WAL?");
  EXPECT_EQ(Waterfall(Spans()), (std::vector<std::string>{"agent.run", "  llm.chat", "  tool.search_docs",
                                                          "    retrieval", "  llm.chat", "  llm.chat"}));
}

TEST_F(AgentTest, WithoutReviewTheFirstWordsAreTheAnswer) {
  const AgentResult result = Run(Script(R"({"delay_ms": 0, "content": "Yes."})"), {.review = false});
  EXPECT_EQ(result.final, "Yes.");
  EXPECT_EQ(result.stop_reason, "final_answer");
  EXPECT_EQ(Waterfall(Spans()), (std::vector<std::string>{"agent.run", "  llm.chat"}));
}

// Each call is told to cost 100 tokens.
TEST_F(AgentTest, NoCallIsMadeOnceTheTokensAreUsed) {
  constexpr const char* kTurn =
      R"({"delay_ms": 0, "tool_calls": [{"name": "now", "arguments": {}}], "usage": {"total_tokens": 100}})";
  const std::string script = Script(std::string(kTurn) + "," + kTurn + "," + kTurn);
  const AgentResult result = Run(script, {.tokens_max = 150});
  EXPECT_EQ(result.stop_reason, "token_budget");
  EXPECT_EQ(result.iterations, 2);
  EXPECT_EQ(result.tokens, 200);
  EXPECT_EQ(result.final, "I have used all the tokens I may use for this question, and have no answer.");
  EXPECT_EQ(Text(Spans()[0], "agent.stop_reason"), "token_budget");
}

TEST_F(AgentTest, ADraftIsTheAnswerWhenNoTokensAreLeftToReviewIt) {
  const AgentResult result =
      Run(Script(R"({"delay_ms": 0, "content": "A draft.", "usage": {"total_tokens": 150}})"), {.tokens_max = 150});
  EXPECT_EQ(result.stop_reason, "token_budget");
  EXPECT_EQ(result.final, "A draft.");
}

TEST_F(AgentTest, AnAnswerThatIsCutOffSaysSo) {
  const AgentResult result = Run(Script(R"({"delay_ms": 0, "content": "It beg", "finish_reason": "length"})"));
  EXPECT_EQ(result.stop_reason, "length");
  EXPECT_EQ(result.final, "It beg");
}

TEST_F(AgentTest, ArgumentsThatAreNoJsonAreToldToTheModel) {
  (void)Run(Script(R"({"delay_ms": 0, "tool_calls": [{"name": "now", "arguments": "{\"zone\": "}]},
                      {"delay_ms": 0, "content": "Sorry."})"),
            {.review = false});
  const std::vector<ReceivedSpan> spans = Spans();
  ASSERT_EQ(spans.size(), 4U);
  EXPECT_EQ(Text(spans[2], "input.value"), R"({"zone": )");
  EXPECT_EQ(spans[2].status_message, R"(the arguments are not a JSON object: {"zone": )");
  EXPECT_EQ(Text(spans[3], "llm.input_messages.3.message.content"),
            R"({"error":"the arguments are not a JSON object: {\"zone\": "})");
}

TEST_F(AgentTest, HistoryComesBeforeTheGoal) {
  const AgentResult result =
      Run(Script(R"({"delay_ms": 0, "content": "About {goal}"})"),
          {.review = false,
           .history = {{{"role", "user"}, {"content", "before"}}, {{"role", "assistant"}, {"content", "said"}}}},
          "now this");
  EXPECT_EQ(result.final, "About now this");
  const ReceivedSpan call = Spans()[1];
  EXPECT_EQ(InputMessages(call), 4U);
  EXPECT_EQ(Text(call, "llm.input_messages.0.message.role"), "system");
  EXPECT_EQ(Text(call, "llm.input_messages.1.message.content"), "before");
  EXPECT_EQ(Text(call, "llm.input_messages.3.message.content"), "now this");
}

TEST_F(AgentTest, TheLastCallIsStreamed) {
  std::vector<std::string> pieces;
  const AgentResult result = Run(Script(R"({"delay_ms": 0, "content": "A draft."},
                                           {"delay_ms": 0, "content": "The answer.", "piece_bytes": 4})"),
                                 {.on_text = [&](std::string_view piece) { pieces.emplace_back(piece); }});
  EXPECT_EQ(pieces, (std::vector<std::string>{"The ", "answ", "er."}));
  EXPECT_EQ(result.final, "The answer.");
}

TEST_F(AgentTest, AModelWithoutWordsFailsTheRun) {
  try {
    (void)Run(Script(R"({"delay_ms": 0, "content": null, "finish_reason": "content_filter"})"));
    FAIL() << "there was no answer";
  } catch (const LlmError& error) {
    EXPECT_STREQ(error.what(), "the model answered without words, finish reason content_filter");
  }
}

}  // namespace
}  // namespace stack
