// A program that ends its spans and returns: the exit handler has to deliver them.
#include "nightjar/tracing.h"

int main() {
  nightjar::tracer().StartActiveSpan("before exit").End();
  return 0;
}
