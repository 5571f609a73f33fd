// Tests whose spans go to a sink that keeps them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <string>
#include <vector>

#include "nightjar/tracing.h"
#include "otlp_sink.h"

namespace stack {

using nightjar::sdk_test::OtlpSink;
using nightjar::sdk_test::ReceivedSpan;
using nightjar::sdk_test::Value;

class TracingTest : public testing::Test {
 protected:
  TracingTest() { nightjar::InitTracing({.service_name = "stack-test", .endpoint = sink_.url()}); }
  void TearDown() override { nightjar::ShutdownTracing(); }

  // The spans received so far, in the order they started.
  std::vector<ReceivedSpan> Spans() {
    EXPECT_EQ(nightjar::ForceFlush(), nightjar::FlushStatus::kFlushed);
    std::vector<ReceivedSpan> spans = sink_.spans();
    std::ranges::sort(spans, {}, &ReceivedSpan::start_unix_ns);
    return spans;
  }

  OtlpSink sink_;
};

// Each span's name, indented by its depth, in the order they started.
inline std::vector<std::string> Waterfall(const std::vector<ReceivedSpan>& spans) {
  std::map<std::string, std::string> indents;  // by span id
  std::vector<std::string> lines;
  for (const ReceivedSpan& span : spans) {
    const std::string indent = indents.contains(span.parent_span_id) ? indents.at(span.parent_span_id) + "  " : "";
    indents[span.span_id] = indent;
    lines.push_back(indent + span.name);
  }
  return lines;
}

inline std::string Text(const ReceivedSpan& span, const std::string& key) {
  const auto found = span.attributes.find(key);
  return found == span.attributes.end() ? "(none)" : std::get<std::string>(found->second);
}

// How many messages a span of a model call shows that it was sent.
inline std::size_t InputMessages(const ReceivedSpan& span) {
  std::size_t count = 0;
  while (span.attributes.contains("llm.input_messages." + std::to_string(count) + ".message.role")) ++count;
  return count;
}

}  // namespace stack
