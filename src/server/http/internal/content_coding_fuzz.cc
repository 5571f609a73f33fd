// Any bytes, taken for each coding: Decode must end, stay within its limit and give back what it was charged.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/check.h"
#include "server/http/internal/content_coding.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace nightjar::server::internal;
  constexpr std::size_t kOutputBytesMax = 1 << 20;
  const auto budget = std::make_shared<ByteBudget>(kOutputBytesMax);
  for (const ContentCoding coding : {ContentCoding::kGzip, ContentCoding::kDeflate, ContentCoding::kZstd}) {
    ByteCharge charge(budget);
    const auto out = Decode(coding, {reinterpret_cast<const char*>(bytes), size}, kOutputBytesMax, charge);
    CHECK(charge.bytes() <= kOutputBytesMax);
    CHECK(!out || out->size() == charge.bytes());
  }
  CHECK(budget->TryTake(kOutputBytesMax));
  return 0;
}
