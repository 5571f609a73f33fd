#include "otlp_sink.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <protozero/pbf_reader.hpp>

namespace nightjar::sdk_test {
namespace {

using protozero::pbf_reader;

std::string Hex(std::string_view bytes) {
  std::string hex;
  for (const char c : bytes) {
    hex += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
    hex += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
  return hex;
}

Value DecodeAnyValue(pbf_reader any);

std::string Text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    std::string text;
    for (const std::string& item : *list) text += (text.empty() ? "" : ", ") + item;
    return "[" + text + "]";
  }
  char digits[32];
  std::snprintf(digits, sizeof(digits), "%g", std::get<double>(value));
  return digits;
}

Value DecodeArray(pbf_reader array) {
  std::vector<std::string> texts;
  std::string all;
  bool only_texts = true;
  while (array.next(1)) {
    const Value item = DecodeAnyValue(array.get_message());
    only_texts = only_texts && std::holds_alternative<std::string>(item);
    all += (texts.empty() ? "" : ", ") + Text(item);
    texts.push_back(Text(item));
  }
  if (only_texts) return texts;
  return "[" + all + "]";
}

Value DecodeMap(pbf_reader map) {
  std::string all;
  while (map.next(1)) {
    pbf_reader entry = map.get_message();
    std::string key;
    std::string value;
    while (entry.next()) {
      if (entry.tag() == 1) key = entry.get_string();
      if (entry.tag() == 2) value = Text(DecodeAnyValue(entry.get_message()));
    }
    all += (all.empty() ? "" : ", ") + key + ": " + value;
  }
  return "{" + all + "}";
}

Value DecodeBytes(std::string_view bytes) {
  std::string text = "bytes";
  for (const char c : bytes) text += " " + Hex({&c, 1});
  return text;
}

Value DecodeAnyValue(pbf_reader any) {
  Value value = std::string("(no value)");
  while (any.next()) {
    switch (any.tag()) {
      case 1: value = any.get_string(); break;
      case 2: value = any.get_bool(); break;
      case 3: value = any.get_int64(); break;
      case 4: value = any.get_double(); break;
      case 5: value = DecodeArray(any.get_message()); break;
      case 6: value = DecodeMap(any.get_message()); break;
      case 7: value = DecodeBytes(any.get_string()); break;
      default: any.skip();
    }
  }
  return value;
}

void DecodeKeyValue(pbf_reader key_value, Values& values) {
  std::string key;
  Value value;
  while (key_value.next()) {
    if (key_value.tag() == 1) {
      key = key_value.get_string();
    } else {
      value = DecodeAnyValue(key_value.get_message());
    }
  }
  values.insert_or_assign(key, value);
}

ReceivedEvent DecodeEvent(pbf_reader message) {
  ReceivedEvent event;
  while (message.next()) {
    switch (message.tag()) {
      case 1: event.time_unix_ns = message.get_fixed64(); break;
      case 2: event.name = message.get_string(); break;
      case 3: DecodeKeyValue(message.get_message(), event.attributes); break;
      case 4: event.attributes_dropped = message.get_uint32(); break;
      default: message.skip();
    }
  }
  return event;
}

ReceivedLink DecodeLink(pbf_reader message) {
  ReceivedLink link;
  while (message.next()) {
    switch (message.tag()) {
      case 1: link.trace_id = Hex(message.get_string()); break;
      case 2: link.span_id = Hex(message.get_string()); break;
      case 3: link.trace_state = message.get_string(); break;
      case 4: DecodeKeyValue(message.get_message(), link.attributes); break;
      case 5: link.attributes_dropped = message.get_uint32(); break;
      case 6: link.flags = message.get_fixed32(); break;
      default: message.skip();
    }
  }
  return link;
}

void DecodeStatus(pbf_reader message, ReceivedSpan& span) {
  while (message.next()) {
    if (message.tag() == 2) {
      span.status_message = message.get_string();
    } else {
      span.status = message.get_uint32();
    }
  }
}

ReceivedSpan DecodeSpan(pbf_reader message) {
  ReceivedSpan span;
  while (message.next()) {
    switch (message.tag()) {
      case 1: span.trace_id = Hex(message.get_string()); break;
      case 2: span.span_id = Hex(message.get_string()); break;
      case 3: span.trace_state = message.get_string(); break;
      case 4: span.parent_span_id = Hex(message.get_string()); break;
      case 5: span.name = message.get_string(); break;
      case 6: span.kind = message.get_uint32(); break;
      case 7: span.start_unix_ns = message.get_fixed64(); break;
      case 8: span.end_unix_ns = message.get_fixed64(); break;
      case 9:
        DecodeKeyValue(message.get_message(), span.attributes);
        ++span.attributes_sent;
        break;
      case 10: span.attributes_dropped = message.get_uint32(); break;
      case 11: span.events.push_back(DecodeEvent(message.get_message())); break;
      case 12: span.events_dropped = message.get_uint32(); break;
      case 13: span.links.push_back(DecodeLink(message.get_message())); break;
      case 14: span.links_dropped = message.get_uint32(); break;
      case 15: DecodeStatus(message.get_message(), span); break;
      case 16: span.flags = message.get_fixed32(); break;
      default: message.skip();
    }
  }
  return span;
}

void DecodeScope(pbf_reader message, ReceivedRequest& request) {
  request.scope = request.scope_version = request.schema_url = "";
  request.scope_attributes.clear();
  while (message.next()) {
    switch (message.tag()) {
      case 1: request.scope = message.get_string(); break;
      case 2: request.scope_version = message.get_string(); break;
      case 3: DecodeKeyValue(message.get_message(), request.scope_attributes); break;
      default: message.skip();
    }
  }
}

void DecodeScopeSpans(pbf_reader message, ReceivedRequest& request) {
  while (message.next()) {
    if (message.tag() == 1) {
      DecodeScope(message.get_message(), request);
    } else if (message.tag() == 2) {
      request.spans.push_back(DecodeSpan(message.get_message()));
      request.spans.back().scope = request.scope;
    } else if (message.tag() == 3) {
      request.schema_url = message.get_string();
    } else {
      message.skip();
    }
  }
}

void DecodeRequest(const std::string& body, ReceivedRequest& request) {
  pbf_reader message(body);
  while (message.next(1)) {
    pbf_reader resource_spans = message.get_message();
    while (resource_spans.next()) {
      if (resource_spans.tag() == 1) {
        pbf_reader resource = resource_spans.get_message();
        while (resource.next(1)) DecodeKeyValue(resource.get_message(), request.resource);
      } else {
        DecodeScopeSpans(resource_spans.get_message(), request);
      }
    }
  }
}

// "POST /v1/traces HTTP/1.1\r\nname: value\r\n...".
void DecodeHead(std::string_view head, ReceivedRequest& request) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const std::size_t target = line.find(' ') + 1;
  request.target = line.substr(target, line.find(' ', target) - target);
  for (std::size_t at = line.size() + 2; at < head.size();) {
    const std::size_t end = head.find("\r\n", at);
    const std::string_view header = head.substr(at, end - at);
    const std::size_t colon = header.find(':');
    std::string name(header.substr(0, colon));
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    request.headers[name] = header.substr(colon + 2);
    at = end + 2;
  }
}

std::string Gunzip(const std::string& packed) {
  std::string plain;
  char piece[65536];
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece);
    stream.avail_out = sizeof(piece);
    result = inflate(&stream, Z_NO_FLUSH);
    plain.append(piece, sizeof(piece) - stream.avail_out);
  }
  inflateEnd(&stream);
  return result == Z_STREAM_END ? plain : std::string();
}

bool ReadMore(int connection, std::string& buffer) {
  char bytes[65536];
  const ssize_t count = recv(connection, bytes, sizeof(bytes), 0);
  if (count <= 0) return false;
  buffer.append(bytes, static_cast<std::size_t>(count));
  return true;
}

// A body of a gigabyte, as far as the client takes it.
void SendWithoutEnd(int connection) {
  const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n";
  const std::string piece(65536, 'x');
  if (send(connection, head.data(), head.size(), MSG_NOSIGNAL) < 0) return;
  for (int i = 0; i < 16'384; ++i) {
    if (send(connection, piece.data(), piece.size(), MSG_NOSIGNAL) < 0) return;
  }
}

}  // namespace

OtlpSink::OtlpSink() : listener_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(listener_, 16) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::perror("otlp_sink");
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Serve(); });
}

OtlpSink::~OtlpSink() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    shutdown(listener_, SHUT_RDWR);
    for (const int connection : connections_) shutdown(connection, SHUT_RDWR);
  }
  changed_.notify_all();
  acceptor_.join();  // no connection is added after this
  for (std::thread& thread : threads_) thread.join();
  for (const int connection : connections_) close(connection);
  close(listener_);
}

std::string OtlpSink::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

void OtlpSink::AnswerWith(std::vector<Answer> answers) {
  const std::lock_guard lock(mutex_);
  answers_.assign(answers.begin(), answers.end());
}

void OtlpSink::AnswerWithoutEnd() {
  const std::lock_guard lock(mutex_);
  endless_ = true;
}

void OtlpSink::HangUp(int times) { CloseNext(times, /*reset=*/false); }

void OtlpSink::Reset(int times) { CloseNext(times, /*reset=*/true); }

void OtlpSink::CloseNext(int times, bool reset) {
  const std::lock_guard lock(mutex_);
  hang_ups_ = times;
  resets_ = reset;
}

void OtlpSink::DelayAnswers(std::chrono::milliseconds delay) {
  const std::lock_guard lock(mutex_);
  delay_ = delay;
}

void OtlpSink::Hold(bool hold) {
  {
    const std::lock_guard lock(mutex_);
    held_ = hold;
  }
  changed_.notify_all();
}

std::vector<ReceivedRequest> OtlpSink::WaitForRequests(std::size_t count) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, std::chrono::seconds(10), [&] { return requests_.size() >= count; })) {
    std::fprintf(stderr, "otlp_sink: %zu of %zu requests arrived\n", requests_.size(), count);
    std::abort();
  }
  return requests_;
}

std::vector<ReceivedRequest> OtlpSink::requests() { return WaitForRequests(0); }

std::vector<ReceivedSpan> OtlpSink::spans() {
  std::vector<ReceivedSpan> all;
  for (const ReceivedRequest& request : requests()) all.insert(all.end(), request.spans.begin(), request.spans.end());
  return all;
}

void OtlpSink::Serve() {
  while (true) {
    const int connection = accept(listener_, nullptr, nullptr);
    const std::lock_guard lock(mutex_);
    if (connection < 0 || closing_) {
      if (connection >= 0) close(connection);
      return;
    }
    connections_.push_back(connection);
    threads_.emplace_back([this, connection] { ServeConnection(connection); });
  }
}

bool OtlpSink::WaitToAnswer(std::unique_lock<std::mutex>& lock, int connection) {
  changed_.wait_for(lock, delay_, [this] { return closing_; });
  changed_.wait(lock, [this] { return !held_ || closing_; });
  if (hang_ups_ == 0) return true;
  --hang_ups_;
  if (resets_) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    close(connection);
    std::erase(connections_, connection);
  } else {
    shutdown(connection, SHUT_RDWR);
  }
  return false;
}

void OtlpSink::ServeConnection(int connection) {
  std::string buffer;
  while (true) {
    std::size_t head_end;
    while ((head_end = buffer.find("\r\n\r\n")) == std::string::npos) {
      if (!ReadMore(connection, buffer)) return;
    }
    ReceivedRequest request;
    DecodeHead(std::string_view(buffer).substr(0, head_end + 2), request);
    const std::size_t body_bytes = std::stoul(request.headers["content-length"]);
    while (buffer.size() < head_end + 4 + body_bytes) {
      if (!ReadMore(connection, buffer)) return;
    }
    std::string body = buffer.substr(head_end + 4, body_bytes);
    request.body_bytes = body.size();
    if (request.headers["content-encoding"] == "gzip") body = Gunzip(body);
    DecodeRequest(body, request);
    buffer.erase(0, head_end + 4 + body_bytes);

    std::unique_lock lock(mutex_);
    requests_.push_back(std::move(request));
    changed_.notify_all();
    if (!WaitToAnswer(lock, connection)) return;
    Answer answer;
    if (!answers_.empty()) {
      answer = answers_.front();
      answers_.pop_front();
    }
    const bool endless = endless_;
    lock.unlock();
    if (endless) {
      SendWithoutEnd(connection);
      continue;
    }
    const std::string text = "HTTP/1.1 " + answer.status + "\r\n" + answer.headers +
                             "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
    if (send(connection, text.data(), text.size(), MSG_NOSIGNAL) < 0) return;
  }
}

}  // namespace nightjar::sdk_test
