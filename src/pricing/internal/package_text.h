// The data package's prices, as tools/convert_prices.py wrote them into the program.
#pragma once

#include <string_view>

namespace nightjar::pricing::internal {

std::string_view PackageText();  // JSON, for ReadPriceTable

}  // namespace nightjar::pricing::internal
