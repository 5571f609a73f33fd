// Words that libraries spell differently, brought to one form.
#pragma once

#include <string>
#include <string_view>

namespace nightjar::semconv::internal {

// OpenInference's name of the company that ran the model: "OpenAI", "openai.responses" → "openai"; "gcp.gemini" →
// "google". A provider that OpenInference does not list keeps its own name in lower case; the name of a framework,
// which some libraries put here, gives "".
std::string CanonicalProvider(std::string_view name);

// The company whose family of models the name belongs to, or that stands before a '/' in it: "gpt-4o" and
// "openai/gpt-4o" → "openai". Empty for names that do not tell.
std::string ProviderOfModelName(std::string_view name);

// "FinishReason.STOP" → "stop". The provider's own word otherwise: "tool_use" stays "tool_use".
std::string CleanFinishReason(std::string_view word);

}  // namespace nightjar::semconv::internal
