// What a span means, whatever library sent it: the derived half of the Span JSON. Computed by semconv from the raw
// span and its log records, never stored as truth. Absent is std::nullopt or empty, never 0.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/cost.h"
#include "model/span.h"

namespace nightjar::model {

enum class ObservationKind {
  kUnknown,
  kLlm,
  kEmbedding,
  kChain,
  kRetriever,
  kReranker,
  kTool,
  kAgent,
  kGuardrail,
  kEvaluator,
  kPrompt,
};

// "LLM", "RETRIEVER" …: OpenInference's words.
std::string_view ToString(ObservationKind kind);

struct Part {
  enum class Type { kText, kReasoning, kToolCall, kToolResult, kImage, kAudio, kFile };
  Type type = Type::kText;
  std::string text;       // kText, kReasoning
  std::string id;         // kToolCall, kToolResult
  std::string name;       // kToolCall
  std::string arguments;  // kToolCall: JSON text as sent
  std::string result;     // kToolResult
  std::string url;        // kImage, kAudio, kFile: a URL, or a data: URI
  std::string mime_type;
  bool operator==(const Part&) const = default;
};

struct Message {
  std::string role;
  std::string name;
  std::string tool_call_id;
  std::string finish_reason;
  std::vector<Part> content;
  bool operator==(const Message&) const = default;
};

struct ToolDefinition {
  std::string name;
  std::string description;
  std::string parameters;  // JSON text
  bool operator==(const ToolDefinition&) const = default;
};

struct PromptTemplate {
  std::string name;
  std::string template_text;
  std::string variables;  // JSON text
  std::string version;
  bool operator==(const PromptTemplate&) const = default;
};

struct Llm {
  std::string operation;
  std::string provider;
  std::string model;
  std::string request_model;
  std::string response_model;
  std::string response_id;
  std::string invocation_parameters;  // JSON text of an object
  std::vector<Message> input_messages;
  std::vector<Message> output_messages;
  std::vector<ToolDefinition> tools;
  std::vector<std::string> finish_reasons;
  std::string service_tier;  // as sent: "default", "flex", "batch" …
  std::optional<std::uint64_t> time_to_first_token_ns;
  std::optional<PromptTemplate> prompt_template;
  bool operator==(const Llm&) const = default;
};

// Counts of tokens. prompt includes the cached ones, completion the reasoning ones; `rule` names how they were derived.
// `estimated`: a library counted them, the provider sent none.
struct TokenUsage {
  std::optional<std::uint64_t> prompt;
  std::optional<std::uint64_t> completion;
  std::optional<std::uint64_t> total;
  std::optional<std::uint64_t> cache_read;
  std::optional<std::uint64_t> cache_write;
  std::optional<std::uint64_t> cache_write_1h;  // of cache_write, what lives an hour
  std::optional<std::uint64_t> uncached;
  std::optional<std::uint64_t> reasoning;
  std::optional<std::uint64_t> prompt_audio;
  std::optional<std::uint64_t> prompt_image;
  std::optional<std::uint64_t> completion_audio;
  std::string rule;
  bool estimated = false;
  bool operator==(const TokenUsage&) const = default;
};

// US dollars, as the client reported them (llm.cost.*).
struct ReportedCost {
  std::optional<double> total_usd;
  std::optional<double> prompt_usd;
  std::optional<double> completion_usd;
  std::map<std::string, double> details;
  bool operator==(const ReportedCost&) const = default;
};

struct ToolUse {
  std::string name;
  std::string call_id;
  std::string description;
  std::string arguments;  // JSON text or plain text, as sent
  std::string result;
  bool operator==(const ToolUse&) const = default;
};

struct Document {
  std::string id;
  std::optional<double> score;
  std::string content;
  std::string metadata;  // JSON text
  bool operator==(const Document&) const = default;
};

struct Retrieval {
  std::string query;
  std::vector<Document> documents;
  bool operator==(const Retrieval&) const = default;
};

struct Reranker {
  std::string query;
  std::string model;
  std::optional<std::int64_t> top_k;
  std::vector<Document> input_documents;
  std::vector<Document> output_documents;
  bool operator==(const Reranker&) const = default;
};

struct Embedding {
  std::string model;
  std::vector<std::string> texts;
  bool operator==(const Embedding&) const = default;
};

struct Exception {
  std::string type;
  std::string message;
  std::string stacktrace;
  bool operator==(const Exception&) const = default;
};

// A judgement of what the span produced: an event gen_ai.evaluation.result, or an annotation among its attributes.
struct Evaluation {
  enum class Origin { kEvent, kLog, kAttribute };  // an event of the span, a log record, the span's attributes
  std::string name;
  std::string label;
  std::optional<double> score;
  std::string explanation;
  Origin origin = Origin::kEvent;
  std::string target = "span";  // or "trace" or "session", which the span is part of
  bool operator==(const Evaluation&) const = default;
};

struct Payload {
  std::string value;
  std::string mime_type;
  bool operator==(const Payload&) const = default;
};

struct LlmView {
  ObservationKind kind = ObservationKind::kUnknown;
  std::string dialect;  // "openinference", "generic" …
  std::uint32_t rules_version = 0;
  std::string title;  // what the span's name is meant to say, when that is a template; its first 200 characters
  std::string service_name;
  std::string session_id;
  std::string user_id;
  std::string agent_name;
  std::vector<std::string> tags;
  std::string metadata;  // JSON text of an object
  std::optional<Payload> input;
  std::optional<Payload> output;
  std::optional<Llm> llm;
  std::optional<TokenUsage> tokens;
  std::optional<ReportedCost> cost;
  // By pricing, not by semconv. Of a call with tokens there is a computed cost or the reason why there is none.
  std::optional<Cost> computed_cost;
  std::string unpriced;
  std::optional<ToolUse> tool;
  std::optional<Retrieval> retrieval;
  std::optional<Reranker> reranker;
  std::optional<Embedding> embedding;
  std::optional<Exception> exception;
  std::vector<Evaluation> evaluations;
  // Which rule gave a field: "tokens.prompt" → "otel_genai: gen_ai.usage.input_tokens".
  std::map<std::string, std::string> origins;
  std::vector<std::string> notes;  // what is odd about the span's data, in words
  bool operator==(const LlmView&) const = default;
};

}  // namespace nightjar::model
