#include "query/internal/phoenix_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "base/check.h"

namespace nightjar::query::internal {
namespace {

using Within = Expression::Within;

struct Name {
  std::string_view name;
  std::string_view field;
  double unit = 1;  // what 1 is in the field's own unit
};
constexpr double kMillisecond = 1e6;
constexpr Name kSpanNames[] = {{"span_kind", "kind"},
                               {"status_code", "status"},
                               {"status_message", "status.message"},
                               {"name", "name"},
                               {"latency_ms", "duration", kMillisecond},
                               {"span_id", "span"},
                               {"context.span_id", "span"},
                               {"trace_id", "trace"},
                               {"context.trace_id", "trace"},
                               {"parent_id", "parent"},
                               {"start_time", "start"},
                               {"end_time", "end"},
                               {"llm.model_name", "model"},
                               {"llm.provider", "provider"},
                               {"llm.token_count.prompt", "tokens.prompt"},
                               {"llm.token_count.completion", "tokens.completion"},
                               {"llm.token_count.total", "tokens"},
                               {"llm_token_count_prompt", "tokens.prompt"},
                               {"llm_token_count_completion", "tokens.completion"},
                               {"llm_token_count_total", "tokens"},
                               {"cumulative_llm_token_count_prompt", "cumulative prompt tokens"},
                               {"cumulative_llm_token_count_completion", "cumulative completion tokens"},
                               {"cumulative_llm_token_count_total", "cumulative tokens"},
                               {"cumulative_token_count.prompt", "cumulative prompt tokens"},
                               {"cumulative_token_count.completion", "cumulative completion tokens"},
                               {"cumulative_token_count.total", "cumulative tokens"},
                               {"cumulative_error_count", "cumulative errors"}};
constexpr Name kTraceNames[] = {{"trace_id", "trace"},
                                {"start_time", "start"},
                                {"end_time", "end"},
                                {"latency_ms", "duration", kMillisecond},
                                {"num_spans", "spans"},
                                {"error_count", "errors"},
                                {"token_count_prompt", "tokens.prompt"},
                                {"token_count_completion", "tokens.completion"},
                                {"token_count_total", "tokens"},
                                {"total_cost", "cost"},
                                {"prompt_cost", "cost.prompt"},
                                {"completion_cost", "cost.completion"},
                                {"user.id", "user"}};
constexpr Name kSessionNames[] = {{"session_id", "session"},
                                  {"start_time", "start"},
                                  {"end_time", "end"},
                                  {"duration_ms", "duration", kMillisecond},
                                  {"token_count_prompt", "tokens.prompt"},
                                  {"token_count_completion", "tokens.completion"},
                                  {"token_count_total", "tokens"},
                                  {"total_cost", "cost"},
                                  {"prompt_cost", "cost.prompt"},
                                  {"completion_cost", "cost.completion"},
                                  {"user.id", "user"}};

// Texts of a session's roots.
struct RootText {
  std::string_view name;
  std::string_view key;
  Within of;
};
constexpr RootText kSessionTexts[] = {{"first_input", "input.value", Within::kFirst},
                                      {"last_output", "output.value", Within::kLast},
                                      {"any_input", "input.value", Within::kRoot},
                                      {"any_output", "output.value", Within::kRoot}};

std::span<const Name> NamesOf(Element element) {
  switch (element) {
    case Element::kSpan: return kSpanNames;
    case Element::kTrace: return kTraceNames;
    case Element::kSession: return kSessionNames;
    case Element::kAnnotation: break;
  }
  return {};
}

Number Count(bool traces, std::string_view field, std::string_view word) {
  Expression where;
  if (!field.empty())
    where = {
        .kind = Expression::Kind::kTerm,
        .term = {
            .field = FindField(field), .key = {}, .op = Operator::kEquals, .value = Pattern{std::string(word), false}}};
  if (traces && !field.empty()) where = In(Within::kSpan, std::move(where));
  Number count{.kind = Number::Kind::kCount, .over = traces ? Number::Over::kTraces : Number::Over::kSpans};
  count.where.push_back(std::move(where));
  return count;
}

// What a trace or session has so many of.
std::optional<Number> CountNamed(std::string_view name, Element element) {
  if (element != Element::kTrace && element != Element::kSession) return std::nullopt;
  if (name == "tool_span_count") return Count(false, "kind", "tool");
  if (name == "llm_span_count") return Count(false, "kind", "llm");
  if (element == Element::kTrace) return std::nullopt;
  if (name == "num_traces") return Count(true, "", "");
  if (name == "num_traces_with_error") return Count(true, "status", "error");
  return std::nullopt;
}

std::optional<Piece> OfAnnotationElement(const WrittenName& written, Mistakes& mistakes) {
  const auto found = std::ranges::find(AnnotationFields(), written.name, &Field::name);
  if (found == AnnotationFields().end() || !written.key.empty())
    return mistakes.Add(written.range,
                        fmt::format("an annotation has name, label and score, not \"{}\"", written.name));
  return Piece{written.range, Reference{.field = &*found}};
}

std::string_view WordOf(Element element) {
  return element == Element::kTrace ? "trace" : element == Element::kSession ? "session" : "span";
}

bool IsAnnotations(std::string_view name, Element element) {
  return name == "annotations" || name == "evals" || name == "trace_annotations" ||
         (element == Element::kSession && name == "session_annotations");
}

// Of an attribute of the span, or of the root that stands for the trace or session.
std::optional<Piece> Attribute(const WrittenName& written, Element element, std::optional<Within> root,
                               Mistakes& mistakes) {
  Reference out{.field = FindField("attributes."), .of = root};
  if (element == Element::kSpan) {
    out.key = written.key.empty() ? written.name : written.name + '.' + written.key;
    return Piece{written.range, std::move(out)};
  }
  if (element == Element::kTrace && (written.name == "input" || written.name == "output")) {
    out.key = written.name + ".value";
    return Piece{written.range, std::move(out)};
  }
  const auto text = std::ranges::find(kSessionTexts, written.name, &RootText::name);
  if (element == Element::kSession && text != std::end(kSessionTexts)) {
    out.key = text->key;
    out.of = text->of;
    out.is_only_searched = text->of == Within::kRoot;
    return Piece{written.range, std::move(out)};
  }
  return mistakes.Add(written.range, fmt::format("a {} has no \"{}\"; attributes of its root are attributes['{}']",
                                                 WordOf(element), written.name, written.name));
}

}  // namespace

std::optional<Piece> MeaningOf(const WrittenName& written, Element element, Mistakes& mistakes) {
  const auto& [name, key, member, range] = written;
  if (element == Element::kAnnotation) return OfAnnotationElement(written, mistakes);
  if (IsAnnotations(name, element) && !key.empty()) {
    const Field* field = member == "score"         ? FindField("score.")
                         : member == "label"       ? FindPhoenixField("label of.")
                         : member == "explanation" ? FindField("explanation.")
                                                   : FindField("annotation.");
    return Piece{range, Reference{.field = field, .key = key}};
  }
  if (!member.empty()) return mistakes.Add(range, fmt::format("\".{}\" does not belong here", member));
  std::optional<Within> root;
  if (element == Element::kTrace) root = Within::kRoot;
  if (element == Element::kSession) root = Within::kFirst;
  if (name == "metadata" || name == "attributes") {
    if (key.empty()) return mistakes.Add(range, fmt::format("{} needs a key, as in {}['topic']", name, name));
    return Piece{range, Reference{.field = FindField(name + "."), .key = key, .of = root}};
  }
  if (name == "parent_span" && element == Element::kSpan)
    return Piece{range, Reference{.field = FindField("parent"), .is_parent_span = true}};
  const std::span<const Name> names = NamesOf(element);
  if (const auto found = std::ranges::find(names, name, &Name::name); found != names.end() && key.empty()) {
    const Field* field = FindField(found->field);
    if (field == nullptr) field = FindPhoenixField(found->field);
    CHECK(field != nullptr);
    return Piece{range, Reference{.field = field, .unit = found->unit}};
  }
  if (std::optional<Number> count = CountNamed(name, element); count && key.empty())
    return Piece{range, *std::move(count)};
  return Attribute(written, element, root, mistakes);
}

}  // namespace nightjar::query::internal
