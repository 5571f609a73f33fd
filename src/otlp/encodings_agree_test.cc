// Seeds of the same name in tests/corpora/decode_X_fuzz and decode_X_json_fuzz are one request in both encodings.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "otlp/internal/batch.h"

namespace nightjar::otlp {
namespace {

std::string ReadFile(const std::filesystem::path& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

// Decodes each pair, and compares what is not the same in all signals with `expect_equal`. Returns the items compared.
template <typename Decoder>
std::size_t ComparePairs(const std::string& signal, Decoder decode, Decoder decode_json, auto expect_equal) {
  const std::filesystem::path corpora = NIGHTJAR_SOURCE_DIR "/tests/corpora";
  std::size_t items = 0;
  for (const auto& entry : std::filesystem::directory_iterator(corpora / ("decode_" + signal + "_fuzz"))) {
    const auto json_path = corpora / ("decode_" + signal + "_json_fuzz") / entry.path().filename();
    if (!std::filesystem::exists(json_path)) continue;
    SCOPED_TRACE(json_path);
    auto decoded = decode(ReadFile(entry.path()));
    auto decoded_json = decode_json(ReadFile(json_path));
    EXPECT_TRUE(decoded && decoded_json);
    if (!decoded || !decoded_json) continue;
    EXPECT_EQ(internal::RejectedItems(*decoded), 0u) << decoded->first_reason;
    EXPECT_EQ(internal::RejectedItems(*decoded_json), 0u) << decoded_json->first_reason;
    EXPECT_EQ(decoded->batch.resources, decoded_json->batch.resources);
    EXPECT_EQ(decoded->batch.scopes, decoded_json->batch.scopes);
    EXPECT_TRUE(internal::Items(*decoded) == internal::Items(*decoded_json));
    expect_equal(decoded->batch, decoded_json->batch);
    items += internal::Items(*decoded).size();
  }
  return items;
}

TEST(EncodingsAgree, Traces) {
  EXPECT_GE(ComparePairs("traces", DecodeTraces, DecodeTracesJson, [](const auto&, const auto&) {}), 9u);
}

TEST(EncodingsAgree, Logs) {
  EXPECT_GE(ComparePairs("logs", DecodeLogs, DecodeLogsJson, [](const auto&, const auto&) {}), 38u);
}

TEST(EncodingsAgree, Metrics) {
  const auto expect_equal = [](const auto& batch, const auto& batch_json) {
    EXPECT_EQ(batch.metrics, batch_json.metrics);
  };
  EXPECT_GE(ComparePairs("metrics", DecodeMetrics, DecodeMetricsJson, expect_equal), 13u);
}

}  // namespace
}  // namespace nightjar::otlp
