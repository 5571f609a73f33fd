#include "selfcheck/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <thread>
#include <utility>

#include "base/now.h"
#include "client/gzip.h"
#include "client/otlp_writer.h"

namespace nightjar::selfcheck {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kFirstFindings = 10;
constexpr std::size_t kListPagesMax = 4;
constexpr auto kAskAgainAfter = std::chrono::milliseconds(100);

double SecondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::size_t CountSpans(const std::vector<model::SpanBatch>& traces) {
  return std::accumulate(traces.begin(), traces.end(), std::size_t{0},
                         [](std::size_t sum, const model::SpanBatch& trace) { return sum + trace.spans.size(); });
}

const json::array* RowsOf(const json::object& list) {
  const json::value* rows = list.if_contains("data");
  return rows == nullptr ? nullptr : rows->if_array();
}

std::string TextOf(const json::object& object, std::string_view name) {
  const json::value* text = object.if_contains(name);
  return text != nullptr && text->is_string() ? std::string(text->get_string()) : std::string();
}

Result<std::int64_t> NumberOf(const json::object& object, std::string_view name) {
  const json::value* number = object.if_contains(name);
  if (number == nullptr || !number->is_int64()) return Fail(ErrorCode::kDataLoss, fmt::format("{} is no number", name));
  return number->get_int64();
}

Finding Failed(const std::string& why) { return {Fault::kRequestFailed, why}; }

}  // namespace

bool RoundReport::ok() const {
  return std::ranges::all_of(faults, [](std::size_t count) { return count == 0; });
}

Checker::Checker(CheckOptions options)
    : options_(std::move(options)),
      project_path_("/api/v1/projects/" + client::PercentEncode(options_.project)),
      api_(options_.url, options_.headers),
      otlp_(options_.otlp_url.empty() ? options_.url : options_.otlp_url, options_.headers) {
  if (!options_.grpc.empty()) grpc_.emplace(options_.grpc);
}

RoundReport Checker::Round(std::uint64_t seed) {
  const auto start = Clock::now();
  const SeededTraces made = MakeTraces(seed, options_.traces, Now());
  report_ = {.seed = seed, .traces = made.traces.size(), .spans = CountSpans(made.traces)};
  std::optional<Totals> before;
  if (const Result<Totals> totals = ReadTotals()) {
    before = *totals;
  } else {
    Add(Failed(totals.error().message));
  }
  Send(made.requests);
  // What a refused request would have held is not expected, and after a failure nobody knows what was stored.
  if (report_.faults.at(static_cast<std::size_t>(Fault::kRequestFailed)) == 0) {
    CheckById(made.traces);
    CheckLists(made, before);
  }
  report_.seconds = SecondsSince(start);
  return std::move(report_);
}

void Checker::Send(const std::vector<model::SpanBatch>& requests) {
  for (std::size_t i = 0; i <= requests.size(); ++i) {
    // One is sent twice, as a client does that missed the answer: it must not count twice.
    const std::string body = client::WriteOtlp(requests[i % requests.size()]);
    const auto start = Clock::now();
    const Result<void> sent = Export(body, i);
    report_.ack_ms_max = std::max(report_.ack_ms_max, SecondsSince(start) * 1e3);
    ++report_.requests;
    if (!sent) Add(Failed(sent.error().message));
  }
}

// The transports take turns: plain, gzip, gRPC.
Result<void> Checker::Export(const std::string& body, std::size_t number) {
  const std::size_t way = number % (grpc_ ? 3 : 2);
  std::string response;
  if (way == 2) {
    ASSIGN_OR_RETURN(response, grpc_->Export(body, options_.project));
  } else {
    std::vector<std::string> headers = {"content-type: application/x-protobuf", "x-project-name: " + options_.project};
    if (way == 1) headers.emplace_back("content-encoding: gzip");
    ASSIGN_OR_RETURN(const client::HttpAnswer answer,
                     otlp_.Post("/v1/traces", way == 1 ? client::Gzip(body) : body, headers));
    if (answer.status != 200)
      return Fail(ErrorCode::kUnavailable, fmt::format("POST /v1/traces was answered {}", answer.status));
    response = answer.body;
  }
  // A full success is an empty message; anything else is a partial success.
  if (!response.empty()) return Fail(ErrorCode::kInternal, "an export was refused in part, or changed");
  return {};
}

void Checker::CheckById(const std::vector<model::SpanBatch>& traces) {
  for (const model::SpanBatch& trace : traces) {
    const std::string id = trace.spans.at(0).trace_id.ToHex();
    const std::string target = project_path_ + "/traces/" + id;
    const Result<client::HttpAnswer> answer = api_.Get(target);
    if (!answer) {
      Add(Failed(answer.error().message));
    } else if (answer->status == 404) {
      Add(Finding{Fault::kNotFoundById, fmt::format("trace {}: was acknowledged and is not found", id)});
    } else if (answer->status != 200) {
      Add(Failed(fmt::format("GET {} was answered {}", target, answer->status)));
    } else if (const auto value = ParseJson(answer->body); !value || !value->is_object()) {
      Add(Finding{Fault::kIncorrectResult, fmt::format("trace {}: the answer is not a JSON object", id)});
    } else {
      Add(CompareTrace(trace, value->get_object()));
      const json::value* summary = value->get_object().if_contains("trace");
      Add(CompareSummary(trace, summary != nullptr && summary->is_object() ? summary->get_object() : json::object()));
    }
  }
}

void Checker::CheckLists(const SeededTraces& made, const std::optional<Totals>& before) {
  const auto deadline = Clock::now() + options_.patience;
  for (;;) {
    std::vector<Finding> wrong;
    const auto collect = [&](const Result<std::vector<Finding>>& compared) {
      if (compared) {
        wrong.insert(wrong.end(), compared->begin(), compared->end());
      } else {
        wrong.push_back(Failed(compared.error().message));
      }
    };
    collect(CompareList(made.traces));
    if (before) collect(CompareTotals(made.traces, *before));
    if (wrong.empty()) collect(CompareSearch(made));  // a question for each trace: only when all may be there
    if (wrong.empty() || Clock::now() >= deadline) return Add(wrong);
    std::this_thread::sleep_for(kAskAgainAfter);
  }
}

Result<std::vector<Finding>> Checker::CompareList(const std::vector<model::SpanBatch>& traces) {
  std::map<std::string, const model::SpanBatch*> wanted;
  for (const model::SpanBatch& trace : traces) wanted[trace.spans.at(0).trace_id.ToHex()] = &trace;
  std::vector<Finding> wrong;
  std::string cursor;
  for (std::size_t page = 0; page < kListPagesMax && !wanted.empty(); ++page) {
    const std::string position = cursor.empty() ? "" : "&cursor=" + client::PercentEncode(cursor);
    ASSIGN_OR_RETURN(const json::object list, api_.GetObject(project_path_ + "/traces?limit=500" + position));
    const json::array* rows = RowsOf(list);
    if (rows == nullptr) return Fail(ErrorCode::kDataLoss, "the list of traces has no data");
    for (const json::value& row : *rows) {
      const auto found = row.is_object() ? wanted.find(TextOf(row.get_object(), "trace_id")) : wanted.end();
      if (found == wanted.end()) continue;
      const std::vector<Finding> compared = CompareSummary(*found->second, row.get_object());
      wrong.insert(wrong.end(), compared.begin(), compared.end());
      wanted.erase(found);
    }
    cursor = TextOf(list, "next_cursor");
    if (cursor.empty()) break;
  }
  for (const auto& [id, trace] : wanted)
    wrong.push_back({Fault::kNotInList, fmt::format("trace {}: is not in the list of its project", id)});
  return wrong;
}

Result<std::vector<Finding>> Checker::CompareSearch(const SeededTraces& made) {
  std::vector<Finding> wrong;
  for (std::size_t i = 0; i < made.traces.size(); ++i) {
    const std::string id = made.traces[i].spans.at(0).trace_id.ToHex();
    const std::string query = fmt::format("{0} attributes.check.mark:{0}", made.marks[i]);
    ASSIGN_OR_RETURN(const json::object list,
                     api_.GetObject(project_path_ + "/traces?limit=2&q=" + client::PercentEncode(query)));
    const json::array* rows = RowsOf(list);
    if (rows == nullptr) return Fail(ErrorCode::kDataLoss, "what a query found has no data");
    const bool found = std::ranges::any_of(
        *rows, [&](const json::value& row) { return row.is_object() && TextOf(row.get_object(), "trace_id") == id; });
    if (!found || rows->size() != 1)
      wrong.push_back(
          {Fault::kNotInSearch, fmt::format("trace {}: {}, {} traces were", id,
                                            found ? "was not found alone" : "was not found by a query", rows->size())});
  }
  return wrong;
}

Result<std::vector<Finding>> Checker::CompareTotals(const std::vector<model::SpanBatch>& traces, const Totals& before) {
  ASSIGN_OR_RETURN(const Totals after, ReadTotals());
  std::vector<Finding> wrong;
  const auto compare = [&](const char* name, std::int64_t got, std::size_t wanted) {
    if (got != static_cast<std::int64_t>(wanted))
      wrong.push_back(
          {Fault::kWrongAggregate, fmt::format("the project's {} rose by {} instead of {}", name, got, wanted)});
  };
  compare("trace_count", after.traces - before.traces, traces.size());
  compare("span_count", after.spans - before.spans, CountSpans(traces));
  std::size_t calls = 0;
  std::size_t prompt_tokens = 0;
  for (const model::SpanBatch& trace : traces) {
    for (const model::Span& span : trace.spans) {
      const model::Value* tokens = model::Find(span.attributes, "llm.token_count.prompt");
      if (tokens == nullptr) continue;
      ++calls;
      prompt_tokens += static_cast<std::size_t>(*tokens->As<std::int64_t>());
    }
  }
  compare("calls in its usage", after.calls - before.calls, calls);
  compare("prompt tokens in its usage", after.prompt_tokens - before.prompt_tokens, prompt_tokens);
  return wrong;
}

Result<Checker::Totals> Checker::ReadTotals() {
  ASSIGN_OR_RETURN(const json::object list, api_.GetObject("/api/v1/projects"));
  const json::array* rows = RowsOf(list);
  if (rows == nullptr) return Fail(ErrorCode::kDataLoss, "the list of projects has no data");
  Totals totals;  // zeros of a project that nothing was sent to yet
  for (const json::value& row : *rows) {
    if (!row.is_object() || TextOf(row.get_object(), "name") != options_.project) continue;
    ASSIGN_OR_RETURN(totals.traces, NumberOf(row.get_object(), "trace_count"));
    ASSIGN_OR_RETURN(totals.spans, NumberOf(row.get_object(), "span_count"));
  }
  RETURN_IF_ERROR(AddUsage(totals));
  return totals;
}

Result<void> Checker::AddUsage(Totals& totals) {
  ASSIGN_OR_RETURN(const json::object usage, api_.GetObject(project_path_ + "/usage?group_by=model&limit=1000"));
  const json::array* rows = RowsOf(usage);
  if (rows == nullptr) return Fail(ErrorCode::kDataLoss, "the project's usage has no data");
  for (const json::value& row : *rows) {
    if (!row.is_object()) return Fail(ErrorCode::kDataLoss, "a row of the project's usage is no object");
    ASSIGN_OR_RETURN(const std::int64_t calls, NumberOf(row.get_object(), "calls"));
    const json::value* tokens = row.get_object().if_contains("tokens");
    if (tokens == nullptr || !tokens->is_object())
      return Fail(ErrorCode::kDataLoss, "a row of the project's usage has no tokens");
    totals.calls += calls;
    const json::value* prompt = tokens->get_object().if_contains("prompt");
    if (prompt != nullptr && prompt->is_null()) continue;  // calls of somebody else, who did not say
    ASSIGN_OR_RETURN(const std::int64_t prompt_tokens, NumberOf(tokens->get_object(), "prompt"));
    totals.prompt_tokens += prompt_tokens;
  }
  return {};
}

void Checker::Add(const Finding& finding) {
  ++report_.faults.at(static_cast<std::size_t>(finding.fault));
  if (report_.first_findings.size() < kFirstFindings)
    report_.first_findings.push_back(fmt::format("{}: {}", ToString(finding.fault), finding.text));
}

void Checker::Add(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) Add(finding);
}

}  // namespace nightjar::selfcheck
