// Headers as any sender may write them: "name: value" lines, read by every propagator. What was read of a span and of
// baggage is written, and read again, without a change.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "nightjar/baggage.h"
#include "nightjar/propagation.h"

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

nightjar::HeaderCarrier HeadersOf(std::string_view text) {
  nightjar::HeaderCarrier carrier;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t colon = line.find(": ");
    if (colon != std::string_view::npos)
      carrier.Add(std::string(line.substr(0, colon)), std::string(line.substr(colon + 2)));
  }
  return carrier;
}

std::string BaggageOf(const nightjar::Context& context) {
  const nightjar::Baggage* const baggage = context.Find(nightjar::kBaggage);
  return baggage == nullptr ? "" : baggage->header();
}

void ReadWriteAndReadAgain(const nightjar::Propagator& propagator, const nightjar::Carrier& headers) {
  const nightjar::Context read = propagator.Extract(headers);
  nightjar::HeaderCarrier written;
  propagator.Inject(read, written);
  const nightjar::Context again = propagator.Extract(written);
  Check(again.span().trace_id == read.span().trace_id && again.span().span_id == read.span().span_id);
  Check(again.span().sampled == read.span().sampled && again.span().trace_state == read.span().trace_state);
  Check(BaggageOf(again) == BaggageOf(read));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const nightjar::PropagatorPtr all[] = {
      nightjar::TraceContextPropagator(), nightjar::BaggagePropagator(), nightjar::B3Propagator(),
      nightjar::B3MultiPropagator(),
      nightjar::CompositePropagator({nightjar::TraceContextPropagator(), nightjar::BaggagePropagator()})};
  const nightjar::HeaderCarrier headers = HeadersOf({reinterpret_cast<const char*>(bytes), size});
  for (const nightjar::PropagatorPtr& propagator : all) ReadWriteAndReadAgain(*propagator, headers);
  return 0;
}
