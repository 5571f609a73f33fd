// Which attributes are understood, to tell of those that nothing understands.
#pragma once

#include <string_view>

namespace nightjar::semconv {

// Whether some rule of some dialect reads the attribute, itself or as part of the list or object that flattened keys
// below a rule's key spell; or whether it is known to say nothing that the view has a place for.
bool IsKnown(std::string_view key);

}  // namespace nightjar::semconv
