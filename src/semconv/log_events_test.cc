// Messages, exceptions and evaluations that came as log records of the span.
#include <gtest/gtest.h>

#include "semconv/internal/testing.h"

namespace nightjar::semconv {
namespace {

const Attributes kChat = {{"gen_ai.operation.name", "chat"}};

LlmView Logged(std::vector<LogRecord> logs, Attributes attributes = kChat, std::vector<model::Event> events = {}) {
  return View(std::move(attributes), std::move(events), {.logs = std::move(logs)});
}

LogRecord Named(const char* event_name, model::Value body, Attributes attributes = {}) {
  return {.event_name = event_name, .body = std::move(body), .attributes = std::move(attributes)};
}

// The events of semantic conventions 1.36: bodies as maps.
TEST(LogEvents, MessagesInBodies) {
  const LlmView view = Logged({
      Named("gen_ai.system.message", KeyValueList{{"content", "Be careful."}}),
      Named("gen_ai.user.message", KeyValueList{{"content", "Where?"}}),
      Named("gen_ai.tool.message", KeyValueList{{"id", "call_1"}, {"content", "[1]"}}),
      Named("gen_ai.choice",
            KeyValueList{
                {"index", std::int64_t{0}},
                {"finish_reason", "tool_calls"},
                {"message",
                 KeyValueList{{"role", "assistant"},
                              {"tool_calls", Array{KeyValueList{{"id", "call_2"},
                                                                {"type", "function"},
                                                                {"function", KeyValueList{{"name", "now"},
                                                                                          {"arguments", "{}"}}}}}}}}}),
  });
  EXPECT_EQ(view.llm->input_messages, (std::vector<Message>{
                                          {.role = "system", .content = {TextPart("Be careful.")}},
                                          {.role = "user", .content = {TextPart("Where?")}},
                                          {.role = "tool", .tool_call_id = "call_1", .content = {TextPart("[1]")}},
                                      }));
  EXPECT_EQ(view.llm->output_messages,
            (std::vector<Message>{
                {.role = "assistant",
                 .finish_reason = "tool_calls",
                 .content = {{.type = Part::Type::kToolCall, .id = "call_2", .name = "now", .arguments = "{}"}}}}));
  EXPECT_EQ(view.llm->finish_reasons, std::vector<std::string>{"tool_calls"});
}

// Semantic Kernel writes the name as an attribute and the body as JSON text.
TEST(LogEvents, MessagesInJsonTextNamedByAnAttribute) {
  const LlmView view = Logged({
      Named("", R"({"role": "user", "content": "Where?"})", {{"event.name", "gen_ai.user.message"}}),
      Named("", R"({"message": {"role": "assistant", "content": "At dusk."}, "finish_reason": "stop"})",
            {{"event.name", "gen_ai.choice"}}),
  });
  EXPECT_EQ(view.llm->input_messages, (std::vector<Message>{{.role = "user", .content = {TextPart("Where?")}}}));
  EXPECT_EQ(view.llm->output_messages,
            (std::vector<Message>{{.role = "assistant", .finish_reason = "stop", .content = {TextPart("At dusk.")}}}));
}

TEST(LogEvents, ABodyThatIsNoMapIsTheContent) {
  const LlmView view = Logged({Named("gen_ai.user.message", "Where?"), Named("gen_ai.choice", "At dusk.")});
  EXPECT_EQ(view.llm->input_messages, (std::vector<Message>{{.role = "user", .content = {TextPart("Where?")}}}));
  EXPECT_EQ(view.llm->output_messages,
            (std::vector<Message>{{.role = "assistant", .content = {TextPart("At dusk.")}}}));
}

// gen_ai.client.inference.operation.details: attributes of the record, in early versions members of its body.
TEST(LogEvents, DetailsOfTheCall) {
  const Attributes details = {
      {"gen_ai.system_instructions", R"([{"type": "text", "content": "Be careful."}])"},
      {"gen_ai.input.messages", R"([{"role": "user", "parts": [{"type": "text", "content": "Where?"}]}])"},
      {"gen_ai.output.messages",
       Array{KeyValueList{{"role", "assistant"},
                          {"finish_reason", "stop"},
                          {"parts", Array{KeyValueList{{"type", "text"}, {"content", "At dusk."}}}}}}},
  };
  const std::vector<Message> input = {{.role = "system", .content = {TextPart("Be careful.")}},
                                      {.role = "user", .content = {TextPart("Where?")}}};
  const std::vector<Message> output = {
      {.role = "assistant", .finish_reason = "stop", .content = {TextPart("At dusk.")}}};
  for (const LogRecord& record : {Named("gen_ai.client.inference.operation.details", "", details),
                                  Named("gen_ai.client.inference.operation.details", details)}) {
    const LlmView view = Logged({record});
    EXPECT_EQ(view.llm->input_messages, input);
    EXPECT_EQ(view.llm->output_messages, output);
    EXPECT_EQ(view.llm->finish_reasons, std::vector<std::string>{"stop"});
  }
}

// What is on the span decides, then its events, then its log records; they never add up.
TEST(LogEvents, TheSpanComesFirst) {
  const std::vector<LogRecord> logs = {Named("gen_ai.user.message", "logged"), Named("gen_ai.choice", "logged")};
  const std::vector<model::Event> events = {{.name = "gen_ai.user.message", .attributes = {{"content", "event"}}}};
  Attributes attributes = kChat;
  EXPECT_EQ(Logged(logs, attributes, events).llm->input_messages,
            (std::vector<Message>{{.role = "user", .content = {TextPart("event")}}}));
  EXPECT_EQ(Logged(logs, attributes, events).llm->output_messages,
            (std::vector<Message>{{.role = "assistant", .content = {TextPart("logged")}}}));
  attributes.push_back({"gen_ai.input.messages", R"([{"role": "user", "content": "attribute"}])"});
  EXPECT_EQ(Logged(logs, attributes, events).llm->input_messages,
            (std::vector<Message>{{.role = "user", .content = {TextPart("attribute")}}}));
}

TEST(LogEvents, OtherRecordsAreNotRead) {
  const LlmView view = Logged({Named("", KeyValueList{{"content", "a log line"}}), Named("my.choice", "x")});
  EXPECT_EQ(view, Logged({}));
}

TEST(LogEvents, TheLastExceptionOfTheSpanThenOfTheLog) {
  const auto logged = [](const char* name, const char* message) {
    return Named(name, {}, {{"exception.type", "E"}, {"exception.message", message}});
  };
  const std::vector<LogRecord> logs = {
      logged("exception", "first"), logged("gen_ai.client.operation.exception", "last"), logged("my.event", "not one")};
  EXPECT_EQ(Logged(logs).exception, (model::Exception{"E", "last", ""}));
  EXPECT_EQ(Logged(logs, {}, {{.name = "exception", .attributes = {{"exception.type", "Own"}}}}).exception,
            (model::Exception{"Own", "", ""}));
}

// Of the span's event and the record that say the same, one stays.
TEST(LogEvents, Evaluations) {
  const Attributes relevance = {{"gen_ai.evaluation.name", "relevance"},
                                {"gen_ai.evaluation.score.value", 0.5},
                                {"gen_ai.evaluation.score.label", "partly"},
                                {"gen_ai.evaluation.explanation", "It names one place."}};
  const std::vector<LogRecord> logs = {Named("gen_ai.evaluation.result", {}, relevance),
                                       Named("gen_ai.evaluation.result", {}, {{"gen_ai.evaluation.name", "tone"}})};
  const Evaluation first{"relevance", "partly", 0.5, "It names one place.", Evaluation::Origin::kLog};
  const Evaluation second{.name = "tone", .origin = Evaluation::Origin::kLog};
  EXPECT_EQ(Logged(logs, {}).evaluations, (std::vector<Evaluation>{first, second}));

  Evaluation own = first;
  own.origin = Evaluation::Origin::kEvent;
  EXPECT_EQ(Logged(logs, {}, {{.name = "gen_ai.evaluation.result", .attributes = relevance}}).evaluations,
            (std::vector<Evaluation>{own, second}));
}

// Google's Agent Development Kit names the user there alone.
TEST(LogEvents, TheUserIsOnTheRecords) {
  const LlmView view = Logged({Named("gen_ai.user.message", "Where?", {{"user.id", "user-7"}})});
  EXPECT_EQ(view.user_id, "user-7");
  EXPECT_EQ(view.origins.at("user_id"), "otel_genai: derived");
}

}  // namespace
}  // namespace nightjar::semconv
