// grants: who may use what, and what was used.
#include <CLI/CLI.hpp>
#include <memory>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/commands/catalog_access.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/day_closing.h"
#include "clients/cli/commands/purpose.h"
#include "clients/cli/table/text_table.h"
#include "clients/cpp/catalog/enum_word.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

namespace v1 = catalog::v1;

constexpr char kExamples[] = R"(
Grants are applied, shown and revoked as other resources are (`tidemark apply`, docs/rights.md). `check` tells whether an organisation may
use a shared asset now, by which grant and how much of it is left; its exit code is 1 when it may not. `use` lists what was used and
what is owed for it, exactly.

Examples:
  tidemark grants check dataAssets/books --purpose research
  tidemark grants check dataAssets/books --purpose research --grantee organisations/lab
  tidemark grants use --asset dataAssets/books --from 2026-01-01 --to 2026-03-31
  tidemark grants use --grant grants/lab-2026 --by day -o json
)";

struct Flags {
  std::string asset;
  std::string purpose;
  std::string grantee;
  std::string grant;
  std::string from;
  std::string to;
  std::string by = "grant";
};

absl::StatusOr<ExitCode> Check(CommandHost& host, const Flags& flags) {
  v1::CheckGrantRequest request;
  request.set_asset(flags.asset);
  request.set_grantee(flags.grantee);
  TM_ASSIGN_OR_RETURN(const type::v1::Purpose purpose, ParsePurpose(flags.purpose));
  request.set_purpose(purpose);
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  TM_ASSIGN_OR_RETURN(const auto answer, client->CheckGrant(request));
  TextTable table({{"allowed"},
                   {"reason"},
                   {"grant"},
                   {"units_used", TextTable::kNumber},
                   {"units_left", TextTable::kNumber},
                   {"ends"}});
  const bool known = answer.has_terms();
  TextTable::Cell used, left;
  if (known) used = NumberCell(absl::StrCat(answer.units_used()));
  if (answer.has_units_left()) left = NumberCell(absl::StrCat(answer.units_left()));
  table.Add({{answer.allowed() ? "yes" : "no", {}},
             {answer.reason(), {}},
             {answer.grant(), {}},
             used,
             left,
             {known ? UtcText(answer.terms().end_time_us()) : "", {}}});
  table.Print(host.output_format(), host.terminal().out);
  if (!answer.message().empty()) host.terminal().err << answer.message() << '\n';
  return answer.allowed() ? ExitCode::kOk : ExitCode::kSomeRejected;
}

std::string DayText(const v1::UseRow& row) {
  return absl::StrFormat("%04d-%02d-%02d", row.day().year(), row.day().month(), row.day().day());
}

absl::StatusOr<v1::ListUseRequest> UseRequest(const Flags& flags) {
  v1::ListUseRequest request;
  request.set_grant(flags.grant);
  request.set_asset(flags.asset);
  request.set_grantee(flags.grantee);
  if (!flags.from.empty()) {
    TM_ASSIGN_OR_RETURN(*request.mutable_first(), ParseDay("--from", flags.from));
  }
  if (!flags.to.empty()) {
    TM_ASSIGN_OR_RETURN(*request.mutable_last(), ParseDay("--to", flags.to));
  }
  request.set_detail(flags.by == "day" ? v1::USE_DETAIL_DAY : v1::USE_DETAIL_GRANT);
  return request;
}

absl::StatusOr<ExitCode> Use(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(v1::ListUseRequest request, UseRequest(flags));
  const bool by_day = request.detail() == v1::USE_DETAIL_DAY;
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  std::vector<TextTable::Column> columns = {{"grant"}, {"asset"}, {"grantee"}};
  if (by_day) columns.insert(columns.end(), {{"day"}, {"purpose"}});
  columns.insert(columns.end(), {{"units", TextTable::kNumber}, {"amount", TextTable::kNumber}});
  columns.push_back({"currency"});
  TextTable table(std::move(columns));
  do {
    TM_ASSIGN_OR_RETURN(const auto page, client->ListUse(request));
    for (const v1::UseRow& row : page.rows()) {
      std::vector<TextTable::Cell> cells = {
          {row.grant(), {}}, {row.asset(), {}}, {row.grantee(), {}}};
      if (by_day) {
        cells.push_back({DayText(row), {}});
        cells.push_back(
            {catalog_client::EnumWord(*type::v1::Purpose_descriptor(), row.purpose()), {}});
      }
      cells.push_back(NumberCell(absl::StrCat(row.units())));
      TextTable::Cell amount;
      if (!row.amount().empty()) amount = NumberCell(row.amount());
      cells.push_back(amount);
      cells.push_back({row.currency(), {}});
      table.Add(std::move(cells));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  table.Print(host.output_format(), host.terminal().out);
  return ExitCode::kOk;
}

}  // namespace

void AddGrantsCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command =
      app.add_subcommand("grants", "Check grants of shared assets and list what was used");
  command->footer(kExamples);
  command->require_subcommand(1);
  auto flags = std::make_shared<Flags>();

  CLI::App* check = command->add_subcommand("check", "Tell whether an asset may be used now");
  check->add_option("ASSET", flags->asset, "dataAssets/ID")->required();
  check->add_option("--purpose", flags->purpose, kPurposeHelp)->required();
  check->add_option("--grantee", flags->grantee,
                    "organisations/ID or providers/ID; default: whom the token acts for");
  check->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Check(host, *flags); }); });

  CLI::App* use = command->add_subcommand("use", "List what was used, and what is owed for it");
  use->add_option("--grant", flags->grant, "only of this grant, grants/ID");
  use->add_option("--asset", flags->asset, "only of this asset, dataAssets/ID");
  use->add_option("--grantee", flags->grantee, "only by this organisations/ID or providers/ID");
  use->add_option("--from", flags->from, "first day, such as 2026-01-01");
  use->add_option("--to", flags->to, "last day, included");
  use->add_option("--by", flags->by, "grant (default), or day: each day and purpose by itself")
      ->check(CLI::IsMember({"grant", "day"}));
  use->callback([&host, flags] { host.SetAction([&host, flags] { return Use(host, *flags); }); });
}

}  // namespace tidemark::cli
