// A chat completion out of the chunks in which it was streamed.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <string_view>

namespace stack {

// REQUIRES: one choice was asked for; chunks of others are left out.
class StreamedReply {
 public:
  // Returns the text that the chunk adds. Throws std::exception when it is not an object of type
  // chat.completion.chunk.
  std::string Add(const boost::json::value& chunk);

  // Whether a finish reason has come: the answer did not break off.
  [[nodiscard]] bool finished() const { return !finish_reason_.is_null(); }

  // Whether anything of the answer has come, not only its role.
  [[nodiscard]] bool begun() const { return !tool_calls_.empty() || !message_.at("content").is_null(); }

  // The answer as it would have been without streaming: {"choices": [{"message": …}], "usage": …}.
  [[nodiscard]] boost::json::object Whole() const;

 private:
  void AddDelta(const boost::json::object& delta);
  void AddToolCall(const boost::json::object& part);

  boost::json::object envelope_;  // id, model, usage and what else surrounds the choices
  boost::json::object message_{{"role", "assistant"}, {"content", nullptr}};
  boost::json::array tool_calls_;
  boost::json::value finish_reason_;
};

}  // namespace stack
