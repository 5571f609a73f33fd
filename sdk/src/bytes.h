// Bytes that fields are written into. Grows by doubling and, unlike std::string, leaves what it is extended by
// unwritten: the caller writes it, all of it.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace nightjar::sdk {

class ByteBuffer {
 public:
  ByteBuffer() = default;
  ByteBuffer(ByteBuffer&& other) noexcept
      : bytes_(std::move(other.bytes_)),
        size_(std::exchange(other.size_, 0)),
        capacity_(std::exchange(other.capacity_, 0)) {}
  ByteBuffer& operator=(ByteBuffer&& other) noexcept {
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, 0);
    return *this;
  }

  // Where the new bytes are to be written; until the next call. Throws std::bad_alloc.
  char* Extend(std::size_t bytes) {
    if (capacity_ - size_ < bytes) [[unlikely]]
      Grow(bytes);
    return bytes_.get() + std::exchange(size_, size_ + bytes);
  }
  void Truncate(std::size_t size) noexcept { size_ = size; }
  void Clear() noexcept { size_ = 0; }  // keeps the memory
  void Erase(std::size_t begin, std::size_t bytes) noexcept {
    std::memmove(data() + begin, data() + begin + bytes, size_ - begin - bytes);
    size_ -= bytes;
  }

  [[nodiscard]] char* data() noexcept { return bytes_.get(); }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::string_view view() const noexcept { return {bytes_.get(), size_}; }

 private:
  [[gnu::noinline]] void Grow(std::size_t bytes) {
    const std::size_t capacity = std::max({size_ + bytes, 2 * capacity_, std::size_t{256}});
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (size_ > 0) std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
    capacity_ = capacity;
  }

  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// memcpy without a call for what most keys, names and values are.
inline void CopyShort(char* to, std::string_view from) noexcept {
  const auto both_ends = [&]<std::size_t kWidth>(std::integral_constant<std::size_t, kWidth>) {
    std::memcpy(to, from.data(), kWidth);
    std::memcpy(to + from.size() - kWidth, from.data() + from.size() - kWidth, kWidth);
  };
  if (from.size() > 32) {
    std::memcpy(to, from.data(), from.size());
  } else if (from.size() >= 16) {
    both_ends(std::integral_constant<std::size_t, 16>());
  } else if (from.size() >= 8) {
    both_ends(std::integral_constant<std::size_t, 8>());
  } else if (from.size() >= 4) {
    both_ends(std::integral_constant<std::size_t, 4>());
  } else {
    for (std::size_t i = 0; i < from.size(); ++i) to[i] = from[i];
  }
}

}  // namespace nightjar::sdk
