#include "console_exporter.h"

#include <time.h>

#include <array>
#include <cinttypes>
#include <cstdio>
#include <protozero/pbf_reader.hpp>

#include "encode.h"
#include "utf8.h"

namespace nightjar::sdk {
namespace {

using protozero::data_view;
using protozero::pbf_reader;

constexpr std::size_t kValueCharactersMax = 200;

template <typename... Arguments>
std::string Format(const char* format, Arguments... arguments) {
  std::array<char, 96> text{};
  std::snprintf(text.data(), text.size(), format, arguments...);
  return text.data();
}

std::string Hex(data_view bytes) {
  std::string hex;
  for (const char c : std::string_view(bytes.data(), bytes.size())) {
    hex += Format("%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return hex;
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

std::string FormatValue(data_view any) {
  pbf_reader value(any);
  std::string text;
  while (value.next()) {
    switch (value.tag()) {
      case field::kStringValue: text = OneLine(value.get_string()); break;
      case field::kBoolValue: text = value.get_bool() ? "true" : "false"; break;
      case field::kIntValue: text = Format("%" PRId64, value.get_int64()); break;
      case field::kDoubleValue: text = Format("%.17g", value.get_double()); break;
      case field::kArrayValue: {
        pbf_reader items = value.get_message();
        while (items.next(field::kArrayItem)) text += (text.empty() ? "" : ", ") + FormatValue(items.get_view());
        text = "[" + text + "]";
        break;
      }
      default: value.skip();
    }
  }
  return text;
}

std::string FormatKeyValue(data_view bytes) {
  pbf_reader key_value(bytes);
  std::string key;
  std::string value;
  while (key_value.next()) {
    if (key_value.tag() == field::kKey) {
      key = OneLine(key_value.get_string());
    } else {
      value = FormatValue(key_value.get_view());
    }
  }
  return key + " = " + value + "\n";
}

std::string FormatEvent(data_view bytes) {
  pbf_reader event(bytes);
  std::string head;
  std::string attributes;
  while (event.next()) {
    switch (event.tag()) {
      case field::kEventTime: head += TimeOfDay(event.get_fixed64()) + " "; break;
      case field::kEventName: head += OneLine(event.get_string()); break;
      case field::kEventAttributes: attributes += "      " + FormatKeyValue(event.get_view()); break;
      default: event.skip();
    }
  }
  return "  * " + head + "\n" + attributes;
}

std::string FormatStatus(data_view bytes) {
  pbf_reader status(bytes);
  std::string code;
  std::string message;
  while (status.next()) {
    if (status.tag() == field::kStatusCode) {
      code = status.get_uint32() == 2 ? " ERROR" : " OK";
    } else {
      message = ": " + OneLine(status.get_string());
    }
  }
  return code + message;
}

}  // namespace

std::string FormatSpan(std::string_view bytes) {
  pbf_reader span(bytes.data(), bytes.size());
  std::string name;
  std::string ids;
  std::string status;
  std::string details;
  std::uint64_t start = 0;
  std::uint64_t end = 0;
  while (span.next()) {
    switch (span.tag()) {
      case field::kTraceId: ids += " trace=" + Hex(span.get_view()); break;
      case field::kSpanId: ids += " span=" + Hex(span.get_view()); break;
      case field::kParentSpanId: ids += " parent=" + Hex(span.get_view()); break;
      case field::kName: name = OneLine(span.get_string()); break;
      case field::kStartTime: start = span.get_fixed64(); break;
      case field::kEndTime: end = span.get_fixed64(); break;
      case field::kAttributes: details += "    " + FormatKeyValue(span.get_view()); break;
      case field::kEvents: details += FormatEvent(span.get_view()); break;
      case field::kStatus: status = FormatStatus(span.get_view()); break;
      default: span.skip();
    }
  }
  const std::string duration = Format(" %.3fms", static_cast<double>(end - start) / 1e6);
  return TimeOfDay(start) + " " + name + duration + status + ids + "\n" + details;
}

ExportResult ConsoleExporter::Export(const SpanBatch& batch) {
  std::string text;
  pbf_reader scope_spans(batch.spans);
  while (scope_spans.next(field::kSpans)) {
    const data_view span = scope_spans.get_view();
    text += FormatSpan({span.data(), span.size()});
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  return {.exported = batch.count, .failed = 0, .error = {}};
}

}  // namespace nightjar::sdk
