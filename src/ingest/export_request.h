// One OTLP export request, as it is understood on arrival and again when it is read back from the journal.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "otlp/encoding.h"
#include "otlp/signal.h"
#include "pricing/price_book.h"
#include "store/segment.h"
#include "store/span_row.h"

namespace nightjar::ingest {

constexpr std::size_t kProjectNameBytesMax = 256;
// A span that starts later than this after its arrival was made by a clock that is wrong.
constexpr std::chrono::minutes kClockAheadMax{10};
constexpr std::string_view kDefaultProject = "default";

struct ExportRequest {
  UnixNanos received_unix_ns = 0;
  otlp::Signal signal = otlp::Signal::kTraces;
  otlp::Encoding encoding = otlp::Encoding::kProtobuf;
  // The sender's choice; empty: the resource's openinference.project.name, else "default".
  std::string_view project;
  std::string_view body;
};

// The journal's payload (docs/formats/journal.md): the request as it came, so that reading it back needs nothing else.
std::string EncodePayload(const ExportRequest& request);
// Views into `payload`. kDataLoss when it is not one that EncodePayload made.
Result<ExportRequest> DecodePayload(std::string_view payload);

// Something is odd about a request that was taken: for whoever runs the sender.
struct Notice {
  std::string reason;
  std::string remedy;
};

// What the client is told. `message` is empty on full success; with `rejected` 0 it is a warning.
struct Acknowledgement {
  std::uint64_t rejected = 0;  // spans, log records or data points
  std::string message;
  std::optional<Notice> notice;  // the client is not told
};

struct ExportRows {
  store::RowBatch rows;  // may be empty
  Acknowledgement acknowledgement;
};

// How spans are understood and priced; summaries[i] is that of batch.spans[i].
std::vector<model::SpanSummary> SummarizeBatch(const model::SpanBatch& batch, const pricing::PriceBook& prices);

// Decodes, understands, prices and cuts the request to rows: the same request and prices give the same rows, now and
// after a restart. kInvalidArgument, kResourceExhausted: nothing of it can be used.
Result<ExportRows> ReadRequest(const ExportRequest& request, const store::SegmentKey& key,
                               const pricing::PriceBook& prices);

}  // namespace nightjar::ingest
