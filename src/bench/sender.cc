// One coroutine for each connection, all on the calling thread. They take bodies from one shared list, so a slow answer
// holds up its own connection only.
#include "bench/sender.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <cmath>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "bench/tally.h"

namespace nightjar::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr auto kRetryPause = std::chrono::milliseconds(50);  // where the server names none
constexpr std::size_t kAnswerBytesMax = 4 << 20;             // OTLP's own limit for responses

struct Answer {
  int status = 0;
  std::chrono::milliseconds retry_after = kRetryPause;
  std::string body;
};

// The value of a header (name in lower case) in a response head, or "".
std::string_view HeaderValue(std::string_view head, std::string_view name) {
  for (std::size_t line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line + 2)) {
    const std::string_view rest = head.substr(line + 2);
    const bool same = rest.size() > name.size() && rest[name.size()] == ':' &&
                      std::equal(name.begin(), name.end(), rest.begin(), [](char lower, char any) {
                        return lower == (any >= 'A' && any <= 'Z' ? any + 32 : any);
                      });
    if (!same) continue;
    std::string_view value = rest.substr(name.size() + 1, rest.find("\r\n") - name.size() - 1);
    value.remove_prefix(std::min(value.find_first_not_of(' '), value.size()));
    return value;
  }
  return "";
}

std::optional<std::size_t> ParseCount(std::string_view digits) {
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (error != std::errc() || end == digits.data()) return std::nullopt;
  return count;
}

class Run {
 public:
  Run(const SendOptions& options, const NextBody& next) : options_(options), next_(next) {}

  SendReport Finish() {
    tcp::resolver resolver(context_);
    endpoints_ = resolver.resolve(options_.host, std::to_string(options_.port));
    tally_.emplace(options_.spans_per_s);
    for (std::size_t i = 0; i < options_.connections; ++i) {
      asio::co_spawn(context_, Connection(), [](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
      });
    }
    context_.run();
    return tally_->Finish();
  }

 private:
  asio::awaitable<void> Connection() {
    tcp::socket socket(context_);
    co_await asio::async_connect(socket, endpoints_, asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    asio::steady_timer timer(context_);
    while (const Body* taken = next_()) {
      const Body& body = *taken;
      const Clock::time_point due = tally_->TakeDue(body);
      timer.expires_at(due);
      co_await timer.async_wait(asio::use_awaitable);
      for (;;) {
        const Answer answer = co_await Exchange(socket, body);
        if (answer.status == 200) {
          tally_->Acknowledge(body, due, answer.body);
          break;
        }
        if (answer.status != 429 && answer.status != 503)
          throw std::runtime_error(fmt::format("the server answered {} to an export", answer.status));
        tally_->Refuse(answer.status);
        timer.expires_after(answer.retry_after);
        co_await timer.async_wait(asio::use_awaitable);
      }
    }
  }

  asio::awaitable<Answer> Exchange(tcp::socket& socket, const Body& body) {
    const std::string head = fmt::format(
        "POST /v1/traces HTTP/1.1\r\nhost: {}:{}\r\ncontent-type: application/x-protobuf\r\n{}content-length: "
        "{}\r\n\r\n",
        options_.host, options_.port, options_.gzip ? "content-encoding: gzip\r\n" : "", body.bytes.size());
    const std::array<asio::const_buffer, 2> request = {asio::buffer(head), asio::buffer(body.bytes)};
    co_await asio::async_write(socket, request, asio::use_awaitable);

    std::string received;
    const std::size_t head_size = co_await asio::async_read_until(
        socket, asio::dynamic_buffer(received, kAnswerBytesMax), "\r\n\r\n", asio::use_awaitable);
    const std::string_view answer_head = std::string_view(received).substr(0, head_size);
    const auto status = answer_head.starts_with("HTTP/1.1 ") ? ParseCount(answer_head.substr(9, 3)) : std::nullopt;
    const auto length = ParseCount(HeaderValue(answer_head, "content-length"));
    if (!status || !length) throw std::runtime_error("the server's answer has no status or no content-length");
    Answer answer{.status = static_cast<int>(*status)};
    if (const auto seconds = ParseCount(HeaderValue(answer_head, "retry-after")))
      answer.retry_after = std::chrono::seconds(*seconds);
    answer.body = received.substr(head_size);
    if (answer.body.size() < *length) {
      const std::size_t missing = *length - answer.body.size();
      co_await asio::async_read(socket, asio::dynamic_buffer(answer.body), asio::transfer_exactly(missing),
                                asio::use_awaitable);
    }
    co_return answer;
  }

  const SendOptions& options_;
  const NextBody& next_;
  asio::io_context context_{1};
  tcp::resolver::results_type endpoints_;
  std::optional<Tally> tally_;
};

}  // namespace

NextBody Each(std::span<const Body> bodies) {
  return [bodies, at = std::size_t{0}]() mutable { return at < bodies.size() ? &bodies[at++] : nullptr; };
}

Result<SendReport> SendHttp(const SendOptions& options, const NextBody& next) {
  try {
    return Run(options, next).Finish();
  } catch (const boost::system::system_error& error) {
    return Fail(ErrorCode::kUnavailable,
                fmt::format("sending to {}:{}: {}", options.host, options.port, error.code().message()));
  } catch (const std::exception& error) {
    return Fail(ErrorCode::kInternal, error.what());
  }
}

std::chrono::nanoseconds Quantile(std::span<const std::chrono::nanoseconds> ascending, double q) {
  if (ascending.empty()) return {};
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(ascending.size())));
  return ascending[std::clamp<std::size_t>(rank, 1, ascending.size()) - 1];
}

}  // namespace nightjar::bench
