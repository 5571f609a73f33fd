#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace nightjar {

void CheckFailed(const char* file, int line, const char* expression) {
  std::fprintf(stderr, "CHECK failed at %s:%d: %s\n", file, line, expression);
  std::abort();
}

}  // namespace nightjar
