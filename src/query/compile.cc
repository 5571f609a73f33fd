// Every condition is one on rows of nightjar.spans. What must hold for some span of a trace is
// `trace_id IN (SELECT trace_id … WHERE …)`, so that the indexes find those spans first; what is said of a whole trace
// groups by it. A session is made of traces: its id stands on some of their spans only.
#include "query/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "query/internal/span_sql.h"
#include "query/score_sql.h"
#include "store/annotations.h"
#include "store/id_columns.h"
#include "store/repeated_calls.h"

namespace nightjar::query {
namespace {

using Kind = Expression::Kind;
using Within = Expression::Within;

constexpr UnixNanos kDayNs = 86'400'000'000'000;

std::string_view SignOf(Number::Kind kind) {
  switch (kind) {
    case Number::Kind::kPlus: return "+";
    case Number::Kind::kMinus: return "-";
    case Number::Kind::kTimes: return "*";
    case Number::Kind::kDivide: return "/";
    default: return "%";
  }
}

bool Holds(double value, Operator op, double than) {
  switch (op) {
    case Operator::kLess: return value < than;
    case Operator::kLessOrEqual: return value <= than;
    case Operator::kGreater: return value > than;
    case Operator::kGreaterOrEqual: return value >= than;
    default: return value == than;
  }
}

class Compiler {
 public:
  explicit Compiler(const Window& window) : window_(window), spans_(window.now) {
    spans_.Add({"project", window.project});
    if (!window.traces.empty()) spans_.Add({"traces", store::HexArray(window.traces), store::ParamForm::kLiteral});
  }

  Condition Run(const Expression& expression, Grain grain) {
    spread_ = grain == Grain::kSpan ? 0 : kTraceSpreadNs;
    row_has_session_ = grain == Grain::kSession;
    std::string sql = fmt::format("{} AND {}", Base(spread_), Of(expression, grain));
    return {std::move(sql), spans_.TakeParams(), sums_calls_ ? std::string(store::kRepeatsSettings) : ""};
  }

 private:
  std::string Of(const Expression& expression, Grain grain) {
    switch (expression.kind) {
      case Kind::kAll: return "1";
      case Kind::kAnd: return Joined(expression, grain, " AND ");
      case Kind::kOr: return Joined(expression, grain, " OR ");
      case Kind::kNot: {
        positive_ = !positive_;
        std::string sql = fmt::format("NOT {}", Of(expression.children.front(), grain));
        positive_ = !positive_;
        return sql;
      }
      case Kind::kTerm: return TermAt(expression.term, grain);
      case Kind::kText:
        if (grain != Grain::kSpan) return Exists(grain, [&] { return spans_.OfText(expression, Base(spread_)); });
        return spans_.OfText(expression, Base(spread_));
      case Kind::kWithin: return WithinAt(expression, grain);
      case Kind::kCompare: return CompareAt(expression, grain);
    }
    CHECK(false);
    return "";
  }

  std::string Joined(const Expression& expression, Grain grain, std::string_view between) {
    std::string sql = "(";
    for (const Expression& child : expression.children) {
      if (sql.size() > 1) sql += between;
      sql += Of(child, grain);
    }
    return sql + ')';
  }

  std::string WithinAt(const Expression& expression, Grain grain) {
    const Expression& inner = expression.children.front();
    const Grain at_least_trace = grain == Grain::kSpan ? Grain::kTrace : grain;
    switch (expression.within) {
      case Within::kSpan:
        return grain == Grain::kSpan ? Of(inner, Grain::kSpan) : Exists(grain, [&] { return Of(inner, Grain::kSpan); });
      case Within::kRoot:
        return Exists(at_least_trace,
                      [&] { return fmt::format("(parent_span_id = 0 AND {})", Of(inner, Grain::kSpan)); });
      case Within::kFirst:
      case Within::kLast: {
        const std::string_view best = expression.within == Within::kFirst ? "argMinIf" : "argMaxIf";
        return Whole(at_least_trace, false, [&] {
          return fmt::format("{}(toUInt8({}), start_unix_ns, parent_span_id = 0) = 1", best, Of(inner, Grain::kSpan));
        });
      }
      case Within::kParent:
      case Within::kChild:
      case Within::kSibling:
        if (grain != Grain::kSpan) return Exists(grain, [&] { return WithinAt(expression, Grain::kSpan); });
        return Relative(expression.within, inner);
      case Within::kTrace:
        return grain == Grain::kSession ? Exists(grain, [&] { return Of(inner, Grain::kTrace); })
                                        : Of(inner, Grain::kTrace);
      case Within::kSession: {
        if (grain == Grain::kSession) return Of(inner, grain);
        // Otherwise what is not in any session would be in one of which a negation holds.
        const std::string in_session = Exists(Grain::kTrace, [] { return std::string("session_id != ''"); });
        return fmt::format("({} AND {})", in_session, Of(inner, Grain::kSession));
      }
      case Within::kSpanAnnotation: return Annotated(" AND target IN ('span', 'document')", inner, grain);
      case Within::kTraceAnnotation: return Annotated(" AND target = 'trace'", inner, at_least_trace);
      case Within::kSessionAnnotation: return Annotated(" AND target = 'session'", inner, Grain::kSession);
    }
    CHECK(false);
    return "";
  }

  // What `make` makes, of the rows of a statement of its own: a NOT around it negates the whole.
  template <typename Make>
  std::string Nested(Make make) {
    const bool positive = std::exchange(positive_, true);
    const bool row_has_session = std::exchange(row_has_session_, false);
    const UnixNanos spread = std::exchange(spread_, kTraceSpreadNs);
    std::string sql = make();
    positive_ = positive;
    row_has_session_ = row_has_session;
    spread_ = spread;
    return sql;
  }

  // That the trace or session of the row has a span for which the condition holds that `make` makes.
  template <typename Make>
  std::string Exists(Grain grain, Make make) {
    const std::string traces =
        fmt::format("SELECT trace_id FROM nightjar.spans FINAL WHERE {} AND {}", Base(kTraceSpreadNs), Nested(make));
    if (grain == Grain::kTrace) return fmt::format("trace_id IN ({})", traces);
    return InSessions(
        fmt::format("SELECT session_id FROM nightjar.spans FINAL WHERE {} AND session_id != '' AND "
                    "trace_id IN ({})",
                    Base(kTraceSpreadNs), traces));
  }

  // That the row's trace belongs to one of these sessions, or the row itself to one.
  std::string InSessions(const std::string& sessions) {
    if (row_has_session_) return fmt::format("session_id IN ({})", sessions);
    return fmt::format("trace_id IN (SELECT trace_id FROM nightjar.spans FINAL WHERE {} AND session_id IN ({}))",
                       Base(kTraceSpreadNs), sessions);
  }

  // That a span that is so related to the row's fulfils the condition.
  std::string Relative(Within within, const Expression& inner) {
    const std::string rows = fmt::format("FROM nightjar.spans FINAL WHERE {} AND {}", Base(kTraceSpreadNs),
                                         Nested([&] { return Of(inner, Grain::kSpan); }));
    if (within == Within::kParent)
      return fmt::format("((trace_id, parent_span_id) IN (SELECT trace_id, span_id {}))", rows);
    if (within == Within::kChild)
      return fmt::format("((trace_id, span_id) IN (SELECT trace_id, parent_span_id {} AND parent_span_id != 0))", rows);
    // One of the siblings is another span unless the first and the last of them are this one.
    return fmt::format(
        "((trace_id, span_id) IN (SELECT trace_id, span_id FROM (SELECT trace_id, parent_span_id, span_id FROM "
        "nightjar.spans FINAL WHERE {} AND parent_span_id != 0) AS child INNER JOIN (SELECT trace_id, parent_span_id, "
        "min(span_id) AS min_id, max(span_id) AS max_id {} AND parent_span_id != 0 GROUP BY trace_id, parent_span_id) "
        "AS family USING (trace_id, parent_span_id) WHERE min_id != span_id OR max_id != span_id))",
        Base(kTraceSpreadNs), rows);
  }

  // That the condition on aggregates that `make` makes holds for the row's trace or session.
  template <typename Make>
  std::string Whole(Grain grain, bool sums_calls, Make make) {
    sums_calls_ = sums_calls_ || sums_calls;
    const std::string with = sums_calls ? WithIsCall(window_) : "";
    OfTraces of_traces;
    std::swap(of_traces, of_traces_);
    std::string joins;
    const std::string condition = WithJoins(joins, [&] { return Nested(make); });
    std::swap(of_traces, of_traces_);
    if (grain == Grain::kTrace)
      return fmt::format("trace_id IN ({}SELECT trace_id FROM {} GROUP BY trace_id HAVING {})", with, Rows(joins),
                         condition);
    return InSessions(
        fmt::format("{}SELECT session FROM (SELECT * FROM {}) AS spans INNER JOIN ({}SELECT trace_id, max(session_id) "
                    "AS session{} FROM {} GROUP BY trace_id HAVING session != '') AS of_session USING (trace_id){} "
                    "GROUP BY session HAVING {}",
                    with, Rows(""), of_traces.columns.empty() ? "" : with, of_traces.columns, Rows(of_traces.joins),
                    joins, condition));
  }

  // What `make` makes, and the joins that it needs beside the rows that it is about.
  template <typename Make>
  std::string WithJoins(std::string& joins, Make make) {
    std::string around = std::exchange(joins_, "");
    std::string sql = make();
    joins = std::exchange(joins_, std::move(around));
    return sql;
  }

  // The spans in and around the window, as what stands behind FROM.
  std::string Rows(const std::string& joins) const {
    const std::string rows = fmt::format("nightjar.spans FINAL WHERE {}", Base(kTraceSpreadNs));
    return joins.empty() ? rows : fmt::format("(SELECT * FROM {}) AS spans{}", rows, joins);
  }

  std::string TermAt(const Term& term, Grain grain) {
    const Field& field = *term.field;
    if (field.is_annotation()) return AnnotationAt(term, grain);
    if (field.of_subtree) return SubtreeAt(term);
    if (grain == Grain::kSpan)
      return field.of_trace ? Exists(Grain::kTrace, [&] { return spans_.OfTerm(term, positive_); })
                            : spans_.OfTerm(term, positive_);
    if (field.whole_sql.empty()) return Exists(grain, [&] { return spans_.OfTerm(term, positive_); });
    return Whole(grain, field.sums_calls(), [&] { return spans_.Compared(term, field.whole_sql, field.whole_known); });
  }

  // That the sum over the row's span and all below it compares so. A span that is above none has the sum 0.
  std::string SubtreeAt(const Term& term) {
    if (term.op == Operator::kExists) return "1";
    const double than = std::get<double>(term.value);
    const bool holds_for_none = Holds(0, term.op, than);
    return fmt::format(
        "(trace_id, span_id) {0}IN ({1}SELECT trace_id, id FROM climb GROUP BY trace_id, id HAVING {0}sum(value) {2} "
        "{3})",
        holds_for_none ? "NOT " : "", Climb(*term.field), internal::SignOf(term.op),
        spans_.Bind("Float64", fmt::format("{}", than)));
  }

  // Each span that counts, as `id` of itself and of each span above it: it climbs to its root, level by level.
  std::string Climb(const Field& field) const {
    constexpr int kLevelsMax = 200;  // ends where parents go in a circle
    return fmt::format(
        "WITH RECURSIVE climb AS (SELECT trace_id, span_id AS id, parent_span_id AS above, toUInt64({0}) AS value, 0 "
        "AS level FROM {1} AND {2} UNION ALL SELECT outer.trace_id, outer.span_id, outer.parent_span_id, inner.value, "
        "level + 1 FROM climb AS inner INNER JOIN (SELECT trace_id, span_id, parent_span_id FROM {1} AND trace_id IN "
        "(SELECT trace_id FROM climb)) AS outer ON outer.trace_id = inner.trace_id AND outer.span_id = inner.above "
        "WHERE above != 0 AND level < {3}) ",
        field.sql, Rows(""), field.known, kLevelsMax);
  }

  // That the span, or anything of the trace or session, is annotated so.
  std::string AnnotationAt(const Term& term, Grain grain) {
    return AnnotatedSo("",
                       fmt::format("name = {} AND {}", spans_.Bind("String", term.key),
                                   spans_.Compared(term, term.field->sql, term.field->known)),
                       grain);
  }

  std::string Annotated(std::string_view of_target, const Expression& inner, Grain grain) {
    // Its fields are those of an annotation: nothing in it asks for spans.
    return AnnotatedSo(of_target, Nested([&] { return OfAnnotation(inner); }), grain);
  }

  std::string OfAnnotation(const Expression& expression) {
    if (expression.kind == Kind::kTerm)
      return spans_.Compared(expression.term, expression.term.field->sql, expression.term.field->known);
    if (expression.kind == Kind::kNot) return fmt::format("NOT {}", OfAnnotation(expression.children.front()));
    if (expression.kind == Kind::kAll) return "1";
    if (expression.kind == Kind::kCompare) return Compared(expression, Grain::kSpan);
    CHECK(expression.kind == Kind::kAnd || expression.kind == Kind::kOr);
    std::string sql = "(";
    for (const Expression& child : expression.children)
      sql += fmt::format("{}{}",
                         sql.size() == 1                 ? ""
                         : expression.kind == Kind::kAnd ? " AND "
                                                         : " OR ",
                         OfAnnotation(child));
    return sql + ')';
  }

  std::string AnnotatedSo(std::string_view of_target, const std::string& condition, Grain grain) {
    const std::string from = fmt::format("FROM ({}) WHERE {}{}", store::AllAnnotationsSql("project = {project:String}"),
                                         condition, of_target);
    if (grain == Grain::kSpan)
      return fmt::format("(trace_id, span_id) IN (SELECT trace_id, span_id {} AND span_id != 0)", from);
    const std::string traces = fmt::format("SELECT trace_id {} AND target != 'session'", from);
    if (grain == Grain::kTrace) return fmt::format("trace_id IN ({})", traces);
    return InSessions(
        fmt::format("SELECT session_id {} AND target = 'session' UNION ALL SELECT session_id FROM nightjar.spans FINAL "
                    "WHERE {} AND "
                    "session_id != '' AND trace_id IN ({})",
                    from, Base(kTraceSpreadNs), traces));
  }

  std::string CompareAt(const Expression& expression, Grain grain) {
    const auto compared = [&] { return Compared(expression, grain); };
    if (grain != Grain::kSpan)
      return Whole(grain, SumsCalls(expression.numbers.front()) || SumsCalls(expression.numbers.back()), compared);
    std::string joins;
    std::string sql = WithJoins(joins, compared);
    if (joins.empty()) return sql;
    return fmt::format("(trace_id, span_id) IN (SELECT trace_id, span_id FROM {} WHERE {})", Rows(joins), sql);
  }

  std::string Compared(const Expression& expression, Grain grain) {
    const std::string left = NumberAt(expression.numbers.front(), grain);
    return fmt::format("ifNull({} {} {}, 0)", left, internal::SignOf(expression.term.op),
                       NumberAt(expression.numbers.back(), grain));
  }

  static bool SumsCalls(const Number& number) {
    return (number.kind == Number::Kind::kField && number.field->sums_calls()) ||
           std::ranges::any_of(number.of, SumsCalls);
  }

  // A Nullable(Float64): of a row of a span, or of the rows of a trace or session.
  std::string NumberAt(const Number& number, Grain grain) {
    using enum Number::Kind;
    switch (number.kind) {
      case kValue: return fmt::format("toNullable({})", spans_.Bind("Float64", fmt::format("{}", number.value)));
      case kField: {
        if (number.field->is_annotation() && !number.key.empty()) return MeanScore(number.key, grain);
        if (number.field->of_subtree) return OverSubtree(*number.field);
        if (grain == Grain::kSpan) return spans_.NumberOf(*number.field, number.key);
        const std::string_view known = number.field->whole_known;
        return fmt::format("if({}, toFloat64({}), NULL)", known.empty() ? "1" : known, number.field->whole_sql);
      }
      case kRootField:
        // As a tuple, because NULLs are passed over.
        return fmt::format("argMinIf(tuple({}), start_unix_ns, parent_span_id = 0).1",
                           spans_.NumberOf(*number.field, number.key));
      case kOfParent: return OfParent(number.of.front());
      case kPlus:
      case kMinus:
      case kTimes:
      case kDivide:
      case kRemainder: {
        const std::string right = NumberAt(number.of.back(), grain);
        const bool divides = number.kind == kDivide || number.kind == kRemainder;
        return fmt::format("({} {} {})", NumberAt(number.of.front(), grain), SignOf(number.kind),
                           divides ? fmt::format("nullIf({}, 0)", right) : right);
      }
      case kCount:
      case kSum:
      case kMin:
      case kMax: break;
    }
    switch (number.over) {
      case Number::Over::kSpans: return OverSpans(number, Of(number.where.front(), Grain::kSpan));
      case Number::Over::kTraces: return OverTraces(number);
      case Number::Over::kChildren: return OverChildren(number);
      case Number::Over::kSpanAnnotations: return OverAnnotations(number, "target IN ('span', 'document')", grain);
      case Number::Over::kTraceAnnotations: return OverAnnotations(number, "target = 'trace'", grain);
      case Number::Over::kSessionAnnotations: return OverAnnotations(number, "target = 'session'", grain);
    }
    CHECK(false);
    return "";
  }

  // Of the rows that are grouped: spans, or annotations.
  std::string OverSpans(const Number& number, const std::string& where) {
    if (number.kind == Number::Kind::kCount) return fmt::format("toNullable(toFloat64(countIf({})))", where);
    const std::string of = NumberAt(number.of.front(), Grain::kSpan);
    if (number.kind == Number::Kind::kSum) return fmt::format("toNullable(ifNull(sumIf({}, {}), 0))", of, where);
    return fmt::format("{}({}, {})", number.kind == Number::Kind::kMin ? "minIf" : "maxIf", of, where);
  }

  // The `number` that `sql` selects beside the ids of spans, traces or sessions; nothing where it selects none.
  std::string Beside(Grain grain, const std::string& sql) {
    const std::string name = fmt::format("beside_{}", besides_++);
    const std::string_view ids = grain == Grain::kSpan    ? "trace_id, span_id"
                                 : grain == Grain::kTrace ? "trace_id"
                                                          : "session";
    joins_ += fmt::format(" LEFT JOIN (SELECT {0}, number AS {1} FROM ({2})) AS of_{1} USING ({0})", ids, name, sql);
    return grain == Grain::kSpan ? name : fmt::format("any({})", name);
  }

  std::string MeanScore(const std::string& name, Grain grain) {
    const ListOf list = grain == Grain::kSpan    ? ListOf::kSpans
                        : grain == Grain::kTrace ? ListOf::kTraces
                                                 : ListOf::kSessions;
    return Beside(grain, fmt::format("SELECT {} mean_score AS number FROM ({})",
                                     grain == Grain::kSpan    ? "trace_id, span_id,"
                                     : grain == Grain::kTrace ? "trace_id,"
                                                              : "id AS session,",
                                     MeanScoresSql(list, spans_.Bind("String", name))));
  }

  std::string OverSubtree(const Field& field) {
    const std::string sum = Beside(
        Grain::kSpan, fmt::format("{}SELECT trace_id, id AS span_id, toNullable(toFloat64(sum(value))) AS number FROM "
                                  "climb GROUP BY trace_id, id",
                                  Climb(field)));
    return fmt::format("toNullable(ifNull({}, 0))", sum);
  }

  std::string OfParent(const Number& number) {
    std::string joins;
    const std::string of = WithJoins(joins, [&] { return NumberAt(number, Grain::kSpan); });
    return Beside(Grain::kSpan,
                  fmt::format("SELECT trace_id, span_id, number FROM (SELECT trace_id, span_id, parent_span_id FROM "
                              "{}) AS child INNER JOIN (SELECT trace_id, id AS parent_span_id, number FROM (SELECT "
                              "trace_id, span_id AS id, {} AS number FROM {})) AS parent USING (trace_id, "
                              "parent_span_id)",
                              Rows(""), of, Rows(joins)));
  }

  std::string OverChildren(const Number& number) {
    std::string joins;
    const std::string of = WithJoins(
        joins, [&] { return Nested([&] { return OverSpans(number, Of(number.where.front(), Grain::kSpan)); }); });
    return OrNothing(number, Beside(Grain::kSpan, fmt::format("SELECT trace_id, above AS span_id, number FROM (SELECT "
                                                              "trace_id, parent_span_id AS above, {} AS number FROM "
                                                              "{} GROUP BY trace_id, above)",
                                                              of, Rows(joins))));
  }

  std::string OverAnnotations(const Number& number, std::string_view of_target, Grain grain) {
    const std::string of = Nested([&] { return OverSpans(number, OfAnnotation(number.where.front())); });
    const std::string_view ids = grain == Grain::kSpan    ? "trace_id, span_id"
                                 : grain == Grain::kTrace ? "trace_id"
                                                          : "session_id";
    const std::string sql = fmt::format("SELECT {}{}, {} AS number FROM ({}) WHERE {} GROUP BY {}", ids,
                                        grain == Grain::kSession ? " AS session" : "", of,
                                        store::AllAnnotationsSql("project = {project:String}"), of_target, ids);
    return OrNothing(number, Beside(grain, sql));
  }

  // Where there is nothing that could be counted, the count and the sum are 0.
  static std::string OrNothing(const Number& number, const std::string& sql) {
    const bool is_sum = number.kind == Number::Kind::kCount || number.kind == Number::Kind::kSum;
    return is_sum ? fmt::format("toNullable(ifNull({}, 0))", sql) : sql;
  }

  // Of a session: the number of each trace stands beside each of its rows.
  std::string OverTraces(const Number& number) {
    const std::string where = Of(number.where.front(), Grain::kTrace);
    if (number.kind == Number::Kind::kCount)
      return fmt::format("toNullable(toFloat64(uniqExactIf(trace_id, {})))", where);
    const std::string name = fmt::format("number_{}", numbers_of_traces_++);
    std::string joins;
    const std::string of = WithJoins(joins, [&] { return NumberAt(number.of.front(), Grain::kTrace); });
    of_traces_.columns += fmt::format(", {} AS {}", of, name);
    of_traces_.joins += joins;
    if (number.kind == Number::Kind::kSum)
      return fmt::format(
          "toNullable(arraySum(arrayMap(one -> one.2, groupUniqArrayIf((trace_id, ifNull({0}, 0)), {1}))))", name,
          where);
    return fmt::format("{}({}, {})", number.kind == Number::Kind::kMin ? "minIf" : "maxIf", name, where);
  }

  // The window, wider by `spread` at both ends. The day is the partition; far-off times are in partition 0.
  std::string Base(UnixNanos spread) const {
    std::string sql = "project = {project:String}";
    if (!window_.traces.empty())
      sql += " AND trace_id IN (SELECT toFixedString(unhex(arrayJoin({traces:Array(String)})), 16))";
    if (window_.from) {
      const UnixNanos from = *window_.from - std::min(*window_.from, spread);
      sql += fmt::format(" AND start_unix_ns >= {0} AND (day = 0 OR day >= {1})", from, from / kDayNs);
    }
    if (window_.to) {
      const UnixNanos to = *window_.to + std::min(spread, ~UnixNanos{0} - *window_.to);
      sql += fmt::format(" AND start_unix_ns < {0} AND (day = 0 OR day <= {1})", to, to / kDayNs);
    }
    return sql;
  }

  const Window& window_;
  internal::SpanSql spans_;
  bool positive_ = true;
  bool row_has_session_ = false;  // the row stands for the session whose id it carries
  UnixNanos spread_ = 0;          // how far from the window the row may be
  bool sums_calls_ = false;
  // Numbers of traces, for the session that is being compared: columns, and the joins that they need.
  struct OfTraces {
    std::string columns;
    std::string joins;
  };
  OfTraces of_traces_;
  std::size_t numbers_of_traces_ = 0;
  std::string joins_;  // of what is being compared
  std::size_t besides_ = 0;
};

}  // namespace

std::string WithIsCall(const Window& window) {
  const UnixNanos from = window.from.value_or(0);
  const UnixNanos to = window.to.value_or(~UnixNanos{0});
  const std::string near = store::NearRange(fmt::format("toUInt64({})", from - std::min(from, kTraceSpreadNs)),
                                            fmt::format("toUInt64({})", to + std::min(kTraceSpreadNs, ~to)));
  return fmt::format("WITH {} AND (trace_id, span_id) NOT IN ({}) AS is_call ", store::kIsCall,
                     store::RepeatsAmong(near));
}

Condition Compile(const Expression& expression, Grain grain, const Window& window) {
  return Compiler(window).Run(expression, grain);
}

}  // namespace nightjar::query
