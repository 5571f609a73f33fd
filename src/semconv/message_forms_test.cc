// Random conversations, written in each of the forms that libraries use, are the same view.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "semconv/normalize.h"

namespace nightjar::semconv {
namespace {

using model::Message;
using model::Part;

std::string RandomText(std::mt19937& random) {
  const std::vector<std::string> pieces = {"a", " ", "é", "🦉", "\"", "\\", "\n", "{", "}", "[1]", "null", "0", "x: y"};
  std::string text = "t";
  for (std::size_t i = random() % 12; i > 0; --i) text += pieces[random() % pieces.size()];
  return text;
}

std::vector<Message> RandomMessages(std::mt19937& random) {
  std::vector<Message> messages;
  for (std::size_t i = 1 + random() % 14; i > 0; --i) {
    Message message{.role = random() % 2 == 0 ? "user" : "assistant"};
    message.content.push_back({.type = Part::Type::kText, .text = RandomText(random)});
    if (message.role == "assistant")
      for (std::size_t call = random() % 3; call > 0; --call)
        message.content.push_back({.type = Part::Type::kToolCall,
                                   .id = "call_" + std::to_string(random()),
                                   .name = "find",
                                   .arguments = R"({"q":")" + std::to_string(random()) + R"("})"});
    messages.push_back(std::move(message));
  }
  return messages;
}

// OpenInference's keys of one message, below `prefix`.
model::Attributes Flattened(const std::vector<Message>& messages) {
  model::Attributes out;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const std::string message = "llm.input_messages." + std::to_string(i) + ".message.";
    out.push_back({message + "role", messages[i].role});
    std::size_t calls = 0;
    for (const Part& part : messages[i].content) {
      if (part.type == Part::Type::kText) {
        out.push_back({message + "content", part.text});
        continue;
      }
      const std::string call = message + "tool_calls." + std::to_string(calls++) + ".tool_call.";
      out.push_back({call + "id", part.id});
      out.push_back({call + "function.name", part.name});
      out.push_back({call + "function.arguments", part.arguments});
    }
  }
  return out;
}

model::Array Nested(const std::vector<Message>& messages) {
  model::Array out;
  for (const Message& message : messages) {
    model::KeyValueList body = {{"role", message.role}};
    model::Array calls;
    for (const Part& part : message.content) {
      if (part.type == Part::Type::kText)
        body.push_back({"content", part.text});
      else
        calls.push_back(model::KeyValueList{
            {"tool_call", model::KeyValueList{
                              {"id", part.id},
                              {"function", model::KeyValueList{{"name", part.name}, {"arguments", part.arguments}}}}}});
    }
    if (!calls.empty()) body.push_back({"tool_calls", std::move(calls)});
    out.push_back(model::KeyValueList{{"message", std::move(body)}});
  }
  return out;
}

// OpenAI's messages as JSON text.
std::string JsonText(const std::vector<Message>& messages) {
  json::array out;
  for (const Message& message : messages) {
    json::object body{{"role", message.role}};
    json::array calls;
    for (const Part& part : message.content) {
      if (part.type == Part::Type::kText)
        body["content"] = part.text;
      else
        calls.push_back({{"id", part.id},
                         {"type", "function"},
                         {"function", {{"name", part.name}, {"arguments", part.arguments}}}});
    }
    if (!calls.empty()) body["tool_calls"] = std::move(calls);
    out.push_back(std::move(body));
  }
  return ToJson(out);
}

TEST(MessageForms, RandomConversationsReadTheSameInEveryForm) {
  std::mt19937 random(5);
  for (int round = 0; round < 300; ++round) {
    const std::vector<Message> messages = RandomMessages(random);
    const auto read = [&](model::Attributes attributes) {
      std::shuffle(attributes.begin(), attributes.end(), random);
      attributes.push_back({"openinference.span.kind", "LLM"});
      model::Span span;
      span.attributes = attributes;
      std::vector<Message> found = Normalize(span, {}, {}).llm->input_messages;
      EXPECT_EQ(span.attributes, attributes);  // what was sent is not touched
      return found;
    };
    EXPECT_EQ(read(Flattened(messages)), messages) << round;
    EXPECT_EQ(read({{"llm.input_messages", Nested(messages)}}), messages) << round;
    EXPECT_EQ(read({{"llm.input_messages", JsonText(messages)}}), messages) << round;
  }
}

}  // namespace
}  // namespace nightjar::semconv
