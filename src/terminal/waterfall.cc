#include "terminal/waterfall.h"
#include "base/lower_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace nightjar::terminal {
namespace {

constexpr std::size_t kWidthIfEndless = 120;
constexpr std::size_t kBarWidth = 28;
constexpr std::size_t kKindWidth = 9;
constexpr std::size_t kTimeWidth = 10;
constexpr std::size_t kNameWidthMin = 24;
constexpr std::size_t kNameWidthMax = 60;
constexpr std::size_t kIndentMax = 20;  // deeper spans stand no further right

std::string TextAt(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

const json::object* ObjectAt(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr ? value->if_object() : nullptr;
}

std::optional<double> NumberAt(const json::object* object, std::string_view key) {
  const json::value* value = object != nullptr ? object->if_contains(key) : nullptr;
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->to_number<double>();
}

std::int64_t TimeAt(const json::object& object, std::string_view key) {
  const std::string text = TextAt(object, key);
  std::int64_t time = 0;
  std::from_chars(text.data(), text.data() + text.size(), time);
  return time;
}

struct Span {
  const json::object* json = nullptr;
  std::string id;
  std::int64_t start = 0;
  std::int64_t duration = 0;
  std::vector<std::size_t> children;
  std::size_t depth = 0;
};

std::string KindColor(std::string_view kind) {
  constexpr std::pair<std::string_view, std::string_view> kColors[] = {
      {"LLM", "35"}, {"TOOL", "33"}, {"RETRIEVER", "36"}, {"AGENT", "34"}, {"EMBEDDING", "36"}, {"RERANKER", "36"}};
  for (const auto& [name, color] : kColors)
    if (name == kind) return std::string(color);
  return "37";
}

// "1,200→30 tok  $0.02  gpt-4o", and for what failed the reason.
std::string Remarks(const json::object& span, const Options& options) {
  std::vector<std::string> parts;
  const json::object* status = ObjectAt(span, "status");
  if (status != nullptr && TextAt(*status, "code") == "ERROR") {
    const json::object* exception = ObjectAt(span, "exception");
    std::string reason = exception != nullptr ? TextAt(*exception, "type") : std::string();
    const std::string message = exception != nullptr ? TextAt(*exception, "message") : TextAt(*status, "message");
    if (!message.empty()) reason += (reason.empty() ? "" : ": ") + message;
    constexpr std::size_t kReasonWidth = 50;
    std::string shown = Harmless(reason);
    if (Width(shown) > kReasonWidth) shown = Fitted(shown, kReasonWidth);
    parts.push_back(Colored(shown.empty() ? "failed" : "failed: " + shown, "31", options));
  }
  const json::object* tokens = ObjectAt(span, "tokens");
  const auto prompt = NumberAt(tokens, "prompt");
  const auto completion = NumberAt(tokens, "completion");
  const auto grouped = [](std::optional<double> count) {
    return count ? Grouped(static_cast<std::uint64_t>(*count)) : std::string("?");
  };
  if (prompt || completion) parts.push_back(grouped(prompt) + "→" + grouped(completion) + " tok");
  if (const auto cost = NumberAt(ObjectAt(span, "cost"), "total_usd")) parts.push_back(fmt::format("${:.4g}", *cost));
  if (const json::object* llm = ObjectAt(span, "llm"))
    if (const std::string model = TextAt(*llm, "model"); !model.empty()) parts.push_back(Harmless(model));
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : "  ") + part;
  return text;
}

class Waterfall {
 public:
  Waterfall(const json::object& trace, const Options& options) : trace_(trace), options_(options) {}

  Result<std::string> Text() {
    const json::object* head = ObjectAt(trace_, "trace");
    const json::value* list = trace_.if_contains("spans");
    if (head == nullptr || list == nullptr || !list->is_array())
      return Fail(ErrorCode::kDataLoss, "the answer is no trace");
    for (const json::value& item : list->get_array())
      if (const json::object* span = item.if_object())
        spans_.push_back({.json = span,
                          .id = TextAt(*span, "span_id"),
                          .start = TimeAt(*span, "start_unix_ns"),
                          .duration = static_cast<std::int64_t>(NumberAt(span, "duration_ns").value_or(0))});
    const std::vector<std::size_t> order = InOrder();
    MeasureTime();
    std::size_t name_width = kNameWidthMin;
    for (const std::size_t i : order) name_width = std::max(name_width, Width(Name(spans_[i])));
    name_width = std::min(name_width, kNameWidthMax);
    std::string out = Head(*head) + "\n\n";
    for (const std::size_t i : order) out += Line(spans_[i], name_width) + "\n";
    return out;
  }

 private:
  // Parents before children, siblings by start. Spans that are nobody's child, or their own ancestor, stand as roots.
  std::vector<std::size_t> InOrder() {
    std::map<std::string, std::size_t> by_id;
    for (std::size_t i = 0; i < spans_.size(); ++i) by_id.emplace(spans_[i].id, i);
    std::vector<std::size_t> roots;
    for (std::size_t i = 0; i < spans_.size(); ++i) {
      const auto parent = by_id.find(TextAt(*spans_[i].json, "parent_span_id"));
      (parent == by_id.end() || parent->second == i ? roots : spans_[parent->second].children).push_back(i);
    }
    const auto by_start = [&](std::size_t a, std::size_t b) { return spans_[a].start < spans_[b].start; };
    for (Span& span : spans_) std::ranges::stable_sort(span.children, by_start);
    std::ranges::stable_sort(roots, by_start);
    std::vector<std::size_t> order;
    std::vector<bool> seen(spans_.size());
    for (const std::size_t root : roots) Descend(root, seen, order);
    for (std::size_t i = 0; i < spans_.size(); ++i)  // what is left goes round in circles
      if (!seen[i]) Descend(i, seen, order);
    return order;
  }

  void Descend(std::size_t root, std::vector<bool>& seen, std::vector<std::size_t>& order) {
    std::vector<std::size_t> open = {root};
    while (!open.empty()) {
      const std::size_t i = open.back();
      open.pop_back();
      if (seen[i]) continue;
      seen[i] = true;
      order.push_back(i);
      for (auto child = spans_[i].children.rbegin(); child != spans_[i].children.rend(); ++child) {
        if (!seen[*child]) spans_[*child].depth = spans_[i].depth + 1;
        open.push_back(*child);
      }
    }
  }

  void MeasureTime() {
    if (spans_.empty()) return;
    first_ = std::ranges::min(spans_, {}, &Span::start).start;
    std::int64_t last = first_;
    for (const Span& span : spans_) last = std::max(last, span.start + std::max<std::int64_t>(0, span.duration));
    extent_ = last - first_;
  }

  static std::string Name(const Span& span) {
    const std::size_t indent = std::min(span.depth, kIndentMax);
    return (indent == 0 ? std::string() : std::string(2 * (indent - 1), ' ') + "└ ") +
           Harmless(TextAt(*span.json, "name"));
  }

  std::string Bar(const Span& span) const {
    if (extent_ <= 0) return std::string(kBarWidth, ' ');
    const double scale = static_cast<double>(kBarWidth) / static_cast<double>(extent_);
    const auto column = [&](std::int64_t time) {
      const double at = static_cast<double>(time - first_) * scale;
      return static_cast<std::size_t>(std::clamp(at, 0.0, static_cast<double>(kBarWidth)));
    };
    const std::size_t begin = std::min(column(span.start), kBarWidth - 1);
    const std::size_t end = std::max(begin + 1, column(span.start + std::max<std::int64_t>(0, span.duration)));
    std::string bar;
    for (std::size_t i = 0; i < kBarWidth; ++i) bar += i < begin || i >= end ? " " : "█";
    return bar;
  }

  std::string Line(const Span& span, std::size_t name_width) const {
    const std::string kind = TextAt(*span.json, "kind");
    const std::string shown =
        Colored(Fitted(kind == "UNKNOWN" ? "" : LowerCase(Harmless(kind)), kKindWidth), KindColor(kind), options_);
    const std::string time = Duration(span.duration);
    const std::string padded = std::string(kTimeWidth - std::min(kTimeWidth, Width(time)), ' ') + time;
    std::string line =
        fmt::format("{}  {}  {}  {}  {}", shown, Fitted(Name(span), name_width),
                    Colored(Bar(span), KindColor(kind), options_), padded, Remarks(*span.json, options_));
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
  }

  std::string Head(const json::object& head) const {
    std::string line =
        fmt::format("{}  {}", Colored(Harmless(TextAt(head, "name")), "1", options_), TextAt(head, "trace_id"));
    std::string facts =
        fmt::format("{}  {} spans", Duration(static_cast<std::int64_t>(NumberAt(&head, "duration_ns").value_or(0))),
                    Grouped(static_cast<std::uint64_t>(NumberAt(&head, "span_count").value_or(0))));
    if (const double errors = NumberAt(&head, "error_count").value_or(0); errors > 0)
      facts += "  " + Colored(Grouped(static_cast<std::uint64_t>(errors)) + " failed", "31", options_);
    if (const auto total = NumberAt(ObjectAt(head, "tokens"), "total"))
      facts += fmt::format("  {} tokens", Grouped(static_cast<std::uint64_t>(*total)));
    if (const auto cost = NumberAt(ObjectAt(head, "cost"), "total_usd")) facts += fmt::format("  ${:.4g}", *cost);
    for (const auto& [key, word] :
         {std::pair("service_name", "service"), {"user_id", "user"}, {"session_id", "session"}})
      if (const std::string value = TextAt(head, key); !value.empty())
        facts += fmt::format("  {} {}", word, Harmless(value));
    return line + "\n" + facts;
  }

  const json::object& trace_;
  const Options& options_;
  std::vector<Span> spans_;
  std::int64_t first_ = 0;
  std::int64_t extent_ = 0;
};

}  // namespace

Result<std::string> ToWaterfall(const json::object& trace, const Options& options) {
  return Waterfall(trace, options).Text();
}

}  // namespace nightjar::terminal
