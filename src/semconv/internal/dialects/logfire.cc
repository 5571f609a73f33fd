// Logfire's instrumentations of provider SDKs: the request and response as JSON, beside gen_ai.*.
#include "semconv/internal/rule_book.h"

namespace nightjar::semconv::internal {
namespace {

constexpr std::string_view kMarkers[] = {"logfire", "request_data", "response_data"};

constexpr Rule kRules[] = {
    {Field::kRequestBody, "request_data"},
    {Field::kResponseBody, "response_data"},
    {Field::kTags, "logfire.tags"},
    {Field::kUserId, "gen_ai.request.user"},
};

}  // namespace

const Dialect kLogfire = {
    .name = "logfire",
    .markers = kMarkers,
    .rules = kRules,
};

}  // namespace nightjar::semconv::internal
