// Divides by populations that a catalog states, in random worlds, through both engines.
#include "clients/cpp/query/canonical.h"
#include "common/status/error.h"
#include "services/analytics/api/query_convert.h"
#include "services/analytics/statistics/divide/divide.h"
#include "services/analytics/testing/divide_oracle.h"
#include "services/analytics/testing/official_figures.h"
#include "services/analytics/testing/plain_groups.h"
#include "services/analytics/testing/random_query.h"
#include "services/analytics/testing/statistic_campaign.h"

namespace tidemark::analytics::testing {
namespace {

using Slices = std::map<std::string, std::string>;

class DivideAsker final : public StatisticAsker {
 public:
  DivideAsker(FoldedWorld* folded, std::mt19937_64* random, CampaignCounters* counters)
      : StatisticAsker(folded, random, counters),
        figures_(folded->world, random, /*sliced=*/true, &reader_) {
    catalog_ = &reader_;
  }
  static World MakeWorld(uint64_t seed, const std::string& zone) {
    return WithoutSuccessors(testing::MakeWorld(seed, 250, zone));
  }

  void Ask() {
    ChooseSnapshot(25);
    ChooseScope(20);
    MakeQuery();
    const bool registered = Chance(20), year_end = Chance(35);
    const DenominatorKind kind = {.role = catalog::v1::DENOMINATOR_ROLE_POPULATION,
                                  .people = registered ? catalog::v1::POPULATION_KIND_REGISTERED
                                                       : catalog::v1::POPULATION_KIND_RESIDENT,
                                  .time = year_end ? catalog::v1::POPULATION_TIME_YEAR_END
                                                   : catalog::v1::POPULATION_TIME_MID_YEAR};
    DivideQuestion question{.query = FromProto(query_)};
    if (Chance(50)) question.decompose_by = static_cast<int>(Below(2)) % query_.dimensions_size();
    std::vector<DivideOracle::Pair> pairs;
    if (Chance(50)) {
      pairs.push_back({"a pair", SomeGroup(), SomeGroup()});
      question.pairs.push_back({pairs[0].name, pairs[0].of, pairs[0].to});
    }
    SCOPED_TRACE(absl::StrCat(folded_.world.zone, " at ", size_, " scope ", scope_, ": ",
                              query::CanonicalText(query_)));
    bool any = false;
    const auto populations = [&](int64_t day) {
      const DivideOracle::Populations of = PopulationsOn(registered, year_end, day);
      any |= !of.empty();
      return of;
    };
    const DivideOracle::DivideRows want =
        DivideOracle(folded_.world, query_, size_, scope_)
            .Count({query_.dimensions().begin(), query_.dimensions().end()}, populations,
                   question.decompose_by, pairs);
    EachEngine([&](const StatisticContext& context) {
      ASSERT_OK_AND_ASSIGN(question.populations, ReadPopulations(context, question.query, kind));
      const absl::StatusOr<Divide> got = ComputeDivide(context, question);
      if (!any && !want.indices.empty()) {
        EXPECT_EQ(status::ReasonOf(got.status()), "NO_DENOMINATOR")
            << "FirstDifference(, " << got.status();
        ++counters_["divide without any population"];
        return;
      }
      ASSERT_OK(got.status());
      const auto rows = [](const Table& table) {
        return WithFlags(RowsOf(table, /*with_marks=*/true), {"CARRIED", "QUALIFIED"});
      };
      CompareRows("divide.groups", want.groups, rows(got->groups));
      CompareRows("divide.indices", want.indices, rows(got->indices));
      CompareRows("divide.pairs", want.pairs, rows(got->pairs));
    });
  }

 private:
  void MakeQuery() {
    query_.Clear();
    const v1::Query drawn = RandomQuery(folded_.world, &random_, size_);
    *query_.mutable_range() = drawn.range();
    query_.set_grain(drawn.grain() <= v1::GRAIN_WEEK && drawn.grain() != v1::GRAIN_UNSPECIFIED
                         ? v1::GRAIN_QUARTER
                         : drawn.grain());
    for (const char* const name : {"age_band", "area_type"}) {
      if (Chance(50)) query_.add_dimensions()->set_name(name);
    }
    level_ = 0;
    if (query_.dimensions_size() == 0 || Chance(35)) {
      level_ = 3 + static_cast<int>(Below(4));
      v1::Dimension& place = *query_.add_dimensions();
      place.set_name("consumer_region");
      place.set_level(kLevels[static_cast<size_t>(level_)]);
    }
    place_ = scope_.empty() ? "regions/earth" : scope_;
    for (const v1::Filter& filter : drawn.filters()) {
      if (filter.dimension() != "consumer_region") *query_.add_filters() = filter;
    }
    if (!Chance(45)) return;
    v1::Filter& filter = *query_.add_filters();
    filter.set_dimension("consumer_region");
    filter.add_codes(Chance(50) ? Pick(folded_.world.regions).id
                                : "regionGroups/" + Pick(folded_.world.groups).id);
    filter.set_exclude(level_ != 0 && Chance(30));
    place_ = PlaceOf(filter.codes(0));
  }
  static std::string PlaceOf(const std::string& code) {
    return absl::StartsWith(code, "regionGroups/") ? code : "regions/" + code;
  }

  std::vector<std::string> SomeGroup() {
    std::vector<std::string> codes;
    for (const v1::Dimension& dimension : query_.dimensions()) {
      codes.push_back(dimension.name() == "age_band"    ? Pick<std::string>({"0-17", "60+"})
                      : dimension.name() == "area_type" ? Pick<std::string>({"urban", "rural"})
                                                        : Pick(folded_.world.regions).id);
    }
    return codes;
  }

  bool IsIn(const std::string& place, const std::string& outer, int64_t day) const {
    if (place == outer) return true;
    const std::set<std::string> of = RegionsOfPlace(folded_.world, place, day);
    const std::set<std::string> in = RegionsOfPlace(folded_.world, outer, day);
    return !of.empty() && std::all_of(of.begin(), of.end(), [&](const std::string& region) {
      return LiesInAny(folded_.world, region, in);
    });
  }
  bool IsKept(const std::string& place, int64_t day) const {
    if (!scope_.empty() && !IsIn(place, scope_, day)) return false;
    for (const v1::Filter& filter : query_.filters()) {
      if (level_ == 0 || filter.dimension() != "consumer_region") continue;
      if (IsIn(place, PlaceOf(filter.codes(0)), day) == filter.exclude()) return false;
    }
    return true;
  }
  bool IsKept(const Slices& slices) const {
    for (const v1::Filter& filter : query_.filters()) {
      const auto slice = slices.find(filter.dimension());
      if (slice == slices.end()) continue;
      const bool named = std::find(filter.codes().begin(), filter.codes().end(), slice->second) !=
                         filter.codes().end();
      if (named == filter.exclude()) return false;
    }
    return true;
  }

  DivideOracle::Populations PopulationsOn(bool registered, bool year_end, int64_t day) const {
    std::set<std::string> sliced;
    for (const v1::Dimension& dimension : query_.dimensions()) {
      if (dimension.name() != "consumer_region") sliced.insert(dimension.name());
    }
    std::vector<std::string> places = {place_};
    if (level_ != 0) places.clear();
    for (const WorldRegion& region : folded_.world.regions) {
      if (region.IsOf(level_)) places.push_back("regions/" + region.id);
    }
    DivideOracle::Populations found;
    for (const Slices& slices : figures_.SlicesOf(registered, year_end, sliced)) {
      for (const std::string& place : places) {
        if (!IsKept(slices) || !IsKept(place, day)) continue;
        const OfficialNumber number =
            figures_.Population(registered, year_end, slices, place, day + 1, day);
        const int64_t persons = FloorOf(number.value + Exact(1, 2)).get_si();
        if (!number.found() || persons <= 0) continue;
        std::vector<std::string> codes;
        for (const v1::Dimension& dimension : query_.dimensions()) {
          const bool region = dimension.name() == "consumer_region";
          codes.push_back(region ? place.substr(8) : slices.at(dimension.name()));
        }
        found[codes] = {persons, number.carried, number.qualified};
      }
    }
    return found;
  }

  PlainCatalog reader_;
  const OfficialFigures figures_;
  v1::Query query_;
  // The place that all groups are of; with a dimension of regions its level.
  std::string place_;
  int level_ = 0;
};

TEST(DivideRecountTest, RandomDividesByTheCatalogEqualARecount) {
  CampaignCounters counters;
  const int cases =
      AskWorlds<DivideAsker>(/*seed=*/9'300, /*worlds=*/4, /*questions=*/50, &counters);
  if (HasFailure()) return;
  EXPECT_GE(cases, 1'000);
  constexpr NullReason kNoDenominator = NullReason::kNoDenominator;
  constexpr NullReason kZeroDenominator = NullReason::kZeroDenominator;
  ExpectMet(
      counters,
      {"divide.groups rows", "divide.indices rows", "divide.pairs rows",
       "divide.groups flag CARRIED", "divide.groups flag QUALIFIED", "divide.indices flag CARRIED",
       "divide.indices flag QUALIFIED", "divide.pairs flag CARRIED",
       "divide without any population", NullOf("divide.groups.per_head", kNoDenominator),
       NullOf("divide.groups.population", kNoDenominator),
       NullOf("divide.indices.per_head", kNoDenominator),
       NullOf("divide.indices.gini", kZeroDenominator),
       NullOf("divide.pairs.ratio", kNoDenominator), NullOf("divide.pairs.ratio", kZeroDenominator),
       "divide.pairs.ratio there", "divide.indices.theil_between there", "region scope",
       "as of an earlier size"});
}

}  // namespace
}  // namespace tidemark::analytics::testing
