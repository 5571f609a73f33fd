#include <cstdio>

#include "nightjar/llm.h"
#include "nightjar/openinference.h"
#include "nightjar/tracing.h"

int main() {
  nightjar::InitTracing({.service_name = "quickstart"});
  {
    nightjar::Span run = nightjar::AgentSpan("What is a nightjar?");
    nightjar::Span call = nightjar::LlmSpan("demo-model", R"([{"role": "user", "content": "What is a nightjar?"}])");
    nightjar::RecordLlmOutput(call, R"({"choices": [{"message": {"role": "assistant", "content": "A bird."}}]})");
    run.SetAttribute(nightjar::openinference::kOutputValue, "A bird.");
    std::printf("trace %s\n", run.context().trace_id_hex().c_str());
  }
  return nightjar::ShutdownTracing() == nightjar::FlushStatus::kFlushed ? 0 : 1;
}
