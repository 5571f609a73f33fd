#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/durable_file.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/utf8.h"

namespace nightjar {
namespace {

TEST(Utf8, ReplacesOnlyWhatIsMalformed) {
  EXPECT_EQ(ReplaceInvalidUtf8("caf\xC3\xA9"), "caf\xC3\xA9");
  EXPECT_EQ(ReplaceInvalidUtf8("a\xFFz"), "a\xEF\xBF\xBDz");
  // A surrogate (ED A0 80), an overlong slash (C0 AF) and a sequence that is cut are malformed byte by byte.
  EXPECT_EQ(ReplaceInvalidUtf8("\xED\xA0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(ReplaceInvalidUtf8("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(ReplaceInvalidUtf8("\xE2\x82"), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(ReplaceInvalidUtf8("\xF4\x8F\xBF\xBF"), "\xF4\x8F\xBF\xBF");
  EXPECT_EQ(ReplaceInvalidUtf8("\xF4\x90\x80\x80").size(), 12u);
}

TEST(Utf8, EveryMendedTextIsValid) {
  std::string bytes;
  for (int a = 0; a < 256; a += 3)
    for (int b = 0; b < 256; b += 7) bytes += {static_cast<char>(a), static_cast<char>(b), 'x'};
  EXPECT_FALSE(IsValidUtf8(bytes));
  EXPECT_TRUE(IsValidUtf8(ReplaceInvalidUtf8(bytes)));
}

TEST(Utf8, PrefixCountsCharactersNotBytes) {
  EXPECT_EQ(Utf8Prefix("h\xC3\xA9llo", 2), "h\xC3\xA9");
  EXPECT_EQ(Utf8Prefix("hi", 2), "hi");
  EXPECT_EQ(Utf8Prefix("hi", 0), "");
  EXPECT_EQ(Utf8Prefix("eight of ASCII, then h\xC3\xA9llo", 24), "eight of ASCII, then h\xC3\xA9l");
  EXPECT_EQ(Utf8Prefix("\xC3\xA9 comes before eight of ASCII", 9), "\xC3\xA9 comes b");
  EXPECT_EQ(Utf8Prefix("sixteen in ASCII", 16), "sixteen in ASCII");
  EXPECT_EQ(Utf8Prefix("sixteen in ASCII", 15), "sixteen in ASCI");
}

TEST(Ids, HexOfEitherCase) {
  EXPECT_EQ(SpanId::FromHex("00F067aa0ba902b7")->ToHex(), "00f067aa0ba902b7");
  EXPECT_FALSE(SpanId::FromHex("00f067aa0ba902"));
  EXPECT_FALSE(SpanId::FromHex("00f067aa0ba902bg"));
  EXPECT_TRUE(TraceId::FromBytes(std::string(16, '\0'))->IsZero());
  EXPECT_FALSE(TraceId::FromBytes(std::string(15, 'a')));
}

TEST(Json, NumbersKeepTheirType) {
  EXPECT_EQ(ToJson(*ParseJson("[1, 1.0, 1e300, -0.0, 9223372036854775807, 0.1]")),
            "[1,1.0,1e+300,-0.0,9223372036854775807,0.1]");
}

TEST(Json, ControlCharactersAreEscaped) {
  std::string out;
  AppendJsonString(std::string_view("a\0\x1f\"\\\n\x7f", 7), out);
  EXPECT_EQ(out, "\"a\\u0000\\u001f\\\"\\\\\\n\x7f\"");
}

TEST(WriteFileDurably, IntoTheWorkingFolder) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(testing::TempDir());
  const Result<void> written = WriteFileDurably("durable.txt", "text");
  std::string text;
  std::getline(std::ifstream("durable.txt"), text);
  std::filesystem::remove("durable.txt");
  std::filesystem::current_path(before);
  EXPECT_TRUE(written);
  EXPECT_EQ(text, "text");
}

TEST(Json, DepthIsBounded) {
  const std::string deep = std::string(1000, '[') + std::string(1000, ']');
  EXPECT_FALSE(ParseJson(deep));
}

}  // namespace
}  // namespace nightjar
