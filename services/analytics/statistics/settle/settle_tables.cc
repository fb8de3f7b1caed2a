#include "services/analytics/statistics/settle/settle_tables.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/status/statusor.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/table_builder.h"
#include "services/analytics/statistics/table_parts.h"

namespace tidemark::analytics {
namespace {

class Writer {
 public:
  explicit Writer(const SettledRows& rows) : rows_(rows), decimals_(rows.decimals) {
    for (const SubjectRow& row : rows.subjects) decimals_ = std::max(decimals_, row.decimals);
  }

  absl::StatusOr<Table> Holders() const {
    struct Sum {
      __int128 amount = 0;
      int64_t subjects = 0;
    };
    std::map<std::string_view, Sum> sums;
    for (const std::string_view holder : rows_.asked_holders) sums[holder];
    for (const PartRow& row : rows_.parts) {
      Sum& sum = sums[row.holder];
      sum.amount += InTable(row.amount, row.decimals);
      ++sum.subjects;
    }
    std::vector<Member> names;
    for (const auto& [holder, sum] : sums) names.push_back({std::string(holder)});
    TableBuilder builder(names.size());
    AddNames("holder", names, &builder);
    Column& amount = AddAmounts("amount", &builder);
    Column& subjects = builder.AddIntegers("subjects", ColumnKind::kStatistic, "count");
    size_t at = 0;
    for (const auto& [holder, sum] : sums) {
      TM_ASSIGN_OR_RETURN(amount.integers[at], Narrow(sum.amount));
      subjects.integers[at++] = sum.subjects;
    }
    return std::move(builder).Build();
  }

  absl::StatusOr<Table> Parts() const {
    std::vector<Member> subjects, holders;
    for (const PartRow& row : rows_.parts) {
      subjects.push_back({std::string(row.subject)});
      holders.push_back({std::string(row.holder)});
    }
    TableBuilder builder(rows_.parts.size());
    AddNames("subject", subjects, &builder);
    AddNames("holder", holders, &builder);
    Column& amount = AddAmounts("amount", &builder);
    for (size_t i = 0; i < rows_.parts.size(); ++i) {
      TM_ASSIGN_OR_RETURN(amount.integers[i],
                          Narrow(InTable(rows_.parts[i].amount, rows_.parts[i].decimals)));
    }
    return std::move(builder).Build();
  }

  absl::StatusOr<Table> Subjects() const {
    std::vector<Member> names;
    for (const SubjectRow& row : rows_.subjects) names.push_back({std::string(row.name)});
    TableBuilder builder(names.size());
    AddNames("subject", names, &builder);
    constexpr std::pair<const char*, int64_t SubjectRow::*> kAmounts[] = {
        {"gross", &SubjectRow::gross},
        {"refunds", &SubjectRow::refunds},
        {"net", &SubjectRow::net},
        {"settled", &SubjectRow::settled},
        {"unsettled", &SubjectRow::unsettled}};
    for (const auto& [name, field] : kAmounts) {
      Column& column = AddAmounts(name, &builder);
      for (size_t i = 0; i < rows_.subjects.size(); ++i) {
        const SubjectRow& row = rows_.subjects[i];
        TM_ASSIGN_OR_RETURN(column.integers[i], Narrow(InTable(row.*field, row.decimals)));
      }
    }
    Column& holders = builder.AddIntegers("holders", ColumnKind::kStatistic, "count");
    for (size_t i = 0; i < rows_.subjects.size(); ++i)
      holders.integers[i] = rows_.subjects[i].holders;
    return std::move(builder).Build();
  }

 private:
  static void AddNames(const char* name, const std::vector<Member>& names, TableBuilder* builder) {
    builder->AddTexts(name, ColumnKind::kDimension, nullptr, names);
  }
  Column& AddAmounts(const char* name, TableBuilder* builder) const {
    return builder->AddIntegers(name, ColumnKind::kStatistic, rows_.currency,
                                static_cast<uint32_t>(decimals_));
  }
  // At most 18 decimals more.
  __int128 InTable(int64_t amount, int decimals) const {
    __int128 units = amount;
    for (; decimals < decimals_; ++decimals) units *= 10;
    return units;
  }

  const SettledRows& rows_;
  int decimals_ = 0;
};

}  // namespace

absl::Status WriteSettleTables(const SettledRows& rows, Settlement* settlement) {
  const Writer writer(rows);
  TM_ASSIGN_OR_RETURN(settlement->holders, writer.Holders());
  TM_ASSIGN_OR_RETURN(settlement->parts, writer.Parts());
  TM_ASSIGN_OR_RETURN(settlement->subjects, writer.Subjects());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
