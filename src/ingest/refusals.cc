#include "ingest/refusals.h"

namespace nightjar::ingest {

void RefusalLog::Add(Refusal refusal) {
  const std::lock_guard lock(mutex_);
  refusals_.push_front(std::move(refusal));
  if (refusals_.size() > kRefusalsKept) refusals_.pop_back();
}

std::vector<Refusal> RefusalLog::Newest() const {
  const std::lock_guard lock(mutex_);
  return {refusals_.begin(), refusals_.end()};
}

}  // namespace nightjar::ingest
