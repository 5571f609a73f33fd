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

// The thread's generator while several numbers are taken from it: its state stays in registers, therefore always
// inline.
class RandomNumbers {
 public:
  [[gnu::always_inline]] RandomNumbers() noexcept {
    const std::uint32_t forks = g_forks.load(std::memory_order_relaxed);
    if (t_generator.seeded_at != forks) [[unlikely]]
      Seed(t_generator, forks);
    state_ = t_generator.state;
  }
  RandomNumbers(const RandomNumbers&) = delete;
  RandomNumbers& operator=(const RandomNumbers&) = delete;
  [[gnu::always_inline]] ~RandomNumbers() { t_generator.state = state_; }

  // Never 0. Not for secrets.
  [[gnu::always_inline]] std::uint64_t Next() noexcept {
    auto& s = state_;
    std::uint64_t result = 0;
    do {
      result = std::rotl(s[0] + s[3], 23) + s[0];
      const std::uint64_t t = s[1] << 17;
      s[2] ^= s[0];
      s[3] ^= s[1];
      s[1] ^= s[2];
      s[0] ^= s[3];
      s[2] ^= t;
      s[3] = std::rotl(s[3], 45);
    } while (result == 0);
    return result;
  }

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace nightjar::sdk
