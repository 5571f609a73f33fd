#include "server/grpc/grpc_server.h"

#include <fmt/format.h>
#include <grpc/support/log.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <spdlog/spdlog.h>

#include <utility>
#include <vector>

#include "otlp/response.h"
#include "server/errors.h"

namespace nightjar::server {
namespace {

constexpr std::string_view kTraceExport = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
constexpr int kRetryDelaySeconds = 1;

grpc::Status ToStatus(const Error& error) {
  const int code = GrpcCode(HttpStatus(error.code));
  // Without RetryInfo a client may give up: UNAVAILABLE says when to come back.
  const std::string details =
      error.code == ErrorCode::kUnavailable ? otlp::EncodeRetryStatus(code, error.message, kRetryDelaySeconds) : "";
  return {static_cast<grpc::StatusCode>(code), error.message, details};
}

std::string Metadata(const grpc::GenericCallbackServerContext& context, const char* key) {
  const auto found = context.client_metadata().find(key);
  return found == context.client_metadata().end() ? std::string()
                                                  : std::string(found->second.data(), found->second.size());
}

// Ends a call to a method that we do not have.
class UnknownMethod final : public grpc::ServerGenericBidiReactor {
 public:
  explicit UnknownMethod(const std::string& method) {
    Finish(
        {grpc::StatusCode::UNIMPLEMENTED, fmt::format("{} is not served here; traces go to {}", method, kTraceExport)});
  }
  void OnDone() override { delete this; }
};

// One Export call: read the message, hand it over, write the answer. Owns itself until OnDone.
class TraceExport final : public grpc::ServerGenericBidiReactor {
 public:
  TraceExport(const grpc::GenericCallbackServerContext& context, ingest::Ingest& ingest, ingest::RefusalLog& refusals)
      : project_(Metadata(context, "x-project-name")), peer_(context.peer()), ingest_(ingest), refusals_(refusals) {
    StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) return Refuse({ErrorCode::kInvalidArgument, "the call holds no message"});
    if (project_.size() > ingest::kProjectNameBytesMax)
      return Refuse({ErrorCode::kInvalidArgument, fmt::format("x-project-name has {} bytes, at most {} are allowed",
                                                              project_.size(), ingest::kProjectNameBytesMax)});
    ingest_.Accept(otlp::Signal::kTraces, otlp::Encoding::kProtobuf, Body(), project_,
                   [this](const Result<ingest::Acknowledgement>& answer) {
                     if (!answer) return Refuse(answer.error());
                     if (!answer->message.empty()) Record(200, answer->message);
                     const grpc::Slice bytes(otlp::EncodeExportResponse(
                         otlp::Signal::kTraces, otlp::Encoding::kProtobuf, answer->rejected, answer->message));
                     response_ = grpc::ByteBuffer(&bytes, 1);
                     StartWriteAndFinish(&response_, {}, grpc::Status::OK);
                   });
  }

  void OnDone() override { delete this; }

 private:
  std::string Body() const {
    std::vector<grpc::Slice> slices;
    std::string body;
    if (!request_.Dump(&slices).ok()) return body;  // an empty message has no slices
    body.reserve(request_.Length());
    for (const grpc::Slice& slice : slices) body.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    return body;
  }

  void Refuse(const Error& error) {
    Record(HttpStatus(error.code), error.message);
    Finish(ToStatus(error));
  }

  void Record(int status, const std::string& reason) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    refusals_.Add({.time_unix_ns = static_cast<UnixNanos>(std::chrono::nanoseconds(now).count()),
                   .status = status,
                   .path = std::string(kTraceExport),
                   .remote = peer_,
                   .reason = reason,
                   .fix = ""});
  }

  const std::string project_;
  const std::string peer_;
  ingest::Ingest& ingest_;
  ingest::RefusalLog& refusals_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
};

class OtlpService final : public grpc::CallbackGenericService {
 public:
  OtlpService(ingest::Ingest& ingest, ingest::RefusalLog& refusals) : ingest_(ingest), refusals_(refusals) {}

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override {
    if (context->method() != kTraceExport) return new UnknownMethod(context->method());
    return new TraceExport(*context, ingest_, refusals_);
  }

 private:
  ingest::Ingest& ingest_;
  ingest::RefusalLog& refusals_;
};

}  // namespace

struct GrpcServer::Impl {
  Impl(ingest::Ingest& ingest, ingest::RefusalLog& refusals) : service(ingest, refusals) {}

  OtlpService service;
  std::unique_ptr<grpc::Server> server;
  std::string address;
};

GrpcServer::GrpcServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<GrpcServer>> GrpcServer::Listen(const std::string& host, std::uint16_t port,
                                                       ingest::Ingest& ingest, ingest::RefusalLog& refusals) {
  // The library writes to stderr by itself otherwise.
  gpr_set_log_function([](gpr_log_func_args* line) { spdlog::debug("grpc: {}", line->message); });
  auto impl = std::make_unique<Impl>(ingest, refusals);
  const std::string bracketed = host.find(':') == std::string::npos ? host : "[" + host + "]";
  int bound_port = 0;
  grpc::ServerBuilder builder;
  builder.RegisterCallbackGenericService(&impl->service);
  builder.SetMaxReceiveMessageSize(kGrpcMessageBytesMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kGrpcStreamsPerConnectionMax);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kGrpcHeaderBytesMax);
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);  // a taken port is an error, not shared
  builder.AddListeningPort(fmt::format("{}:{}", bracketed, port), grpc::InsecureServerCredentials(), &bound_port);
  impl->server = builder.BuildAndStart();
  if (!impl->server || bound_port == 0)
    return Fail(ErrorCode::kAlreadyExists,
                fmt::format("cannot listen on {}:{} for OTLP/gRPC: the address is in use or not of this machine; "
                            "choose another with --grpc-port",
                            bracketed, port));
  impl->address = fmt::format("{}:{}", bracketed, bound_port);
  return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(impl)));
}

GrpcServer::~GrpcServer() { Stop(std::chrono::milliseconds(0)); }

const std::string& GrpcServer::address() const { return impl_->address; }

void GrpcServer::Stop(std::chrono::milliseconds grace) {
  impl_->server->Shutdown(std::chrono::system_clock::now() + grace);
}

}  // namespace nightjar::server
