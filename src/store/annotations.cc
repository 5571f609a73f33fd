#include "store/annotations.h"

#include <fmt/format.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "base/check.h"
#include "store/id_columns.h"
#include "store/insert_block.h"
#include "store/native_reader.h"

namespace nightjar::store {
namespace {

constexpr std::array<std::string_view, 4> kWords = {"span", "trace", "session", "document"};

constexpr std::string_view kColumns =
    "target, project, trace_id, span_id, session_id, position, name, identifier, annotator_kind, label, score, "
    "explanation, metadata, created_unix_ns, updated_unix_ns";

// "['it\'s','…']", the text form of Array(String).
std::string TextArray(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& text : texts) {
    out += out.size() > 1 ? ",'" : "'";
    for (const char c : text) {
      if (c == '\'' || c == '\\') out += '\\';
      out += c;
    }
    out += '\'';
  }
  return out + "]";
}

std::string NumberArray(const std::vector<SpanId>& ids) {
  std::string out = "[";
  for (const SpanId& id : ids) out += fmt::format("{}{}", out.size() > 1 ? "," : "", SpanIdNumber(id));
  return out + "]";
}

constexpr std::string_view kTraceIn =
    "trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))";

std::string WhereOf(const AnnotationFilter& filter, std::vector<QueryParam>& params) {
  std::string where = "project = {project:String}";
  params.push_back({"project", filter.project});
  const auto add = [&](bool is_asked, std::string_view condition, QueryParam param) {
    if (!is_asked) return;
    where += fmt::format(" AND {}", condition);
    params.push_back(std::move(param));
  };
  if (filter.target) add(true, "target = {target:String}", {"target", std::string(ToWord(*filter.target))});
  add(!filter.trace_ids.empty(), kTraceIn, {"traces", HexArray(filter.trace_ids), ParamForm::kLiteral});
  add(!filter.span_ids.empty(), "span_id IN {spans:Array(UInt64)}",
      {"spans", NumberArray(filter.span_ids), ParamForm::kLiteral});
  add(!filter.session_ids.empty(), "session_id IN {sessions:Array(String)}",
      {"sessions", TextArray(filter.session_ids), ParamForm::kLiteral});
  add(!filter.names.empty(), "name IN {names:Array(String)}", {"names", TextArray(filter.names), ParamForm::kLiteral});
  add(!filter.names_left_out.empty(), "name NOT IN {left_out:Array(String)}",
      {"left_out", TextArray(filter.names_left_out), ParamForm::kLiteral});
  if (filter.identifier) add(true, "identifier = {identifier:String}", {"identifier", *filter.identifier});
  add(!filter.annotator_kind.empty(), "annotator_kind = {kind:String}", {"kind", filter.annotator_kind});
  if (filter.from) add(true, "created_unix_ns >= {from:UInt64}", {"from", std::to_string(*filter.from)});
  if (filter.to) add(true, "created_unix_ns < {to:UInt64}", {"to", std::to_string(*filter.to)});
  return where;
}

Annotation ReadRow(const NativeBlock& block, std::size_t row) {
  std::size_t next = 0;
  const auto column = [&]() -> const NativeColumn& { return block.columns.at(next++); };
  const auto text = [&] { return std::string(column().Text(row)); };
  Annotation out;
  const auto word = std::ranges::find(kWords, column().Text(row));
  out.target = static_cast<AnnotationTarget>(word - kWords.begin());
  out.project = text();
  out.trace_id = *TraceId::FromBytes(column().Text(row));
  out.span_id = SpanIdFromNumber(column().Fixed<std::uint64_t>(row));
  out.session_id = text();
  out.position = column().Fixed<std::uint32_t>(row);
  for (std::string Annotation::* field :
       {&Annotation::name, &Annotation::identifier, &Annotation::annotator_kind, &Annotation::label})
    out.*field = text();
  const bool scored = column().Fixed<std::uint8_t>(row) != 0;
  if (const auto score = column().Fixed<double>(row); scored) out.score = score;
  out.explanation = text();
  out.metadata = text();
  out.created_unix_ns = column().Fixed<std::uint64_t>(row);
  out.updated_unix_ns = column().Fixed<std::uint64_t>(row);
  return out;
}

auto KeyOf(const Annotation& a) {
  return std::tie(a.project, a.target, a.trace_id, a.span_id, a.session_id, a.position, a.name, a.identifier);
}

class Columns {
 public:
  void Add(const Annotation& a, bool is_deleted, UnixNanos version) {
    target_.Add(ToWord(a.target));
    project_.Add(a.project);
    trace_id_.Add(a.trace_id.bytes);
    span_id_.Add(SpanIdNumber(a.span_id));
    session_id_.Add(a.session_id);
    position_.Add(a.position);
    name_.Add(a.name);
    identifier_.Add(a.identifier);
    annotator_kind_.Add(a.annotator_kind);
    label_.Add(a.label);
    score_.Add(a.score ? &*a.score : nullptr);
    explanation_.Add(a.explanation);
    metadata_.Add(a.metadata);
    created_.Add(a.created_unix_ns);
    updated_.Add(a.updated_unix_ns);
    version_.Add(version);
    is_deleted_.Add(is_deleted ? 1 : 0);
  }
  [[nodiscard]] InsertBlock Finish() const {
    NativeBlockWriter block;
    block.Add("target", "LowCardinality(String)", target_);
    block.Add("project", "LowCardinality(String)", project_);
    block.Add("trace_id", "FixedString(16)", trace_id_);
    block.Add("span_id", "UInt64", span_id_);
    block.Add("session_id", "String", session_id_);
    block.Add("position", "UInt32", position_);
    block.Add("name", "LowCardinality(String)", name_);
    block.Add("identifier", "String", identifier_);
    block.Add("annotator_kind", "LowCardinality(String)", annotator_kind_);
    block.Add("label", "String", label_);
    block.Add("score", "Nullable(Float64)", score_);
    block.Add("explanation", "String", explanation_);
    block.Add("metadata", "String", metadata_);
    block.Add("created_unix_ns", "UInt64", created_);
    block.Add("updated_unix_ns", "UInt64", updated_);
    block.Add("version", "UInt64", version_);
    block.Add("is_deleted", "UInt8", is_deleted_);
    return MakeInsert("nightjar.annotations", std::move(block));
  }

 private:
  LowCardinalityColumn target_, project_, name_, annotator_kind_;
  FixedColumn<TraceIdBytes> trace_id_;
  FixedColumn<std::uint64_t> span_id_, created_, updated_, version_;
  FixedColumn<std::uint32_t> position_;
  FixedColumn<std::uint8_t> is_deleted_;
  NullableColumn<double> score_;
  StringColumn session_id_, identifier_, label_, explanation_, metadata_;
};

}  // namespace

std::string_view ToWord(AnnotationTarget target) { return kWords[static_cast<std::size_t>(target)]; }

std::uint64_t Annotation::number() const {
  const std::string of_trace = target == AnnotationTarget::kTrace ? trace_id.ToHex() : "";
  const std::string key = fmt::format("{}\n{}\n{}\n{}\n{}\n{}\n{}", ToWord(target), of_trace, span_id.ToHex(),
                                      session_id, position, name, identifier);
  return XXH3_64bits(key.data(), key.size()) >> 1 | 1;
}

std::string AllAnnotationsSql(std::string_view where) {
  constexpr std::string_view kSql = R"(
SELECT target, trace_id, span_id, session_id, position, name, annotator_kind, identifier, score, label, explanation, metadata,
    created_unix_ns, updated_unix_ns, 'api' AS source, project
FROM nightjar.annotations FINAL WHERE {0} AND project != ''
UNION ALL
SELECT e.target, trace_id, if(e.target = 'span', span_id, 0), if(e.target = 'session', session_id, ''), 0, e.name, '', '',
    e.score, e.label, e.explanation, '', start_unix_ns, start_unix_ns, 'span', project
FROM (
    SELECT project, trace_id, span_id, session_id, start_unix_ns, arrayJoin(JSONExtract(evaluations,
        'Array(Tuple(name String, label String, score Nullable(Float64), explanation String, target String))')) AS e
    FROM nightjar.spans FINAL WHERE {0} AND evaluations != '')
UNION ALL
SELECT if(span_id = 0, 'trace', 'span'), trace_id, span_id, '', 0, JSONExtractString(attributes, 'gen_ai.evaluation.name'), '', '',
    JSONExtract(attributes, 'gen_ai.evaluation.score.value', 'Nullable(Float64)'),
    JSONExtractString(attributes, 'gen_ai.evaluation.score.label'),
    JSONExtractString(attributes, 'gen_ai.evaluation.explanation'), '', at_unix_ns, at_unix_ns, 'log', project
FROM nightjar.logs FINAL
WHERE {0} AND event_name = 'gen_ai.evaluation.result' AND trace_id != toFixedString('', 16))";
  return fmt::format(kSql, where);
}

Result<void> Annotations::Put(std::vector<Annotation> annotations, bool must_exist, UnixNanos now) {
  ASSIGN_OR_RETURN(std::vector<Annotation> found, WithTargets(annotations));
  const auto is_found = [&](const Annotation& wanted) {
    return std::ranges::any_of(found, [&](const Annotation& a) {
      return a.target == wanted.target && a.span_id == wanted.span_id && a.session_id == wanted.session_id &&
             (wanted.target != AnnotationTarget::kTrace || a.trace_id == wanted.trace_id);
    });
  };
  std::vector<Annotation> late;
  std::ranges::remove_copy_if(annotations, std::back_inserter(late), is_found);
  if (!late.empty() && must_exist) {
    const Annotation& first = late.front();
    return Fail(
        ErrorCode::kNotFound,
        fmt::format("there is no {} {}", first.target == AnnotationTarget::kDocument ? "span" : ToWord(first.target),
                    first.target == AnnotationTarget::kTrace     ? first.trace_id.ToHex()
                    : first.target == AnnotationTarget::kSession ? first.session_id
                                                                 : first.span_id.ToHex()));
  }
  if (!late.empty()) {
    ASSIGN_OR_RETURN(const std::vector<Annotation> waiting,
                     ReadWhere("project = ''", {}, fmt::format("LIMIT {}", kLateAnnotationsMax), QueryOptions()));
    if (waiting.size() + late.size() > kLateAnnotationsMax)
      return Fail(
          ErrorCode::kResourceExhausted,
          fmt::format("{} annotations wait for what they are of already; send the spans first", waiting.size()));
    std::ranges::move(late, std::back_inserter(found));
  }
  // What it replaces says when it was made first.
  std::vector<SpanId> spans;
  std::vector<std::string> sessions;
  std::vector<TraceId> traces;
  for (const Annotation& a : found) {
    if (!a.span_id.IsZero())
      spans.push_back(a.span_id);
    else if (!a.session_id.empty())
      sessions.push_back(a.session_id);
    else
      traces.push_back(a.trace_id);
  }
  ASSIGN_OR_RETURN(
      const std::vector<Annotation> old,
      ReadWhere(fmt::format("(span_id IN {{spans:Array(UInt64)}} OR session_id IN {{sessions:Array(String)}} "
                            "OR (span_id = 0 AND {}))",
                            kTraceIn),
                {{"spans", NumberArray(spans), ParamForm::kLiteral},
                 {"sessions", TextArray(sessions), ParamForm::kLiteral},
                 {"traces", HexArray(traces), ParamForm::kLiteral}},
                "", QueryOptions()));
  for (Annotation& a : found) {
    const auto before = std::ranges::find_if(old, [&](const Annotation& o) { return KeyOf(o) == KeyOf(a); });
    a.created_unix_ns = before == old.end() ? now : before->created_unix_ns;
    a.updated_unix_ns = now;
  }
  return Write(found, false, now);
}

// Each annotation once for every project that has its target; none where there is none.
Result<std::vector<Annotation>> Annotations::WithTargets(const std::vector<Annotation>& annotations) const {
  std::vector<SpanId> spans;
  std::vector<TraceId> traces;
  std::vector<std::string> sessions;
  for (const Annotation& a : annotations) switch (a.target) {
      case AnnotationTarget::kSpan:
      case AnnotationTarget::kDocument: spans.push_back(a.span_id); break;
      case AnnotationTarget::kTrace: traces.push_back(a.trace_id); break;
      case AnnotationTarget::kSession: sessions.push_back(a.session_id); break;
    }
  struct Place {
    std::string project;
    TraceId trace_id;
  };
  std::multimap<SpanId, Place> of_span;
  std::multimap<TraceId, std::string> of_trace;
  std::multimap<std::string, std::string> of_session;
  const auto ask = [&](const std::string& columns, const std::string& where, QueryParam param,
                       const auto& read) -> Result<void> {
    ASSIGN_OR_RETURN(
        const std::string bytes,
        clickhouse_.Select(fmt::format("SELECT DISTINCT project, {} FROM nightjar.spans WHERE {}", columns, where),
                           std::vector{std::move(param)}, QueryOptions()));
    ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
    for (const NativeBlock& block : blocks)
      for (std::size_t row = 0; row < block.rows; ++row) read(block, row);
    return {};
  };
  if (!spans.empty())
    RETURN_IF_ERROR(ask(
        "trace_id, span_id", "span_id IN {spans:Array(UInt64)}", {"spans", NumberArray(spans), ParamForm::kLiteral},
        [&](const NativeBlock& block, std::size_t row) {
          of_span.emplace(
              SpanIdFromNumber(block.columns.at(2).Fixed<std::uint64_t>(row)),
              Place{std::string(block.columns.at(0).Text(row)), *TraceId::FromBytes(block.columns.at(1).Text(row))});
        }));
  if (!traces.empty())
    RETURN_IF_ERROR(ask("trace_id", std::string(kTraceIn), {"traces", HexArray(traces), ParamForm::kLiteral},
                        [&](const NativeBlock& block, std::size_t row) {
                          of_trace.emplace(*TraceId::FromBytes(block.columns.at(1).Text(row)),
                                           block.columns.at(0).Text(row));
                        }));
  if (!sessions.empty())
    RETURN_IF_ERROR(ask("session_id", "session_id IN {sessions:Array(String)}",
                        {"sessions", TextArray(sessions), ParamForm::kLiteral},
                        [&](const NativeBlock& block, std::size_t row) {
                          of_session.emplace(block.columns.at(1).Text(row), block.columns.at(0).Text(row));
                        }));
  std::vector<Annotation> found;
  const auto add = [&](Annotation a, const std::string& project, const TraceId& trace_id) {
    a.project = project;
    a.trace_id = trace_id;
    found.push_back(std::move(a));
  };
  for (const Annotation& a : annotations) {
    if (a.target == AnnotationTarget::kTrace) {
      for (auto [at, end] = of_trace.equal_range(a.trace_id); at != end; ++at) add(a, at->second, a.trace_id);
    } else if (a.target == AnnotationTarget::kSession) {
      for (auto [at, end] = of_session.equal_range(a.session_id); at != end; ++at) add(a, at->second, TraceId());
    } else {
      for (auto [at, end] = of_span.equal_range(a.span_id); at != end; ++at)
        add(a, at->second.project, at->second.trace_id);
    }
  }
  return found;
}

Result<std::vector<Annotation>> Annotations::Read(const AnnotationFilter& filter, std::size_t limit, std::size_t skip,
                                                  const QueryOptions& options) const {
  CHECK(limit <= kAnnotationsReadMax + 1);
  std::vector<QueryParam> params;
  const std::string where = WhereOf(filter, params);
  return ReadWhere(where, params, fmt::format("LIMIT {} OFFSET {}", limit, skip), options);
}

Result<std::vector<Annotation>> Annotations::ReadWhere(const std::string& where, const std::vector<QueryParam>& params,
                                                       std::string_view end, const QueryOptions& options) const {
  const std::string sql = fmt::format(
      "SELECT target, project, trace_id, span_id, session_id, position, name, identifier, annotator_kind, label, "
      "isNotNull(score), ifNull(score, 0), explanation, metadata, created_unix_ns, updated_unix_ns "
      "FROM nightjar.annotations FINAL WHERE {} ORDER BY project, target, trace_id, span_id, session_id, position, "
      "name, "
      "identifier {}",
      where, end);
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select(sql, params, options));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  std::vector<Annotation> annotations;
  for (const NativeBlock& block : blocks)
    for (std::size_t row = 0; row < block.rows; ++row) annotations.push_back(ReadRow(block, row));
  return annotations;
}

Result<bool> Annotations::AreNone() const {
  ASSIGN_OR_RETURN(const std::string bytes, clickhouse_.Select("SELECT 1 FROM nightjar.annotations LIMIT 1", {}, {}));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(bytes));
  return std::ranges::none_of(blocks, [](const NativeBlock& block) { return block.rows > 0; });
}

Result<void> Annotations::Write(std::span<const Annotation> annotations, bool are_deleted, UnixNanos now) {
  if (annotations.empty()) return {};
  Columns columns;
  for (const Annotation& annotation : annotations) columns.Add(annotation, are_deleted, now);
  const InsertBlock insert = columns.Finish();
  // Of the bytes, which hold the time: an insert whose answer was lost is not sent again by itself.
  const XXH128_hash_t hash = XXH3_128bits(insert.native.data(), insert.native.size());
  return clickhouse_.Insert(insert.statement, fmt::format("annotations-{:016x}{:016x}", hash.high64, hash.low64),
                            insert.native);
}

Result<void> Annotations::Delete(const AnnotationFilter& filter, UnixNanos now) {
  std::vector<QueryParam> params = {{"now", std::to_string(now)}};
  const std::string where = WhereOf(filter, params);
  return clickhouse_.Execute(
      fmt::format("INSERT INTO nightjar.annotations ({0}, version, is_deleted) SELECT {0}, {{now:UInt64}}, 1 "
                  "FROM nightjar.annotations FINAL WHERE {1}",
                  kColumns, where),
      params);
}

Result<std::size_t> Annotations::Resolve(UnixNanos now, UnixNanos patience_ns) {
  ASSIGN_OR_RETURN(const std::vector<Annotation> waiting,
                   ReadWhere("project = ''", {}, fmt::format("LIMIT {}", kLateAnnotationsMax), QueryOptions()));
  if (waiting.empty()) return std::size_t{0};
  ASSIGN_OR_RETURN(const std::vector<Annotation> found, WithTargets(waiting));
  std::set<std::tuple<SpanId, TraceId, std::string>> targets;
  for (const Annotation& a : found)
    targets.emplace(a.span_id, a.target == AnnotationTarget::kTrace ? a.trace_id : TraceId(), a.session_id);
  std::vector<Annotation> done;
  for (const Annotation& a : waiting)
    if (targets.contains({a.span_id, a.trace_id, a.session_id}) || a.updated_unix_ns + patience_ns < now)
      done.push_back(a);
  RETURN_IF_ERROR(Write(found, false, now));
  RETURN_IF_ERROR(Write(done, true, now));
  return waiting.size() - done.size();
}

}  // namespace nightjar::store
