// For tests: random conversations with every kind of part.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "model/llm_view.h"
#include "semconv/internal/testing.h"

namespace nightjar::semconv {

using Messages = std::vector<model::Message>;

// What a form has no words for is not written in it.
struct Kinds {
  bool reasoning = true;
  bool images = true;
  bool audio = true;
  bool files = true;
};

class Generator {
 public:
  explicit Generator(unsigned seed) : random_(seed) {}

  // Instructions, then turns: what a user says, what the model answers, and what its tools return.
  Messages Conversation(const Kinds& kinds) {
    Messages messages;
    if (Chance(2)) messages.push_back({.role = "system", .content = {TextPart(Words())}});
    for (std::size_t turn = 1 + random_() % 4; turn > 0; --turn) {
      messages.push_back(FromUser(kinds));
      messages.push_back(FromModel(kinds));
      const model::Message said = messages.back();
      for (const model::Part& part : said.content)
        if (part.type == model::Part::Type::kToolCall)
          messages.push_back(Returned(part.id.c_str(), (Chance(3) ? Json() : Words()).c_str()));
    }
    return messages;
  }

  model::Message FromModel(const Kinds& kinds) {
    model::Message message{.role = "assistant"};
    if (kinds.reasoning && Chance(3))
      message.content.push_back({.type = model::Part::Type::kReasoning, .text = Words()});
    if (Chance(2)) message.content.push_back(TextPart(Words()));
    for (std::size_t calls = random_() % 3; calls > 0; --calls)
      message.content.push_back(CallPart(("call_" + std::to_string(random_())).c_str(), "find", Json().c_str()));
    if (message.content.empty()) message.content.push_back(TextPart(Words()));
    return message;
  }

 private:
  bool Chance(unsigned of) { return random_() % of == 0; }

  std::string Words() {
    const std::vector<std::string> pieces = {"a", " ",   "é",    "\U00010348", "\"",   "\\", "\n", "{",
                                             "}", "[1]", "null", "0",          "x: y", "'",  "%",  "<b>"};
    std::string text = "t";
    for (std::size_t i = random_() % 12; i > 0; --i) text += pieces[random_() % pieces.size()];
    return text;
  }

  std::string Json() { return R"({"q":")" + std::to_string(random_()) + R"(","n":[1,2.5,null,true]})"; }

  model::Part Media(model::Part::Type type, const std::string& mime_type) {
    const std::string data = "AAA" + std::string(1, static_cast<char>('A' + random_() % 26));
    return {.type = type, .url = "data:" + mime_type + ";base64," + data, .mime_type = mime_type};
  }

  model::Message FromUser(const Kinds& kinds) {
    model::Message message{.role = "user", .content = {TextPart(Words())}};
    if (kinds.images && Chance(3)) message.content.push_back(Media(model::Part::Type::kImage, "image/png"));
    if (kinds.audio && Chance(4)) message.content.push_back(Media(model::Part::Type::kAudio, "audio/wav"));
    if (kinds.files && Chance(4)) message.content.push_back(Media(model::Part::Type::kFile, "application/pdf"));
    if (message.content.size() > 1 && Chance(2)) message.content.push_back(TextPart(Words()));
    return message;
  }

  std::mt19937 random_;
};

}  // namespace nightjar::semconv
