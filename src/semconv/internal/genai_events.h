// GenAI messages that are sent as span events instead of attributes: the conventions' form before 1.37, still the
// default of many libraries, and the one event that carries the newer attributes.
#pragma once

#include "semconv/internal/facts.h"

namespace nightjar::semconv::internal {

void OfferEventMessages(const model::Span& span, Facts& facts);

}  // namespace nightjar::semconv::internal
