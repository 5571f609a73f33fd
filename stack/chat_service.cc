#include "stack/chat_service.h"

#include <algorithm>
#include <boost/json.hpp>
#include <cstdio>
#include <optional>

#include "nightjar/openinference.h"

namespace stack {
namespace {

namespace http = boost::beast::http;
namespace json = boost::json;
namespace oi = nightjar::openinference;

constexpr std::size_t kIdBytesMax = 256;
constexpr std::size_t kCommentBytesMax = 4'000;

// An answer that is an error.
struct Failure {
  unsigned status;
  std::string code;
  std::string message;
};

// The client of a stream has gone.
struct ClientGone {};

json::object ErrorBody(const Failure& failure, const std::string& trace_id) {
  return {{"error", {{"code", failure.code}, {"message", failure.message}}}, {"trace_id", trace_id}};
}

HttpReply ErrorReply(const Failure& failure, const RequestTrace& trace) {
  return JsonReply(failure.status, json::serialize(ErrorBody(failure, trace.id())));
}

Failure Invalid(std::string message) { return {400, "invalid_argument", std::move(message)}; }

// What the client is told of an exception that a run ended with.
Failure FailureOf(const std::exception& error) {
  const auto* model = dynamic_cast<const LlmError*>(&error);
  if (model == nullptr) return {500, "internal", "internal error"};
  if (model->kind() == LlmError::Kind::kStopped) return {503, "stopping", "the server is stopping"};
  if (model->kind() == LlmError::Kind::kTimeout) return {504, "model_timeout", "the model did not answer in time"};
  return {502, "model_unavailable", "the model gave no answer"};
}

json::object ParseBody(const HttpRequest& request) try {
  return json::parse(request.body()).as_object();
} catch (const std::exception&) {
  throw Invalid("the body must be a JSON object");
}

// The member, which must be a text of at most so many bytes; empty when it is not there.
std::string TextMember(const json::object& body, const std::string& name, std::size_t bytes_max) {
  const json::value* value = body.if_contains(name);
  if (value == nullptr || value->is_null()) return "";
  if (!value->is_string()) throw Invalid(name + " must be a string");
  if (value->get_string().size() > bytes_max) {
    throw Invalid(name + " must have at most " + std::to_string(bytes_max) + " bytes");
  }
  return std::string(value->get_string());
}

std::string IdHeader(const HttpRequest& request, const std::string& name) {
  const std::string id(request[name]);
  if (id.size() > kIdBytesMax) throw Invalid(name + " must have at most " + std::to_string(kIdBytesMax) + " bytes");
  return id;
}

void Log(const HttpRequest& request, unsigned status, const std::string& trace_id) {
  const json::object line{{"method", std::string(request.method_string())},
                          {"target", std::string(request.target())},
                          {"status", status},
                          {"trace_id", trace_id}};
  std::fprintf(stderr, "%s\n", json::serialize(line).c_str());
}

void LogError(const RequestTrace& trace, const char* what) {
  std::fprintf(stderr, "%s\n", json::serialize(json::object{{"error", what}, {"trace_id", trace.id()}}).c_str());
}

std::string Event(std::string_view name, const json::object& data) {
  return (name.empty() ? "" : "event: " + std::string(name) + "\n") + "data: " + json::serialize(data) + "\n\n";
}

// What may be done with the path; empty: there is no such path.
std::string_view MethodOf(std::string_view path) {
  if (path == "/healthz") return "GET";
  return path == "/chat" || path == "/feedback" ? "POST" : "";
}

}  // namespace

HttpReply ChatService::Answer(const HttpRequest& request) {
  const std::string target(request.target());
  const std::string path = target.substr(0, target.find('?'));
  const std::string method(request.method_string());
  const std::string_view allowed = MethodOf(path);
  const std::string route = allowed.empty() ? method : method + " " + path;
  RequestTrace trace = path == "/healthz" ? RequestTrace::Unrecorded(request, route) : RequestTrace(request, route);
  const std::string trace_id = trace.id();
  HttpReply reply;
  try {
    if (allowed.empty()) throw Failure{404, "not_found", "there are POST /chat, POST /feedback and GET /healthz"};
    if (method != allowed) throw Failure{405, "method_not_allowed", "use " + std::string(allowed)};
    if (path == "/healthz") {
      reply = JsonReply(200, R"({"status":"ok"})");
    } else {
      reply = path == "/chat" ? Chat(request, trace) : TakeFeedback(request);
    }
  } catch (const Failure& failure) {
    reply = ErrorReply(failure, trace);
    if (failure.status == 405) reply.response.set(http::field::allow, allowed);
  } catch (const std::exception& error) {
    LogError(trace, error.what());
    reply = ErrorReply(FailureOf(error), trace);
  }
  Log(request, reply.response.result_int(), trace_id);
  if (!reply.stream) trace.Finish(reply.response);
  return reply;
}

HttpResponse ChatService::Refuse(unsigned status, std::string_view reason) {
  const char* code = status == 503 ? "unavailable" : "internal";
  if (status < 500) code = "invalid_argument";
  RequestTrace trace;
  HttpReply reply = ErrorReply({status, code, std::string(reason)}, trace);
  trace.Finish(reply.response);
  return std::move(reply.response);
}

ChatService::Question ChatService::ReadQuestion(const HttpRequest& request) const {
  const json::object body = ParseBody(request);
  Question question{.message = TextMember(body, "message", config_.message_bytes_max),
                    .user = IdHeader(request, "X-User-Id"),
                    .session = IdHeader(request, "X-Session-Id")};
  if (question.message.empty()) throw Invalid("message is missing");
  const json::value* stream = body.if_contains("stream");
  if (stream != nullptr && !stream->is_bool()) throw Invalid("stream must be true or false");
  question.stream = stream != nullptr && stream->get_bool();
  return question;
}

HttpReply ChatService::Chat(const HttpRequest& request, RequestTrace& trace) {
  Question question = ReadQuestion(request);
  trace.span().SetAttribute(oi::kSpanKind, oi::kChain);
  trace.span().SetAttribute(oi::kInputValue, question.message);
  if (question.stream) return ChatStreamed(std::move(question), trace);
  return JsonReply(200, Run(question, trace, {}));
}

HttpReply ChatService::ChatStreamed(Question question, RequestTrace& trace) {
  HttpReply reply;
  reply.response.set(http::field::content_type, "text/event-stream");
  reply.response.set(http::field::cache_control, "no-cache");
  trace.Name(reply.response);
  reply.stream = [this, question = std::move(question), trace = std::move(trace)](const BodyWriter& write) mutable {
    unsigned status = 200;
    try {
      const std::string answer = Run(question, trace, [&](std::string_view text) {
        if (!write(Event("", {{"delta", text}}))) throw ClientGone();
      });
      write("event: done\ndata: " + answer + "\n\n");
    } catch (const ClientGone&) {
      status = 499;  // as nginx has it: there is no one to be told
    } catch (const std::exception& error) {
      LogError(trace, error.what());
      const Failure failure = FailureOf(error);
      status = failure.status;
      write(Event("error", ErrorBody(failure, trace.id())));
    }
    trace.Finish(status);
  };
  return reply;
}

std::string ChatService::Run(const Question& question, RequestTrace& trace,
                             std::function<void(std::string_view)> on_text) {
  AgentConfig config = config_.agent;
  config.user_id = question.user;
  config.session_id = question.session;
  config.on_text = std::move(on_text);
  config.stop = stop_.get_token();
  if (!question.session.empty()) config.history = sessions_.History(question.user, question.session);
  const AgentResult result = agent_.Run(question.message, config);
  if (!question.session.empty()) sessions_.Add(question.user, question.session, question.message, result.final);
  trace.span().SetAttribute(oi::kOutputValue, result.final);
  return json::serialize(
      json::object{{"reply", result.final}, {"trace_id", trace.id()}, {"stop_reason", result.stop_reason}});
}

HttpReply ChatService::TakeFeedback(const HttpRequest& request) const {
  const json::object body = ParseBody(request);
  const std::string trace_id = TextMember(body, "trace_id", kIdBytesMax);
  const bool hex = trace_id.find_first_not_of("0123456789abcdef") == std::string::npos;
  if (trace_id.size() != 32 || !hex) throw Invalid("trace_id must be 32 lower-case hexadecimal digits");
  const json::value* score = body.if_contains("score");
  if (score == nullptr || (*score != 0 && *score != 1)) throw Invalid("score must be 0 or 1");
  const Feedback feedback{.trace_id = trace_id,
                          .good = *score == 1,
                          .comment = TextMember(body, "comment", kCommentBytesMax),
                          .user_id = IdHeader(request, "X-User-Id")};
  try {
    if (!feedback_.Send(feedback)) throw Failure{404, "not_found", "there is no trace " + trace_id};
  } catch (const FeedbackError& error) {
    std::fprintf(stderr, "feedback: %s\n", error.what());
    throw Failure{502, "collector_unavailable", "the feedback could not be kept"};
  }
  return JsonReply(200, R"({"status":"recorded"})");
}

}  // namespace stack
