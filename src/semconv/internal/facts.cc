#include "semconv/internal/facts.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"
#include "base/lower_case.h"
#include "semconv/internal/json_reading.h"
#include "semconv/internal/provider_bodies.h"
#include "semconv/internal/rule_book.h"
#include "semconv/internal/words.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr DialectSet kEverywhere = DialectSet{1} << (kDialectCount - 1);

// The places in kDialects of those in a set, by precedence; most spans have two of them.
struct PlacesOf {
  explicit PlacesOf(DialectSet set) : rest(set) {}
  struct Iterator {
    DialectSet rest;
    std::size_t operator*() const { return static_cast<std::size_t>(std::countr_zero(rest)); }
    Iterator& operator++() {
      rest &= rest - 1;
      return *this;
    }
    bool operator==(const Iterator&) const = default;
  };
  [[nodiscard]] Iterator begin() const { return {rest}; }
  [[nodiscard]] Iterator end() const { return {0}; }
  DialectSet rest;
};

bool IsTokenCount(Field field) { return field >= Field::kTokensPrompt && field <= Field::kTokensCompletionAudio; }

// No dialect derives it, and no body holds it.
bool IsOfRulesAlone(Field field) { return field >= Field::kKind; }

bool IsTokenPart(Field field) { return field >= Field::kTokensCacheRead && field <= Field::kTokensCompletionAudio; }

// Only fields that no other kind of span has; in this order, so that a retriever with a model is still a retriever.
constexpr struct {
  Field field;
  ObservationKind kind;
} kTellingFields[] = {
    {Field::kAgentRun, ObservationKind::kAgent},
    {Field::kRerankerInput, ObservationKind::kReranker},
    {Field::kRerankerOutput, ObservationKind::kReranker},
    {Field::kRerankerModel, ObservationKind::kReranker},
    {Field::kEmbeddings, ObservationKind::kEmbedding},
    {Field::kEmbeddingModel, ObservationKind::kEmbedding},
    {Field::kDocuments, ObservationKind::kRetriever},
    {Field::kToolName, ObservationKind::kTool},
    {Field::kInputMessages, ObservationKind::kLlm},
    {Field::kOutputMessages, ObservationKind::kLlm},
    {Field::kModel, ObservationKind::kLlm},
    {Field::kRequestModel, ObservationKind::kLlm},
    {Field::kResponseModel, ObservationKind::kLlm},
};

// An empty input or output is one; any other empty text says nothing.
bool IsPayload(Field field) { return field == Field::kInput || field == Field::kOutput; }

bool IsEmptyText(const json::value& value) { return value.is_string() && value.get_string().empty(); }

// An empty text, or a number that is none.
bool SaysNothing(const model::Value& value, Field field) {
  if (const auto* real = value.As<double>()) return !std::isfinite(*real);
  const auto* text = value.As<std::string>();
  return text && text->empty() && !IsPayload(field);
}

// What OpenInference's settings put in the place of a value that is to be hidden.
bool IsMasked(const model::Value& value) {
  const auto* text = value.As<std::string>();
  return text && *text == "__REDACTED__";
}

// Which fields a provider's request, response or usage object can give.
bool IsMemberOf(Field body, Field field) {
  switch (field) {
    case Field::kRequestModel:
    case Field::kInputMessages:
    case Field::kTools:
    case Field::kEmbeddings:
    case Field::kInvocationParameters: return body == Field::kRequestBody;
    case Field::kResponseId:
    case Field::kResponseModel:
    case Field::kOutputMessages:
    case Field::kFinishReasons: return body == Field::kResponseBody;
    default: return IsTokenCount(field) && body != Field::kRequestBody;
  }
}

json::value TextInQuotes(const json::value& value) {
  const json::string* text = value.if_string();
  if (!text || !text->starts_with('"')) return value;
  auto parsed = ParseJson(*text);
  return parsed && parsed->is_string() ? *std::move(parsed) : value;
}

}  // namespace

Facts::Facts(const model::Span& span, const model::Scope& scope, std::span<const model::LogRecord> logs,
             AttributeIndex index)
    : span_(span),
      scope_(scope),
      logs_(logs),
      book_(RuleBook::Instance()),
      index_(std::move(index)),
      present_(index_.marked() | kEverywhere) {
  for (const std::size_t i : PlacesOf(present_))
    if (HasBody(i)) with_bodies_ |= DialectSet{1} << i;
  kind_ = FindKind();
  for (const std::size_t i : PlacesOf(present_)) {
    if (token_dialect_) break;
    for (const Field field : {Field::kTokensPrompt, Field::kTokensCompletion, Field::kTokensTotal}) {
      Finding finding;
      if (Search(i, field, finding)) token_dialect_ = kDialects[i];
    }
  }
}

std::string_view Facts::KeyOf(KeyNumber number) const { return book_.keys()[number].key; }

std::string_view Facts::dialect() const { return kDialects[std::countr_zero(present_)]->name; }

std::optional<ObservationKind> Facts::KindByWord() {
  for (const std::size_t i : PlacesOf(present_)) {
    for (const auto& [rule, key] : book_.RulesOf(i, Field::kKind)) {
      const model::Value* attribute = index_.At(key);
      if (!attribute) continue;
      const auto* plain = attribute->As<std::string>();
      const std::string word =
          LowerCase(plain && !plain->starts_with('"') ? *plain : internal::Text(TextInQuotes(PlainJson(*attribute))));
      const auto match = std::ranges::find(kDialects[i]->kinds, word, &KindWord::word);
      if (match == kDialects[i]->kinds.end()) continue;
      kind_rule_ = rule;
      kind_dialect_ = kDialects[i];
      return match->kind;
    }
  }
  return std::nullopt;
}

std::optional<ObservationKind> Facts::KindByFields() {
  for (const auto& [field, kind] : kTellingFields)
    for (const std::size_t i : PlacesOf(present_)) {
      Finding finding;
      if (!SearchRules(i, field, finding)) continue;
      kind_rule_ = finding.rule;
      kind_dialect_ = kDialects[i];
      return kind;
    }
  return std::nullopt;
}

// Some libraries call every request to a model an LLM call; the name of the model says what it was.
bool Facts::IsEmbeddingCall() {
  for (const std::size_t i : PlacesOf(present_)) {
    Finding finding;
    if (!SearchRules(i, Field::kRequestModel, finding)) continue;
    return internal::Text(finding.Value()).find("embed") != std::string::npos;
  }
  return false;
}

// Logfire tells a streamed call by two spans: one of the request, and, once it is over, one of the answer, which is the
// call. A call that failed has the first alone.
bool Facts::IsRequestWithoutAnswer() {
  constexpr std::size_t kPlace = std::ranges::find(kDialects, &kLogfire) - kDialects;
  Finding finding;
  if ((present_ >> kPlace & 1) == 0 || span_.status == model::StatusCode::kError ||
      !SearchRules(kPlace, Field::kRequestBody, finding) || SearchRules(kPlace, Field::kResponseBody, finding))
    return false;
  for (const std::size_t i : PlacesOf(present_))
    if (SearchRules(i, Field::kOutputMessages, finding)) return false;
  return true;
}

bool Facts::IsStepOfCall() const {
  for (const std::size_t i : PlacesOf(present_))
    if (kDialects[i]->is_step && kDialects[i]->is_step(*this)) return true;
  return false;
}

ObservationKind Facts::FindKind() {
  if (present_ == kEverywhere) return ObservationKind::kUnknown;
  auto kind = KindByWord();
  if (!kind) kind = KindByFields();
  asks_model_ = kind == ObservationKind::kLlm || kind == ObservationKind::kEmbedding;
  if (asks_model_ && IsStepOfCall()) return ObservationKind::kChain;
  if (kind == ObservationKind::kLlm && IsEmbeddingCall()) return ObservationKind::kEmbedding;
  if (kind == ObservationKind::kLlm && IsRequestWithoutAnswer()) return ObservationKind::kChain;
  return kind.value_or(ObservationKind::kUnknown);
}

const json::value& Facts::ParsedAttribute(KeyNumber key) {
  auto [place, is_new] = parsed_attributes_.try_emplace(key);
  if (!is_new) return place->second;
  const std::string_view name = KeyOf(key);
  const model::Value* attribute = index_.At(key);
  Spelling spelling = Spelling::kJson;
  place->second =
      internal::Parsed(attribute ? PlainJson(*attribute) : ComposeTree(index_.Below(key), name.size() + 1), &spelling);
  NoteSpelling(name, spelling);
  return place->second;
}

void Facts::NoteSpelling(std::string_view name, Spelling spelling) {
  if (spelling == Spelling::kPython) oddities_.push_back(std::string(name) + " is written as Python, not as JSON");
  if (spelling == Spelling::kCut) oddities_.push_back(std::string(name) + " is cut");
}

bool Facts::HasBody(std::size_t dialect) const {
  for (const Field body : {Field::kUsage, Field::kRequestBody, Field::kResponseBody})
    if (MayGive(body))
      for (const auto& [rule, key] : book_.RulesOf(dialect, body))
        if (index_.Has(key)) return true;
  return false;
}

void Facts::NoteMasked(std::string_view name) {
  std::string note = std::string(name) + " is masked by its sender";
  if (std::ranges::find(oddities_, note) == oddities_.end()) oddities_.push_back(std::move(note));
}

bool Facts::SearchRules(std::size_t dialect, Field field, Finding& finding) {
  if (!MayGive(field)) return false;
  for (const auto& [rule, key] : book_.RulesOf(dialect, field)) {
    if (!index_.Has(key)) continue;
    const model::Value* attribute = index_.At(key);
    finding.dialect = kDialects[dialect];
    finding.rule = rule;
    if (!rule->member.empty() || field == Field::kProvider) {
      json::value value = rule->member.empty() || rule->member == kInQuotes
                              ? (attribute ? PlainJson(*attribute) : json::value())
                          : rule->member == kStructured ? ParsedAttribute(key)
                                                        : ValueAt(ParsedAttribute(key), rule->member);
      if (rule->member == kStructured && !value.is_structured()) value = nullptr;
      if (rule->member == kInQuotes) value = TextInQuotes(value);
      if (field == Field::kProvider) {
        const std::string provider = CanonicalProvider(internal::Text(value));
        value = provider.empty() ? json::value() : json::value(provider);
      }
      if (value.is_null() || (IsEmptyText(value) && !IsPayload(field))) continue;
      finding.made = std::move(value);
      return true;
    }
    if (attribute && SaysNothing(*attribute, field)) continue;
    if (attribute && IsMasked(*attribute)) {
      NoteMasked(rule->key);
      continue;
    }
    finding.attribute = attribute;
    if (!attribute) finding.tree = key;
    return true;
  }
  finding.rule = nullptr;
  return false;
}

// Whoever writes token counts of its own has left out the others for a reason, unless they are parts of the same
// counts. How long a cache entry lives few know.
bool Facts::MayCount(std::size_t dialect, Field field, const json::value& response) {
  const auto same = [&](Field whole) {
    Finding own;
    return SearchRules(dialect, whole, own) &&
           internal::Count(own.Value()) == internal::Count(FromResponse(whole, response));
  };
  Finding prompt;
  if (field == Field::kTokensCacheWrite1h || !SearchRules(dialect, Field::kTokensPrompt, prompt)) return true;
  return IsTokenPart(field) && same(Field::kTokensPrompt) && same(Field::kTokensCompletion);
}

bool Facts::SearchBodies(std::size_t dialect, Field field, Finding& finding) {
  if (field == Field::kEmbeddings && kind_ != ObservationKind::kEmbedding) return false;
  for (const Field body : {Field::kUsage, Field::kRequestBody, Field::kResponseBody}) {
    Finding source;
    if (!IsMemberOf(body, field) || !SearchRules(dialect, body, source)) continue;
    const KeyNumber key = book_.keys().Find(source.rule->key);
    const bool whole = source.rule->member.empty() || source.rule->member == kStructured;
    // Text that is no JSON is what the user or the model said.
    const json::value& parsed = whole ? ParsedAttribute(key) : *source.made;
    const json::value text = parsed.is_null() && source.attribute ? PlainJson(*source.attribute) : json::value();
    const json::value& value = parsed.is_null() ? text : parsed;
    if (body == Field::kResponseBody && IsTokenCount(field) && !MayCount(dialect, field, value)) break;
    json::value made = body == Field::kUsage         ? FromUsage(field, value)
                       : body == Field::kRequestBody ? FromRequest(field, value)
                                                     : FromResponse(field, value);
    if (made.is_null() || (IsEmptyText(made) && !IsPayload(field))) continue;
    finding.made = std::move(made);
    finding.dialect = source.dialect;
    finding.rule = source.rule;
    if (field == Field::kTokensPrompt && body == Field::kUsage) added_cached_tokens_ = CountsCacheApart(value);
    return true;
  }
  finding = {.searched = finding.searched};
  return false;
}

bool Facts::Search(std::size_t dialect, Field field, Finding& finding) {
  if (MayGive(field) && SearchRules(dialect, field, finding)) return true;
  if (IsOfRulesAlone(field)) return false;
  if (kDialects[dialect]->derive) {
    if (json::value made = kDialects[dialect]->derive(field, *this); !made.is_null()) {
      finding.dialect = kDialects[dialect];
      finding.made = std::move(made);
      return true;
    }
  }
  return asks_model_ && (with_bodies_ >> dialect & 1) != 0 && SearchBodies(dialect, field, finding);
}

Facts::Finding& Facts::Find(Field field) {
  Finding& finding = findings_[static_cast<std::size_t>(field)];
  if (finding.searched) return finding;
  finding.searched = true;
  if (IsOfRulesAlone(field) && !MayGive(field)) return finding;
  for (const std::size_t i : PlacesOf(present_)) {
    if (IsTokenCount(field) && kDialects[i] != token_dialect_) continue;
    if (Search(i, field, finding)) break;
  }
  if (token_dialect_ && IsTokenPart(field) && !finding.found() && TokenTwin() != kDialectCount)
    SearchRules(TokenTwin(), field, finding);
  return finding;
}

// Another dialect with the same counts: OpenInference's exporter for Vercel's SDK leaves out what was cached, and the
// SDK's own keys tell it.
std::size_t Facts::TokenTwin() {
  if (token_twin_) return *token_twin_;
  token_twin_ = kDialectCount;
  const auto same = [&](std::size_t dialect, Field whole) {
    Finding other;
    if (!SearchRules(dialect, whole, other)) return false;
    const auto count = internal::Count(other.Value());
    return count && count == Count(whole);
  };
  for (const std::size_t i : PlacesOf(present_))
    if (token_twin_ == kDialectCount && kDialects[i] != token_dialect_ && same(i, Field::kTokensPrompt) &&
        same(i, Field::kTokensCompletion))
      token_twin_ = i;
  return *token_twin_;
}

const json::value& Facts::operator[](Field field) {
  static const json::value absent;
  Finding& finding = Find(field);
  if (!finding.made && finding.attribute) finding.made = PlainJson(*finding.attribute);
  if (!finding.made && finding.tree != RuleKeys::kNone)
    finding.made = ComposeTree(index_.Below(finding.tree), KeyOf(finding.tree).size() + 1);
  return finding.made ? *finding.made : absent;
}

bool Facts::Has(Field field) { return Find(field).found(); }

std::optional<std::string_view> Facts::PlainText(Field field) {
  const Finding& finding = Find(field);
  const auto* text = finding.attribute ? finding.attribute->As<std::string>() : nullptr;
  return text ? std::optional<std::string_view>(*text) : std::nullopt;
}

std::string Facts::Text(Field field) {
  const auto plain = PlainText(field);
  return plain ? std::string(*plain) : internal::Text((*this)[field]);
}

std::string Facts::Origin(Field field) {
  const Finding& finding = Find(field);
  if (!finding.found()) return {};
  std::string origin(finding.dialect->name);
  origin += ": ";
  if (!finding.rule) return origin + "derived";
  origin += finding.rule->key;
  if (!finding.rule->member.empty() && finding.rule->member != kInQuotes && finding.rule->member != kStructured)
    (origin += '.') += finding.rule->member;
  return origin;
}

std::string Facts::KindOrigin() const {
  if (!kind_rule_) return {};
  return std::string(kind_dialect_->name) + ": " + std::string(kind_rule_->key);
}

bool Facts::AddedCachedTokens() { return Has(Field::kTokensPrompt) && added_cached_tokens_; }

std::optional<std::uint64_t> Facts::Count(Field field) { return internal::Count((*this)[field]); }

std::optional<double> Facts::Number(Field field) { return internal::Number((*this)[field]); }

std::optional<ListEntries> Facts::Items(Field field) {
  const Finding& finding = Find(field);
  if (finding.tree == RuleKeys::kNone) return std::nullopt;
  return ListItems(index_.Below(finding.tree), KeyOf(finding.tree).size() + 1);
}

json::value Facts::Read(std::string_view key) const {
  const KeyNumber number = book_.keys().Find(key);
  CHECK(number != RuleKeys::kNone);
  if (const model::Value* attribute = index_.At(number)) return PlainJson(*attribute);
  return index_.Has(number) ? ComposeTree(index_.Below(number), key.size() + 1) : json::value();
}

bool Facts::HasAttribute(std::string_view key) const {
  const KeyNumber number = book_.keys().Find(key);
  CHECK(number != RuleKeys::kNone);
  return index_.At(number) != nullptr;
}

TreeEntries Facts::Below(std::string_view key) const {
  const KeyNumber number = book_.keys().Find(key);
  CHECK(number != RuleKeys::kNone);
  return index_.Below(number);
}

const json::value& Facts::Parsed(Field field) {
  auto [place, is_new] = parsed_.try_emplace(field);
  if (!is_new) return place->second;
  Spelling spelling = Spelling::kJson;
  place->second = internal::Parsed((*this)[field], &spelling);
  if (spelling != Spelling::kJson) NoteSpelling(Find(field).rule ? Find(field).rule->key : "a text", spelling);
  return place->second;
}

const SpanEvents& Facts::events() {
  if (!events_) events_ = ReadEvents(span_, logs_);
  return *events_;
}

}  // namespace nightjar::semconv::internal
