#include "terminal/text.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include <algorithm>
#include <clocale>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "base/check.h"
#include "base/utf8.h"

namespace nightjar::terminal {
namespace {

// The first character of valid, non-empty UTF-8, and how many bytes it has.
std::pair<char32_t, std::size_t> FirstCharacter(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  char32_t character = size == 1 ? lead : lead & (0xffU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) character = character << 6 | (static_cast<unsigned char>(text[i]) & 0x3fU);
  return {character, size};
}

// Control characters (C0, DEL, C1), the marks of direction, line and paragraph separators, and tags.
bool IsUnprintable(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || (c >= 0x200e && c <= 0x200f) ||
         (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff || (c >= 0xe0000 && c <= 0xe007f);
}

// The C library's table of widths, whatever locale the program runs in.
std::size_t WidthOf(char32_t character) {
  static const locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  CHECK(utf8 != nullptr);
  const locale_t before = uselocale(utf8);
  const int width = wcwidth(static_cast<wchar_t>(character));
  uselocale(before);
  return width < 0 ? 1 : static_cast<std::size_t>(width);
}

}  // namespace

std::string Harmless(std::string_view text) {
  const std::string valid = ReplaceInvalidUtf8(text);
  std::string out;
  for (std::string_view rest = valid; !rest.empty();) {
    const auto [character, size] = FirstCharacter(rest);
    if (!IsUnprintable(character)) {
      out += rest.substr(0, size);
    } else {
      const auto number = static_cast<std::uint32_t>(character);
      out += number < 0x100 ? fmt::format("\\x{:02x}", number) : fmt::format("\\u{:04x}", number);
    }
    rest.remove_prefix(size);
  }
  return out;
}

std::size_t Width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const auto [character, size] = FirstCharacter(text);
    width += character < 0x80 ? 1 : WidthOf(character);
    text.remove_prefix(size);
  }
  return width;
}

std::string Fitted(std::string_view text, std::size_t width) {
  const std::size_t whole = Width(text);
  if (whole <= width) return std::string(text) + std::string(width - whole, ' ');
  if (width == 0) return {};
  std::string out;
  std::size_t taken = 0;
  for (std::string_view rest = text;;) {
    const auto [character, size] = FirstCharacter(rest);
    const std::size_t next = character < 0x80 ? 1 : WidthOf(character);
    if (taken + next > width - 1) break;
    out += rest.substr(0, size);
    taken += next;
    rest.remove_prefix(size);
  }
  return out + "…" + std::string(width - 1 - taken, ' ');
}

std::string Grouped(std::uint64_t number) {
  std::string digits = std::to_string(number);
  for (std::size_t at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

std::string Duration(std::int64_t nanoseconds) {
  const auto time = static_cast<double>(nanoseconds);
  if (nanoseconds < 0) return "-" + Duration(nanoseconds == INT64_MIN ? INT64_MAX : -nanoseconds);
  if (nanoseconds < 1'000) return fmt::format("{} ns", nanoseconds);
  if (nanoseconds < 1'000'000) return fmt::format("{:.3g} µs", time / 1e3);
  if (nanoseconds < 999'500'000) return fmt::format("{:.3g} ms", time / 1e6);
  if (nanoseconds < 59'950'000'000) return fmt::format("{:.3g} s", time / 1e9);
  const std::int64_t seconds = (nanoseconds + 500'000'000) / 1'000'000'000;
  if (seconds < 3600) return fmt::format("{} min {} s", seconds / 60, seconds % 60);
  return fmt::format("{} h {} min", seconds / 3600, seconds % 3600 / 60);
}

Options OfStdout() {
  if (isatty(STDOUT_FILENO) != 1) return {};
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40;
  const char* no_color = std::getenv("NO_COLOR");
  constexpr std::size_t kWidthIfUnknown = 100;
  return {.color = no_color == nullptr || *no_color == '\0', .width = known ? size.ws_col : kWidthIfUnknown};
}

std::string Colored(std::string text, std::string_view code, const Options& options) {
  return options.color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::move(text);
}

}  // namespace nightjar::terminal
