// OpenLIT: gen_ai.* with keys of its own.
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

constexpr std::string_view kMarkers[] = {"openlit", "gen_ai.sdk.version", "gen_ai.content"};

constexpr Rule kRules[] = {
    {Field::kSessionId, "gen_ai.session.id"},
    {Field::kFirstTokenSeconds, "gen_ai.server.time_to_first_token"},
    {Field::kUserId, "gen_ai.request.user"},
    {Field::kUserId, "gen_ai.user"},
};

constexpr std::string_view kDerivedFrom[] = {"gen_ai.request.stream", "gen_ai.usage.cache_read.input_tokens"};

// Of a stream whose provider sent no usage, OpenLIT counts the tokens itself. Counts of a provider come with its
// details.
json::value Derive(Field field, Facts& facts) {
  if (field != Field::kTokensEstimated) return nullptr;
  const bool streamed = facts.Read("gen_ai.request.stream") == json::value(true);
  return streamed && facts.Read("gen_ai.usage.cache_read.input_tokens").is_null() ? json::value(true) : json::value();
}

}  // namespace

const Dialect kOpenLit = {
    .name = "openlit",
    .markers = kMarkers,
    .rules = kRules,
    .derive = Derive,
    .derived_from = kDerivedFrom,
};

}  // namespace nightjar::semconv::internal
