#include "services/analytics/statistics/settle/asset_revenue.h"

#include <cstdint>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/civil_time.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/statistics/table_parts.h"

namespace tidemark::analytics {
namespace {

constexpr absl::CivilDay kFirstDay(1970, 1, 1);
// As many as a price may have.
constexpr size_t kMostDecimals = 18;

// An amount owed: units of 10^-decimals.
struct Owed {
  int64_t units = 0;
  int decimals = 0;
};

absl::StatusOr<Owed> ParseOwed(const catalog::v1::UseRow& row) {
  const std::string_view text = row.amount();
  const size_t point = text.find('.');
  __int128 units = 0;
  bool good = !text.empty();
  for (size_t i = 0; i < text.size() && good; ++i) {
    if (i == point) continue;
    good = text[i] >= '0' && text[i] <= '9';
    units = units * 10 + (text[i] - '0');
    TM_RETURN_IF_ERROR(Narrow(units).status());
  }
  const size_t decimals = point == std::string_view::npos ? 0 : text.size() - point - 1;
  if (!good || decimals > kMostDecimals) {
    return absl::InternalError(
        absl::StrCat("the catalog tells `", text, "` as owed under ", row.grant(),
                     ", which is no amount; do catalog and analytics have one release?"));
  }
  return Owed{static_cast<int64_t>(units), static_cast<int>(decimals)};
}

void SetDay(int64_t day, type::v1::Date* date) {
  const absl::CivilDay civil = kFirstDay + day;
  date->set_year(static_cast<int32_t>(civil.year()));
  date->set_month(civil.month());
  date->set_day(civil.day());
}

// Adds up what is owed by the pieces of the asset's shares.
class Adder {
 public:
  Adder(const Calendar& calendar, const ShareHistory& shares, int decimals)
      : calendar_(calendar), shares_(shares) {
    revenue_.decimals = decimals;
  }

  absl::Status Add(const catalog::v1::UseRow& row) {
    TM_ASSIGN_OR_RETURN(const Owed owed, ParseOwed(row));
    if (owed.units == 0) return absl::OkStatus();
    if (owed.decimals > revenue_.decimals) TM_RETURN_IF_ERROR(Refine(owed.decimals));
    const type::v1::Date& date = row.day();
    const absl::CivilDay day(date.year(), date.month(), date.day());
    const int64_t time_us = calendar_.StartOfDay(day - kFirstDay);
    PieceRevenue& piece = revenue_.pieces[shares_.PieceAt(time_us)];
    piece.time_us = time_us;
    piece.gross += owed.units * TenTo(revenue_.decimals - owed.decimals);
    return Narrow(piece.gross).status();
  }
  AssetRevenue Finish() && { return std::move(revenue_); }

 private:
  static __int128 TenTo(int exponent) {
    __int128 power = 1;
    for (; exponent > 0; --exponent) power *= 10;
    return power;
  }

  absl::Status Refine(int decimals) {
    for (auto& [number, piece] : revenue_.pieces) {
      piece.gross *= TenTo(decimals - revenue_.decimals);
      TM_RETURN_IF_ERROR(Narrow(piece.gross).status());
    }
    revenue_.decimals = decimals;
    return absl::OkStatus();
  }

  const Calendar& calendar_;
  const ShareHistory& shares_;
  AssetRevenue revenue_;
};

}  // namespace

absl::StatusOr<TimeRange> ParseDayRange(const Calendar& calendar, const Query& query) {
  TM_ASSIGN_OR_RETURN(const TimeRange range,
                      ParsePeriodRange(calendar, "range", query.first, query.last));
  for (const bool first : {true, false}) {
    const int64_t time_us = first ? range.start_us : range.end_us;
    if (calendar.StartOfDay(calendar.DayOf(time_us)) == time_us) continue;
    return status::InvalidArgument(
        first ? "range.first" : "range.last",
        absl::StrCat("`", first ? query.first : query.last,
                     "` cuts a day; want a day or longer: the use of assets is metered by the day"),
        "PERIOD_INVALID");
  }
  return range;
}

absl::StatusOr<AssetRevenue> ReadAssetRevenue(const StatisticContext& context, GrantUseReader* use,
                                              const AssetQuestion& question,
                                              const SettledSubject& asset,
                                              std::set<std::string>* other_currencies) {
  catalog::v1::ListUseRequest request;
  request.set_asset(std::string(asset.name));
  request.set_detail(catalog::v1::USE_DETAIL_DAY);
  SetDay(context.calendar->DayOf(question.range.start_us), request.mutable_first());
  SetDay(context.calendar->DayOf(question.range.end_us - 1), request.mutable_last());
  Adder adder(*context.calendar, asset.shares, question.decimals);
  TM_RETURN_IF_ERROR(
      use->ReadUse(request, [&](const catalog::v1::ListUseResponse& page) -> absl::Status {
        if (context.stop) TM_RETURN_IF_ERROR(context.stop());
        for (const catalog::v1::UseRow& row : page.rows()) {
          if (row.currency() == question.currency) {
            TM_RETURN_IF_ERROR(adder.Add(row));
          } else if (row.amount().find_first_of("123456789") != std::string::npos) {
            other_currencies->insert(row.currency());
          }
        }
        return absl::OkStatus();
      }));
  return std::move(adder).Finish();
}

}  // namespace tidemark::analytics
