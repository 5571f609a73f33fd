// Bytes → attributes whose keys are made of the dialects' own words → Normalize.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/utf8.h"
#include "semconv/normalize.h"

namespace {

constexpr std::string_view kWords[] = {
    "llm.input_messages",
    "llm.output_messages",
    "gen_ai.input.messages",
    "gen_ai.output.messages",
    "llm.tools",
    "retrieval.documents",
    "embedding.embeddings",
    "openinference.span.kind",
    "gen_ai.operation.name",
    "message",
    "content",
    "contents",
    "message_content",
    "parts",
    "tool_calls",
    "tool_call",
    "function",
    "arguments",
    "type",
    "text",
    "image",
    "url",
    "document",
    "llm.token_count.prompt",
    "metadata",
    "input.value",
    "output.value",
    "0",
    "1",
    "18446744073709551615",
    "gen_ai.system_instructions",
    "gen_ai.tool.definitions",
    "llm.prompts",
    "tag.tags",
    "gen_ai.choice",
    "gen_ai.user.message",
    "gen_ai.prompt",
    "gen_ai.completion",
    "role",
    "reranker.input_documents",
    "langfuse.observation.type",
    "langfuse.observation.input",
    "langfuse.observation.usage_details",
    "ai.operationId",
    "ai.prompt",
    "ai.prompt.messages",
    "ai.response.toolCalls",
    "ai.usage.inputTokens",
    "mlflow.spanInputs",
    "mlflow.spanOutputs",
    "langsmith.span.kind",
    "gcp.vertex.agent.llm_request",
    "gcp.vertex.agent.llm_response",
    "genkit:output",
    "lk.chat_ctx",
    "lmnr.span.type",
    "traceloop.entity.input",
    "traceloop.span.kind",
    "events",
    "annotations",
    "litellm.call_id",
    "metadata.usage_object",
    "input",
    "choices",
    "usage",
};

class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return rest_.empty(); }
  unsigned Byte() {
    if (rest_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  std::string Text() {
    const std::string_view text = rest_.substr(0, Byte() % 64 * 4);
    rest_.remove_prefix(std::min(text.size(), rest_.size()));
    return nightjar::ReplaceInvalidUtf8(text);
  }
  std::string Key() {
    std::string key;
    for (unsigned words = 1 + Byte() % 6; words > 0; --words) {
      if (!key.empty()) key += '.';
      key += kWords[Byte() % std::size(kWords)];
    }
    return key;
  }
  nightjar::model::Value Value() {
    switch (Byte() % 6) {
      case 0: return static_cast<std::int64_t>(Byte()) << Byte() % 56;
      case 1: return 1.0 / Byte();
      case 2: return nightjar::model::Array{Text(), true, nightjar::model::Value()};
      case 3: return nightjar::model::KeyValueList{{Key(), Text()}, {"type", Text()}};
      default: return Text();
    }
  }
  nightjar::model::Attributes Attributes(unsigned count) {
    nightjar::model::Attributes attributes;
    while (count-- > 0) {
      std::string key = Key();
      attributes.push_back({std::move(key), Value()});
    }
    return attributes;
  }

 private:
  std::string_view rest_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  nightjar::model::Span span;
  span.attributes = input.Attributes(input.Byte() % 16);
  std::vector<nightjar::model::LogRecord> logs;
  while (!input.empty()) {
    if (input.Byte() % 2 == 0) {
      span.events.push_back({.name = input.Key(), .attributes = input.Attributes(input.Byte() % 4)});
    } else {
      logs.push_back(
          {.event_name = input.Key(), .body = input.Value(), .attributes = input.Attributes(input.Byte() % 4)});
    }
  }
  const auto attributes = span.attributes;
  nightjar::semconv::Normalize(span, {}, {}, logs);
  const auto view = nightjar::semconv::Normalize(span, {}, {});
  const auto summary = nightjar::semconv::Summarize(span, {}, {});
  CHECK(span.attributes == attributes);
  CHECK(summary.kind == view.kind && summary.dialect == view.dialect);
  CHECK(summary.session_id == view.session_id && summary.tokens == view.tokens);
  CHECK(!view.llm || summary.provider == view.llm->provider);
  return 0;
}
