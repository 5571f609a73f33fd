#include "store/damaged_parts.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "store/native_reader.h"
#include "store/part_folder.h"

namespace nightjar::store {
namespace {

constexpr std::chrono::seconds kPatience{5};
constexpr std::chrono::minutes kSparedFor{10};  // a check reads the whole part
constexpr std::chrono::hours kCheckMax{6};      // of the largest part
constexpr std::size_t kSparedMax = 1000;

// A disk that does not answer says nothing of what lies on it: CANNOT_READ_FROM_FILE_DESCRIPTOR, CANNOT_OPEN_FILE.
bool IsOfTheDisk(std::string_view message) { return message.contains("Code: 74.") || message.contains("Code: 76."); }

// How many rows each column of a part has, as written beside them; nothing when that cannot be read.
std::optional<std::uint64_t> RowsOfColumns(const std::string& part) {
  std::ifstream file(part + "serialization.json");
  const Result<json::value> content = ParseJson(std::string(std::istreambuf_iterator(file), {}));
  if (!content || !content->is_object()) return std::nullopt;
  const json::value* columns = content->get_object().if_contains("columns");
  if (columns == nullptr || !columns->is_array() || columns->get_array().empty()) return std::nullopt;
  const json::object* column = columns->get_array()[0].if_object();
  const json::value* rows = column == nullptr ? nullptr : column->if_contains("num_rows");
  return rows != nullptr && rows->is_int64() ? std::optional(static_cast<std::uint64_t>(rows->get_int64()))
                                             : std::nullopt;
}

}  // namespace

DamagedParts::DamagedParts(ClickHouse::Options engine)
    : clickhouse_(std::move(engine)), thread_([this](const std::stop_token& stop) { Run(stop); }) {}

void DamagedParts::Suspect(const std::string& folder) {
  const std::lock_guard lock(mutex_);
  Add(folder);
}

bool DamagedParts::PutAside(const std::string& folder) {
  std::unique_lock lock(mutex_);
  if (!Add(folder)) return false;
  const bool examined = changed_.wait_for(lock, kPatience, [&] { return !suspects_.contains(folder); });
  return examined && !spared_.contains(folder);
}

bool DamagedParts::Add(const std::string& folder) {
  if (const auto spared = spared_.find(folder); spared != spared_.end()) {
    if (Clock::now() - spared->second < kSparedFor) return false;
    spared_.erase(spared);
  }
  suspects_.insert(folder);
  changed_.notify_all();
  return true;
}

void DamagedParts::Run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [&] { return !suspects_.empty(); })) {
    const std::string folder = *suspects_.begin();
    lock.unlock();
    const Result<bool> gone = Examine(folder, stop);
    if (!gone) spdlog::warn("store: cannot examine the part {}: {}", folder, gone.error().message);
    lock.lock();
    if (spared_.size() == kSparedMax) spared_.clear();
    if (!gone || !*gone) spared_[folder] = Clock::now();
    suspects_.erase(folder);
    changed_.notify_all();
  }
}

Result<bool> DamagedParts::Examine(const std::string& folder, const std::stop_token& stop) {
  const std::vector<QueryParam> params = {{"folder", folder}};
  ASSIGN_OR_RETURN(const std::string found,
                   clickhouse_.Select("SELECT toString(table), name FROM system.parts "
                                      "WHERE database = 'nightjar' AND active AND endsWith(path, {folder:String})",
                                      params, {.stop = stop}));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> part, ReadNative(found));
  if (part.empty() || part[0].rows == 0) return true;
  const std::string table(part[0].columns.at(0).Text(0));
  const std::string name(part[0].columns.at(1).Text(0));

  ASSIGN_OR_RETURN(const std::string answer,
                   clickhouse_.Select(fmt::format("CHECK TABLE nightjar.`{}` PART '{}' "
                                                  "SETTINGS check_query_single_value_result = 0",
                                                  table, name),
                                      {}, {.timeout = kCheckMax, .stop = stop}));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> checked, ReadNative(answer));
  if (checked.empty() || checked[0].rows == 0) return Fail(ErrorCode::kDataLoss, "the engine did not check the part");
  const std::string message(checked[0].Named("message").Text(0));
  if (checked[0].Named("is_passed").Fixed<std::uint8_t>(0) != 0 || IsOfTheDisk(message)) return false;

  RETURN_IF_ERROR(clickhouse_.Execute(fmt::format("ALTER TABLE nightjar.`{}` DETACH PART '{}'", table, name)));
  spdlog::error("store: the part {}/{} is damaged and put aside, its rows are missing from now on: {}", table, name,
                message);
  return true;
}

Result<void> DamagedParts::CompareCounts() {
  ASSIGN_OR_RETURN(
      const std::string found,
      clickhouse_.Select("SELECT path, rows FROM system.parts WHERE database = 'nightjar' AND active", {}, {}));
  ASSIGN_OR_RETURN(const std::vector<NativeBlock> blocks, ReadNative(found));
  for (const NativeBlock& parts : blocks)
    for (std::size_t row = 0; row < parts.rows; ++row) {
      const std::string path(parts.columns.at(0).Text(row));
      const std::optional<std::uint64_t> counted = RowsOfColumns(path);
      if (counted && *counted != parts.columns.at(1).Fixed<std::uint64_t>(row)) Suspect(PartFolderIn(path));
    }
  return {};
}

}  // namespace nightjar::store
