#include "semconv/repeated_calls.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/check.h"

namespace nightjar::semconv {
namespace {

using Counts = std::pair<std::uint64_t, std::uint64_t>;

// Of calls with the same counts at most this many are looked at.
constexpr std::size_t kAlikeMax = 64;

std::string_view ResponseId(const model::Span& span) {
  return model::FindString(span.attributes, "gen_ai.response.id");
}

bool IsCall(const model::SpanSummary& summary) {
  return summary.kind == model::ObservationKind::kLlm && summary.tokens && summary.tokens->prompt &&
         summary.tokens->completion;
}

bool HasContent(const model::SpanSummary& summary) {
  return !summary.input_preview.empty() || !summary.output_preview.empty();
}

Counts CountsOf(const model::SpanSummary& summary) { return {*summary.tokens->prompt, *summary.tokens->completion}; }

bool Overlap(const model::Span& a, const model::Span& b) {
  return a.start_unix_ns <= b.end_unix_ns && b.start_unix_ns <= a.end_unix_ns;
}

}  // namespace

void CountOnce(std::span<const model::Span> spans, std::vector<model::SpanSummary>& summaries) {
  CHECK(spans.size() == summaries.size());
  const auto is_mute = [](const model::SpanSummary& summary) { return IsCall(summary) && !HasContent(summary); };
  if (std::ranges::none_of(summaries, is_mute)) return;

  std::unordered_map<std::string_view, std::size_t> by_id;
  std::map<Counts, std::vector<std::size_t>> by_counts;
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (!IsCall(summaries[i]) || !HasContent(summaries[i])) continue;
    if (const std::string_view id = ResponseId(spans[i]); !id.empty()) by_id.emplace(id, i);
    std::vector<std::size_t>& alike = by_counts[CountsOf(summaries[i])];
    if (alike.size() < kAlikeMax) alike.push_back(i);
  }
  for (std::size_t i = 0; i < spans.size(); ++i) {
    if (!is_mute(summaries[i])) continue;
    const std::string_view id = ResponseId(spans[i]);
    bool repeated = !id.empty() && by_id.contains(id);
    if (const auto alike = by_counts.find(CountsOf(summaries[i])); !repeated && alike != by_counts.end())
      repeated = std::ranges::any_of(alike->second, [&](std::size_t other) {
        return (id.empty() || ResponseId(spans[other]).empty()) && summaries[other].provider == summaries[i].provider &&
               Overlap(spans[other], spans[i]);
      });
    if (!repeated) continue;
    summaries[i].tokens.reset();
    summaries[i].reported_cost_usd.reset();
  }
}

}  // namespace nightjar::semconv
