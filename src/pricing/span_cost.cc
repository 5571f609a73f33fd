#include "pricing/span_cost.h"

namespace nightjar::pricing {
namespace {

bool IsCall(model::ObservationKind kind) {
  return kind == model::ObservationKind::kLlm || kind == model::ObservationKind::kEmbedding ||
         kind == model::ObservationKind::kReranker;
}

}  // namespace

std::optional<Priced> PriceOfSpan(const PriceBook& prices, const model::Span& span, const model::LlmView& view) {
  if (!IsCall(view.kind) || !view.tokens) return std::nullopt;
  const model::Llm& llm = view.llm ? *view.llm : model::Llm();
  std::string_view model = llm.model;
  if (model.empty() && view.embedding) model = view.embedding->model;
  if (model.empty() && view.reranker) model = view.reranker->model;
  return prices.PriceOf({llm.provider, model, llm.service_tier, span.start_unix_ns, *view.tokens});
}

void AddCost(const PriceBook& prices, const model::Span& span, model::SpanSummary& summary) {
  summary.prices_version = prices.version();
  summary.cost.reset();
  if (!IsCall(summary.kind) || !summary.tokens) return;
  const Priced priced =
      prices.PriceOf({summary.provider, summary.model, summary.service_tier, span.start_unix_ns, *summary.tokens});
  if (priced.cost)
    summary.cost = {priced.cost->total_usd, priced.cost->prompt_usd, priced.cost->completion_usd,
                    priced.cost->cache_savings_usd.value_or(0), priced.cost->price.id};
}

}  // namespace nightjar::pricing
