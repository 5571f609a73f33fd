#include "server/grpc/internal/reflection_service.h"

#include <fmt/format.h>

#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>

namespace nightjar::server::internal {
namespace {

constexpr std::size_t kMessageBytesMax = 64 << 10;
constexpr int kNotFound = 5;        // google.rpc.Code
constexpr int kUnimplemented = 12;  // google.rpc.Code

// The numbers of ServerReflectionRequest's oneof.
enum class Question {
  kNone = 0,
  kFileByName = 3,
  kFileWithSymbol = 4,
  kFileWithExtension = 5,
  kExtensions = 6,
  kServices = 7
};

struct ReflectionRequest {
  Question question = Question::kNone;
  std::string argument;
  std::string host;
};

Result<ReflectionRequest> Read(std::string_view encoded) {
  try {
    ReflectionRequest request;
    protozero::pbf_reader fields(encoded.data(), encoded.size());
    while (fields.next()) {
      const auto number = static_cast<int>(fields.tag());
      if (fields.wire_type() != protozero::pbf_wire_type::length_delimited) {
        fields.skip();
      } else if (number == 1) {
        request.host = fields.get_string();
      } else if (number >= 3 && number <= 7) {
        request.question = static_cast<Question>(number);
        request.argument = fields.get_string();
      } else {
        fields.skip();
      }
    }
    return request;
  } catch (const protozero::exception&) {
    return nightjar::Fail(ErrorCode::kInvalidArgument, "the message is not a ServerReflectionRequest");
  }
}

// The numbers of ServerReflectionResponse's oneof.
constexpr protozero::pbf_tag_type kFiles = 4;
constexpr protozero::pbf_tag_type kServiceList = 6;
constexpr protozero::pbf_tag_type kError = 7;

void AddError(protozero::pbf_writer& response, int code, const std::string& message) {
  protozero::pbf_writer error(response, kError);
  error.add_int32(1, code);
  error.add_string(2, message);
}

}  // namespace

ReflectionService::ReflectionService() {
  for (const FileDescriptor& file : OtlpDescriptors()) Index(file);
  for (const FileDescriptor& file : GrpcDescriptors()) Index(file);
}

void ReflectionService::Index(const FileDescriptor& file) {
  files_[file.name] = EncodeFileDescriptor(file);
  for (const MessageDescriptor& message : file.messages) IndexMessage(message, file.package, file.name);
  for (const EnumDescriptor& enumeration : file.enums) symbols_[file.package + "." + enumeration.name] = file.name;
  for (const ServiceDescriptor& service : file.services) {
    const std::string name = file.package + "." + service.name;
    services_.push_back(name);
    symbols_[name] = file.name;
    for (const MethodDescriptor& method : service.methods) symbols_[name + "." + method.name] = file.name;
  }
}

void ReflectionService::IndexMessage(const MessageDescriptor& message, const std::string& scope,
                                     const std::string& file) {
  const std::string name = scope + "." + message.name;
  symbols_[name] = file;
  for (const FieldDescriptor& field : message.fields) symbols_[name + "." + field.name] = file;
  for (const EnumDescriptor& inner : message.enums) symbols_[name + "." + inner.name] = file;
  for (const MessageDescriptor& inner : message.messages) IndexMessage(inner, name, file);
}

void ReflectionService::AddTo(GrpcMethods& methods) const {
  const auto handle = [this](const std::shared_ptr<Call>& call, const std::string& message) {
    Result<std::string> answer = Answer(message);
    if (!answer) return call->Fail(answer.error());
    call->Send(*std::move(answer));
  };
  for (const char* const version : {"v1", "v1alpha"}) {
    methods[fmt::format("/grpc.reflection.{}.ServerReflection/ServerReflectionInfo", version)] = {
        .shape = CallShape::kBidirectional,
        .where = CallRunsOn::kIo,
        .message_bytes_max = kMessageBytesMax,
        .handle = handle};
  }
}

Result<std::string> ReflectionService::Answer(std::string_view encoded) const {
  ASSIGN_OR_RETURN(const ReflectionRequest request, Read(encoded));
  std::string answer;
  protozero::pbf_writer response(answer);
  response.add_string(1, request.host);
  response.add_message(2, encoded.data(), encoded.size());
  const auto add_file = [&](std::string_view name) {
    const auto file = files_.find(name);
    if (file == files_.end()) return AddError(response, kNotFound, "no such file or symbol: " + request.argument);
    protozero::pbf_writer files(response, kFiles);
    files.add_bytes(1, file->second);
  };
  switch (request.question) {
    case Question::kFileByName: add_file(request.argument); break;
    case Question::kFileWithSymbol: {
      const auto symbol = symbols_.find(request.argument);
      add_file(symbol == symbols_.end() ? std::string_view() : std::string_view(symbol->second));
      break;
    }
    case Question::kServices: {
      protozero::pbf_writer list(response, kServiceList);
      for (const std::string& name : services_) {
        protozero::pbf_writer service(list, 1);
        service.add_string(1, name);
      }
      break;
    }
    case Question::kFileWithExtension:
    case Question::kExtensions: AddError(response, kNotFound, "nothing here has extensions"); break;
    case Question::kNone: AddError(response, kUnimplemented, "the request asks for nothing that is known"); break;
  }
  return answer;
}

}  // namespace nightjar::server::internal
