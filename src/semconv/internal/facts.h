// What the rules find on one span. Each field is a place of the view; it is searched when it is first asked for, so
// that whoever needs few fields pays for few. How a dialect fills fields is data in its own file.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/json.h"
#include "model/llm_view.h"
#include "semconv/internal/attribute_index.h"
#include "semconv/internal/span_events.h"

namespace nightjar::semconv::internal {

enum class Field : std::uint8_t {
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

// Fill `field` with the attribute `key`, or without one with the tree that the keys below it spell. Of several rules
// for one field the first that finds something wins. With `member`, the value is JSON or JSON text and the rule takes
// that member of it; dots lead to members of members.
struct Rule {
  Field field;
  std::string_view key;
  std::string_view member = {};
};

struct KindWord {
  std::string_view word;  // lower case
  model::ObservationKind kind;
};

class Facts;

// One way in which libraries write spans.
struct Dialect {
  std::string_view name;
  std::string_view token_rule;
  std::span<const std::string_view> markers;  // keys that only this dialect uses; keys below them count too
  std::span<const Rule> rules;
  std::span<const KindWord> kinds;  // what its words for Field::kKind mean
  // What a table cannot say: asked for a field that no rule of the dialect gives. May be null.
  json::value (*derive)(Field field, Facts& facts);
  std::span<const std::string_view> derived_from;  // keys that `derive` reads
};

// Belongs to one thread and one span, which must outlive it, and so must the log records.
class Facts {
 public:
  Facts(const model::Span& span, std::span<const model::LogRecord> logs);

  [[nodiscard]] const model::Span& span() const { return span_; }
  // The first dialect that is on the span.
  [[nodiscard]] std::string_view dialect() const;
  // The kind of the span: a dialect's word, else what its attributes tell, else kUnknown.
  [[nodiscard]] model::ObservationKind kind() const { return kind_; }
  // The dialect that gives the token counts. They belong together and never add up across dialects. May be null.
  [[nodiscard]] const Dialect* token_dialect() const { return token_dialect_; }

  // The value of the field, null when absent. Dialects are asked by precedence. A field that is asked for while it is
  // derived is absent.
  const json::value& operator[](Field field);
  bool Has(Field field);
  // As json_reading.h reads it.
  std::string Text(Field field);
  std::optional<std::uint64_t> Count(Field field);
  std::optional<double> Number(Field field);
  // The text of the attribute that is the field; nothing when the field is made of something else.
  std::optional<std::string_view> PlainText(Field field);
  // The items of a field that flattened keys spell; nothing when it has another form.
  std::optional<std::vector<ListItem>> Items(Field field);

  // For `derive`: an attribute or a tree of attributes. REQUIRES: the key is one of the dialect's.
  json::value Read(std::string_view key) const;
  [[nodiscard]] TreeEntries Below(std::string_view key) const;
  // The field as JSON: a text is parsed, and absent when it is none. Kept from one call to the next.
  const json::value& Parsed(Field field);
  const SpanEvents& events();

 private:
  struct Finding {
    bool searched = false;
    const model::Value* attribute = nullptr;
    KeyNumber tree = RuleKeys::kNone;
    json::value made;  // also the attribute or the tree as JSON, once it was asked for
    [[nodiscard]] bool found() const { return attribute || tree != RuleKeys::kNone || !made.is_null(); }
  };
  Finding& Find(Field field);
  bool Search(std::size_t dialect, Field field, Finding& finding);
  bool SearchRules(std::size_t dialect, Field field, Finding& finding);
  [[nodiscard]] model::ObservationKind FindKind();

  const model::Span& span_;
  std::span<const model::LogRecord> logs_;
  AttributeIndex index_;
  DialectSet present_;
  model::ObservationKind kind_ = model::ObservationKind::kUnknown;
  const Dialect* token_dialect_ = nullptr;
  std::array<Finding, static_cast<std::size_t>(Field::kCount)> findings_;
  std::map<Field, json::value> parsed_;
  std::map<KeyNumber, json::value> parsed_attributes_;
  std::optional<SpanEvents> events_;
};

}  // namespace nightjar::semconv::internal
