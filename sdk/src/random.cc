#include "random.h"

#include <pthread.h>
#include <sys/random.h>

#include <chrono>

namespace nightjar::sdk {
namespace {

std::uint64_t SplitMix(std::uint64_t& seed) noexcept {
  std::uint64_t z = (seed += 0x9E3779B97F4A7C15U);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

}  // namespace

void Seed(Generator& generator, std::uint32_t forks) noexcept {
  static const int registered =
      pthread_atfork(nullptr, nullptr, [] { g_forks.fetch_add(1, std::memory_order_relaxed); });
  (void)registered;  // fails only without memory; then a child repeats its parent's ids
  if (getrandom(generator.state.data(), sizeof(generator.state), GRND_NONBLOCK) != sizeof(generator.state)) {
    // Early in boot, or a sandbox without the call: distinct per thread and moment, which is what ids need.
    std::uint64_t seed = static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()) ^
                         reinterpret_cast<std::uintptr_t>(&generator);
    for (auto& word : generator.state) word = SplitMix(seed);
  }
  generator.seeded_at = forks;
}

}  // namespace nightjar::sdk
