#include "services/catalog/domain/apply_plan.h"

#include <random>

#include "common/testing/status_matchers.h"
#include "services/catalog/domain/etag.h"
#include "services/catalog/domain/testing_resources.h"
#include "services/catalog/types/contract_rules.h"

namespace tidemark::catalog {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::MakeCategory;
using testing::MakeGroup;
using testing::MakeObservatory;
using testing::MakeRegion;
using testing::MakeScheme;
using testing::MakeSource;
using ::testing::UnorderedElementsAre;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

constexpr auto kNation = RegionLevel::kNation;
constexpr auto kCity = RegionLevel::kCity;
constexpr auto kFailed = absl::StatusCode::kFailedPrecondition;

class ApplyPlanTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::vector<Change>> Plan(const std::vector<Resource>& resources) {
    std::vector<WantedState> wanted;
    for (const Resource& resource : resources) wanted.push_back({resource, ""});
    return PlanApply(state_, wanted, {++version_, 1000, "p"});
  }
  // Plans and does it.
  absl::Status Apply(const std::vector<Resource>& resources) {
    const auto changes = Plan(resources);
    if (!changes.ok()) return changes.status();
    for (const Change& change : *changes) state_.Put(change.after);
    return absl::OkStatus();
  }

  static Resource Valid(Resource resource, Validity validity) {
    if (auto* region = std::get_if<Region>(&resource.content)) region->valid = validity;
    if (auto* category = std::get_if<Category>(&resource.content)) category->valid = validity;
    return resource;
  }

  NewestState state_{RulesOfContract()};
  uint64_t version_ = 0;
};

TEST_F(ApplyPlanTest, StampsWhatChanges) {
  ASSERT_OK(Apply({MakeRegion("a", kNation)}));
  Resource changed = MakeRegion("a", kNation);
  changed.description = "x";
  ASSERT_OK_AND_ASSIGN(const auto changes, Plan({changed, MakeRegion("b", kNation)}));
  EXPECT_EQ(changes[0].kind, ChangeKind::kUpdate);
  EXPECT_EQ(changes[0].before->version, 1u);
  EXPECT_EQ(changes[0].after->version, 2u);
  EXPECT_EQ(changes[0].after->updated_by, "p");
  EXPECT_EQ(changes[1].kind, ChangeKind::kCreate);
}

TEST_F(ApplyPlanTest, LevelsGrowDownwards) {
  ASSERT_OK(Apply({MakeRegion("n", kNation), MakeRegion("c", kCity, "n")}));
  EXPECT_THAT(Plan({MakeRegion("m", kNation, "n")}), ReasonIs("LEVEL_ORDER"));
  EXPECT_THAT(Plan({MakeRegion("m", RegionLevel::kWorld, "c")}), ReasonIs("LEVEL_ORDER"));
  // A parent that sinks below its child.
  EXPECT_THAT(Plan({MakeRegion("n", RegionLevel::kCounty)}),
              AllOf(StatusIs(kFailed, HasSubstr("regions/c")), ReasonIs("LEVEL_ORDER")));
  EXPECT_OK(
      Plan({MakeRegion("n", RegionLevel::kCounty), MakeRegion("c", RegionLevel::kTownship, "n")}));
}

TEST_F(ApplyPlanTest, WhatLiesInARegionOfSeveralLevelsLiesBelowAllOfThem) {
  const auto region = [](std::string id, RegionLevel level, RegionLevel lowest) {
    Resource made = MakeRegion(std::move(id), level, "n");
    std::get<Region>(made.content).lowest_level = lowest;
    return made;
  };
  const Resource municipality = region("m", RegionLevel::kProvince, kCity);
  ASSERT_OK(Apply({MakeRegion("n", kNation), municipality,
                   MakeRegion("p", RegionLevel::kProvince, "n"), MakeRegion("c", kCity, "p")}));
  EXPECT_OK(Plan({MakeRegion("d", RegionLevel::kCounty, "m")}));
  EXPECT_THAT(Plan({MakeRegion("d", kCity, "m")}),
              AllOf(StatusIs(kFailed, HasSubstr("below the level of regions/m, CITY")),
                    ReasonIs("LEVEL_ORDER")));
  // A province with a city in it cannot become one.
  EXPECT_THAT(Plan({region("p", RegionLevel::kProvince, kCity)}),
              AllOf(StatusIs(kFailed, HasSubstr("lowest_level")),
                    StatusIs(kFailed, HasSubstr("regions/c")), ReasonIs("LEVEL_ORDER")));
  EXPECT_THAT(Plan({region("n2", kNation, RegionLevel::kProvince)}), ReasonIs("LEVEL_ORDER"));
}

TEST_F(ApplyPlanTest, AParentsValidityCoversTheChilds) {
  const Date y1 = {2010, 1, 1}, y2 = {2020, 1, 1};
  for (const bool regions : {true, false}) {
    const Resource parent = regions ? MakeRegion("p", kNation) : MakeCategory("p");
    const Resource child = regions ? MakeRegion("k", kCity, "p") : MakeCategory("k", "p");
    EXPECT_THAT(Plan({Valid(parent, {y1, y2}), child}), ReasonIs("VALIDITY_NOT_COVERED"));
    EXPECT_OK(Apply({Valid(parent, {y1, y2}), Valid(child, {y1, y2})}));
    const auto shrunk = Plan({Valid(parent, {y1, Date{2019, 1, 1}})});
    EXPECT_THAT(shrunk,
                AllOf(StatusIs(kFailed, HasSubstr(child.name)), ReasonIs("VALIDITY_NOT_COVERED")));
    EXPECT_OK(Plan({Valid(parent, {y1, Date{2019, 1, 1}}), Valid(child, {y1, Date{2019, 1, 1}})}));
    // The child may move away in the same request.
    Resource moved = child;
    if (regions) {
      std::get<Region>(moved.content).parent = "";
    } else {
      std::get<Category>(moved.content).parent = "";
    }
    EXPECT_OK(Plan({Valid(parent, {y2, std::nullopt}), moved}));
  }
}

TEST_F(ApplyPlanTest, NoCycles) {
  ASSERT_OK(Apply({MakeCategory("a"), MakeCategory("b", "a"), MakeCategory("c", "b")}));
  EXPECT_THAT(Plan({MakeCategory("a", "c")}), AllOf(StatusIs(kFailed), ReasonIs("CYCLE")));
  EXPECT_THAT(Plan({MakeCategory("x", "x")}), ReasonIs("CYCLE"));
  EXPECT_OK(Plan({MakeCategory("a", "c"), MakeCategory("c")}));
  EXPECT_THAT(Plan({MakeRegion("r", kCity, "r")}), ReasonIs("CYCLE"));
  ASSERT_OK(Apply({MakeGroup("g", {}), MakeGroup("h", {"regionGroups/g"})}));
  EXPECT_THAT(Plan({MakeGroup("g", {"regionGroups/h"})}), ReasonIs("CYCLE"));
  EXPECT_THAT(Plan({MakeGroup("s", {"regionGroups/s"})}), ReasonIs("CYCLE"));
  // A diamond is no cycle.
  EXPECT_OK(Plan({MakeGroup("i", {"regionGroups/g"}),
                  MakeGroup("top", {"regionGroups/h", "regionGroups/i"})}));
}

// Random graphs of groups; the oracle tries every path.
TEST_F(ApplyPlanTest, FindsExactlyTheGroupCycles) {
  std::mt19937 random(11);
  int cyclic = 0;
  for (int round = 0; round < 400; ++round) {
    constexpr int kGroups = 6;
    std::vector<std::vector<int>> edges(kGroups);
    std::vector<Resource> groups;
    for (int i = 0; i < kGroups; ++i) {
      std::vector<std::string> members;
      for (int j = 0; j < kGroups; ++j) {
        if (random() % 6 != 0) continue;
        edges[i].push_back(j);
        members.push_back(absl::StrCat("regionGroups/g", j));
      }
      groups.push_back(MakeGroup(absl::StrCat("g", i), members));
    }
    std::function<bool(int, int)> returns = [&](int at, int depth) {
      if (depth > kGroups) return true;
      for (const int next : edges[at]) {
        if (returns(next, depth + 1)) return true;
      }
      return false;
    };
    bool want = false;
    for (int i = 0; i < kGroups; ++i) want = want || returns(i, 0);
    cyclic += want ? 1 : 0;
    EXPECT_EQ(!Plan(groups).ok(), want) << "round " << round;
  }
  EXPECT_GT(cyclic, 50);
  EXPECT_LT(cyclic, 350);
}

TEST_F(ApplyPlanTest, NothingDangles) {
  Resource source = MakeSource("s");
  std::get<Source>(source.content).regions = {"regions/n", "regionGroups/g"};
  EXPECT_THAT(Plan({source}), AllOf(StatusIs(kFailed, HasSubstr("resources[0].source.regions[0]")),
                                    ReasonIs("DANGLING_REFERENCE")));
  EXPECT_OK(Plan({source, MakeRegion("n", kNation), MakeGroup("g", {"regions/n"})}));
  Resource scheme = MakeScheme("x");
  std::get<IdentifierScheme>(scheme.content).source = "sources/none";
  EXPECT_THAT(Plan({scheme}), ReasonIs("DANGLING_REFERENCE"));
}

TEST_F(ApplyPlanTest, SomeFieldsCannotChange) {
  ASSERT_OK(Apply({MakeSource("s"), MakeScheme("x")}));
  EXPECT_THAT(Plan({MakeSource("s", SourceKind::kTest)}),
              AllOf(StatusIs(kFailed), ReasonIs("IMMUTABLE_FIELD")));
  Resource scheme = MakeScheme("x");
  std::get<IdentifierScheme>(scheme.content).normalisation = Normalisation::kLower;
  EXPECT_THAT(Plan({scheme}), ReasonIs("IMMUTABLE_FIELD"));
}

TEST_F(ApplyPlanTest, OneObservatoryAndItsLogIsNotInput) {
  EXPECT_THAT(Plan({MakeObservatory("a"), MakeObservatory("b")}), ReasonIs("ONLY_ONE_OBSERVATORY"));
  Resource observatory = MakeObservatory("a");
  std::get<Observatory>(observatory.content).log_id = std::string(32, 'f');
  std::get<Observatory>(observatory.content).fiscal_start_month = 0;
  ASSERT_OK(Apply({observatory}));
  const auto& stored = std::get<Observatory>(state_.observatory()->content);
  EXPECT_EQ(stored.log_id, "");
  EXPECT_EQ(stored.fiscal_start_month, 1u);
  ASSERT_OK_AND_ASSIGN(const auto again, Plan({observatory}));
  EXPECT_EQ(again[0].kind, ChangeKind::kNone);
}

TEST_F(ApplyPlanTest, NamesComeOnceAndResourcesStaySmall) {
  EXPECT_THAT(Plan({MakeCategory("a"), MakeCategory("a")}),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("resources[1].name")));
  Resource large = MakeCategory("a");
  auto& aliases = std::get<Category>(large.content).aliases;
  for (int i = 0; i < 6000; ++i) aliases.push_back(absl::StrCat(std::string(190, 'x'), i));
  EXPECT_THAT(Plan({large}), ReasonIs("RESOURCE_TOO_LARGE"));
}

// c0 is the root, c(N-1) the deepest.
std::vector<Resource> Chain(const std::string& prefix, int levels) {
  std::vector<Resource> chain = {MakeCategory(prefix + "0")};
  for (int i = 1; i < levels; ++i) {
    chain.push_back(MakeCategory(absl::StrCat(prefix, i), absl::StrCat(prefix, i - 1)));
  }
  return chain;
}

TEST_F(ApplyPlanTest, CategoriesGoThirtyTwoLevelsDeep) {
  EXPECT_THAT(Plan(Chain("c", 33)),
              AllOf(StatusIs(kFailed, HasSubstr("categories/c32")), ReasonIs("TOO_DEEP")));
  ASSERT_OK(Apply(Chain("c", 32)));
  EXPECT_THAT(Plan({MakeCategory("below", "c31")}), ReasonIs("TOO_DEEP"));
  EXPECT_OK(Plan({MakeCategory("beside", "c30")}));
  Resource same = MakeCategory("c31", "c30");
  same.description = "new";
  EXPECT_OK(Plan({same}));
}

TEST_F(ApplyPlanTest, WhatLiesBelowACategoryThatMovesMustNotGetTooDeep) {
  ASSERT_OK(Apply(Chain("a", 20)));
  ASSERT_OK(Apply(Chain("b", 13)));
  // b0 to b12 below a19 would be levels 21 to 33.
  EXPECT_THAT(Plan({MakeCategory("b0", "a19")}),
              AllOf(StatusIs(kFailed, HasSubstr("categories/b12")), ReasonIs("TOO_DEEP")));
  EXPECT_OK(Plan({MakeCategory("b0", "a18")}));
  // What moves away in the same request does not count, what comes does.
  EXPECT_OK(Plan({MakeCategory("b0", "a19"), MakeCategory("b12", "a0")}));
  EXPECT_THAT(Plan({MakeCategory("b0", "a18"), MakeCategory("new", "b12")}), ReasonIs("TOO_DEEP"));
  EXPECT_THAT(Plan({MakeCategory("b0", "a18"), MakeCategory("a0", "c0"), MakeCategory("c0")}),
              ReasonIs("TOO_DEEP"));
}

TEST_F(ApplyPlanTest, AChainOfAllThatARequestMayHoldIsRefusedInOnePass) {
  std::vector<Resource> chain = Chain("c", 10'000);
  EXPECT_THAT(Plan(chain), ReasonIs("TOO_DEEP"));
  chain[0] = MakeCategory("c0", "c9999");
  EXPECT_THAT(Plan(chain), ReasonIs("CYCLE"));
}

std::vector<Resource> Nested(int groups) {
  std::vector<Resource> nested = {MakeGroup("g0", {"regions/r"})};
  for (int i = 1; i < groups; ++i) {
    nested.push_back(MakeGroup(absl::StrCat("g", i), {absl::StrCat("regionGroups/g", i - 1)}));
  }
  return nested;
}

TEST_F(ApplyPlanTest, GroupsNestSixteenDeep) {
  ASSERT_OK(Apply({MakeRegion("r", kNation)}));
  EXPECT_THAT(Plan(Nested(17)),
              AllOf(StatusIs(kFailed, HasSubstr("nests 17 groups in regionGroups/g16")),
                    ReasonIs("TOO_DEEP")));
  EXPECT_THAT(Plan(Nested(10'000)), ReasonIs("TOO_DEEP"));
  ASSERT_OK(Apply(Nested(16)));
  EXPECT_THAT(Plan({MakeGroup("top", {"regionGroups/g15"})}), ReasonIs("TOO_DEEP"));
  // A change at the bottom is judged by what is above.
  EXPECT_THAT(Plan({MakeGroup("g0", {"regionGroups/low"}), MakeGroup("low", {"regions/r"})}),
              AllOf(StatusIs(kFailed, HasSubstr("regionGroups/g15")), ReasonIs("TOO_DEEP")));
  EXPECT_OK(Plan({MakeGroup("g0", {"regionGroups/low"}), MakeGroup("low", {"regions/r"}),
                  MakeGroup("g8", {"regions/r"})}));
}

TEST_F(ApplyPlanTest, GroupsHoldAMillionMembershipsTogether) {
  std::vector<Resource> regions;
  std::vector<std::string> names;
  for (int i = 0; i < 1'000; ++i) {
    regions.push_back(MakeRegion(absl::StrCat("r", i), kNation));
    names.push_back(regions.back().name);
  }
  ASSERT_OK(Apply(regions));
  // a: 1,000; b: 100 times that; c: 10 times that, which is the limit.
  const auto times = [&](const std::string& id, const std::string& member, int count) {
    Resource group = MakeGroup(id, {});
    for (int i = 0; i < count; ++i) {
      std::get<RegionGroup>(group.content)
          .members.push_back({member, {Date{2000 + i, 1, 1}, Date{2001 + i, 1, 1}}});
    }
    return group;
  };
  ASSERT_OK(Apply({MakeGroup("a", names), times("b", "regionGroups/a", 100),
                   times("c", "regionGroups/b", 10)}));
  names.push_back("regions/extra");
  EXPECT_THAT(Plan({MakeRegion("extra", kNation), MakeGroup("a", names)}),
              AllOf(StatusIs(kFailed, HasSubstr("regionGroups/c")), ReasonIs("GROUP_TOO_LARGE")));
  EXPECT_THAT(Plan({times("c", "regionGroups/b", 11)}), ReasonIs("GROUP_TOO_LARGE"));
}

TEST_F(ApplyPlanTest, EtagsMustMatchWhenGiven) {
  ASSERT_OK(Apply({MakeCategory("a")}));
  const std::string etag = EtagOf(*state_.Find("categories/a"));
  std::vector<WantedState> wanted = {{MakeCategory("a"), etag}};
  EXPECT_OK(PlanApply(state_, wanted, {}));
  wanted[0].etag = "other";
  EXPECT_THAT(PlanApply(state_, wanted, {}),
              AllOf(StatusIs(absl::StatusCode::kAborted), ReasonIs("ETAG_MISMATCH")));
  wanted[0] = {MakeCategory("new"), etag};
  EXPECT_THAT(PlanApply(state_, wanted, {}), StatusIs(absl::StatusCode::kAborted));
  wanted[0] = {MakeCategory("new"), "absent"};
  EXPECT_OK(PlanApply(state_, wanted, {}));
  wanted[0] = {MakeCategory("a"), "absent"};
  EXPECT_THAT(PlanApply(state_, wanted, {}),
              AllOf(StatusIs(absl::StatusCode::kAborted, HasSubstr("exists already")),
                    ReasonIs("ETAG_MISMATCH")));
}

TEST_F(ApplyPlanTest, ReferrersFollowEveryChange) {
  const auto referrers = [&](std::string_view target) {
    std::vector<std::string> names;
    state_.ForEachReferrer(target, [&](std::string_view name) { names.emplace_back(name); });
    return names;
  };
  ASSERT_OK(Apply(
      {MakeRegion("a", kNation), MakeGroup("g", {"regions/a"}), MakeRegion("c", kCity, "a")}));
  EXPECT_THAT(referrers("regions/a"), UnorderedElementsAre("regionGroups/g", "regions/c"));
  ASSERT_OK(Apply({MakeGroup("g", {})}));
  EXPECT_THAT(referrers("regions/a"), UnorderedElementsAre("regions/c"));
  state_.Remove("regions/c");
  EXPECT_EQ(state_.referrers("regions/a"), 0u);
}

TEST_F(ApplyPlanTest, NearestNamesComeNearestFirst) {
  ASSERT_OK(Apply({MakeCategory("phones"), MakeCategory("phone"), MakeCategory("tablets")}));
  const auto candidates = state_.Candidates("categories/phonee");
  EXPECT_THAT(NearestNames(candidates, "categories/phonee", 3),
              ::testing::ElementsAre("categories/phone", "categories/phones"));
  EXPECT_THAT(NotFound(candidates, "categories/tablet"),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("near it: categories/tablets")));
}

}  // namespace
}  // namespace tidemark::catalog
