#include "semconv/internal/words.h"
#include "base/lower_case.h"

#include <algorithm>
#include <iterator>

namespace nightjar::semconv::internal {
namespace {

// A name stands for itself and for everything that starts with it and a '.', '/', ' ' or '-'. Longer names first.
constexpr struct {
  std::string_view name;
  std::string_view canonical;
} kProviders[] = {
    {"openai", "openai"},
    {"anthropic", "anthropic"},
    {"claude", "anthropic"},
    {"google", "google"},
    {"google_genai", "google"},
    {"googleai", "google"},
    {"google_vertexai", "google"},
    {"gemini", "google"},
    {"gcp", "google"},
    {"vertexai", "google"},
    {"vertex_ai", "google"},
    {"vertex", "google"},
    {"azure", "azure"},
    {"azure_openai", "azure"},
    {"az", "azure"},
    {"aws", "aws"},
    {"aws_bedrock", "aws"},
    {"bedrock", "aws"},
    {"bedrock_converse", "aws"},
    {"amazon", "aws"},
    {"amazonaws", "aws"},
    {"googleapis", "google"},
    {"amazon_bedrock", "aws"},
    {"cohere", "cohere"},
    {"mistralai", "mistralai"},
    {"mistral_ai", "mistralai"},
    {"mistral", "mistralai"},
    {"xai", "xai"},
    {"x_ai", "xai"},
    {"deepseek", "deepseek"},
    {"groq", "groq"},
    {"fireworks", "fireworks"},
    {"fireworks_ai", "fireworks"},
    {"moonshot", "moonshot"},
    {"moonshot_ai", "moonshot"},
    {"cerebras", "cerebras"},
    {"perplexity", "perplexity"},
    {"together", "together"},
    {"together_ai", "together"},
    {"togetherai", "together"},
    {"ollama", "ollama"},
    {"ibm.watsonx.ai", "ibm.watsonx.ai"},  // no address
    // Frameworks: they call a provider but are none.
    {"agent_framework", ""},
    {"agno", ""},
    {"autogen", ""},
    {"crewai", ""},
    {"dspy", ""},
    {"haystack", ""},
    {"langchain", ""},
    {"langgraph", ""},
    {"litellm", ""},
    {"llama_index", ""},
    {"llamaindex", ""},
    {"microsoft", ""},
    {"openai_agents", ""},
    {"pydantic_ai", ""},
    {"pydantic-ai", ""},
    {"semantic_kernel", ""},
    {"smolagents", ""},
    {"spring_ai", ""},
    {"strands", ""},
    {"strands-agents", ""},
};

// Families of which one company alone makes the models.
constexpr struct {
  std::string_view beginning;
  std::string_view provider;
} kFamilies[] = {
    {"gpt-", "openai"},
    {"chatgpt-", "openai"},
    {"o1", "openai"},
    {"o3", "openai"},
    {"o4", "openai"},
    {"dall-e", "openai"},
    {"text-embedding-3", "openai"},
    {"text-embedding-ada", "openai"},
    {"whisper-", "openai"},
    {"claude-", "anthropic"},
    {"gemini-", "google"},
    {"command-", "cohere"},
    {"mistral-", "mistralai"},
    {"grok-", "xai"},
    {"deepseek-", "deepseek"},
};

// LiveKit writes the address of the API: "api.openai.com", "127.0.0.1:8000".
bool IsHost(std::string_view name) {
  constexpr std::string_view kEnds[] = {".com", ".ai", ".net", ".io", ".xyz", ".cloud", ".dev", "localhost"};
  const std::size_t colon = name.rfind(':');
  if (colon != std::string_view::npos && colon + 1 < name.size() &&
      name.find_first_not_of("0123456789", colon + 1) == std::string_view::npos)
    return true;
  return std::ranges::any_of(kEnds, [&](std::string_view end) { return name.ends_with(end); });
}

// The last part of the address that names a company; without one, nothing.
std::string ProviderOfHost(std::string_view host) {
  host = host.substr(0, host.rfind(':'));
  while (!host.empty()) {
    const std::size_t dot = host.rfind('.');
    const std::string_view part = dot == std::string_view::npos ? host : host.substr(dot + 1);
    const auto* row = std::ranges::find(kProviders, part, [](const auto& entry) { return entry.name; });
    if (row != std::end(kProviders)) return std::string(row->canonical);
    host = host.substr(0, dot == std::string_view::npos ? 0 : dot);
  }
  return {};
}

}  // namespace

std::string CanonicalProvider(std::string_view name) {
  std::string lower = LowerCase(name);
  const std::string_view head = std::string_view(lower).substr(0, lower.find_first_of("./ -"));
  for (const std::string_view candidate : {std::string_view(lower), head}) {
    const auto* row = std::ranges::find(kProviders, candidate, [](const auto& entry) { return entry.name; });
    if (row != std::end(kProviders)) return std::string(row->canonical);
    if (head.size() == lower.size()) break;
  }
  if (IsHost(lower)) return ProviderOfHost(lower);
  return lower;
}

std::string ProviderOfModelName(std::string_view name) {
  const std::string lower = LowerCase(name);
  if (const std::size_t slash = lower.find('/'); slash != std::string::npos) {
    const std::string_view owner = std::string_view(lower).substr(0, slash);
    const auto* row = std::ranges::find(kProviders, owner, [](const auto& entry) { return entry.name; });
    return row == std::end(kProviders) ? std::string() : std::string(row->canonical);
  }
  for (const auto& [beginning, provider] : kFamilies)
    if (lower.starts_with(beginning)) return std::string(provider);
  return {};
}

std::string CleanFinishReason(std::string_view word) {
  std::string lower = LowerCase(word);
  constexpr std::string_view kEnumPrefix = "finishreason.";
  if (lower.starts_with(kEnumPrefix)) lower.erase(0, kEnumPrefix.size());
  return lower;
}

}  // namespace nightjar::semconv::internal
