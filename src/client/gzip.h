#pragma once

#include <string>
#include <string_view>

namespace nightjar::client {

// One gzip member (RFC 1952), at the compression level that exporters use by default.
std::string Gzip(std::string_view bytes);

}  // namespace nightjar::client
