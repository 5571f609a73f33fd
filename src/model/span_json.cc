#include "model/span_json.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <iterator>
#include <optional>

#include "base/json.h"
#include "model/value_json.h"

namespace nightjar::model {
namespace {

// JSON text as the object or list it spells, other text as text.
json::value EmbedOrNull(const std::string& text) {
  if (text.starts_with('{') || text.starts_with('[')) {
    if (auto parsed = ParseJson(text)) return *std::move(parsed);
  }
  return TextOrNull(text);
}

template <typename T, typename ToJson>
json::array List(const std::vector<T>& items, ToJson to_json) {
  json::array out;
  out.reserve(items.size());
  for (const T& item : items) out.push_back(to_json(item));
  return out;
}

json::array Texts(const std::vector<std::string>& texts) {
  return List(texts, [](const std::string& text) { return json::value(text); });
}

template <typename T, typename ToJson>
json::value OrNull(const std::optional<T>& optional, ToJson to_json) {
  return optional ? json::value(to_json(*optional)) : json::value();
}

json::value KindWord(SpanKind kind) {
  constexpr const char* kWords[] = {"UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"};
  const auto number = static_cast<std::int32_t>(kind);
  if (number < 0 || number >= std::ssize(kWords)) return json::value(std::to_string(number));
  return kWords[number];
}

json::value StatusWord(StatusCode code) {
  constexpr const char* kWords[] = {"UNSET", "OK", "ERROR"};
  const auto number = static_cast<std::int32_t>(code);
  if (number < 0 || number >= std::ssize(kWords)) return json::value(std::to_string(number));
  return kWords[number];
}

json::object ToJson(const Event& event) {
  json::object out{{"name", event.name},
                   {"time_unix_ns", std::to_string(event.time_unix_ns)},
                   {"attributes", AttributesToJson(event.attributes)}};
  if (event.dropped_attributes != 0) out["dropped_attributes"] = event.dropped_attributes;
  return out;
}

json::object ToJson(const Link& link) {
  json::object out{{"trace_id", link.trace_id.ToHex()},
                   {"span_id", link.span_id.ToHex()},
                   {"trace_state", TextOrNull(link.trace_state)},
                   {"flags", link.flags},
                   {"attributes", AttributesToJson(link.attributes)}};
  if (link.dropped_attributes != 0) out["dropped_attributes"] = link.dropped_attributes;
  return out;
}

json::object ToJson(const Scope& scope) {
  return {{"name", scope.name},
          {"version", TextOrNull(scope.version)},
          {"attributes", AttributesToJson(scope.attributes)},
          {"dropped_attributes", scope.dropped_attributes},
          {"schema_url", TextOrNull(scope.schema_url)}};
}

std::string_view TypeWord(Part::Type type) {
  switch (type) {
    case Part::Type::kText: return "text";
    case Part::Type::kReasoning: return "reasoning";
    case Part::Type::kToolCall: return "tool_call";
    case Part::Type::kToolResult: return "tool_result";
    case Part::Type::kImage: return "image";
    case Part::Type::kAudio: return "audio";
    case Part::Type::kFile: return "file";
  }
  return "text";
}

json::object ToJson(const Part& part) {
  json::object out{{"type", TypeWord(part.type)}};
  switch (part.type) {
    case Part::Type::kText:
    case Part::Type::kReasoning: out["text"] = part.text; break;
    case Part::Type::kToolCall:
      out["id"] = TextOrNull(part.id);
      out["name"] = TextOrNull(part.name);
      out["arguments"] = TextOrNull(part.arguments);
      break;
    case Part::Type::kToolResult:
      out["id"] = TextOrNull(part.id);
      out["result"] = part.result;
      break;
    case Part::Type::kImage:
    case Part::Type::kAudio:
    case Part::Type::kFile:
      out["url"] = TextOrNull(part.url);
      out["mime_type"] = TextOrNull(part.mime_type);
      break;
  }
  return out;
}

json::object ToJson(const Message& message) {
  return {{"role", TextOrNull(message.role)},
          {"name", TextOrNull(message.name)},
          {"tool_call_id", TextOrNull(message.tool_call_id)},
          {"finish_reason", TextOrNull(message.finish_reason)},
          {"content", List(message.content, [](const Part& part) { return ToJson(part); })}};
}

json::array ToJson(const std::vector<Message>& messages) {
  return List(messages, [](const Message& message) { return ToJson(message); });
}

json::object ToJson(const ToolDefinition& tool) {
  return {{"name", TextOrNull(tool.name)},
          {"description", TextOrNull(tool.description)},
          {"parameters", EmbedOrNull(tool.parameters)}};
}

json::object ToJson(const PromptTemplate& prompt) {
  return {{"name", TextOrNull(prompt.name)},
          {"template", TextOrNull(prompt.template_text)},
          {"variables", EmbedOrNull(prompt.variables)},
          {"version", TextOrNull(prompt.version)}};
}

json::object ToJson(const Llm& llm) {
  return {
      {"operation", TextOrNull(llm.operation)},
      {"provider", TextOrNull(llm.provider)},
      {"model", TextOrNull(llm.model)},
      {"request_model", TextOrNull(llm.request_model)},
      {"response_model", TextOrNull(llm.response_model)},
      {"response_id", TextOrNull(llm.response_id)},
      {"invocation_parameters", EmbedOrNull(llm.invocation_parameters)},
      {"input_messages", ToJson(llm.input_messages)},
      {"output_messages", ToJson(llm.output_messages)},
      {"tools", List(llm.tools, [](const ToolDefinition& tool) { return ToJson(tool); })},
      {"finish_reasons", Texts(llm.finish_reasons)},
      {"service_tier", TextOrNull(llm.service_tier)},
      {"time_to_first_token_ns", NumberOrNull(llm.time_to_first_token_ns)},
      {"prompt_template", OrNull(llm.prompt_template, [](const PromptTemplate& prompt) { return ToJson(prompt); })}};
}

json::object ToJson(const TokenUsage& tokens) {
  return {{"prompt", NumberOrNull(tokens.prompt)},
          {"completion", NumberOrNull(tokens.completion)},
          {"total", NumberOrNull(tokens.total)},
          {"cache_read", NumberOrNull(tokens.cache_read)},
          {"cache_write", NumberOrNull(tokens.cache_write)},
          {"cache_write_1h", NumberOrNull(tokens.cache_write_1h)},
          {"uncached", NumberOrNull(tokens.uncached)},
          {"reasoning", NumberOrNull(tokens.reasoning)},
          {"prompt_audio", NumberOrNull(tokens.prompt_audio)},
          {"prompt_image", NumberOrNull(tokens.prompt_image)},
          {"completion_audio", NumberOrNull(tokens.completion_audio)},
          {"rule", TextOrNull(tokens.rule)},
          {"estimated", tokens.estimated}};
}

json::object Amounts(const std::optional<double>& total, const std::optional<double>& prompt,
                     const std::optional<double>& completion) {
  return {{"total_usd", NumberOrNull(total)},
          {"prompt_usd", NumberOrNull(prompt)},
          {"completion_usd", NumberOrNull(completion)}};
}

json::object ToJson(const ReportedCost& cost) {
  json::object out = Amounts(cost.total_usd, cost.prompt_usd, cost.completion_usd);
  json::object details;
  for (const auto& [name, usd] : cost.details) details[name] = usd;
  out["details"] = std::move(details);
  return out;
}

json::object ToJson(const ToolUse& tool) {
  return {{"name", TextOrNull(tool.name)},
          {"call_id", TextOrNull(tool.call_id)},
          {"description", TextOrNull(tool.description)},
          {"arguments", TextOrNull(tool.arguments)},
          {"result", TextOrNull(tool.result)}};
}

json::array ToJson(const std::vector<Document>& documents) {
  return List(documents, [](const Document& document) {
    return json::object{{"id", TextOrNull(document.id)},
                        {"score", NumberOrNull(document.score)},
                        {"content", TextOrNull(document.content)},
                        {"metadata", EmbedOrNull(document.metadata)}};
  });
}

json::object ToJson(const Reranker& reranker) {
  return {{"query", TextOrNull(reranker.query)},
          {"model", TextOrNull(reranker.model)},
          {"top_k", NumberOrNull(reranker.top_k)},
          {"input_documents", ToJson(reranker.input_documents)},
          {"output_documents", ToJson(reranker.output_documents)}};
}

json::value ToJson(const std::optional<Payload>& payload) {
  return OrNull(payload,
                [](const Payload& some) { return json::object{{"value", some.value}, {"mime_type", some.mime_type}}; });
}

// The record itself, without anything derived.
void AddRecord(const Span& span, const Resource& resource, const Scope& scope, json::object& out) {
  out["project"] = span.project;
  out["trace_id"] = span.trace_id.ToHex();
  out["span_id"] = span.span_id.ToHex();
  out["parent_span_id"] = span.parent_span_id.IsZero() ? json::value() : json::value(span.parent_span_id.ToHex());
  out["name"] = span.name;
  out["otel_kind"] = KindWord(span.kind);
  out["start_unix_ns"] = std::to_string(span.start_unix_ns);
  out["end_unix_ns"] = std::to_string(span.end_unix_ns);
  out["duration_ns"] = static_cast<std::int64_t>(span.end_unix_ns - span.start_unix_ns);
  out["status"] = {{"code", StatusWord(span.status)}, {"message", TextOrNull(span.status_message)}};
  out["trace_state"] = TextOrNull(span.trace_state);
  out["flags"] = span.flags;
  out["dropped"] = {
      {"attributes", span.dropped_attributes}, {"events", span.dropped_events}, {"links", span.dropped_links}};
  AddOrigin(resource, scope, out);
  out["attributes"] = AttributesToJson(span.attributes);
  out["events"] = List(span.events, [](const Event& event) { return ToJson(event); });
  out["links"] = List(span.links, [](const Link& link) { return ToJson(link); });
}

void AddView(const LlmView& view, json::object& out) {
  out["title"] = TextOrNull(view.title);
  out["kind"] = ToString(view.kind);
  out["service_name"] = TextOrNull(view.service_name);
  out["session_id"] = TextOrNull(view.session_id);
  out["user_id"] = TextOrNull(view.user_id);
  out["agent_name"] = TextOrNull(view.agent_name);
  out["tags"] = Texts(view.tags);
  out["metadata"] = EmbedOrNull(view.metadata);
  out["dialect"] = TextOrNull(view.dialect);
  out["rules_version"] = view.rules_version;
  out["input"] = ToJson(view.input);
  out["output"] = ToJson(view.output);
  out["llm"] = OrNull(view.llm, [](const Llm& llm) { return ToJson(llm); });
  out["tokens"] = OrNull(view.tokens, [](const TokenUsage& tokens) { return ToJson(tokens); });
  out["cost"] = CostToJson(view.computed_cost, view.cost);
  out["unpriced"] = TextOrNull(view.unpriced);
  out["tool"] = OrNull(view.tool, [](const ToolUse& tool) { return ToJson(tool); });
  out["retrieval"] = OrNull(view.retrieval, [](const Retrieval& retrieval) {
    return json::object{{"query", TextOrNull(retrieval.query)}, {"documents", ToJson(retrieval.documents)}};
  });
  out["reranker"] = OrNull(view.reranker, [](const Reranker& reranker) { return ToJson(reranker); });
  out["embedding"] = OrNull(view.embedding, [](const Embedding& embedding) {
    return json::object{{"model", TextOrNull(embedding.model)}, {"texts", Texts(embedding.texts)}};
  });
  out["exception"] = OrNull(view.exception, [](const Exception& exception) {
    return json::object{{"type", TextOrNull(exception.type)},
                        {"message", TextOrNull(exception.message)},
                        {"stacktrace", TextOrNull(exception.stacktrace)}};
  });
  json::object origins;
  for (const auto& [field, rule] : view.origins) origins[field] = rule;
  out["origins"] = std::move(origins);
  out["notes"] = Texts(view.notes);
}

std::string_view OriginWord(Evaluation::Origin origin) {
  switch (origin) {
    case Evaluation::Origin::kEvent: return "event";
    case Evaluation::Origin::kLog: return "log";
    case Evaluation::Origin::kAttribute: return "attribute";
  }
  return "event";
}

json::array ToJson(const std::vector<Evaluation>& evaluations) {
  return List(evaluations, [](const Evaluation& evaluation) {
    return json::object{{"name", TextOrNull(evaluation.name)},     {"label", TextOrNull(evaluation.label)},
                        {"score", NumberOrNull(evaluation.score)}, {"explanation", TextOrNull(evaluation.explanation)},
                        {"source", OriginWord(evaluation.origin)}, {"target", evaluation.target}};
  });
}

}  // namespace

json::value CostToJson(const std::optional<Cost>& computed, const std::optional<ReportedCost>& reported) {
  if (!computed && !reported) return nullptr;
  json::object out = computed ? Amounts(computed->total_usd, computed->prompt_usd, computed->completion_usd)
                              : Amounts(reported->total_usd, reported->prompt_usd, reported->completion_usd);
  json::object details;
  json::value savings;
  json::value price;
  if (computed) {
    for (const CostLine& line : computed->lines)
      details[line.what] = {{"tokens", NumberOrNull(line.tokens)},
                            {"usd_per_million", NumberOrNull(line.usd_per_million)},
                            {"usd", line.usd},
                            {"above", NumberOrNull(line.above)}};
    savings = NumberOrNull(computed->cache_savings_usd);
    price = {
        {"id", computed->price.id}, {"date", TextOrNull(computed->price.date)}, {"source", computed->price.source}};
  }
  out["details"] = std::move(details);
  out["cache_savings_usd"] = std::move(savings);
  out["price"] = std::move(price);
  out["origin"] = computed ? "computed" : "reported";
  out["reported"] = OrNull(reported, [](const ReportedCost& cost) { return ToJson(cost); });
  return out;
}

void AddOrigin(const Resource& resource, const Scope& scope, json::object& out) {
  out["resource"] = AttributesToJson(resource.attributes);
  out["resource_dropped_attributes"] = resource.dropped_attributes;
  out["resource_schema_url"] = TextOrNull(resource.schema_url);
  out["scope"] = ToJson(scope);
}

json::object ToSpanJson(const Span& span, const Resource& resource, const Scope& scope, const LlmView& view) {
  json::object out;
  AddRecord(span, resource, scope, out);
  AddView(view, out);
  out["annotations"] = ToJson(view.evaluations);
  out["logs"] = json::array();
  out["sampling"] = {{"weight", 1}, {"rule", nullptr}};
  return out;
}

}  // namespace nightjar::model
