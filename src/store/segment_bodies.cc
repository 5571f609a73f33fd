#include "store/segment_bodies.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <tuple>

#include "store/native_writer.h"

namespace nightjar::store {
namespace {

// Of one statement. They go into its URL, about 90 bytes each.
constexpr std::size_t kAddressesMax = 2'000;

struct SegmentAddress {
  UInt128 scope;
  UInt128 hash;
  bool operator==(const SegmentAddress&) const = default;
};

// The order of the table.
auto OrderOf(const SegmentAddress& address) {
  return std::tuple(address.scope.high, address.scope.low, address.hash.high, address.hash.low);
}

std::vector<SegmentAddress> AddressesIn(const std::vector<NativeBlock>& spans) {
  std::vector<SegmentAddress> addresses;
  for (const NativeBlock& block : spans) {
    const NativeColumn& scopes = block.Named("segment_scope");
    const NativeColumn& segments = block.Named("segments");
    for (std::size_t row = 0; row < block.rows; ++row)
      for (std::size_t i = segments.begin(row); i < segments.end(row); ++i)
        addresses.push_back({scopes.Fixed<UInt128>(row), segments.item_column(0).Fixed<UInt128>(i)});
  }
  std::ranges::sort(addresses, {}, OrderOf);
  const auto copies = std::ranges::unique(addresses);
  addresses.erase(copies.begin(), copies.end());
  return addresses;
}

unsigned __int128 NumberOf(const UInt128& value) {
  return static_cast<unsigned __int128>(value.high) << 64 | value.low;
}

// The text form of Array(Tuple(UInt128, UInt128)).
std::string PairsText(std::span<const SegmentAddress> addresses) {
  std::string text = "[";
  for (const SegmentAddress& address : addresses)
    fmt::format_to(std::back_inserter(text), "{}({},{})", text.size() > 1 ? "," : "", NumberOf(address.scope),
                   NumberOf(address.hash));
  return text + "]";
}

}  // namespace

Result<std::string> SelectBodies(ClickHouse& clickhouse, const std::vector<NativeBlock>& spans, QueryOptions options) {
  const std::vector<SegmentAddress> addresses = AddressesIn(spans);
  std::string bodies;
  for (std::span<const SegmentAddress> rest = addresses; !rest.empty();) {
    const std::size_t count = std::min(rest.size(), kAddressesMax);
    const std::vector<QueryParam> params = {{"segments", PairsText(rest.first(count)), ParamForm::kLiteral}};
    ASSIGN_OR_RETURN(const std::string some,
                     clickhouse.Select("SELECT hash, body FROM nightjar.segments WHERE (scope, hash) IN "
                                       "{segments:Array(Tuple(UInt128, UInt128))} LIMIT 1 BY scope, hash",
                                       params, options));
    bodies += some;
    options.result_bytes_max -= some.size();
    rest = rest.subspan(count);
  }
  return bodies;
}

}  // namespace nightjar::store
