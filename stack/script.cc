#include "stack/script.h"

#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

namespace stack {
namespace {

namespace json = boost::json;

constexpr std::int64_t kDelayMilliseconds = 100;
constexpr std::int64_t kPieceBytes = 16;

// A copy of `value` with {goal} replaced in all its strings.
json::value FillIn(const json::value& value, const std::string& goal) {
  if (const auto* text = value.if_string()) {
    std::string filled(*text);
    for (std::size_t at = 0; (at = filled.find("{goal}", at)) != std::string::npos; at += goal.size()) {
      filled.replace(at, std::string_view("{goal}").size(), goal);
    }
    return json::value(filled);
  }
  if (const auto* object = value.if_object()) {
    json::object filled;
    for (const auto& [key, member] : *object) filled[key] = FillIn(member, goal);
    return filled;
  }
  if (const auto* array = value.if_array()) {
    json::array filled;
    for (const json::value& item : *array) filled.push_back(FillIn(item, goal));
    return filled;
  }
  return value;
}

std::int64_t Number(const json::object& turn, std::string_view name, std::int64_t otherwise) {
  const json::value* number = turn.if_contains(name);
  return number == nullptr ? otherwise : number->as_int64();
}

void Sleep(std::int64_t milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

std::size_t TextTokens(std::string_view text) { return (text.size() + 3) / 4; }

// Call ids count up over the conversation.
json::object TurnMessage(const json::object& turn, const ScriptedQuestion& question) {
  json::object message{{"role", "assistant"}, {"content", nullptr}};
  if (const json::value* content = turn.if_contains("content")) message["content"] = FillIn(*content, question.goal);
  const json::value* calls = turn.if_contains("tool_calls");
  if (calls == nullptr) return message;
  json::array tool_calls;
  for (const json::value& call : calls->as_array()) {
    const std::string id = "call_" + std::to_string(question.turn + 1) +
                           (tool_calls.empty() ? "" : "_" + std::to_string(tool_calls.size()));
    const json::value arguments = FillIn(call.at("arguments"), question.goal);
    tool_calls.push_back(
        {{"id", id},
         {"type", "function"},
         {"function",
          {{"name", call.at("name")},
           {"arguments", arguments.is_string() ? arguments : json::value(json::serialize(arguments))}}}});
  }
  message["tool_calls"] = std::move(tool_calls);
  return message;
}

json::object Usage(const json::object& turn, const json::object& message, const ScriptedQuestion& question) {
  const std::size_t completion = MessageTokens(message);
  json::object usage{{"prompt_tokens", question.prompt_tokens},
                     {"completion_tokens", completion},
                     {"total_tokens", question.prompt_tokens + completion}};
  if (const json::value* told = turn.if_contains("usage")) {
    for (const auto& [name, value] : told->as_object()) usage[name] = value;
  }
  return usage;
}

json::value FinishReason(const json::object& turn, const json::object& message) {
  const json::value* told = turn.if_contains("finish_reason");
  if (told != nullptr) return *told;
  return message.contains("tool_calls") ? "tool_calls" : "stop";
}

// What all answers and chunks begin with.
json::object Envelope(const ScriptedQuestion& question, std::string_view object) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return {{"id", "chatcmpl-scripted-" + std::to_string(question.turn + 1)},
          {"object", object},
          {"created", std::chrono::duration_cast<std::chrono::seconds>(now).count()},
          {"model", question.model}};
}

std::string Event(const ScriptedQuestion& question, json::object delta, const json::value& finish_reason) {
  json::object chunk = Envelope(question, "chat.completion.chunk");
  chunk["choices"] = {{{"index", 0}, {"delta", std::move(delta)}, {"finish_reason", finish_reason}}};
  return "data: " + json::serialize(chunk) + "\n\n";
}

// The text in pieces of so many bytes, without cutting a UTF-8 character.
std::vector<std::string> Cut(std::string_view text, std::size_t bytes) {
  std::vector<std::string> pieces;
  while (!text.empty()) {
    std::size_t end = std::min(bytes, text.size());
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) ++end;
    pieces.emplace_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return pieces;
}

// The events of a streamed answer, without the end of the stream.
std::vector<std::string> Events(const json::object& turn, const json::object& message,
                                const ScriptedQuestion& question) {
  const auto bytes = static_cast<std::size_t>(Number(turn, "piece_bytes", kPieceBytes));
  std::vector<std::string> events = {Event(question, {{"role", "assistant"}, {"content", ""}}, nullptr)};
  for (const std::string& piece : Cut(TextMember(message, "content"), bytes)) {
    events.push_back(Event(question, {{"content", piece}}, nullptr));
  }
  if (const json::value* calls = message.if_contains("tool_calls")) {
    for (std::size_t i = 0; i < calls->get_array().size(); ++i) {
      json::object first = calls->get_array()[i].as_object();
      first["index"] = i;
      const std::string arguments = TextMember(first["function"].as_object(), "arguments");
      first["function"].as_object()["arguments"] = "";
      events.push_back(Event(question, {{"tool_calls", json::array{first}}}, nullptr));
      for (const std::string& piece : Cut(arguments, bytes)) {
        const json::object part{{"index", i}, {"function", {{"arguments", piece}}}};
        events.push_back(Event(question, {{"tool_calls", json::array{part}}}, nullptr));
      }
    }
  }
  events.push_back(Event(question, {}, FinishReason(turn, message)));
  if (question.stream_usage) {
    json::object chunk = Envelope(question, "chat.completion.chunk");
    chunk["choices"] = json::array();
    chunk["usage"] = Usage(turn, message, question);
    events.push_back("data: " + json::serialize(chunk) + "\n\n");
  }
  events.emplace_back("data: [DONE]\n\n");
  return events;
}

HttpReply Streamed(const json::object& turn, const json::object& message, const ScriptedQuestion& question) {
  HttpReply reply;
  reply.response.set(boost::beast::http::field::content_type, "text/event-stream");
  reply.stream = [events = Events(turn, message, question), delay = Number(turn, "piece_delay_ms", 0),
                  left = Number(turn, "break_after_pieces", -1)](const BodyWriter& write) mutable {
    for (const std::string& event : events) {
      if (left-- == 0) throw CloseConnection();
      if (delay > 0) Sleep(delay);
      if (!write(event)) return;
    }
  };
  return reply;
}

// A turn without an answer, or one of its `faults`.
bool IsFault(const json::object& turn) {
  return turn.contains("status") || turn.contains("close") || turn.contains("body");
}

HttpReply AnswerFault(const json::object& fault) {
  if (fault.contains("close")) throw CloseConnection();
  if (fault.contains("body")) return JsonReply(200, TextMember(fault, "body"));
  HttpReply reply = ErrorReply(static_cast<unsigned>(fault.at("status").as_int64()), TextMember(fault, "error"));
  const std::string retry_after = TextMember(fault, "retry_after");
  if (!retry_after.empty()) reply.response.set(boost::beast::http::field::retry_after, retry_after);
  return reply;
}

void CheckFault(const json::object& fault) {
  if (!IsFault(fault)) throw std::invalid_argument("a fault needs a status, close or body");
  const std::int64_t code = Number(fault, "status", 500);
  if (code < 400 || code > 599) throw std::invalid_argument("a fault's status must be between 400 and 599");
}

}  // namespace

void CheckTurn(const json::object& turn) {
  const bool answers = turn.contains("content") || turn.contains("tool_calls");
  if (answers == IsFault(turn)) throw std::invalid_argument("a turn needs either content or tool_calls, or a fault");
  if (!answers) return CheckFault(turn);
  if (const json::value* faults = turn.if_contains("faults")) {
    for (const json::value& fault : faults->as_array()) CheckFault(fault.as_object());
  }
  if (const json::value* calls = turn.if_contains("tool_calls")) {
    for (const json::value& call : calls->as_array()) {
      (void)call.at("name").as_string();
      if (!call.at("arguments").is_string()) (void)call.at("arguments").as_object();
    }
  }
  for (const std::string_view name : {"delay_ms", "piece_delay_ms", "break_after_pieces"}) {
    if (Number(turn, name, 0) < 0) throw std::invalid_argument(std::string(name) + " must not be negative");
  }
  if (Number(turn, "piece_bytes", 1) < 1) throw std::invalid_argument("piece_bytes must be at least 1");
}

std::string TextMember(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr || !value->is_string() ? std::string() : std::string(value->get_string());
}

std::size_t MessageTokens(const json::object& message) {
  std::size_t tokens = TextTokens(TextMember(message, "content"));
  const json::value* calls = message.if_contains("tool_calls");
  if (calls == nullptr || !calls->is_array()) return tokens;
  for (const json::value& call : calls->get_array()) {
    const json::object& function = call.at("function").as_object();
    tokens += TextTokens(TextMember(function, "name")) + TextTokens(TextMember(function, "arguments"));
  }
  return tokens;
}

ScriptedQuestion ReadQuestion(const json::object& request) {
  ScriptedQuestion question{.goal = {}, .model = request.at("model")};
  for (const json::value& item : request.at("messages").as_array()) {
    const json::object& message = item.as_object();
    const std::string role = TextMember(message, "role");
    if (role == "user" && !message.contains("name")) {
      question.goal = TextMember(message, "content");
      question.turn = 0;
    }
    if (role == "assistant") ++question.turn;
    question.prompt_tokens += MessageTokens(message);
  }
  const json::value* stream = request.if_contains("stream");
  question.stream = stream != nullptr && stream->as_bool();
  const json::value* options = request.if_contains("stream_options");
  const json::value* usage = options == nullptr ? nullptr : options->as_object().if_contains("include_usage");
  question.stream_usage = usage != nullptr && usage->as_bool();
  return question;
}

HttpReply AnswerTurn(const json::object& turn, const ScriptedQuestion& question) {
  Sleep(Number(turn, "delay_ms", kDelayMilliseconds));
  if (IsFault(turn)) return AnswerFault(turn);
  const json::object message = TurnMessage(turn, question);
  if (question.stream) return Streamed(turn, message, question);
  json::object answer = Envelope(question, "chat.completion");
  answer["choices"] = {{{"index", 0}, {"message", message}, {"finish_reason", FinishReason(turn, message)}}};
  answer["usage"] = Usage(turn, message, question);
  return JsonReply(200, json::serialize(answer));
}

HttpReply ErrorReply(unsigned status, std::string_view message) {
  return JsonReply(status, json::serialize(json::object{{"error", {{"message", message}}}}));
}

}  // namespace stack
