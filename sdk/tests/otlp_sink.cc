#include "otlp_sink.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

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

Value DecodeAnyValue(pbf_reader any) {
  Value value = std::string("(no value)");
  while (any.next()) {
    switch (any.tag()) {
      case 1: value = any.get_string(); break;
      case 2: value = any.get_bool(); break;
      case 3: value = any.get_int64(); break;
      case 4: value = any.get_double(); break;
      case 5: {
        std::vector<std::string> items;
        pbf_reader array = any.get_message();
        while (array.next(1)) items.push_back(std::get<std::string>(DecodeAnyValue(array.get_message())));
        value = std::move(items);
        break;
      }
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
      case 15: DecodeStatus(message.get_message(), span); break;
      case 16: span.flags = message.get_fixed32(); break;
      default: message.skip();
    }
  }
  return span;
}

void DecodeScopeSpans(pbf_reader message, ReceivedRequest& request) {
  while (message.next()) {
    if (message.tag() == 1) {
      pbf_reader scope = message.get_message();
      while (scope.next(1)) request.scope = scope.get_string();
    } else {
      request.spans.push_back(DecodeSpan(message.get_message()));
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

bool ReadMore(int connection, std::string& buffer) {
  char bytes[65536];
  const ssize_t count = recv(connection, bytes, sizeof(bytes), 0);
  if (count <= 0) return false;
  buffer.append(bytes, static_cast<std::size_t>(count));
  return true;
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
    DecodeRequest(buffer.substr(head_end + 4, body_bytes), request);
    buffer.erase(0, head_end + 4 + body_bytes);

    std::unique_lock lock(mutex_);
    requests_.push_back(std::move(request));
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_ || closing_; });
    Answer answer;
    if (!answers_.empty()) {
      answer = answers_.front();
      answers_.pop_front();
    }
    lock.unlock();
    const std::string text = "HTTP/1.1 " + answer.status + "\r\n" + answer.headers +
                             "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
    if (send(connection, text.data(), text.size(), MSG_NOSIGNAL) < 0) return;
  }
}

}  // namespace nightjar::sdk_test
