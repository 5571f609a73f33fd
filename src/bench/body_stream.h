// Request bodies without end, from a pool that was made before the run, so that making them costs the run nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/sender.h"
#include "bench/workload.h"

namespace nightjar::bench {

enum class Coding { kIdentity, kGzip };

// Belongs to one thread. Each time around the pool every trace, span and session gets another id; texts repeat.
class BodyStream {
 public:
  // REQUIRES: !pool.empty()
  explicit BodyStream(std::vector<Body> pool);

  // The next body. Stays as it is until it is its turn again, pool_size() calls later.
  const Body& Next();
  [[nodiscard]] std::size_t pool_size() const { return bodies_.size(); }

  // The next bodies that hold `spans` spans or more, compressed.
  std::vector<Body> TakeCompressed(std::size_t spans);

 private:
  // Where a body holds ids, as offsets; an id of a session is six digits.
  struct Places {
    std::vector<std::uint32_t> ids;
    std::vector<std::uint32_t> sessions;
  };

  static Places Find(const std::string& bytes);
  void Renew(std::size_t index);

  std::vector<Body> bodies_;
  std::vector<Places> places_;
  std::size_t next_ = 0;
  std::uint32_t round_ = 0;
};

// The bodies of `next`, each compressed when it is taken. Valid as NextBody asks, for so many connections.
NextBody Compressed(NextBody next, std::size_t connections);

}  // namespace nightjar::bench
