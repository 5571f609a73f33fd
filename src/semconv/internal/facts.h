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
#include "semconv/internal/lenient_json.h"
#include "semconv/internal/span_events.h"

namespace nightjar::semconv::internal {

enum class Field : std::uint8_t {
  // clang-format off
  kInput, kOutput, kUserId, kAgentName, kMetadata,
  kProvider, kRequestModel, kResponseModel, kResponseId, kInvocationParameters,
  kSystemInstructions, kInputMessages, kOutputMessages, kTools, kFinishReasons, kFirstTokenSeconds,
  kTokensPrompt, kTokensCompletion, kTokensTotal, kTokensCacheRead, kTokensCacheWrite, kTokensCacheWrite1h,
  kTokensReasoning, kTokensPromptAudio, kTokensPromptImage, kTokensCompletionAudio,
  kTokensEstimated, kTokensCacheApart,
  kCostPromptDetails, kCostCompletionDetails,
  kToolName, kToolArguments, kToolResult,
  kQuery, kDocuments, kRerankerModel, kRerankerQuery, kRerankerInput, kRerankerOutput, kEmbeddingModel, kEmbeddings,
  kErrorMessage,

  // From here on rules alone give them.
  kKind, kTitle, kInputMimeType, kOutputMimeType, kSessionId, kTags,
  kOperation, kModel, kPrompts, kChoices, kServiceTier, kBatch,
  kFirstTokenMilliseconds, kFirstTokenTime, kTemplate, kTemplateName, kTemplateVariables, kTemplateVersion,
  kCostTotal, kCostPrompt, kCostCompletion,
  kToolCallId, kToolDescription,
  kRerankerTopK,
  // Being there tells that the span is an agent's run. The word that tells of a failure without an event.
  kAgentRun, kErrorType,
  // Lists of judgements of the span, its trace and its session.
  kAnnotations, kEvaluations, kTraceAnnotations, kTraceEvaluations, kSessionAnnotations, kSessionEvaluations,
  // Of these other fields are made: the provider's request, response and usage object.
  kRequestBody, kResponseBody, kUsage,
  kCount,
  // clang-format on
};

// Fill `field` with the attribute `key`, or without one with the tree that the keys below it spell. Of several rules
// for one field the first that finds something wins. With `member`, the value is JSON or JSON text and the rule takes
// that member of it, by a path as ValueAt reads it.
constexpr std::string_view kInQuotes = "\"";    // the text in a JSON string, otherwise the attribute as it is
constexpr std::string_view kStructured = "{}";  // the attribute, when it is a list or an object
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
class RuleBook;

// One way in which libraries write spans.
struct Dialect {
  std::string_view name;
  std::string_view token_rule;
  std::span<const std::string_view> markers;  // keys that only this dialect uses; keys below them count too
  std::span<const Rule> rules;
  std::span<const KindWord> kinds;  // what its words for Field::kKind mean
  // What a table cannot say: asked for a field before Field::kKind that no rule of the dialect gives. May be null.
  json::value (*derive)(Field field, Facts& facts);
  std::span<const std::string_view> derived_from;  // keys that `derive` and `is_step` read
  // Whether a span that looks like a call is a step around or inside one. May be null.
  bool (*is_step)(const Facts& facts);
};

// Belongs to one thread and one span, which must outlive it, and so must the scope and the log records.
class Facts {
 public:
  // `index` is of the span's attributes.
  Facts(const model::Span& span, const model::Scope& scope, std::span<const model::LogRecord> logs,
        AttributeIndex index);

  [[nodiscard]] const model::Span& span() const { return span_; }
  [[nodiscard]] const model::Scope& scope() const { return scope_; }
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
  std::optional<ListEntries> Items(Field field);

  // Which rule gave the field: "otel_genai: gen_ai.usage.input_tokens". Empty for a field that is absent.
  std::string Origin(Field field);
  // The attribute that told the kind, whether by a word or by being there.
  [[nodiscard]] std::string KindOrigin() const;
  // Whether the prompt's count was made by adding what the source counts apart.
  bool AddedCachedTokens();
  // What was odd about the texts that were parsed so far, in words.
  [[nodiscard]] const std::vector<std::string>& oddities() const { return oddities_; }

  // For `derive`: an attribute or a tree of attributes. REQUIRES: the key is one of the dialect's.
  json::value Read(std::string_view key) const;
  [[nodiscard]] bool HasAttribute(std::string_view key) const;
  [[nodiscard]] TreeEntries Below(std::string_view key) const;
  // The field as JSON: a text is parsed, and absent when it is none. Kept from one call to the next.
  const json::value& Parsed(Field field);
  const SpanEvents& events();

 private:
  struct Finding {
    bool searched = false;
    KeyNumber tree = RuleKeys::kNone;
    const model::Value* attribute = nullptr;
    const Dialect* dialect = nullptr;
    const Rule* rule = nullptr;       // null: derived
    std::optional<json::value> made;  // also the attribute or the tree as JSON, once it was asked for
    [[nodiscard]] bool found() const { return attribute || tree != RuleKeys::kNone || made; }
    // REQUIRES: found by SearchRules, and no tree.
    [[nodiscard]] json::value Value() const { return attribute ? PlainJson(*attribute) : made.value_or(nullptr); }
  };
  [[nodiscard]] std::string_view KeyOf(KeyNumber number) const;
  // Whether an attribute lies where some rule for the field reads.
  [[nodiscard]] bool MayGive(Field field) const { return index_.MayGive(static_cast<std::size_t>(field)); }
  Finding& Find(Field field);
  bool Search(std::size_t dialect, Field field, Finding& finding);
  bool SearchRules(std::size_t dialect, Field field, Finding& finding);
  // Fields that are members of the provider's request, response or usage object. REQUIRES: one may be there
  bool SearchBodies(std::size_t dialect, Field field, Finding& finding);
  // Whether the response may give the field beside counts that the dialect writes itself.
  bool MayCount(std::size_t dialect, Field field, const json::value& response);
  [[nodiscard]] bool HasBody(std::size_t dialect) const;
  // Place of the dialect that tells the same token counts; parts that token_dialect() leaves out are taken from it.
  std::size_t TokenTwin();
  const json::value& ParsedAttribute(KeyNumber key);
  model::ObservationKind FindKind();
  std::optional<model::ObservationKind> KindByWord();
  std::optional<model::ObservationKind> KindByFields();
  bool IsEmbeddingCall();
  bool IsRequestWithoutAnswer();
  [[nodiscard]] bool IsStepOfCall() const;
  void NoteMasked(std::string_view name);
  void NoteSpelling(std::string_view name, Spelling spelling);

  const model::Span& span_;
  const model::Scope& scope_;
  std::span<const model::LogRecord> logs_;
  const RuleBook& book_;
  AttributeIndex index_;
  DialectSet present_;
  model::ObservationKind kind_ = model::ObservationKind::kUnknown;
  DialectSet with_bodies_ = 0;
  std::optional<std::size_t> token_twin_;
  bool asks_model_ = false;  // bodies of a provider's API may be on the span
  const Rule* kind_rule_ = nullptr;
  const Dialect* kind_dialect_ = nullptr;
  const Dialect* token_dialect_ = nullptr;
  bool added_cached_tokens_ = false;
  std::array<Finding, static_cast<std::size_t>(Field::kCount)> findings_;
  std::map<Field, json::value> parsed_;
  std::vector<std::string> oddities_;
  std::map<KeyNumber, json::value> parsed_attributes_;
  std::optional<SpanEvents> events_;
};

}  // namespace nightjar::semconv::internal
