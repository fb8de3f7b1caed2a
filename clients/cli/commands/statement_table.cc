#include "clients/cli/commands/statement_table.h"

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cli/table/decimal_text.h"

namespace tidemark::cli {
namespace {

namespace pb = ingest::v1;

TextTable::Cell Count(uint64_t count) { return NumberCell(absl::StrCat(count)); }

class Rows {
 public:
  Rows(const pb::Statement& statement, int scale, TextTable* table)
      : statement_(statement), scale_(scale), table_(*table) {}

  void AddCount(const std::string& name, uint64_t (pb::DayCounts::*count)() const) {
    Add(name, Count((statement_.by_event_day().*count)()),
        Count((statement_.by_arrival_day().*count)()));
  }
  void AddAccepted() {
    TextTable::Cell closed;
    TextTable::Cell difference;
    if (statement_.has_close()) {
      closed = Count(statement_.close().totals().events());
      difference = NumberCell(absl::StrCat(statement_.difference().events()));
    }
    Add("accepted", Count(statement_.by_event_day().accepted()),
        Count(statement_.by_arrival_day().accepted()), Count(statement_.standing().events()),
        closed, difference);
  }
  void AddSum(const std::string& name, int64_t (pb::DayCounts::*sum)() const,
              int64_t (pb::DayStanding::*standing)() const,
              int64_t (pb::ControlTotals::*total)() const,
              int64_t (pb::DayDifference::*difference)() const) {
    TextTable::Cell closed;
    TextTable::Cell missing;
    if (statement_.has_close()) {
      closed = Sum((statement_.close().totals().*total)());
      missing = Sum((statement_.difference().*difference)());
    }
    Add(name, Sum((statement_.by_event_day().*sum)()), Sum((statement_.by_arrival_day().*sum)()),
        Sum((statement_.standing().*standing)()), closed, missing);
  }
  void AddRejections() {
    std::map<std::pair<std::string, std::string>, std::pair<uint64_t, uint64_t>> counts;
    for (const pb::RejectionCount& r : statement_.by_event_day().rejections()) {
      counts[{r.reason(), r.field()}].first = r.count();
    }
    for (const pb::RejectionCount& r : statement_.by_arrival_day().rejections()) {
      counts[{r.reason(), r.field()}].second = r.count();
    }
    for (const auto& [why, both] : counts) {
      Add(absl::StrCat("rejected ", why.first, " ", why.second), Count(both.first),
          Count(both.second));
    }
  }

 private:
  TextTable::Cell Sum(int64_t sum) const {
    return NumberCell(DecimalText(sum, static_cast<uint32_t>(scale_)));
  }
  void Add(const std::string& name, TextTable::Cell by_event, TextTable::Cell by_arrival,
           TextTable::Cell standing = {}, TextTable::Cell closed = {},
           TextTable::Cell difference = {}) {
    table_.Add({{name, {}},
                std::move(by_event),
                std::move(by_arrival),
                std::move(standing),
                std::move(closed),
                std::move(difference)});
  }

  const pb::Statement& statement_;
  const int scale_;
  TextTable& table_;
};

}  // namespace

TextTable StatementTable(const pb::Statement& statement, int scale) {
  TextTable table({{"count"},
                   {"by_event_day", TextTable::kNumber},
                   {"by_arrival_day", TextTable::kNumber},
                   {"standing", TextTable::kNumber},
                   {"closed", TextTable::kNumber},
                   {"difference", TextTable::kNumber}});
  Rows rows(statement, scale, &table);
  rows.AddCount("received", &pb::DayCounts::received);
  rows.AddAccepted();
  rows.AddCount("duplicates", &pb::DayCounts::duplicates);
  rows.AddCount("conflicts", &pb::DayCounts::conflicts);
  rows.AddCount("rejected", &pb::DayCounts::rejected);
  rows.AddRejections();
  rows.AddSum("gross", &pb::DayCounts::gross, &pb::DayStanding::gross, &pb::ControlTotals::gross,
              &pb::DayDifference::gross);
  rows.AddSum("refunds", &pb::DayCounts::refunds, &pb::DayStanding::refunds,
              &pb::ControlTotals::refunds, &pb::DayDifference::refunds);
  return table;
}

std::string StatementVerdict(const pb::Statement& statement, int scale) {
  const std::string name =
      absl::StrCat(statement.source().empty() ? "no source" : statement.source(), " ",
                   absl::StrFormat("%04d-%02d-%02d", statement.day().year(),
                                   statement.day().month(), statement.day().day()));
  if (!statement.has_close()) return absl::StrCat(name, ": open");
  const std::string closed =
      absl::StrCat(name, ": closed by leaf ", statement.close().leaf(), ", ");
  const pb::DayDifference& difference = statement.difference();
  if (difference.events() == 0 && difference.gross() == 0 && difference.refunds() == 0) {
    return absl::StrCat(closed, "no difference");
  }
  const auto decimals = static_cast<uint32_t>(scale);
  return absl::StrCat(closed, "differs by ", difference.events(), " events, ",
                      DecimalText(difference.gross(), decimals), " gross, ",
                      DecimalText(difference.refunds(), decimals), " refunds");
}

}  // namespace tidemark::cli
