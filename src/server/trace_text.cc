#include "server/trace_text.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/json.h"
#include "store/whole_trace.h"

namespace nightjar::server {
TraceText::TraceText(store::ClickHouse& clickhouse, store::QueryOptions options, StoredTrace trace,
                     std::shared_ptr<const pricing::PriceBook> prices)
    : clickhouse_(clickhouse),
      options_(std::move(options)),
      trace_(std::move(trace)),
      prices_(std::move(prices)),
      page_spans_(store::kPageSpansMax) {}

Result<std::string> TraceText::First() {
  const std::string head =
      "{\"trace\":" + ToJson(TraceHead(trace_.summary, trace_.index, trace_.logs, trace_.annotations)) + ",\"spans\":";
  if (trace_.without_spans) return head + "null}";
  ASSIGN_OR_RETURN(const std::string spans, Next());
  return head + '[' + spans;
}

Result<std::string> TraceText::Next() {
  if (ended()) return std::string();
  std::string text;
  while (text.empty() && !ended()) {  // what was deleted since leaves a page empty
    ASSIGN_OR_RETURN(const model::SpanBatch batch, TakePage());
    for (const model::Span& span : batch.spans) {
      if (std::exchange(begun_, true)) text += ',';
      text +=
          SpanText(batch, span, {trace_.logs.batch, trace_.annotations, trace_.summary.repeats, trace_.instructions},
                   *prices_, trace_.text_bytes_max);
    }
  }
  if (ended()) text += "]}";
  return text;
}

Result<model::SpanBatch> TraceText::TakePage() {
  if (!trace_.spans) return ReadPage();
  next_ = trace_.index.spans.size();
  return *std::exchange(trace_.spans, std::nullopt);
}

// A page whose rows have more bytes is read again with half as many spans, down to a single one.
Result<model::SpanBatch> TraceText::ReadPage() {
  while (true) {
    store::QueryOptions options = options_;
    if (page_spans_ > 1) options.result_bytes_max = store::kPageBytesMax;
    const std::size_t end = std::min(next_ + page_spans_, trace_.index.spans.size());
    Result<model::SpanBatch> batch = store::SpanReader(clickhouse_, options).ReadSpans(trace_.index, next_, end);
    if (batch) next_ = end;
    if (batch || page_spans_ == 1 || batch.error().code != ErrorCode::kResourceExhausted) return batch;
    page_spans_ = std::min(page_spans_, end - next_) / 2;
    if (page_spans_ == 0) page_spans_ = 1;
  }
}

}  // namespace nightjar::server
