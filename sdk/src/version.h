// The SDK's own version.
#pragma once

namespace nightjar::sdk {

inline constexpr const char* kVersion = "0.1.0";
inline constexpr const char* kUserAgent = "OTel-OTLP-Exporter-Cpp/0.1.0 (nightjar)";

}  // namespace nightjar::sdk
