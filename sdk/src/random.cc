// xoshiro256++ of Blackman and Vigna (https://prng.di.unimi.it/xoshiro256plusplus.c, public domain).
#include "random.h"

#include <pthread.h>
#include <sys/random.h>

#include <array>
#include <atomic>
#include <bit>
#include <chrono>

namespace nightjar::sdk {
namespace {

std::atomic<std::uint32_t> g_forks{1};  // this process's distance from the first one, plus 1

struct Generator {
  std::array<std::uint64_t, 4> state{};
  std::uint32_t seeded_at = 0;  // value of g_forks; 0 is never
};
constinit thread_local Generator t_generator;

std::uint64_t SplitMix(std::uint64_t& seed) noexcept {
  std::uint64_t z = (seed += 0x9E3779B97F4A7C15U);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31);
}

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

}  // namespace

std::uint64_t RandomBits() noexcept {
  Generator& generator = t_generator;
  const std::uint32_t forks = g_forks.load(std::memory_order_relaxed);
  if (generator.seeded_at != forks) [[unlikely]]
    Seed(generator, forks);
  auto& s = generator.state;
  const std::uint64_t result = std::rotl(s[0] + s[3], 23) + s[0];
  const std::uint64_t t = s[1] << 17;
  s[2] ^= s[0];
  s[3] ^= s[1];
  s[1] ^= s[2];
  s[0] ^= s[3];
  s[2] ^= t;
  s[3] = std::rotl(s[3], 45);
  return result;
}

}  // namespace nightjar::sdk
