// The resource and the instrumentation scope of a span as JSON text: the same one gives the same text each time, so a
// dictionary-coded column holds each once. Fields at their default are left out. Format: docs/formats/span_table.md.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "model/span.h"

namespace nightjar::store {

std::string ResourceText(const model::Resource& resource);
std::string ScopeText(const model::Scope& scope);
std::string AttributesText(const model::Attributes& attributes);

// Errors are kDataLoss: only our own text is read here.
Result<model::Resource> ParseResource(std::string_view text);
Result<model::Scope> ParseScope(std::string_view text);
Result<model::Attributes> ParseAttributes(std::string_view text);

}  // namespace nightjar::store
