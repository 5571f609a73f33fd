#include "stack/llm.h"

#include <array>
#include <charconv>

#include "nightjar/llm.h"
#include "nightjar/openinference.h"
#include "stack/event_stream.h"
#include "stack/streamed_reply.h"

namespace stack {
namespace {

namespace json = boost::json;
namespace oi = nightjar::openinference;

constexpr std::size_t kErrorBytesMax = 300;

// {"temperature": 0.7, …} as the request has them. Boost.JSON would write 7E-1.
std::string InvocationParameters(const ChatOptions& options) {
  std::string text;
  if (options.temperature) {
    std::array<char, 32> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), *options.temperature);
    text.append(R"("temperature": )").append(digits.data(), end);
  }
  json::object others = options.parameters;
  if (options.max_tokens) others["max_tokens"] = *options.max_tokens;
  for (const auto& [name, value] : others) {
    text += (text.empty() ? "" : ", ") + json::serialize(json::string(name)) + ": " + json::serialize(value);
  }
  return "{" + text + "}";
}

nightjar::Span StartSpan(const std::string& model, const json::array& messages, const ChatOptions& options) {
  const std::string messages_json = json::serialize(messages);
  const std::string parameters = InvocationParameters(options);
  const std::string tools = options.tools.empty() ? "" : json::serialize(options.tools);
  return nightjar::LlmSpan(
      {.model = model, .messages_json = messages_json, .parameters_json = parameters, .tools_json = tools});
}

std::optional<std::int64_t> Count(const json::object& usage, std::string_view name) {
  const json::value* count = usage.if_contains(name);
  if (count == nullptr || !count->is_int64()) return std::nullopt;
  return count->get_int64();
}

std::optional<std::int64_t> TotalTokens(const json::object& response) {
  const json::value* member = response.if_contains("usage");
  if (member == nullptr || !member->is_object()) return std::nullopt;
  const json::object& usage = member->get_object();
  if (const auto total = Count(usage, "total_tokens")) return total;
  const auto prompt = Count(usage, "prompt_tokens");
  const auto completion = Count(usage, "completion_tokens");
  return prompt && completion ? std::optional(*prompt + *completion) : std::nullopt;
}

ChatReply ReadReply(const std::string& text) try {
  const json::object response = json::parse(text).as_object();
  const json::object& choice = response.at("choices").as_array().at(0).as_object();
  ChatReply reply{.message = choice.at("message").as_object()};
  if (const json::value* reason = choice.if_contains("finish_reason"); reason != nullptr && reason->is_string()) {
    reply.finish_reason = reason->get_string();
  }
  reply.total_tokens = TotalTokens(response);
  return reply;
} catch (const std::exception&) {
  throw LlmError(LlmError::Kind::kMalformed,
                 "the model's server answered no chat completion: " + text.substr(0, kErrorBytesMax));
}

// Returns the text that a streamed event adds.
std::string AddChunk(StreamedReply& reply, const std::string& data) {
  boost::system::error_code malformed;
  const json::value chunk = json::parse(data, malformed);
  if (!malformed && chunk.is_object() && chunk.get_object().contains("error")) {
    throw LlmError(LlmError::Kind::kRefused, "the model broke off: " + data.substr(0, kErrorBytesMax));
  }
  try {
    return reply.Add(chunk);
  } catch (const std::exception&) {
    throw LlmError(LlmError::Kind::kMalformed,
                   "the model's server streamed no chunk of a chat completion: " + data.substr(0, kErrorBytesMax));
  }
}

}  // namespace

LlmConfig LlmConfig::FromEnvironment() {
  return {
      .server = {.base_url = Environment("LLM_BASE_URL", Environment("OPENAI_BASE_URL", "http://localhost:8080/v1")),
                 .api_key = Environment("LLM_API_KEY", Environment("OPENAI_API_KEY", ""))},
      .model = Environment("LLM_MODEL", "qwen2.5-7b-instruct")};
}

ChatReply LlmClient::Chat(const json::array& messages, const ChatOptions& options) const {
  const std::string& model = options.model.empty() ? model_ : options.model;
  json::object request{{"model", model}, {"messages", messages}, {"stream", static_cast<bool>(options.on_text)}};
  for (const auto& [name, value] : options.parameters) request[name] = value;
  if (options.temperature) request["temperature"] = *options.temperature;
  if (options.max_tokens) request["max_tokens"] = *options.max_tokens;
  if (!options.tools.empty()) request["tools"] = options.tools;
  if (options.on_text) request["stream_options"] = {{"include_usage", true}};

  nightjar::Span span = StartSpan(model, messages, options);
  if (!server_.provider().empty()) span.SetAttribute(oi::kLlmProvider, server_.provider());
  return nightjar::Traced(span, [&] {
    const std::string response = Ask(request, options, span);
    nightjar::RecordLlmOutput(span, response);
    return ReadReply(response);
  });
}

std::string LlmClient::Ask(const json::object& request, const ChatOptions& options, nightjar::Span& span) const {
  ModelServer::Call call{.path = "/chat/completions", .body = json::serialize(request), .stop = options.stop};
  if (options.on_text) return AskStreamed(std::move(call), options, span);
  return server_.Post(call, span);
}

// A server that does not know streaming answers whole, which is as good. What came of an answer that broke off is
// recorded.
std::string LlmClient::AskStreamed(ModelServer::Call call, const ChatOptions& options, nightjar::Span& span) const {
  StreamedReply reply;
  EventStream events([&](const std::string& data) {
    if (data == "[DONE]") return;
    const bool begun = reply.begun();
    const std::string text = AddChunk(reply, data);
    if (!begun && reply.begun()) span.AddEvent("First Token Stream Event");
    if (!text.empty()) options.on_text(text);
  });
  bool streamed = false;
  call.on_piece = [&](std::string_view piece) {
    streamed = true;
    events.Feed(piece);
  };
  try {
    std::string whole = server_.Post(call, span);
    if (!streamed) return whole;
    if (reply.finished()) return json::serialize(reply.Whole());
    throw LlmError(LlmError::Kind::kUnreachable, "the model's answer broke off before its end");
  } catch (...) {
    if (reply.begun()) nightjar::RecordLlmOutput(span, json::serialize(reply.Whole()));
    throw;
  }
}

}  // namespace stack
