// What a turn of a script makes: the message, its tokens, and the answer whole or streamed. scripted_llm.h has the
// format.
#pragma once

#include <boost/json.hpp>
#include <string>

#include "stack/http_server.h"

namespace stack {

// Throws std::exception when it is not a turn.
void CheckTurn(const boost::json::object& turn);

// The tokens of a message, by the rule of scripted_llm.h.
std::size_t MessageTokens(const boost::json::object& message);

// The text member of an object; empty when there is none.
std::string TextMember(const boost::json::object& object, std::string_view name);

// What is asked.
struct ScriptedQuestion {
  std::string goal;
  std::size_t turn = 0;
  std::size_t prompt_tokens = 0;
  boost::json::value model;
  bool stream = false;
  bool stream_usage = false;
};

// Throws std::exception when it is not a chat request.
ScriptedQuestion ReadQuestion(const boost::json::object& request);

// The turn's answer, after its delay.
HttpReply AnswerTurn(const boost::json::object& turn, const ScriptedQuestion& question);

// {"error": {"message": …}} as OpenAI has it.
HttpReply ErrorReply(unsigned status, std::string_view message);

}  // namespace stack
