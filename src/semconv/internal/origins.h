// Which rule gave each field of a view.
#pragma once

#include <map>
#include <string>

#include "model/llm_view.h"
#include "semconv/internal/facts.h"

namespace nightjar::semconv::internal {

// By places in the Span JSON, of all that `view` has. `view` is made of `facts`.
std::map<std::string, std::string> OriginsOf(Facts& facts, const model::LlmView& view);

}  // namespace nightjar::semconv::internal
