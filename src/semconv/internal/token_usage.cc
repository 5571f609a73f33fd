#include "semconv/internal/token_usage.h"

namespace nightjar::semconv::internal {

std::optional<model::TokenUsage> ReadTokenUsage(Facts& facts) {
  if (!facts.token_dialect()) return std::nullopt;
  model::TokenUsage usage;
  usage.prompt = facts.Count(Field::kTokensPrompt);
  usage.completion = facts.Count(Field::kTokensCompletion);
  usage.total = facts.Count(Field::kTokensTotal);
  if (!usage.prompt && !usage.completion && !usage.total) return std::nullopt;
  usage.cache_read = facts.Count(Field::kTokensCacheRead);
  usage.cache_write = facts.Count(Field::kTokensCacheWrite);
  usage.reasoning = facts.Count(Field::kTokensReasoning);
  usage.prompt_audio = facts.Count(Field::kTokensPromptAudio);
  usage.completion_audio = facts.Count(Field::kTokensCompletionAudio);
  usage.rule = facts.token_dialect()->token_rule;

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
