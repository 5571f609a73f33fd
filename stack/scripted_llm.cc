#include "stack/scripted_llm.h"

#include <algorithm>

#include "stack/embedder.h"
#include "stack/script.h"

namespace stack {
namespace {

namespace json = boost::json;

constexpr const char* kModels = R"({"object": "list", "data": [{"id": "scripted", "object": "model"}]})";

HttpReply Embed(const json::object& request) {
  const json::value& input = request.at("input");
  const auto texts = input.is_string() ? std::vector{std::string(input.get_string())}
                                       : json::value_to<std::vector<std::string>>(input);
  json::array data;
  for (const std::string& text : texts) {
    data.push_back({{"object", "embedding"},
                    {"index", data.size()},
                    {"embedding", json::value_from(HashEmbedder::EmbedOne(text))}});
  }
  return JsonReply(200,
                   json::serialize(json::object{{"object", "list"}, {"model", request.at("model")}, {"data", data}}));
}

HttpReply Rerank(const json::object& request) {
  const Vector query = HashEmbedder::EmbedOne(std::string_view(request.at("query").as_string()));
  std::vector<json::object> results;
  for (const json::value& document : request.at("documents").as_array()) {
    const double score = Cosine(query, HashEmbedder::EmbedOne(std::string_view(document.as_string())));
    results.push_back({{"index", results.size()}, {"relevance_score", score}});
  }
  std::ranges::stable_sort(results, [](const json::object& a, const json::object& b) {
    return a.at("relevance_score").as_double() > b.at("relevance_score").as_double();
  });
  const json::value* top_n = request.if_contains("top_n");
  if (top_n != nullptr) results.resize(std::min(results.size(), top_n->to_number<std::size_t>()));
  return JsonReply(
      200, json::serialize(json::object{{"model", request.at("model")}, {"results", json::value_from(results)}}));
}

}  // namespace

const char* const ScriptedLlm::kDefaultScript = R"json({
  "conversations": [
    {"goal_contains": "Compare Postgres and SQLite",
     "turns": [
       {"delay_ms": 140, "tool_calls": [
         {"name": "search_docs", "arguments": {"query": "Postgres vs SQLite for Django", "top_k": 3}}]},
       {"delay_ms": 127, "tool_calls": [{"name": "fetch_chunk", "arguments": {"chunk_id": "dj-001"}}]},
       {"delay_ms": 180, "content": "SQLite needs no server and is Django's starting point, but it has one writer at a time. Postgres takes many writers and costs a server to run. A small app can start on SQLite and move later [dj-001]."},
       {"delay_ms": 157, "content": "Start on SQLite: a small Django app needs no database server, and moving later is well trodden. Choose Postgres from the start if several workers will write at once, because SQLite lets only one of them write at a time [dj-001]."}]},
    {"goal_contains": "",
     "turns": [
       {"delay_ms": 140, "tool_calls": [{"name": "search_docs", "arguments": {"query": "{goal}", "top_k": 3}}]},
       {"delay_ms": 120, "content": "The notes found by the search are all there is on this question."},
       {"delay_ms": 110, "content": "The notes hold the chunks listed above and nothing more on: {goal}"}]}
  ]
})json";

ScriptedLlm::ScriptedLlm(const std::string& script) try {
  conversations_ = json::parse(script).as_object().at("conversations").as_array();
  for (const json::value& conversation : conversations_) {
    (void)conversation.at("goal_contains").as_string();
    for (const json::value& turn : conversation.at("turns").as_array()) CheckTurn(turn.as_object());
  }
} catch (const std::exception& error) {
  throw ScriptError(std::string("not a script: ") + error.what());
}

HttpReply ScriptedLlm::Answer(const HttpRequest& request) {
  const std::string target(request.target());
  const bool get = request.method() == boost::beast::http::verb::get;
  if (target == "/healthz" && get) return JsonReply(200, R"({"status": "ok"})");
  if (target == "/v1/models" && get) return JsonReply(200, kModels);
  const bool chat = target == "/v1/chat/completions";
  const bool embed = target == "/v1/embeddings";
  if (!chat && !embed && target != "/v1/rerank") return ErrorReply(404, "no such path: " + target);
  if (request.method() != boost::beast::http::verb::post) return ErrorReply(405, "use POST");
  try {
    const json::object body = json::parse(request.body()).as_object();
    if (chat) return Complete(body);
    return embed ? Embed(body) : Rerank(body);
  } catch (const std::exception& error) {
    return ErrorReply(400, std::string("not a request of this kind: ") + error.what());
  }
}

const json::array* ScriptedLlm::FindTurns(const std::string& goal) const {
  for (const json::value& conversation : conversations_) {
    if (goal.find(conversation.at("goal_contains").as_string()) == std::string::npos) continue;
    return &conversation.at("turns").as_array();
  }
  return nullptr;
}

const json::object* ScriptedLlm::NextFault(const json::object& turn) {
  const json::value* faults = turn.if_contains("faults");
  if (faults == nullptr) return nullptr;
  const std::scoped_lock lock(mutex_);
  const std::size_t number = faults_[&turn]++;
  return number < faults->get_array().size() ? &faults->get_array()[number].get_object() : nullptr;
}

HttpReply ScriptedLlm::Complete(const json::object& request) {
  const ScriptedQuestion question = ReadQuestion(request);
  const json::array* turns = FindTurns(question.goal);
  if (turns == nullptr) return ErrorReply(404, "the script has no conversation for: " + question.goal);
  if (question.turn >= turns->size()) {
    return ErrorReply(404, "the script has no turn " + std::to_string(question.turn + 1) + " for: " + question.goal);
  }
  const json::object& turn = turns->at(question.turn).as_object();
  const json::object* fault = NextFault(turn);
  return AnswerTurn(fault == nullptr ? turn : *fault, question);
}

}  // namespace stack
