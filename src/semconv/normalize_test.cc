#include "semconv/internal/testing.h"

#include <gtest/gtest.h>

namespace nightjar::semconv {
namespace {

TEST(Normalize, SpansOfOtherProgramsAreGeneric) {
  model::Span span;
  span.attributes = {{"http.request.method", "POST"}, {"session.id", "s"}};
  span.events = {
      {.name = "exception", .attributes = {{"exception.type", "First"}}},
      {.name = "exception",
       .attributes = {
           {"exception.type", "ValueError"}, {"exception.message", "boom"}, {"exception.stacktrace", "Traceback"}}}};
  const LlmView view = Normalize(span, {}, {});
  EXPECT_EQ(view.kind, ObservationKind::kUnknown);
  EXPECT_EQ(view.dialect, "generic");
  EXPECT_EQ(view.rules_version, kRulesVersion);
  EXPECT_EQ(view.session_id, "s");
  EXPECT_EQ(view.exception, (model::Exception{"ValueError", "boom", "Traceback"}));
  EXPECT_EQ(view.llm, std::nullopt);
  EXPECT_EQ(view.tokens, std::nullopt);
  EXPECT_EQ(view.input, std::nullopt);
}

TEST(Normalize, ServiceNameIsNotTheDefaultOfAnSdk) {
  const auto service = [](const char* name, const char* scope) {
    const model::Resource resource{.attributes = {{"service.name", name}}};
    return Normalize({}, resource, {.name = scope}).service_name;
  };
  EXPECT_EQ(service("shop", "tracer"), "shop");
  EXPECT_EQ(service("unknown_service:python", "stack-dev"), "stack-dev");
  EXPECT_EQ(service("unknown_service", ""), "unknown_service");
  EXPECT_EQ(Normalize({}, {}, {.name = "stack-dev"}).service_name, "stack-dev");
}

TEST(Normalize, KindWithoutAWordComesFromTheFields) {
  EXPECT_EQ(View({{"llm.model_name", "m"}}).kind, ObservationKind::kLlm);
  EXPECT_EQ(View({{"retrieval.documents.0.document.id", "d"}}).kind, ObservationKind::kRetriever);
  EXPECT_EQ(View({{"openinference.span.kind", "guardrail"}}).kind, ObservationKind::kGuardrail);
  EXPECT_EQ(View({{"openinference.span.kind", "NEW"}, {"tool.name", "t"}}).kind, ObservationKind::kTool);
  EXPECT_EQ(View({{"openinference.span.kind", model::Value()}}).kind, ObservationKind::kUnknown);
  EXPECT_EQ(View({{"input.value", "x"}}).kind, ObservationKind::kUnknown);
}

TEST(Normalize, TokenCountsAreAbsentRatherThanWrong) {
  const auto prompt = [](model::Value value) {
    const LlmView view = View({{"llm.token_count.prompt", std::move(value)}});
    return view.tokens ? view.tokens->prompt : std::nullopt;
  };
  EXPECT_EQ(prompt(std::int64_t{0}), 0u);
  EXPECT_EQ(prompt(3.0), 3u);
  EXPECT_EQ(prompt("12"), 12u);
  EXPECT_EQ(prompt(std::int64_t{-1}), std::nullopt);
  EXPECT_EQ(prompt(0.5), std::nullopt);
  EXPECT_EQ(prompt(std::numeric_limits<double>::quiet_NaN()), std::nullopt);
  EXPECT_EQ(prompt(std::numeric_limits<std::int64_t>::max()), std::nullopt);
  EXPECT_EQ(prompt(std::int64_t{9'007'199'254'740'991}), 9'007'199'254'740'991u);
  EXPECT_EQ(prompt(std::int64_t{9'007'199'254'740'992}), std::nullopt);
  EXPECT_EQ(prompt(std::int64_t{9'007'199'254'740'993}), std::nullopt);
  EXPECT_EQ(prompt(true), std::nullopt);
}

TEST(Normalize, QueriesSeeMetadataAndEvaluationsToALimit) {
  const auto summary = [](std::size_t metadata_bytes, std::size_t evaluations) {
    std::string list;
    for (std::size_t i = 0; i < evaluations; ++i)
      list += std::string(i == 0 ? "" : ",") + R"({"name":"n)" + std::to_string(i) + R"(","score":1})";
    model::Span span;
    span.attributes = {{"metadata", R"({"k":")" + std::string(metadata_bytes - 8, 'x') + R"("})"},
                       {"annotations", "[" + list + "]"}};
    return Summarize(span, {}, {});
  };
  EXPECT_EQ(summary(16'384, 100).metadata.size(), 16'384u);
  EXPECT_EQ(summary(16'385, 100).metadata, "");
  EXPECT_EQ(summary(16'384, 100).evaluations.size(), 100u);
  EXPECT_EQ(summary(16'384, 101).evaluations.size(), 100u);
  EXPECT_EQ(summary(16'384, 101).evaluations.back().name, "n99");
}

TEST(Normalize, CachedTokensAreInThePrompt) {
  const LlmView view = View({{"llm.token_count.prompt", std::int64_t{17}},
                             {"llm.token_count.completion", std::int64_t{3}},
                             {"llm.token_count.total", std::int64_t{20}},
                             {"llm.token_count.prompt_details.cache_read", std::int64_t{1000}},
                             {"llm.token_count.prompt_details.cache_write", std::int64_t{2}}});
  EXPECT_EQ(view.tokens, (model::TokenUsage{.prompt = 1019,
                                            .completion = 3,
                                            .total = 1022,
                                            .cache_read = 1000,
                                            .cache_write = 2,
                                            .uncached = 17,
                                            .rule = "openinference.token_count +cache"}));
  const LlmView summed = View({{"llm.token_count.prompt", std::int64_t{17}},
                               {"llm.token_count.completion", std::int64_t{3}},
                               {"llm.token_count.prompt_details.cache_read", std::int64_t{5}}});
  EXPECT_EQ(
      summed.tokens,
      (model::TokenUsage{
          .prompt = 17, .completion = 3, .total = 20, .cache_read = 5, .rule = "openinference.token_count +total"}));
}

TEST(Normalize, ProviderIsNeverAFramework) {
  const auto provider = [](const char* name) {
    const LlmView view = View({{"openinference.span.kind", "LLM"}, {"llm.provider", name}});
    return view.llm->provider;
  };
  EXPECT_EQ(provider("OpenAI"), "openai");
  EXPECT_EQ(provider("openai.responses"), "openai");
  EXPECT_EQ(provider("az.ai.openai"), "azure");
  EXPECT_EQ(provider("gcp.gemini"), "google");
  EXPECT_EQ(provider("mistral_ai"), "mistralai");
  EXPECT_EQ(provider("x_ai"), "xai");
  EXPECT_EQ(provider("amazon-bedrock"), "aws");
  EXPECT_EQ(provider("Acme Models"), "acme models");
  EXPECT_EQ(provider("langchain"), "");
  EXPECT_EQ(provider("strands-agents"), "");
  EXPECT_EQ(View({{"llm.provider", "langgraph"}, {"llm.system", "vertexai"}, {"llm.model_name", "m"}}).llm->provider,
            "google");
  // Without a name, the family of the model tells.
  EXPECT_EQ(View({{"llm.model_name", "gpt-4o"}}).llm->provider, "openai");
  EXPECT_EQ(View({{"llm.model_name", "anthropic/my-model"}}).llm->provider, "anthropic");
  EXPECT_EQ(View({{"llm.model_name", "qwen2.5-7b-instruct"}}).llm->provider, "");
}

TEST(Normalize, HostileIndicesAndDepth) {
  std::string deep = "llm.input_messages";
  for (int i = 0; i < 1000; ++i) deep += ".0";
  const LlmView view = View({{"openinference.span.kind", "LLM"},
                             {"llm.input_messages.4294967296.message.content", "third"},
                             {"llm.input_messages.99999999999999999999999.message.content", "not an index"},
                             {"llm.input_messages.-1.message.content", "not an index"},
                             {"llm.input_messages.7.message.content", "second"},
                             {"llm.input_messages.007", "same index, later"},
                             {"llm.input_messages.2.message.content", "first"},
                             {deep, "too deep"},
                             {"llm.input_messages.", "no segment"}});
  std::vector<std::string> texts;
  for (const Message& message : view.llm->input_messages) texts.push_back(message.content.at(0).text);
  EXPECT_EQ(texts, (std::vector<std::string>{"first", "same index, later", "second", "third"}));
}

TEST(Normalize, AtMostTenThousandListItems) {
  Attributes attributes = {{"openinference.span.kind", "RETRIEVER"}};
  for (int i = 0; i < 10'050; ++i)
    attributes.push_back({"retrieval.documents." + std::to_string(i) + ".document.id", std::int64_t{i}});
  const LlmView view = View(std::move(attributes));
  ASSERT_EQ(view.retrieval->documents.size(), 10'000u);
  EXPECT_EQ(view.retrieval->documents.back().id, "9999");
}

TEST(Normalize, DeepJsonIsRefusedNotFollowed) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  const LlmView view = View({{"openinference.span.kind", "LLM"}, {"llm.input_messages", deep}, {"llm.tools", deep}});
  EXPECT_TRUE(view.llm->input_messages.empty());
  EXPECT_EQ(view.rules_version, kRulesVersion);
}

}  // namespace
}  // namespace nightjar::semconv
