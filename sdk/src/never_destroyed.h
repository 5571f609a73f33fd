// Statics that outlive the program's other statics, and take no memory for themselves.
#pragma once

#include <cstddef>
#include <new>
#include <utility>

namespace nightjar::sdk {

template <typename Object>
class NeverDestroyed {
 public:
  template <typename... Arguments>
  explicit NeverDestroyed(Arguments&&... arguments) {
    new (place_) Object{std::forward<Arguments>(arguments)...};
  }
  NeverDestroyed(const NeverDestroyed&) = delete;
  NeverDestroyed& operator=(const NeverDestroyed&) = delete;

  [[nodiscard]] Object& operator*() noexcept { return *std::launder(reinterpret_cast<Object*>(place_)); }
  [[nodiscard]] const Object& operator*() const noexcept {
    return *std::launder(reinterpret_cast<const Object*>(place_));
  }

 private:
  alignas(Object) std::byte place_[sizeof(Object)];
};

}  // namespace nightjar::sdk
