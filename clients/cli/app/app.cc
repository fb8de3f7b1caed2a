#include "clients/cli/app/app.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <map>
#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/app/error_text.h"
#include "clients/cli/app/nearest.h"
#include "clients/cli/app/output_check.h"
#include "clients/cli/app/whole_numbers.h"
#include "common/status/status_macros.h"

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
  options.tls_certificate = terminal.environment("TIDEMARK_TLS_CERTIFICATE").value_or("");
  app.add_option("--tls-certificate", options.tls_certificate,
                 "PEM certificate to show to services that want one of their clients "
                 "[$TIDEMARK_TLS_CERTIFICATE]")
      ->type_name("FILE")
      ->group(kShared);
  options.tls_key = terminal.environment("TIDEMARK_TLS_KEY").value_or("");
  app.add_option("--tls-key", options.tls_key, "PEM key of --tls-certificate [$TIDEMARK_TLS_KEY]")
      ->type_name("FILE")
      ->group(kShared);
  const auto set_format = [&host](const std::string& text) {
    static const std::map<std::string, OutputFormat> kFormats = {{"table", OutputFormat::kTable},
                                                                 {"csv", OutputFormat::kCsv},
                                                                 {"json", OutputFormat::kJson}};
    const auto found = kFormats.find(absl::AsciiStrToLower(text));
    if (found == kFormats.end()) {
      throw CLI::ValidationError("--output", absl::StrCat("`", text, "`, want table, csv or json"));
    }
    host.output_format() = found->second;
  };
  app.add_option_function<std::string>("-o,--output", set_format,
                                       "How tables are printed: table, csv, json")
      ->type_name("FORMAT")
      ->group(kShared);
}

void AddToFooters(CLI::App& app) {
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    command->footer(absl::StrCat(absl::StripTrailingAsciiWhitespace(command->get_footer()),
                                 "\n\nShared options and exit codes: tidemark --help"));
    AddToFooters(*command);
  }
}

// CLI11 tells of the first thing that is missing; when a word was mistyped, that one is the
// trouble. Empty: there is none.
std::string MistypedWord(CLI::App& app) {
  CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  const std::vector<std::string> words = app.remaining(/*recurse=*/true);
  const auto is_option = [](const std::string& word) { return word.size() > 1 && word[0] == '-'; };
  std::vector<std::string> commands;
  for (const CLI::App* one : command->get_subcommands([](CLI::App*) { return true; })) {
    commands.push_back(one->get_name());
  }
  const auto mistyped = std::find_if_not(words.begin(), words.end(), is_option);
  if (!commands.empty() && mistyped != words.end()) {
    return absl::StrCat("`", *mistyped, "` is no command", NearestHint(*mistyped, commands));
  }
  const auto option = std::find_if(words.begin(), words.end(), is_option);
  if (option == words.end()) return "";
  std::vector<std::string> options;
  const auto add_options = [&options](const CLI::App& one) {
    for (const CLI::Option* known : one.get_options()) {
      for (const std::string& name : known->get_lnames()) options.push_back("--" + name);
    }
  };
  add_options(*command);
  if (command != &app) add_options(app);
  const std::string word = option->substr(0, option->find('='));
  return absl::StrCat("`", word, "` is no option of `", command->get_display_name(), "`",
                      NearestHint(word, options));
}

int ReportUsage(CLI::App& app, const CLI::ParseError& error, const Terminal& terminal) {
  // --help and --version come this way too.
  if (error.get_exit_code() == 0) {
    app.exit(error, terminal.out, terminal.err);
    return 0;
  }
  std::string text = MistypedWord(app);
  if (text.empty()) {
    text = error.what();
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
      // CLI11 lists them last first.
      text = absl::StrCat("not expected: `", absl::StrJoin(app.remaining(/*recurse=*/true), " "),
                          "`; a text with blanks goes in quotes");
    }
  }
  terminal.err << "tidemark: " << text << "\nRun with --help for more information." << std::endl;
  return static_cast<int>(ExitCode::kUsage);
}

absl::StatusOr<ExitCode> ActAndFlush(const CommandHost& host) {
  ExitCode code = ExitCode::kOk;
  if (host.action() != nullptr) {
    TM_ASSIGN_OR_RETURN(code, host.action()());
  }
  host.terminal().out.flush();
  TM_RETURN_IF_ERROR(CheckOutput(host.terminal()));
  return code;
}

int RunAction(const CommandHost& host) {
  const absl::StatusOr<ExitCode> result = ActAndFlush(host);
  if (result.ok()) return static_cast<int>(*result);
  host.terminal().out.flush();
  const ExitCode code = ExitCodeOf(result.status());
  if (code != ExitCode::kReaderGone) {
    host.terminal().err << "tidemark: "
                        << ErrorText(result.status(), host.connection().token_place()) << std::endl;
  }
  return static_cast<int>(code);
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
  WantWholeNumbers(app);
  AddToFooters(app);
  try {
    // CLI11 wants the arguments last first.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    const int code = ReportUsage(app, error, terminal);
    if (code != 0) return code;
    // Help was asked for: nothing is left to do but to see that it arrived.
    host.SetAction(nullptr);
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
