// Logfire's instrumentations of provider SDKs: the request and response as JSON, beside gen_ai.*. A streamed call is
// two spans, of the request and of the answer; only the latter is the call.
#include "semconv/internal/genai_events.h"
#include "semconv/internal/json_reading.h"
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

constexpr std::string_view kMarkers[] = {"logfire", "request_data", "response_data"};

constexpr Rule kRules[] = {
    {Field::kRequestBody, "request_data"}, {Field::kResponseBody, "response_data"},
    {Field::kTitle, "logfire.msg"},  // the name is a template: "Chat Completion with {request_data[model]!r}"
    {Field::kTags, "logfire.tags"},        {Field::kUserId, "gen_ai.request.user"},
};

constexpr std::string_view kDerivedFrom[] = {"events"};

json::value Derive(Field field, Facts& facts) {
  if (field != Field::kInputMessages && field != Field::kOutputMessages) return nullptr;
  return MessagesOfEventList(Parsed(facts.Read("events")), field);
}

}  // namespace

const Dialect kLogfire = {
    .name = "logfire",
    .token_rule = "logfire.response_data",
    .markers = kMarkers,
    .rules = kRules,
    .derive = Derive,
    .derived_from = kDerivedFrom,
};

}  // namespace nightjar::semconv::internal
