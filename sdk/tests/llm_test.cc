#include "nightjar/llm.h"

#include "nightjar/openinference.h"
#include "tracing_fixture.h"

namespace nightjar {
namespace {

using sdk_test::Values;

class LlmTest : public sdk_test::TracingTest {
  void SetUp() override { Start(); }
};

TEST_F(LlmTest, ModelCall) {
  {
    Span span = LlmSpan("qwen2.5-7b-instruct",
                        R"([{"role": "system", "content": "Be brief."},
                            {"role": "user", "content": "Say \"caf\u00e9\" \ud83d\ude00\n"}])",
                        0.7);
    RecordLlmOutput(span,
                    R"({"id": "x", "model": "qwen2.5-7b", "choices": [{"index": 0, "message":
                              {"role": "assistant", "content": "SQLite."}, "finish_reason": "stop"}],
                              "usage": {"prompt_tokens": 182, "completion_tokens": 27, "total_tokens": 209,
                              "prompt_tokens_details": {"cached_tokens": 100, "audio_tokens": 1},
                              "completion_tokens_details": {"reasoning_tokens": 9, "audio_tokens": 2}}})");
  }
  const Values expected = {{"openinference.span.kind", std::string("LLM")},
                           {"llm.model_name", std::string("qwen2.5-7b-instruct")},
                           {"llm.response.model_name", std::string("qwen2.5-7b")},
                           {"llm.invocation_parameters", std::string(R"({"temperature": 0.7})")},
                           {"llm.input_messages.0.message.role", std::string("system")},
                           {"llm.input_messages.0.message.content", std::string("Be brief.")},
                           {"llm.input_messages.1.message.role", std::string("user")},
                           {"llm.input_messages.1.message.content", std::string("Say \"café\" \U0001F600\n")},
                           {"llm.output_messages.0.message.role", std::string("assistant")},
                           {"llm.output_messages.0.message.content", std::string("SQLite.")},
                           {"llm.finish_reason", std::string("stop")},
                           {"llm.token_count.prompt", std::int64_t{182}},
                           {"llm.token_count.completion", std::int64_t{27}},
                           {"llm.token_count.total", std::int64_t{209}},
                           {"llm.token_count.prompt_details.cache_read", std::int64_t{100}},
                           {"llm.token_count.prompt_details.audio", std::int64_t{1}},
                           {"llm.token_count.completion_details.reasoning", std::int64_t{9}},
                           {"llm.token_count.completion_details.audio", std::int64_t{2}}};
  EXPECT_EQ(Finish("llm.chat").attributes, expected);
}

TEST_F(LlmTest, ToolsToolCallsAndPartsOfMessages) {
  {
    Span span = LlmSpan({.model = "gpt-4o",
                         .messages_json = R"([
      {"role": "user", "content": [{"type": "text", "text": "look"},
                                   {"type": "image_url", "image_url": {"url": "https://x/y.png"}}]},
      {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function",
        "function": {"name": "search", "arguments": "{\"q\": 1}"}}]},
      {"role": "tool", "tool_call_id": "call_1", "name": "search", "content": "[]"}])",
                         .parameters_json = R"({"max_tokens": 5})",
                         .tools_json = R"([{"type": "function", "function": {"name": "search"}}])",
                         .provider = "openai"});
    RecordLlmOutput(span, R"({"choices": [{"message": {"role": "assistant", "tool_calls": [{"id": "c2",
      "function": {"name": "now", "arguments": "{}"}}]}, "finish_reason": "tool_calls"},
      {"message": {"role": "assistant", "content": "second"}}]})");
  }
  const std::string in = "llm.input_messages.";
  const std::string out = "llm.output_messages.";
  const Values expected = {
      {"openinference.span.kind", std::string("LLM")},
      {"llm.model_name", std::string("gpt-4o")},
      {"llm.provider", std::string("openai")},
      {"llm.invocation_parameters", std::string(R"({"max_tokens": 5})")},
      {"llm.tools.0.tool.json_schema", std::string(R"({"type": "function", "function": {"name": "search"}})")},
      {in + "0.message.role", std::string("user")},
      {in + "0.message.contents.0.message_content.type", std::string("text")},
      {in + "0.message.contents.0.message_content.text", std::string("look")},
      {in + "0.message.contents.1.message_content.type", std::string("image")},
      {in + "0.message.contents.1.message_content.image.image.url", std::string("https://x/y.png")},
      {in + "1.message.role", std::string("assistant")},
      {in + "1.message.tool_calls.0.tool_call.id", std::string("call_1")},
      {in + "1.message.tool_calls.0.tool_call.function.name", std::string("search")},
      {in + "1.message.tool_calls.0.tool_call.function.arguments", std::string(R"({"q": 1})")},
      {in + "2.message.role", std::string("tool")},
      {in + "2.message.tool_call_id", std::string("call_1")},
      {in + "2.message.name", std::string("search")},
      {in + "2.message.content", std::string("[]")},
      {out + "0.message.role", std::string("assistant")},
      {out + "0.message.tool_calls.0.tool_call.id", std::string("c2")},
      {out + "0.message.tool_calls.0.tool_call.function.name", std::string("now")},
      {out + "0.message.tool_calls.0.tool_call.function.arguments", std::string("{}")},
      {out + "1.message.role", std::string("assistant")},
      {out + "1.message.content", std::string("second")},
      {"llm.finish_reason", std::string("tool_calls")}};
  EXPECT_EQ(Finish("llm.chat").attributes, expected);
}

// 128 attributes are a span's limit: a long history is kept whole instead of in part.
TEST_F(LlmTest, WhatDoesNotFitIsKeptWhole) {
  std::string messages = R"([{"role": "user", "content": "0"})";
  for (int i = 1; i < 60; ++i) messages += R"(, {"role": "user", "content": "x"})";
  messages += "]";
  for (const std::string& text : {messages, std::string("not JSON"), std::string(R"([{"role": "user")")}) {
    const Span span = LlmSpan("m", text);
  }
  ShutdownTracing();
  const auto spans = sink_.spans();
  ASSERT_EQ(spans.size(), 3U);
  EXPECT_EQ(spans[0].attributes.at("llm.input_messages"), sdk_test::Value(messages));
  EXPECT_EQ(spans[0].attributes_dropped, 0U);
  EXPECT_EQ(spans[1].attributes.at("llm.input_messages"), sdk_test::Value("not JSON"));
  EXPECT_EQ(spans[2].attributes.at("llm.input_messages"), sdk_test::Value(R"([{"role": "user")"));
}

TEST_F(LlmTest, AStreamedAnswerIsPutTogether) {
  std::string response;
  {
    Span span = LlmSpan("m", "[]");
    LlmStream stream(span);
    stream.Add(R"({"model": "m-1", "choices": [{"delta": {"role": "assistant", "content": ""}}]})");
    stream.Add(R"({"choices": [{"delta": {"content": "Hel"}}]})");
    stream.Add(R"({"choices": [{"delta": {"content": "lo"}}]})");
    stream.Add(R"({"choices": [{"delta": {"tool_calls": [{"index": 1, "id": "b", "function": {"name": "now"}}]}}]})");
    stream.Add(R"({"choices": [{"delta": {"tool_calls": [{"index": 0, "id": "a", "function":
                  {"name": "search", "arguments": "{\"q\":"}}]}}]})");
    stream.Add(R"({"choices": [{"delta": {"tool_calls": [{"index": 0, "function": {"arguments": "1}"}}]},
                  "finish_reason": "tool_calls"}]})");
    stream.Add(R"({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}})");
    stream.Add("[DONE]");
    stream.Finish();
    response = stream.response_json();
  }
  EXPECT_EQ(response,
            R"({"choices": [{"index": 0, "message": {"role": "assistant", "content": "Hello", "tool_calls": [)"
            R"({"type": "function", "id": "a", "function": {"name": "search", "arguments": "{\"q\":1}"}}, )"
            R"({"type": "function", "id": "b", "function": {"name": "now", "arguments": ""}}]}, )"
            R"("finish_reason": "tool_calls"}], "model": "m-1", )"
            R"("usage": {"prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7}})");
  const auto span = Finish("llm.chat");
  ASSERT_EQ(span.events.size(), 1U);
  EXPECT_EQ(span.events[0].name, "First Token Stream Event");
  EXPECT_EQ(span.attributes.at("llm.output_messages.0.message.content"), sdk_test::Value("Hello"));
  EXPECT_EQ(span.attributes.at("llm.token_count.total"), sdk_test::Value(std::int64_t{7}));
  EXPECT_EQ(span.attributes.at("llm.response.model_name"), sdk_test::Value("m-1"));
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
    const Span span = ToolSpan("search_docs", R"({"query": "WAL", "top_k": 3})", "call_1");
  }
  const Values expected = {{"openinference.span.kind", std::string("TOOL")},
                           {"tool.name", std::string("search_docs")},
                           {"tool.id", std::string("call_1")},
                           {"input.mime_type", std::string("application/json")},
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
  const Values expected = {{"openinference.span.kind", std::string("RETRIEVER")},
                           {"input.value", std::string("WAL")},
                           {"retrieval.top_k", std::int64_t{3}},
                           {"retrieval.documents.0.document.id", std::string("dj-004")},
                           {"retrieval.documents.0.document.score", 0.62},
                           {"retrieval.documents.0.document.content", std::string("say \"WAL\"")},
                           {"retrieval.documents.1.document.id", std::string("sq-001")},
                           {"retrieval.documents.1.document.score", 1.0},
                           {"retrieval.documents.1.document.content", std::string(499, 'x') + "\xC3\xA9"}};
  EXPECT_EQ(Finish("retrieval").attributes, expected);
}

TEST_F(LlmTest, TheOtherKinds) {
  const std::vector<RetrievedDocument> documents = {{.id = "d1", .score = 0.5, .text = "t"}};
  {
    Span rerank = RerankerSpan("q", "ranker", 1, documents);
    RecordRerankerOutput(rerank, documents);
    const std::vector<std::string> texts = {"a"};
    Span embed = EmbeddingSpan("embedder", texts);
    const std::vector<std::vector<double>> vectors = {{0.5, -1}};
    RecordEmbeddingOutput(embed, vectors);
    Span chain = ChainSpan("plan", "in");
    RecordOutput(chain, R"({"a": 1})");
    Span guard = GuardrailSpan("no secrets", "in");
    RecordOutput(guard, "passed");
    Span evaluator = EvaluatorSpan("judge", "in");
    RecordEvaluation(evaluator, {.name = "factual", .score = 0.75, .label = "ok", .explanation = "because"});
  }
  EXPECT_EQ(Finish("rerank").attributes, (Values{{"openinference.span.kind", std::string("RERANKER")},
                                                 {"reranker.query", std::string("q")},
                                                 {"reranker.model_name", std::string("ranker")},
                                                 {"reranker.top_k", std::int64_t{1}},
                                                 {"reranker.input_documents.0.document.id", std::string("d1")},
                                                 {"reranker.input_documents.0.document.score", 0.5},
                                                 {"reranker.input_documents.0.document.content", std::string("t")},
                                                 {"reranker.output_documents.0.document.id", std::string("d1")},
                                                 {"reranker.output_documents.0.document.score", 0.5},
                                                 {"reranker.output_documents.0.document.content", std::string("t")}}));
  EXPECT_EQ(Received("CreateEmbeddings").attributes,
            (Values{{"openinference.span.kind", std::string("EMBEDDING")},
                    {"embedding.model_name", std::string("embedder")},
                    {"embedding.embeddings.0.embedding.text", std::string("a")},
                    {"embedding.embeddings.0.embedding.vector", std::string("[0.5, -1]")}}));
  EXPECT_EQ(Received("plan").attributes, (Values{{"openinference.span.kind", std::string("CHAIN")},
                                                 {"input.value", std::string("in")},
                                                 {"output.value", std::string(R"({"a": 1})")},
                                                 {"output.mime_type", std::string("application/json")}}));
  EXPECT_EQ(Received("no secrets").attributes.at("openinference.span.kind"), sdk_test::Value("GUARDRAIL"));
  EXPECT_EQ(Received("no secrets").attributes.at("output.mime_type"), sdk_test::Value("text/plain"));
  EXPECT_EQ(Received("judge").attributes, (Values{{"openinference.span.kind", std::string("EVALUATOR")},
                                                  {"input.value", std::string("in")},
                                                  {"evaluations.0.evaluation.name", std::string("factual")},
                                                  {"evaluations.0.evaluation.score", 0.75},
                                                  {"evaluations.0.evaluation.label", std::string("ok")},
                                                  {"evaluations.0.evaluation.explanation", std::string("because")}}));
}

TEST_F(LlmTest, ContextAttributesReachEverySpanBelow) {
  {
    const Scope user = UsingUser("ada");
    const Scope session = UsingSession("s-1");
    const std::vector<std::string> tags = {"beta", "eu"};
    const Scope more =
        UsingAttributes({.metadata_json = R"({"k": 1})",
                         .tags = tags,
                         .prompt = {.text = "Answer {q}", .variables_json = R"({"q": "x"})", .version = "v2"}});
    const Span agent = AgentSpan("goal", "helper");
    {
      const Scope other = UsingUser("bob");
      const Span tool = ToolSpan("now", "{}");
    }
    const Span llm = LlmSpan("m", "[]");
  }
  const Span after = AgentSpan("later");
  const Values common = {{"session.id", std::string("s-1")},
                         {"metadata", std::string(R"({"k": 1})")},
                         {"tag.tags", std::vector<std::string>{"beta", "eu"}},
                         {"llm.prompt_template.template", std::string("Answer {q}")},
                         {"llm.prompt_template.variables", std::string(R"({"q": "x"})")},
                         {"llm.prompt_template.version", std::string("v2")}};
  ShutdownTracing();
  for (const auto& [name, user] :
       {std::pair("agent.run", "ada"), std::pair("tool.now", "bob"), std::pair("llm.chat", "ada")}) {
    const Values attributes = Received(name).attributes;
    for (const auto& [key, value] : common) EXPECT_EQ(attributes.at(key), value) << name;
    EXPECT_EQ(attributes.at("user.id"), sdk_test::Value(user)) << name;
  }
  EXPECT_EQ(Received("agent.run").attributes.at("agent.name"), sdk_test::Value("helper"));
}

TEST_F(LlmTest, EachContextAttributeAlone) {
  const auto start = [](const char* name) { tracer().StartSpan(name).End(); };
  {
    const Scope scope = UsingSession("s-1");
    start("session");
  }
  {
    const Scope scope = UsingUser("ada");
    start("user");
  }
  {
    const Scope scope = UsingMetadata(R"({"plan": "free"})");
    start("metadata");
  }
  {
    const Scope scope = UsingTags(std::vector<std::string>{"beta", "eu"});
    start("tags");
  }
  {
    const Scope scope = UsingPromptTemplate({.text = "Answer {q}", .variables_json = R"({"q": "x"})", .version = "v2"});
    start("prompt");
  }
  start("none");
  EXPECT_EQ(Finish("session").attributes, (Values{{"session.id", std::string("s-1")}}));
  EXPECT_EQ(Received("user").attributes, (Values{{"user.id", std::string("ada")}}));
  EXPECT_EQ(Received("metadata").attributes, (Values{{"metadata", std::string(R"({"plan": "free"})")}}));
  EXPECT_EQ(Received("tags").attributes, (Values{{"tag.tags", std::vector<std::string>{"beta", "eu"}}}));
  EXPECT_EQ(Received("prompt").attributes, (Values{{"llm.prompt_template.template", std::string("Answer {q}")},
                                                   {"llm.prompt_template.variables", std::string(R"({"q": "x"})")},
                                                   {"llm.prompt_template.version", std::string("v2")}}));
  EXPECT_TRUE(Received("none").attributes.empty());
}

TEST_F(LlmTest, AnyExceptionIsRecordedAndThrownOnUnchanged) {
  struct Odd {
    int code;
  };
  try {
    Span span = ToolSpan("fails", "{}");
    Traced(span, [] { throw Odd{7}; });
  } catch (const Odd& odd) {
    EXPECT_EQ(odd.code, 7);
  }
  const auto span = Finish("tool.fails");
  EXPECT_EQ(span.status, 2U);
  ASSERT_EQ(span.events.size(), 1U);
  EXPECT_NE(std::get<std::string>(span.events[0].attributes.at("exception.type")).find("Odd"), std::string::npos);
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
