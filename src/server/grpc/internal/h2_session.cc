#include "server/grpc/internal/h2_session.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <exception>
#include <iterator>
#include <new>
#include <optional>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

#include "base/check.h"
#include "server/grpc/internal/wire.h"
#include "server/http/internal/content_coding.h"

namespace nightjar::server::internal {
namespace {

constexpr std::uint32_t kStreamWindowBytes = 1 << 20;
constexpr std::int32_t kConnectionWindowBytes = 16 << 20;
constexpr std::size_t kHeaderEntryBytes = 32;       // what RFC 9113 6.5.2 adds to each field
constexpr std::size_t kMetadataHopelessFactor = 4;  // so many times the limit is no mistake: the connection ends

// What a worker, or the I/O thread, does with a whole message.
struct Delivery {
  const GrpcContext& context;
  const GrpcMethod& method;
  std::shared_ptr<Call> call;
  FramedMessage message;
  std::optional<ContentCoding> coding;

  void Run() {
    try {
      if (message.compressed && !Decompress()) return;
      method.handle(call, std::move(message.bytes));
    } catch (const std::bad_alloc&) {
      Refuse({ErrorCode::kUnavailable, "out of memory"});
    } catch (const std::exception& e) {
      spdlog::error("{}: the method threw: {}", call->path, e.what());
      call->Fail({ErrorCode::kInternal, "internal error"});
    }
  }

 private:
  bool Decompress() {
    const std::size_t before = call->charge.bytes() - message.bytes.size();
    Result<std::string> plain = Decode(*coding, message.bytes, method.message_bytes_max, call->charge);
    if (!plain) {
      Refuse(plain.error());
      return false;
    }
    message.bytes = *std::move(plain);
    CHECK(call->charge.TryResize(before + message.bytes.size()));  // gives the compressed bytes back
    return true;
  }

  void Refuse(const Error& error) const {
    const GrpcStatus status = ToGrpcStatus(error);
    context.refused(call->peer, call->path, status);
    call->Finish(status);
  }
};

std::vector<nghttp2_nv> ToNghttp2(const HeaderList& headers) {
  const auto bytes = [](const std::string& text) {
    return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));  // copied by nghttp2, not written to
  };
  std::vector<nghttp2_nv> out;
  for (const auto& [name, value] : headers) {
    out.push_back({bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE});
  }
  return out;
}

// Its limits for what our callbacks do not see, or see too late.
nghttp2_option* Nghttp2Options(const GrpcLimits& limits) {
  nghttp2_option* options = nullptr;
  if (nghttp2_option_new(&options) != 0) throw std::bad_alloc();
  nghttp2_option_set_max_continuations(options, limits.continuations_max);
  nghttp2_option_set_max_settings(options, limits.settings_entries_max);
  nghttp2_option_set_max_outbound_ack(options, limits.answers_waiting_max);
  // Behind our own limit, which says ENHANCE_YOUR_CALM where nghttp2 says INTERNAL_ERROR.
  nghttp2_option_set_stream_reset_rate_limit(options, static_cast<std::uint64_t>(2 * limits.client_resets_burst),
                                             static_cast<std::uint64_t>(2 * limits.client_resets_per_second));
  return options;
}

// The error code of HTTP/2 for what nghttp2 does not go on after.
std::uint32_t WhyGivenUp(ssize_t nghttp2_error) {
  switch (nghttp2_error) {
    case NGHTTP2_ERR_CALLBACK_FAILURE:  // metadata that is no mistake
    case NGHTTP2_ERR_FLOODED:
    case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS: return NGHTTP2_ENHANCE_YOUR_CALM;
    case NGHTTP2_ERR_BAD_CLIENT_MAGIC: return NGHTTP2_PROTOCOL_ERROR;
    default: return NGHTTP2_INTERNAL_ERROR;
  }
}

// A GOAWAY frame (RFC 9113 6.8) without debug data.
std::string GoAway(std::int32_t last_stream, std::uint32_t error_code) {
  std::string frame("\0\0\x08\x07\0\0\0\0\0", 9);
  for (const std::uint32_t number : {static_cast<std::uint32_t>(last_stream), error_code})
    for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>(number >> shift);
  return frame;
}

}  // namespace

struct H2Session::Stream {
  Stream(std::int32_t stream_id, std::shared_ptr<Call> its_call)
      : id(stream_id), call(std::move(its_call)), reader(0) {}

  const std::int32_t id;
  const std::shared_ptr<Call> call;
  const GrpcMethod* method = nullptr;  // known once the headers are whole, and then only if they are right
  MessageReader reader;
  std::string http_method;
  std::size_t header_bytes = 0;
  bool over_budget = false;   // some headers were dropped
  bool opened = false;        // the headers are whole
  bool input_ended = false;   // the client has sent its last byte
  bool headers_sent = false;  // of the answer
  int http_status = 200;      // other than 200 only where gRPC is not spoken
  std::string out;            // framed messages that wait to be sent
  std::size_t out_sent = 0;
  std::optional<GrpcStatus> end;        // of the answer
  std::optional<ContentCoding> coding;  // of compressed messages
  Clock::time_point message_deadline = Clock::time_point::max();
  Clock::time_point deadline = Clock::time_point::max();        // grpc-timeout
  Clock::time_point taken_deadline = Clock::time_point::max();  // for the client to take the end of the answer
};

// nghttp2's callbacks. They must not throw; a bad_alloc in one of them ends the program, as it would anywhere in a
// library written in C.
struct H2Session::Callbacks {
  static H2Session& Self(void* user_data) { return *static_cast<H2Session*>(user_data); }
  static std::string_view View(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
  }
  static bool IsRequest(const nghttp2_frame* frame) {
    return frame->hd.type == NGHTTP2_HEADERS && frame->headers.cat == NGHTTP2_HCAT_REQUEST;
  }

  static int OnBeginHeaders(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user_data) noexcept {
    if (IsRequest(frame)) Self(user_data).Begin(frame->hd.stream_id);
    return 0;
  }

  static int OnHeader(const nghttp2_frame* frame, std::string_view name, std::string_view value,
                      void* user_data) noexcept {
    Stream* const stream = Self(user_data).Find(frame->hd.stream_id);
    if (stream == nullptr || !IsRequest(frame)) return 0;  // trailers of a request mean nothing in gRPC
    const bool bearable = Self(user_data).TakeHeader(*stream, name, value);
    return bearable ? 0 : NGHTTP2_ERR_CALLBACK_FAILURE;
  }

  static int OnFrame(nghttp2_session* /*session*/, const nghttp2_frame* frame, void* user_data) noexcept {
    H2Session& self = Self(user_data);
    const bool carries = frame->hd.type == NGHTTP2_HEADERS || (frame->hd.type == NGHTTP2_DATA && frame->hd.length > 0);
    const bool ends = (frame->hd.type == NGHTTP2_HEADERS || frame->hd.type == NGHTTP2_DATA) &&
                      (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0;
    if (frame->hd.type == NGHTTP2_SETTINGS) self.greeted_ = true;
    if (frame->hd.type == NGHTTP2_RST_STREAM) {
      self.Spend(self.client_resets_left_);
    } else if (!carries && !ends) {
      self.Spend(self.control_frames_left_);
    }
    Stream* const stream = self.Find(frame->hd.stream_id);
    if (stream == nullptr) return 0;
    if (IsRequest(frame)) self.Open(*stream);
    if (ends) self.EndInput(*stream);
    return 0;
  }

  static int OnData(std::int32_t stream_id, std::string_view bytes, void* user_data) noexcept {
    Stream* const stream = Self(user_data).Find(stream_id);
    if (stream != nullptr) Self(user_data).TakeBytes(*stream, bytes);
    return 0;
  }

  static int OnFrameSent(nghttp2_session* session, const nghttp2_frame* frame, void* user_data) noexcept {
    H2Session& self = Self(user_data);
    if (frame->hd.type == NGHTTP2_RST_STREAM && frame->rst_stream.error_code != NGHTTP2_NO_ERROR) {
      self.Spend(self.control_frames_left_);
    }
    const Stream* const stream = self.Find(frame->hd.stream_id);
    const bool answered =
        frame->hd.type == NGHTTP2_HEADERS && (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 && stream != nullptr;
    if (answered) {
      self.control_frames_left_ = std::min(self.control_frames_left_ + self.context_.limits.control_frames_per_call,
                                           self.context_.limits.control_frames_burst);
    }
    // RFC 9113 8.1: the answer is whole and the rest of the request not wanted.
    if (answered && !stream->input_ended) {
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, stream->id, NGHTTP2_NO_ERROR);
    }
    return 0;
  }

  static int OnClosed(nghttp2_session* /*session*/, std::int32_t stream_id, std::uint32_t /*error_code*/,
                      void* user_data) noexcept {
    Stream* const stream = Self(user_data).Find(stream_id);
    if (stream == nullptr) return 0;
    stream->call->Detach();
    Self(user_data).streams_.erase(stream_id);
    return 0;
  }

  static ssize_t OnRead(H2Session& self, std::int32_t stream_id, std::span<std::uint8_t> room,
                        std::uint32_t* flags) noexcept {
    Stream* const stream = self.Find(stream_id);
    CHECK(stream != nullptr);  // nghttp2 asks for streams that it has not closed
    const std::size_t given = std::min(room.size(), stream->out.size() - stream->out_sent);
    std::copy_n(stream->out.begin() + static_cast<std::ptrdiff_t>(stream->out_sent), given, room.begin());
    stream->out_sent += given;
    if (stream->out_sent < stream->out.size()) return static_cast<ssize_t>(given);
    stream->out.clear();
    stream->out_sent = 0;
    if (stream->end) {
      *flags = NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
      const HeaderList trailers = Trailers(*stream->end);
      const std::vector<nghttp2_nv> fields = ToNghttp2(trailers);
      CHECK(nghttp2_submit_trailer(self.session_.get(), stream_id, fields.data(), fields.size()) == 0);
    } else if (given == 0) {
      return NGHTTP2_ERR_DEFERRED;
    }
    return static_cast<ssize_t>(given);
  }
};

H2Session::H2Session(const GrpcContext& context, std::string peer, Post post)
    : context_(context),
      peer_(std::move(peer)),
      post_(std::move(post)),
      control_frames_left_(context.limits.control_frames_burst),
      client_resets_left_(context.limits.client_resets_burst) {
  nghttp2_session_callbacks* callbacks = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0) throw std::bad_alloc();
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, Callbacks::OnBeginHeaders);
  nghttp2_session_callbacks_set_on_header_callback(
      callbacks, [](nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
                    const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* user_data) {
        return Callbacks::OnHeader(frame, Callbacks::View(name, name_size), Callbacks::View(value, value_size),
                                   user_data);
      });
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, Callbacks::OnFrame);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(
      callbacks, [](nghttp2_session*, std::uint8_t, std::int32_t stream_id, const std::uint8_t* bytes, std::size_t size,
                    void* user_data) { return Callbacks::OnData(stream_id, Callbacks::View(bytes, size), user_data); });
  nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, Callbacks::OnFrameSent);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, Callbacks::OnClosed);
  nghttp2_option* const options = Nghttp2Options(context.limits);
  nghttp2_session* session = nullptr;
  const int made = nghttp2_session_server_new2(&session, callbacks, this, options);
  nghttp2_option_del(options);
  nghttp2_session_callbacks_del(callbacks);
  if (made != 0) throw std::bad_alloc();
  session_.reset(session);

  const std::array<nghttp2_settings_entry, 3> settings = {{
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, context.limits.streams_max},
      {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, kStreamWindowBytes},
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<std::uint32_t>(context.limits.metadata_bytes_max)},
  }};
  CHECK(nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) == 0);
  CHECK(nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, kConnectionWindowBytes) == 0);
}

H2Session::~H2Session() { Detach(); }

bool H2Session::Receive(std::string_view bytes) {
  const GrpcLimits& limits = context_.limits;
  const Clock::time_point now = Clock::now();
  const double seconds = std::chrono::duration<double>(now - refilled_).count();
  control_frames_left_ =
      std::min(limits.control_frames_burst, control_frames_left_ + limits.control_frames_per_second * seconds);
  client_resets_left_ =
      std::min(limits.client_resets_burst, client_resets_left_ + limits.client_resets_per_second * seconds);
  refilled_ = now;
  const ssize_t taken =
      nghttp2_session_mem_recv(session_.get(), reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  if (taken < 0) last_words_ = GoAway(last_stream_, WhyGivenUp(taken));
  return taken >= 0 && calm_;
}

std::string_view H2Session::Pending() {
  if (last_words_) return std::exchange(last_words_said_, true) ? std::string_view() : *last_words_;
  const std::uint8_t* bytes = nullptr;
  const ssize_t size = nghttp2_session_mem_send(session_.get(), &bytes);
  return size > 0 ? Callbacks::View(bytes, static_cast<std::size_t>(size)) : std::string_view();
}

void H2Session::Answer(std::int32_t stream_id, CallEvent event) {
  Stream* const stream = Find(stream_id);
  if (stream == nullptr || stream->end) return;
  if (event.message) {
    const auto size = static_cast<std::uint32_t>(event.message->size());
    stream->out += '\0';  // not compressed
    for (const int shift : {24, 16, 8, 0}) stream->out += static_cast<char>(size >> shift);
    stream->out += *event.message;
  }
  if (event.end) {
    stream->end = std::move(event.end);
    stream->taken_deadline = Clock::now() + context_.limits.write_timeout;
  }
  SubmitAnswer(*stream);
}

void H2Session::SubmitAnswer(Stream& stream) {
  // Refused by nghttp2 when the stream is closing: then nobody waits for it.
  if (stream.headers_sent) {
    std::ignore = nghttp2_session_resume_data(session_.get(), stream.id);
    return;
  }
  stream.headers_sent = true;
  HeaderList headers = AnswerHeaders();
  headers.front().second = std::to_string(stream.http_status);
  const bool only_trailers = stream.end && stream.out.empty();
  if (only_trailers) {
    HeaderList trailers = Trailers(*stream.end);
    std::ranges::move(trailers, std::back_inserter(headers));
  }
  const std::vector<nghttp2_nv> fields = ToNghttp2(headers);
  const nghttp2_data_provider body = {
      .source = {},
      .read_callback = [](nghttp2_session*, std::int32_t stream_id, std::uint8_t* bytes, std::size_t size,
                          std::uint32_t* flags, nghttp2_data_source*, void* user_data) {
        return Callbacks::OnRead(Callbacks::Self(user_data), stream_id, {bytes, size}, flags);
      }};
  std::ignore =
      nghttp2_submit_response(session_.get(), stream.id, fields.data(), fields.size(), only_trailers ? nullptr : &body);
}

bool H2Session::CheckDeadlines(Clock::time_point now) {
  for (const auto& [id, stream] : streams_) {
    if (now > stream->taken_deadline) {
      stream->taken_deadline = Clock::time_point::max();
      nghttp2_submit_rst_stream(session_.get(), NGHTTP2_FLAG_NONE, id, NGHTTP2_CANCEL);
    } else if (now > stream->deadline) {
      stream->deadline = Clock::time_point::max();
      Refuse(*stream, ErrorCode::kDeadlineExceeded, "the call's own grpc-timeout is over");
    } else if (now > stream->message_deadline) {
      if (!stream->opened) return false;
      stream->message_deadline = Clock::time_point::max();
      Refuse(*stream, ErrorCode::kDeadlineExceeded,
             fmt::format("the message did not come within {} s", context_.limits.message_timeout.count()));
    }
  }
  return true;
}

void H2Session::Ping() { nghttp2_submit_ping(session_.get(), NGHTTP2_FLAG_NONE, nullptr); }

void H2Session::FinishSoon() {
  nghttp2_submit_goaway(session_.get(), NGHTTP2_FLAG_NONE, nghttp2_session_get_last_proc_stream_id(session_.get()),
                        NGHTTP2_NO_ERROR, nullptr, 0);
}

void H2Session::Detach() {
  for (const auto& [id, stream] : streams_) stream->call->Detach();
}

bool H2Session::done() const {
  return nghttp2_session_want_read(session_.get()) == 0 && nghttp2_session_want_write(session_.get()) == 0;
}

H2Session::Stream* H2Session::Find(std::int32_t stream_id) {
  const auto found = streams_.find(stream_id);
  return found == streams_.end() ? nullptr : found->second.get();
}

void H2Session::Begin(std::int32_t stream_id) {
  auto call = std::make_shared<Call>(peer_, context_.budget,
                                     [post = post_, stream_id](CallEvent event) { post(stream_id, std::move(event)); });
  const auto [at, fresh] = streams_.emplace(stream_id, std::make_unique<Stream>(stream_id, std::move(call)));
  CHECK(fresh);
  at->second->message_deadline = Clock::now() + context_.limits.message_timeout;
  last_stream_ = stream_id;
}

bool H2Session::TakeHeader(Stream& stream, std::string_view name, std::string_view value) {
  const std::size_t limit = context_.limits.metadata_bytes_max;
  stream.header_bytes += name.size() + value.size() + kHeaderEntryBytes;
  if (stream.header_bytes > limit) return stream.header_bytes <= limit * kMetadataHopelessFactor;
  if (!stream.call->charge.TryResize(stream.header_bytes)) {
    stream.over_budget = true;
  } else if (name == ":path") {
    stream.call->path = value;
  } else if (name == ":method") {
    stream.http_method = value;
  } else {
    stream.call->headers.emplace_back(name, value);
  }
  return true;
}

void H2Session::Open(Stream& stream) {
  stream.opened = true;
  Call& call = *stream.call;
  if (stream.header_bytes > context_.limits.metadata_bytes_max) {
    return Refuse(stream, ErrorCode::kResourceExhausted,
                  fmt::format("the metadata has more than {} bytes", context_.limits.metadata_bytes_max));
  }
  if (stream.over_budget) return Refuse(stream, ErrorCode::kUnavailable, "too many bytes of requests are in work");
  if (stream.http_method != "POST") {
    stream.http_status = 405;
    return Refuse(stream, ErrorCode::kUnimplemented, fmt::format("gRPC is POST, not {}", stream.http_method));
  }
  if (!IsGrpcContentType(call.metadata("content-type"))) {
    stream.http_status = 415;
    return Refuse(stream, ErrorCode::kInvalidArgument,
                  fmt::format("content-type \"{}\" is not application/grpc", call.metadata("content-type")));
  }
  const auto method = context_.methods.find(call.path);
  if (method == context_.methods.end()) {
    return Refuse(stream, ErrorCode::kUnimplemented, fmt::format("{} is not served here", call.path));
  }
  const std::string_view encoding = call.metadata("grpc-encoding");
  stream.coding = FindContentCoding(encoding);
  if (!stream.coding && !encoding.empty() && encoding != "identity") {
    return Refuse(stream, ErrorCode::kUnimplemented, fmt::format("grpc-encoding {} is not understood", encoding));
  }
  if (const std::string_view text = call.metadata("grpc-timeout"); !text.empty()) {
    const auto timeout = ParseGrpcTimeout(text);
    if (!timeout) return Refuse(stream, ErrorCode::kInvalidArgument, fmt::format("grpc-timeout {} is no time", text));
    stream.deadline = Clock::now() + *timeout;
  }
  stream.method = &method->second;
  stream.reader = MessageReader(method->second.message_bytes_max);
}

void H2Session::TakeBytes(Stream& stream, std::string_view bytes) {
  while (!bytes.empty() && !stream.call->ended()) {
    if (stream.reader.complete()) return Refuse(stream, ErrorCode::kInvalidArgument, "the call holds a second message");
    const Result<void> read = stream.reader.Read(bytes, stream.call->charge);
    if (!read) return Refuse(stream, ToGrpcStatus(read.error()));
    if (stream.reader.complete() && stream.method->shape == CallShape::kBidirectional) {
      stream.message_deadline = Clock::now() + context_.limits.message_timeout;
      Dispatch(stream, stream.reader.Take());
    }
  }
}

void H2Session::EndInput(Stream& stream) {
  stream.input_ended = true;
  if (stream.call->ended()) return;
  stream.message_deadline = Clock::time_point::max();
  const MessageReader& reader = stream.reader;
  if (reader.complete()) return Dispatch(stream, stream.reader.Take());
  if (!reader.between()) {
    Refuse(stream, ErrorCode::kInvalidArgument, "the message is cut off after " + reader.Progress());
  } else if (stream.method->shape == CallShape::kBidirectional) {
    stream.call->Finish({});
  } else {
    Refuse(stream, ErrorCode::kInvalidArgument, "the call holds no message");
  }
}

void H2Session::Dispatch(Stream& stream, FramedMessage message) {
  if (message.compressed && !stream.coding) {
    // PROTOCOL-HTTP2.md and compression.md want INTERNAL.
    return Refuse(stream, {.code = kGrpcInternal,
                           .message = "the message is compressed, and grpc-encoding does not say how",
                           .details = "",
                           .http_status = 400});
  }
  Delivery delivery{context_, *stream.method, stream.call, std::move(message), stream.coding};
  if (stream.method->where == CallRunsOn::kIo) {
    delivery.Run();
    CHECK(stream.call->charge.TryResize(stream.header_bytes));  // the next message of a stream begins with nothing
  } else if (!context_.workers.TryRun([delivery = std::move(delivery)]() mutable { delivery.Run(); })) {
    Refuse(stream, ErrorCode::kUnavailable, "too many requests are waiting");
  }
}

void H2Session::Refuse(Stream& stream, const GrpcStatus& status) {
  if (stream.call->ended()) return;
  context_.refused(peer_, stream.call->path, status);
  stream.call->Finish(status);
}

void H2Session::Refuse(Stream& stream, ErrorCode code, std::string message) {
  Refuse(stream, ToGrpcStatus({code, std::move(message)}));
}

void H2Session::Spend(double& left) {
  if (--left >= 0 || !calm_) return;
  calm_ = false;
  nghttp2_session_terminate_session(session_.get(), NGHTTP2_ENHANCE_YOUR_CALM);
}

}  // namespace nightjar::server::internal
