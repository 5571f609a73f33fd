// The fields that a query can name: one table for the parser, the SQL, the completion and the reference page.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace nightjar::query {

// What a query selects, and what its terms speak of.
enum class Grain : std::uint8_t { kSpan, kTrace, kSession };

enum class FieldType : std::uint8_t {
  kText,       // compared whole; * stands for any characters
  kWord,       // one of a closed set
  kTraceId,    // 32 hex digits
  kSpanId,     // 16 hex digits
  kCount,      // 10k, 1.5M
  kMoney,      // US dollars: 0.01, $0.01
  kDuration,   // 2s, 150ms; compared in nanoseconds
  kTime,       // 2026-01-31, 2026-01-31T12:00:00Z
  kLast,       // a duration until now
  kAttribute,  // a text or a number, after a key
  kTag,        // a text, one of several that a span has
  kScore,      // a number that an annotation gives, after its name
  kLabel,      // the text that it gives
};

// A word of a kWord field, and what is stored for it, as SQL.
struct Word {
  std::string_view word;
  std::string_view sql;
};

struct Field {
  std::string_view name;  // "tokens.prompt"; one that takes a key ends with a dot: "attributes."
  FieldType type;
  std::string_view meaning;  // one line for people
  std::string_view example;
  std::string_view sql;    // its value for one span
  std::string_view known;  // whether the span has it; "": when it is not empty
  // Its value for a trace or a session, over all spans of it; "" for a field of spans, which holds for a trace or
  // session if it holds for one of its spans.
  std::string_view whole_sql;
  std::string_view whole_known;  // whether the trace or session has it; "": always
  std::span<const Word> words;   // of kWord
  // One span of a trace tells it for all: user and session stand on the root, mostly.
  bool of_trace = false;
  // Summed over the span and all below it, over those of which it is known.
  bool of_subtree = false;

  [[nodiscard]] bool takes_key() const { return name.ends_with('.'); }
  // Whether whole_sql adds up provider calls: the statement must say what `is_call` is (query/compile.h).
  [[nodiscard]] bool sums_calls() const { return whole_sql.find("is_call") != std::string_view::npos; }
  [[nodiscard]] bool is_text() const {
    return type == FieldType::kText || type == FieldType::kAttribute || type == FieldType::kLabel ||
           type == FieldType::kTag;
  }
  [[nodiscard]] bool is_annotation() const { return type == FieldType::kScore || type == FieldType::kLabel; }
};

// In the order in which people read them.
std::span<const Field> Fields();

// What an annotation has, whatever its target: "name", "label", "score". No query names them alone.
std::span<const Field> AnnotationFields();

// What only Phoenix's filters ask of a span: "label of.", "cumulative tokens" … nullptr: none.
const Field* FindPhoenixField(std::string_view name);

// By its name, of either case; for a field that takes a key, by what stands before the key with the dot. nullptr: none.
const Field* FindField(std::string_view name);

// The field whose name is most like `name`, for "did you mean"; nullptr when none is near.
const Field* NearestField(std::string_view name);

}  // namespace nightjar::query
