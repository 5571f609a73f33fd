#include "engine/sandbox.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#ifndef __x86_64__
#error "the system call filter is written for x86-64, as the pinned engine is"
#endif

namespace nightjar::engine {
namespace {

constexpr std::uint64_t kReadAccess = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t kTruncateAccess = 1ull << 14;  // LANDLOCK_ACCESS_FS_TRUNCATE, newer than Debian 12's headers

std::unexpected<Error> FailWithErrno(const std::string& what) {
  return Fail(ErrorCode::kInternal, what + ": " + std::strerror(errno));
}

// The rights that this kernel's Landlock can refuse (ABI 1: the first 13, 2: rename across folders, 3: truncate).
std::uint64_t AllAccess(long abi) {
  std::uint64_t all = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
  if (abi >= 2) all |= LANDLOCK_ACCESS_FS_REFER;
  if (abi >= 3) all |= kTruncateAccess;
  return all;
}

Result<void> Allow(int ruleset, const std::filesystem::path& path, std::uint64_t access) {
  const int file = open(path.c_str(), O_PATH | O_CLOEXEC);
  if (file < 0) {
    if (errno == ENOENT) return {};
    return FailWithErrno("cannot open " + path.string() + " for the sandbox");
  }
  struct stat status{};
  fstat(file, &status);
  constexpr std::uint64_t kFileAccess =
      LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_EXECUTE | kTruncateAccess;
  landlock_path_beneath_attr rule{};
  rule.allowed_access = S_ISDIR(status.st_mode) ? access : access & kFileAccess;
  rule.parent_fd = file;
  const long failed = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  const int error = errno;
  close(file);
  errno = error;
  if (failed != 0) return FailWithErrno("cannot allow " + path.string() + " in the sandbox");
  return {};
}

Result<void> FenceFiles(std::span<const std::filesystem::path> writable,
                        std::span<const std::filesystem::path> readable) {
  const long abi = syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (abi < 1) return Fail(ErrorCode::kUnimplemented, "this kernel has no Landlock, or it is switched off");
  const std::uint64_t all = AllAccess(abi);
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = all;
  const long created = syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes.handled_access_fs), 0);
  if (created < 0) return FailWithErrno("cannot make a Landlock rule set");
  const int ruleset = static_cast<int>(created);
  Result<void> allowed;
  for (const auto& path : writable) {
    if (allowed) allowed = Allow(ruleset, path, all);
  }
  for (const auto& path : readable) {
    if (allowed) allowed = Allow(ruleset, path, kReadAccess);
  }
  if (allowed && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) allowed = FailWithErrno("Landlock refused");
  close(ruleset);
  return allowed;
}

// io_uring could open sockets past the filter; ptrace and process_vm_* reach into other processes of the same user.
constexpr std::array kForbiddenCalls = {SYS_execve, SYS_execveat,         SYS_io_uring_setup,
                                        SYS_ptrace, SYS_process_vm_readv, SYS_process_vm_writev};

Result<void> FenceCalls() {
  constexpr std::uint32_t kX32Bit = 0x40000000;
  const sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  const sock_filter refuse = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
  std::vector<sock_filter> program = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
      refuse,
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kX32Bit, 0, 1),
      refuse,
  };
  for (const long call : kForbiddenCalls) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(call), 0, 1));
    program.push_back(refuse);
  }
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0));
  program.push_back(allow);
  program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[0])));
  program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 0, 1));
  program.push_back(allow);
  program.push_back(refuse);
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0) return FailWithErrno("seccomp refused");
  return {};
}

}  // namespace

Result<void> EnterSandbox(std::span<const std::filesystem::path> writable,
                          std::span<const std::filesystem::path> readable) {
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return FailWithErrno("cannot give up new privileges");
  RETURN_IF_ERROR(FenceCalls());
  return FenceFiles(writable, readable);
}

}  // namespace nightjar::engine
