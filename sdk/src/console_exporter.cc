#include "console_exporter.h"

#include <time.h>

#include <array>
#include <cinttypes>
#include <cstdio>

#include "utf8.h"

namespace nightjar {
namespace sdk {
namespace {

constexpr std::size_t kValueCharactersMax = 200;

template <typename... Arguments>
std::string Format(const char* format, Arguments... arguments) {
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), format, arguments...);
  return text.data();
}

std::string TimeOfDay(std::uint64_t unix_ns) {
  const auto seconds = static_cast<time_t>(unix_ns / 1'000'000'000);
  tm utc{};
  gmtime_r(&seconds, &utc);
  return Format("%02d:%02d:%02d.%06d", utc.tm_hour, utc.tm_min, utc.tm_sec,
                static_cast<int>(unix_ns % 1'000'000'000 / 1'000));
}

std::string OneLine(std::string_view text) {
  std::string scratch;
  std::string line(CleanUtf8(text, kValueCharactersMax, scratch));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';  // no terminal control either
  }
  if (line.size() < text.size()) line += "...";
  return line;
}

struct Formatter {
  std::string operator()(std::monostate /*empty*/) const { return ""; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return Format("%" PRId64, value); }
  std::string operator()(double value) const { return Format("%.17g", value); }
  std::string operator()(const std::string& value) const { return OneLine(value); }
  std::string operator()(const std::vector<std::byte>& value) const { return Format("%zu bytes", value.size()); }
  std::string operator()(const std::vector<OwnedValue>& list) const {
    std::string text;
    for (const OwnedValue& item : list) text += (text.empty() ? "" : ", ") + std::visit(*this, item.value);
    return "[" + text + "]";
  }
  std::string operator()(const OwnedAttributes& map) const {
    std::string text;
    for (const auto& [key, item] : map) {
      text += (text.empty() ? "" : ", ") + OneLine(key) + ": " + std::visit(*this, item.value);
    }
    return "{" + text + "}";
  }
};

std::string FormatAttributes(const OwnedAttributes& attributes, const char* indent) {
  std::string text;
  for (const auto& [key, value] : attributes) {
    text += indent + OneLine(key) + " = " + std::visit(Formatter(), value.value) + "\n";
  }
  return text;
}

std::string FormatStatus(const SpanRecord& span) {
  if (span.status == SpanStatus::kUnset) return "";
  const std::string description = span.status_description.empty() ? "" : ": " + OneLine(span.status_description);
  return (span.status == SpanStatus::kError ? " ERROR" : " OK") + description;
}

class Console final : public SpanExporter {
 public:
  ExportResult Export(const SpanBatch& batch) override {
    std::string text;
    for (const ReadableSpan& span : batch.spans()) text += FormatSpan(span.Read());
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
    return {.exported = batch.count()};
  }
  void Cancel() noexcept override {}
};

}  // namespace

std::string FormatSpan(const SpanRecord& span) {
  std::string ids = " trace=" + span.context.trace_id_hex() + " span=" + span.context.span_id_hex();
  if (span.parent_span_id != SpanId{}) ids += " parent=" + SpanContext{.span_id = span.parent_span_id}.span_id_hex();
  const auto duration = static_cast<std::int64_t>(span.end_unix_ns - span.start_unix_ns);
  std::string text = TimeOfDay(span.start_unix_ns) + " " + OneLine(span.name) +
                     Format(" %.3fms", static_cast<double>(duration) / 1e6) + FormatStatus(span) + ids + "\n";
  text += FormatAttributes(span.attributes, "    ");
  for (const SpanRecord::Event& event : span.events) {
    text += "  * " + TimeOfDay(event.time_unix_ns) + " " + OneLine(event.name) + "\n";
    text += FormatAttributes(event.attributes, "      ");
  }
  for (const SpanRecord::Link& link : span.links) {
    text += "  > trace=" + link.context.trace_id_hex() + " span=" + link.context.span_id_hex() + "\n";
    text += FormatAttributes(link.attributes, "      ");
  }
  return text;
}

}  // namespace sdk

std::unique_ptr<SpanExporter> ConsoleExporter() noexcept try { return std::make_unique<sdk::Console>(); } catch (...) {
  return nullptr;
}

}  // namespace nightjar
