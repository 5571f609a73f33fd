// What is stored of a span's LLM view, for filters and aggregates; written again when rules change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/llm_view.h"

namespace nightjar::model {

constexpr std::size_t kPreviewCharactersMax = 200;
constexpr std::size_t kSummaryJsonBytesMax = 16 << 10;
constexpr std::size_t kSummaryEvaluationsMax = 100;

// What a provider call cost by a price, and which.
struct StoredCost {
  double total_usd = 0;
  double prompt_usd = 0;
  double completion_usd = 0;
  double cache_savings_usd = 0;  // what the tokens read from a cache would have cost more without it
  std::string price;             // id of the price
  bool operator==(const StoredCost&) const = default;
};

// The fields are those of LlmView. `model` is the LLM's, else the embedding's, else the reranker's. A preview is the
// beginning of the input or output; without one, of a tool's arguments or result, of the last text that went in, or the
// first that came out.
struct SpanSummary {
  ObservationKind kind = ObservationKind::kUnknown;
  std::string dialect;
  std::uint32_t rules_version = 0;
  std::uint32_t log_records = 0;  // how many of its log records tell something, of those that were known
  std::string title;
  std::string service_name;
  std::string model;
  std::string provider;
  std::string agent_name;
  std::string tool_name;
  std::string session_id;
  std::string user_id;
  std::string operation;
  std::string response_id;
  std::string finish_reason;  // the first
  std::string service_tier;   // not stored: it only chooses the price
  std::optional<std::uint64_t> time_to_first_token_ns;
  std::string prompt_name;  // without a name "template:" and the XXH3-64 of the template's text
  std::string prompt_version;
  std::string exception_type;
  std::string exception_message;  // its first kPreviewCharactersMax characters
  std::optional<TokenUsage> tokens;
  std::optional<double> reported_cost_usd;
  std::optional<double> reported_prompt_usd;
  std::optional<double> reported_completion_usd;
  std::optional<StoredCost> cost;    // unknown without tokens or without a price
  std::uint32_t prices_version = 0;  // of the prices that `cost` was looked for in
  std::vector<std::string> tags;
  std::string metadata;                 // JSON text of an object; "" when it is longer than kSummaryJsonBytesMax
  std::vector<Evaluation> evaluations;  // that came with the span; the first kSummaryEvaluationsMax
  std::string input_preview;
  std::string output_preview;  // of an answer without a text: its first tool call, "name(arguments)"
  std::string understood;      // messages and documents that the engine's views cannot read from the attributes by
                               // themselves, as JSON: docs/formats/span_table.md
  bool operator==(const SpanSummary&) const = default;
};

}  // namespace nightjar::model
