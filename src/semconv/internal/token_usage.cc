#include "semconv/internal/token_usage.h"

#include <string>

namespace nightjar::semconv::internal {

std::optional<model::TokenUsage> ReadTokenUsage(Facts& facts) {
  if (!facts.token_dialect()) return std::nullopt;
  model::TokenUsage usage;
  usage.prompt = facts.Count(Field::kTokensPrompt);
  usage.completion = facts.Count(Field::kTokensCompletion);
  usage.total = facts.Count(Field::kTokensTotal);
  if (!usage.prompt && !usage.completion && !usage.total) return std::nullopt;
  // No call has neither a prompt nor an answer: some libraries write zeros where they were told nothing.
  if (usage.prompt == 0 && usage.completion == 0 && usage.total.value_or(0) == 0) return std::nullopt;
  usage.cache_read = facts.Count(Field::kTokensCacheRead);
  usage.cache_write = facts.Count(Field::kTokensCacheWrite);
  if (usage.cache_write.value_or(0) > 0) usage.cache_write_1h = facts.Count(Field::kTokensCacheWrite1h);
  usage.reasoning = facts.Count(Field::kTokensReasoning);
  usage.prompt_audio = facts.Count(Field::kTokensPromptAudio);
  usage.prompt_image = facts.Count(Field::kTokensPromptImage);
  usage.completion_audio = facts.Count(Field::kTokensCompletionAudio);
  usage.rule = facts.token_dialect()->token_rule;

  usage.estimated = facts.Has(Field::kTokensEstimated);
  if (facts.AddedCachedTokens()) usage.rule += " +cache";

  const std::uint64_t cached = usage.cache_read.value_or(0) + usage.cache_write.value_or(0);
  // More cached than prompt tokens, or a total that counts them beside the prompt: the source counts them apart, as
  // Anthropic does.
  const bool total_has_both =
      cached > 0 && usage.prompt && usage.completion && usage.total == *usage.prompt + *usage.completion + cached;
  const bool apart = cached > 0 && facts.Has(Field::kTokensCacheApart);
  if (usage.prompt && (cached > *usage.prompt || total_has_both || apart)) {
    // LiteLLM to 1.7x adds to Anthropic's prompt what was read, and forgets what was written.
    const bool has_reads = facts.scope().name.ends_with("litellm") && usage.cache_read <= usage.prompt;
    const std::uint64_t added = has_reads ? usage.cache_write.value_or(0) : cached;
    if (usage.completion && usage.total == *usage.prompt + *usage.completion) *usage.total += added;
    *usage.prompt += added;
    usage.rule += has_reads ? " +cache_write" : " +cache";
  }
  // A total that counts the reasoning beside the completion: Gemini's thoughts.
  if (usage.reasoning.value_or(0) > 0 && usage.prompt && usage.completion &&
      usage.total == *usage.prompt + *usage.completion + *usage.reasoning) {
    *usage.completion += *usage.reasoning;
    usage.rule += " +reasoning";
  }
  if (usage.prompt && usage.cache_read && usage.cache_write) usage.uncached = *usage.prompt - cached;
  if (!usage.total && usage.prompt && usage.completion) {
    usage.total = *usage.prompt + *usage.completion;
    usage.rule += " +total";
  }
  return usage;
}

std::vector<std::string> ImpossibleCounts(const model::TokenUsage& usage) {
  std::vector<std::string> notes;
  const auto compare = [&](const char* part, const std::optional<std::uint64_t>& count, const char* whole,
                           const std::optional<std::uint64_t>& limit) {
    if (count && limit && *count > *limit)
      notes.push_back(std::string("tokens: ") + part + " " + std::to_string(*count) + " is more than " + whole + " " +
                      std::to_string(*limit));
  };
  compare("reasoning", usage.reasoning, "completion", usage.completion);
  compare("completion_audio", usage.completion_audio, "completion", usage.completion);
  compare("prompt_audio", usage.prompt_audio, "prompt", usage.prompt);
  compare("prompt_image", usage.prompt_image, "prompt", usage.prompt);
  if (!usage.prompt || !usage.completion || !usage.total) return notes;
  const std::uint64_t sum = *usage.prompt + *usage.completion;
  compare("prompt + completion", sum, "total", usage.total);
  if (*usage.total > sum)
    notes.push_back("tokens: the total is " + std::to_string(*usage.total - sum) +
                    " more than prompt and completion; what they are was not sent");
  return notes;
}

}  // namespace nightjar::semconv::internal
