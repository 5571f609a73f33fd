// OpenInference's lists as attributes: llm.input_messages.0.message.role and so on.
#pragma once

#include <string>
#include <string_view>

#include "nightjar/llm.h"

namespace nightjar::sdk {

// Records `messages_json`, an array of messages in the form of OpenAI's chat API, under `list`: flattened, or whole if
// it is no such array or the span has no room for so many attributes. Throws std::bad_alloc.
void RecordMessages(Span& span, std::string_view list, std::string_view messages_json);

// The same for the `tools` of a request.
void RecordTools(Span& span, std::string_view tools_json);

void RecordDocuments(Span& span, std::string_view list, std::span<const RetrievedDocument> documents);

}  // namespace nightjar::sdk
