#include "client/otlp_grpc_client.h"

#include <grpc/support/log.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <future>
#include <utility>
#include <vector>

namespace nightjar::client {
namespace {

constexpr const char* kTraceExport = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr auto kCallMax = std::chrono::seconds(30);

// What a call needs until its end.
struct Call {
  grpc::ClientContext context;
  grpc::ByteBuffer request;
  grpc::ByteBuffer response;
};

std::string Bytes(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Valid() || !buffer.Dump(&slices).ok()) return bytes;  // an empty message has no slices
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

ErrorCode CodeOf(const grpc::Status& status) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNAVAILABLE: return ErrorCode::kUnavailable;
    case grpc::StatusCode::RESOURCE_EXHAUSTED: return ErrorCode::kResourceExhausted;
    case grpc::StatusCode::DEADLINE_EXCEEDED: return ErrorCode::kDeadlineExceeded;
    case grpc::StatusCode::INVALID_ARGUMENT: return ErrorCode::kInvalidArgument;
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED: return ErrorCode::kPermissionDenied;
    default: return ErrorCode::kInternal;
  }
}

}  // namespace

struct OtlpGrpcClient::Impl {
  explicit Impl(const std::string& address) : stub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials())) {}
  grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub;
};

OtlpGrpcClient::OtlpGrpcClient(const std::string& address) {
  gpr_set_log_function([](gpr_log_func_args*) {});  // what went wrong is in the status
  impl_ = std::make_unique<Impl>(address);
}

OtlpGrpcClient::~OtlpGrpcClient() = default;

void OtlpGrpcClient::Export(const std::string& body, const std::string& project, Done done) {
  auto call = std::make_shared<Call>();  // shared with the callback, which is the last to hold it
  call->context.set_deadline(std::chrono::system_clock::now() + kCallMax);
  if (!project.empty()) call->context.AddMetadata("x-project-name", project);
  const grpc::Slice slice(body);
  call->request = grpc::ByteBuffer(&slice, 1);
  Call& running = *call;
  impl_->stub.UnaryCall(&running.context, kTraceExport, {}, &running.request, &running.response,
                        [call = std::move(call), done = std::move(done)](const grpc::Status& status) {
                          if (status.ok()) return done(Bytes(call->response));
                          done(Fail(CodeOf(status), "gRPC: " + status.error_message()));
                        });
}

Result<std::string> OtlpGrpcClient::ExportAndWait(const std::string& body, const std::string& project) {
  std::promise<Result<std::string>> answer;
  Export(body, project, [&](Result<std::string> result) { answer.set_value(std::move(result)); });
  return answer.get_future().get();
}

}  // namespace nightjar::client
