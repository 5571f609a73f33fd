// Facts from every dialect that is on the span, in order of precedence, then one view from the facts. A span often
// speaks several dialects at once: the first one that knows a field decides it.
#include "semconv/normalize.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "semconv/internal/attribute_tree.h"
#include "semconv/internal/facts.h"
#include "semconv/internal/genai_events.h"
#include "semconv/internal/json_reading.h"
#include "semconv/internal/messages_json.h"
#include "semconv/internal/token_usage.h"
#include "semconv/internal/words.h"

namespace nightjar::semconv {
namespace {

using namespace internal;
using model::LlmView;
using model::ObservationKind;

// By precedence: what was written for people who look at models comes first.
constexpr const Dialect* kDialects[] = {&kOpenInference, &kGenAi};

// OTel's general attributes, on spans of any kind.
constexpr Rule kGeneralRules[] = {
    {Field::kSessionId, "session.id"},
    {Field::kUserId, "user.id"},
    {Field::kUserId, "enduser.id"},
};
const Dialect kGeneric = {.name = "generic", .rules = kGeneralRules};

std::string ServiceName(const model::Resource& resource, const model::Scope& scope) {
  const std::string_view name = model::FindString(resource.attributes, "service.name");
  // SDKs that were given no name write "unknown_service:<program>".
  const bool named = !name.empty() && !name.starts_with("unknown_service");
  return std::string(named || scope.name.empty() ? name : std::string_view(scope.name));
}

std::optional<model::Payload> ReadPayload(const json::value& value, const json::value& mime_type) {
  if (value.is_null()) return std::nullopt;
  model::Payload payload{Text(value), Text(mime_type)};
  if (payload.mime_type.empty()) payload.mime_type = value.is_string() ? "text/plain" : "application/json";
  return payload;
}

// One word or a list of words, also as JSON text of a list.
std::vector<std::string> ReadWords(const json::value& value) {
  std::vector<std::string> words;
  const json::value parsed = Parsed(value);
  if (const json::array* items = parsed.if_array()) {
    for (const json::value& item : *items)
      if (!item.is_null()) words.push_back(Text(item));
  } else if (!value.is_null()) {
    words.push_back(Text(value));
  }
  return words;
}

std::vector<std::string> ReadFinishReasons(const Facts& facts, const std::vector<model::Message>& output) {
  std::vector<std::string> reasons;
  for (const std::string& word : ReadWords(facts[Field::kFinishReasons])) reasons.push_back(CleanFinishReason(word));
  if (!reasons.empty()) return reasons;
  for (const model::Message& message : output)
    if (!message.finish_reason.empty()) reasons.push_back(CleanFinishReason(message.finish_reason));
  return reasons;
}

std::string FirstNonEmpty(std::initializer_list<std::string_view> texts) {
  const auto* text = std::ranges::find_if(texts, [](std::string_view candidate) { return !candidate.empty(); });
  return text == texts.end() ? std::string() : std::string(*text);
}

std::vector<model::Message> ReadInputMessages(const Facts& facts) {
  auto messages = ReadMessages(facts[Field::kInputMessages], "user");
  if (messages.empty()) messages = ReadCompletions(facts[Field::kPrompts], "user");
  // Some libraries repeat the instructions as the first message.
  const bool has_system = !messages.empty() && messages.front().role == "system";
  auto instructions = ReadParts(facts[Field::kSystemInstructions]);
  if (!has_system && !instructions.empty())
    messages.insert(messages.begin(), {.role = "system", .content = std::move(instructions)});
  return messages;
}

std::optional<model::Llm> ReadLlm(const Facts& facts, ObservationKind kind) {
  model::Llm llm;
  llm.operation = Text(facts[Field::kOperation]);
  llm.provider = Text(facts[Field::kProvider]);
  llm.request_model = Text(facts[Field::kRequestModel]);
  llm.response_model = Text(facts[Field::kResponseModel]);
  llm.model = FirstNonEmpty({Text(facts[Field::kModel]), llm.response_model, llm.request_model});
  llm.response_id = Text(facts[Field::kResponseId]);
  llm.invocation_parameters = ObjectText(facts[Field::kInvocationParameters]);
  llm.input_messages = ReadInputMessages(facts);
  llm.output_messages = ReadMessages(facts[Field::kOutputMessages], "assistant");
  if (llm.output_messages.empty()) llm.output_messages = ReadCompletions(facts[Field::kChoices], "assistant");
  llm.tools = ReadTools(facts[Field::kTools]);
  llm.finish_reasons = ReadFinishReasons(facts, llm.output_messages);
  const auto seconds = Number(facts[Field::kFirstTokenSeconds]);
  constexpr double kSecondsMax = 1e9;  // keeps the nanoseconds inside 64 bits
  if (seconds && *seconds >= 0 && *seconds < kSecondsMax)
    llm.time_to_first_token_ns = static_cast<std::uint64_t>(std::llround(*seconds * 1e9));
  model::PromptTemplate prompt{Text(facts[Field::kTemplate]), Text(facts[Field::kTemplateVariables]),
                               Text(facts[Field::kTemplateVersion])};
  if (prompt != model::PromptTemplate()) llm.prompt_template = std::move(prompt);
  if (kind != ObservationKind::kLlm && llm == model::Llm()) return std::nullopt;
  return llm;
}

void AddDetails(const json::value& details, const std::string& prefix, std::map<std::string, double>& out) {
  const json::object* object = details.if_object();
  if (!object) return;
  for (const auto& [key, value] : *object)
    if (const auto number = Number(value)) out[prefix + std::string(key)] = *number;
}

std::optional<model::ReportedCost> ReadCost(const Facts& facts) {
  model::ReportedCost cost{.total_usd = Number(facts[Field::kCostTotal]),
                           .prompt_usd = Number(facts[Field::kCostPrompt]),
                           .completion_usd = Number(facts[Field::kCostCompletion])};
  AddDetails(facts[Field::kCostPromptDetails], "prompt_details.", cost.details);
  AddDetails(facts[Field::kCostCompletionDetails], "completion_details.", cost.details);
  if (cost == model::ReportedCost()) return std::nullopt;
  return cost;
}

std::optional<model::ToolUse> ReadTool(const Facts& facts, ObservationKind kind) {
  if (kind != ObservationKind::kTool) return std::nullopt;
  return model::ToolUse{Text(facts[Field::kToolName]), Text(facts[Field::kToolCallId]),
                        Text(facts[Field::kToolDescription]), Text(facts[Field::kToolArguments]),
                        Text(facts[Field::kToolResult])};
}

std::optional<model::Retrieval> ReadRetrieval(const Facts& facts, ObservationKind kind) {
  if (kind != ObservationKind::kRetriever && !facts.Has(Field::kDocuments)) return std::nullopt;
  return model::Retrieval{Text(facts[Field::kQuery]), ReadDocuments(facts[Field::kDocuments])};
}

std::optional<model::Reranker> ReadReranker(const Facts& facts, ObservationKind kind) {
  model::Reranker reranker;
  reranker.query = Text(facts[Field::kRerankerQuery]);
  reranker.model = Text(facts[Field::kRerankerModel]);
  if (const auto top_k = Count(facts[Field::kRerankerTopK])) reranker.top_k = static_cast<std::int64_t>(*top_k);
  reranker.input_documents = ReadDocuments(facts[Field::kRerankerInput]);
  reranker.output_documents = ReadDocuments(facts[Field::kRerankerOutput]);
  if (kind != ObservationKind::kReranker && reranker == model::Reranker()) return std::nullopt;
  return reranker;
}

std::optional<model::Embedding> ReadEmbedding(const Facts& facts, ObservationKind kind) {
  model::Embedding embedding;
  embedding.model = Text(facts[Field::kEmbeddingModel]);
  const json::value items = Parsed(facts[Field::kEmbeddings]);
  if (const json::array* list = items.if_array())
    for (const json::value& item : *list) {
      const json::value& text = item.is_string() ? item : Member(Unwrap(item, "embedding"), "text");
      if (!text.is_null()) embedding.texts.push_back(Text(text));
    }
  if (kind != ObservationKind::kEmbedding && embedding == model::Embedding()) return std::nullopt;
  return embedding;
}

// The last one is the one that left the span.
std::optional<model::Exception> LastException(std::span<const EventFields> events) {
  for (auto event = events.rbegin(); event != events.rend(); ++event) {
    if (!IsException(event->name())) continue;
    const auto text = [&](std::string_view key) { return Text(event->Read(key)); };
    return model::Exception{text("exception.type"), text("exception.message"), text("exception.stacktrace")};
  }
  return std::nullopt;
}

}  // namespace

LlmView Normalize(const model::Span& span, const model::Resource& resource, const model::Scope& scope,
                  std::span<const model::LogRecord> logs) {
  const AttributeTree tree(span.attributes);
  const SpanEvents events = ReadEvents(span, logs);
  Facts facts;
  for (const Dialect* dialect : kDialects) {
    const auto present = [&](std::string_view marker) { return tree.HasPrefix(marker); };
    if (std::ranges::any_of(dialect->markers, present)) Gather(*dialect, tree, events, facts);
  }
  Gather(kGeneric, tree, events, facts);

  LlmView view;
  view.kind = KindOf(facts);
  view.dialect = facts.dialect;
  view.rules_version = kRulesVersion;
  view.service_name = ServiceName(resource, scope);
  view.session_id = Text(facts[Field::kSessionId]);
  view.user_id = Text(facts[Field::kUserId]);
  view.agent_name = Text(facts[Field::kAgentName]);
  view.tags = ReadWords(facts[Field::kTags]);
  view.metadata = ObjectText(facts[Field::kMetadata]);
  view.input = ReadPayload(facts[Field::kInput], facts[Field::kInputMimeType]);
  view.output = ReadPayload(facts[Field::kOutput], facts[Field::kOutputMimeType]);
  view.llm = ReadLlm(facts, view.kind);
  view.tokens = ReadTokenUsage(facts);
  view.cost = ReadCost(facts);
  view.tool = ReadTool(facts, view.kind);
  view.retrieval = ReadRetrieval(facts, view.kind);
  view.reranker = ReadReranker(facts, view.kind);
  view.embedding = ReadEmbedding(facts, view.kind);
  view.exception = LastException(events.own);
  if (!view.exception) view.exception = LastException(events.logged);
  view.evaluations = ReadEvaluations(events);
  return view;
}

}  // namespace nightjar::semconv
