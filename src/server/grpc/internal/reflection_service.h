// grpc.reflection.v1 and v1alpha (github.com/grpc/grpc, doc/server-reflection.md), which differ in their names only:
// what is served here, in protobuf's own description, so that grpcurl and its like need no .proto files.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "server/grpc/internal/call.h"
#include "server/grpc/internal/descriptors.h"

namespace nightjar::server::internal {

// Constant once it is made, so thread-safe.
class ReflectionService {
 public:
  ReflectionService();

  // REQUIRES: the service outlives `methods`.
  void AddTo(GrpcMethods& methods) const;

  // ServerReflectionRequest to ServerReflectionResponse, encoded. kInvalidArgument: the request is not protobuf.
  [[nodiscard]] Result<std::string> Answer(std::string_view request) const;

 private:
  void Index(const FileDescriptor& file);
  void IndexMessage(const MessageDescriptor& message, const std::string& scope, const std::string& file);

  std::map<std::string, std::string, std::less<>> files_;    // name → FileDescriptorProto
  std::map<std::string, std::string, std::less<>> symbols_;  // "package.Message" → name of its file
  std::vector<std::string> services_;
};

}  // namespace nightjar::server::internal
