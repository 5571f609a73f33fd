// An agent with a tool of its own: usage weather_agent QUESTION, with LLM_BASE_URL, LLM_MODEL and LLM_API_KEY set.
#include <cstdio>
#include <optional>
#include <string>

#include "nightjar/tracing.h"
#include "stack/agent.h"

namespace {

struct Weather {
  std::string place;
  double temperature = 0.0;
};
BOOST_DESCRIBE_STRUCT(Weather, (), (place, temperature))

Weather ReadWeather(const std::string& place, std::optional<bool> fahrenheit) {
  return {.place = place, .temperature = fahrenheit.value_or(false) ? 68.0 : 20.0};
}

}  // namespace

int main(int argc, char** argv) {
  nightjar::InitTracing({.service_name = "weather"});
  stack::ToolRegistry tools;
  tools.Register(stack::ToolFromCallable("weather", "The weather at a place, now.", &ReadWeather,
                                         {{.name = "place", .description = "a town"}, {.name = "fahrenheit"}}));
  int exit_code = 0;
  try {
    const stack::LlmClient llm(stack::LlmConfig::FromEnvironment());
    const stack::Agent agent(llm, tools, "You tell the weather.");
    const stack::AgentResult result = agent.Run(argc > 1 ? argv[1] : "How warm is it in Ulm?", {.review = false});
    std::printf("%s\n", result.final.c_str());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    exit_code = 1;
  }
  nightjar::ShutdownTracing();
  return exit_code;
}
