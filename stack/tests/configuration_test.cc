// What the environment and the flags of the programs choose.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "scripted_server.h"
#include "stack/demo_agent.h"
#include "tracing_test_base.h"

namespace stack {
namespace {

using Variables = std::vector<std::pair<const char*, std::string>>;

// Sets variables for as long as it lives. None of them is set otherwise.
class SetVariables {
 public:
  explicit SetVariables(Variables variables) : variables_(std::move(variables)) {
    for (const auto& [name, value] : variables_) setenv(name, value.c_str(), 1);
  }
  SetVariables(const SetVariables&) = delete;
  SetVariables& operator=(const SetVariables&) = delete;
  ~SetVariables() {
    for (const auto& [name, value] : variables_) unsetenv(name);
  }

 private:
  const Variables variables_;
};

template <typename Config>
std::string UrlKeyAndModel(const Variables& variables) {
  const SetVariables set(variables);
  const Config config = Config::FromEnvironment();
  return config.server.base_url + " " + config.server.api_key + " " + config.model;
}

TEST(Environment, OfTheModel) {
  const auto read = &UrlKeyAndModel<LlmConfig>;
  EXPECT_EQ(read({}), "http://localhost:8080/v1  qwen2.5-7b-instruct");
  const Variables openai = {{"OPENAI_BASE_URL", "https://api.openai.com/v1"}, {"OPENAI_API_KEY", "k1"}};
  EXPECT_EQ(read(openai), "https://api.openai.com/v1 k1 qwen2.5-7b-instruct");
  Variables both = openai;
  both.insert(both.end(), {{"LLM_BASE_URL", "http://gpu:8000"}, {"LLM_API_KEY", "k2"}, {"LLM_MODEL", "m"}});
  EXPECT_EQ(read(both), "http://gpu:8000 k2 m");
}

TEST(Environment, OfTheEmbedder) {
  const auto read = &UrlKeyAndModel<RemoteEmbedderConfig>;
  EXPECT_EQ(read({}), "  text-embedding-3-small");
  EXPECT_EQ(read({{"OPENAI_API_KEY", "k1"}}), " k1 text-embedding-3-small");
  EXPECT_EQ(read({{"OPENAI_API_KEY", "k1"}, {"LLM_API_KEY", "k2"}}), " k2 text-embedding-3-small");
  EXPECT_EQ(read({{"LLM_API_KEY", "k2"},
                  {"EMBEDDING_BASE_URL", "http://gpu:8001"},
                  {"EMBEDDING_API_KEY", "k3"},
                  {"EMBEDDING_MODEL", "e5"}}),
            "http://gpu:8001 k3 e5");
}

TEST(Environment, OfTheReranker) {
  const auto read = &UrlKeyAndModel<RemoteRerankerConfig>;
  EXPECT_EQ(read({}), "  bge-reranker-v2-m3");
  EXPECT_EQ(read({{"OPENAI_API_KEY", "k1"}, {"LLM_API_KEY", "k2"}}), " k2 bge-reranker-v2-m3");
  EXPECT_EQ(read({{"LLM_API_KEY", "k2"},
                  {"RERANK_BASE_URL", "http://gpu:8002"},
                  {"RERANK_API_KEY", "k3"},
                  {"RERANK_MODEL", "jina"}}),
            "http://gpu:8002 k3 jina");
}

class DemoAgentTest : public TracingTest {
 protected:
  DemoAgentTest() : docs_(testing::TempDir() + "stack_configuration_test") {
    std::filesystem::create_directories(docs_);
    std::ofstream(docs_ / "owls.md") << "Owls hunt at night.";
  }
  void TearDown() override {
    std::filesystem::remove_all(docs_);
    TracingTest::TearDown();
  }

  // The spans of a run that searches the notes once.
  std::vector<ReceivedSpan> Run() {
    const DemoAgent demo({.llm_url = server_.url(), .docs = docs_.string()});
    EXPECT_EQ(demo.agent().Run("When?", {.review = false}).final, "At night.");
    return Spans();
  }

  const std::filesystem::path docs_;
  const ScriptedServer server_{Script(R"({"delay_ms": 0, "tool_calls": [{"name": "search_docs",
      "arguments": {"query": "owls"}}]}, {"delay_ms": 0, "content": "At night."})")};
};

TEST_F(DemoAgentTest, SearchesTheFolderThatItIsGiven) {
  const std::vector<ReceivedSpan> spans = Run();
  ASSERT_EQ(Waterfall(spans),
            (std::vector<std::string>{"agent.run", "  llm.chat", "  tool.search_docs", "    retrieval", "  llm.chat"}));
  EXPECT_EQ(Text(spans[3], "retrieval.documents.0.document.id"), "owls-001");
  EXPECT_EQ(Text(spans[3], "retrieval.documents.0.document.content"), "Owls hunt at night.");
}

TEST_F(DemoAgentTest, AsksTheEndpointsOfTheEnvironment) {
  const SetVariables set({{"EMBEDDING_BASE_URL", server_.url()}, {"RERANK_BASE_URL", server_.url()}});
  EXPECT_EQ(Waterfall(Run()),
            (std::vector<std::string>{"CreateEmbeddings", "agent.run", "  llm.chat", "  tool.search_docs",
                                      "    retrieval", "      CreateEmbeddings", "      rerank", "  llm.chat"}));
}

}  // namespace
}  // namespace stack
