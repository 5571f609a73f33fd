#include "ingest/told_spans.h"

#include "semconv/normalize.h"

namespace nightjar::ingest {

void ToldSpans::AddLocked(const std::string& project, const store::SpanAddress& span) {
  any_ = true;
  const auto [place, is_new] = told_.emplace(project, span);
  if (is_new) order_.push_back(place);
  due_[project].insert(span);
  ForgetLocked();
}

void ToldSpans::ForgetLocked() {
  for (; told_.size() > kMax; has_forgotten_ = true) {
    told_.erase(order_.front());
    order_.pop_front();
  }
}

void ToldSpans::Note(const Telemetry& telemetry) {
  if (const auto* logs = std::get_if<model::LogBatch>(&telemetry)) {
    const std::lock_guard lock(mutex_);
    for (const model::LogRecord& record : logs->records)
      if (semconv::TellsOfSpan(record)) AddLocked(record.project, {record.trace_id, record.span_id});
  } else if (const auto* spans = std::get_if<model::SpanBatch>(&telemetry); spans && any_) {
    const std::lock_guard lock(mutex_);
    for (const model::Span& span : spans->spans)
      if (const Named named{span.project, {span.trace_id, span.span_id}}; told_.contains(named))
        due_[named.first].insert(named.second);
  } else {
    return;
  }
  changed_.notify_all();
}

void ToldSpans::Remember(const SpansOfProject& spans) {
  const std::lock_guard lock(mutex_);
  for (const store::SpanAddress& span : spans.second) {
    any_ = true;
    const auto [place, is_new] = told_.emplace(spans.first, span);
    if (is_new) order_.push_front(place);
    ForgetLocked();
  }
}

bool ToldSpans::HasForgotten() {
  const std::lock_guard lock(mutex_);
  return std::exchange(has_forgotten_, false);
}

SpansOfProject ToldSpans::TakeDue(std::size_t limit, std::chrono::steady_clock::time_point until,
                                  const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  SpansOfProject taken;
  if (!changed_.wait_until(lock, stop, until, [this] { return !due_.empty(); })) return taken;
  const auto first = due_.begin();
  taken.first = first->first;
  while (!first->second.empty() && taken.second.size() < limit)
    taken.second.insert(first->second.extract(first->second.begin()));
  if (first->second.empty()) due_.erase(first);
  return taken;
}

void ToldSpans::GiveBack(const SpansOfProject& spans) {
  const std::lock_guard lock(mutex_);
  due_[spans.first].insert(spans.second.begin(), spans.second.end());
}

}  // namespace nightjar::ingest
