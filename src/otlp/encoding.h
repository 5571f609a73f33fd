// The two encodings of OTLP. Over HTTP the content-type says which; over gRPC it is always protobuf.
#pragma once

namespace nightjar::otlp {

enum class Encoding { kProtobuf, kJson };

}  // namespace nightjar::otlp
