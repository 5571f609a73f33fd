#include "store/part_folder.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace nightjar::store {

std::string PartFolderIn(std::string_view text) {
  constexpr std::string_view kStore = "/store/";
  constexpr std::string_view kName = "0123456789abcdefghijklmnopqrstuvwxyz_-";
  for (std::size_t at = text.find(kStore); at != std::string_view::npos; at = text.find(kStore, at + 1)) {
    std::size_t end = at + kStore.size();
    bool whole = true;
    for (int names = 0; names < 3 && whole; ++names) {
      const std::size_t slash = text.find_first_not_of(kName, end);
      whole = slash != std::string_view::npos && slash != end && text[slash] == '/';
      end = slash + 1;
    }
    if (whole && !text.substr(end).starts_with("skp_idx_")) return std::string(text.substr(at, end - at));
  }
  return {};
}

std::string DamagedPartIn(std::string_view text) {
  // CANNOT_READ_ALL_DATA, CHECKSUM_DOESNT_MATCH, INCORRECT_DATA; the first and the last may be of what a client sent,
  // and name no part then. Each may be the reason of another error.
  constexpr std::array<std::string_view, 3> kCodes = {"Code: 33.", "Code: 40.", "Code: 117."};
  const bool damage = std::ranges::any_of(kCodes, [&](std::string_view code) { return text.contains(code); });
  return damage ? PartFolderIn(text) : std::string();
}

}  // namespace nightjar::store
