// Keeps what people wrote out of spans: OpenInference's configuration, "OPENINFERENCE_HIDE_*".
#pragma once

#include <string_view>

#include "nightjar/provider.h"

namespace nightjar::sdk {

enum class Visibility { kShown, kRedacted, kLeftOut };
inline constexpr std::string_view kRedacted = "__REDACTED__";

Visibility VisibilityOf(const Masking& masking, std::string_view key, const AttributeValue& value);

}  // namespace nightjar::sdk
