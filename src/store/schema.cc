#include "store/schema.h"

#include <fmt/format.h>

#include <span>
#include <string>

#include "store/native_reader.h"

namespace nightjar::store {
namespace {

// fsync of every part and its directory: an insert that returned is on disk. The deduplication window is counted in
// parts over the whole table, and lets an insert whose answer was lost be sent again.
#define NIGHTJAR_DURABLE "fsync_after_insert = 1, fsync_part_directory = 1, non_replicated_deduplication_window = 1000"

// Statements of a migration run again after a crash between them, so each is written to be repeatable.
struct Migration {
  std::uint32_t version;
  std::span<const char* const> statements;
};

// A column that is at its default in nearly every row costs next to nothing (sparse serialization), unless it is an
// Array, a Map or Nullable: those write something for each row. So there are few of them.
constexpr const char* kFirstTables[] = {
    R"(CREATE TABLE IF NOT EXISTS nightjar.spans
(
    project              LowCardinality(String) CODEC(ZSTD(1)),
    day                  UInt16 CODEC(ZSTD(1)),
    trace_id             FixedString(16) CODEC(ZSTD(1)),
    span_id              UInt64 CODEC(NONE),
    parent_span_id       UInt64 CODEC(ZSTD(1)),
    start_unix_ns        UInt64 CODEC(Delta, ZSTD(1)),
    duration_ns          Int64 CODEC(T64, ZSTD(1)),
    seq                  UInt64 CODEC(Delta, ZSTD(1)),
    name                 LowCardinality(String) CODEC(ZSTD(1)),
    otel_kind            Int32 CODEC(ZSTD(1)),
    status               Int32 CODEC(ZSTD(1)),
    status_message       String CODEC(ZSTD(1)),
    trace_state          String CODEC(ZSTD(1)),
    flags                UInt32 CODEC(ZSTD(1)),
    resource             LowCardinality(String) CODEC(ZSTD(1)),
    scope                LowCardinality(String) CODEC(ZSTD(1)),
    kind                 LowCardinality(String) CODEC(ZSTD(1)),
    dialect              LowCardinality(String) CODEC(ZSTD(1)),
    rules_version        UInt32 CODEC(ZSTD(1)),
    service_name         LowCardinality(String) CODEC(ZSTD(1)),
    model                LowCardinality(String) CODEC(ZSTD(1)),
    provider             LowCardinality(String) CODEC(ZSTD(1)),
    agent_name           LowCardinality(String) CODEC(ZSTD(1)),
    tool_name            LowCardinality(String) CODEC(ZSTD(1)),
    session_id           String CODEC(ZSTD(1)),
    user_id              String CODEC(ZSTD(1)),
    known                UInt8 CODEC(ZSTD(1)),
    prompt_tokens        UInt64 CODEC(ZSTD(1)),
    completion_tokens    UInt64 CODEC(ZSTD(1)),
    total_tokens         UInt64 CODEC(ZSTD(1)),
    cache_read_tokens    UInt64 CODEC(ZSTD(1)),
    cache_write_tokens   UInt64 CODEC(ZSTD(1)),
    reasoning_tokens     UInt64 CODEC(ZSTD(1)),
    reported_cost_usd    Float64 CODEC(ZSTD(1)),
    input_preview        String CODEC(ZSTD(1)),
    output_preview       String CODEC(ZSTD(1)),
    attrs_str            Map(LowCardinality(String), LowCardinality(String)) CODEC(ZSTD(1)),
    attrs_int            Map(LowCardinality(String), Int64) CODEC(ZSTD(1)),
    attrs_num            Map(LowCardinality(String), Float64) CODEC(ZSTD(1)),
    attrs_other          Map(LowCardinality(String), String) CODEC(ZSTD(3)),
    events               String CODEC(ZSTD(3)),
    links                String CODEC(ZSTD(1)),
    segment_scope        UInt128 CODEC(ZSTD(1)),
    segments             Array(UInt128) CODEC(ZSTD(1)),
    dropped_attributes   UInt32 CODEC(ZSTD(1)),
    dropped_events       UInt32 CODEC(ZSTD(1)),
    dropped_links        UInt32 CODEC(ZSTD(1)),
    INDEX i_trace   trace_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX i_kv      arrayMap((k, v) -> cityHash64(k, v), mapKeys(attrs_str), mapValues(attrs_str)) TYPE bloom_filter(0.02) GRANULARITY 1,
    INDEX i_session session_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX i_user    user_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX i_start   start_unix_ns TYPE minmax GRANULARITY 1,
    INDEX i_seq     seq TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(seq)
PARTITION BY day
ORDER BY (project, intDiv(start_unix_ns, 3600000000000), trace_id, start_unix_ns, span_id)
SETTINGS min_bytes_for_wide_part = 25165824, )" NIGHTJAR_DURABLE,
    R"(CREATE TABLE IF NOT EXISTS nightjar.segments
(
    scope UInt128 CODEC(ZSTD(1)),
    hash  UInt128 CODEC(NONE),
    day   UInt16 CODEC(ZSTD(1)),
    body  String CODEC(ZSTD(3))
)
ENGINE = ReplacingMergeTree
PARTITION BY day
ORDER BY (scope, hash)
SETTINGS index_granularity = 256, )" NIGHTJAR_DURABLE,
};

constexpr const char* kLogAndMetricTables[] = {
    R"(CREATE TABLE IF NOT EXISTS nightjar.logs
(
    project               LowCardinality(String) CODEC(ZSTD(1)),
    day                   UInt16 CODEC(ZSTD(1)),
    at_unix_ns            UInt64 CODEC(Delta, ZSTD(1)),
    hash                  UInt128 CODEC(NONE),
    seq                   UInt64 CODEC(Delta, ZSTD(1)),
    trace_id              FixedString(16) CODEC(ZSTD(1)),
    span_id               UInt64 CODEC(ZSTD(1)),
    time_unix_ns          UInt64 CODEC(Delta, ZSTD(1)),
    observed_time_unix_ns UInt64 CODEC(Delta, ZSTD(1)),
    severity_number       Int32 CODEC(ZSTD(1)),
    severity_text         LowCardinality(String) CODEC(ZSTD(1)),
    event_name            LowCardinality(String) CODEC(ZSTD(1)),
    body                  String CODEC(ZSTD(3)),
    attributes            String CODEC(ZSTD(3)),
    dropped_attributes    UInt32 CODEC(ZSTD(1)),
    flags                 UInt32 CODEC(ZSTD(1)),
    resource              LowCardinality(String) CODEC(ZSTD(1)),
    scope                 LowCardinality(String) CODEC(ZSTD(1)),
    INDEX i_trace trace_id TYPE bloom_filter(0.001) GRANULARITY 1,
    INDEX i_seq   seq TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(seq)
PARTITION BY day
ORDER BY (project, at_unix_ns, hash)
SETTINGS )" NIGHTJAR_DURABLE,
    R"(CREATE TABLE IF NOT EXISTS nightjar.metric_points
(
    project             LowCardinality(String) CODEC(ZSTD(1)),
    day                 UInt16 CODEC(ZSTD(1)),
    name                LowCardinality(String) CODEC(ZSTD(1)),
    series              UInt128 CODEC(ZSTD(1)),
    start_time_unix_ns  UInt64 CODEC(Delta, ZSTD(1)),
    time_unix_ns        UInt64 CODEC(Delta, ZSTD(1)),
    seq                 UInt64 CODEC(Delta, ZSTD(1)),
    type                LowCardinality(String) CODEC(ZSTD(1)),
    unit                LowCardinality(String) CODEC(ZSTD(1)),
    description         LowCardinality(String) CODEC(ZSTD(1)),
    temporality         Int32 CODEC(ZSTD(1)),
    monotonic           UInt8 CODEC(ZSTD(1)),
    metadata            LowCardinality(String) CODEC(ZSTD(1)),
    resource            LowCardinality(String) CODEC(ZSTD(1)),
    scope               LowCardinality(String) CODEC(ZSTD(1)),
    attributes          LowCardinality(String) CODEC(ZSTD(1)),
    flags               UInt32 CODEC(ZSTD(1)),
    int_value           Nullable(Int64) CODEC(ZSTD(1)),
    double_value        Nullable(Float64) CODEC(ZSTD(1)),
    value               Nullable(Float64) ALIAS coalesce(double_value, toFloat64(int_value)),
    count               UInt64 CODEC(ZSTD(1)),
    sum                 Nullable(Float64) CODEC(ZSTD(1)),
    min                 Nullable(Float64) CODEC(ZSTD(1)),
    max                 Nullable(Float64) CODEC(ZSTD(1)),
    bucket_counts       Array(UInt64) CODEC(ZSTD(1)),
    explicit_bounds     Array(Float64) CODEC(ZSTD(1)),
    scale               Int32 CODEC(ZSTD(1)),
    zero_count          UInt64 CODEC(ZSTD(1)),
    zero_threshold      Float64 CODEC(ZSTD(1)),
    positive_offset     Int32 CODEC(ZSTD(1)),
    positive_counts     Array(UInt64) CODEC(ZSTD(1)),
    negative_offset     Int32 CODEC(ZSTD(1)),
    negative_counts     Array(UInt64) CODEC(ZSTD(1)),
    quantiles           Array(Float64) CODEC(ZSTD(1)),
    quantile_values     Array(Float64) CODEC(ZSTD(1)),
    exemplar_times      Array(UInt64) CODEC(ZSTD(1)),
    exemplar_ints       Array(Nullable(Int64)) CODEC(ZSTD(1)),
    exemplar_doubles    Array(Nullable(Float64)) CODEC(ZSTD(1)),
    exemplar_trace_ids  Array(FixedString(16)) CODEC(ZSTD(1)),
    exemplar_span_ids   Array(UInt64) CODEC(ZSTD(1)),
    exemplar_attributes Array(String) CODEC(ZSTD(3)),
    INDEX i_time time_unix_ns TYPE minmax GRANULARITY 1
)
ENGINE = ReplacingMergeTree(seq)
PARTITION BY day
ORDER BY (project, name, series, time_unix_ns)
SETTINGS )" NIGHTJAR_DURABLE,
};

// What an erasure is about to delete: docs/formats/span_table.md.
constexpr const char* kErasing[] = {
    R"(CREATE TABLE IF NOT EXISTS nightjar.erasing
(
    project  String,
    trace_id FixedString(16),
    seq_end  UInt64,
    scope    UInt128
)
ENGINE = MergeTree
ORDER BY (project, trace_id)
SETTINGS )" NIGHTJAR_DURABLE,
};

// What queries, costs and totals need of a provider call, and of what failed.
constexpr const char* kCallColumns[] = {
    "ALTER TABLE nightjar.spans MODIFY COLUMN known UInt16 CODEC(ZSTD(1))",
    R"(ALTER TABLE nightjar.spans
    ADD COLUMN IF NOT EXISTS operation         LowCardinality(String) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS response_hash     UInt64 CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS finish_reason     LowCardinality(String) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS first_token_ns    UInt64 CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS prompt_name       LowCardinality(String) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS prompt_version    LowCardinality(String) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS exception_type    LowCardinality(String) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS exception_message String CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS cost_usd          Float64 CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS cache_savings_usd Float64 CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS price             LowCardinality(String) CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS prices_version    UInt32 CODEC(ZSTD(1)))",
};

// CPU of inserts and merges, which is most of what a span costs (docs/guide/benchmarks.md, `llm`).
// - What an insert writes is compact: a wide part has a file, and an fsync, for each stream of each column. What a
// merge
//   writes is wide: only then it goes column by column, at a third of the CPU of going row by row through all of them.
// - Statistics of columns are made by every insert and merge for the choice of a query plan; ours have no choice.
// - A segment is compressed once by the insert and again by each merge. ZSTD(1) over larger blocks makes it smaller
// than
//   ZSTD(3) over the default ones, for less CPU.
constexpr const char* kCheapMerges[] = {
    "ALTER TABLE nightjar.spans MODIFY SETTING min_bytes_for_wide_part = 10485760, min_level_for_wide_part = 1, "
    "vertical_merge_algorithm_min_rows_to_activate = 1, auto_statistics_types = ''",
    "ALTER TABLE nightjar.metric_points MODIFY SETTING min_level_for_wide_part = 1, "
    "vertical_merge_algorithm_min_rows_to_activate = 1, auto_statistics_types = ''",
    "ALTER TABLE nightjar.logs MODIFY SETTING min_level_for_wide_part = 1, "
    "vertical_merge_algorithm_min_rows_to_activate = 1, auto_statistics_types = ''",
    "ALTER TABLE nightjar.segments MODIFY COLUMN body String CODEC(ZSTD(1))",
    "ALTER TABLE nightjar.segments MODIFY SETTING min_compress_block_size = 262144, auto_statistics_types = ''",
};

// How far spans are derived again by newer rules or prices: docs/formats/span_table.md.
constexpr const char* kRederivation[] = {
    R"(CREATE TABLE IF NOT EXISTS nightjar.rederivation
(
    number         UInt64,
    rules_version  UInt32,
    prices_version UInt32,
    seq_begin      UInt64,
    seq_end        UInt64,
    finished       UInt8,
    done           UInt64,
    day            UInt32,
    project        String,
    trace_id       FixedString(16),
    start_unix_ns  UInt64,
    span_id        UInt64
)
ENGINE = ReplacingMergeTree(number)
ORDER BY (rules_version, prices_version)
SETTINGS )" NIGHTJAR_DURABLE,
};

// Judgements that came by themselves: docs/formats/span_table.md. Deleted ones are rows too, until they are merged.
constexpr const char* kAnnotations[] = {
    R"(CREATE TABLE IF NOT EXISTS nightjar.annotations
(
    project         LowCardinality(String) CODEC(ZSTD(1)),
    target          LowCardinality(String) CODEC(ZSTD(1)),
    trace_id        FixedString(16) CODEC(ZSTD(1)),
    span_id         UInt64 CODEC(ZSTD(1)),
    session_id      String CODEC(ZSTD(1)),
    position        UInt32 CODEC(ZSTD(1)),
    name            LowCardinality(String) CODEC(ZSTD(1)),
    identifier      String CODEC(ZSTD(1)),
    annotator_kind  LowCardinality(String) CODEC(ZSTD(1)),
    label           String CODEC(ZSTD(1)),
    score           Nullable(Float64) CODEC(ZSTD(1)),
    explanation     String CODEC(ZSTD(3)),
    metadata        String CODEC(ZSTD(3)),
    created_unix_ns UInt64 CODEC(ZSTD(1)),
    updated_unix_ns UInt64 CODEC(ZSTD(1)),
    version         UInt64 CODEC(ZSTD(1)),
    is_deleted      UInt8 CODEC(ZSTD(1))
)
ENGINE = ReplacingMergeTree(version, is_deleted)
ORDER BY (project, target, trace_id, span_id, session_id, position, name, identifier)
SETTINGS auto_statistics_types = '', )" NIGHTJAR_DURABLE,
};

// What labels a span, and the judgements that came with it.
constexpr const char* kLabels[] = {
    R"(ALTER TABLE nightjar.spans
    ADD COLUMN IF NOT EXISTS tags        String CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS metadata    String CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS evaluations String CODEC(ZSTD(1)))",
};

// Traces of one application share instructions and documents, and lie in the order of a hash: a block must span many of
// them before a compressor meets the same text twice. A question reads one block of each part that has the trace. The
// columns by which it is found stay in small blocks, and previews, which share nothing, are only compressed harder.
constexpr const char* kLongBlocks[] = {
    "ALTER TABLE nightjar.segments MODIFY COLUMN body String CODEC(ZSTD(3)) "
    "SETTINGS (min_compress_block_size = 3145728, max_compress_block_size = 3145728)",
    "ALTER TABLE nightjar.segments RESET SETTING min_compress_block_size",
    "ALTER TABLE nightjar.spans MODIFY COLUMN input_preview String CODEC(ZSTD(3)), "
    "MODIFY COLUMN output_preview String CODEC(ZSTD(3))",
};

// Damage costs the part it lies in. The engine looks at a part when it starts, and puts aside what it cannot open; by
// default it reads the primary index later, where a damaged one fails every question that comes by the part, and it
// does not open a table at all of which it would put aside more than 100 parts or 1 GiB.
#define NIGHTJAR_APART                                                                 \
  " MODIFY SETTING primary_key_lazy_load = 0, max_suspicious_broken_parts = 1000000, " \
  "max_suspicious_broken_parts_bytes = 1000000000000000"
constexpr const char* kDamagedParts[] = {
    "ALTER TABLE nightjar.spans" NIGHTJAR_APART,        "ALTER TABLE nightjar.segments" NIGHTJAR_APART,
    "ALTER TABLE nightjar.logs" NIGHTJAR_APART,         "ALTER TABLE nightjar.metric_points" NIGHTJAR_APART,
    "ALTER TABLE nightjar.annotations" NIGHTJAR_APART,  "ALTER TABLE nightjar.erasing" NIGHTJAR_APART,
    "ALTER TABLE nightjar.rederivation" NIGHTJAR_APART, "ALTER TABLE nightjar.migrations" NIGHTJAR_APART,
};

// What a span is called where its name is a template.
constexpr const char* kTitles[] = {
    "ALTER TABLE nightjar.spans ADD COLUMN IF NOT EXISTS title LowCardinality(String) CODEC(ZSTD(1))",
};

// How many log records the derived columns were made with: docs/formats/span_table.md.
constexpr const char* kLogRecords[] = {
    "ALTER TABLE nightjar.spans ADD COLUMN IF NOT EXISTS log_records UInt32 CODEC(ZSTD(1))",
};

// Messages and documents in forms that no expression of the engine reads, and the parts of costs.
constexpr const char* kUnderstood[] = {
    R"(ALTER TABLE nightjar.spans
    ADD COLUMN IF NOT EXISTS understood          String CODEC(ZSTD(3)),
    ADD COLUMN IF NOT EXISTS prompt_cost_usd     Float64 CODEC(ZSTD(1)),
    ADD COLUMN IF NOT EXISTS completion_cost_usd Float64 CODEC(ZSTD(1)))",
};

constexpr Migration kMigrations[] = {
    {1, kFirstTables},  {2, kLogAndMetricTables}, {3, kErasing},     {4, kCallColumns}, {5, kCheapMerges},
    {6, kRederivation}, {7, kAnnotations},        {8, kLabels},      {9, kLongBlocks},  {10, kDamagedParts},
    {11, kTitles},      {12, kLogRecords},        {13, kUnderstood},
};

Result<std::uint32_t> AppliedVersion(ClickHouse& clickhouse) {
  ASSIGN_OR_RETURN(const std::string bytes,
                   clickhouse.Select("SELECT max(version) FROM nightjar.migrations", {}, QueryOptions()));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  if (blocks.empty()) return Fail(ErrorCode::kDataLoss, "the engine answered the schema version with no row");
  return blocks[0].columns.at(0).Fixed<std::uint32_t>(0);
}

}  // namespace

Result<void> Migrate(ClickHouse& clickhouse) {
  RETURN_IF_ERROR(clickhouse.Execute("CREATE DATABASE IF NOT EXISTS nightjar"));
  RETURN_IF_ERROR(clickhouse.Execute(
      "CREATE TABLE IF NOT EXISTS nightjar.migrations (version UInt32, applied_at DateTime DEFAULT now()) "
      "ENGINE = MergeTree ORDER BY version SETTINGS " NIGHTJAR_DURABLE));
  ASSIGN_OR_RETURN(const std::uint32_t applied, AppliedVersion(clickhouse));
  const std::uint32_t newest = kMigrations[std::size(kMigrations) - 1].version;
  if (applied > newest)
    return Fail(ErrorCode::kFailedPrecondition,
                fmt::format("the stored data has schema version {}, this program knows up to {}; "
                            "run the newer program, or start on another --data-dir",
                            applied, newest));
  for (const Migration& migration : kMigrations) {
    if (migration.version <= applied) continue;
    for (const char* statement : migration.statements) RETURN_IF_ERROR(clickhouse.Execute(statement));
    RETURN_IF_ERROR(
        clickhouse.Execute(fmt::format("INSERT INTO nightjar.migrations (version) VALUES ({})", migration.version)));
  }
  return {};
}

}  // namespace nightjar::store
