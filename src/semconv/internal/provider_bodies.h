// Requests and responses of model providers as libraries keep them whole: OpenAI chat and Responses, Anthropic, Gemini,
// Bedrock, and LangChain's wrapping of them. A body is JSON, or plain text.
#pragma once

#include "base/json.h"
#include "semconv/internal/facts.h"

namespace nightjar::semconv::internal {

// What the body says of the field; null when nothing.
json::value FromRequest(Field field, const json::value& body);
json::value FromResponse(Field field, const json::value& body);

// A token count of a provider's usage object, or of one that a library made after it. Cached tokens are in the prompt
// and thinking is in the completion, also where the provider counts them apart.
json::value FromUsage(Field field, const json::value& usage);
// Whether FromUsage had to add them to the prompt.
bool CountsCacheApart(const json::value& usage);

}  // namespace nightjar::semconv::internal
