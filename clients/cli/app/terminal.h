#ifndef TIDEMARK_CLIENTS_CLI_APP_TERMINAL_H_
#define TIDEMARK_CLIENTS_CLI_APP_TERMINAL_H_

#include <cstddef>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

#include "common/base/clock.h"

namespace tidemark::cli {

// The world around a command, so that tests can bring their own. Nothing is owned.
struct Terminal {
  std::istream& in;
  // Results; what a pipe gets.
  std::ostream& out;
  // Progress, summaries of work done and errors.
  std::ostream& err;
  const base::Clock& clock;
  // Whether a person watches: progress is then drawn over itself.
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  // Value of an environment variable, none when unset.
  std::function<std::optional<std::string>(const char* name)> environment;
  // How many columns the terminal of `out` has; 0: nobody knows.
  std::function<size_t()> columns = [] { return size_t{0}; };
  // Whether `out` is a pipe that nobody reads any more.
  std::function<bool()> reader_gone = [] { return false; };
  // Becomes true when the user wants to stop; asked between steps of long work.
  std::function<bool()> interrupted = [] { return false; };
};

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_TERMINAL_H_
