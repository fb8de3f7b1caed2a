// Values per head and in relation to GDP of random figures in random worlds, through both engines.
#include "clients/cpp/query/canonical.h"
#include "services/analytics/api/query_convert.h"
#include "services/analytics/testing/official_figures.h"
#include "services/analytics/testing/plain_groups.h"
#include "services/analytics/testing/random_query.h"
#include "services/analytics/testing/recount.h"
#include "services/analytics/testing/recount_facts.h"
#include "services/analytics/testing/statistic_campaign.h"
#include "tidemark/analytics/v1/query.pb.h"

namespace tidemark::analytics::testing {
namespace {

const std::vector<std::string> kPlaceDimensions = {"consumer_region", "provider_region",
                                                   "place_of_use"};
const std::set<std::string> kMoney = {"gross", "net", "refunds", "voucher"};

class PerHeadAsker final : public StatisticAsker {
 public:
  PerHeadAsker(FoldedWorld* folded, std::mt19937_64* random, CampaignCounters* counters)
      : StatisticAsker(folded, random, counters),
        plain_(folded->world.zone),
        figures_(folded->world, random, /*sliced=*/false, &reader_) {
    catalog_ = &reader_;
  }
  static World MakeWorld(uint64_t seed, const std::string& zone) {
    return WithoutSuccessors(testing::MakeWorld(seed, 200, zone));
  }

  void Ask() {
    ChooseSnapshot(25);
    ChooseScope(15);
    MakeQuery();
    SCOPED_TRACE(absl::StrCat(folded_.world.zone, " at ", size_, " scope ", scope_, ": ",
                              query::CanonicalText(query_)));
    const PlainTable want = Count();
    EachEngine([&](const StatisticContext& context) {
      ASSERT_OK_AND_ASSIGN(const Table got, AskTable(context, FromProto(query_)));
      CompareRows(
          "per_head", want,
          WithFlags(RowsOf(got, /*with_marks=*/true), {"CARRIED", "PART_YEAR", "QUALIFIED"}));
    });
  }

 private:
  void MakeQuery() {
    query_.Clear();
    const v1::Query drawn = RandomQuery(folded_.world, &random_, size_);
    *query_.mutable_range() = drawn.range();
    query_.set_grain(drawn.grain() == v1::GRAIN_HOUR || drawn.grain() == v1::GRAIN_DAY
                         ? v1::GRAIN_QUARTER
                         : drawn.grain());
    std::vector<std::string> measures = {"gross", "net", "consumers", "events", "voucher"};
    while (query_.measures_size() < 2) {
      const size_t at = Below(measures.size());
      query_.add_measures()->set_name(measures[at]);
      measures.erase(measures.begin() + static_cast<int64_t>(at));
    }
    const bool by_dimension = Chance(65);
    for (const v1::Filter& filter : drawn.filters()) {
      if (by_dimension || kRegionDimensions.count(filter.dimension()) == 0)
        *query_.add_filters() = filter;
    }
    if (by_dimension) {
      v1::Dimension& place = *query_.add_dimensions();
      place.set_name(Pick(kPlaceDimensions));
      place.set_level(Pick<std::string>({"", "nation", "province", "city", "county"}));
    } else {
      v1::Filter& place = *query_.add_filters();
      place.set_dimension(Pick(kPlaceDimensions));
      place.add_codes(Chance(50) ? Pick(folded_.world.regions).id
                                 : "regionGroups/" + Pick(folded_.world.groups).id);
    }
    if (Chance(25)) query_.add_dimensions()->set_name("channel");
    if (Chance(15)) {
      query_.set_geography(v1::GEOGRAPHY_FIXED);
      const NaiveDate day =
          DateOf(DayNumber(folded_.world.observatory_start) + static_cast<int64_t>(Below(700)));
      query_.mutable_fixed_on()->set_year(day.year);
      query_.mutable_fixed_on()->set_month(day.month);
      query_.mutable_fixed_on()->set_day(day.day);
    }
    const bool one_basis = Chance(60);
    for (const v1::Measure& measure : query_.measures()) {
      for (const bool registered : {false, true}) {
        if (one_basis ? registered : Chance(60)) continue;
        v1::PerCapita& per = *query_.add_per_capita();
        per.set_measure(measure.name());
        if (registered) per.mutable_population()->set_kind(catalog::v1::POPULATION_KIND_REGISTERED);
        if (!one_basis && Chance(50))
          per.mutable_population()->set_time(catalog::v1::POPULATION_TIME_YEAR_END);
      }
      if (kMoney.count(measure.name()) != 0 && Chance(70)) query_.add_ratio_to_gdp(measure.name());
    }
  }

  struct Span {
    // Day behind the last one of the year that counts.
    int64_t people_end = 0;
    // Empty: not made of whole days.
    int64_t first = 0, end = 0;
    bool part_year = true;
  };
  Span SpanOf(int64_t start_us) const {
    const bool all = query_.grain() == v1::GRAIN_UNSPECIFIED || query_.grain() == v1::GRAIN_ALL;
    const v1::PeriodRange& range = query_.range();
    const int64_t from = range.first().empty() ? INT64_MIN : plain_.Named(range.first()).start_us;
    const int64_t to = range.last().empty() ? INT64_MAX : plain_.Named(range.last()).end_us;
    NaivePeriod period{"", from, to};
    if (!all) period = plain_.At(static_cast<NaiveGrain>(query_.grain() - 1), start_us);
    Span span;
    const int64_t now = folded_.world.NowAt(size_);
    span.people_end = plain_.DayAt(period.end_us == INT64_MAX ? now : period.end_us - 1) + 1;
    const int64_t asked_from = std::max(from, period.start_us);
    const int64_t asked_to = std::min(to, period.end_us);
    if (asked_from == INT64_MIN || asked_to == INT64_MAX) return span;
    const int64_t first = plain_.DayAt(asked_from), end = plain_.DayAt(asked_to - 1) + 1;
    if (plain_.StartOfDay(first) != asked_from || plain_.StartOfDay(end) != asked_to) return span;
    span.first = first, span.end = end;
    const NaiveDate a = DateOf(first), b = DateOf(end);
    span.part_year = a.year == b.year || DayNumber({b.year, a.month, a.day}) != end;
    return span;
  }

  // Whether who may see only some places is told of this one.
  bool IsTold(const std::string& place, int64_t day) const {
    if (scope_.empty() || place == scope_) return true;
    const std::set<std::string> of = RegionsOfPlace(folded_.world, place, day);
    const std::set<std::string> seen = RegionsOfPlace(folded_.world, scope_, day);
    return !of.empty() && std::all_of(of.begin(), of.end(), [&](const std::string& region) {
      return LiesInAny(folded_.world, region, seen);
    });
  }

  std::string CountsAs(std::string region, int64_t day) const {
    for (bool more = true; more;) {
      more = false;
      for (const WorldRegion& one : folded_.world.regions) {
        if (one.id != region || one.successor.empty() || DayNumber(*one.succeeded) > day) continue;
        region = one.successor;
        more = true;
        break;
      }
    }
    return region;
  }

  PlainTable Count() {
    std::optional<int64_t> fixed;
    if (query_.geography() == v1::GEOGRAPHY_FIXED) {
      const auto& day = query_.fixed_on();
      fixed = DayNumber({static_cast<int>(day.year()), static_cast<int>(day.month()),
                         static_cast<int>(day.day())});
    }
    const RecountTable table = Recount(folded_.world, query_, size_, scope_);
    PlainTable rows;
    for (const std::vector<RecountValue>& values : table.rows) {
      PlainRow row;
      std::string place;
      int64_t start_us = 0;
      std::map<std::string, RecountValue> by_name;
      for (size_t c = 0; c < values.size(); ++c) {
        const std::string& name = table.columns[c];
        const RecountValue& value = values[c];
        if (absl::StartsWith(name, "coverage_") || name == "status" || name == "flags") continue;
        by_name[name] = value;
        if (name == "period") start_us = value.order;
        if (kRegionDimensions.count(name) != 0 && value.member_kind == 0)
          place = "regions/" + value.text;
        row[name] = value.null != 0 ? PlainValue::Null(static_cast<NullReason>(value.null))
                    : value.type == RecountValue::Type::kReal ? PlainValue::Real(value.real)
                    : value.type == RecountValue::Type::kInteger
                        ? PlainValue::Whole(value.integer)
                        : PlainValue::Text(MemberText(value.member_kind, value.text));
      }
      const bool by_dimension =
          query_.dimensions_size() > 0 && kRegionDimensions.count(query_.dimensions(0).name()) != 0;
      if (!by_dimension) {
        const std::string code = query_.filters().rbegin()->codes(0);
        place = absl::StartsWith(code, "regionGroups/")
                    ? code
                    : "regions/" + (fixed ? CountsAs(code, *fixed) : code);
      }
      AddPerHead(place, SpanOf(start_us), fixed, by_name, &row);
      rows.push_back(std::move(row));
    }
    return rows;
  }

  void AddPerHead(const std::string& place, const Span& span, std::optional<int64_t> fixed,
                  const std::map<std::string, RecountValue>& values, PlainRow* row) {
    const bool told = !place.empty() && IsTold(place, span.people_end - 1);
    bool carried = false, qualified = false;
    const auto divide = [&](const std::string& column, const std::string& measure,
                            const OfficialNumber& by) {
      const RecountValue& value = values.at(measure);
      PlainValue& made = (*row)[column];
      if (value.null != 0) {
        made = PlainValue::Null(static_cast<NullReason>(value.null));
      } else if (!by.found()) {
        made = PlainValue::Null(by.null);
      } else if (sgn(by.value) <= 0) {
        made = PlainValue::Null(NullReason::kZeroDenominator);
      } else {
        const bool money = kMoney.count(measure) != 0;
        made = PlainValue::Exactly(
            Nearest(ExactOf(value.integer) * TenTo(money ? -folded_.world.scale : 0) / by.value));
        carried |= by.carried;
        qualified |= by.qualified;
      }
    };
    for (const v1::PerCapita& per : query_.per_capita()) {
      const bool registered = per.population().kind() == catalog::v1::POPULATION_KIND_REGISTERED;
      const bool year_end = per.population().time() == catalog::v1::POPULATION_TIME_YEAR_END;
      OfficialNumber people;
      if (told) {
        people = figures_.Population(registered, year_end, {}, place, span.people_end,
                                     fixed.value_or(span.people_end - 1));
      }
      std::string basis = absl::StrCat(registered ? ",registered" : ",resident",
                                       year_end ? ",year_end" : ",mid_year");
      if (basis == ",resident,mid_year") basis = "";
      divide(absl::StrCat("per_capita(", per.measure(), basis, ")"), per.measure(), people);
    }
    for (const std::string& measure : query_.ratio_to_gdp()) {
      OfficialNumber product;
      if (told)
        product = figures_.Product(place, span.first, span.end, fixed.value_or(span.end - 1));
      divide(absl::StrCat("ratio_to_gdp(", measure, ")"), measure, product);
    }
    std::string flags = carried ? "CARRIED" : "";
    if (query_.per_capita_size() > 0 && span.part_year)
      absl::StrAppend(&flags, flags.empty() ? "" : " ", "PART_YEAR");
    if (qualified) absl::StrAppend(&flags, flags.empty() ? "" : " ", "QUALIFIED");
    (*row)["flags"] = PlainValue::Text(flags);
  }

  const NaiveCalendar plain_;
  PlainCatalog reader_;
  const OfficialFigures figures_;
  v1::Query query_;
};

TEST(PerHeadRecountTest, RandomValuesPerHeadEqualARecount) {
  CampaignCounters counters;
  const int cases =
      AskWorlds<PerHeadAsker>(/*seed=*/8'200, /*worlds=*/8, /*questions=*/60, &counters);
  if (HasFailure()) return;
  EXPECT_GE(cases, 2'400);
  std::vector<std::string> named = {
      "per_head rows",           "per_head flag CARRIED", "per_head flag PART_YEAR",
      "per_head flag QUALIFIED", "region scope",          "as of an earlier size"};
  for (const char* column : {"per_capita(net)", "per_capita(consumers)",
                             "per_capita(gross,registered,year_end)", "ratio_to_gdp(gross)"}) {
    for (const NullReason why : {NullReason::kNoDenominator, NullReason::kZeroDenominator}) {
      named.push_back(NullOf(absl::StrCat("per_head.", column), why));
    }
    named.push_back(absl::StrCat("per_head.", column, " there"));
  }
  for (const char* column : {"per_capita(net)", "per_capita(consumers)", "ratio_to_gdp(gross)"})
    named.push_back(NullOf(absl::StrCat("per_head.", column), NullReason::kNotReported));
  named.push_back(NullOf("per_head.ratio_to_gdp(net)", NullReason::kPeriodMismatch));
  ExpectMet(counters, named);
}

}  // namespace
}  // namespace tidemark::analytics::testing
