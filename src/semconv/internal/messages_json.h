// Chat messages, tool definitions and documents out of JSON. One reader serves every shape that libraries send:
// OpenInference's nested nouns, OpenAI chat and Responses, Anthropic content blocks, OTel GenAI parts.
#pragma once

#include <string_view>
#include <vector>

#include "base/json.h"
#include "model/llm_view.h"

namespace nightjar::semconv::internal {

// `messages` is a list of messages, one message, or JSON text of these. What has no role gets `role`. Empty for JSON of
// another shape and for text that is not JSON.
std::vector<model::Message> ReadMessages(const json::value& messages, std::string_view role);

// Prompts or choices of the completions API: strings, or objects with `text`.
std::vector<model::Message> ReadCompletions(const json::value& texts, std::string_view role);

// Parts of one message without a message around them (OTel's gen_ai.system_instructions), or plain text.
std::vector<model::Part> ReadParts(const json::value& parts);

std::vector<model::ToolDefinition> ReadTools(const json::value& tools);

// `documents` is a list of documents or JSON text of one.
std::vector<model::Document> ReadDocuments(const json::value& documents);

}  // namespace nightjar::semconv::internal
