// Faults of disk, clock and memory for a running program: the crash tests load this library into `nightjar serve` with
// LD_PRELOAD (tests/harness/faults.py). The engine child is started with an environment of its own and has none of it.
//
// $FAULTS_FILE names a file of lines "FAULT NUMBER". It is read, and removed as a sign of that, when the program starts
// and at each SIGUSR1; what it does not name is off. Faults of files concern the folder journal/ only.
//
//   sync_errno N     the next fsync or fdatasync fails with errno N; the ones after it succeed
//   write_errno N    every write fails with errno N
//   sync_ms N        every fsync and fdatasync takes N ms longer
//   stutter 1        every other write is interrupted, the others take at most 7 bytes
//   kill_at_sync N   SIGKILL instead of the Nth fsync or fdatasync
//   kill_at_name N   SIGKILL instead of the Nth creation, renaming or removal of a file
//   kill_at_send N   SIGKILL instead of the Nth send to a socket
//   clock_s N        the wall clock is N seconds ahead
//   malloc_at N      the Nth malloc from now on gives no memory
//
// $FAULTS_SYNCED names a folder that learns what a power cut would leave of the journal: for each file its size at its
// last sync, under the file's name; and in "names", the files the folder had at its own last sync.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

enum { SYNC_ERRNO, WRITE_ERRNO, SYNC_MS, STUTTER, AT_SYNC, AT_NAME, AT_SEND, CLOCK_S, MALLOC_AT, FAULTS };
static const char *const kNames[FAULTS] = {"sync_errno",   "write_errno",  "sync_ms", "stutter",  "kill_at_sync",
                                           "kill_at_name", "kill_at_send", "clock_s", "malloc_at"};
static _Atomic long faults[FAULTS];
static const char *faults_file;
static const char *synced_folder;

// Runs in a signal handler: no stdio, no allocation.
static void take_faults(int number) {
  (void)number;
  const int saved_errno = errno;
  char text[1024] = "";
  const int file = open(faults_file, O_RDONLY | O_CLOEXEC);
  if (file >= 0) {
    if (read(file, text, sizeof text - 1) < 0) abort();
    close(file);
    for (int i = 0; i < FAULTS; ++i) {
      const char *line = strstr(text, kNames[i]);
      faults[i] = line ? strtol(line + strlen(kNames[i]), NULL, 10) : 0;
    }
    unlink(faults_file);
  }
  errno = saved_errno;
}

__attribute__((constructor)) static void begin(void) {
  faults_file = getenv("FAULTS_FILE");
  synced_folder = getenv("FAULTS_SYNCED");
  if (!faults_file || !synced_folder) abort();
  take_faults(0);
  signal(SIGUSR1, take_faults);
}

static void count_down_to_kill(int fault) {
  if (faults[fault] > 0 && atomic_fetch_sub(&faults[fault], 1) == 1) raise(SIGKILL);
}

static int in_journal(const char *path) { return strstr(path, "/journal/") != NULL; }

// Of the file or folder behind a descriptor, "" when it is not of the journal.
static const char *journal_path(int file, char path[4096]) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t size = readlink(link, path, 4095);
  path[size < 0 ? 0 : size] = '\0';
  const char *last = strrchr(path, '/');
  if (!in_journal(path) && (!last || strcmp(last, "/journal") != 0)) path[0] = '\0';
  return path;
}

// Whole or not at all: a kill may come in between.
static void write_record(const char *name, const char *text) {
  char path[4096];
  char staged[4096];
  snprintf(path, sizeof path, "%s/%s", synced_folder, name);
  snprintf(staged, sizeof staged, "%s/%s.%d", synced_folder, name, gettid());
  const int file = NEXT(open)(staged, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0 || NEXT(write)(file, text, strlen(text)) < 0) abort();
  close(file);
  if (NEXT(rename)(staged, path) != 0) abort();
}

static void record_names(const char *folder) {
  static char names[1 << 16];
  size_t size = 0;
  DIR *entries = opendir(folder);
  if (!entries) abort();
  for (struct dirent *entry; (entry = readdir(entries));)
    size += (size_t)snprintf(names + size, sizeof names - size, "%s\n", entry->d_name);
  closedir(entries);
  write_record("names", names);
}

static void record_synced(int file, const char *path) {
  struct stat status;
  if (fstat(file, &status) != 0) abort();
  if (S_ISDIR(status.st_mode)) return record_names(path);
  char size[32];
  snprintf(size, sizeof size, "%lld", (long long)status.st_size);
  write_record(strrchr(path, '/') + 1, size);
}

static int sync_with_faults(int file, int (*sync_file)(int)) {
  char path[4096];
  if (*journal_path(file, path) == '\0') return sync_file(file);
  count_down_to_kill(AT_SYNC);
  const long milliseconds = faults[SYNC_MS];
  if (milliseconds > 0) usleep((useconds_t)milliseconds * 1000);
  const long number = atomic_exchange(&faults[SYNC_ERRNO], 0);
  if (number != 0) {
    errno = (int)number;
    return -1;
  }
  const int result = sync_file(file);
  if (result == 0) record_synced(file, path);
  return result;
}

int fsync(int file) { return sync_with_faults(file, NEXT(fsync)); }
int fdatasync(int file) { return sync_with_faults(file, NEXT(fdatasync)); }

ssize_t write(int file, const void *bytes, size_t size) {
  static _Atomic int interrupted;
  const long number = faults[WRITE_ERRNO];
  char path[4096];
  if ((number != 0 || faults[STUTTER] != 0) && *journal_path(file, path) != '\0') {
    if (number != 0 || (interrupted = !interrupted)) {
      errno = number != 0 ? (int)number : EINTR;
      return -1;
    }
    if (size > 7) size = 7;
  }
  return NEXT(write)(file, bytes, size);
}

int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  if ((flags & O_CREAT) != 0 && in_journal(path)) count_down_to_kill(AT_NAME);
  return NEXT(open)(path, flags, mode);
}

int rename(const char *from, const char *to) {
  if (!in_journal(from)) return NEXT(rename)(from, to);
  count_down_to_kill(AT_NAME);
  char record_from[4096];
  char record_to[4096];
  snprintf(record_from, sizeof record_from, "%s/%s", synced_folder, strrchr(from, '/') + 1);
  snprintf(record_to, sizeof record_to, "%s/%s", synced_folder, strrchr(to, '/') + 1);
  NEXT(rename)(record_from, record_to);
  return NEXT(rename)(from, to);
}

int remove(const char *path) {
  if (in_journal(path)) count_down_to_kill(AT_NAME);
  return NEXT(remove)(path);
}

ssize_t send(int file, const void *bytes, size_t size, int flags) {
  count_down_to_kill(AT_SEND);
  return NEXT(send)(file, bytes, size, flags);
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  const int result = NEXT(clock_gettime)(clock, time);
  if (result == 0 && clock == CLOCK_REALTIME) time->tv_sec += faults[CLOCK_S];
  return result;
}

int gettimeofday(struct timeval *restrict time, void *restrict zone) {
  const int result = NEXT(gettimeofday)(time, zone);
  if (result == 0) time->tv_sec += faults[CLOCK_S];
  return result;
}

time_t time(time_t *out) {
  const time_t now = NEXT(time)(NULL) + faults[CLOCK_S];
  if (out) *out = now;
  return now;
}

void *malloc(size_t size) {
  extern void *__libc_malloc(size_t);  // dlsym allocates
  if (faults[MALLOC_AT] > 0 && atomic_fetch_sub(&faults[MALLOC_AT], 1) == 1) {
    errno = ENOMEM;
    return NULL;
  }
  return __libc_malloc(size);
}
