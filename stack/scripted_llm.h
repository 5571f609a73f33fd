// Models that answer from a script: the same questions get the same answers, offline. The server speaks OpenAI's API:
// chat with tools, streamed or whole, embeddings and reranking.
//
// The script is JSON:
//   {"conversations": [
//     {"goal_contains": "Postgres",            // in the goal; "" fits every goal; the first fit counts
//      "turns": [                              // turn N answers a request with N assistant messages after the goal
//        {"delay_ms": 140, "tool_calls": [{"name": "search_docs", "arguments": {"query": "{goal}"}}]},
//        {"delay_ms": 150, "content": "The answer to {goal}."},
//        {"status": 503, "error": "overloaded"}]}]}
// The goal is the last user message without a "name". {goal} in a string stands for it. A turn is
//   content, tool_calls   the answer, at least one of them; arguments that are a string are sent as that string
//   finish_reason         "stop", or "tool_calls"
//   usage                 an object; goes over the counts below, member by member
//   delay_ms              before the answer, 100 where it is left out
//   piece_bytes, piece_delay_ms    how a streamed answer is cut, 16; and the pause before each piece, 0
//   break_after_pieces    the connection of a streamed answer is closed after so many pieces
// or instead of an answer always the same fault:
//   status, error         an HTTP status from 400 to 599 with this message; retry_after: a header of it
//   close                 true: the connection is closed without an answer
//   body                  a text that is sent as the answer, with status 200
// or an answer, and before it each of these faults once, in their order, whoever asks:
//   faults                a list of such faults
//
// Tokens are counted by a rule anyone can redo: a text has one token for every four characters (bytes), rounded up.
// The prompt is the sum over the messages' contents and tool calls' names and arguments, each text by itself; the
// completion is the same sum over the answer.
//
// Embeddings are those of HashEmbedder. The rerank score of a document is its cosine with the query by HashEmbedder.
#pragma once

#include <boost/json.hpp>
#include <map>
#include <mutex>
#include <stdexcept>
#include <string>

#include "stack/http_server.h"

namespace stack {

class ScriptError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Answers POST /v1/chat/completions, /v1/embeddings and /v1/rerank, GET /v1/models and /healthz. Keeps no state but
// which faults have been. Thread-safe.
class ScriptedLlm {
 public:
  // Throws ScriptError when the text is not a script.
  explicit ScriptedLlm(const std::string& script = kDefaultScript);

  // May throw CloseConnection, and so may its stream.
  [[nodiscard]] HttpReply Answer(const HttpRequest& request);

  // Makes the demo's waterfall; fits other goals too.
  static const char* const kDefaultScript;

 private:
  [[nodiscard]] HttpReply Complete(const boost::json::object& request);
  // Null when no conversation fits.
  [[nodiscard]] const boost::json::array* FindTurns(const std::string& goal) const;
  // The fault that is due; null when the turn is to be answered.
  [[nodiscard]] const boost::json::object* NextFault(const boost::json::object& turn);

  boost::json::array conversations_;
  std::mutex mutex_;
  std::map<const boost::json::object*, std::size_t> faults_;  // that have been, of each turn; guarded by mutex_
};

}  // namespace stack
