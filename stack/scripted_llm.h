// A chat model that answers from a script: the same question gets the same answer, offline.
//
// The script is JSON:
//   {"conversations": [
//     {"goal_contains": "Postgres",            // in the first user message; "" fits every goal; the first fit counts
//      "turns": [                              // turn N answers a request that holds N assistant messages
//        {"delay_ms": 140, "tool_calls": [{"name": "search_docs", "arguments": {"query": "{goal}"}}]},
//        {"delay_ms": 150, "content": "The answer to {goal}."},
//        {"status": 503, "error": "overloaded"}]}]}
// {goal} in a string stands for the first user message. delay_ms is 100 where it is left out.
//
// Tokens are counted by a rule anyone can redo: a text has one token for every four characters (bytes), rounded up.
// The prompt is the sum over the messages' contents and tool calls' names and arguments, each text by itself; the
// completion is the same sum over the answer.
#pragma once

#include <boost/json.hpp>
#include <stdexcept>
#include <string>

#include "stack/http_server.h"

namespace stack {

class ScriptError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Answers POST /v1/chat/completions (not streamed), GET /v1/models and GET /healthz. Keeps no state; thread-safe.
class ScriptedLlm {
 public:
  // Throws ScriptError when the text is not a script.
  explicit ScriptedLlm(const std::string& script = kDefaultScript);

  [[nodiscard]] HttpResponse Answer(const HttpRequest& request) const;

  // Makes the demo's waterfall; fits other goals too.
  static const char* const kDefaultScript;

 private:
  [[nodiscard]] HttpResponse Complete(const boost::json::object& request) const;
  // Null when no conversation fits.
  [[nodiscard]] const boost::json::array* FindTurns(const std::string& goal) const;

  boost::json::array conversations_;
};

}  // namespace stack
