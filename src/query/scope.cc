#include "query/scope.h"

#include <array>

namespace nightjar::query {
namespace {

using Within = Expression::Within;

constexpr auto kScopes = std::to_array<Scope>({
    {"span", Within::kSpan, "that one and the same span is both", "within(span: kind:llm duration>2s)"},
    {"root", Within::kRoot, "the root span", "within(root: status:error)"},
    {"first", Within::kFirst, "the first root of the trace or session", "within(first: refund)"},
    {"last", Within::kLast, "the last root of the trace or session", "within(last: refund)"},
    {"parent", Within::kParent, "the span's parent", "within(parent: kind:agent)"},
    {"child", Within::kChild, "one of the span's children", "within(child: status:error)"},
    {"sibling", Within::kSibling, "another child of its parent", "within(sibling: kind:tool)"},
    {"trace", Within::kTrace, "the trace of the span", "within(trace: tool:search_docs)"},
    {"session", Within::kSession, "the session: all traces of which a span carries its id",
     "within(session: status:error)"},
});

}  // namespace

std::span<const Scope> Scopes() { return kScopes; }

}  // namespace nightjar::query
