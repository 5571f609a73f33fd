#include "model/llm_view.h"

namespace nightjar::model {

std::string_view ToString(ObservationKind kind) {
  switch (kind) {
    case ObservationKind::kUnknown: return "UNKNOWN";
    case ObservationKind::kLlm: return "LLM";
    case ObservationKind::kEmbedding: return "EMBEDDING";
    case ObservationKind::kChain: return "CHAIN";
    case ObservationKind::kRetriever: return "RETRIEVER";
    case ObservationKind::kReranker: return "RERANKER";
    case ObservationKind::kTool: return "TOOL";
    case ObservationKind::kAgent: return "AGENT";
    case ObservationKind::kGuardrail: return "GUARDRAIL";
    case ObservationKind::kEvaluator: return "EVALUATOR";
    case ObservationKind::kPrompt: return "PROMPT";
  }
  return "UNKNOWN";
}

}  // namespace nightjar::model
