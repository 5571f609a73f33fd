// What the two encodings of a trace request share: the limits, the rules for ids and keys, and the batch that grows
// while a request is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "otlp/decode_traces.h"

namespace nightjar::otlp::internal {

// Thrown inside this module only: the part being read breaks a limit or a rule, and is rejected with its span.
struct Rejected {
  std::string reason;
};
// Thrown inside this module only: the request holds more than kRequestValuesMax.
struct TooManyValues {};

class TraceBatch {
 public:
  // A place in the batch: how many spans were taken and rejected before it.
  struct Place {
    std::size_t spans;
    std::uint64_t rejected_spans;
  };

  void CountValue() {
    if (++values_ > kRequestValuesMax) throw TooManyValues{};
  }
  void CountMendedString() { ++decoded_.mended_strings; }

  // Each adds an empty one and returns its index.
  std::uint32_t AddResource();
  std::uint32_t AddScope();
  model::Resource& resource(std::uint32_t index) { return decoded_.batch.resources[index]; }
  model::Scope& scope(std::uint32_t index) { return decoded_.batch.scopes[index]; }

  // Adds the span that `read(span)` fills, or counts it as rejected.
  template <typename Read>
  void AddSpan(std::uint32_t resource, std::uint32_t scope, Read read) {
    CountValue();
    model::Span span;
    span.resource = resource;
    span.scope = scope;
    std::string reason;
    Attempt(reason, [&] { read(span); });
    if (reason.empty()) {
      decoded_.batch.spans.push_back(std::move(span));
    } else {
      Reject(1, std::move(reason));
    }
  }

  [[nodiscard]] Place here() const { return {decoded_.batch.spans.size(), decoded_.rejected_spans}; }
  // Rejects the spans taken since `place`, if `reason` is not empty.
  void RejectSince(Place place, std::string reason);
  // As if nothing had come since `place`.
  void ForgetSince(Place place);

  // Runs `read`. If that is rejected and `reason` is empty, the reason goes there.
  template <typename Read>
  static void Attempt(std::string& reason, Read read) {
    try {
      read();
    } catch (Rejected& rejected) {
      if (reason.empty()) reason = std::move(rejected.reason);
    }
  }

  DecodedTraces Take() { return std::move(decoded_); }

 private:
  void Reject(std::uint64_t spans, std::string reason);

  DecodedTraces decoded_;
  std::size_t values_ = 0;
};

// All throw Rejected.
void CheckValueDepth(int depth);
// REQUIRES: `earlier` of at most `max` `what` are there already, and one more has come.
void CheckRoom(std::size_t earlier, std::size_t max, std::string_view what);
void CheckIdsAreSet(const model::Span& span);

// The last of equal keys wins, at the place of the first.
void KeepLastOfDuplicates(model::Attributes& attributes);

Error OverTheValueLimit();

}  // namespace nightjar::otlp::internal
