#include "engine/internal/lost_inserts.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/durable_file.h"

namespace nightjar::engine {
namespace {

namespace fs = std::filesystem;

struct Blocks {
  std::int64_t first;
  std::int64_t last;
};
struct Part {
  std::string_view partition;
  Blocks blocks;
};
using PartsOnDisk = std::map<std::string, std::vector<Blocks>, std::less<>>;

// Takes what stands before the separator; `rest` is then what stands behind it.
std::string_view TakeField(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view field = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return field;
}

std::optional<std::int64_t> Number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// "20781_5_9_1" or, once it was changed, "20781_5_9_1_12": partition, first and last block, level, mutation.
std::optional<Part> ParsePart(std::string_view name) {
  const std::string_view partition = TakeField(name, '_');
  const auto first = Number(TakeField(name, '_'));
  const auto last = Number(TakeField(name, '_'));
  if (partition.empty() || !first || !last || !Number(TakeField(name, '_'))) return std::nullopt;
  if (!name.empty() && !Number(name)) return std::nullopt;
  return Part{partition, {*first, *last}};
}

Error Unusable(const fs::path& path, const std::error_code& error) {
  return {ErrorCode::kUnavailable, "cannot read " + path.string() + ": " + error.message()};
}

Result<std::vector<fs::path>> FilesIn(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (auto entry = fs::directory_iterator(folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error))
    files.push_back(entry->path());
  if (error) return Fail(Unusable(folder, error));
  return files;
}

bool IsOnDisk(std::string_view name, const PartsOnDisk& parts) {
  const auto part = ParsePart(name);
  if (!part) return false;
  const auto found = parts.find(part->partition);
  return found != parts.end() && std::ranges::any_of(found->second, [&](const Blocks& blocks) {
           return blocks.first <= part->blocks.first && part->blocks.last <= blocks.last;
         });
}

// Lines "OPERATION\tPART\tTOKEN\n", where 1 adds. A line that is cut off, or no such line, keeps the engine from
// reading the log.
bool IsKept(std::string_view line, const PartsOnDisk& parts) {
  const std::string_view operation = TakeField(line, '\t');
  const std::string_view part = TakeField(line, '\t');
  if (line.empty() || (operation != "1" && operation != "2")) return false;
  return operation == "2" || IsOnDisk(part, parts);
}

Result<std::size_t> ForgetIn(const fs::path& log, const PartsOnDisk& parts) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(log, error);
  if (error) return Fail(Unusable(log, error));
  std::string before(size, '\0');
  if (!std::ifstream(log, std::ios::binary).read(before.data(), static_cast<std::streamsize>(before.size())))
    return Fail(Unusable(log, std::make_error_code(std::errc::io_error)));
  std::string after;
  std::size_t forgotten = 0;
  for (std::string_view rest = before; !rest.empty();) {
    const bool whole = rest.contains('\n');
    const std::string_view line = TakeField(rest, '\n');
    if (whole && IsKept(line, parts)) {
      after.append(line).append(1, '\n');
    } else {
      ++forgotten;
    }
  }
  if (forgotten > 0) RETURN_IF_ERROR(WriteFileDurably(log, after));
  return forgotten;
}

}  // namespace

Result<std::size_t> ForgetLostInserts(const fs::path& data_path) {
  std::size_t forgotten = 0;
  if (!fs::exists(data_path / "store")) return forgotten;
  ASSIGN_OR_RETURN(const auto shards, FilesIn(data_path / "store"));
  for (const fs::path& shard : shards) {
    ASSIGN_OR_RETURN(const auto tables, FilesIn(shard));
    for (const fs::path& table : tables) {
      const fs::path logs = table / "deduplication_logs";
      if (!fs::exists(logs)) continue;
      PartsOnDisk parts;
      ASSIGN_OR_RETURN(const auto folders, FilesIn(table));
      for (const fs::path& folder : folders) {
        const std::string name = folder.filename();
        if (const auto part = ParsePart(name)) parts[std::string(part->partition)].push_back(part->blocks);
      }
      ASSIGN_OR_RETURN(const auto files, FilesIn(logs));
      for (const fs::path& log : files) {
        if (log.extension() != ".txt") {  // an earlier call was killed; the engine would read it
          fs::remove(log);
          continue;
        }
        ASSIGN_OR_RETURN(const std::size_t count, ForgetIn(log, parts));
        forgotten += count;
      }
    }
  }
  return forgotten;
}

}  // namespace nightjar::engine
