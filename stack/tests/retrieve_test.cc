#include "stack/retrieve.h"

#include <random>

#include "scripted_server.h"
#include "stack/documents.h"
#include "tracing_test_base.h"

namespace stack {
namespace {

TEST(HashEmbedder, IsNearForSimilarSpellings) {
  const Vector postgres = HashEmbedder::EmbedOne("Postgres");
  EXPECT_NEAR(Cosine(postgres, postgres), 1.0, 1e-6);
  EXPECT_GT(Cosine(postgres, HashEmbedder::EmbedOne("PostgreSQL")), 0.5);
  EXPECT_LT(Cosine(postgres, HashEmbedder::EmbedOne("elephant")), 0.2);
  EXPECT_EQ(Cosine(postgres, HashEmbedder::EmbedOne("")), 0.0);
}

TEST(VectorIndex, FindsWordsThatAreSpeltDifferently) {
  const VectorIndex index(HashEmbedder().Embed({"Red fox jumps.", "Red, red hen!", "Blue sky over the hen-house"}));
  EXPECT_EQ(index.Search(HashEmbedder::EmbedOne("foxes jumping"), 1)[0].index, 0U);
  EXPECT_EQ(index.Search(HashEmbedder::EmbedOne("henhouse"), 1)[0].index, 2U);
}

// Unit vectors of the plane at 0, 90, 180 and 60 degrees.
TEST(VectorIndex, ScoresByTheCosine) {
  const VectorIndex index({{1, 0}, {0, 1}, {-1, 0}, {0.5F, 0.8660254F}});
  const Ranking ranking = index.Search({1, 0}, 3);
  ASSERT_EQ(ranking.size(), 3U);
  EXPECT_EQ(ranking[0].index, 0U);
  EXPECT_NEAR(ranking[0].score, 1.0, 1e-6);
  EXPECT_EQ(ranking[1].index, 3U);
  EXPECT_NEAR(ranking[1].score, 0.5, 1e-6);
  EXPECT_EQ(ranking[2].index, 1U);
  EXPECT_NEAR(ranking[2].score, 0.0, 1e-6);
  EXPECT_EQ(index.Search({1, 0}, 9).size(), 4U);
  EXPECT_TRUE(VectorIndex({}).Search({1, 0}, 3).empty());
  EXPECT_THROW((void)index.Search({1, 0, 0}, 3), std::invalid_argument);
}

// Of 2,000 random vectors the graph must find nearly all that a look at each one finds.
TEST(VectorIndex, FindsAmongMany) {
  std::mt19937 source(7);
  std::normal_distribution<float> normal;
  std::vector<Vector> vectors(2'000, Vector(32));
  for (Vector& vector : vectors) {
    float square = 0;
    for (float& value : vector) {
      value = normal(source);
      square += value * value;
    }
    for (float& value : vector) value /= std::sqrt(square);
  }
  const VectorIndex index(vectors);
  int found = 0;
  for (std::size_t i = 0; i < 100; ++i) {
    std::vector<std::pair<double, std::size_t>> all;
    for (std::size_t j = 0; j < vectors.size(); ++j) all.emplace_back(-Cosine(vectors[i], vectors[j]), j);
    std::ranges::sort(all);
    const Ranking ranking = index.Search(vectors[i], 10);
    ASSERT_EQ(ranking.size(), 10U);
    EXPECT_EQ(ranking[0].index, i);
    for (std::size_t rank = 0; rank < 10; ++rank) {
      found += static_cast<int>(std::ranges::count(ranking, all[rank].second, &Scored::index));
    }
  }
  EXPECT_GE(found, 950);  // of 1,000
}

TEST(HybridRetriever, FindsTheChunkThatAnswers) {
  const HybridRetriever retriever(DemoCorpus());
  const auto documents = retriever.Retrieve("Postgres vs SQLite for Django");
  ASSERT_EQ(documents.size(), 3U);
  EXPECT_EQ(documents[0].id, "dj-001");
  EXPECT_GT(documents[0].score, documents[1].score);
  EXPECT_GE(documents[1].score, documents[2].score);
  EXPECT_EQ(retriever.Retrieve("how do I back up SQLite", {.n_after_rerank = 1})[0].id, "op-002");
  EXPECT_EQ(retriever.Retrieve("PgBouncer")[0].id, "pg-003");
}

// Coverage: the query's words "red" and "cow" weigh 0.470004 and 0; the text has all that weighs, so 0.6 of the score.
// The rest is the cosine of "red cow" and the text, 0 for a text of other letters.
TEST(HybridRetriever, RerankScore) {
  const HybridRetriever retriever({{"a", "red"}, {"b", "red"}, {"c", "xyz"}});
  const auto same = retriever.Retrieve("red");
  ASSERT_EQ(same.size(), 3U);
  EXPECT_EQ(same[0].id, "a");  // equal scores in the order of the chunks
  EXPECT_EQ(same[0].score, 1.0);
  EXPECT_EQ(same[1].score, 1.0);
  EXPECT_EQ(same[2].score, 0.0);
}

TEST(HybridRetriever, FindsById) {
  const HybridRetriever retriever(DemoCorpus());
  ASSERT_NE(retriever.Find("sq-001"), nullptr);
  EXPECT_EQ(retriever.Find("sq-001")->id, "sq-001");
  EXPECT_EQ(retriever.Find("sq-999"), nullptr);
}

class RemoteRetrieverTest : public TracingTest {
 protected:
  const ScriptedServer server_{R"({"conversations": []})"};
};

// The scripted server embeds as HashEmbedder does and reranks by the cosine alone.
TEST_F(RemoteRetrieverTest, AsksTheEndpoints) {
  RetrieverParts parts{
      .embedder = std::make_unique<RemoteEmbedder>(
          RemoteEmbedderConfig{.server = server_.config(), .model = "e5", .batch_texts_max = 2}),
      .reranker = std::make_unique<RemoteReranker>(RemoteRerankerConfig{.server = server_.config(), .model = "bge"})};
  const HybridRetriever retriever({{"a", "Red fox jumps."}, {"b", "Red, red hen!"}, {"c", "Blue sky"}},
                                  std::move(parts));
  const auto documents = retriever.Retrieve("Blue sky", {.n_after_rerank = 2});
  ASSERT_EQ(documents.size(), 2U);
  EXPECT_EQ(documents[0].id, "c");
  EXPECT_NEAR(documents[0].score, 1.0, 1e-6);

  const std::vector<ReceivedSpan> spans = Spans();
  ASSERT_EQ(Waterfall(spans), (std::vector<std::string>{"CreateEmbeddings", "CreateEmbeddings", "retrieval",
                                                        "  CreateEmbeddings", "  rerank"}));
  EXPECT_EQ(Text(spans[0], "openinference.span.kind"), "EMBEDDING");
  EXPECT_EQ(Text(spans[0], "embedding.model_name"), "e5");
  EXPECT_EQ(Text(spans[0], "embedding.embeddings.1.embedding.text"), "Red, red hen!");
  EXPECT_EQ(Text(spans[1], "embedding.embeddings.0.embedding.text"), "Blue sky");
  EXPECT_EQ(Text(spans[3], "embedding.embeddings.0.embedding.text"), "Blue sky");
  EXPECT_EQ(Text(spans[4], "openinference.span.kind"), "RERANKER");
  EXPECT_EQ(Text(spans[4], "reranker.query"), "Blue sky");
  EXPECT_EQ(Text(spans[4], "reranker.model_name"), "bge");
  EXPECT_EQ(Text(spans[4], "reranker.output_documents.0.document.content"), "Blue sky");
}

TEST_F(RemoteRetrieverTest, AnEndpointThatIsNoneFailsTheRetrieval) {
  const HybridRetriever retriever({{"a", "Red fox jumps."}},
                                  {.reranker = std::make_unique<RemoteReranker>(RemoteRerankerConfig{
                                       .server = {.base_url = server_.url() + "/nope"}, .model = "bge"})});
  EXPECT_THROW((void)retriever.Retrieve("fox"), LlmError);
  const std::vector<ReceivedSpan> spans = Spans();
  ASSERT_EQ(Waterfall(spans), (std::vector<std::string>{"retrieval", "  rerank"}));
  for (const ReceivedSpan& span : spans) {
    EXPECT_EQ(span.status, 2U);
    EXPECT_NE(span.status_message.find("answered 404: no such path: /v1/nope/rerank"), std::string::npos);
  }
}

}  // namespace
}  // namespace stack
