// Every condition is one on rows of nightjar.spans. What must hold for some span of a trace is
// `trace_id IN (SELECT trace_id … WHERE …)`, so that the indexes find those spans first; what is said of a whole trace
// groups by it. A session is made of traces: its id stands on some of their spans only.
#include "query/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/check.h"
#include "query/internal/text.h"
#include "store/annotations.h"
#include "store/repeated_calls.h"

namespace nightjar::query {
namespace {

using Kind = Expression::Kind;
using Within = Expression::Within;

constexpr UnixNanos kDayNs = 86'400'000'000'000;

std::string_view SignOf(Operator op) {
  switch (op) {
    case Operator::kEquals: return "=";
    case Operator::kLess: return "<";
    case Operator::kLessOrEqual: return "<=";
    case Operator::kGreater: return ">";
    case Operator::kGreaterOrEqual: return ">=";
    case Operator::kRegex:
    case Operator::kExists: break;
  }
  CHECK(false);
  return "";
}

// The pattern of LIKE for one with stars.
std::string LikePattern(std::string_view glob) {
  std::string like;
  for (const char c : glob) {
    if (c == '%' || c == '_' || c == '\\') like += '\\';
    like += c == '*' ? '%' : c;
  }
  return like;
}

std::uint64_t NumberOf(const SpanId& id) {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : id.bytes) number = number << 8 | byte;
  return number;
}

class Compiler {
 public:
  explicit Compiler(const Window& window) : window_(window) { params_.push_back({"project", window.project}); }

  Condition Run(const Expression& expression, Grain grain) {
    spread_ = grain == Grain::kSpan ? 0 : kTraceSpreadNs;
    std::string sql = fmt::format("{} AND {}", Base(spread_), Of(expression, grain));
    return {std::move(sql), std::move(params_), sums_calls_ ? std::string(store::kRepeatsSettings) : ""};
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
        return grain == Grain::kSpan ? TextIn(expression) : Exists(grain, [&] { return TextIn(expression); });
      case Kind::kWithin: return WithinAt(expression, grain);
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
    switch (expression.within) {
      case Within::kSpan:
        return grain == Grain::kSpan ? Of(inner, Grain::kSpan) : Exists(grain, [&] { return Of(inner, Grain::kSpan); });
      case Within::kRoot:
        return Exists(grain == Grain::kSession ? grain : Grain::kTrace,
                      [&] { return fmt::format("(parent_span_id = 0 AND {})", Of(inner, Grain::kSpan)); });
      case Within::kTrace:
        return grain == Grain::kSession ? Exists(grain, [&] { return Of(inner, Grain::kTrace); })
                                        : Of(inner, Grain::kTrace);
      case Within::kSession: {
        if (grain == Grain::kSession) return Of(inner, grain);
        // Otherwise what is not in any session would be in one of which a negation holds.
        const std::string in_session = Exists(Grain::kTrace, [] { return std::string("session_id != ''"); });
        return fmt::format("({} AND {})", in_session, Of(inner, Grain::kSession));
      }
    }
    CHECK(false);
    return "";
  }

  // That the trace or session of the row has a span for which the condition holds that `make` makes.
  template <typename Make>
  std::string Exists(Grain grain, Make make) {
    const bool outer = std::exchange(positive_, true);  // a NOT around it negates the whole
    const UnixNanos outer_spread = std::exchange(spread_, kTraceSpreadNs);
    const std::string traces =
        fmt::format("SELECT trace_id FROM nightjar.spans FINAL WHERE {} AND {}", Base(kTraceSpreadNs), make());
    positive_ = outer;
    spread_ = outer_spread;
    if (grain == Grain::kTrace) return fmt::format("trace_id IN ({})", traces);
    return InSessions(
        fmt::format("SELECT session_id FROM nightjar.spans FINAL WHERE {} AND session_id != '' AND "
                    "trace_id IN ({})",
                    Base(kTraceSpreadNs), traces));
  }

  // That the row's trace belongs to one of these sessions.
  std::string InSessions(const std::string& sessions) {
    return fmt::format("trace_id IN (SELECT trace_id FROM nightjar.spans FINAL WHERE {} AND session_id IN ({}))",
                       Base(kTraceSpreadNs), sessions);
  }

  // That the condition on aggregates holds for the row's trace or session; `with` stands before its SELECT.
  std::string Whole(Grain grain, std::string_view with, const std::string& condition) {
    if (grain == Grain::kTrace)
      return fmt::format(
          "trace_id IN ({}SELECT trace_id FROM nightjar.spans FINAL WHERE {} GROUP BY trace_id HAVING {})", with,
          Base(kTraceSpreadNs), condition);
    return InSessions(fmt::format(
        "{0}SELECT session FROM (SELECT * FROM nightjar.spans FINAL WHERE {1}) AS spans INNER JOIN "
        "(SELECT trace_id, max(session_id) AS session FROM nightjar.spans FINAL WHERE {1} AND session_id != '' "
        "GROUP BY trace_id) AS of_session USING trace_id GROUP BY session HAVING {2}",
        with, Base(kTraceSpreadNs), condition));
  }

  std::string TermAt(const Term& term, Grain grain) {
    const Field& field = *term.field;
    if (field.is_annotation()) return AnnotationAt(term, grain);
    if (grain == Grain::kSpan)
      return field.of_trace ? Exists(Grain::kTrace, [&] { return OnSpan(term); }) : OnSpan(term);
    if (field.whole_sql.empty()) return Exists(grain, [&] { return OnSpan(term); });
    sums_calls_ = sums_calls_ || field.sums_calls();
    return Whole(grain, field.sums_calls() ? WithIsCall(window_) : "",
                 Compared(term, field.whole_sql, field.whole_known));
  }

  // That the span, or anything of the trace or session, is annotated so.
  std::string AnnotationAt(const Term& term, Grain grain) {
    const std::string from =
        fmt::format("FROM ({}) WHERE name = {} AND {}", store::AllAnnotationsSql("project = {project:String}"),
                    Bind("String", term.key), Compared(term, term.field->sql, term.field->known));
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

  std::string OnSpan(const Term& term) {
    if (term.field->type != FieldType::kAttribute) return Compared(term, term.field->sql, term.field->known);
    const std::string_view of = term.field->name;
    return of == "resource."   ? OnJson(term, "resource, 'attributes'")
           : of == "metadata." ? OnJson(term, "metadata")
                               : OnAttribute(term);
  }

  std::string Compared(const Term& term, std::string_view sql, std::string_view known) {
    const Field& field = *term.field;
    if (term.op == Operator::kExists) {
      if (!known.empty()) return fmt::format("({})", known);
      return field.is_text() ? fmt::format("({} != '')", sql) : "1";
    }
    const std::string known_and = known.empty() || known == "1" ? "" : fmt::format("({}) AND ", known);
    const auto ordered = [&](std::string_view type, std::string value) {
      return fmt::format("({}{} {} {})", known_and, sql, SignOf(term.op), Bind(type, std::move(value)));
    };
    switch (field.type) {
      case FieldType::kCount:
      case FieldType::kScore:
      case FieldType::kMoney: return ordered("Float64", fmt::format("{}", std::get<double>(term.value)));
      case FieldType::kDuration: return ordered("Int64", std::to_string(std::get<std::int64_t>(term.value)));
      case FieldType::kTime: return ordered("UInt64", std::to_string(std::get<std::int64_t>(term.value)));
      case FieldType::kLast: {
        const auto back = static_cast<UnixNanos>(std::max<std::int64_t>(0, std::get<std::int64_t>(term.value)));
        return fmt::format("({} >= {})", sql,
                           Bind("UInt64", std::to_string(window_.now - std::min(window_.now, back))));
      }
      default: break;
    }
    const Pattern& pattern = std::get<Pattern>(term.value);
    switch (field.type) {
      case FieldType::kWord: return fmt::format("({} = {})", sql, WordSql(field, pattern.text));
      case FieldType::kTraceId:
        return fmt::format("({} = toFixedString(unhex({}), 16))", sql, Bind("String", pattern.text));
      case FieldType::kSpanId:
        return fmt::format("({} = {})", sql, Bind("UInt64", std::to_string(NumberOf(*SpanId::FromHex(pattern.text)))));
      case FieldType::kTag:
        return fmt::format("arrayExists(tag -> {}, splitByChar('\\n', {}))", Matches("tag", term.op, pattern), sql);
      default: return Matches(sql, term.op, pattern);
    }
  }

  static std::string_view WordSql(const Field& field, std::string_view word) {
    const auto found = std::ranges::find(field.words, word, &Word::word);
    CHECK(found != field.words.end());
    return found->sql;
  }

  std::string Matches(std::string_view sql, Operator op, const Pattern& pattern) {
    if (op == Operator::kRegex) return fmt::format("match({}, {})", sql, Bind("String", pattern.text));
    if (pattern.glob) return fmt::format("({} LIKE {})", sql, Bind("String", LikePattern(pattern.text)));
    return fmt::format("({} = {})", sql, Bind("String", pattern.text));
  }

  std::string OnAttribute(const Term& term) {
    const std::string key = Bind("String", term.key);
    if (term.op == Operator::kExists)
      return fmt::format(
          "(mapContains(attrs_str, {0}) OR mapContains(attrs_int, {0}) OR mapContains(attrs_num, {0}) OR "
          "mapContains(attrs_other, {0}))",
          key);
    if (const auto* number = std::get_if<double>(&term.value)) {
      const std::string text = fmt::format("{}", *number);
      const std::string value = Bind("Float64", text);
      const std::string_view sign = SignOf(term.op);
      const std::string as_text =
          term.op == Operator::kEquals
              ? StringEquals(key, text)
              : fmt::format("ifNull(toFloat64OrNull(attrs_str[{}]) {} {}, 0)", key, sign, value);
      return fmt::format(
          "(mapContains(attrs_int, {0}) AND attrs_int[{0}] {1} {2} OR mapContains(attrs_num, {0}) AND attrs_num[{0}] "
          "{1} "
          "{2} OR {3})",
          key, sign, value, as_text);
    }
    const Pattern& pattern = std::get<Pattern>(term.value);
    if (term.op == Operator::kEquals && !pattern.glob) {
      if (pattern.text == "true" || pattern.text == "false")
        return fmt::format("({} OR attrs_other[{}] = 'j{}')", StringEquals(key, pattern.text), key, pattern.text);
      return StringEquals(key, pattern.text);
    }
    return fmt::format("(mapContains(attrs_str, {0}) AND {1})", key,
                       Matches(fmt::format("attrs_str[{}]", key), term.op, pattern));
  }

  // The index i_kv holds a hash of each pair; it must not be asked under a NOT, where a hint would hide rows.
  std::string StringEquals(const std::string& key, const std::string& text) {
    const std::string value = Bind("String", text);
    if (text.empty()) return fmt::format("(mapContains(attrs_str, {0}) AND attrs_str[{0}] = '')", key);
    if (!positive_) return fmt::format("(attrs_str[{}] = {})", key, value);
    return fmt::format(
        "(attrs_str[{0}] = {1} AND indexHint(has(arrayMap((k, v) -> cityHash64(k, v), mapKeys(attrs_str), "
        "mapValues(attrs_str)), cityHash64({0}, {1}))))",
        key, value);
  }

  // Of the key in an object; of metadata also of keys with dots between them, from the outside in.
  std::string OnJson(const Term& term, std::string_view object) {
    std::string sql = OnJsonAt(term, object, Bind("String", term.key));
    if (object != "metadata" || term.key.find('.') == std::string::npos) return sql;
    std::string path;
    for (std::size_t begin = 0; begin <= term.key.size();) {
      const std::size_t end = std::min(term.key.find('.', begin), term.key.size());
      path += (path.empty() ? "" : ", ") + Bind("String", term.key.substr(begin, end - begin));
      begin = end + 1;
    }
    return fmt::format("({} OR {})", sql, OnJsonAt(term, object, path));
  }

  std::string OnJsonAt(const Term& term, std::string_view object, const std::string& path) {
    std::string has = fmt::format("JSONHas({}, {})", object, path);
    if (term.op == Operator::kExists) return has;
    if (const auto* number = std::get_if<double>(&term.value))
      return fmt::format("({0} AND ifNull(toFloat64OrNull(trim(BOTH '\"' FROM JSONExtractRaw({1}, {2}))) {3} {4}, 0))",
                         has, object, path, SignOf(term.op), Bind("Float64", fmt::format("{}", *number)));
    const std::string text = fmt::format(
        "if(JSONType({0}, {1}) = 'String', JSONExtractString({0}, {1}), JSONExtractRaw({0}, {1}))", object, path);
    return fmt::format("({} AND {})", has, Matches(text, term.op, std::get<Pattern>(term.value)));
  }

  // Letters of either case are the same. What is long is in segments, what stands between them in the ropes of
  // attrs_other and events, next to bytes that are no text. Previews are made of these: they are asked only for what
  // cannot be looked for there.
  std::string HasText(const std::string& text) {
    const std::vector<std::string> plain = {text};
    const std::vector<std::string> spellings = internal::JsonSpellings(text);
    std::string sql = "(";
    for (const std::string_view column : {"name", "status_message"}) sql += Contains(column, plain) + " OR ";
    sql += fmt::format("arrayExists(v -> {}, mapValues(attrs_str)) OR ", Contains("v", plain));
    constexpr std::size_t kFoundInRopesMin = 4;  // bytes; shorter ones would be found in times and counts, too
    const bool is_printable = std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    const bool in_ropes = is_printable && text.size() >= kFoundInRopesMin;
    sql += fmt::format("arrayExists(v -> {}{}, mapValues(attrs_other)) OR ", in_ropes ? "" : "startsWith(v, 'j') AND ",
                       Contains("v", spellings));
    if (in_ropes) {
      sql += Contains("events", spellings) + " OR ";
    } else {
      for (const std::string_view column : {"exception_message", "input_preview", "output_preview"})
        sql += Contains(column, plain) + " OR ";
    }
    return sql + InSegments(spellings) + ')';
  }

  // Of a long value: in what stands in its rope, or in any body that the span refers to.
  std::string TextIn(const Expression& expression) {
    if (expression.term.field == nullptr) return HasText(expression.text);
    const std::string key = Bind("String", expression.term.key);
    const std::vector<std::string> spellings = internal::JsonSpellings(expression.text);
    return fmt::format("({} OR (mapContains(attrs_other, {}) AND ({} OR {})))",
                       Contains(fmt::format("attrs_str[{}]", key), {expression.text}), key,
                       Contains(fmt::format("attrs_other[{}]", key), spellings), InSegments(spellings));
  }

  std::string InSegments(const std::vector<std::string>& spellings) {
    return fmt::format(
        "(segment_scope != 0 AND arrayExists(h -> (segment_scope, h) IN (SELECT scope, hash FROM "
        "nightjar.segments WHERE scope IN (SELECT segment_scope FROM nightjar.spans WHERE {}) AND {}), segments))",
        Base(spread_), Contains("body", spellings));
  }

  std::string Contains(std::string_view sql, const std::vector<std::string>& spellings) {
    std::string any;
    for (const std::string& spelling : spellings) {
      const bool ascii = std::ranges::all_of(spelling, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
      any += fmt::format("{}positionCaseInsensitive{}({}, {}) > 0", any.empty() ? "(" : " OR ", ascii ? "" : "UTF8",
                         sql, Bind("String", spelling));
    }
    return any + ')';
  }

  // The window, wider by `spread` at both ends. The day is the partition; far-off times are in partition 0.
  std::string Base(UnixNanos spread) {
    std::string sql = "project = {project:String}";
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

  // A placeholder for the value; the same value is bound once.
  std::string Bind(std::string_view type, std::string value) {
    const auto same = std::ranges::find_if(
        params_, [&](const store::QueryParam& param) { return param.value == value && param.name != "project"; });
    std::string name = same != params_.end() ? same->name : fmt::format("q{}", params_.size());
    if (same == params_.end()) params_.push_back({name, std::move(value)});
    return fmt::format("{{{}:{}}}", name, type);
  }

  const Window& window_;
  std::vector<store::QueryParam> params_;
  bool positive_ = true;
  UnixNanos spread_ = 0;  // how far from the window the row may be
  bool sums_calls_ = false;
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
