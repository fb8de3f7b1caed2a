#include "services/analytics/testing/random_query.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/analytics/query/vocabulary.h"
#include "services/analytics/testing/naive_calendar.h"
#include "tidemark/analytics/v1/query.pb.h"

namespace tidemark::analytics::testing {
namespace {

// The words of the product, so that none is forgotten.
std::vector<std::string> Measures() {
  std::vector<std::string> names;
  for (const MeasureWord& word : MeasureWords()) names.emplace_back(word.name);
  return names;
}
std::vector<std::string> Dimensions() {
  std::vector<std::string> names;
  for (const DimensionWord& word : DimensionWords()) names.emplace_back(word.name);
  return names;
}
std::vector<std::string> RegionLevels() {
  const auto names = RegionLevelNames();
  return {names.begin() + 1, names.end()};
}
const std::vector<std::string> kMeasures = Measures();
const std::vector<std::string> kDimensions = Dimensions();
const std::vector<std::string> kRegionLevels = RegionLevels();
const std::set<std::string> kAdditive = {
    "gross",    "refunds", "unlinked_refunds", "net",         "events", "purchases", "uses",
    "quantity", "voucher", "pending_refunds",  "void_refunds"};

bool IsRegion(const std::string& dimension) {
  return dimension == "consumer_region" || dimension == "provider_region" ||
         dimension == "place_of_use";
}

class Writer {
 public:
  Writer(const World& world, std::mt19937_64* random, uint64_t log_size)
      : world_(world), random_(*random), log_size_(log_size == 0 ? world.log_size() : log_size) {}

  v1::Query Write() {
    AddMeasures();
    AddGrainAndRange();
    AddDimensions();
    AddGeography();
    for (uint64_t i = Below(3); i > 0; --i) AddFilter();
    AddContributions();
    AddShares();
    AddLocationQuotients();
    AddRanks();
    AddOrder();
    if (Chance(15)) query_.set_limit(1 + Below(30));
    return query_;
  }

 private:
  uint64_t Below(uint64_t n) { return random_() % n; }
  bool Chance(uint64_t percent) { return Below(100) < percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& list) {
    return list[Below(list.size())];
  }

  void AddMeasures() {
    std::set<std::string> used;
    for (uint64_t i = 1 + Below(4); i > 0; --i) {
      v1::Measure measure;
      measure.set_name(Pick(kMeasures));
      std::string column = measure.name();
      if (column == "quantile") {
        constexpr uint32_t kQuantiles[] = {1, 2500, 5000, 9500, 10'000};
        measure.set_quantile(kQuantiles[Below(5)]);
        column = absl::StrCat("quantile(", measure.quantile(), ")");
      }
      if (!used.insert(column).second) continue;
      columns_.push_back(column);
      if (kAdditive.count(column) != 0) additive_.push_back(column);
      *query_.add_measures() = measure;
    }
    asked_ = columns_;
  }

  std::string PeriodName(int64_t time_us) {
    const auto grain = static_cast<NaiveGrain>(Below(7));
    return calendar_.At(grain, time_us).name;
  }

  std::string CumulativeName(int64_t time_us) {
    return calendar_.At(NaiveGrain::kYear, time_us).name + (Chance(50) ? "-Q1..Q3" : "-01..02");
  }

  void AddGrainAndRange() {
    query_.set_grain(static_cast<v1::Grain>(Below(9)));
    const bool all = query_.grain() == v1::GRAIN_ALL || query_.grain() == v1::GRAIN_UNSPECIFIED;
    v1::PeriodRange range = SomeRange();
    // The recount is slow at very many hours.
    if (query_.grain() == v1::GRAIN_HOUR) {
      const int64_t a = Pick(world_.events).time_us;
      const int64_t b = a + static_cast<int64_t>(Below(5)) * 86'400'000'000;
      range.set_first(calendar_.At(Chance(50) ? NaiveGrain::kHour : NaiveGrain::kDay, a).name);
      range.set_last(calendar_.At(Chance(50) ? NaiveGrain::kHour : NaiveGrain::kDay, b).name);
    }
    if (Chance(all ? 40 : 5)) {
      const int64_t time_us = Pick(world_.events).time_us;
      range.set_first(Chance(40) ? CumulativeName(time_us) : PeriodName(time_us));
      range.set_last(range.first());
    }
    if (!range.first().empty() || !range.last().empty()) *query_.mutable_range() = range;
    const bool one_period = !range.first().empty() && range.first() == range.last();
    if (all && !one_period) return;
    columns_.push_back("period");
    if (Chance(60)) AddComparison(v1::COMPARISON_YOY, "yoy");
    // Nothing precedes a cumulative period.
    const bool cumulative = all && range.first().find("..") != std::string::npos;
    if (!cumulative && Chance(60)) AddComparison(v1::COMPARISON_PREV, "prev");
    AddYearToDate(all ? NamedGrain(range.first()) : query_.grain());
    AddFarBases(all, range);
    if (!HasGrowth() || query_.cagr_years_size() != 0 || !query_.index_base().empty()) return;
    if (Chance(35)) query_.set_panel(v1::PANEL_MATCHED);
    const bool hours =
        query_.grain() == v1::GRAIN_HOUR || (all && range.first().find('T') != std::string::npos);
    if (!hours && Chance(35)) query_.set_to_date(true);
  }

  // From an event to a later one, so that ranges often begin and end inside the data.
  v1::PeriodRange SomeRange() {
    const int64_t a = Pick(world_.events).time_us, b = Pick(world_.events).time_us;
    v1::PeriodRange range;
    // A day may lie in a week or hour that begins later than the other one ends, never here: the
    // earlier event's period begins before the later event's period ends.
    if (Chance(55)) range.set_first(PeriodName(std::min(a, b)));
    if (Chance(55)) range.set_last(PeriodName(std::max(a, b)));
    return range;
  }

  bool HasGrowth() const {
    return std::any_of(query_.comparisons().begin(), query_.comparisons().end(),
                       [](int comparison) { return comparison != v1::COMPARISON_YTD; });
  }
  bool Asks(v1::Comparison comparison) const {
    return std::count(query_.comparisons().begin(), query_.comparisons().end(), comparison) != 0;
  }
  // Of a period that is a month, quarter, half-year or year.
  static v1::Grain NamedGrain(const std::string& name) {
    if (name.find("..") != std::string::npos) return v1::GRAIN_ALL;
    if (name.find('Q') != std::string::npos) return v1::GRAIN_QUARTER;
    if (name.find('H') != std::string::npos) return v1::GRAIN_HALF_YEAR;
    if (name.size() == 4) return v1::GRAIN_YEAR;
    return name.size() == 7 ? v1::GRAIN_MONTH : v1::GRAIN_DAY;
  }

  void AddYearToDate(v1::Grain grain) {
    const int start = world_.fiscal_start_month - 1;
    const bool fits = grain == v1::GRAIN_MONTH || (grain == v1::GRAIN_QUARTER && start % 3 == 0) ||
                      (grain == v1::GRAIN_HALF_YEAR && start % 6 == 0);
    // Few questions are of one named period that fits.
    const int likely = grain == query_.grain() ? 40 : 90;
    if (!fits || Asks(v1::COMPARISON_PREV) || !Chance(likely)) return;
    const bool both = Chance(40);
    if (both || Chance(50)) AddPerMeasure("ytd", "", v1::COMPARISON_YTD);
    if (both || !Asks(v1::COMPARISON_YTD)) AddComparison(v1::COMPARISON_YTD_YOY, "ytd_yoy");
  }
  void AddPerMeasure(const std::string& name, const std::string& end,
                     v1::Comparison comparison = v1::COMPARISON_UNSPECIFIED) {
    if (comparison != v1::COMPARISON_UNSPECIFIED) query_.add_comparisons(comparison);
    for (const std::string& column : asked_) {
      columns_.push_back(absl::StrCat(name, "(", column, end, ")"));
    }
  }

  void AddFarBases(bool all, const v1::PeriodRange& range) {
    const v1::Grain grain = all ? NamedGrain(range.first()) : query_.grain();
    if (grain >= v1::GRAIN_MONTH && Chance(15)) {
      for (const uint32_t years : {1u, 2u, 3u}) {
        if (!Chance(40)) continue;
        query_.add_cagr_years(years);
        AddPerMeasure("cagr", absl::StrCat(",", years));
      }
    }
    if (!Chance(12)) return;
    const int64_t time_us = Pick(world_.events).time_us;
    if (all) {
      // The same months of another year, or the period itself.
      if (range.first().find("..") == std::string::npos) {
        query_.set_index_base(range.first());
      } else {
        query_.set_index_base(calendar_.At(NaiveGrain::kYear, time_us).name +
                              range.first().substr(4));
      }
    } else {
      query_.set_index_base(
          calendar_.At(static_cast<NaiveGrain>(query_.grain() - 1), time_us).name);
    }
    AddPerMeasure("index", "");
  }

  void AddContributions() {
    if (additive_.empty() || !Chance(50)) return;
    const bool yoy = Asks(v1::COMPARISON_YOY), prev = Asks(v1::COMPARISON_PREV);
    if (!yoy && !prev) return;
    v1::Contribution contribution;
    const bool is_prev = prev && (!yoy || Chance(50));
    if (is_prev) contribution.set_comparison(v1::COMPARISON_PREV);
    v1::Share whole;
    const std::string of = MakeWhole(&whole);
    contribution.set_measure(whole.measure());
    contribution.set_dimension(whole.dimension());
    contribution.set_level(whole.level());
    *query_.add_contributions() = contribution;
    for (const char* name : {"_contribution(", "_contribution_rate("}) {
      columns_.push_back(absl::StrCat(is_prev ? "prev" : "yoy", name, of, ")"));
    }
  }

  void AddLocationQuotients() {
    if (additive_.empty() || query_.dimensions_size() < 2 || !Chance(30)) return;
    v1::LocationQuotient& quotient = *query_.add_location_quotients();
    quotient.set_measure(Pick(additive_));
    quotient.set_dimension(
        query_.dimensions(static_cast<int>(Below(static_cast<uint64_t>(query_.dimensions_size()))))
            .name());
    columns_.push_back(
        absl::StrCat("location_quotient(", quotient.measure(), " of ", quotient.dimension(), ")"));
  }

  void AddComparison(v1::Comparison comparison, const std::string& name) {
    query_.add_comparisons(comparison);
    for (const std::string& column : asked_) {
      columns_.push_back(absl::StrCat(name, "_diff(", column, ")"));
      if (column != "refund_rate" && column != "refund_rate_cohort" &&
          column != "identified_share") {
        columns_.push_back(absl::StrCat(name, "(", column, ")"));
      }
    }
  }

  void AddDimensions() {
    std::set<std::string> used;
    for (uint64_t i = Chance(15) ? 0 : Below(4); i > 0; --i) {
      const std::string name =
          Chance(40) ? Pick<std::string>({"consumer_region", "category"}) : Pick(kDimensions);
      if (!used.insert(name).second) continue;
      v1::Dimension& dimension = *query_.add_dimensions();
      dimension.set_name(name);
      columns_.push_back(name);
      if (!Chance(75)) continue;
      if (IsRegion(name)) dimension.set_level(Pick(kRegionLevels));
      if (name == "category") dimension.set_level(absl::StrCat(1 + Below(5)));
    }
  }

  void AddGeography() {
    if (!Chance(40)) return;
    if (Chance(40)) {
      query_.set_geography(Chance(50) ? v1::GEOGRAPHY_AT_EVENT : v1::GEOGRAPHY_PERIOD_END);
      return;
    }
    query_.set_geography(v1::GEOGRAPHY_FIXED);
    NaiveDate day = DateOf(DayNumber(world_.observatory_start) + static_cast<int64_t>(Below(600)));
    // Often the very day of a change, or the one before.
    const WorldRegion& region = Pick(world_.regions);
    if (region.succeeded) day = DateOf(DayNumber(*region.succeeded) - (Chance(50) ? 1 : 0));
    query_.mutable_fixed_on()->set_year(day.year);
    query_.mutable_fixed_on()->set_month(day.month);
    query_.mutable_fixed_on()->set_day(day.day);
  }

  // Empty: no record of the snapshot has one.
  std::string CodeOf(const std::string& dimension) {
    if (dimension == "source") return Pick(world_.sources).id;
    if (dimension == "category") return Pick(world_.categories).id;
    if (IsRegion(dimension)) {
      if (Chance(35)) return absl::StrCat("regionGroups/", Pick(world_.groups).id);
      return Pick(world_.regions).id;
    }
    if (dimension == "consumer_scheme") return Chance(50) ? "account" : "e164";
    for (int i = 0; i < 30; ++i) {
      const WorldEvent& event = Pick(world_.events);
      if (event.leaf >= log_size_) continue;
      if (dimension == "order" && event.order) return *event.order;
      const auto it = event.fields.find(dimension);
      if (it != event.fields.end()) return it->second;
    }
    return "";
  }

  void AddFilter() {
    v1::Filter filter;
    filter.set_dimension(Chance(30)  ? Pick<std::string>({"consumer_region", "category", "source"})
                         : Chance(8) ? std::string("order")
                                     : Pick(kDimensions));
    filter.set_exclude(Chance(30));
    filter.set_unknown(Chance(30));
    for (const v1::Filter& other : query_.filters()) {
      if (other.dimension() == filter.dimension() && other.exclude() == filter.exclude()) return;
    }
    std::set<std::string> codes;
    const uint64_t least = filter.unknown() ? 0 : 1;
    for (uint64_t i = least + Below(3); i > 0; --i) codes.insert(CodeOf(filter.dimension()));
    codes.erase("");
    if (codes.empty()) filter.set_unknown(true);
    for (const std::string& code : codes) filter.add_codes(code);
    *query_.add_filters() = filter;
  }

  void AddShares() {
    if (additive_.empty() || !Chance(45)) return;
    v1::Share share;
    columns_.push_back(absl::StrCat("share(", MakeWhole(&share), ")"));
    *query_.add_shares() = share;
  }

  // A measure and what it is rolled up to; its text.
  std::string MakeWhole(v1::Share* whole) {
    v1::Share& share = *whole;
    share.set_measure(Pick(additive_));
    std::string column = share.measure();
    if (query_.dimensions_size() != 0 && Chance(70)) {
      const auto& dimension = query_.dimensions(
          static_cast<int>(Below(static_cast<uint64_t>(query_.dimensions_size()))));
      share.set_dimension(dimension.name());
      absl::StrAppend(&column, " of ", dimension.name());
      if (Chance(70)) share.set_level(WiderLevel(dimension));
      if (!share.level().empty()) absl::StrAppend(&column, "@", share.level());
    }
    return column;
  }

  // Empty where there is none.
  std::string WiderLevel(const v1::Dimension& dimension) {
    const bool category = dimension.name() == "category";
    if (!category && !IsRegion(dimension.name())) return "";
    uint64_t below = category ? 4 : kRegionLevels.size();
    if (category && !dimension.level().empty()) below = std::stoull(dimension.level()) - 1;
    if (!category && !dimension.level().empty()) {
      below = static_cast<uint64_t>(
          std::find(kRegionLevels.begin(), kRegionLevels.end(), dimension.level()) -
          kRegionLevels.begin());
    }
    if (below == 0) return "";
    const uint64_t level = Below(below);
    return category ? absl::StrCat(level + 1) : kRegionLevels[level];
  }

  void AddRanks() {
    if (!Chance(40)) return;
    v1::Rank& rank = *query_.add_ranks();
    std::vector<std::string> numbers = asked_;
    for (const std::string& column : columns_) {
      if (Chance(50) && column.find('(') != std::string::npos) numbers.push_back(column);
    }
    rank.set_column(Pick(numbers));
    rank.set_ascending(Chance(40));
    columns_.push_back(absl::StrCat("rank(", rank.column(), rank.ascending() ? " asc)" : ")"));
  }

  void AddOrder() {
    for (const char* column : {"status", "flags", "coverage_complete"}) columns_.push_back(column);
    for (uint64_t i = Below(3); i > 0; --i) {
      v1::OrderBy& order = *query_.add_order_by();
      order.set_column(Pick(columns_));
      order.set_descending(Chance(50));
    }
  }

  const World& world_;
  std::mt19937_64& random_;
  const uint64_t log_size_;
  const NaiveCalendar calendar_{world_.zone};
  v1::Query query_;
  std::vector<std::string> asked_;
  std::vector<std::string> additive_;
  // What can be ordered by.
  std::vector<std::string> columns_;
};

}  // namespace

v1::Query RandomQuery(const World& world, std::mt19937_64* random, uint64_t log_size) {
  return Writer(world, random, log_size).Write();
}

}  // namespace tidemark::analytics::testing
