// Where batches of finished spans go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace nightjar::sdk {

// Finished spans, encoded: kSpans fields of a ScopeSpans, one after the other.
struct SpanBatch {
  std::string spans;
  std::size_t count = 0;
};

struct ExportResult {
  std::uint64_t exported = 0;
  std::uint64_t failed = 0;
  std::string error;  // set when failed > 0
};

class Exporter {
 public:
  Exporter() = default;
  Exporter(const Exporter&) = delete;
  Exporter& operator=(const Exporter&) = delete;
  virtual ~Exporter() = default;

  // Blocks until the batch is delivered or given up. Called by one thread.
  virtual ExportResult Export(const SpanBatch& batch) = 0;

  // Makes a running Export, and every later one, return soon. Called from any thread.
  virtual void Cancel() noexcept = 0;
};

}  // namespace nightjar::sdk
