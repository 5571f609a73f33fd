// What Phoenix's filters call the fields of Nightjar's queries.
#pragma once

#include <string_view>

namespace nightjar::query::internal {

struct Name {
  std::string_view name;
  std::string_view field;
  double unit = 1;  // what 1 is in the field's own unit
};
inline constexpr double kMillisecond = 1e6;
inline constexpr Name kSpanNames[] = {{"span_kind", "kind"},
                                      {"status_code", "status"},
                                      {"status_message", "status.message"},
                                      {"name", "name"},
                                      {"latency_ms", "duration", kMillisecond},
                                      {"span_id", "span"},
                                      {"context.span_id", "span"},
                                      {"trace_id", "trace"},
                                      {"context.trace_id", "trace"},
                                      {"parent_id", "parent"},
                                      {"start_time", "start"},
                                      {"llm.model_name", "model"},
                                      {"llm.provider", "provider"},
                                      {"llm.token_count.prompt", "tokens.prompt"},
                                      {"llm.token_count.completion", "tokens.completion"},
                                      {"llm.token_count.total", "tokens"}};
inline constexpr Name kTraceNames[] = {{"trace_id", "trace"},
                                       {"start_time", "start"},
                                       {"latency_ms", "duration", kMillisecond},
                                       {"num_spans", "spans"},
                                       {"error_count", "errors"},
                                       {"token_count_prompt", "tokens.prompt"},
                                       {"token_count_completion", "tokens.completion"},
                                       {"token_count_total", "tokens"},
                                       {"total_cost", "cost"},
                                       {"user.id", "user"}};

}  // namespace nightjar::query::internal
