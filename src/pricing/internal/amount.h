// Tokens times rates.
#pragma once

#include "model/cost.h"
#include "model/llm_view.h"
#include "pricing/price_book.h"
#include "pricing/rates.h"

namespace nightjar::pricing::internal {

// The cost of one request by these rates; `price` becomes the cost's. Parts without a rate of their own are charged as
// what they are part of, but for audio and hour-long cache entries, which are always dearer: without a rate these are
// not priced.
Priced Amount(const model::TokenUsage& tokens, const Rates& rates, model::PriceReference price);

}  // namespace nightjar::pricing::internal
