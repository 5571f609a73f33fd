#include <gtest/gtest.h>

#include "semconv/internal/testing.h"

namespace nightjar::semconv {
namespace {

// Literals from fixtures recorded with openinference-instrumentation-openai 0.1.66.
TEST(OpenInference, FlattenedChat) {
  const LlmView view = View({
      {"openinference.span.kind", "LLM"},
      {"llm.system", "openai"},
      {"llm.model_name", "gpt-4o-mini-2024-07-18"},
      {"llm.invocation_parameters", R"({"model": "gpt-4o-mini", "temperature": 0.2})"},
      {"llm.input_messages.1.message.role", "user"},
      {"llm.input_messages.1.message.content", "Where does the nightjar nest?"},
      {"llm.input_messages.0.message.role", "system"},
      {"llm.input_messages.0.message.content", "You are a careful ornithologist."},
      {"llm.output_messages.0.message.role", "assistant"},
      {"llm.output_messages.0.message.tool_calls.0.tool_call.id", "call_0401954aac3"},
      {"llm.output_messages.0.message.tool_calls.0.tool_call.function.name", "search_docs"},
      {"llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments", R"({"query": "nightjar"})"},
      {"llm.tools.0.tool.json_schema",
       R"({"type":"function","function":{"name":"search_docs","description":"Search.","parameters":{"type":"object"}}})"},
      {"llm.finish_reason", "tool_calls"},
      {"llm.token_count.prompt", std::int64_t{1017}},
      {"llm.token_count.completion", std::int64_t{103}},
      {"llm.token_count.total", std::int64_t{1120}},
      {"llm.token_count.prompt_details.cache_read", std::int64_t{513}},
      {"llm.token_count.prompt_details.cache_write", std::int64_t{0}},
      {"llm.token_count.completion_details.reasoning", std::int64_t{41}},
      {"output.value", R"({"id":"chatcmpl-49d5dfa4903924d03754","choices":[{"finish_reason":"tool_calls"}]})"},
      {"output.mime_type", "application/json"},
  });
  EXPECT_EQ(view.dialect, "openinference");
  EXPECT_EQ(view.kind, ObservationKind::kLlm);
  ASSERT_TRUE(view.llm);
  EXPECT_EQ(view.llm->provider, "openai");
  EXPECT_EQ(view.llm->model, "gpt-4o-mini-2024-07-18");
  EXPECT_EQ(view.llm->request_model, "gpt-4o-mini");
  EXPECT_EQ(view.llm->response_id, "chatcmpl-49d5dfa4903924d03754");
  EXPECT_EQ(view.llm->finish_reasons, std::vector<std::string>{"tool_calls"});
  const std::vector<Message> input = {
      {.role = "system", .content = {TextPart("You are a careful ornithologist.")}},
      {.role = "user", .content = {TextPart("Where does the nightjar nest?")}},
  };
  EXPECT_EQ(view.llm->input_messages, input);
  const Message answer = {.role = "assistant",
                          .content = {{.type = Part::Type::kToolCall,
                                       .id = "call_0401954aac3",
                                       .name = "search_docs",
                                       .arguments = R"({"query": "nightjar"})"}}};
  EXPECT_EQ(view.llm->output_messages, std::vector{answer});
  EXPECT_EQ(view.llm->tools, (std::vector<model::ToolDefinition>{{"search_docs", "Search.", R"({"type":"object"})"}}));
  const model::TokenUsage tokens = {.prompt = 1017,
                                    .completion = 103,
                                    .total = 1120,
                                    .cache_read = 513,
                                    .cache_write = 0,
                                    .uncached = 504,
                                    .reasoning = 41,
                                    .rule = "openinference.token_count"};
  EXPECT_EQ(view.tokens, tokens);
  EXPECT_EQ(view.cost, std::nullopt);
  EXPECT_EQ(view.output->mime_type, "application/json");
}

// What the mission text's stack/tracing.py writes: each list is one JSON string.
TEST(OpenInference, MessagesAndDocumentsAsOneJsonString) {
  const LlmView chat = View({
      {"openinference.span.kind", "LLM"},
      {"llm.model_name", "qwen2.5-7b-instruct"},
      {"llm.input_messages",
       R"([{"role": "user", "content": "Compare."}, {"role": "tool", "tool_call_id": "call_1", "name": "search_docs", "content": "[]"}])"},
      {"llm.output_messages",
       R"([{"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "search_docs", "arguments": "{\"top_k\": 3}"}}]}])"},
      {"llm.token_count.prompt", std::int64_t{182}},
  });
  const std::vector<Message> input = {
      {.role = "user", .content = {TextPart("Compare.")}},
      {.role = "tool", .name = "search_docs", .tool_call_id = "call_1", .content = {TextPart("[]")}},
  };
  EXPECT_EQ(chat.llm->input_messages, input);
  ASSERT_EQ(chat.llm->output_messages.size(), 1u);
  EXPECT_EQ(
      chat.llm->output_messages[0].content,
      (std::vector<Part>{
          {.type = Part::Type::kToolCall, .id = "call_1", .name = "search_docs", .arguments = R"({"top_k": 3})"}}));
  EXPECT_EQ(chat.llm->provider, "");
  EXPECT_EQ(chat.tokens->prompt, 182u);
  EXPECT_EQ(chat.tokens->completion, std::nullopt);
  EXPECT_EQ(chat.tokens->total, std::nullopt);

  const LlmView retrieval = View({
      {"openinference.span.kind", "RETRIEVER"},
      {"input.value", "Postgres vs SQLite for Django"},
      {"retrieval.documents",
       R"([{"id": "dj-004", "score": 0.62, "text": "Django ships SQLite."}, {"id": 7, "content": "x", "metadata": {"page": 2}}])"},
  });
  const model::Retrieval expected = {
      "Postgres vs SQLite for Django",
      {{.id = "dj-004", .score = 0.62, .content = "Django ships SQLite."},
       {.id = "7", .content = "x", .metadata = R"({"page":2})"}},
  };
  EXPECT_EQ(retrieval.retrieval, expected);
  EXPECT_EQ(retrieval.llm, std::nullopt);
  EXPECT_EQ(retrieval.input->mime_type, "text/plain");
}

TEST(OpenInference, TextThatIsNotJsonIsAbsentFromTheView) {
  const LlmView view = View({{"openinference.span.kind", "LLM"},
                             {"llm.input_messages", "[<Message object at 0x7f>]"},
                             {"llm.token_count.prompt", "many"},
                             {"metadata", "[1]"}});
  EXPECT_EQ(view.llm, model::Llm());
  EXPECT_EQ(view.tokens, std::nullopt);
  EXPECT_EQ(view.metadata, "");
}

TEST(OpenInference, CutTextGivesWhatArrived) {
  const LlmView view = View({{"openinference.span.kind", "LLM"},
                             {"llm.input_messages", R"([{"role": "user", "content": "Where does the night)"}});
  EXPECT_EQ(view.llm->input_messages,
            (std::vector<Message>{{.role = "user", .content = {TextPart("Where does the night")}}}));
  EXPECT_EQ(view.notes, std::vector<std::string>{"llm.input_messages is cut"});
}

TEST(OpenInference, AnnotationsOnTheSpan) {
  const LlmView view = View({{"openinference.span.kind", "LLM"},
                             {"annotations.0.annotation.name", "relevance"},
                             {"annotations.0.annotation.score", 0.5},
                             {"annotations.0.annotation.label", "partly"},
                             {"annotations.0.annotation.explanation", "One place."},
                             {"trace.evaluations.0.evaluation.name", "tone"},
                             {"trace.evaluations.0.evaluation.score", std::int64_t{1}}});
  using model::Evaluation;
  EXPECT_EQ(view.evaluations,
            (std::vector<Evaluation>{
                {"relevance", "partly", 0.5, "One place.", Evaluation::Origin::kAttribute, "span"},
                {.name = "tone", .score = 1, .origin = Evaluation::Origin::kAttribute, .target = "trace"}}));
}

TEST(OpenInference, ContentParts) {
  const std::string contents = "llm.input_messages.0.message.contents.";
  const LlmView view = View({
      {"openinference.span.kind", "LLM"},
      {"llm.input_messages.0.message.role", "user"},
      {contents + "0.message_content.type", "text"},
      {contents + "0.message_content.text", "What is in the picture?"},
      {contents + "1.message_content.type", "image"},
      {contents + "1.message_content.image.image.url", "data:image/png;base64,iVBORw0KGgo="},
      {contents + "2.message_content.type", "audio"},
      {contents + "2.message_content.audio.audio.url", "https://example.org/a.wav"},
      {contents + "2.message_content.audio.audio.mime_type", "audio/wav"},
      {contents + "3.message_content.type", "reasoning"},
      {contents + "3.message_content.text", "Thinking."},
      {contents + "4.message_content.type", "tool_use"},
      {contents + "4.tool_call.id", "toolu_1"},
      {contents + "4.tool_call.function.name", "search_docs"},
      {contents + "4.tool_call.function.arguments", "{}"},
      // The same call again, as the Anthropic instrumentation writes it.
      {"llm.input_messages.0.message.tool_calls.0.tool_call.id", "toolu_1"},
      {"llm.input_messages.0.message.tool_calls.0.tool_call.function.name", "search_docs"},
      {"llm.input_messages.0.message.tool_calls.0.tool_call.function.arguments", "{}"},
      {"llm.input_messages.1.message.role", "assistant"},
      {"llm.input_messages.1.message.function_call_name", "now"},
      {"llm.input_messages.1.message.function_call_arguments_json", R"({"zone":"UTC"})"},
      // An empty AnyValue is absent: no phantom tool call.
      {"llm.input_messages.2.message.role", "user"},
      {"llm.input_messages.2.message.tool_calls.0.tool_call.id", model::Value()},
  });
  const std::vector<Message> expected = {
      {.role = "user",
       .content = {TextPart("What is in the picture?"),
                   {.type = Part::Type::kImage, .url = "data:image/png;base64,iVBORw0KGgo=", .mime_type = "image/png"},
                   {.type = Part::Type::kAudio, .url = "https://example.org/a.wav", .mime_type = "audio/wav"},
                   {.type = Part::Type::kReasoning, .text = "Thinking."},
                   {.type = Part::Type::kToolCall, .id = "toolu_1", .name = "search_docs", .arguments = "{}"}}},
      {.role = "assistant",
       .content = {{.type = Part::Type::kToolCall, .name = "now", .arguments = R"({"zone":"UTC"})"}}},
      {.role = "user"},
  };
  EXPECT_EQ(view.llm->input_messages, expected);
}

TEST(OpenInference, CompletionsPromptTemplateAndFirstToken) {
  model::Span span;
  span.start_unix_ns = 1'000'000'000;
  span.events = {{.time_unix_ns = 1'250'000'000, .name = "First Token Stream Event"}};
  span.attributes = {
      {"openinference.span.kind", "LLM"},
      {"llm.prompts.0.prompt.text", "Once"},
      {"llm.choices.0.completion.text", " upon a time"},
      {"llm.prompt_template.template", "Answer: {question}"},
      {"llm.prompt_template.variables", R"({"question": "Where?"})"},
      {"llm.prompt_template.version", "v3"},
      {"prompt.id", "answer-question"},
      {"llm.finish_reason", "FinishReason.MAX_TOKENS"},
  };
  const LlmView view = Normalize(span, {}, {});
  EXPECT_EQ(view.llm->input_messages, (std::vector<Message>{{.role = "user", .content = {TextPart("Once")}}}));
  EXPECT_EQ(view.llm->output_messages,
            (std::vector<Message>{{.role = "assistant", .content = {TextPart(" upon a time")}}}));
  EXPECT_EQ(view.llm->prompt_template,
            (model::PromptTemplate{"answer-question", "Answer: {question}", R"({"question": "Where?"})", "v3"}));
  EXPECT_EQ(view.llm->time_to_first_token_ns, 250'000'000u);
  EXPECT_EQ(view.llm->finish_reasons, std::vector<std::string>{"max_tokens"});
}

TEST(OpenInference, ToolArgumentsAreNotTheSchema) {
  const LlmView call = View({{"openinference.span.kind", "TOOL"},
                             {"tool.name", "fetch_chunk"},
                             {"tool.id", "call_2"},
                             {"tool.description", "Fetch the text of one chunk."},
                             {"tool.parameters", R"({"chunk_id": "dj-004"})"},
                             {"output.value", "Django"}});
  EXPECT_EQ(call.tool, (model::ToolUse{"fetch_chunk", "call_2", "Fetch the text of one chunk.",
                                       R"({"chunk_id": "dj-004"})", "Django"}));
  const LlmView with_schema = View({{"openinference.span.kind", "TOOL"},
                                    {"tool.name", "fetch_chunk"},
                                    {"tool.parameters", R"({"type": "object", "properties": {"chunk_id": {}}})"},
                                    {"input.value", R"({"chunk_id": "doc-nightjar-2"})"}});
  EXPECT_EQ(with_schema.tool->arguments, R"({"chunk_id": "doc-nightjar-2"})");
}

TEST(OpenInference, RerankerAndEmbedding) {
  const LlmView rerank = View({{"openinference.span.kind", "RERANKER"},
                               {"reranker.query", "Where?"},
                               {"reranker.model_name", "rerank-v3.5"},
                               {"reranker.top_k", std::int64_t{2}},
                               {"reranker.input_documents.0.document.id", "doc-1"},
                               {"reranker.output_documents.0.document.id", "doc-3"},
                               {"reranker.output_documents.0.document.score", 0.95}});
  EXPECT_EQ(rerank.reranker,
            (model::Reranker{"Where?", "rerank-v3.5", 2, {{.id = "doc-1"}}, {{.id = "doc-3", .score = 0.95}}}));
  const LlmView embedding = View({{"openinference.span.kind", "EMBEDDING"},
                                  {"embedding.model_name", "text-embedding-3-small"},
                                  {"embedding.embeddings.1.embedding.text", "nightjar song"},
                                  {"embedding.embeddings.0.embedding.text", "nightjar habitat"},
                                  {"embedding.embeddings.0.embedding.vector", Array{0.5, 0.25}}});
  EXPECT_EQ(embedding.embedding, (model::Embedding{"text-embedding-3-small", {"nightjar habitat", "nightjar song"}}));
}

// As openinference-instrumentation-anthropic sends it: how long entries live is in the response alone.
TEST(OpenInference, AnthropicsHourInTheCache) {
  const LlmView view = View({{"openinference.span.kind", "LLM"},
                             {"llm.token_count.prompt", std::int64_t{900}},
                             {"llm.token_count.prompt_details.cache_write", std::int64_t{300}},
                             {"llm.invocation_parameters", R"({"service_tier": "auto"})"},
                             {"output.value",
                              R"({"type": "message", "usage": {"input_tokens": 600, "cache_creation_input_tokens": 300,
                                  "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200}}})"}});
  EXPECT_EQ(view.tokens->cache_write, 300);
  EXPECT_EQ(view.tokens->cache_write_1h, 200);
  EXPECT_EQ(view.llm->service_tier, "auto");
}

TEST(OpenInference, SessionTagsMetadataAndReportedCost) {
  const LlmView view = View({{"openinference.span.kind", "AGENT"},
                             {"session.id", "sess-42"},
                             {"user.id", std::int64_t{7}},
                             {"agent.name", "researcher"},
                             {"metadata", R"({"experiment": "A"})"},
                             {"tag.tags", R"(["fixture", "agent"])"},
                             {"llm.cost.total", 0.5},
                             {"llm.cost.prompt_details.cache_read", 0.25}});
  EXPECT_EQ(view.session_id, "sess-42");
  EXPECT_EQ(view.user_id, "7");
  EXPECT_EQ(view.agent_name, "researcher");
  EXPECT_EQ(view.metadata, R"({"experiment": "A"})");
  EXPECT_EQ(view.tags, (std::vector<std::string>{"fixture", "agent"}));
  EXPECT_EQ(view.cost, (model::ReportedCost{.total_usd = 0.5, .details = {{"prompt_details.cache_read", 0.25}}}));
  EXPECT_EQ(view.tokens, std::nullopt);
  EXPECT_EQ(View({{"tag.tags", Array{"a", "b"}}, {"input.value", ""}}).tags, (std::vector<std::string>{"a", "b"}));
}

}  // namespace
}  // namespace nightjar::semconv
