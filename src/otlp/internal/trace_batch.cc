#include "otlp/internal/trace_batch.h"

#include <fmt/format.h>

#include <unordered_map>
#include <vector>

namespace nightjar::otlp::internal {
namespace {

// Up to about this size, comparing every pair is cheaper than hashing every key.
constexpr std::size_t kPairwiseMax = 32;

bool HasEqualKeys(const model::Attributes& attributes) {
  for (std::size_t i = 1; i < attributes.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (attributes[i].key == attributes[k].key) return true;
  return false;
}

}  // namespace

std::uint32_t TraceBatch::AddResource() {
  CountValue();
  decoded_.batch.resources.emplace_back();
  return static_cast<std::uint32_t>(decoded_.batch.resources.size() - 1);
}

std::uint32_t TraceBatch::AddScope() {
  CountValue();
  decoded_.batch.scopes.emplace_back();
  return static_cast<std::uint32_t>(decoded_.batch.scopes.size() - 1);
}

void TraceBatch::RejectSince(Place place, std::string reason) {
  const std::size_t spans = decoded_.batch.spans.size() - place.spans;
  if (reason.empty() || spans == 0) return;
  decoded_.batch.spans.resize(place.spans);
  Reject(spans, std::move(reason));
}

void TraceBatch::ForgetSince(Place place) {
  decoded_.batch.spans.resize(place.spans);
  decoded_.rejected_spans = place.rejected_spans;
  if (decoded_.rejected_spans == 0) decoded_.first_reason.clear();
}

void TraceBatch::Reject(std::uint64_t spans, std::string reason) {
  if (decoded_.rejected_spans == 0) decoded_.first_reason = std::move(reason);
  decoded_.rejected_spans += spans;
}

void CheckValueDepth(int depth) {
  if (depth > model::kValueDepthMax)
    throw Rejected{fmt::format("an attribute value is nested deeper than {} levels", model::kValueDepthMax)};
}

void CheckRoom(std::size_t earlier, std::size_t max, std::string_view what) {
  if (earlier >= max) throw Rejected{fmt::format("more than {} {}", max, what)};
}

void CheckIdsAreSet(const model::Span& span) {
  if (span.trace_id.IsZero()) throw Rejected{"trace_id is all zero"};
  if (span.span_id.IsZero()) throw Rejected{"span_id is all zero"};
}

void KeepLastOfDuplicates(model::Attributes& attributes) {
  if (attributes.size() <= kPairwiseMax && !HasEqualKeys(attributes)) return;
  std::unordered_map<std::string_view, std::size_t> place_of;
  place_of.reserve(attributes.size());
  std::vector<bool> repeats(attributes.size());
  for (std::size_t i = 0; i < attributes.size(); ++i) {
    const auto [place, is_new] = place_of.try_emplace(attributes[i].key, i);
    if (is_new) continue;
    attributes[place->second].value = std::move(attributes[i].value);
    repeats[i] = true;
  }
  std::size_t i = 0;
  std::erase_if(attributes, [&](const model::Attribute&) { return repeats[i++]; });
}

Error OverTheValueLimit() {
  return {ErrorCode::kResourceExhausted,
          fmt::format("the request holds more than {} values; send smaller batches", kRequestValuesMax)};
}

}  // namespace nightjar::otlp::internal
