#include "otlp/response.h"

#include <gtest/gtest.h>

namespace nightjar::otlp {
namespace {

constexpr Signal kSignals[] = {Signal::kTraces, Signal::kLogs, Signal::kMetrics};

// Bytes worked out by hand from the protos, which have the same numbers: field 1 (partial_success) holds field 1 = 3
// and field 2 = "no".
TEST(Response, PartialSuccessInProtobuf) {
  for (const Signal signal : kSignals) {
    EXPECT_EQ(EncodeExportResponse(signal, Encoding::kProtobuf, 0, ""), "");
    EXPECT_EQ(EncodeExportResponse(signal, Encoding::kProtobuf, 3, "no"), std::string("\x0a\x06\x08\x03\x12\x02no", 8));
    EXPECT_EQ(EncodeExportResponse(signal, Encoding::kProtobuf, 0, "no"), std::string("\x0a\x04\x12\x02no", 6));
  }
}

TEST(Response, PartialSuccessInJson) {
  for (const Signal signal : kSignals) {
    EXPECT_EQ(EncodeExportResponse(signal, Encoding::kJson, 0, ""), "{}");
    EXPECT_EQ(EncodeExportResponse(signal, Encoding::kJson, 0, "hm"), R"({"partialSuccess":{"errorMessage":"hm"}})");
  }
  EXPECT_EQ(EncodeExportResponse(Signal::kTraces, Encoding::kJson, 7, "no"),
            R"({"partialSuccess":{"rejectedSpans":"7","errorMessage":"no"}})");
  EXPECT_EQ(EncodeExportResponse(Signal::kLogs, Encoding::kJson, 7, "no"),
            R"({"partialSuccess":{"rejectedLogRecords":"7","errorMessage":"no"}})");
  EXPECT_EQ(EncodeExportResponse(Signal::kMetrics, Encoding::kJson, 7, "no"),
            R"({"partialSuccess":{"rejectedDataPoints":"7","errorMessage":"no"}})");
}

TEST(Response, Status) {
  EXPECT_EQ(EncodeStatus(Encoding::kJson, 3, "bad"), R"({"code":3,"message":"bad"})");
  EXPECT_EQ(EncodeStatus(Encoding::kProtobuf, 3, "bad"), std::string("\x08\x03\x12\x03"
                                                                     "bad",
                                                                     7));
  // The Any is 48 bytes: a type URL of 40 with its two bytes of header, and a RetryInfo of 4 with its two.
  EXPECT_EQ(EncodeRetryStatus(14, "x", 1),
            std::string("\x08\x0e\x12\x01x\x1a\x30\x0a\x28type.googleapis.com/google.rpc.RetryInfo"
                        "\x12\x04\x0a\x02\x08\x01",
                        55));
}

}  // namespace
}  // namespace nightjar::otlp
