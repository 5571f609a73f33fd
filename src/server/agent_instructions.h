// What agents were told to be, for the calls below them. Some libraries write the instructions on the agent's span
// alone; the model was sent them with each call.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "model/llm_view.h"
#include "model/span.h"
#include "store/clickhouse.h"
#include "store/id_columns.h"

namespace nightjar::server {

class AgentInstructions {
 public:
  // Of the calls of these traces of the project.
  static Result<AgentInstructions> Read(store::ClickHouse& clickhouse, const std::string& project,
                                        const std::vector<TraceId>& traces, const store::QueryOptions& options);
  // The same, where all spans of a trace are at hand: most have no such agent, and nothing is asked.
  static Result<AgentInstructions> ReadFor(store::ClickHouse& clickhouse, const std::string& project,
                                           const model::SpanBatch& trace, const store::QueryOptions& options);

  // Puts the instructions first into the messages of a call that has messages, and no instructions among them.
  void Join(const model::Span& span, model::LlmView& view) const;

 private:
  std::map<store::SpanAddress, store::SpanAddress> agent_of_;  // by call
  std::map<store::SpanAddress, model::Message> told_;          // by agent
};

}  // namespace nightjar::server
