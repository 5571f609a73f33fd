// Rates in the calculations are those of genai-prices 0.2.3, in US dollars per million tokens.
#include "pricing/price_book.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

namespace nightjar::pricing {
namespace {

using namespace std::chrono_literals;
using model::TokenUsage;

UnixNanos At(std::chrono::sys_seconds time) {
  return static_cast<UnixNanos>(std::chrono::nanoseconds(time.time_since_epoch()).count());
}

constexpr std::chrono::sys_days kDay = std::chrono::year(2026) / 11 / 1;

const PriceBook& Book() {
  static const PriceBook book(EmbeddedPackage(), {}, 1);
  return book;
}

Priced PriceOf(std::string_view provider, std::string_view model, const TokenUsage& tokens,
               std::chrono::sys_seconds time = kDay, std::string_view tier = "") {
  return Book().PriceOf({provider, model, tier, At(time), tokens});
}

// NaN without a price.
double Total(const Priced& priced) { return priced.cost ? priced.cost->total_usd : NAN; }

std::string PriceId(std::string_view provider, std::string_view model) {
  const Priced priced = PriceOf(provider, model, {.prompt = 1000, .completion = 100});
  return priced.cost ? priced.cost->price.id : priced.unpriced;
}

TEST(PriceBook, CachedTokensOfOpenAi) {
  const Priced priced = PriceOf("openai", "gpt-4o", {.prompt = 1000, .completion = 200, .cache_read = 400});
  ASSERT_TRUE(priced.cost) << priced.unpriced;
  // 600 × 2.5 + 400 × 1.25 = 2000; 200 × 10 = 2000. Without a cache the prompt had cost 1000 × 2.5 = 2500.
  EXPECT_DOUBLE_EQ(priced.cost->prompt_usd, 0.002);
  EXPECT_DOUBLE_EQ(priced.cost->completion_usd, 0.002);
  EXPECT_DOUBLE_EQ(priced.cost->total_usd, 0.004);
  EXPECT_DOUBLE_EQ(priced.cost->cache_savings_usd.value(), 0.0005);
  EXPECT_EQ(priced.cost->price, (model::PriceReference{"openai/gpt-4o", "", "genai-prices 0.2.3"}));
  ASSERT_EQ(priced.cost->lines.size(), 3U);
  EXPECT_EQ(priced.cost->lines[0], (model::CostLine{"cache_read", 400, 1.25, 0.0005}));
  EXPECT_EQ(priced.cost->lines[1], (model::CostLine{"input", 600, 2.5, 0.0015}));
  EXPECT_EQ(priced.cost->lines[2], (model::CostLine{"output", 200, 10, 0.002}));
}

TEST(PriceBook, AnthropicsCacheOfFiveMinutesAndOfAnHour) {
  const TokenUsage tokens{
      .prompt = 10'000, .completion = 500, .cache_read = 6000, .cache_write = 3000, .cache_write_1h = 1000};
  const Priced priced = PriceOf("anthropic", "claude-3-5-sonnet-20241022", tokens);
  ASSERT_TRUE(priced.cost) << priced.unpriced;
  // 1000 × 3 + 6000 × 0.3 + 2000 × 3.75 + 1000 × 6 = 3000 + 1800 + 7500 + 6000 = 18300; 500 × 15 = 7500.
  EXPECT_DOUBLE_EQ(priced.cost->prompt_usd, 0.0183);
  EXPECT_DOUBLE_EQ(priced.cost->completion_usd, 0.0075);
  // Without a cache 10000 × 3 = 30000; 30000 − 18300 = 11700.
  EXPECT_NEAR(priced.cost->cache_savings_usd.value(), 0.0117, 1e-15);
}

TEST(PriceBook, WritingToTheCacheOnlyCostsMore) {
  const Priced priced =
      PriceOf("anthropic", "claude-3-5-sonnet-latest", {.prompt = 1000, .completion = 0, .cache_write = 1000});
  EXPECT_DOUBLE_EQ(Total(priced), 0.00375);                            // 1000 × 3.75
  EXPECT_DOUBLE_EQ(priced.cost->cache_savings_usd.value(), -0.00075);  // 1000 × (3 − 3.75)
  EXPECT_FALSE(PriceOf("openai", "gpt-4o", {.prompt = 1, .completion = 1}).cost->cache_savings_usd);
}

TEST(PriceBook, AnHourInTheCacheIsNotGuessed) {
  const TokenUsage tokens{.prompt = 1000, .completion = 1, .cache_write = 1000, .cache_write_1h = 10};
  const Priced priced = PriceOf("aws", "us.anthropic.claude-3-5-sonnet-20241022-v2:0", tokens);
  EXPECT_FALSE(priced.cost);
  EXPECT_EQ(priced.unpriced, "the price has no rate for 10 tokens cached for an hour");
}

TEST(PriceBook, ALongPromptIsDearerAsAWhole) {
  // 200000 × 1.25 + 1000 × 10 = 260000
  EXPECT_DOUBLE_EQ(Total(PriceOf("google", "gemini-2.5-pro", {.prompt = 200'000, .completion = 1000})), 0.26);
  // 200001 × 2.5 + 1000 × 15 = 515002.5
  const Priced longer = PriceOf("google", "gemini-2.5-pro", {.prompt = 200'001, .completion = 1000});
  EXPECT_DOUBLE_EQ(Total(longer), 0.5150025);
  EXPECT_EQ(longer.cost->lines.at(1), (model::CostLine{"output", 1000, 15, 0.015, 200'000}));
}

TEST(PriceBook, NamesAsTheyReallyCome) {
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {"openai", "gpt-4o-2024-08-06", "openai/gpt-4o"},
      {"openai", "GPT-4o", "openai/gpt-4o"},
      {"openai", "gpt-4o-20240806", "openai/gpt-4o"},
      {"openai", "openai/gpt-4o", "openai/gpt-4o"},
      {"openai", "gpt-4o-2024-05-13", "openai/gpt-4o-2024-05-13"},
      {"", "gpt-4o", "openai/gpt-4o"},
      {"google", "models/gemini-2.5-pro", "google/gemini-2.5-pro"},
      {"google", "publishers/google/models/gemini-2.5-pro", "google/gemini-2.5-pro"},
      {"google", "gemini-2.5-flash-001", "google/gemini-2.5-flash"},
      {"google", "gemini-2.5-pro-preview-tts", "google/gemini-2.5-pro-tts"},
      {"google", "claude-3-5-sonnet@20240620", "google/claude-3-5-sonnet"},
      {"aws", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0"},
      {"aws", "global.anthropic.claude-sonnet-4-5-20250929-v1:0",
       "aws/global.anthropic.claude-sonnet-4-5-20250929-v1:0"},
      {"aws", "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0",
       "aws/regional.anthropic.claude-sonnet-4-5-20250929-v1:0"},
      {"openrouter", "openai/gpt-4o-mini", "openrouter/openai/gpt-4o-mini"},
      {"mistralai", "mistral-large-latest", "mistral/mistral-large"},
      {"", "mistral-large-latest", "mistral/mistral-large"},
      {"azure", "gpt-4o-2024-11-20", "openai/gpt-4o"},
      {"xai", "grok-3", "x-ai/grok-3"},
      {"azure", "our-deployment", "there is no price of our-deployment at azure"},
      {"ollama", "llama3.2", "there are no prices of the provider ollama"},
      {"openai", "gpt-99", "there is no price of gpt-99 at openai"},
      {"", "llama3.2", "no provider is named, and llama3.2 does not tell it"},
      {"openai", "", "no model is named"},
  };
  for (const auto& [provider, model, expected] : cases) EXPECT_EQ(PriceId(provider, model), expected) << model;
}

TEST(PriceBook, BedrockInARegionIsDearer) {
  const TokenUsage tokens{.prompt = 1000, .completion = 100};
  // 1000 × 3.3 + 100 × 16.5 = 4950
  EXPECT_DOUBLE_EQ(Total(PriceOf("aws", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", tokens)), 0.00495);
  // 1000 × 3 + 100 × 15 = 4500
  EXPECT_DOUBLE_EQ(Total(PriceOf("aws", "global.anthropic.claude-sonnet-4-5-20250929-v1:0", tokens)), 0.0045);
}

TEST(PriceBook, AudioHasItsOwnRates) {
  const TokenUsage tokens{.prompt = 1000, .completion = 300, .prompt_audio = 600, .completion_audio = 200};
  // 400 × 0.6 + 600 × 10 + 100 × 2.4 + 200 × 20 = 240 + 6000 + 240 + 4000 = 10480
  EXPECT_NEAR(Total(PriceOf("openai", "gpt-4o-mini-realtime-preview", tokens)), 0.01048, 1e-15);
  EXPECT_EQ(PriceOf("openai", "gpt-4o-audio-preview", tokens).unpriced, "the price has no rate for 600 audio tokens");
  TokenUsage cached = tokens;
  cached.cache_read = 500;
  EXPECT_EQ(PriceOf("openai", "gpt-4o-mini-realtime-preview", cached).unpriced,
            "how many of the cached tokens are audio or images is not known");
}

TEST(PriceBook, ReasoningIsInsideTheOutputAndPricesChangeByDate) {
  const TokenUsage tokens{.prompt = 100, .completion = 1000, .reasoning = 900};
  const std::chrono::sys_days change = std::chrono::year(2025) / 6 / 10;
  // 100 × 10 + 1000 × 40 = 41000
  EXPECT_DOUBLE_EQ(Total(PriceOf("openai", "o3", tokens, change - 1s)), 0.041);
  // 100 × 2 + 1000 × 8 = 8200
  const Priced after = PriceOf("openai", "o3", tokens, change);
  EXPECT_DOUBLE_EQ(Total(after), 0.0082);
  EXPECT_EQ(after.cost->price.date, "2025-06-10");
}

TEST(PriceBook, PricesByTheTimeOfDay) {
  const TokenUsage tokens{.prompt = 1000, .completion = 1000};
  // 1000 × 0.135 + 1000 × 0.55 = 685; from 00:30 to 16:30 UTC 1000 × 0.27 + 1000 × 1.1 = 1370
  EXPECT_DOUBLE_EQ(Total(PriceOf("deepseek", "deepseek-chat-v3-0324", tokens, kDay + 30min - 1s)), 0.000685);
  EXPECT_DOUBLE_EQ(Total(PriceOf("deepseek", "deepseek-chat-v3-0324", tokens, kDay + 30min)), 0.00137);
  EXPECT_DOUBLE_EQ(Total(PriceOf("deepseek", "deepseek-chat-v3-0324", tokens, kDay + 16h + 30min)), 0.000685);
}

TEST(PriceBook, BatchesAndServiceTiers) {
  const TokenUsage tokens{.prompt = 1000, .completion = 200};
  const Priced batch = PriceOf("openai", "gpt-4o", tokens, kDay, "batch");
  EXPECT_DOUBLE_EQ(Total(batch), 0.00225);  // 1000 × 1.25 + 200 × 5
  EXPECT_EQ(batch.cost->price, (model::PriceReference{"openai/gpt-4o batch", "2026-10-14", "genai-prices 0.2.3"}));
  EXPECT_DOUBLE_EQ(Total(PriceOf("openai", "gpt-4o", tokens, kDay, "priority")), 0.00765);  // 1000 × 4.25 + 200 × 17
  for (const std::string_view standard : {"default", "auto", "standard", "on_demand", "Default"})
    EXPECT_DOUBLE_EQ(Total(PriceOf("openai", "gpt-4o", tokens, kDay, standard)), 0.0045);  // 1000 × 2.5 + 200 × 10
  EXPECT_EQ(PriceOf("openai", "gpt-4o", tokens, kDay, "flex").unpriced,
            "there is no price of openai/gpt-4o for the tier flex");
  EXPECT_FALSE(
      PriceOf("openai", "gpt-4o", tokens, std::chrono::sys_days(std::chrono::year(2026) / 10 / 13), "batch").cost)
      << "the package's batch price is later";
  EXPECT_FALSE(PriceOf("azure", "gpt-4o-2024-11-20", tokens, kDay, "batch").cost)
      << "the maker's tiers are not the cloud's";
}

TEST(PriceBook, FeesByRequest) {
  const Priced priced = PriceOf("perplexity", "sonar", {.prompt = 1000, .completion = 100});
  EXPECT_DOUBLE_EQ(Total(priced), 0.0131);  // 1000 × 1 + 100 × 1, and 0.012 a request
  EXPECT_EQ(priced.cost->lines.back(), (model::CostLine{"request", {}, {}, 0.012}));
}

TEST(PriceBook, WhatIsNotKnownIsNotZero) {
  EXPECT_DOUBLE_EQ(Total(PriceOf("openai", "text-embedding-3-small", {.total = 1'000'000})), 0.02);
  EXPECT_EQ(PriceOf("openai", "gpt-4o", {.prompt = 10}).unpriced, "how many tokens the completion has is not known");
  EXPECT_EQ(PriceOf("openai", "gpt-4o", {.completion = 10}).unpriced, "how many tokens the prompt has is not known");
  EXPECT_EQ(PriceOf("openai", "text-embedding-3-small", {.prompt = 10, .completion = 3}).unpriced,
            "the price has no rate for 3 tokens of output");
  EXPECT_EQ(PriceOf("openai", "tts-1", {.prompt = 10, .completion = 1}).unpriced,
            "the price is also by input_mchars, which spans do not tell");
  EXPECT_DOUBLE_EQ(Total(PriceOf("openai", "gpt-4o", {.prompt = 0, .completion = 0})), 0);
}

TEST(PriceBook, ImpossibleCountsAreNotPriced) {
  const TokenUsage cases[] = {
      {.prompt = 10, .completion = 1, .cache_read = 6, .cache_write = 5},
      {.prompt = 10, .completion = 1, .cache_read = UINT64_MAX, .cache_write = 5},
      {.prompt = 10, .completion = 1, .reasoning = 2},
      {.prompt = 10, .completion = 1, .prompt_audio = 11},
      {.prompt = 10, .completion = 1, .cache_write = 1, .cache_write_1h = 2},
      {.prompt = 10, .completion = 1, .completion_audio = 2},
  };
  for (const TokenUsage& tokens : cases) EXPECT_FALSE(PriceOf("openai", "gpt-4o", tokens).cost);
  EXPECT_EQ(PriceOf("openai", "gpt-4o", cases[0]).unpriced,
            "11 tokens of cache reads and writes are more than the prompt of 10");
}

OwnPrice Own(std::int64_t id, std::string model, double input, std::string valid_from = "") {
  OwnPrice price{.id = id, .model = std::move(model), .valid_from = std::move(valid_from)};
  price.rates[RateKind::kInput] = {.base_usd = input};
  price.rates[RateKind::kOutput] = {.base_usd = 0};
  return price;
}

TEST(PriceBook, OwnPricesWinFromTheirDay) {
  OwnPrice azure = Own(3, "our-.*", 7);
  azure.provider = "azure";
  OwnPrice batch = Own(4, "gpt-4o", 1);
  batch.service_tier = "batch";
  const PriceBook book(EmbeddedPackage(),
                       {Own(1, "gpt-4o", 5, "2026-01-01"), Own(2, "GPT-4o", 4, "2026-06-01"), azure, batch}, 9);
  const TokenUsage tokens{.prompt = 1'000'000, .completion = 0};
  const auto price = [&](std::string_view provider, std::string_view model, int month, std::string_view tier = "") {
    const std::chrono::sys_days day = std::chrono::year(2026) / month / 1;
    return book.PriceOf({provider, model, tier, At(day), tokens});
  };
  EXPECT_DOUBLE_EQ(Total(price("openai", "gpt-4o", 5)), 5);
  EXPECT_DOUBLE_EQ(Total(price("openai", "gpt-4o", 6)), 4);
  EXPECT_EQ(price("openai", "gpt-4o", 6).cost->price, (model::PriceReference{"own/2", "2026-06-01", "own price"}));
  EXPECT_DOUBLE_EQ(Total(price("openai", "gpt-4o", 5, "batch")), 1);
  EXPECT_DOUBLE_EQ(Total(book.PriceOf(
                       {"openai", "gpt-4o", "", At(std::chrono::sys_days(std::chrono::year(2025) / 12 / 31)), tokens})),
                   2.5);
  EXPECT_DOUBLE_EQ(Total(price("openai", "gpt-4o-2024-08-06", 6)), 2.5) << "the expression is of the whole name";
  EXPECT_DOUBLE_EQ(Total(price("azure", "our-deployment", 1)), 7);
  EXPECT_FALSE(price("openai", "our-deployment", 1).cost);
  EXPECT_EQ(book.version(), 9U);
}

TEST(PriceBook, AnOwnPriceThatCannotBeIsRefused) {
  EXPECT_TRUE(CheckOwnPrice(Own(0, "gpt-4o", 1)));
  EXPECT_EQ(CheckOwnPrice(Own(0, "gpt-(4o", 1)).error().message,
            "model 'gpt-(4o' is no regular expression: missing ): gpt-(4o");
  EXPECT_EQ(CheckOwnPrice(Own(0, "", 1)).error().message, "model is missing");
  EXPECT_EQ(CheckOwnPrice(Own(0, "x", 1, "2026-02-30")).error().message, "'2026-02-30' is no date such as 2026-01-31");
  EXPECT_FALSE(CheckOwnPrice(Own(0, std::string(257, 'x'), 1)));
  EXPECT_EQ(CheckOwnPrice({.model = "x"}).error().message, "rates has no rate");
}

// A backtracking matcher would need 2^500 steps.
TEST(PriceBook, AHostileExpressionEnds) {
  const OwnPrice hostile = Own(1, "(a+)+(a+)+(a+)+b", 1);
  ASSERT_TRUE(CheckOwnPrice(hostile));
  const PriceBook book(EmbeddedPackage(), {hostile}, 1);
  const TokenUsage tokens{.prompt = 1, .completion = 1};
  EXPECT_FALSE(book.PriceOf({"openai", std::string(500, 'a'), "", 0, tokens}).cost);
  EXPECT_FALSE(book.PriceOf({"openai", std::string(1000, 'a'), "", 0, tokens}).cost);
}

TEST(PriceBook, IsAskedByManyThreads) {
  const PriceBook book(EmbeddedPackage(), {Own(1, "mine-.*", 1)}, 1);
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&book] {
      const TokenUsage tokens{.prompt = 1'000'000, .completion = 0};
      for (int i = 0; i < 3000; ++i) {
        const std::string name = "mine-" + std::to_string(i);
        ASSERT_DOUBLE_EQ(Total(book.PriceOf({"openai", name, "", 0, tokens})), 1);
      }
    });
}

TEST(PriceBook, ListsThePackagesPrices) {
  const std::vector<ListedPrice> found = Book().Search("OpenAI/o3-mini", 10);
  ASSERT_GE(found.size(), 2U);
  EXPECT_EQ(found[0].provider, "openai");
  EXPECT_EQ(found[0].model, "o3-mini");
  EXPECT_EQ(found[0].rates[RateKind::kInput]->base_usd, 1.1);
  EXPECT_EQ(found[1].condition, "processing=batch");
  EXPECT_EQ(found[1].valid_from, "2026-10-14");
  EXPECT_EQ(Book().Search("", 7).size(), 7U);
}

TEST(Package, RefusesWhatIsNoTable) {
  for (
      const std::string_view text :
      {"", "[]", R"({"source":1})", R"({"source":"x","providers":[{"id":"p","models":[{"id":"m"}]}]})",
       R"({"source":"x","providers":[{"id":"p","models":[{"id":"m","match":{"regex":"("},"prices":[{"input":1}]}]}]})",
       R"({"source":"x","providers":[{"id":"p","models":[{"id":"m","match":{"equals":"m"},"prices":[{"input":-1}]}]}]})"})
    EXPECT_FALSE(ReadPackage(text)) << text;
}

}  // namespace
}  // namespace nightjar::pricing
