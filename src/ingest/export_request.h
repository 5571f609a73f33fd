// One OTLP export request: decoded on arrival, so that its sender is told what is wrong with it, and again when its
// rows are made from the journal.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "model/log_record.h"
#include "model/metric.h"
#include "model/span.h"
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

// What can be stored of a request, with its projects; may be empty.
using Telemetry = std::variant<model::SpanBatch, model::LogBatch, model::MetricBatch>;

struct DecodedRequest {
  Telemetry telemetry;
  Acknowledgement acknowledgement;
};

// All that rows are made of.
struct Entry {
  UnixNanos received_unix_ns = 0;
  Telemetry telemetry;
};

// How spans are understood and priced; summaries[i] is that of batch.spans[i]. `logs` are their log records, by
// project, trace and span.
std::vector<model::SpanSummary> SummarizeBatch(const model::SpanBatch& batch, const pricing::PriceBook& prices,
                                               std::span<const model::LogRecord> logs = {});

// kInvalidArgument, kResourceExhausted: nothing of it can be used.
Result<DecodedRequest> DecodeRequest(const ExportRequest& request);

// Rows that it will make.
std::size_t CountRows(const Telemetry& telemetry);
// The traces that it belongs to, each at least once.
std::vector<TraceId> TracesOf(const Telemetry& telemetry);

// The journal's payload, decoded: equal to what was decoded on arrival. Errors are those of DecodePayload and
// DecodeRequest.
Result<Entry> DecodeEntry(std::string_view payload);

// Understands, prices and cuts a request: the same entry and prices give the same rows, now and after a restart.
store::RowBatch MakeRows(Entry entry, const store::SegmentKey& key, const pricing::PriceBook& prices);

}  // namespace nightjar::ingest
