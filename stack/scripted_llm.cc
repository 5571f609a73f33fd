#include "stack/scripted_llm.h"

#include <chrono>
#include <thread>

namespace stack {
namespace {

namespace json = boost::json;

constexpr std::int64_t kDelayMilliseconds = 100;
constexpr const char* kModels = R"({"object": "list", "data": [{"id": "scripted", "object": "model"}]})";

HttpResponse ErrorResponse(unsigned status, std::string_view message) {
  return JsonResponse(status, json::serialize(json::object{{"error", {{"message", message}}}}));
}

std::string TextMember(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value == nullptr || !value->is_string() ? std::string() : std::string(value->get_string());
}

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

std::size_t TextTokens(std::string_view text) { return (text.size() + 3) / 4; }

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

// The assistant message of a turn. Call ids count up over the conversation, one call a turn at most in practice.
json::object TurnMessage(const json::object& turn, std::size_t turn_number, const std::string& goal) {
  json::object message{{"role", "assistant"}, {"content", nullptr}};
  if (const json::value* content = turn.if_contains("content")) message["content"] = FillIn(*content, goal);
  const json::value* calls = turn.if_contains("tool_calls");
  if (calls == nullptr) return message;
  json::array tool_calls;
  for (const json::value& call : calls->as_array()) {
    const std::string id =
        "call_" + std::to_string(turn_number + 1) + (tool_calls.empty() ? "" : "_" + std::to_string(tool_calls.size()));
    tool_calls.push_back(
        {{"id", id},
         {"type", "function"},
         {"function",
          {{"name", call.at("name")}, {"arguments", json::serialize(FillIn(call.at("arguments"), goal))}}}});
  }
  message["tool_calls"] = std::move(tool_calls);
  return message;
}

void CheckTurn(const json::object& turn) {
  const bool answers = turn.contains("content") || turn.contains("tool_calls");
  if (answers == turn.contains("status")) throw ScriptError("a turn needs either content or tool_calls, or a status");
  if (const json::value* calls = turn.if_contains("tool_calls")) {
    for (const json::value& call : calls->as_array()) {
      (void)call.at("name").as_string();
      (void)call.at("arguments").as_object();
    }
  }
  if (const json::value* status = turn.if_contains("status")) {
    const std::int64_t code = status->as_int64();
    if (code < 400 || code > 599) throw ScriptError("a turn's status must be between 400 and 599");
  }
  if (const json::value* delay = turn.if_contains("delay_ms")) (void)delay->as_int64();
}

}  // namespace

const char* const ScriptedLlm::kDefaultScript = R"json({
  "conversations": [
    {"goal_contains": "Compare Postgres and SQLite",
     "turns": [
       {"delay_ms": 140, "tool_calls": [
         {"name": "search_docs", "arguments": {"query": "Postgres vs SQLite for Django", "top_k": 3}}]},
       {"delay_ms": 127, "tool_calls": [{"name": "fetch_chunk", "arguments": {"chunk_id": "dj-001"}}]},
       {"delay_ms": 180, "content": "Draft: SQLite needs no server and is Django's starting point, but it has one writer at a time. Postgres takes many writers and costs a server to run. A small app can start on SQLite and move later [dj-001]."},
       {"delay_ms": 157, "content": "Start on SQLite: a small Django app needs no database server, and moving later is well trodden. Choose Postgres from the start if several workers will write at once, because SQLite lets only one of them write at a time [dj-001]."}]},
    {"goal_contains": "",
     "turns": [
       {"delay_ms": 140, "tool_calls": [{"name": "search_docs", "arguments": {"query": "{goal}", "top_k": 3}}]},
       {"delay_ms": 120, "content": "Draft: the notes found by the search are all there is on this question."},
       {"delay_ms": 110, "content": "The notes hold the chunks listed above and nothing more on: {goal}"}]}
  ]
})json";

ScriptedLlm::ScriptedLlm(const std::string& script) try {
  conversations_ = json::parse(script).as_object().at("conversations").as_array();
  for (const json::value& conversation : conversations_) {
    (void)conversation.at("goal_contains").as_string();
    for (const json::value& turn : conversation.at("turns").as_array()) CheckTurn(turn.as_object());
  }
} catch (const ScriptError&) {
  throw;
} catch (const std::exception& error) {
  throw ScriptError(std::string("not a script: ") + error.what());
}

HttpResponse ScriptedLlm::Answer(const HttpRequest& request) const {
  const std::string target(request.target());
  const bool get = request.method() == boost::beast::http::verb::get;
  if (target == "/healthz" && get) return JsonResponse(200, R"({"status": "ok"})");
  if (target == "/v1/models" && get) return JsonResponse(200, kModels);
  if (target != "/v1/chat/completions") return ErrorResponse(404, "no such path: " + target);
  if (request.method() != boost::beast::http::verb::post) return ErrorResponse(405, "use POST");
  try {
    return Complete(json::parse(request.body()).as_object());
  } catch (const std::exception& error) {
    return ErrorResponse(400, std::string("not a chat request: ") + error.what());
  }
}

const json::array* ScriptedLlm::FindTurns(const std::string& goal) const {
  for (const json::value& conversation : conversations_) {
    if (goal.find(conversation.at("goal_contains").as_string()) == std::string::npos) continue;
    return &conversation.at("turns").as_array();
  }
  return nullptr;
}

HttpResponse ScriptedLlm::Complete(const json::object& request) const {
  if (const json::value* stream = request.if_contains("stream"); stream != nullptr && stream->as_bool()) {
    return ErrorResponse(400, "this model does not stream");
  }
  std::string goal;
  std::size_t turn_number = 0;
  std::size_t prompt_tokens = 0;
  for (const json::value& item : request.at("messages").as_array()) {
    const json::object& message = item.as_object();
    const std::string role = TextMember(message, "role");
    if (role == "user" && goal.empty()) goal = TextMember(message, "content");
    if (role == "assistant") ++turn_number;
    prompt_tokens += MessageTokens(message);
  }
  const json::array* turns = FindTurns(goal);
  if (turns == nullptr) return ErrorResponse(404, "the script has no conversation for: " + goal);
  if (turn_number >= turns->size()) {
    return ErrorResponse(404, "the script has no turn " + std::to_string(turn_number + 1) + " for: " + goal);
  }
  const json::object& turn = turns->at(turn_number).as_object();
  const json::value* delay = turn.if_contains("delay_ms");
  std::this_thread::sleep_for(std::chrono::milliseconds(delay == nullptr ? kDelayMilliseconds : delay->as_int64()));
  if (const json::value* status = turn.if_contains("status")) {
    return ErrorResponse(static_cast<unsigned>(status->as_int64()), TextMember(turn, "error"));
  }

  const json::object message = TurnMessage(turn, turn_number, goal);
  const std::size_t completion_tokens = MessageTokens(message);
  const json::object response{
      {"id", "chatcmpl-scripted-" + std::to_string(turn_number + 1)},
      {"object", "chat.completion"},
      {"created",
       std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count()},
      {"model", request.at("model")},
      {"choices", json::array{{{"index", 0},
                               {"message", message},
                               {"finish_reason", message.contains("tool_calls") ? "tool_calls" : "stop"}}}},
      {"usage",
       {{"prompt_tokens", prompt_tokens},
        {"completion_tokens", completion_tokens},
        {"total_tokens", prompt_tokens + completion_tokens}}}};
  return JsonResponse(200, json::serialize(response));
}

}  // namespace stack
