#include "stack/retrieve.h"

#include <map>
#include <random>

#include "recorder.h"
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
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "one thread; the sanitizer takes minutes to order the locks of so many vectors";
#endif
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

// Each text has its place in the plane: at 0, 60, 90 and 180 degrees, the query at 90.
class PlaneEmbedder final : public Embedder {
 public:
  [[nodiscard]] std::vector<Vector> Embed(const std::vector<std::string>& texts) const override {
    const std::map<std::string, Vector> places = {
        {"red fox", {1, 0}}, {"red hen", {0.5F, 0.8660254F}}, {"blue hen", {0, 1}}, {"sky", {-1, 0}}, {"red", {0, 1}}};
    std::vector<Vector> vectors;
    for (const std::string& text : texts) vectors.push_back(places.at(text));
    return vectors;
  }
};

// Leaves the fused list in its order: what the stages before it do can be seen.
class NoReranker final : public Reranker {
 public:
  [[nodiscard]] std::vector<double> Score(std::string_view /*query*/,
                                          const std::vector<std::string>& texts) const override {
    std::vector<double> scores;
    for (std::size_t i = 0; i < texts.size(); ++i) scores.push_back(-static_cast<double>(i));
    return scores;
  }
};

// By hand. "red" is in a and b, of the same length: BM25 ranks a, b. Cosines with the query are 0, 0.866, 1 and 0:
// dense search ranks c, b, a, d. Fusion adds 1 / (60 + rank).
TEST(HybridRetriever, EachStageAlone) {
  const HybridRetriever retriever(
      {{"a", "red fox"}, {"b", "red hen"}, {"c", "blue hen"}, {"d", "sky"}},
      {.embedder = std::make_unique<PlaneEmbedder>(), .reranker = std::make_unique<NoReranker>()});
  const auto found = [&](std::size_t n_bm25, std::size_t n_dense, std::size_t n_after_rerank = 9) {
    std::string ids;
    for (const auto& document : retriever.Retrieve("red", {n_bm25, n_dense, n_after_rerank})) ids += document.id;
    return ids;
  };
  EXPECT_EQ(found(0, 0), "");
  EXPECT_EQ(found(9, 0), "ab");
  EXPECT_EQ(found(1, 0), "a");
  EXPECT_EQ(found(0, 9), "cbad");
  EXPECT_EQ(found(0, 1), "c");
  EXPECT_EQ(found(0, 2), "cb");
  EXPECT_EQ(found(2, 1), "acb");   // a and c 1/61 each, in the order of the chunks; b 1/62
  EXPECT_EQ(found(2, 2), "bac");   // b 2/62 = 0.03226, before a and c with 1/61 = 0.01639
  EXPECT_EQ(found(2, 4), "abcd");  // a 1/61 + 1/63 = 0.032266, b 2/62 = 0.032258, c 1/61, d 1/64
  EXPECT_EQ(found(2, 4, 1), "a");
}

// The weights of "red" and "fox" are the same: "red" covers half, 0.6 * 0.5. A word of three letters has four features,
// itself and its 3-grams: the cosine of "red fox" and "red" is 4 / (sqrt(8) * sqrt(4)) = 0.70711, times 0.4 is 0.28284.
TEST(LexicalReranker, ScoresByCoverageAndSpelling) {
  const Bm25 words({"red", "fox", "blue sky"});
  EXPECT_EQ(LexicalReranker(words).Score("red fox", {"red", "red fox", "blue"}),
            (std::vector<double>{0.5828, 1.0, 0.0}));
  EXPECT_TRUE(LexicalReranker(words).Score("red fox", {}).empty());
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

// BM25 ranks the shorter text first: a, b, c is what the endpoint is asked to score, and it answers in an order of its
// own.
TEST_F(RemoteRetrieverTest, PutsTheEndpointsOrderInPlaceOfItsOwn) {
  Recorder bge(R"({"results": [{"index": 2, "relevance_score": 0.9}, {"index": 0, "relevance_score": -0.1},
                               {"index": 1, "relevance_score": 0.5}]})");
  const HybridRetriever retriever({{"a", "red"}, {"b", "red hen"}, {"c", "red fox hen"}},
                                  {.reranker = std::make_unique<RemoteReranker>(RemoteRerankerConfig{
                                       .server = {.base_url = bge.url(), .api_key = "k"}, .model = "bge"})});
  const auto documents = retriever.Retrieve("red", {.n_dense = 0});
  EXPECT_EQ(bge.request().target(), "/v1/rerank");
  EXPECT_EQ(bge.request()["authorization"], "Bearer k");
  EXPECT_EQ(boost::json::parse(bge.request().body()), boost::json::parse(R"({"model": "bge", "query": "red",
      "documents": ["red", "red hen", "red fox hen"], "top_n": 3})"));
  ASSERT_EQ(documents.size(), 3U);
  EXPECT_EQ(documents[0].id + documents[1].id + documents[2].id, "cba");
  EXPECT_EQ(documents[0].score, 0.9);
  EXPECT_EQ(documents[2].score, -0.1);
}

TEST_F(RemoteRetrieverTest, ReadsVectorsByTheirIndexAndMakesThemUnits) {
  Recorder e5(R"({"data": [{"index": 1, "embedding": [0, 2]}, {"index": 0, "embedding": [3, 4]}]})");
  const RemoteEmbedder embedder({.server = {.base_url = e5.url()}, .model = "e5"});
  EXPECT_EQ(embedder.Embed({"one", "two"}), (std::vector<Vector>{{0.6F, 0.8F}, {0.0F, 1.0F}}));
  EXPECT_EQ(e5.request().target(), "/v1/embeddings");
  EXPECT_EQ(boost::json::parse(e5.request().body()),
            boost::json::parse(R"({"model": "e5", "input": ["one", "two"], "encoding_format": "float"})"));
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
