// A trace with its spans as the API's JSON text, {"trace":{…},"spans":[…]}, made piece by piece: a trace may be larger
// than what should lie in memory for one client.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/span.h"
#include "pricing/price_book.h"
#include "server/agent_instructions.h"
#include "server/trace_json.h"
#include "store/annotations.h"
#include "store/clickhouse.h"
#include "store/log_reader.h"
#include "store/span_reader.h"
#include "store/trace_list.h"

namespace nightjar::server {

struct StoredTrace {
  store::TraceSummary summary;
  store::TraceIndex index;                // not empty
  std::optional<model::SpanBatch> spans;  // all of them, where they were read at once
  store::TraceLogs logs;
  std::vector<store::Annotation> annotations;
  AgentInstructions instructions;
  bool without_spans = false;                // they are null in the text
  std::size_t text_bytes_max = kWholeTexts;  // of the spans
};

// One thread at a time.
class TraceText {
 public:
  // `prices` are those of every piece; others own them too. REQUIRES: `clickhouse` outlives the text
  TraceText(store::ClickHouse& clickhouse, store::QueryOptions options, StoredTrace trace,
            std::shared_ptr<const pricing::PriceBook> prices);

  // The first piece, with what is said of the trace; the others, each with as many spans as fit; empty at the end.
  Result<std::string> First();
  Result<std::string> Next();
  [[nodiscard]] bool ended() const { return trace_.without_spans || next_ == trace_.index.spans.size(); }

 private:
  Result<model::SpanBatch> TakePage();
  Result<model::SpanBatch> ReadPage();

  store::ClickHouse& clickhouse_;
  const store::QueryOptions options_;
  StoredTrace trace_;
  const std::shared_ptr<const pricing::PriceBook> prices_;
  std::size_t next_ = 0;  // of trace_.index.spans
  std::size_t page_spans_;
  bool begun_ = false;  // a span was written
};

}  // namespace nightjar::server
