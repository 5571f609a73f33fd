#include <string>

#include "server/grpc/internal/descriptors.h"

namespace nightjar::server::internal {
namespace {

FileDescriptor Health() {
  return {
      .name = "grpc/health/v1/health.proto",
      .package = "grpc.health.v1",
      .imports = {},
      .messages = {{"HealthCheckRequest", {{"service", 1, "string"}}},
                   {"HealthCheckResponse",
                    {{"status", 1, "enum HealthCheckResponse.ServingStatus"}},
                    {},
                    {{"ServingStatus", {{"UNKNOWN", 0}, {"SERVING", 1}, {"NOT_SERVING", 2}, {"SERVICE_UNKNOWN", 3}}}}}},
      .enums = {},
      .services = {{"Health",
                    {{"Check", "HealthCheckRequest", "HealthCheckResponse"},
                     {"Watch", "HealthCheckRequest", "HealthCheckResponse", Streams::kAnswers}}}}};
}

// The two versions differ in their names only.
FileDescriptor Reflection(const std::string& version) {
  return {.name = "grpc/reflection/" + version + "/reflection.proto",
          .package = "grpc.reflection." + version,
          .imports = {},
          .messages = {{"ServerReflectionRequest",
                        {{"host", 1, "string"},
                         {"file_by_filename", 3, "string", "message_request"},
                         {"file_containing_symbol", 4, "string", "message_request"},
                         {"file_containing_extension", 5, "ExtensionRequest", "message_request"},
                         {"all_extension_numbers_of_type", 6, "string", "message_request"},
                         {"list_services", 7, "string", "message_request"}}},
                       {"ExtensionRequest", {{"containing_type", 1, "string"}, {"extension_number", 2, "int32"}}},
                       {"ServerReflectionResponse",
                        {{"valid_host", 1, "string"},
                         {"original_request", 2, "ServerReflectionRequest"},
                         {"file_descriptor_response", 4, "FileDescriptorResponse", "message_response"},
                         {"all_extension_numbers_response", 5, "ExtensionNumberResponse", "message_response"},
                         {"list_services_response", 6, "ListServiceResponse", "message_response"},
                         {"error_response", 7, "ErrorResponse", "message_response"}}},
                       {"FileDescriptorResponse", {{"file_descriptor_proto", 1, "repeated bytes"}}},
                       {"ExtensionNumberResponse",
                        {{"base_type_name", 1, "string"}, {"extension_number", 2, "repeated int32"}}},
                       {"ListServiceResponse", {{"service", 1, "repeated ServiceResponse"}}},
                       {"ServiceResponse", {{"name", 1, "string"}}},
                       {"ErrorResponse", {{"error_code", 1, "int32"}, {"error_message", 2, "string"}}}},
          .enums = {},
          .services = {
              {"ServerReflection",
               {{"ServerReflectionInfo", "ServerReflectionRequest", "ServerReflectionResponse", Streams::kBoth}}}}};
}

}  // namespace

std::vector<FileDescriptor> GrpcDescriptors() { return {Health(), Reflection("v1"), Reflection("v1alpha")}; }

}  // namespace nightjar::server::internal
