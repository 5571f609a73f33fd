#include "selfcheck/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <variant>

namespace nightjar::selfcheck {
namespace {

constexpr std::size_t kShownMax = 80;

const json::value kNull;

// The member, or null.
const json::value& Member(const json::object& of, std::string_view name) {
  const json::value* found = of.if_contains(name);
  return found == nullptr ? kNull : *found;
}

const json::value& Member(const json::value& of, std::string_view name) {
  return of.is_object() ? Member(of.get_object(), name) : kNull;
}

// Numbers of an attribute keep their type: 7 and 7.0 differ, 64-bit integers are exact.
bool Same(const model::Value& sent, const json::value& got);

struct SameAs {
  const json::value& got;

  bool operator()(std::monostate) const { return got.is_null(); }
  bool operator()(bool flag) const { return got.is_bool() && got.get_bool() == flag; }
  bool operator()(std::int64_t integer) const { return got.is_int64() && got.get_int64() == integer; }
  bool operator()(double number) const { return got.is_double() && got.get_double() == number; }
  bool operator()(const std::string& text) const { return got.is_string() && got.get_string() == text; }
  bool operator()(const model::Bytes&) const { return false; }         // never sent
  bool operator()(const model::KeyValueList&) const { return false; }  // never sent
  bool operator()(const model::Array& items) const {
    return got.is_array() && std::ranges::equal(items, got.get_array(), Same);
  }
};

bool Same(const model::Value& sent, const json::value& got) { return std::visit(SameAs{got}, sent.variant()); }

std::string Shown(const json::value& value) {
  std::string text = ToJson(value);
  if (text.size() > kShownMax) text = text.substr(0, kShownMax) + "…";
  return text;
}

json::value TextOrNull(const SpanId& id) { return id.IsZero() ? json::value() : json::value(id.ToHex()); }

// Collects what is wrong with one trace.
class Comparison {
 public:
  explicit Comparison(const TraceId& trace_id) : trace_(trace_id.ToHex()) {}

  void Add(Fault fault, const std::string& text) {
    findings_.push_back({fault, fmt::format("trace {}: {}", trace_, text)});
  }

  void Expect(Fault fault, const std::string& what, const json::value& wanted, const json::value& got) {
    if (wanted != got) Add(fault, fmt::format("{} is {} instead of {}", what, Shown(got), Shown(wanted)));
  }

  void CompareAttributes(const std::string& where, const model::Attributes& sent, const json::value& got) {
    for (const auto& [key, value] : sent)
      if (!Same(value, Member(got, key)))
        Add(Fault::kIncorrectResult, fmt::format("{} has {} = {}", where, key, Shown(Member(got, key))));
    const std::size_t count = got.is_object() ? got.get_object().size() : 0;
    if (count != sent.size())
      Add(Fault::kIncorrectResult, fmt::format("{} has {} attributes instead of {}", where, count, sent.size()));
  }

  void CompareSpan(const model::Span& sent, const model::Resource& resource, const json::value& got) {
    constexpr std::array kKinds = {"UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"};
    constexpr std::array kStatuses = {"UNSET", "OK", "ERROR"};
    const std::string where = "span " + sent.span_id.ToHex();
    const auto expect = [&](std::string_view name, const json::value& wanted, const json::value& found) {
      Expect(Fault::kIncorrectResult, fmt::format("{} of {}", name, where), wanted, found);
    };
    expect("name", json::value(sent.name), Member(got, "name"));
    expect("parent_span_id", TextOrNull(sent.parent_span_id), Member(got, "parent_span_id"));
    expect("otel_kind", kKinds.at(static_cast<std::size_t>(sent.kind)), Member(got, "otel_kind"));
    expect("start_unix_ns", json::value(std::to_string(sent.start_unix_ns)), Member(got, "start_unix_ns"));
    expect("end_unix_ns", json::value(std::to_string(sent.end_unix_ns)), Member(got, "end_unix_ns"));
    expect("status.code", kStatuses.at(static_cast<std::size_t>(sent.status)), Member(Member(got, "status"), "code"));
    if (!sent.status_message.empty())
      expect("status.message", json::value(sent.status_message), Member(Member(got, "status"), "message"));
    CompareAttributes(where, sent.attributes, Member(got, "attributes"));
    CompareAttributes("the resource of " + where, resource.attributes, Member(got, "resource"));
    CompareEvents(where, sent.events, Member(got, "events"));
  }

  void CompareEvents(const std::string& where, const std::vector<model::Event>& sent, const json::value& got) {
    const std::size_t count = got.is_array() ? got.get_array().size() : 0;
    if (count != sent.size())
      return Add(Fault::kIncorrectResult, fmt::format("{} has {} events instead of {}", where, count, sent.size()));
    for (std::size_t i = 0; i < count; ++i) {
      const json::value& event = got.get_array()[i];
      Expect(Fault::kIncorrectResult, "an event of " + where, json::value(sent[i].name), Member(event, "name"));
      CompareAttributes("an event of " + where, sent[i].attributes, Member(event, "attributes"));
    }
  }

  std::vector<Finding> Take() { return std::move(findings_); }

 private:
  const std::string trace_;
  std::vector<Finding> findings_;
};

// The sum over the trace's spans; null when none has the attribute.
json::value SumOf(const model::SpanBatch& trace, std::string_view key) {
  json::value sum;
  for (const model::Span& span : trace.spans) {
    const model::Value* value = model::Find(span.attributes, key);
    if (value == nullptr) continue;
    sum = (sum.is_null() ? 0 : sum.get_int64()) + *value->As<std::int64_t>();
  }
  return sum;
}

}  // namespace

std::string_view ToString(Fault fault) {
  constexpr std::array<std::string_view, kFaultCount> kNames = {"not_found_by_id", "missing_spans", "incorrect_result",
                                                                "not_in_list",     "not_in_search", "wrong_aggregate",
                                                                "request_failed"};
  return kNames.at(static_cast<std::size_t>(fault));
}

std::vector<Finding> CompareTrace(const model::SpanBatch& sent, const json::object& answer) {
  Comparison comparison(sent.spans.at(0).trace_id);
  std::multimap<std::string, const json::value*> got;
  const json::value& spans = Member(answer, "spans");
  if (spans.is_array()) {
    for (const json::value& span : spans.get_array()) {
      const json::value& id = Member(span, "span_id");
      got.emplace(id.is_string() ? std::string(id.get_string()) : "without an id", &span);
    }
  }
  std::vector<std::string> missing;
  for (const model::Span& span : sent.spans) {
    const auto found = got.find(span.span_id.ToHex());
    if (found == got.end()) {
      missing.push_back(span.span_id.ToHex());
      continue;
    }
    comparison.CompareSpan(span, sent.resource_of(span), *found->second);
    got.erase(found);
  }
  if (!missing.empty())
    comparison.Add(Fault::kMissingSpans,
                   fmt::format("{} of {} spans are missing, one is {}", missing.size(), sent.spans.size(), missing[0]));
  for (const auto& [id, span] : got)
    comparison.Add(Fault::kIncorrectResult, fmt::format("span {} was not sent, or is there twice", id));
  return comparison.Take();
}

std::vector<Finding> CompareSummary(const model::SpanBatch& sent, const json::object& row) {
  const model::Span& root = sent.spans.at(0);
  Comparison comparison(root.trace_id);
  UnixNanos start = root.start_unix_ns, end = root.end_unix_ns;
  for (const model::Span& span : sent.spans) {
    start = std::min(start, span.start_unix_ns);
    end = std::max(end, span.end_unix_ns);
  }
  const auto errors = std::ranges::count(sent.spans, model::StatusCode::kError, &model::Span::status);
  const auto expect = [&](Fault fault, std::string_view name, const json::value& wanted, const json::value& found) {
    comparison.Expect(fault, fmt::format("{} in its row", name), wanted, found);
  };
  expect(Fault::kIncorrectResult, "name", json::value(root.name), Member(row, "name"));
  expect(Fault::kIncorrectResult, "root_span_id", json::value(root.span_id.ToHex()), Member(row, "root_span_id"));
  expect(Fault::kWrongAggregate, "start_unix_ns", json::value(std::to_string(start)), Member(row, "start_unix_ns"));
  expect(Fault::kWrongAggregate, "end_unix_ns", json::value(std::to_string(end)), Member(row, "end_unix_ns"));
  expect(Fault::kWrongAggregate, "span_count", json::value(sent.spans.size()), Member(row, "span_count"));
  expect(Fault::kWrongAggregate, "error_count", json::value(errors), Member(row, "error_count"));
  for (const char* kind : {"prompt", "completion", "total"})
    expect(Fault::kWrongAggregate, fmt::format("tokens.{}", kind), SumOf(sent, fmt::format("llm.token_count.{}", kind)),
           Member(Member(row, "tokens"), kind));
  return comparison.Take();
}

}  // namespace nightjar::selfcheck
