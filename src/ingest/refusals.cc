#include "ingest/refusals.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/utf8.h"

namespace nightjar::ingest {
namespace {

// "127.0.0.1:51234" → "127.0.0.1"
std::string_view HostOf(std::string_view remote) { return remote.substr(0, remote.rfind(':')); }

bool IsRepeat(const Refusal& a, const Refusal& b) {
  return a.status == b.status && a.path == b.path && a.reason == b.reason && HostOf(a.remote) == HostOf(b.remote);
}

std::string Presentable(const std::string& text) {
  std::string valid = ReplaceInvalidUtf8(text);
  const std::size_t kept = Utf8Prefix(valid, kRefusalTextCharactersMax).size();
  if (kept < valid.size()) valid.replace(kept, std::string::npos, "…");
  return valid;
}

}  // namespace

void RefusalLog::Add(Refusal refusal) {
  refusal.path = Presentable(refusal.path);
  refusal.reason = Presentable(refusal.reason);
  const std::lock_guard lock(mutex_);
  RefusalRow row{.last = std::move(refusal)};
  row.first_time_unix_ns = row.last.time_unix_ns;
  const auto before =
      std::ranges::find_if(rows_, [&](const RefusalRow& other) { return IsRepeat(other.last, row.last); });
  if (before != rows_.end()) {
    row.first_time_unix_ns = before->first_time_unix_ns;
    row.count = before->count + 1;
    rows_.erase(before);
  }
  rows_.push_front(std::move(row));
  if (rows_.size() > kRefusalsKept) rows_.pop_back();
}

std::vector<RefusalRow> RefusalLog::Newest() const {
  const std::lock_guard lock(mutex_);
  return {rows_.begin(), rows_.end()};
}

}  // namespace nightjar::ingest
