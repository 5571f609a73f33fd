#include "pricing/rates.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>

namespace nightjar::pricing {
namespace {

Result<Rates> Read(std::string_view text) { return ReadRates(ParseJson(text).value().get_object()); }

TEST(Rates, ComeBackAsTheyWereWritten) {
  const std::string text = R"({"input":3.0,"output":{"base":15.0,"tiers":[{"above":200000,"rate":22.5}]}})";
  EXPECT_EQ(nightjar::ToJson(ToJson(Read(text).value())), text);
}

TEST(Rates, WhatCannotBeIsNamed) {
  EXPECT_EQ(Read(R"({"input":-1})").error().message,
            "the rate input is -1; it must be a number of US dollars from 0 to 1e9");
  EXPECT_EQ(Read(R"({"input":"3"})").error().message,
            R"(the rate input is "3"; it must be a number of US dollars from 0 to 1e9)");
  EXPECT_EQ(
      Read(R"({"outptu":1})").error().message,
      "there is no rate outptu; there are: input, cache_read, cache_write, cache_write_1h, input_audio, input_image, "
      "output, output_audio, output_reasoning, request");
  EXPECT_EQ(Read(R"({"output":{"base":1,"tiers":[{"above":9,"rate":2},{"above":9,"rate":3}]}})").error().message,
            "the tiers of the rate output must ascend");
  EXPECT_EQ(Read(R"({"output":{"base":1,"tiers":[{"rate":2}]}})").error().message,
            R"(a tier of the rate output must be {"above": tokens, "rate": dollars})");
  EXPECT_FALSE(Read(R"({"output":{"tiers":[]}})"));
  EXPECT_FALSE(Read(R"({"input":1e10})"));
}

}  // namespace
}  // namespace nightjar::pricing
