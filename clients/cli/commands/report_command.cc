#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/app/text_file.h"
#include "clients/cli/commands/as_of.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/report_asker.h"
#include "clients/cli/report/document.h"
#include "clients/cli/report/layout.h"
#include "clients/cli/report/template.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

constexpr char kExamples[] = R"(
Makes a bulletin of a template: texts with figures in them, tables and charts, in Markdown or as one HTML file. All numbers are
of one snapshot, and each table and figure names it and the question that it answers. The same template at the same
snapshot gives the same bytes. docs/report.md describes templates.

Examples:
  tidemark report deploy/samples/reports/uk-online-retail.yaml
  tidemark report deploy/samples/reports/yangtze-delta-synthetic.yaml -o html --language zh --out delta.html
  tidemark report monthly.yaml --set period=2011-11 --as-of 539395
)";

struct Flags {
  std::string file;
  std::string format = "md";
  std::string language;
  std::string out;
  std::string as_of;
  std::string log_id;
  std::vector<std::string> parameters;
};

absl::StatusOr<report::LayoutOptions> LayoutOptionsOf(const Flags& flags) {
  report::LayoutOptions layout{.language = flags.language, .parameters = {}};
  for (const std::string& text : flags.parameters) {
    std::pair<std::string, std::string> pair = absl::StrSplit(text, absl::MaxSplits('=', 1));
    if (text.find('=') == std::string::npos || !layout.parameters.insert(std::move(pair)).second) {
      return UsageError(absl::InvalidArgumentError(
          absl::StrCat("--set: `", text, "`; want NAME=VALUE, each name once")));
    }
  }
  return layout;
}

absl::StatusOr<ExitCode> MakeReport(CommandHost& host, const Flags& flags) {
  analytics::v1::ReadOptions read;
  TM_RETURN_IF_ERROR(SetAsOfField(flags.as_of, read));
  read.set_log_id(flags.log_id);
  TM_ASSIGN_OR_RETURN(report::LayoutOptions layout, LayoutOptionsOf(flags));
  TM_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(flags.file));
  const auto report = report::ReadTemplate(text, flags.file);
  if (!report.ok()) return DataError(report.status());
  if (layout.language.empty()) layout.language = report->language;
  read.set_label_language(layout.language);
  ReportAsker asker(host, std::move(read));
  const auto document = report::LayOut(
      *report, layout, [&asker](const report::Question& question) { return asker.Ask(question); });
  if (!document.ok()) return DataError(document.status());
  const std::string made =
      flags.format == "html" ? report::ToHtml(*document) : report::ToMarkdown(*document);
  if (flags.out.empty()) {
    host.terminal().out << made;
  } else {
    TM_RETURN_IF_ERROR(status::Prefixed("--out", WriteTextFile(flags.out, made)));
  }
  return ExitCode::kOk;
}

}  // namespace

void AddReportCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("report", "Make a bulletin of a template");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  command->add_option("TEMPLATE", flags->file, "YAML file: see docs/report.md")->required();
  command->add_option("-o,--output", flags->format, "md (Markdown) or html; default: md")
      ->check(CLI::IsMember({"md", "html"}))
      ->type_name("FORMAT");
  command->add_option("--language", flags->language, "zh or en; default: that of the template")
      ->check(CLI::IsMember({"zh", "en"}));
  command->add_option("--out", flags->out, "file to write; default: standard output")
      ->type_name("FILE");
  command->add_option("--set", flags->parameters,
                      "NAME=VALUE, in place of a parameter's value in the template; may be "
                      "repeated");
  command->add_option("--as-of", flags->as_of, kAsOfHelp);
  command->add_option("--log-id", flags->log_id,
                      "refuse to answer from another log than the one of this name");
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return MakeReport(host, *flags); }); });
}

}  // namespace tidemark::cli
