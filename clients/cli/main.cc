#include <google/protobuf/stubs/logging.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <iostream>

#include "clients/cli/app/app.h"
#include "clients/cli/commands/commands.h"

namespace {

std::atomic<int> stop_signals{0};

// The first signal asks the command to finish what is in flight; the second ends the program.
void OnStopSignal(int) {
  if (stop_signals.fetch_add(1) > 0) _exit(130);
}

bool StdoutReaderGone() {
  pollfd out{.fd = STDOUT_FILENO, .events = 0, .revents = 0};
  return poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

size_t StdoutColumns() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

std::optional<std::string> Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  signal(SIGPIPE, SIG_IGN);
  // Text that is no UTF-8 would put protobuf's own lines beside the error that the service gives.
  google::protobuf::SetLogHandler(nullptr);
  signal(SIGINT, OnStopSignal);
  signal(SIGTERM, OnStopSignal);
  const tidemark::base::SystemClock clock;
  const tidemark::cli::Terminal terminal{.in = std::cin,
                                         .out = std::cout,
                                         .err = std::cerr,
                                         .clock = clock,
                                         .out_is_terminal = isatty(STDOUT_FILENO) == 1,
                                         .err_is_terminal = isatty(STDERR_FILENO) == 1,
                                         .environment = Environment,
                                         .columns = StdoutColumns,
                                         .reader_gone = StdoutReaderGone,
                                         .interrupted = [] { return stop_signals.load() > 0; }};
  return tidemark::cli::RunApp(std::vector<std::string>(argv + 1, argv + argc),
                               tidemark::cli::AllCommands(), terminal);
}
