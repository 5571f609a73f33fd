// Text on its way to a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace nightjar::terminal {

// What a terminal would obey or hide is spelled out: control characters as \x1b, characters that change the direction
// of text as \u202e.
std::string Harmless(std::string_view text);

// How many columns it takes: wide characters take two, combining ones none. REQUIRES: Harmless has made it.
std::size_t Width(std::string_view text);

// Cut to `width` columns, with … in place of what is cut, or filled up with spaces.
std::string Fitted(std::string_view text, std::size_t width);

// 1,234,567
std::string Grouped(std::uint64_t number);
// 412 ns, 1.5 ms, 2.35 s, 3 min 7 s, 2 h 5 min
std::string Duration(std::int64_t nanoseconds);

struct Options {
  bool color = false;
  std::size_t width = 0;  // 0: no end of the line
};
// Of standard output; NO_COLOR (no-color.org) is honoured.
Options OfStdout();

// In the colour of an SGR code such as "31", if there are colours.
std::string Colored(std::string text, std::string_view code, const Options& options);

}  // namespace nightjar::terminal
