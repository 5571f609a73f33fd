// Result<T>: a value, or an Error that says what went wrong in one sentence. Modules return it; exceptions never cross
// one.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace nightjar {

// The server maps these to HTTP and OTLP answers in one table (server/error_mapping.h).
enum class ErrorCode {
  kInvalidArgument,     // the caller's input is wrong; the same input fails again
  kNotFound,            // a thing named by the caller does not exist
  kAlreadyExists,       // taken by somebody else: a lock, a port, a name
  kResourceExhausted,   // over a written limit; smaller input may pass
  kUnavailable,         // a part is down or full for now; retry later
  kDeadlineExceeded,    // took longer than its time budget
  kFailedPrecondition,  // not possible in the present state
  kPermissionDenied,
  kUnimplemented,
  kDataLoss,  // stored bytes are not what was written
  kInternal,  // our bug
};

std::string_view ToString(ErrorCode code);

// `message` is lower case, without a full stop, and names the value that was wrong.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
};

template <typename T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

inline std::unexpected<Error> Fail(ErrorCode code, std::string message) {
  return std::unexpected<Error>(Error{code, std::move(message)});
}

inline std::unexpected<Error> Fail(Error error) { return std::unexpected<Error>(std::move(error)); }

}  // namespace nightjar

#define NIGHTJAR_CONCAT_(a, b) a##b
#define NIGHTJAR_CONCAT(a, b) NIGHTJAR_CONCAT_(a, b)

// RETURN_IF_ERROR(expression): leaves the function with the error of a Result, drops the value.
#define RETURN_IF_ERROR(expression)                                 \
  do {                                                              \
    if (auto nightjar_result_ = (expression); !nightjar_result_)    \
      return ::nightjar::Fail(std::move(nightjar_result_).error()); \
  } while (false)

// ASSIGN_OR_RETURN(auto x, expression): declares or assigns x, or leaves the function with the error.
#define ASSIGN_OR_RETURN(target, expression) \
  NIGHTJAR_ASSIGN_OR_RETURN_(NIGHTJAR_CONCAT(nightjar_result_, __LINE__), target, expression)
#define NIGHTJAR_ASSIGN_OR_RETURN_(result, target, expression)     \
  auto result = (expression);                                      \
  if (!result) return ::nightjar::Fail(std::move(result).error()); \
  target = std::move(result).value()
