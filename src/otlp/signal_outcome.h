// What a decoder made of a request, in one form for all signals: for tests of the rules they share.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "otlp/internal/batch.h"

namespace nightjar::otlp {

struct Outcome {
  std::vector<model::Attributes> items;  // the attributes of each span, log record or point that was taken
  std::vector<model::Resource> resources;
  std::vector<model::Scope> scopes;
  std::uint64_t rejected = 0;
  std::uint64_t mended = 0;
  std::string first_reason;
  bool operator==(const Outcome&) const = default;
};

template <auto kDecoder>
Result<Outcome> Decode(std::string_view body) {
  auto decoded = kDecoder(body);
  if (!decoded) return Fail(decoded.error());
  Outcome outcome{.resources = decoded->batch.resources,
                  .scopes = decoded->batch.scopes,
                  .rejected = internal::RejectedItems(*decoded),
                  .mended = decoded->mended_strings,
                  .first_reason = decoded->first_reason};
  for (const auto& item : internal::Items(*decoded)) outcome.items.push_back(item.attributes);
  return outcome;
}

}  // namespace nightjar::otlp
