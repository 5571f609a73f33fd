#include "semconv/internal/token_usage.h"

#include "semconv/internal/json_reading.h"

namespace nightjar::semconv::internal {

std::optional<model::TokenUsage> ReadTokenUsage(const Facts& facts) {
  model::TokenUsage usage;
  usage.prompt = Count(facts[Field::kTokensPrompt]);
  usage.completion = Count(facts[Field::kTokensCompletion]);
  usage.total = Count(facts[Field::kTokensTotal]);
  if (!usage.prompt && !usage.completion && !usage.total) return std::nullopt;
  usage.cache_read = Count(facts[Field::kTokensCacheRead]);
  usage.cache_write = Count(facts[Field::kTokensCacheWrite]);
  usage.reasoning = Count(facts[Field::kTokensReasoning]);
  usage.prompt_audio = Count(facts[Field::kTokensPromptAudio]);
  usage.completion_audio = Count(facts[Field::kTokensCompletionAudio]);
  usage.rule = facts.token_rule;

  const std::uint64_t cached = usage.cache_read.value_or(0) + usage.cache_write.value_or(0);
  // More cached than prompt tokens: the source counts them apart (Anthropic's own numbers).
  if (usage.prompt && cached > *usage.prompt) {
    if (usage.completion && usage.total == *usage.prompt + *usage.completion) *usage.total += cached;
    *usage.prompt += cached;
    usage.rule += " +cache";
  }
  if (usage.prompt && usage.cache_read && usage.cache_write) usage.uncached = *usage.prompt - cached;
  if (!usage.total && usage.prompt && usage.completion) {
    usage.total = *usage.prompt + *usage.completion;
    usage.rule += " +total";
  }
  return usage;
}

}  // namespace nightjar::semconv::internal
