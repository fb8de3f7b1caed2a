#include "clients/cli/commands/statistic_command.h"

#include <algorithm>
#include <ostream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "clients/cli/commands/answer_footer.h"
#include "clients/cli/commands/answer_table.h"
#include "clients/cli/commands/as_of.h"
#include "clients/cpp/query/parse.h"

namespace tidemark::cli {

namespace v1 = analytics::v1;
namespace {

absl::Status NoSuchTable(const std::string& name, const std::vector<std::string>& tables) {
  return UsageError(absl::InvalidArgumentError(
      absl::StrCat("--table: `", name, "`; want one of ", absl::StrJoin(tables, ", "))));
}

// Whether --table names a table of the response, which is a field that is a Result.
absl::Status CheckTable(const StatisticFlags& flags, const google::protobuf::Descriptor& response) {
  if (flags.table.empty()) return absl::OkStatus();
  std::vector<std::string> tables;
  for (int i = 0; i < response.field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *response.field(i);
    if (field.message_type() != v1::Result::descriptor()) continue;
    if (field.name() == flags.table) return absl::OkStatus();
    tables.push_back(field.name());
  }
  return NoSuchTable(flags.table, tables);
}

}  // namespace

void AddReadFlags(CLI::App* command, StatisticFlags* flags) {
  command->add_option("--as-of", flags->as_of, kAsOfHelp);
  command->add_option("--log-id", flags->log_id,
                      "refuse to answer from another log than the one of this name");
  command->add_option("--labels", flags->labels, kLabelsHelp);
}

void AddStatisticFlags(CLI::App* command, StatisticFlags* flags) {
  AddReadFlags(command, flags);
  command->add_option("--table", flags->table,
                      "show only this table of the answer; csv and json show the first otherwise");
  AddAmountsFlags(command, &flags->amounts);
}

absl::StatusOr<v1::Query> ParseClauses(const std::string& clauses, bool ordered) {
  auto query = query::ParseQuery(absl::StrCat("events ", clauses));
  if (!query.ok()) return UsageError(query.status());
  v1::Query rest = *query;
  rest.clear_measures();
  rest.clear_dimensions();
  rest.clear_filters();
  rest.clear_range();
  rest.clear_grain();
  rest.clear_limit();
  if (ordered) rest.clear_order_by();
  if (query->measures_size() != 1 || rest.ByteSizeLong() != 0) {
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat("`", clauses, "`: want clauses by, where, from, to, in",
                     ordered ? ", order by" : "", " and limit only")));
  }
  query->clear_measures();
  return query;
}

absl::StatusOr<v1::ReadOptions> ReadOptionsOf(CommandHost& host, const StatisticFlags& flags) {
  // What is wrong with the flags is told before anything is asked.
  TM_RETURN_IF_ERROR(CheckChart(host, flags.chart));
  TM_RETURN_IF_ERROR(NumberFormatOf(host, flags.amounts, flags.labels).status());
  v1::ReadOptions read;
  TM_RETURN_IF_ERROR(SetAsOfField(flags.as_of, read));
  read.set_log_id(flags.log_id);
  read.set_label_language(LabelLanguage(flags.labels, host.terminal(), host.output_format()));
  return read;
}

absl::StatusOr<StatisticAnswer> AskStatistic(CommandHost& host, const StatisticFlags& flags,
                                             const google::protobuf::Message& question) {
  TM_RETURN_IF_ERROR(CheckTable(flags, ResponseTo(question)));
  return AskStatistic(host, question);
}

namespace {

// The tables that --table leaves. UsageError.
absl::StatusOr<std::vector<NamedTable>> ChosenTables(const std::string& name,
                                                     const std::vector<NamedTable>& tables) {
  if (name.empty()) return tables;
  for (const NamedTable& table : tables) {
    if (table.name == name) return std::vector<NamedTable>{table};
  }
  std::vector<std::string> names;
  for (const NamedTable& table : tables) names.emplace_back(table.name);
  return NoSuchTable(name, names);
}

}  // namespace

void AddPages(const NamedTable& named, AnswerTable* table) {
  for (const v1::Result& page : *named.pages) table->AddPage(page);
}

void PrintStatisticFooter(CommandHost& host, const AnswerTable& table, const v1::QueryMeta& meta) {
  PrintFooter(host, meta, table.rows().rows().size(), table.units(), table.notes());
}

absl::StatusOr<ExitCode> PrintStatistic(CommandHost& host, const StatisticFlags& flags,
                                        const std::vector<NamedTable>& tables,
                                        const v1::QueryMeta& meta, std::string_view drawn) {
  const OutputFormat format = host.output_format();
  const bool for_people = format == OutputFormat::kTable;
  TM_ASSIGN_OR_RETURN(const NumberFormat numbers,
                      NumberFormatOf(host, flags.amounts, flags.labels));
  TM_ASSIGN_OR_RETURN(std::vector<NamedTable> shown, ChosenTables(flags.table, tables));
  std::ostream& out = host.terminal().out;
  if (!flags.chart.form.empty()) {
    const auto named = std::find_if(shown.begin(), shown.end(),
                                    [&](const NamedTable& one) { return one.name == drawn; });
    AnswerTable table(/*brief=*/true, numbers);
    AddPages(named == shown.end() ? shown.front() : *named, &table);
    TM_RETURN_IF_ERROR(PrintChart(host, flags.chart, table.rows()));
    PrintStatisticFooter(host, table, meta);
    return ExitCode::kOk;
  }
  if (!for_people) shown.resize(1);
  std::vector<std::string> notes;
  std::string units;
  uint64_t rows = 0;
  for (const NamedTable& named : shown) {
    AnswerTable table(/*brief=*/for_people, numbers);
    AddPages(named, &table);
    if (for_people && shown.size() > 1) {
      if (&named != &shown.front()) out << '\n';
      out << named.name << ":\n";
    }
    table.Print(format, out);
    rows += table.rows().rows().size();
    for (const std::string& note : table.notes()) {
      if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
    }
    if (units.empty()) units = table.units();
  }
  PrintFooter(host, meta, rows, units, notes);
  return ExitCode::kOk;
}

}  // namespace tidemark::cli
