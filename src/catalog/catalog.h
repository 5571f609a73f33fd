// What people set, as opposed to what telemetry says: one SQLite file, catalog.db in the data directory. Format:
// docs/formats/catalog.md.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>

#include "base/result.h"

namespace nightjar::catalog {

namespace internal {
class Connection;
}

// Thread-safe: transactions run one after the other.
class Catalog {
 public:
  // Makes the file when it is missing and brings its tables up to date. kFailedPrecondition: written by a newer
  // program; kDataLoss: damaged, or no catalog.
  static Result<std::unique_ptr<Catalog>> Open(const std::filesystem::path& file);
  ~Catalog();
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  // Runs `work` in one transaction. Once this returns without an error, what `work` did is on disk; otherwise nothing
  // of it is there. `work` must not start another.
  Result<void> InTransaction(const std::function<Result<void>(internal::Connection&)>& work);

  // A whole copy as of now, in a file that must not exist.
  Result<void> CopyTo(const std::filesystem::path& file);

 private:
  explicit Catalog(internal::Connection connection);

  std::mutex mutex_;
  const std::unique_ptr<internal::Connection> connection_;  // used under mutex_
};

}  // namespace nightjar::catalog
