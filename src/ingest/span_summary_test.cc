// The summary that is stored beside a span says what its whole view says, for every recorded request.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/utf8.h"
#include "otlp/decode_traces.h"
#include "semconv/normalize.h"

namespace nightjar::ingest {
namespace {

using model::LlmView;
using model::SpanSummary;

std::string FirstText(const model::Message& message) {
  for (const model::Part& part : message.content)
    if (part.type == model::Part::Type::kText && !part.text.empty()) return part.text;
  return {};
}

std::string FirstToolCall(const model::Message& message) {
  for (const model::Part& part : message.content)
    if (part.type == model::Part::Type::kToolCall) return part.name + "(" + part.arguments + ")";
  return {};
}

// Recorded templates have no names. Their XXH3-64 by xxhsum 0.8.1.
std::string PromptName(const model::PromptTemplate& prompt) {
  if (prompt.template_text == "Context: {context}\nQuestion: {question}") return "template:7665f9c0e8a8787b";
  if (prompt.template_text == "Answer: {question}") return "template:fde0aaf8a6700f07";
  if (prompt.template_text == "You are a careful ornithologist. Answer in one sentence.")
    return "template:e28317c75cc36bfe";
  if (prompt.template_text ==
      "Context information is below.\n---------------------\n{context_str}\n---------------------\nGiven the context "
      "information and not prior knowledge, answer the query.\nQuery: {query_str}\nAnswer: ")
    return "template:4dc423a7fe8673c0";
  EXPECT_EQ(prompt.template_text, "");
  return prompt.name;
}

SpanSummary SummaryOf(const LlmView& view) {
  SpanSummary summary;
  summary.kind = view.kind;
  summary.dialect = view.dialect;
  summary.rules_version = view.rules_version;
  summary.title = view.title;
  summary.service_name = view.service_name;
  summary.session_id = view.session_id;
  summary.user_id = view.user_id;
  summary.agent_name = view.agent_name;
  summary.tokens = view.tokens;
  if (view.cost) summary.reported_cost_usd = view.cost->total_usd;
  if (view.cost && view.cost->total_usd) {
    summary.reported_prompt_usd = view.cost->prompt_usd;
    summary.reported_completion_usd = view.cost->completion_usd;
  }
  if (view.tool) summary.tool_name = view.tool->name;
  if (view.llm) {
    summary.model = view.llm->model;
    summary.provider = view.llm->provider;
    summary.operation = view.llm->operation;
    summary.response_id = view.llm->response_id;
    if (!view.llm->finish_reasons.empty()) summary.finish_reason = view.llm->finish_reasons.front();
    summary.service_tier = view.llm->service_tier;
    summary.time_to_first_token_ns = view.llm->time_to_first_token_ns;
    if (view.llm->prompt_template) {
      summary.prompt_name = PromptName(*view.llm->prompt_template);
      summary.prompt_version = view.llm->prompt_template->version;
    }
  }
  summary.tags = view.tags;
  summary.metadata = view.metadata;
  summary.evaluations = view.evaluations;
  if (view.exception) {
    summary.exception_type = view.exception->type;
    summary.exception_message = Utf8Prefix(view.exception->message, 200);
  }
  if (summary.model.empty() && view.embedding) summary.model = view.embedding->model;
  if (summary.model.empty() && view.reranker) summary.model = view.reranker->model;
  std::string input = view.input ? view.input->value : std::string();
  std::string output = view.output ? view.output->value : std::string();
  if (view.tool && input.empty()) input = view.tool->arguments;
  if (view.tool && output.empty()) output = view.tool->result;
  if (view.llm) {
    for (auto message = view.llm->input_messages.rbegin(); message != view.llm->input_messages.rend(); ++message)
      if (input.empty()) input = FirstText(*message);
    for (const model::Message& message : view.llm->output_messages)
      if (output.empty()) output = FirstText(message);
    for (const model::Message& message : view.llm->output_messages)
      if (output.empty()) output = FirstToolCall(message);
  }
  summary.input_preview = Utf8Prefix(input, 200);
  summary.output_preview = Utf8Prefix(output, 200);
  return summary;
}

std::string BytesOf(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(SpanSummary, SaysWhatTheWholeViewSays) {
  const std::filesystem::path corpora = std::filesystem::path(NIGHTJAR_SOURCE_DIR) / "tests/corpora/otlp";
  std::size_t spans = 0;
  std::size_t understood = 0;
  for (const auto& source : std::filesystem::directory_iterator(corpora)) {
    if (!source.is_directory()) continue;
    for (const auto& file : std::filesystem::directory_iterator(source)) {
      const bool is_body = std::isdigit(static_cast<unsigned char>(file.path().filename().string().front())) != 0;
      if (!file.is_regular_file() || !is_body) continue;
      const std::string bytes = BytesOf(file);
      const auto decoded =
          file.path().extension() == ".json" ? otlp::DecodeTracesJson(bytes) : otlp::DecodeTraces(bytes);
      ASSERT_TRUE(decoded) << file.path();
      const model::SpanBatch& batch = decoded->batch;
      for (const model::Span& span : batch.spans) {
        ++spans;
        const model::Resource& resource = batch.resource_of(span);
        const model::Scope& scope = batch.scope_of(span);
        SpanSummary summary = semconv::Summarize(span, resource, scope);
        understood += summary.understood.empty() ? 0 : 1;
        summary.understood.clear();  // tests/test_sql_messages.py compares it with the view
        EXPECT_EQ(summary, SummaryOf(semconv::Normalize(span, resource, scope)))
            << file.path() << ' ' << span.span_id.ToHex() << ' ' << span.name;
      }
    }
  }
  EXPECT_GT(spans, 600u);
  EXPECT_GT(understood, 100u);
  EXPECT_LT(understood, spans / 2);
}

}  // namespace
}  // namespace nightjar::ingest
