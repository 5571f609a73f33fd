// One client's HTTP/1.1 connection over a connected socket: requests in, answers out, one after the other.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace nightjar::engine {

struct Answer {
  unsigned status = 200;
  int exception_code = 0;  // sent as X-ClickHouse-Exception-Code when not 0
  std::string_view content_type = "text/plain; charset=UTF-8";
  std::string_view body;
};

// Used by one thread, but for Shutdown(). Errors of the socket end the connection: every call after one does nothing,
// and ReadHead() says false.
class HttpConnection {
 public:
  explicit HttpConnection(int socket);  // takes the socket over
  ~HttpConnection();

  // Waits for the next request and reads its head; false when there is none.
  bool ReadHead();
  [[nodiscard]] std::string method() const;
  [[nodiscard]] std::string target() const;
  [[nodiscard]] std::string content_type() const;

  // The next piece of the body, valid until the next call; empty at its end, also when the client stopped in the
  // middle.
  std::string_view ReadBody();
  // Whether ReadBody() gave all of it.
  [[nodiscard]] bool body_whole() const;

  // A whole answer. What is left of the body is read and dropped first.
  void Send(const Answer& answer);

  // An answer of unknown length. Without SendEnd() the client sees that it was cut: Close() after an error.
  void SendHead();
  void SendPiece(std::string_view bytes);
  void SendEnd();

  void Close();     // after the present request
  void Shutdown();  // at once, from any thread

  [[nodiscard]] int socket() const;
  [[nodiscard]] bool open() const;  // false after Close() and after an error of the socket

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace nightjar::engine
