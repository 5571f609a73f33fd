#include "nightjar/llm.h"

#include "nightjar/openinference.h"
#include "tracing_fixture.h"

namespace nightjar {
namespace {

using sdk_test::Values;

class LlmTest : public sdk_test::TracingTest {
  void SetUp() override { Start(); }
};

// Attribute names and values as the Python program sends them.
TEST_F(LlmTest, ModelCall) {
  const std::string messages = R"([{"role": "user", "content": "Compare Postgres and SQLite"}])";
  {
    Span span = LlmSpan("qwen2.5-7b-instruct", messages, 0.7);
    RecordLlmOutput(span,
                    R"({"id": "x", "choices": [{"index": 0, "message": {"role": "assistant", "content": "SQLite."},
                              "finish_reason": "stop"}],
                              "usage": {"prompt_tokens": 182, "completion_tokens": 27, "total_tokens": 209}})");
  }
  const Values expected = {{"openinference.span.kind", std::string("LLM")},
                           {"llm.model_name", std::string("qwen2.5-7b-instruct")},
                           {"llm.invocation_parameters", std::string(R"({"temperature": 0.7})")},
                           {"llm.input_messages", messages},
                           {"llm.output_messages", std::string(R"([{"role": "assistant", "content": "SQLite."}])")},
                           {"llm.token_count.prompt", std::int64_t{182}},
                           {"llm.token_count.completion", std::int64_t{27}},
                           {"llm.token_count.total", std::int64_t{209}}};
  EXPECT_EQ(Finish("llm.chat").attributes, expected);
}

TEST_F(LlmTest, UsageThatIsNotThereStaysUnknown) {
  {
    Span span = LlmSpan("m", "[]");
    RecordLlmOutput(span, R"({"choices": [{"message": {"role": "assistant"}}], "usage": {"total_tokens": 5}})");
  }
  const Values attributes = Finish("llm.chat").attributes;
  EXPECT_FALSE(attributes.contains("llm.token_count.prompt"));
  EXPECT_FALSE(attributes.contains("llm.token_count.completion"));
  EXPECT_EQ(attributes.at("llm.token_count.total"), sdk_test::Value(std::int64_t{5}));
}

TEST_F(LlmTest, AnAnswerOfAnotherShapeIsKeptWhole) {
  for (const char* response : {R"({"error": "overloaded"})", "<html>", "", R"({"choices": []})"}) {
    Span span = LlmSpan("m", "[]");
    RecordLlmOutput(span, response);
  }
  ShutdownTracing();
  std::vector<std::string> outputs;
  for (const auto& span : sink_.spans()) {
    outputs.push_back(std::get<std::string>(span.attributes.at("output.value")));
    EXPECT_FALSE(span.attributes.contains("llm.output_messages"));
  }
  EXPECT_EQ(outputs, (std::vector<std::string>{R"({"error": "overloaded"})", "<html>", "", R"({"choices": []})"}));
}

TEST_F(LlmTest, ToolCall) {
  {
    const Span span = ToolSpan("search_docs", R"({"query": "WAL", "top_k": 3})");
  }
  const Values expected = {{"openinference.span.kind", std::string("TOOL")},
                           {"tool.name", std::string("search_docs")},
                           {"input.value", std::string(R"({"query": "WAL", "top_k": 3})")}};
  EXPECT_EQ(Finish("tool.search_docs").attributes, expected);
}

TEST_F(LlmTest, Retrieval) {
  {
    Span span = RetrievalSpan("WAL", 3);
    const std::vector<RetrievedDocument> documents = {
        {.id = "dj-004", .score = 0.62, .text = "say \"WAL\""},
        {.id = "sq-001", .score = 1, .text = std::string(499, 'x') + "\xC3\xA9z"}};
    RecordRetrievalOutput(span, documents);
  }
  const Values expected = {
      {"openinference.span.kind", std::string("RETRIEVER")},
      {"input.value", std::string("WAL")},
      {"retrieval.top_k", std::int64_t{3}},
      {"retrieval.documents",
       R"([{"id": "dj-004", "score": 0.62, "text": "say \"WAL\""}, {"id": "sq-001", "score": 1, "text": ")" +
           std::string(499, 'x') + "\xC3\xA9\"}]"}};
  EXPECT_EQ(Finish("retrieval").attributes, expected);
}

TEST_F(LlmTest, NothingRetrieved) {
  {
    Span span = RetrievalSpan("WAL", 3);
    RecordRetrievalOutput(span, {});
  }
  EXPECT_EQ(Finish("retrieval").attributes.at("retrieval.documents"), sdk_test::Value("[]"));
}

TEST_F(LlmTest, AgentRun) {
  {
    const Span span = AgentSpan("Compare");
  }
  const Values expected = {{"openinference.span.kind", std::string("AGENT")}, {"input.value", std::string("Compare")}};
  EXPECT_EQ(Finish("agent.run").attributes, expected);
}

}  // namespace
}  // namespace nightjar
