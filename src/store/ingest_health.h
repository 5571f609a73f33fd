// What a project's spans lack or say twice, so that whoever instruments a program can be told what to change.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "store/clickhouse.h"

namespace nightjar::store {

// The latest whole hours of a project that hold at most so many rows are looked at; at least one hour.
constexpr std::uint64_t kHealthRowsMax = 300'000;
constexpr std::size_t kHealthExamplesMax = 5;
constexpr std::size_t kHealthLibrariesMax = 200;
constexpr std::size_t kHealthKeysMax = 10'000;

// What is counted is spans, traces or calls of a model, as said.
enum class HealthFinding : std::uint8_t {
  kImpossibleTokens,    // calls: the parts are more than the whole
  kRepeatedResponseId,  // response ids that several calls have
  kNestedCalls,         // calls inside a call with equal token counts
  kDeclaredTokens,      // traces whose one root is no call and declares other token counts than the calls have
  kNoTokens,            // calls that ended without an error
  kNoModel,             // calls
  kEstimatedTokens,     // calls
  kClockAhead,          // spans that start over 10 min after they arrived
  kEndsBeforeStart,     // spans
  kStartsBeforeParent,  // spans, by over a second
  kMissingParents,      // spans that others name as parent; of traces to which nothing came for a minute
  kNoRoot,              // traces, the same
  kMixedDialects,       // traces, by several libraries: some alone write more than one
  kNoSession,           // traces with a call
  kNoUser,              // traces with a call
  kNamesWithIds,        // names of spans that differ in digits only, where there are many
  kCount,
};

struct HealthCount {
  std::uint64_t count = 0;
  std::vector<TraceId> trace_ids;  // some of them, at most kHealthExamplesMax
};

struct LibraryCount {
  std::string dialect;
  std::string name;  // of the instrumentation scope
  std::string version;
  std::uint64_t spans = 0;
};

// Attributes with one key; the numbers in a flattened key count as 0.
struct KeyCount {
  std::string key;
  std::uint64_t count = 0;
  std::string example;  // the beginning of a value; empty for one that is kept in segments
};

struct IngestHealth {
  UnixNanos from = 0;  // of the hours that were looked at
  UnixNanos to = 0;
  bool older_left_out = false;
  std::uint64_t spans = 0;
  std::uint64_t traces = 0;
  std::uint64_t calls = 0;  // spans of kind LLM
  std::uint64_t traces_with_calls = 0;
  std::uint64_t names = 0;  // of spans
  std::array<HealthCount, static_cast<std::size_t>(HealthFinding::kCount)> findings;
  std::vector<LibraryCount> libraries;  // most spans first
  std::vector<KeyCount> keys;           // of the conventions for models, whether understood or not; most first
};

// Belongs to one thread.
class HealthReader {
 public:
  // `options` go with every question.
  explicit HealthReader(ClickHouse& clickhouse, QueryOptions options = {})
      : clickhouse_(clickhouse), options_(std::move(options)) {}

  // Nothing: the project has no spans.
  Result<std::optional<IngestHealth>> Read(const std::string& project) const;

 private:
  Result<bool> FindHours(const std::string& project, IngestHealth& health) const;
  Result<void> CountSpans(const std::string& project, IngestHealth& health) const;
  Result<void> CountTraces(const std::string& project, IngestHealth& health) const;
  Result<void> CountDeclared(const std::string& project, IngestHealth& health) const;
  Result<void> CountRepeats(const std::string& project, IngestHealth& health) const;
  Result<void> ListLibraries(const std::string& project, IngestHealth& health) const;
  Result<void> ListKeys(const std::string& project, IngestHealth& health) const;
  Result<std::string> Ask(const std::string& sql, const std::string& project) const;

  ClickHouse& clickhouse_;
  const QueryOptions options_;
};

}  // namespace nightjar::store
