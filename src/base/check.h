// CHECK(condition): aborts with file, line and expression when our own code is wrong. On in release builds. Never on
// input.
#pragma once

namespace nightjar {
[[noreturn]] void CheckFailed(const char* file, int line, const char* expression);
}  // namespace nightjar

#define CHECK(condition) ((condition) ? static_cast<void>(0) : ::nightjar::CheckFailed(__FILE__, __LINE__, #condition))
