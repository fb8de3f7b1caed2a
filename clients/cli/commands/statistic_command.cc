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

absl::Status NoSuchTable(const StatisticFlags& flags, const std::vector<std::string>& tables) {
  return UsageError(absl::InvalidArgumentError(
      absl::StrCat("--table: `", flags.table, "`; want one of ", absl::StrJoin(tables, ", "))));
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
  v1::ReadOptions read;
  TM_RETURN_IF_ERROR(SetAsOfField(flags.as_of, read));
  read.set_log_id(flags.log_id);
  read.set_label_language(LabelLanguage(flags.labels, host.terminal(), host.output_format()));
  return read;
}

absl::Status CheckTable(const StatisticFlags& flags, const google::protobuf::Descriptor& response) {
  if (flags.table.empty()) return absl::OkStatus();
  std::vector<std::string> tables;
  for (int i = 0; i < response.field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *response.field(i);
    if (field.message_type() != v1::Result::descriptor()) continue;
    if (field.name() == flags.table) return absl::OkStatus();
    tables.push_back(field.name());
  }
  return NoSuchTable(flags, tables);
}

absl::StatusOr<ExitCode> PrintStatistic(CommandHost& host, const StatisticFlags& flags,
                                        const std::vector<NamedResult>& tables,
                                        const v1::QueryMeta& meta) {
  std::vector<NamedResult> shown = tables;
  const OutputFormat format = host.output_format();
  const bool for_people = format == OutputFormat::kTable;
  if (!flags.table.empty()) {
    std::erase_if(shown, [&](const NamedResult& table) { return table.name != flags.table; });
    if (shown.empty()) {
      std::vector<std::string> names;
      for (const NamedResult& table : tables) names.emplace_back(table.name);
      return NoSuchTable(flags, names);
    }
  } else if (!for_people) {
    shown.resize(1);
  }
  std::ostream& out = host.terminal().out;
  std::vector<std::string> notes;
  std::string units;
  for (const NamedResult& named : shown) {
    AnswerTable table(/*brief=*/for_people);
    table.AddPage(*named.result);
    if (for_people && shown.size() > 1) {
      if (&named != &shown.front()) out << '\n';
      out << named.name << ":\n";
    }
    table.Print(format, out);
    for (const std::string& note : table.notes()) {
      if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
    }
    if (units.empty()) units = table.units();
  }
  if (!for_people) return ExitCode::kOk;
  PrintFooter(meta, units, out);
  for (const std::string& note : notes) out << note << '\n';
  return ExitCode::kOk;
}

}  // namespace tidemark::cli
