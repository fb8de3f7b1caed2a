#include <CLI/CLI.hpp>
#include <algorithm>
#include <ostream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/app/full_name.h"
#include "clients/cli/app/nearest.h"
#include "clients/cli/commands/catalog_access.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/table/text_table.h"
#include "clients/cli/yaml/message_reader.h"
#include "clients/cpp/catalog/enum_word.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {
namespace {

constexpr char kExamples[] = R"(
A token says who calls and what the caller may do: producer, viewer, researcher, analyst, steward, auditor, admin,
service, grantee (docs/access.md). Its secret is shown once, when it is issued; the catalog keeps only a hash.

Examples:
  tidemark token issue shop-1 --principal 'Shop data team' --role producer --source sources/shop-1
  tidemark token issue report --principal 'City office' --role analyst --expires 2160h
  tidemark token issue lab --principal 'City lab' --role grantee --acts-for organisations/lab
  tidemark token list
  tidemark token revoke report
)";

struct Flags {
  std::string id;
  std::string principal;
  std::vector<std::string> roles;
  std::vector<std::string> sources;
  std::string region_scope;
  std::string acts_for;
  std::string expires;
};

absl::StatusOr<type::v1::Role> ParseRole(const std::string& text) {
  type::v1::Role role;
  const std::string name = absl::StrCat("ROLE_", absl::AsciiStrToUpper(text));
  if (type::v1::Role_Parse(name, &role) && role != type::v1::ROLE_UNSPECIFIED) return role;
  std::vector<std::string> known;
  for (int i = 1; i < type::v1::Role_descriptor()->value_count(); ++i) {
    known.push_back(
        absl::AsciiStrToLower(catalog_client::EnumWord(*type::v1::Role_descriptor()->value(i))));
  }
  return UsageError(absl::InvalidArgumentError(
      absl::StrCat("--role: unknown role `", text, "`", NearestHint(text, known))));
}

absl::StatusOr<ExitCode> Issue(CommandHost& host, const Flags& flags) {
  catalog::v1::IssueTokenRequest request;
  request.set_id(flags.id);
  catalog::v1::Token& token = *request.mutable_token();
  token.set_principal(flags.principal);
  for (const std::string& text : flags.roles) {
    TM_ASSIGN_OR_RETURN(const type::v1::Role role, ParseRole(text));
    token.add_roles(role);
  }
  for (const std::string& source : flags.sources) {
    token.add_sources(source == "*" ? source : FullName("sources", source));
  }
  token.set_region_scope(FullName("regions", flags.region_scope));
  token.set_acts_for(FullName("organisations", flags.acts_for));
  if (!flags.expires.empty()) {
    absl::Duration after;
    if (!absl::ParseDuration(flags.expires, &after) || after <= absl::ZeroDuration()) {
      return UsageError(absl::InvalidArgumentError(
          absl::StrCat("--expires: `", flags.expires, "`, want a duration such as 720h or 90m")));
    }
    token.set_expire_time_us(host.terminal().clock.NowMicros() + absl::ToInt64Microseconds(after));
  }
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  TM_ASSIGN_OR_RETURN(const auto answer, client->IssueToken(request));
  host.terminal().err << "issued " << answer.resource().name()
                      << "; keep the secret, it is not shown again\n";
  if (std::all_of(token.roles().begin(), token.roles().end(), [](int role) {
        return role == type::v1::ROLE_VIEWER || role == type::v1::ROLE_RESEARCHER;
      })) {
    host.terminal().err << "note: in this release viewer and researcher read the catalog only; "
                           "statistics are asked for by an analyst\n";
  }
  if (host.output_format() == OutputFormat::kTable) {
    // The secret alone, to be caught by a shell.
    host.terminal().out << answer.secret() << '\n';
    return ExitCode::kOk;
  }
  TextTable table({{"token"}, {"secret"}});
  table.AddTexts({answer.resource().name(), answer.secret()});
  table.Print(host.output_format(), host.terminal().out);
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> ListTokens(CommandHost& host) {
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  TextTable table({{"token"},
                   {"principal"},
                   {"roles"},
                   {"sources"},
                   {"region_scope"},
                   {"acts_for"},
                   {"expires"}});
  const auto add = [&](const catalog::v1::Resource& r) {
    std::vector<std::string> roles;
    for (const int role : r.token().roles()) {
      const auto* value = type::v1::Role_descriptor()->FindValueByNumber(role);
      roles.push_back(value == nullptr ? absl::StrCat(role)
                                       : absl::AsciiStrToLower(catalog_client::EnumWord(*value)));
    }
    const int64_t expires = r.token().expire_time_us();
    table.AddTexts({r.name(), r.token().principal(), absl::StrJoin(roles, " "),
                    absl::StrJoin(r.token().sources(), " "), r.token().region_scope(),
                    r.token().acts_for(), expires == 0 ? "never" : UtcText(expires)});
  };
  TM_RETURN_IF_ERROR(ForEachResource(*client, "tokens", "", 0, add));
  table.Print(host.output_format(), host.terminal().out);
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Revoke(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(auto client, ConnectCatalog(host));
  catalog::v1::DeleteResourceRequest request;
  request.set_name(absl::StrCat("tokens/", flags.id));
  TM_RETURN_IF_ERROR(client->DeleteResource(request).status());
  host.terminal().out << "revoked " << request.name() << '\n';
  return ExitCode::kOk;
}

}  // namespace

void AddTokenCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("token", "Issue, list and revoke tokens");
  command->footer(kExamples);
  command->require_subcommand(1);
  auto flags = std::make_shared<Flags>();

  CLI::App* issue = command->add_subcommand("issue", "Make a token and print its secret");
  issue->add_option("ID", flags->id, "id of the token, [a-z0-9.-]")->required();
  issue->add_option("--principal", flags->principal, "who holds it; recorded with what it does")
      ->required();
  issue->add_option("--role", flags->roles, "what it may do; may be repeated")->required();
  issue->add_option("--source", flags->sources,
                    "sources/ID it may send for, or *; may be repeated");
  issue->add_option("--region-scope", flags->region_scope,
                    "regions/ID or regionGroups/ID that reading is limited to");
  issue->add_option("--acts-for", flags->acts_for,
                    "organisations/ID or providers/ID whose grants the holder uses");
  issue->add_option("--expires", flags->expires,
                    "how long it works, such as 720h; default: for ever");
  issue->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Issue(host, *flags); }); });

  CLI::App* list = command->add_subcommand("list", "List tokens, without secrets");
  list->callback([&host] { host.SetAction([&host] { return ListTokens(host); }); });

  CLI::App* revoke = command->add_subcommand("revoke", "Revoke a token within a second");
  revoke->add_option("ID", flags->id, "id of the token")->required();
  revoke->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Revoke(host, *flags); }); });
}

}  // namespace tidemark::cli
