// The events and the links of a span as bytes for one column each: read back whole, never filtered by the engine. Long
// attribute values among them become segments. Format: docs/formats/span_table.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/span.h"
#include "store/segment.h"

namespace nightjar::store {

// A rope; empty without events.
std::string EncodeEvents(const std::vector<model::Event>& events, RopeBuilder& ropes);
std::string EncodeLinks(const std::vector<model::Link>& links, RopeBuilder& ropes);

// `bytes` is the joined rope. Errors are kDataLoss: only our own bytes are read here.
Result<std::vector<model::Event>> DecodeEvents(std::string_view bytes);
Result<std::vector<model::Link>> DecodeLinks(std::string_view bytes);

}  // namespace nightjar::store
