// OpenLIT: gen_ai.* with keys of its own. To version 1.35 the messages are one text, a line "role: text" for each.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "semconv/internal/genai_events.h"
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

using model::ObservationKind;

constexpr std::string_view kMarkers[] = {"openlit", "gen_ai.sdk.version", "gen_ai.content"};

constexpr Rule kRules[] = {
    {Field::kSessionId, "gen_ai.session.id"},    {Field::kFirstTokenSeconds, "gen_ai.server.time_to_first_token"},
    {Field::kUserId, "gen_ai.request.user"},     {Field::kUserId, "gen_ai.user"},
    {Field::kToolArguments, "gen_ai.tool.args"},
};

constexpr std::string_view kDerivedFrom[] = {
    "gen_ai.request.stream",
    "gen_ai.request.is_stream",
    "gen_ai.usage.cache_read.input_tokens",
    "gen_ai.provider.name",
    "gen_ai.system",
    "gen_ai.content.prompt",
    "gen_ai.prompt",
    "gen_ai.content.completion",
    "gen_ai.completion",
    "gen_ai.output.messages",
    "gen_ai.tool.name",
    "gen_ai.tool.call.id",
    "gen_ai.tool.args",
    "gen_ai.framework.component.type",
    "gen_ai.usage.input_tokens",
};

// Of a stream whose provider sent no usage, OpenLIT counts the tokens itself; to version 1.35 of every stream. Counts
// of a provider come with its details.
json::value IsEstimated(const Facts& facts) {
  const auto is_true = [&](std::string_view key) { return facts.Read(key) == json::value(true); };
  if (is_true("gen_ai.request.is_stream")) return true;
  return is_true("gen_ai.request.stream") && facts.Read("gen_ai.usage.cache_read.input_tokens").is_null()
             ? json::value(true)
             : json::value();
}

// A tool call of the answer stands in keys of its own.
json::value Answer(const Facts& facts) {
  const json::value name = facts.Read("gen_ai.tool.name");
  if (name.is_null() || !facts.Read("gen_ai.output.messages").is_null()) return nullptr;
  json::value text = facts.Read("gen_ai.content.completion");
  if (text.is_null()) text = facts.Read("gen_ai.completion");
  json::object message{{"role", "assistant"}, {"content", text}};
  message["tool_calls"] = json::array{json::object{
      {"id", facts.Read("gen_ai.tool.call.id")}, {"name", name}, {"arguments", facts.Read("gen_ai.tool.args")}}};
  return json::array{std::move(message)};
}

// Its counts of Anthropic's and Bedrock's calls are the provider's own, which leave the cached tokens out of the
// prompt.
json::value CountsApart(const Facts& facts) {
  json::value provider = facts.Read("gen_ai.provider.name");
  if (provider.is_null()) provider = facts.Read("gen_ai.system");
  const bool apart = provider == "anthropic" || provider == "aws.bedrock";
  return apart ? json::value(true) : json::value();
}

json::value Derive(Field field, Facts& facts) {
  if (field == Field::kTokensEstimated) return IsEstimated(facts);
  if (field == Field::kTokensCacheApart) return CountsApart(facts);
  if (facts.kind() != ObservationKind::kLlm) return nullptr;
  if (field == Field::kInputMessages) {
    const json::value prompt = facts.Read("gen_ai.content.prompt");
    return MessagesOfLines(prompt.is_null() ? facts.Read("gen_ai.prompt") : prompt);
  }
  return field == Field::kOutputMessages ? Answer(facts) : json::value();
}

// A component of a framework, around the client of a provider that has a span of its own.
bool IsStep(const Facts& facts) {
  return facts.HasAttribute("gen_ai.framework.component.type") && !facts.HasAttribute("gen_ai.usage.input_tokens");
}

}  // namespace

const Dialect kOpenLit = {
    .name = "openlit",
    .markers = kMarkers,
    .rules = kRules,
    .derive = Derive,
    .derived_from = kDerivedFrom,
    .is_step = IsStep,
};

}  // namespace nightjar::semconv::internal
