// Random conversations with every kind of part, written in each of the forms that libraries use, are the same view.
// What is expected comes from the generator of the conversation, never from what was read.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "base/utf8.h"
#include "semconv/internal/message_writers.h"

namespace nightjar::semconv {
namespace {

// In OpenAI's and OpenInference's form a result is the text of a message that names the call.
Messages WithResultsAsText(Messages messages) {
  for (Message& message : messages)
    if (message.role == "tool") {
      message.tool_call_id = message.content.front().id;
      message.content = {TextPart(message.content.front().result)};
    }
  return messages;
}

struct Asked {
  std::string system;
  Messages others;
};

Asked WithoutInstructions(const Messages& messages) {
  if (messages.front().role != "system") return {"", messages};
  return {messages.front().content.front().text, {messages.begin() + 1, messages.end()}};
}

// A provider's request with the instructions beside the messages.
std::string Request(const Messages& messages, const PartsForm& form, const char* list, const char* instructions,
                    json::value (*wrap)(const std::string& text)) {
  const Asked asked = WithoutInstructions(messages);
  json::object request{{"model", "m"}, {list, InParts(form, asked.others)}};
  if (!asked.system.empty()) request[instructions] = wrap(asked.system);
  return ToJson(request);
}

json::value Itself(const std::string& text) { return json::value(text); }
json::value InText(const std::string& text) { return json::array{json::object{{"text", text}}}; }
json::value InTextParts(const std::string& text) { return json::object{{"parts", InText(text)}}; }

// Of a span with these attributes, in whatever order they are sent.
class Reader {
 public:
  LlmView Read(Attributes attributes, const std::vector<model::Event>& events = {}, const Rest& rest = {}) {
    std::shuffle(attributes.begin(), attributes.end(), random_);
    model::Span span;
    span.attributes = attributes;
    span.events = events;
    LlmView view = Normalize(span, {}, {}, rest.logs);
    EXPECT_EQ(span.attributes, attributes);  // what was sent is not touched
    EXPECT_EQ(span.events, events);
    if (!rest.logs.empty()) return view;
    const model::SpanSummary summary = Summarize(span, {}, {});
    if (!view.input) {
      EXPECT_EQ(summary.input_preview, Preview(view.llm->input_messages, true));
    }
    if (!view.output) {
      EXPECT_EQ(summary.output_preview, Preview(view.llm->output_messages, false));
    }
    return view;
  }

 private:
  static std::string Preview(Messages messages, bool last) {
    if (last) std::ranges::reverse(messages);
    for (const Message& message : messages)
      for (const Part& part : message.content)
        if (part.type == Part::Type::kText) return std::string(Utf8Prefix(part.text, 200));
    if (last) return {};
    for (const Message& message : messages)
      for (const Part& part : message.content)
        if (part.type == Part::Type::kToolCall)
          return std::string(Utf8Prefix(part.name + "(" + part.arguments + ")", 200));
    return {};
  }

  std::mt19937 random_{7};
};

const model::Attribute kLlm = {"openinference.span.kind", "LLM"};
const model::Attribute kChat = {"gen_ai.operation.name", "chat"};

Attributes With(const model::Attribute& first, Attributes others) {
  others.insert(others.begin(), first);
  return others;
}

constexpr int kRounds = 200;

TEST(MessageForms, OpenInferenceFlattenedNestedAndJson) {
  Generator generator(5);
  Reader reader;
  for (int round = 0; round < kRounds; ++round) {
    const Messages sent = generator.Conversation({.files = false});
    const Messages expected = WithResultsAsText(sent);
    const json::value tree = OpenInference(sent);
    const Messages answer = {generator.FromModel({})};
    const json::value answer_tree = OpenInference(answer);
    const auto check = [&](Attributes attributes) {
      const LlmView view = reader.Read(With(kLlm, std::move(attributes)));
      EXPECT_EQ(view.llm->input_messages, expected) << round;
      EXPECT_EQ(view.llm->output_messages, answer) << round;
    };
    Attributes flattened = Flattened("llm.input_messages", tree);
    std::ranges::copy(Flattened("llm.output_messages", answer_tree), std::back_inserter(flattened));
    check(std::move(flattened));
    check({{"llm.input_messages", ToValue(tree)}, {"llm.output_messages", ToValue(answer_tree)}});
    check({{"llm.input_messages", ToJson(tree)}, {"llm.output_messages", ToJson(answer_tree)}});
    check({{"llm.input_messages", ToJson(OpenAi(sent))}, {"llm.output_messages", ToJson(OpenAi(answer))}});
  }
}

TEST(MessageForms, OpenTelemetrysAttributesEventsAndLogRecords) {
  Generator generator(6);
  Reader reader;
  for (int round = 0; round < kRounds; ++round) {
    const Messages sent = generator.Conversation({});
    const Messages answer = {generator.FromModel({})};
    const Asked asked = WithoutInstructions(sent);
    const json::value input = InParts(kGenAi, asked.others), output = InParts(kGenAi, answer);
    const json::value instructions = json::array{json::object{{"type", "text"}, {"content", asked.system}}};
    const auto check = [&](Attributes attributes, const std::vector<model::Event>& events = {}, const Rest& rest = {}) {
      const LlmView view = reader.Read(With(kChat, std::move(attributes)), events, rest);
      EXPECT_EQ(view.llm->input_messages, sent) << round;
      EXPECT_EQ(view.llm->output_messages, answer) << round;
    };
    Attributes text = {{"gen_ai.input.messages", ToJson(input)}, {"gen_ai.output.messages", ToJson(output)}};
    Attributes nested = {{"gen_ai.input.messages", ToValue(input)}, {"gen_ai.output.messages", ToValue(output)}};
    Attributes flattened = Flattened("gen_ai.input.messages", InParts(kGenAiOfTexts, asked.others));
    std::ranges::copy(Flattened("gen_ai.output.messages", InParts(kGenAiOfTexts, answer)),
                      std::back_inserter(flattened));
    if (!asked.system.empty()) {
      text.push_back({"gen_ai.system_instructions", ToJson(instructions)});
      nested.push_back({"gen_ai.system_instructions", ToValue(instructions)});
      std::ranges::copy(Flattened("gen_ai.system_instructions", instructions), std::back_inserter(flattened));
    }
    constexpr const char* kDetails = "gen_ai.client.inference.operation.details";
    check(text);
    check(nested);
    check(flattened);
    check({}, {{.name = kDetails, .attributes = text}});
    check({}, {{.name = kDetails, .attributes = nested}});
    check({}, {}, {.logs = {{.event_name = kDetails, .attributes = nested}}});
    check({}, {}, {.logs = {{.body = KeyValueList(text), .attributes = {{"event.name", kDetails}}}}});
  }
}

// Conventions before 1.37, and OpenLLMetry.
TEST(MessageForms, IndexedPromptsAndAnEventForEachMessage) {
  Generator generator(7);
  Reader reader;
  for (int round = 0; round < kRounds; ++round) {
    const Messages sent = generator.Conversation({.reasoning = false, .audio = false, .files = false});
    const Messages answer = {generator.FromModel({.reasoning = false})};
    const auto check = [&](Attributes attributes, const std::vector<model::Event>& events = {}, const Rest& rest = {}) {
      const LlmView view = reader.Read(With(kChat, std::move(attributes)), events, rest);
      EXPECT_EQ(view.llm->input_messages, WithResultsAsText(sent)) << round;
      EXPECT_EQ(view.llm->output_messages, answer) << round;
    };
    // OpenLLMetry: contents of several parts are JSON text, calls lie flat.
    const auto indexed = [](const char* key, const Messages& messages) {
      json::value list = OpenAi(messages);
      for (json::value& item : list.get_array()) {
        json::object& body = item.get_object();
        if (body.contains("content") && !body["content"].is_string()) body["content"] = ToJson(body["content"]);
        if (body.contains("tool_calls"))
          for (json::value& call : body["tool_calls"].get_array())
            call = {{"id", call.at("id")},
                    {"name", call.at("function").at("name")},
                    {"arguments", call.at("function").at("arguments")}};
      }
      return Flattened(key, list);
    };
    Attributes attributes = indexed("gen_ai.prompt", sent);
    std::ranges::copy(indexed("gen_ai.completion", answer), std::back_inserter(attributes));
    check(std::move(attributes));

    std::vector<model::Event> events, structured;
    std::vector<LogRecord> logs;
    const auto add = [&](const std::string& name, const json::object& body) {
      model::Event event{.name = name}, with_values{.name = name};
      for (const auto& [key, value] : body) {
        event.attributes.push_back({std::string(key), value.is_string() ? ToValue(value) : ToJson(value)});
        with_values.attributes.push_back({std::string(key), ToValue(value)});
      }
      logs.push_back({.event_name = name, .body = KeyValueList(with_values.attributes)});
      events.push_back(std::move(event));
      structured.push_back(std::move(with_values));
    };
    for (const Message& message : sent) {
      json::object body = OpenAi(message);
      if (message.role == "tool") body["id"] = message.content.front().id;
      body.erase("tool_call_id");
      add("gen_ai." + message.role + ".message", body);
    }
    add("gen_ai.choice", {{"index", 0}, {"message", OpenAi(answer.front())}});
    check({}, events);
    check({}, structured);
    check({}, {}, {.logs = logs});
  }
}

TEST(MessageForms, BodiesOfProvidersAndFrameworks) {
  Generator generator(8);
  Reader reader;
  const auto check = [&](Attributes attributes, const Messages& expected, int round) {
    EXPECT_EQ(reader.Read(std::move(attributes)).llm->input_messages, expected) << round;
  };
  const auto in_langfuse = [](std::string request) -> Attributes {
    return {{"langfuse.observation.type", "generation"}, {"langfuse.observation.input", std::move(request)}};
  };
  for (int round = 0; round < kRounds; ++round) {
    const Messages sent = generator.Conversation({});
    const std::string openai = ToJson({{"model", "m"}, {"messages", OpenAi(sent)}});
    check(in_langfuse(openai), WithResultsAsText(sent), round);
    check(in_langfuse(ToJson(OpenAi(sent))), WithResultsAsText(sent), round);
    check({{"mlflow.spanType", R"("CHAT_MODEL")"}, {"mlflow.spanInputs", openai}}, WithResultsAsText(sent), round);
    check({{"request_data", openai}, {"response_data", "{}"}, {"gen_ai.request.model", "m"}}, WithResultsAsText(sent),
          round);
    check({{"langsmith.span.kind", "llm"}, {"gen_ai.prompt", openai}}, WithResultsAsText(sent), round);
    check({kLlm, {"input.value", openai}}, WithResultsAsText(sent), round);
    const Attributes vercel = {{"ai.operationId", "ai.generateText.doGenerate"},
                               {"ai.prompt.messages", ToJson(InParts(kVercel, sent))}};
    check(vercel, sent, round);
    const std::string gemini = Request(sent, kGemini, "contents", "system_instruction", InTextParts);
    check({kChat, {"gcp.vertex.agent.llm_request", gemini}}, sent, round);
    check(in_langfuse(gemini), sent, round);

    const Messages no_audio = generator.Conversation({.audio = false});
    check(in_langfuse(Request(no_audio, kAnthropic, "messages", "system", Itself)), no_audio, round);
    check({kLlm, {"input.value", Request(no_audio, kAnthropic, "messages", "system", InText)}}, no_audio, round);
    check(in_langfuse(Request(no_audio, kBedrock, "messages", "system", InText)), no_audio, round);
  }
}

// A response of a provider, as it keeps the reason to stop.
TEST(MessageForms, AnswersOfProvidersAndFrameworks) {
  Generator generator(9);
  Reader reader;
  for (int round = 0; round < kRounds; ++round) {
    Message answer = generator.FromModel({});
    const auto check = [&](Attributes attributes, const char* reason) {
      Message expected = answer;
      expected.finish_reason = reason;
      const LlmView view = reader.Read(std::move(attributes));
      EXPECT_EQ(view.llm->output_messages, Messages{expected}) << round;
    };
    const auto in_parts = [&](const PartsForm& form) {
      return InParts(form, {answer}).get_array().front().get_object();
    };
    const auto in_each = [&](const json::value& response, const char* reason) {
      const std::string text = ToJson(response);
      check({{"langfuse.observation.type", "generation"}, {"langfuse.observation.output", text}}, reason);
      check({{"mlflow.spanType", R"("CHAT_MODEL")"}, {"mlflow.spanOutputs", text}}, reason);
      check({{"request_data", "{}"}, {"response_data", text}, {"gen_ai.request.model", "m"}}, reason);
      check({{"langsmith.span.kind", "llm"}, {"gen_ai.completion", text}}, reason);
      check({kChat, {"gcp.vertex.agent.llm_response", text}}, reason);
      check({kLlm, {"output.value", text}}, reason);
    };
    in_each(
        {{"choices", json::array{json::object{{"index", 0}, {"message", OpenAi(answer)}, {"finish_reason", "stop"}}}}},
        "stop");
    json::object anthropic = in_parts(kAnthropic);
    anthropic["stop_reason"] = "end_turn";
    in_each(anthropic, "end_turn");
    in_each({{"candidates", json::array{json::object{{"content", in_parts(kGemini)}, {"finishReason", "STOP"}}}}},
            "STOP");
    in_each({{"output", {{"message", in_parts(kBedrock)}}}, {"stopReason", "end_turn"}}, "");
    Attributes vercel = {{"ai.operationId", "ai.generateText.doGenerate"}};
    json::array calls;
    for (const Part& part : answer.content) {
      if (part.type == Part::Type::kText) vercel.push_back({"ai.response.text", part.text});
      if (part.type == Part::Type::kReasoning) vercel.push_back({"ai.response.reasoning", part.text});
      if (part.type == Part::Type::kToolCall) calls.push_back(VercelPart(part));
    }
    if (!calls.empty()) vercel.push_back({"ai.response.toolCalls", ToJson(calls)});
    check(std::move(vercel), "");
  }
}

}  // namespace
}  // namespace nightjar::semconv
