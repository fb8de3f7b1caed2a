#include "clients/cli/app/app.h"

#include <CLI/CLI.hpp>
#include <exception>
#include <map>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/app/error_text.h"

namespace tidemark::cli {
namespace {

constexpr char kShared[] = "Shared options";

void AddAddress(CLI::App& app, const Terminal& terminal, const std::string& flag,
                const char* variable, const std::string& address, std::string& target) {
  target = terminal.environment(variable).value_or(address);
  app.add_option("--" + flag, target,
                 absl::StrCat("Address of the ", flag, " service [$", variable, "]"))
      ->capture_default_str()
      ->type_name("HOST:PORT")
      ->group(kShared);
}

void AddSharedOptions(CLI::App& app, CommandHost& host) {
  const Terminal& terminal = host.terminal();
  ConnectionOptions& options = host.connection().options();
  AddAddress(app, terminal, "ingest", "TIDEMARK_INGEST", "127.0.0.1:7301", options.ingest);
  AddAddress(app, terminal, "catalog", "TIDEMARK_CATALOG", "127.0.0.1:7302", options.catalog);
  AddAddress(app, terminal, "analytics", "TIDEMARK_ANALYTICS", "127.0.0.1:7303", options.analytics);
  app.add_option("--token-file", options.token_file,
                 "File with the bearer token [$TIDEMARK_TOKEN, $TIDEMARK_TOKEN_FILE]; default: "
                 "catalog/admin.token of the data folder")
      ->type_name("FILE")
      ->group(kShared);
  options.tls_ca = terminal.environment("TIDEMARK_TLS_CA").value_or("");
  app.add_option("--tls-ca", options.tls_ca,
                 "PEM file of the authority that signed the services' certificates; switches "
                 "TLS on [$TIDEMARK_TLS_CA]")
      ->type_name("FILE")
      ->group(kShared);
  static const std::map<std::string, OutputFormat> kFormats = {
      {"table", OutputFormat::kTable}, {"csv", OutputFormat::kCsv}, {"json", OutputFormat::kJson}};
  app.add_option("-o,--output", host.output_format(), "How tables are printed: table, csv, json")
      ->transform(CLI::CheckedTransformer(kFormats, CLI::ignore_case).description(""))
      ->type_name("FORMAT")
      ->group(kShared);
}

int RunAction(const CommandHost& host) {
  if (host.action() == nullptr) return static_cast<int>(ExitCode::kOk);
  const absl::StatusOr<ExitCode> result = host.action()();
  if (result.ok()) return static_cast<int>(*result);
  host.terminal().out.flush();
  host.terminal().err << "tidemark: " << ErrorText(result.status()) << std::endl;
  return static_cast<int>(ExitCodeOf(result.status()));
}

}  // namespace

int RunApp(const std::vector<std::string>& arguments, absl::Span<const AddCommand> commands,
           const Terminal& terminal) {
  CommandHost host(terminal);
  CLI::App app("Tidemark measures digital consumption, and can prove what it measured.",
               "tidemark");
  app.footer(ExitCodeHelp() +
             "\nEvery command has its own help with examples: tidemark COMMAND --help");
  app.set_version_flag("--version", TIDEMARK_VERSION);
  app.require_subcommand(1);
  // Lets the shared options stand behind the command too.
  app.fallthrough();
  AddSharedOptions(app, host);
  for (const AddCommand add : commands) add(app, host);
  try {
    // CLI11 wants the arguments last first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error, terminal.out, terminal.err);
    return code == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  try {
    return RunAction(host);
  } catch (const std::exception& error) {
    // Libraries below throw only for want of memory and for their own defects.
    terminal.err << "tidemark: " << error.what() << std::endl;
    return static_cast<int>(ExitCode::kInternal);
  }
}

}  // namespace tidemark::cli
