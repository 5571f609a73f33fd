// Random numbers for ids: one generator per thread, seeded by the operating system, seeded again after fork().
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>

namespace nightjar::sdk {

// xoshiro256++ of Blackman and Vigna (https://prng.di.unimi.it/xoshiro256plusplus.c, public domain).
struct Generator {
  std::array<std::uint64_t, 4> state{};
  std::uint32_t seeded_at = 0;  // value of g_forks; 0 is never
};
inline constinit thread_local Generator t_generator;
inline constinit std::atomic<std::uint32_t> g_forks{1};  // how far this process is from the first one, plus 1

void Seed(Generator& generator, std::uint32_t forks) noexcept;

// Not for secrets.
inline std::uint64_t RandomBits() noexcept {
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
