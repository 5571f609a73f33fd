// Facts from every dialect that is on the span, in order of precedence, then one view from the facts. A span often
// speaks several dialects at once: the first one that knows a field decides it.
#include "semconv/normalize.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <ranges>

#include "base/time_text.h"
#include "base/utf8.h"
#include "semconv/internal/facts.h"
#include "semconv/internal/genai_events.h"
#include "semconv/internal/json_reading.h"
#include "semconv/internal/messages_json.h"
#include "semconv/internal/origins.h"
#include "semconv/internal/provider_bodies.h"
#include "semconv/internal/retrieval.h"
#include "semconv/internal/rule_book.h"
#include "semconv/internal/token_usage.h"
#include "semconv/internal/understood.h"
#include "semconv/internal/words.h"

namespace nightjar::semconv {
namespace {

using namespace internal;
using model::LlmView;
using model::ObservationKind;

std::string ServiceName(const model::Resource& resource, const model::Scope& scope) {
  const std::string_view name = model::FindString(resource.attributes, "service.name");
  // SDKs that were given no name write "unknown_service:<program>".
  const bool named = !name.empty() && !name.starts_with("unknown_service");
  return std::string(named || scope.name.empty() ? name : std::string_view(scope.name));
}

// What the span is called by a dialect whose names are not meant to be read; empty when it is the name itself.
std::string ReadTitle(Facts& facts) {
  const std::string title = facts.Text(Field::kTitle);
  return title == facts.span().name ? std::string() : std::string(Utf8Prefix(title, model::kPreviewCharactersMax));
}

std::optional<model::Payload> ReadPayload(Facts& facts, Field field, Field mime_type) {
  if (!facts.Has(field)) return std::nullopt;
  model::Payload payload{facts.Text(field), facts.Text(mime_type)};
  if (payload.mime_type.empty()) payload.mime_type = facts[field].is_string() ? "text/plain" : "application/json";
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

std::vector<std::string> ReadFinishReasons(Facts& facts, const std::vector<model::Message>& output) {
  std::vector<std::string> reasons;
  for (const std::string& word : ReadWords(facts[Field::kFinishReasons])) reasons.push_back(CleanFinishReason(word));
  if (!reasons.empty()) return reasons;
  for (const model::Message& message : output)
    if (!message.finish_reason.empty()) reasons.push_back(CleanFinishReason(message.finish_reason));
  return reasons;
}

// LiteLLM calls "openai/gpt-4o" what OpenAI calls "gpt-4o". From others the provider must be told: an owner in a name
// that a gateway or a server of its own knows is part of the name.
std::string WithoutProvider(std::string name, Facts& facts) {
  const std::size_t slash = name.find('/');
  if (slash == std::string::npos) return name;
  const bool is_litellm = facts.scope().name.ends_with("litellm");
  if (!is_litellm && facts.Origin(Field::kProvider).ends_with(": derived")) return name;
  return ProviderOfModelName(name) == facts.Text(Field::kProvider) ? name.substr(slash + 1) : name;
}

std::string ModelName(Facts& facts) {
  for (const Field field : {Field::kModel, Field::kResponseModel, Field::kRequestModel})
    if (std::string name = facts.Text(field); !name.empty()) return WithoutProvider(std::move(name), facts);
  return {};
}

// JSON, or the text when it is none.
const json::value& Body(Facts& facts, Field field) {
  const json::value& parsed = facts.Parsed(field);
  return parsed.is_null() ? facts[field] : parsed;
}

std::vector<model::Message> ReadInputMessages(Facts& facts) {
  auto messages = ReadMessages(facts.Parsed(Field::kInputMessages), "user");
  // A whole request, or plain text.
  if (messages.empty() && facts.Has(Field::kInputMessages))
    messages = ReadMessages(FromRequest(Field::kInputMessages, Body(facts, Field::kInputMessages)), "user");
  if (messages.empty()) messages = ReadCompletions(facts[Field::kPrompts], "user");
  // Some libraries repeat the instructions as the first message.
  const bool has_system = !messages.empty() && messages.front().role == "system";
  auto instructions = ReadParts(facts[Field::kSystemInstructions]);
  if (!has_system && !instructions.empty())
    messages.insert(messages.begin(), {.role = "system", .content = std::move(instructions)});
  return messages;
}

std::vector<model::Message> ReadOutputMessages(Facts& facts) {
  auto messages = ReadMessages(facts.Parsed(Field::kOutputMessages), "assistant");
  if (messages.empty() && facts.Has(Field::kOutputMessages))
    messages = ReadMessages(FromResponse(Field::kOutputMessages, Body(facts, Field::kOutputMessages)), "assistant");
  return messages.empty() ? ReadCompletions(facts[Field::kChoices], "assistant") : messages;
}

// Whether flattened keys of a message may tell why it ended.
bool MayTellReason(const ListItem& item) {
  return std::ranges::any_of(item.entries, [](const TreeEntry& entry) {
    const bool is_plain = entry.value->As<model::KeyValueList>() == nullptr;
    return !is_plain || entry.key.ends_with("_reason") || entry.key.ends_with("Reason");
  });
}

// The first of what ReadFinishReasons gives, without reading more of the messages than it must.
std::string FirstFinishReason(Facts& facts) {
  if (const auto words = ReadWords(facts[Field::kFinishReasons]); !words.empty())
    return CleanFinishReason(words.front());
  if (!facts.Has(Field::kOutputMessages)) return {};
  if (const auto items = facts.Items(Field::kOutputMessages); items && !items->items.empty()) {
    for (const ListItem& item : items->items)
      if (MayTellReason(item))
        for (const model::Message& message : ReadMessages(json::array{item.Compose()}, "assistant"))
          if (!message.finish_reason.empty()) return CleanFinishReason(message.finish_reason);
    return {};
  }
  for (const model::Message& message : ReadOutputMessages(facts))
    if (!message.finish_reason.empty()) return CleanFinishReason(message.finish_reason);
  return {};
}

std::string_view FirstText(const model::Message& message) {
  for (const model::Part& part : message.content)
    if (part.type == model::Part::Type::kText && !part.text.empty()) return part.text;
  return {};
}

// What a message says that is one text: most are, and are told without making JSON of their keys. Texts that may be
// JSON of what was said are left to ReadMessages.
std::string_view PlainContent(const ListItem& item) {
  for (const auto& [key, value] : item.entries) {
    if (key.substr(item.offset) != ".message.content") continue;
    const auto* text = value->As<std::string>();
    return !text || text->starts_with('[') || text->starts_with('{') ? std::string_view() : *text;
  }
  return {};
}

// Of the messages that flattened keys spell, the first that has a text, without reading the others.
template <typename Items>
std::string FirstTextOf(Items&& items, std::string_view role) {
  for (const ListItem& item : items) {
    if (const std::string_view text = PlainContent(item); !text.empty()) return std::string(text);
    for (const model::Message& message : ReadMessages(json::array{item.Compose()}, role))
      if (const std::string_view text = FirstText(message); !text.empty()) return std::string(text);
  }
  return {};
}

template <typename Messages>
std::string FirstTextOf(Messages&& messages) {
  for (const model::Message& message : messages)
    if (const std::string_view text = FirstText(message); !text.empty()) return std::string(text);
  return {};
}

std::string InputText(Facts& facts) {
  if (const auto items = facts.Items(Field::kInputMessages))
    if (std::string text = FirstTextOf(items->items | std::views::reverse, "user"); !text.empty()) return text;
  return FirstTextOf(ReadInputMessages(facts) | std::views::reverse);
}

// "search({"q":"lamps"})", as it was sent.
std::string FirstToolCallOf(const std::vector<model::Message>& messages) {
  for (const model::Message& message : messages)
    for (const model::Part& part : message.content)
      if (part.type == model::Part::Type::kToolCall) return fmt::format("{}({})", part.name, part.arguments);
  return {};
}

// An answer that only calls tools is told by the first of them.
std::string OutputText(Facts& facts) {
  if (const auto items = facts.Items(Field::kOutputMessages))
    if (std::string text = FirstTextOf(items->items, "assistant"); !text.empty()) return text;
  const std::vector<model::Message> messages = ReadOutputMessages(facts);
  std::string text = FirstTextOf(messages);
  return text.empty() ? FirstToolCallOf(messages) : text;
}

std::string ArgumentsText(Facts& facts) {
  std::string text = facts.Text(Field::kToolArguments);
  return text.empty() ? InputText(facts) : text;
}

std::string ResultText(Facts& facts) {
  std::string text = facts.Text(Field::kToolResult);
  return text.empty() ? OutputText(facts) : text;
}

std::string Preview(Facts& facts, Field payload, std::string (*text_of_messages)(Facts&)) {
  std::string made;
  const auto plain = facts.PlainText(payload);
  std::string_view text = plain.value_or("");
  if (!plain) text = made = facts.Text(payload);
  if (text.empty()) text = made = text_of_messages(facts);
  return std::string(Utf8Prefix(text, model::kPreviewCharactersMax));
}

std::optional<std::uint64_t> ReadTimeToFirstToken(Facts& facts) {
  auto seconds = facts.Number(Field::kFirstTokenSeconds);
  if (const auto milliseconds = facts.Number(Field::kFirstTokenMilliseconds); !seconds && milliseconds)
    seconds = *milliseconds / 1e3;
  constexpr double kSecondsMax = 1e9;  // keeps the nanoseconds inside 64 bits
  if (seconds && *seconds >= 0 && *seconds < kSecondsMax)
    return static_cast<std::uint64_t>(std::llround(*seconds * 1e9));
  const auto time = ParseRfc3339(facts.Text(Field::kFirstTokenTime));
  if (seconds || !time || *time < facts.span().start_unix_ns) return std::nullopt;
  return *time - facts.span().start_unix_ns;
}

std::string ReadServiceTier(Facts& facts) {
  return facts.Text(Field::kBatch) == "true" ? "batch" : facts.Text(Field::kServiceTier);
}

// A template without a name is told apart by its text.
std::string PromptName(Facts& facts) {
  if (std::string name = facts.Text(Field::kTemplateName); !name.empty()) return name;
  const std::string text = facts.Text(Field::kTemplate);
  return text.empty() ? text : fmt::format("template:{:016x}", XXH3_64bits(text.data(), text.size()));
}

std::optional<model::Llm> ReadLlm(Facts& facts, ObservationKind kind) {
  model::Llm llm;
  llm.operation = facts.Text(Field::kOperation);
  llm.provider = facts.Text(Field::kProvider);
  llm.request_model = facts.Text(Field::kRequestModel);
  llm.response_model = facts.Text(Field::kResponseModel);
  llm.model = ModelName(facts);
  llm.response_id = facts.Text(Field::kResponseId);
  llm.invocation_parameters = ObjectText(facts[Field::kInvocationParameters]);
  if (kind != ObservationKind::kReranker) {  // whose documents some libraries tell as messages
    llm.input_messages = ReadInputMessages(facts);
    llm.output_messages = ReadOutputMessages(facts);
  }
  llm.tools = ReadTools(facts[Field::kTools]);
  llm.finish_reasons = ReadFinishReasons(facts, llm.output_messages);
  llm.service_tier = ReadServiceTier(facts);
  llm.time_to_first_token_ns = ReadTimeToFirstToken(facts);
  model::PromptTemplate prompt{facts.Text(Field::kTemplateName), facts.Text(Field::kTemplate),
                               facts.Text(Field::kTemplateVariables), facts.Text(Field::kTemplateVersion)};
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

// Where no tokens are known, 0 says nothing: Langfuse writes it for calls that failed.
std::optional<double> ReportedTotal(Facts& facts) {
  const auto total = facts.Number(Field::kCostTotal);
  return total == 0 && !facts.token_dialect() ? std::nullopt : total;
}

std::optional<model::ReportedCost> ReadCost(Facts& facts) {
  if (facts.Has(Field::kCostTotal) && !ReportedTotal(facts)) return std::nullopt;
  model::ReportedCost cost{.total_usd = ReportedTotal(facts),
                           .prompt_usd = facts.Number(Field::kCostPrompt),
                           .completion_usd = facts.Number(Field::kCostCompletion)};
  AddDetails(facts[Field::kCostPromptDetails], "prompt_details.", cost.details);
  AddDetails(facts[Field::kCostCompletionDetails], "completion_details.", cost.details);
  if (cost == model::ReportedCost()) return std::nullopt;
  return cost;
}

std::optional<model::ToolUse> ReadTool(Facts& facts, ObservationKind kind) {
  if (kind != ObservationKind::kTool) return std::nullopt;
  return model::ToolUse{facts.Text(Field::kToolName), facts.Text(Field::kToolCallId),
                        facts.Text(Field::kToolDescription), facts.Text(Field::kToolArguments),
                        facts.Text(Field::kToolResult)};
}

// Which forms the engine's views read by themselves (store/message_views.h).
constexpr std::string_view kFlattenedForViews[] = {"openinference: llm.input_messages",
                                                   "openinference: llm.output_messages",
                                                   "otel_genai: gen_ai.prompt",
                                                   "otel_genai: gen_ai.completion",
                                                   "openinference: retrieval.documents",
                                                   "openinference: reranker.input_documents",
                                                   "openinference: reranker.output_documents"};
constexpr std::string_view kTextsForViews[] = {
    "otel_genai: gen_ai.input.messages", "otel_genai: gen_ai.output.messages", "pydantic_ai: gen_ai.input.messages",
    "otel_genai: gen_ai.system_instructions"};

bool ViewsRead(Facts& facts, Field field) {
  if (!facts.Has(field)) return true;
  const std::string origin = facts.Origin(field);
  if (std::ranges::find(kFlattenedForViews, origin) != std::end(kFlattenedForViews))
    return facts.Items(field).has_value();
  return std::ranges::find(kTextsForViews, origin) != std::end(kTextsForViews) && facts.PlainText(field);
}

// Laminar wraps each of its messages, LiteLLM writes tool calls as JSON.
bool ViewsReadMessages(Facts& facts) {
  constexpr Field kFields[] = {Field::kInputMessages, Field::kOutputMessages, Field::kSystemInstructions};
  return facts.dialect() != "laminar" && facts.dialect() != "litellm" && !facts.Has(Field::kPrompts) &&
         !facts.Has(Field::kChoices) &&
         std::ranges::all_of(kFields, [&](Field field) { return ViewsRead(facts, field); });
}

// What the views would not show of it.
std::string ReadUnderstood(Facts& facts, ObservationKind kind) {
  Understood understood;
  if (kind == ObservationKind::kLlm && !ViewsReadMessages(facts)) {
    understood.input = ReadInputMessages(facts);
    understood.output = ReadOutputMessages(facts);
  }
  if (kind == ObservationKind::kRetriever && !ViewsRead(facts, Field::kDocuments))
    understood.retrieval = ReadDocuments(facts[Field::kDocuments]);
  if (kind == ObservationKind::kReranker && !ViewsRead(facts, Field::kRerankerInput))
    understood.reranker_input = ReadDocuments(facts[Field::kRerankerInput]);
  if (kind == ObservationKind::kReranker && !ViewsRead(facts, Field::kRerankerOutput))
    understood.reranker_output = ReadDocuments(facts[Field::kRerankerOutput]);
  return ToText(understood);
}

std::optional<model::Exception> ReadException(const SpanEvents& events) {
  const EventFields* event = LastException(events);
  if (!event) return std::nullopt;
  const auto text = [&](std::string_view key) { return Text(event->Read(key)); };
  return model::Exception{text("exception.type"), text("exception.message"), text("exception.stacktrace")};
}

// Of the events, else what the span says of a failure without one.
std::optional<model::Exception> ReadException(Facts& facts) {
  auto exception = ReadException(facts.events());
  if (exception || (!facts.Has(Field::kErrorType) && !facts.Has(Field::kErrorMessage))) return exception;
  return model::Exception{.type = facts.Text(Field::kErrorType), .message = facts.Text(Field::kErrorMessage)};
}

// OpenInference's annotations and evaluations: judgements that ride on the span.
void AppendInlineEvaluations(Facts& facts, std::vector<model::Evaluation>& out) {
  constexpr struct {
    Field field;
    const char* target;
  } kLists[] = {{Field::kAnnotations, "span"},           {Field::kEvaluations, "span"},
                {Field::kTraceAnnotations, "trace"},     {Field::kTraceEvaluations, "trace"},
                {Field::kSessionAnnotations, "session"}, {Field::kSessionEvaluations, "session"}};
  for (const auto& [field, target] : kLists) {
    if (!facts.Has(field)) continue;
    if (const json::array* items = facts.Parsed(field).if_array())
      for (const json::value& item : *items) {
        const json::value& body = Unwrap(Unwrap(item, "annotation"), "evaluation");
        if (!body.is_object()) continue;
        out.push_back({Text(Member(body, "name")), Text(Member(body, "label")), Number(Member(body, "score")),
                       Text(Member(body, "explanation")), model::Evaluation::Origin::kAttribute, target});
      }
  }
}

}  // namespace

LlmView Normalize(const model::Span& span, const model::Resource& resource, const model::Scope& scope,
                  std::span<const model::LogRecord> logs) {
  Facts facts(span, scope, logs, AttributeIndex(span.attributes, RuleBook::Instance().keys()));
  LlmView view;
  view.kind = facts.kind();
  view.dialect = facts.dialect();
  view.rules_version = kRulesVersion;
  view.title = ReadTitle(facts);
  view.service_name = ServiceName(resource, scope);
  view.session_id = facts.Text(Field::kSessionId);
  view.user_id = facts.Text(Field::kUserId);
  view.agent_name = facts.Text(Field::kAgentName);
  view.tags = ReadWords(facts[Field::kTags]);
  view.metadata = ObjectText(facts[Field::kMetadata]);
  view.input = ReadPayload(facts, Field::kInput, Field::kInputMimeType);
  view.output = ReadPayload(facts, Field::kOutput, Field::kOutputMimeType);
  view.llm = ReadLlm(facts, view.kind);
  view.tokens = ReadTokenUsage(facts);
  view.cost = ReadCost(facts);
  view.tool = ReadTool(facts, view.kind);
  view.retrieval = ReadRetrieval(facts);
  view.reranker = ReadReranker(facts);
  view.embedding = ReadEmbedding(facts);
  const SpanEvents& events = facts.events();
  view.exception = ReadException(facts);
  view.evaluations = ReadEvaluations(events);
  AppendInlineEvaluations(facts, view.evaluations);
  view.origins = OriginsOf(facts, view);
  view.notes = facts.oddities();
  if (view.tokens) std::ranges::copy(ImpossibleCounts(*view.tokens), std::back_inserter(view.notes));
  return view;
}

model::SpanSummary Summarize(const model::Span& span, const model::Resource& resource, const model::Scope& scope,
                             std::span<const model::LogRecord> logs) {
  model::SpanSummary summary;
  summary.rules_version = kRulesVersion;
  summary.log_records = static_cast<std::uint32_t>(std::ranges::count_if(logs, TellsOfSpan));
  summary.service_name = ServiceName(resource, scope);
  const auto tell_exception = [&](const std::optional<model::Exception>& exception) {
    if (!exception) return;
    summary.exception_type = exception->type;
    summary.exception_message = Utf8Prefix(exception->message, model::kPreviewCharactersMax);
  };
  AttributeIndex index(span.attributes, RuleBook::Instance().keys());
  if (index.empty()) {
    summary.dialect = kGeneric.name;
    const SpanEvents events = ReadEvents(span, logs);
    tell_exception(ReadException(events));
    summary.evaluations = ReadEvaluations(events);
    return summary;
  }
  Facts facts(span, scope, logs, std::move(index));
  tell_exception(ReadException(facts));
  summary.evaluations = ReadEvaluations(facts.events());
  summary.title = ReadTitle(facts);
  summary.kind = facts.kind();
  summary.dialect = facts.dialect();
  summary.session_id = facts.Text(Field::kSessionId);
  summary.user_id = facts.Text(Field::kUserId);
  summary.agent_name = facts.Text(Field::kAgentName);
  summary.model = ModelName(facts);
  for (const Field field : {Field::kEmbeddingModel, Field::kRerankerModel})
    if (summary.model.empty()) summary.model = facts.Text(field);
  summary.provider = facts.Text(Field::kProvider);
  if (summary.kind == ObservationKind::kTool) summary.tool_name = facts.Text(Field::kToolName);
  summary.operation = facts.Text(Field::kOperation);
  summary.response_id = facts.Text(Field::kResponseId);
  summary.finish_reason = FirstFinishReason(facts);
  summary.service_tier = ReadServiceTier(facts);
  summary.time_to_first_token_ns = ReadTimeToFirstToken(facts);
  summary.prompt_name = PromptName(facts);
  summary.prompt_version = facts.Text(Field::kTemplateVersion);
  summary.tokens = ReadTokenUsage(facts);
  summary.reported_cost_usd = ReportedTotal(facts);
  if (summary.reported_cost_usd) {
    summary.reported_prompt_usd = facts.Number(Field::kCostPrompt);
    summary.reported_completion_usd = facts.Number(Field::kCostCompletion);
  }
  summary.tags = ReadWords(facts[Field::kTags]);
  summary.metadata = ObjectText(facts[Field::kMetadata]);
  if (summary.metadata.size() > model::kSummaryJsonBytesMax) summary.metadata.clear();
  AppendInlineEvaluations(facts, summary.evaluations);
  if (summary.evaluations.size() > model::kSummaryEvaluationsMax)
    summary.evaluations.resize(model::kSummaryEvaluationsMax);
  const bool is_tool = summary.kind == ObservationKind::kTool;
  summary.input_preview = Preview(facts, Field::kInput, is_tool ? ArgumentsText : InputText);
  summary.output_preview = Preview(facts, Field::kOutput, is_tool ? ResultText : OutputText);
  summary.understood = ReadUnderstood(facts, summary.kind);
  return summary;
}

bool TellsOfSpan(const model::LogRecord& record) { return !record.span_id.IsZero() && IsRead(record); }

}  // namespace nightjar::semconv
