// What is stored of a span's LLM view, for filters and aggregates; written again when rules change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "model/llm_view.h"

namespace nightjar::model {

constexpr std::size_t kPreviewCharactersMax = 200;

// The fields are those of LlmView. `model` is the LLM's, else the embedding's, else the reranker's. A preview is the
// beginning of the input or output; without one, of the last text that went in, or the first that came out.
struct SpanSummary {
  ObservationKind kind = ObservationKind::kUnknown;
  std::string dialect;
  std::uint32_t rules_version = 0;
  std::string service_name;
  std::string model;
  std::string provider;
  std::string agent_name;
  std::string tool_name;
  std::string session_id;
  std::string user_id;
  std::optional<TokenUsage> tokens;
  std::optional<double> reported_cost_usd;
  std::string input_preview;
  std::string output_preview;
  bool operator==(const SpanSummary&) const = default;
};

}  // namespace nightjar::model
