#include "base/base64.h"

#include <gtest/gtest.h>

namespace nightjar {
namespace {

// RFC 4648, section 10.
TEST(Base64, VectorsOfTheSpecification) {
  for (const auto& [bytes, text] :
       {std::pair{"", ""}, std::pair{"f", "Zg=="}, std::pair{"fo", "Zm8="}, std::pair{"foo", "Zm9v"},
        std::pair{"foob", "Zm9vYg=="}, std::pair{"fooba", "Zm9vYmE="}, std::pair{"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(ToBase64(bytes), text);
    EXPECT_EQ(FromBase64(text), bytes);
  }
  EXPECT_EQ(ToBase64(std::string_view("\0\xff\xfb", 3)), "AP/7");
  EXPECT_EQ(FromBase64("AP/7"), std::string("\0\xff\xfb", 3));
}

TEST(Base64, RefusesWhatIsNotBase64) {
  for (const char* text : {"Zg=", "Zg", "Z===", "====", "Zg==Zg==", "Zm9*", "Zm9v\n"}) EXPECT_FALSE(FromBase64(text));
}

}  // namespace
}  // namespace nightjar
