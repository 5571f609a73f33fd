// What the rules found on one span, before it is put together as an LlmView: one JSON value for each field, null when
// absent. Fields name places of the view; how a dialect fills them is data in its own file.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "model/llm_view.h"
#include "semconv/internal/attribute_tree.h"
#include "semconv/internal/span_events.h"

namespace nightjar::semconv::internal {

enum class Field {
  // clang-format off
  kKind, kInput, kInputMimeType, kOutput, kOutputMimeType, kSessionId, kUserId, kAgentName, kTags, kMetadata,
  kOperation, kProvider, kModel, kRequestModel, kResponseModel, kResponseId, kInvocationParameters,
  kSystemInstructions, kInputMessages, kOutputMessages, kPrompts, kChoices, kTools, kFinishReasons,
  kFirstTokenSeconds, kTemplate, kTemplateVariables, kTemplateVersion,
  kTokensPrompt, kTokensCompletion, kTokensTotal, kTokensCacheRead, kTokensCacheWrite, kTokensReasoning,
  kTokensPromptAudio, kTokensCompletionAudio,
  kCostTotal, kCostPrompt, kCostCompletion, kCostPromptDetails, kCostCompletionDetails,
  kToolName, kToolCallId, kToolDescription, kToolArguments, kToolResult,
  kQuery, kDocuments,
  kRerankerQuery, kRerankerModel, kRerankerTopK, kRerankerInput, kRerankerOutput,
  kEmbeddingModel, kEmbeddings,
  kCount,
  // clang-format on
};

// Fill `field` with what AttributeTree reads at `key`. Of several rules for one field the first that finds something
// wins. With `member`, the value is JSON or JSON text and the rule takes that member of it; dots
// lead to members of members.
struct Rule {
  Field field;
  std::string_view key;
  std::string_view member = {};
};

struct KindWord {
  std::string_view word;  // lower case
  model::ObservationKind kind;
};

class Facts {
 public:
  const json::value& operator[](Field field) const { return values_[static_cast<std::size_t>(field)]; }
  // Keeps an earlier value: rules and dialects run in order of precedence.
  void Offer(Field field, json::value value) {
    json::value& slot = values_[static_cast<std::size_t>(field)];
    if (slot.is_null()) slot = std::move(value);
  }
  [[nodiscard]] bool Has(Field field) const { return !(*this)[field].is_null(); }

  std::string dialect;                         // the first that matched
  std::optional<model::ObservationKind> kind;  // as a dialect's word said it
  std::string token_rule;                      // of the dialect that gave the token counts

 private:
  std::array<json::value, static_cast<std::size_t>(Field::kCount)> values_;
};

// One way in which libraries write spans.
struct Dialect {
  std::string_view name;
  std::string_view token_rule;
  std::span<const std::string_view> markers;  // keys or beginnings of keys that only this dialect uses
  std::span<const Rule> rules;
  std::span<const KindWord> kinds;  // what its words for Field::kKind mean
  // What a table cannot say; runs after the rules. May be null.
  void (*extend)(const AttributeTree& tree, const SpanEvents& events, Facts& facts);
};

extern const Dialect kOpenInference;
extern const Dialect kGenAi;

// Applies the rules of `dialect`. Token counts are taken from it only when no dialect before it gave any: they belong
// together and never add up across dialects.
void Gather(const Dialect& dialect, const AttributeTree& tree, const SpanEvents& events, Facts& facts);

// The kind of the span: the dialect's word, else what its fields tell, else kUnknown.
model::ObservationKind KindOf(const Facts& facts);

}  // namespace nightjar::semconv::internal
