#ifndef TIDEMARK_CLIENTS_CLI_COMMANDS_STATISTIC_COMMAND_H_
#define TIDEMARK_CLIENTS_CLI_COMMANDS_STATISTIC_COMMAND_H_

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/app/exit_code.h"
#include "clients/cli/commands/amounts_flags.h"
#include "clients/cli/commands/answer_table.h"
#include "clients/cli/commands/chart_flags.h"
#include "clients/cli/commands/statistic_answer.h"
#include "common/status/status_macros.h"
#include "tidemark/analytics/v1/query.pb.h"
#include "tidemark/analytics/v1/read_options.pb.h"

// What the commands of named statistics share: which events, which snapshot, and how tables are
// shown.
namespace tidemark::cli {

struct StatisticFlags {
  // Clauses of the query language: by, where, from, to, in, limit.
  std::string clauses;
  std::string as_of;
  std::string log_id;
  std::string labels = "auto";
  // Of the answer's tables, the one to show; empty: all for people, else the first.
  std::string table;
  AmountsFlags amounts;
  // Of commands that add them.
  ChartFlags chart;
};

inline constexpr char kClausesHelp[] =
    "which events, in clauses of the query language: by, where, from, to, in, limit";

// Adds --as-of, --log-id and --labels.
void AddReadFlags(CLI::App* command, StatisticFlags* flags);
// Those, --table, --amounts and --decimals.
void AddStatisticFlags(CLI::App* command, StatisticFlags* flags);

// The clauses as parts of a query. UsageError: they are no clauses, or others than the ones above,
// to which `ordered` adds order by.
absl::StatusOr<analytics::v1::Query> ParseClauses(const std::string& clauses, bool ordered = false);

// Range, grain, filters, order and limit of a request.
template <typename Request>
void SetClauses(const analytics::v1::Query& query, Request* request) {
  if (query.has_range()) *request->mutable_range() = query.range();
  request->set_grain(query.grain());
  *request->mutable_filters() = query.filters();
  *request->mutable_order_by() = query.order_by();
  request->set_limit(query.limit());
}

// The same from clauses whose `by` has a period only. UsageError.
template <typename Request>
absl::Status SetClauses(const std::string& clauses, Request* request) {
  TM_ASSIGN_OR_RETURN(const analytics::v1::Query query, ParseClauses(clauses, /*ordered=*/true));
  if (query.dimensions_size() != 0) {
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat("`", clauses, "`: want no dimensions in by, a period only")));
  }
  SetClauses(query, request);
  return absl::OkStatus();
}

// Snapshot and labels. UsageError, also for what is wrong with --amounts and --chart.
absl::StatusOr<analytics::v1::ReadOptions> ReadOptionsOf(CommandHost& host,
                                                         const StatisticFlags& flags);

// AskStatistic, for a --table that the answer has, so that nobody waits for a statistic that cannot
// be shown. UsageError.
absl::StatusOr<StatisticAnswer> AskStatistic(CommandHost& host, const StatisticFlags& flags,
                                             const google::protobuf::Message& question);

// Prints the tables, or the one that --table names: UsageError for a name that is none of theirs.
// With --chart draws that table, or `drawn`; empty: the first.
absl::StatusOr<ExitCode> PrintStatistic(CommandHost& host, const StatisticFlags& flags,
                                        const std::vector<NamedTable>& tables,
                                        const analytics::v1::QueryMeta& meta,
                                        std::string_view drawn = "");
// A whole table.
void AddPages(const NamedTable& named, AnswerTable* table);
// Only the footer of such an answer.
void PrintStatisticFooter(CommandHost& host, const AnswerTable& table,
                          const analytics::v1::QueryMeta& meta);

}  // namespace tidemark::cli

#endif  // TIDEMARK_CLIENTS_CLI_COMMANDS_STATISTIC_COMMAND_H_
