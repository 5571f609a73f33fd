#include "stack/event_stream.h"

#include <stdexcept>

namespace stack {
namespace {

constexpr std::size_t kEventBytesMax = 16U << 20;

}  // namespace

void EventStream::Feed(std::string_view piece) {
  for (const char c : piece) {
    const bool second_half = c == '\n' && after_return_;
    after_return_ = c == '\r';
    if (second_half) continue;
    if (c == '\n' || c == '\r') {
      EndLine();
      continue;
    }
    if (line_.size() + data_.size() >= kEventBytesMax) throw std::length_error("an event is over 16 MiB");
    line_ += c;
  }
}

void EventStream::EndLine() {
  if (line_.empty()) {
    if (has_data_) on_event_(data_);
    data_.clear();
    has_data_ = false;
  } else if (line_.starts_with("data:")) {
    if (has_data_) data_ += '\n';
    data_.append(line_, line_.starts_with("data: ") ? 6 : 5);
    has_data_ = true;
  }
  line_.clear();
}

}  // namespace stack
