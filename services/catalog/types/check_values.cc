#include "absl/strings/str_cat.h"
#include "services/catalog/domain/date.h"
#include "services/catalog/domain/decimal.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/check_fields.h"
#include "services/catalog/types/dates.h"
#include "services/catalog/types/field_walk.h"
#include "tidemark/catalog/v1/unit.pb.h"
#include "tidemark/type/v1/date.pb.h"
#include "tidemark/type/v1/decimal.pb.h"
#include "tidemark/type/v1/period.pb.h"

namespace tidemark::catalog {
namespace {

constexpr uint32_t kMostPeriods = 120;

void CheckDay(const type::v1::Date& day, const std::string& path, Report& report) {
  const Date date = FromProto(day);
  if (IsRealDay(date)) return;
  report.AddTyped(path, absl::StrCat(ToString(date), " is no day of the years 1 to 9999"),
                  "INVALID_DATE");
}

void CheckDays(const type::v1::Validity& days, const std::string& path, Report& report) {
  if (!days.has_start() || !days.has_end()) return;
  const Date start = FromProto(days.start());
  const Date end = FromProto(days.end());
  // Days that do not exist have been told of already.
  if (!IsRealDay(start) || !IsRealDay(end) || end > start) return;
  report.AddTyped(Join(path, "end"),
                  absl::StrCat(ToString(end), " must be after the start, ", ToString(start),
                               "; it is the first day after the end"),
                  "INVALID_DATE");
}

void CheckPeriod(const type::v1::Period& period, const std::string& path, Report& report) {
  if (!type::v1::PeriodGrain_IsValid(period.grain()) ||
      period.grain() == type::v1::PERIOD_GRAIN_UNSPECIFIED) {
    return report.AddTyped(Join(path, "grain"),
                           "missing; want DAY, WEEK, MONTH, QUARTER, HALF_YEAR or YEAR",
                           "INVALID_PERIOD");
  }
  if (!period.has_start()) return report.AddTyped(Join(path, "start"), "missing", "INVALID_PERIOD");
  if (period.count() > kMostPeriods) {
    report.AddTyped(Join(path, "count"), absl::StrCat(period.count(), ", want 1 to ", kMostPeriods),
                    "INVALID_PERIOD");
  }
  const Date start = FromProto(period.start());
  if (!IsRealDay(start)) return;
  if (const std::string_view wanted = FirstDayProblem(period.grain(), start); !wanted.empty()) {
    report.AddTyped(Join(path, "start"), absl::StrCat(ToString(start), " is not ", wanted),
                    "INVALID_PERIOD");
  }
}

void CheckDecimal(const type::v1::Decimal& decimal, const std::string& path, Report& report) {
  if (ParseDecimal(decimal.value())) return;
  report.AddTyped(
      Join(path, "value"),
      absl::StrCat(Quoted(decimal.value()),
                   ": want digits like 6.552, at most 18 of them, with a minus in front "
                   "where it is below zero"),
      "INVALID_NUMBER");
}

void CheckUnit(const v1::Unit& unit, const std::string& path, Report& report) {
  const bool money = unit.kind() == v1::UNIT_KIND_MONEY;
  if (money == unit.currency().empty()) {
    report.AddTyped(Join(path, "currency"),
                    money ? "missing; money is of one currency" : "only with MONEY",
                    "INVALID_UNIT");
  }
  const bool plain = unit.kind() == v1::UNIT_KIND_PERCENT ||
                     unit.kind() == v1::UNIT_KIND_PERCENTAGE_POINTS ||
                     unit.kind() == v1::UNIT_KIND_INDEX;
  if (plain && unit.power_of_ten() != 0) {
    report.AddTyped(
        Join(path, "power_of_ten"),
        absl::StrCat(unit.power_of_ten(), ", want 0 with ", v1::UnitKind_Name(unit.kind())),
        "INVALID_UNIT");
  }
  const bool countable =
      money || unit.kind() == v1::UNIT_KIND_PERSONS || unit.kind() == v1::UNIT_KIND_COUNT;
  if (!countable && unit.per() != v1::UNIT_PER_UNSPECIFIED) {
    report.AddTyped(Join(path, "per"), "only with MONEY, PERSONS and COUNT", "INVALID_UNIT");
  }
}

}  // namespace

void CheckValue(const google::protobuf::Message& message, const std::string& path, Report& report) {
  if (const auto* day = As<type::v1::Date>(message)) {
    CheckDay(*day, path, report);
  } else if (const auto* days = As<type::v1::Validity>(message)) {
    CheckDays(*days, path, report);
  } else if (const auto* period = As<type::v1::Period>(message)) {
    CheckPeriod(*period, path, report);
  } else if (const auto* decimal = As<type::v1::Decimal>(message)) {
    CheckDecimal(*decimal, path, report);
  } else if (const auto* unit = As<v1::Unit>(message)) {
    CheckUnit(*unit, path, report);
  }
}

}  // namespace tidemark::catalog
