// Judgements of spans, traces, sessions and retrieved documents that came by themselves: scores, labels, explanations.
// They lie in nightjar.annotations beside the spans, so that one statement can ask of both; the row that was written
// last counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "store/clickhouse.h"

namespace nightjar::store {

constexpr std::size_t kAnnotationsReadMax = 10'000;
constexpr std::size_t kLateAnnotationsMax = 10'000;

enum class AnnotationTarget : std::uint8_t { kSpan, kTrace, kSession, kDocument };

// "span", "trace", "session", "document".
std::string_view ToWord(AnnotationTarget target);

// One of a target with the same name and identifier replaces the one before.
struct Annotation {
  AnnotationTarget target = AnnotationTarget::kSpan;
  std::string project;  // "": it came before its target, which is looked for (Annotations::Resolve)
  TraceId trace_id;     // of kSpan and kDocument: that of the span
  SpanId span_id;
  std::string session_id;
  std::uint32_t position = 0;  // of a document among those that the span retrieved
  std::string name;
  std::string identifier;
  std::string annotator_kind;  // LLM, CODE, HUMAN
  std::string label;           // "": none
  std::optional<double> score;
  std::string explanation;
  std::string metadata;  // a JSON object, or ""
  UnixNanos created_unix_ns = 0;
  UnixNanos updated_unix_ns = 0;

  // A positive number that is the same for what replaces it, and in every project that has its target.
  [[nodiscard]] std::uint64_t number() const;
};

// A SELECT of every annotation, those included that came with spans and as log records, of the rows for which `where`
// holds, a condition on the project: target, trace_id, span_id, session_id, position, name, annotator_kind, identifier,
// score, label, explanation, metadata, created_unix_ns, updated_unix_ns, source (api, span, log), project.
std::string AllAnnotationsSql(std::string_view where);

struct AnnotationFilter {
  std::string project;
  std::optional<AnnotationTarget> target;  // kSpan: documents not among them
  std::vector<TraceId> trace_ids;          // of these, if there are any; the same of the others
  std::vector<SpanId> span_ids;
  std::vector<std::string> session_ids;
  std::vector<std::string> names;
  std::vector<std::string> names_left_out;
  std::optional<std::string> identifier;
  std::string annotator_kind;
  std::optional<UnixNanos> from, to;  // of when it was made
};

// Thread-safe.
class Annotations {
 public:
  explicit Annotations(ClickHouse& clickhouse) : clickhouse_(clickhouse) {}

  // Durable on return. `project` and, of spans, `trace_id` are found by the target's id; one in several projects is
  // annotated in each. What is not there is kNotFound if `must_exist`, and else waits for it. kResourceExhausted when
  // too many wait already.
  Result<void> Put(std::vector<Annotation> annotations, bool must_exist, UnixNanos now);

  // At most `limit` in a steady order, from the `skip`th. REQUIRES: limit <= kAnnotationsReadMax + 1
  Result<std::vector<Annotation>> Read(const AnnotationFilter& filter, std::size_t limit, std::size_t skip,
                                       const QueryOptions& options) const;

  Result<bool> AreNone() const;

  Result<void> Delete(const AnnotationFilter& filter, UnixNanos now);

  // Looks for the targets of what waits, and gives up on what is older than `patience_ns`. How many wait still.
  Result<std::size_t> Resolve(UnixNanos now, UnixNanos patience_ns);

 private:
  Result<std::vector<Annotation>> WithTargets(const std::vector<Annotation>& annotations) const;
  Result<std::vector<Annotation>> ReadWhere(const std::string& where, const std::vector<QueryParam>& params,
                                            std::string_view end, const QueryOptions& options) const;
  Result<void> Write(std::span<const Annotation> annotations, bool are_deleted, UnixNanos now);

  ClickHouse& clickhouse_;
};

}  // namespace nightjar::store
