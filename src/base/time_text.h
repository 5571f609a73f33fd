// Times as text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace nightjar {

// RFC 3339, section 5.6, with its offset ("2026-01-31T12:00:00.5+01:00"), from 1970 to 2554; nothing for other text.
std::optional<UnixNanos> ParseRfc3339(std::string_view text);

// Midnight UTC of a day ("2026-01-31"), from 1970 on; nothing for other text.
std::optional<UnixNanos> ParseDate(std::string_view text);

// In UTC, with as many digits of the second as it needs: "2026-01-31T12:00:00.5Z".
std::string ToRfc3339(UnixNanos time);

}  // namespace nightjar
