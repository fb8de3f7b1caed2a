#ifndef TIDEMARK_CLIENTS_CLI_APP_WHOLE_NUMBERS_H_
#define TIDEMARK_CLIENTS_CLI_APP_WHOLE_NUMBERS_H_

#include <CLI/CLI.hpp>

namespace tidemark::cli {

// Has every option of `app` and its commands that is a whole number take decimal digits only:
// CLI11 reads `-5` of an unsigned one as 18446744073709551611, `010` as 8, and what is too large as
// the largest. To be called once all options are there.
void WantWholeNumbers(CLI::App& app);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_APP_WHOLE_NUMBERS_H_
