// Server-sent events (WHATWG HTML, 9.2.6): the `data` of each event, out of pieces of any size.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace stack {

class EventStream {
 public:
  explicit EventStream(std::function<void(const std::string& data)> on_event) : on_event_(std::move(on_event)) {}

  // Calls on_event for each event that is complete. Throws std::length_error when one is over 16 MiB.
  void Feed(std::string_view piece);

 private:
  void EndLine();

  const std::function<void(const std::string&)> on_event_;
  std::string line_;
  std::string data_;
  bool has_data_ = false;
  bool after_return_ = false;  // a line feed that follows ends no other line
};

}  // namespace stack
