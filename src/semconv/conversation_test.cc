#include "semconv/conversation.h"

#include <gtest/gtest.h>

#include "semconv/internal/testing.h"

namespace nightjar::semconv {
namespace {

using Break = ConversationCall::Break;

struct Call {
  std::vector<Message> input;
  std::vector<Message> output;
  std::optional<std::uint64_t> prompt, completion, cache_read, reasoning;
  const char* model = "m-1";
  std::vector<model::ToolDefinition> tools;
};

Conversation Of(const std::vector<Call>& calls, const PromptRates& rates = {}) {
  ConversationBuilder builder;
  UnixNanos start = 0;
  for (const Call& call : calls) {
    LlmView view;
    view.llm = model::Llm{
        .model = call.model, .input_messages = call.input, .output_messages = call.output, .tools = call.tools};
    if (call.prompt)
      view.tokens = model::TokenUsage{.prompt = call.prompt,
                                      .completion = call.completion,
                                      .cache_read = call.cache_read,
                                      .reasoning = call.reasoning};
    builder.Add({}, {}, ++start, view, rates);
  }
  return std::move(builder).Build();
}

TEST(Conversation, TellsWhatEachCallAdds) {
  const Message system = Said("system", "Be brief."), user = Said("user", "Where is it?"),
                there = Said("assistant", "There."), why = Said("user", "Why?");
  const Conversation conversation = Of({{{system, user}, {there}}, {{system, user, there, why}, {}}});
  ASSERT_EQ(conversation.calls.size(), 2u);
  const ConversationCall& first = conversation.calls[0];
  EXPECT_EQ(first.previous, std::nullopt);
  EXPECT_EQ(first.characters, 21u);
  EXPECT_EQ(first.new_message_count, 2u);
  const ConversationCall& second = conversation.calls[1];
  EXPECT_EQ(second.previous, 0u);
  EXPECT_EQ(second.thread, first.thread);
  EXPECT_EQ(second.shared_messages, 2u);
  EXPECT_EQ(second.shared_characters, 21u);
  EXPECT_EQ(second.cache_break, Break::kNone);
  ASSERT_EQ(second.new_messages.size(), 2u);
  EXPECT_EQ(second.new_messages[0].index, 2u);
  EXPECT_TRUE(second.new_messages[0].was_output);
  EXPECT_EQ(second.new_messages[1].role, "user");
  EXPECT_EQ(second.new_messages[1].characters, 4u);
  EXPECT_FALSE(second.new_messages[1].was_output);
}

// The same history as four libraries write it.
TEST(Conversation, MessagesAreTheSameHoweverTheyAreWritten) {
  const Message user = Said("user", "Where is it?");
  Message split = Said("human", "Where ");
  split.content.push_back({.type = Part::Type::kText, .text = "is it?"});
  Message answered_by_user = Returned("other id", "42");
  answered_by_user.role = "user";
  Message answered_in_text = Said("tool", "42");
  answered_in_text.tool_call_id = "third id";
  Message thought = Called("b", R"({"k":2})", "find");
  thought.content.insert(thought.content.begin(), {.type = Part::Type::kReasoning, .text = "Hm."});
  const Conversation conversation = Of({
      {{Said("system", "S"), user, Called("a", R"({"k": 2})", "find"), Returned("a", "42")}},
      {{Said("developer", "S"), split, thought, answered_by_user}},
      {{Said("system", "S"), user, Called("c", "{\n \"k\" : 2 }", "find"), answered_in_text}},
  });
  for (std::size_t i = 1; i < 3; ++i) {
    EXPECT_EQ(conversation.calls[i].shared_messages, 4u) << i;
    EXPECT_EQ(conversation.calls[i].new_message_count, 0u) << i;
  }
  const Conversation other =
      Of({{{user, Called("a", R"({"k": "a b"})", "find")}}, {{user, Called("a", R"({"k": "ab"})", "find")}}});
  EXPECT_EQ(other.calls[1].shared_messages, 1u);
}

TEST(Conversation, ThePreviousCallSharesMostAndIsTheLatest) {
  const Message a = Said("user", "a"), b = Said("user", "b"), c = Said("user", "c"), x = Said("user", "x");
  const Conversation conversation = Of({{{a}}, {{a, b}}, {{x}}, {{a, b}}, {{a, b, c}}, {{a, c}}});
  const auto previous = [&](std::size_t i) { return conversation.calls[i].previous; };
  EXPECT_EQ(previous(1), 0u);
  EXPECT_EQ(previous(2), std::nullopt);
  EXPECT_EQ(previous(3), 1u);
  EXPECT_EQ(previous(4), 3u);
  EXPECT_EQ(previous(5), 4u);
  EXPECT_EQ(conversation.calls[5].shared_messages, 1u);
  EXPECT_EQ(conversation.calls[2].thread, 1u);
  EXPECT_EQ(conversation.calls[5].thread, 0u);
}

TEST(Conversation, WhereTheCacheBreaks) {
  const Message s1 = Said("system", "It is noon."), s2 = Said("system", "It is one."), a = Said("user", "a"),
                b = Said("user", "b"), c = Said("user", "c");
  const auto second = [](const Call& first, const Call& next) { return Of({first, next}).calls[1]; };
  EXPECT_EQ(second({{s1, a}}, {{s1, a, b}}).cache_break, Break::kNone);
  const ConversationCall system = second({{s1, a}}, {{s2, a, b}});
  EXPECT_EQ(system.previous, 0u);
  EXPECT_EQ(system.cache_break, Break::kSystem);
  EXPECT_EQ(system.break_index, 0u);
  EXPECT_EQ(system.new_message_count, 2u);  // a moved nowhere: only s2 and b are new
  const ConversationCall message = second({{s1, a, b}}, {{s1, a, c, b}});
  EXPECT_EQ(message.cache_break, Break::kMessage);
  EXPECT_EQ(message.break_index, 2u);
  EXPECT_EQ(message.new_message_count, 1u);
  EXPECT_EQ(second({{s1, a, b}}, {{s1, a}}).cache_break, Break::kMessage);  // the history was cut
  EXPECT_EQ(second({.input = {s1, a}, .model = "m-1"}, {.input = {s1, a, b}, .model = "m-2"}).cache_break,
            Break::kModel);
  const model::ToolDefinition find{"find", "", R"({"type": "object"})"}, spaced{"find", "", R"({"type":"object"})"};
  EXPECT_EQ(second({.input = {a}, .tools = {find}}, {.input = {a, b}, .tools = {spaced}}).cache_break, Break::kNone);
  EXPECT_EQ(second({.input = {a}, .tools = {find}}, {.input = {a, b}, .tools = {find, {"now", "", ""}}}).cache_break,
            Break::kTools);
}

// find's result of 8 characters is alone when it is added: 100 + 20 - 5 tokens before it, 130 with it, so it has 15.
// The third prompt carries it again, and two results of 4 and 12 characters that were added together: 4 and 12 of
// its 48.
TEST(Conversation, ResultsOfToolsCostInEveryPromptThatCarriesThem) {
  const Message user = Said("user", "abcdefgh"), find = Called("1", "{}", "find"), found = Returned("1", "foundit!");
  const Message both = {.role = "assistant",
                        .content = {{.type = Part::Type::kToolCall, .id = "2", .name = "now", .arguments = ""},
                                    {.type = Part::Type::kToolCall, .id = "3", .name = "look", .arguments = ""}}};
  const std::vector<Call> calls = {
      {.input = {user}, .output = {find}, .prompt = 100, .completion = 20, .reasoning = 5},
      {.input = {user, find, found}, .output = {both}, .prompt = 130, .completion = 7},
      {.input = {user, find, found, both, Returned("2", "noon"), Returned("3", "saw a nightja")},
       .output = {},
       .prompt = 230,
       .completion = 9,
       .cache_read = 110},
  };
  const Conversation conversation = Of(calls, {.input = 2.0, .cache_read = 0.2});
  EXPECT_EQ(conversation.calls[1].characters, 22u);  // 8 + "find" and "{}" + 8
  EXPECT_EQ(conversation.calls[2].characters, 46u);  // and "now", "look", 4, 13

  const ToolCost& search = conversation.tools.at("find");
  EXPECT_EQ(search.results, 1u);
  EXPECT_EQ(search.characters, 8u);
  EXPECT_EQ(search.carried, 2u);
  EXPECT_EQ(search.measured_tokens, 30u);
  EXPECT_EQ(search.estimated_tokens, std::nullopt);
  // 15 tokens at 2 dollars a million; then, as the first 22 of 46 characters are 110 of 230 tokens, all from the cache,
  // 15 at 0.2.
  EXPECT_NEAR(*search.cost_usd, 15 * 2e-6 + 15 * 0.2e-6, 1e-12);

  const ToolCost& look = conversation.tools.at("look");
  EXPECT_EQ(look.measured_tokens, std::nullopt);
  EXPECT_EQ(look.estimated_tokens, 65u);  // 13 × 230 / 46
  EXPECT_NEAR(*look.cost_usd, 65 * 2e-6, 1e-12);
  EXPECT_EQ(conversation.tools.at("now").estimated_tokens, 20u);
}

TEST(Conversation, WhatIsNotKnownIsNotZero) {
  const Message user = Said("user", "a"), find = Called("1", "{}", "find");
  const Conversation uncounted = Of({{{user, find, Returned("1", "b")}}});
  const ToolCost& cost = uncounted.tools.at("find");
  EXPECT_EQ(cost.uncounted, 1u);
  EXPECT_EQ(cost.measured_tokens, std::nullopt);
  EXPECT_EQ(cost.estimated_tokens, std::nullopt);
  EXPECT_EQ(cost.cost_usd, std::nullopt);
  const Conversation unpriced = Of({{.input = {user, Returned("9", "b")}, .output = {}, .prompt = 10}});
  EXPECT_EQ(unpriced.tools.at("").estimated_tokens, 5u);
  EXPECT_EQ(unpriced.tools.at("").unpriced_tokens, 5u);
  EXPECT_EQ(unpriced.tools.at("").cost_usd, std::nullopt);
  EXPECT_TRUE(Of({{{}, {find}}}).calls.empty());
}

// A million messages in prompts. Comparing prompts with each other would not end.
TEST(Conversation, AThousandCallsOfAThousandMessages) {
  const auto run = [](std::size_t calls, std::size_t messages) {
    std::vector<Message> history;
    for (std::size_t i = 0; i < messages; ++i) history.push_back(Said("user", "message " + std::to_string(i)));
    LlmView view;
    view.llm = model::Llm{.input_messages = history};
    ConversationBuilder builder;
    for (std::size_t i = 0; i < calls; ++i) {
      view.llm->input_messages.back() = Said("user", "call " + std::to_string(i));
      builder.Add({}, {}, i, view, {});
    }
    return std::move(builder).Build();
  };
  const Conversation conversation = run(1000, 1000);
  ASSERT_EQ(conversation.calls.size(), 1000u);
  EXPECT_EQ(conversation.calls[999].previous, 998u);
  EXPECT_EQ(conversation.calls[999].shared_messages, 999u);
  EXPECT_EQ(conversation.calls[999].new_message_count, 1u);
}

TEST(Conversation, OfManyNewMessagesTheFirstAreListed) {
  const Conversation conversation = Of({{std::vector<Message>(101, Said("user", "a")), {}}});
  EXPECT_EQ(conversation.calls[0].new_messages.size(), 100u);
  EXPECT_EQ(conversation.calls[0].new_message_count, 101u);
}

}  // namespace
}  // namespace nightjar::semconv
