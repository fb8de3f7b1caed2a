#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/statistic_command.h"

namespace tidemark::cli {
namespace {

namespace v1 = analytics::v1;

constexpr char kExamples[] = R"(
Splits the revenue of products, gross less refunds, between their rights holders by the shares valid on each event's day; a
refund is charged to those who were paid. Parts add up to the revenue to the last unit. What a product made on days when nobody
held a share is unsettled. To settle a period for good name --as-of: what arrives later belongs to the next settlement.

A data asset that is named is settled too: what the use of its grants owes by day (`tidemark grants use`), by the shares of the day of
use, in one currency. That needs one of the roles steward, auditor, admin and service. Use is metered beside the log, so --as-of does
not hold it: keep the answer of what was agreed.

Tables: holders (what each gets), parts (by subject and holder), subjects (what each product or asset made).

Examples:
  tidemark settle 'in 2024-03'
  tidemark settle 'in 2024-Q1 where source = shop' --subject products/ming-tombs-pass --table parts -o csv --as-of 300000
  tidemark settle 'from 2024-01 to 2024-06' --holder organisations/museum --table parts
  tidemark settle 'in 2024-Q1' --subject dataAssets/books-live --subject products/ming-tombs-pass
  tidemark settle 'in 2024-Q1' --subject dataAssets/books-live --currency USD
)";

struct Flags {
  StatisticFlags common;
  std::vector<std::string> subjects;
  std::vector<std::string> holders;
  std::string currency;
};

absl::StatusOr<ExitCode> Show(CommandHost& host, const Flags& flags) {
  v1::SettleRequest request;
  TM_ASSIGN_OR_RETURN(const v1::Query query, ParseClauses(flags.common.clauses));
  v1::Query rest = query;
  rest.clear_range();
  rest.clear_filters();
  if (rest.ByteSizeLong() != 0) {
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat("`", flags.common.clauses, "`: want clauses in, from, to and where only")));
  }
  if (query.has_range()) *request.mutable_range() = query.range();
  *request.mutable_filters() = query.filters();
  for (const std::string& subject : flags.subjects) request.add_subjects(subject);
  for (const std::string& holder : flags.holders) request.add_holders(holder);
  request.set_currency(flags.currency);
  const std::string& table = flags.common.table;
  const bool first_only = table.empty() && host.output_format() != OutputFormat::kTable;
  request.set_without_parts(first_only || table == "holders" || table == "subjects");
  TM_ASSIGN_OR_RETURN(*request.mutable_read(), ReadOptionsOf(host, flags.common));
  TM_ASSIGN_OR_RETURN(const StatisticAnswer answer, AskStatistic(host, flags.common, request));
  return PrintStatistic(host, flags.common,
                        {answer.Table("holders"), answer.Table("parts"), answer.Table("subjects")},
                        answer.meta());
}

}  // namespace

void AddSettleCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand(
      "settle", "Split the revenue of products and data assets between their rights holders");
  command->footer(kExamples);
  auto flags = std::make_shared<Flags>();
  command
      ->add_option("CLAUSES", flags->common.clauses,
                   "the period, and which events, in clauses of the query language: in, from, to, "
                   "where")
      ->required();
  AddStatisticFlags(command, &flags->common);
  command
      ->add_option("--subject", flags->subjects,
                   "only this product or data asset, products/ID or dataAssets/ID; may be "
                   "repeated; else all products that state rights")
      ->allow_extra_args(false);
  command
      ->add_option("--holder", flags->holders,
                   "only what this holder gets, organisations/ID or providers/ID; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--currency", flags->currency,
                      "currency of what data assets are owed, such as USD; else the observatory's");
  command->callback(
      [&host, flags] { host.SetAction([&host, flags] { return Show(host, *flags); }); });
}

}  // namespace tidemark::cli
