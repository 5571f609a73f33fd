// Writes spans to stdout for people: one line a span, one indented line for each event and attribute.
#pragma once

#include "exporter.h"

namespace nightjar::sdk {

class ConsoleExporter final : public Exporter {
 public:
  ExportResult Export(const SpanBatch& batch) override;
  void Cancel() noexcept override {}
};

// The text for one span, given as the bytes of an OTLP Span; ends with a line break.
std::string FormatSpan(std::string_view span);

}  // namespace nightjar::sdk
