// Attributes that every span gets which starts in a context; using_user() and its like put them there.
#pragma once

#include "nightjar/attributes.h"
#include "nightjar/context.h"

namespace nightjar::sdk {

extern const ContextKey<OwnedAttributes> kSpanAttributes;

}  // namespace nightjar::sdk
