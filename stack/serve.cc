#include "stack/serve.h"

#include <signal.h>

#include <boost/system/system_error.hpp>
#include <cstdio>

namespace stack {
namespace {

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

void BlockStopSignals() {
  const sigset_t signals = StopSignals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

void AnnounceAndWait(const std::string& address) {
  std::printf("{\"event\":\"ready\",\"http\":\"%s\"}\n", address.c_str());
  std::fflush(stdout);
  const sigset_t signals = StopSignals();
  int signal = 0;
  sigwait(&signals, &signal);
}

int ServeOrExplain(const char* program, unsigned port, const std::function<void()>& serve) try {
  serve();
  return 0;
} catch (const boost::system::system_error& error) {
  std::fprintf(stderr, "%s: cannot listen on port %u: %s\n", program, port, error.code().message().c_str());
  return 1;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s: %s\n", program, error.what());
  return 1;
}

}  // namespace stack
