#include "doctor/inspect_directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "base/result.h"
#include "journal/journal.h"

namespace nightjar::doctor {
namespace {

namespace fs = std::filesystem;

// Of two listeners with 1,024 connections each, the engine's files, and some to spare.
constexpr rlim_t kFilesWanted = 4096;
constexpr double kGiB = 1024.0 * 1024 * 1024;
constexpr std::uintmax_t kSegmentKeyBytes = 192;
constexpr std::size_t kPartsShownMax = 10;

Result<std::string> ReadWhole(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  if (!file)
    return Fail(ErrorCode::kUnavailable, fmt::format("cannot read {}: {}", path.string(), std::strerror(errno)));
  return std::move(bytes).str();
}

Result<std::string> Sha256(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Fail(ErrorCode::kUnavailable, std::strerror(errno));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::vector<char> buffer(1 << 20);
  bool ok = context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  while (ok && file) {
    file.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    ok = EVP_DigestUpdate(context.get(), buffer.data(), static_cast<std::size_t>(file.gcount())) == 1;
  }
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (!ok || !file.eof() || EVP_DigestFinal_ex(context.get(), digest.data(), &size) != 1)
    return Fail(ErrorCode::kUnavailable, "it cannot be read to its end");
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

// Whether a server has the directory. Nothing: that cannot be known.
std::optional<bool> IsInUse(const fs::path& data_dir) {
  const int lock = open((data_dir / "LOCK").c_str(), O_RDONLY | O_CLOEXEC);
  if (lock < 0) return errno == ENOENT ? std::optional(false) : std::nullopt;
  const bool in_use = flock(lock, LOCK_SH | LOCK_NB) != 0;
  close(lock);
  return in_use;
}

Finding CheckFormat(const DirectoryOptions& options) {
  const Result<std::string> format = ReadWhole(options.data_dir / "FORMAT");
  if (!format) return {Severity::kError, "format", format.error().message, "choose another directory with --data-dir"};
  if (*format != options.format)
    return {Severity::kError, "format",
            fmt::format("the directory has the format \"{}\", this program reads \"{}\"",
                        format->substr(0, format->find('\n')), options.format.substr(0, options.format.find('\n'))),
            "run the version that wrote it"};
  return {Severity::kOk, "format", "the directory has the format of this program"};
}

Finding CheckMode(const fs::path& data_dir) {
  struct stat entry{};
  if (stat(data_dir.c_str(), &entry) == 0 && (entry.st_mode & 0077U) != 0)
    return {Severity::kWarning, "mode",
            fmt::format("others on this machine may enter the directory (mode {:o})", entry.st_mode & 0777U),
            fmt::format("chmod 700 {}", data_dir.string())};
  return {Severity::kOk, "mode", "only its owner may enter the directory"};
}

Finding CheckSegmentKey(const fs::path& data_dir) {
  std::error_code error;
  const std::uintmax_t bytes = fs::file_size(data_dir / "segment.key", error);
  if (error)
    return {Severity::kWarning, "segment_key", "segment.key is missing",
            "put it back from a backup: with a new one, stored data stays readable and takes more space"};
  if (bytes != kSegmentKeyBytes)
    return {Severity::kError, "segment_key",
            fmt::format("segment.key has {} bytes instead of {}", bytes, kSegmentKeyBytes),
            "put it back from a backup; the server does not start with it"};
  return {Severity::kOk, "segment_key", "segment.key is there"};
}

Finding CheckDisk(const DirectoryOptions& options) {
  std::error_code error;
  const fs::space_info space = fs::space(options.data_dir, error);
  if (error) return {Severity::kError, "disk", fmt::format("free disk space is not known: {}", error.message())};
  const double free = static_cast<double>(space.available) / kGiB;
  const double reserve = static_cast<double>(options.disk_reserve_bytes) / kGiB;
  const std::string text = fmt::format("{:.1f} GiB of the disk are free", free);
  const std::string remedy = fmt::format(
      "free some, or lower --disk-reserve-bytes: below {:.1f} GiB a server receives nothing, and says so", reserve);
  if (space.available < options.disk_reserve_bytes) return {Severity::kError, "disk", text, remedy};
  if (space.available < 2 * options.disk_reserve_bytes) return {Severity::kWarning, "disk", text, remedy};
  return {Severity::kOk, "disk", text};
}

void CheckJournal(const fs::path& data_dir, std::vector<Finding>& findings) {
  const Result<journal::JournalState> state = journal::InspectJournal(data_dir / "journal");
  if (!state && state.error().code == ErrorCode::kNotFound) {
    findings.push_back({Severity::kOk, "journal", "there is no journal yet"});
    return;
  }
  if (!state) {
    findings.push_back({Severity::kError, "journal", state.error().message, "see docs/formats/journal.md"});
    return;
  }
  if (state->corrupt_bytes != 0)
    findings.push_back({Severity::kError, "journal_damaged",
                        fmt::format("{} bytes of the journal are damaged", state->corrupt_bytes),
                        "check the disk; the next start takes what can be read, and counts the rest"});
  findings.push_back({state->pending_entries == 0 ? Severity::kOk : Severity::kInfo, "journal",
                      state->pending_entries == 0
                          ? "everything that was acknowledged is stored"
                          : fmt::format("{} ({} bytes) waiting in the journal",
                                        Plural(state->pending_entries, "acknowledged request"), state->pending_bytes),
                      state->pending_entries == 0 ? "" : "the next start stores them"});
}

void CheckPutAside(const fs::path& data_dir, std::vector<Finding>& findings) {
  std::size_t damaged = 0;
  std::size_t quarantined = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(data_dir / "journal", error))
    damaged += entry.path().extension() == ".damaged" ? 1 : 0;
  for (const auto& entry : fs::directory_iterator(data_dir / "quarantine", error))
    quarantined += entry.path().extension() == ".request" ? 1 : 0;
  if (damaged != 0)
    findings.push_back({Severity::kWarning, "damaged_files",
                        Plural(damaged, "damaged file") + " of the journal put aside",
                        "check the disk; nothing reads journal/*.damaged, remove them when you have looked at them"});
  if (quarantined != 0)
    findings.push_back({Severity::kWarning, "quarantined",
                        Plural(quarantined, "request") + " that could not be stored, kept in quarantine/",
                        "report them with the server's log"});
}

// A part that the engine did not open is engine/data/nightjar/TABLE/detached/broken…; one in which damage was met keeps
// its name, which begins with its day or "all".
bool IsDamagedPart(const std::string& name) {
  return name.starts_with("broken") || name.starts_with("all_") || (!name.empty() && name[0] >= '0' && name[0] <= '9');
}

void CheckDetached(const fs::path& data_dir, std::vector<Finding>& findings) {
  std::error_code error;
  std::vector<std::string> broken;
  for (const auto& table : fs::directory_iterator(data_dir / "engine/data/nightjar", error))
    for (const auto& part : fs::directory_iterator(table.path() / "detached", error))
      if (const std::string name = part.path().filename().string(); IsDamagedPart(name))
        broken.push_back(table.path().filename().string() + "/" + name);
  if (broken.empty()) return;
  std::ranges::sort(broken);
  const std::size_t shown = std::min(broken.size(), kPartsShownMax);
  findings.push_back({Severity::kError, "damaged_parts",
                      fmt::format("{} of the telemetry {} not served: {}{}", Plural(broken.size(), "damaged part"),
                                  broken.size() == 1 ? "is" : "are",
                                  fmt::join(broken.begin(), broken.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
                                  shown < broken.size() ? ", …" : ""),
                      "check the disk, restore a backup; they lie in the engine's folder under \"detached\""});
}

Finding CheckEngine(const DirectoryOptions& options) {
  const std::string path = options.engine_library.string();
  const Result<std::string> found = Sha256(options.engine_library);
  if (!found)
    return {Severity::kError, "engine_library", fmt::format("the telemetry engine {}: {}", path, found.error().message),
            "fetch it with ./x setup, or name it with --engine-library"};
  if (*found != options.engine_sha256)
    return {Severity::kError, "engine_library",
            fmt::format("the telemetry engine {} is not the one that this program was tested with (SHA-256 {})", path,
                        *found),
            "remove it and fetch it with ./x setup"};
  return {Severity::kOk, "engine_library", "the telemetry engine's library has the right checksum"};
}

Finding CheckFiles() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0)
    return {Severity::kError, "open_files", "the limit of open files is not known"};
  if (files.rlim_max < kFilesWanted)
    return {
        Severity::kWarning, "open_files", fmt::format("a process may have {} open files", files.rlim_max),
        fmt::format("raise the hard limit (ulimit -Hn, LimitNOFILE=) to {}: connections wait otherwise", kFilesWanted)};
  return {Severity::kOk, "open_files", "enough files may be open"};
}

}  // namespace

Section InspectDirectory(const DirectoryOptions& options) {
  Section section{.title = fmt::format("Data directory {}", options.data_dir.string()), .findings = {}};
  std::vector<Finding>& findings = section.findings;
  std::error_code error;
  if (!fs::is_directory(options.data_dir, error)) {
    findings.push_back(
        {Severity::kError, "missing", "there is no such directory", "a server makes it: nightjar serve --data-dir"});
  } else {
    const std::optional<bool> in_use = IsInUse(options.data_dir);
    findings.push_back(CheckFormat(options));
    findings.push_back(CheckMode(options.data_dir));
    findings.push_back(CheckSegmentKey(options.data_dir));
    findings.push_back(CheckDisk(options));
    if (!in_use)
      findings.push_back({Severity::kError, "lock", fmt::format("cannot read {}", (options.data_dir / "LOCK").string()),
                          "run this as the user that the server runs as"});
    else if (*in_use)
      findings.push_back({Severity::kInfo, "in_use", "a server runs on it: its journal is its own",
                          "ask it: nightjar doctor --url http://HOST:PORT"});
    else
      CheckJournal(options.data_dir, findings);
    CheckPutAside(options.data_dir, findings);
    CheckDetached(options.data_dir, findings);
  }
  findings.push_back(CheckEngine(options));
  findings.push_back(CheckFiles());
  return section;
}

}  // namespace nightjar::doctor
