// Starts tracing against a sink for one test and leaves the process as it was.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "nightjar/tracing.h"
#include "otlp_sink.h"

namespace nightjar::sdk_test {

class TracingTest : public testing::Test {
 protected:
  void TearDown() override {
    ShutdownTracing();
    for (const std::string& name : variables_) unsetenv(name.c_str());
  }

  void SetVariable(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    variables_.push_back(name);
  }

  void Start() { ASSERT_EQ(InitTracing({.service_name = "sdk-test", .endpoint = sink_.url()}), InitStatus::kStarted); }

  // Ends tracing; the received span with this name. Fails the test when there is not exactly one.
  ReceivedSpan Finish(std::string_view name) {
    EXPECT_EQ(ShutdownTracing(), FlushStatus::kFlushed);
    return Received(name);
  }

  ReceivedSpan Received(std::string_view name) {
    ReceivedSpan found;
    int count = 0;
    for (ReceivedSpan& span : sink_.spans()) {
      if (span.name != name) continue;
      found = std::move(span);
      ++count;
    }
    EXPECT_EQ(count, 1) << "spans named " << name;
    return found;
  }

  OtlpSink sink_;

 private:
  std::vector<std::string> variables_;
};

}  // namespace nightjar::sdk_test
