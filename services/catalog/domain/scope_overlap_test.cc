// What two LIVE sources may both report needs a precedence: judged through PlanApply, as a steward
// meets it.
#include "services/catalog/domain/scope_overlap.h"

#include <random>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "services/catalog/domain/apply_plan.h"
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
using ::tidemark::testing::IsOk;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

constexpr auto kFailed = absl::StatusCode::kFailedPrecondition;
const std::vector<ReportingRole> kPayment = {ReportingRole::kPayment};

class ScopeOverlapTest : public ::testing::Test {
 protected:
  absl::Status Check(const std::vector<Resource>& resources) {
    std::vector<WantedState> wanted;
    for (const Resource& resource : resources) wanted.push_back({resource, ""});
    return PlanApply(state_, wanted, {++version_, 1000, "p"}).status();
  }
  absl::Status Apply(const std::vector<Resource>& resources) {
    std::vector<WantedState> wanted;
    for (const Resource& resource : resources) wanted.push_back({resource, ""});
    const auto changes = PlanApply(state_, wanted, {++version_, 1000, "p"});
    if (!changes.ok()) return changes.status();
    for (const Change& change : *changes) state_.Put(change.after);
    return absl::OkStatus();
  }
  // As an earlier release stored it, which judged no overlaps.
  void Store(const Resource& resource) { state_.Put(std::make_shared<Resource>(resource)); }

  static Resource Reporting(std::string id, std::vector<std::string> categories,
                            std::vector<std::string> regions = {}, Validity window = {},
                            std::vector<Channel> channels = {}) {
    Resource resource = testing::MakeSource(std::move(id));
    Source& source = std::get<Source>(resource.content);
    source.categories = std::move(categories);
    source.regions = std::move(regions);
    source.reports = window;
    source.channels = std::move(channels);
    return resource;
  }
  static Resource With(Resource resource, std::vector<ReportingRole> precedence) {
    if (auto* category = std::get_if<Category>(&resource.content)) {
      category->precedence = std::move(precedence);
    } else {
      std::get<Observatory>(resource.content).precedence = std::move(precedence);
    }
    return resource;
  }

  // food › fruit › apples, food › tea; travel. nation › province › city, and province-2.
  void SetUp() override {
    ASSERT_OK(Apply({MakeObservatory(), MakeCategory("food"), MakeCategory("fruit", "food"),
                     MakeCategory("apples", "fruit"), MakeCategory("tea", "food"),
                     MakeCategory("travel"), MakeRegion("nation", RegionLevel::kNation),
                     MakeRegion("province", RegionLevel::kProvince, "nation"),
                     MakeRegion("province-2", RegionLevel::kProvince, "nation"),
                     MakeRegion("city", RegionLevel::kCity, "province")}));
  }

  NewestState state_{RulesOfContract()};
  uint64_t version_ = 0;
};

TEST_F(ScopeOverlapTest, ASecondSourceOfEverythingIsRefusedAndToldWhatToDo) {
  ASSERT_OK(Apply({Reporting("b", {})}));
  const absl::Status refused = Check({Reporting("a", {})});
  EXPECT_THAT(
      refused,
      StatusIs(kFailed, AllOf(HasSubstr("sources/a and sources/b"), HasSubstr("categories/food"),
                              HasSubstr("set `precedence`"), HasSubstr("the observatory"))));
  EXPECT_THAT(refused, ReasonIs("SCOPES_OVERLAP"));
  // TEST sources never count.
  EXPECT_OK(Check({testing::MakeSource("a", SourceKind::kTest)}));
  EXPECT_OK(Check({With(MakeObservatory(), kPayment), Reporting("a", {})}));
}

TEST_F(ScopeOverlapTest, BothInOneRequestAreJudgedAsWell) {
  EXPECT_THAT(Check({Reporting("a", {}), Reporting("b", {})}), ReasonIs("SCOPES_OVERLAP"));
}

TEST_F(ScopeOverlapTest, CategoriesOverlapWithWhatIsBelowThem) {
  ASSERT_OK(Apply({Reporting("a", {"categories/fruit"})}));
  EXPECT_THAT(Check({Reporting("b", {"categories/apples"})}),
              StatusIs(kFailed, HasSubstr("categories/apples")));
  EXPECT_THAT(Check({Reporting("b", {"categories/food"})}),
              StatusIs(kFailed, HasSubstr("categories/fruit")));
  EXPECT_THAT(Check({Reporting("b", {})}), StatusIs(kFailed, HasSubstr("categories/fruit")));
  EXPECT_OK(Check({Reporting("b", {"categories/tea", "categories/travel"})}));
}

TEST_F(ScopeOverlapTest, APrecedenceOnTheCategoryOrAboveItIsEnough) {
  ASSERT_OK(Apply({Reporting("a", {"categories/food"})}));
  const Resource b = Reporting("b", {"categories/fruit"});
  EXPECT_OK(Check({b, With(MakeCategory("fruit", "food"), kPayment)}));
  EXPECT_OK(Check({b, With(MakeCategory("food"), kPayment)}));
  // Below is not enough: other fruit is shared too.
  EXPECT_THAT(Check({b, With(MakeCategory("apples", "fruit"), kPayment)}),
              StatusIs(kFailed, HasSubstr("categories/fruit")));
}

TEST_F(ScopeOverlapTest, SourcesOfEverythingNeedOneForEveryRoot) {
  ASSERT_OK(Apply({With(MakeCategory("food"), kPayment)}));
  EXPECT_THAT(Check({Reporting("a", {}), Reporting("b", {})}),
              StatusIs(kFailed, HasSubstr("categories/travel")));
  ASSERT_OK(
      Apply({With(MakeCategory("travel"), kPayment), Reporting("a", {}), Reporting("b", {})}));
  EXPECT_THAT(Check({MakeCategory("toys")}), ReasonIs("SCOPES_OVERLAP"));
  EXPECT_OK(Check({MakeCategory("black-tea", "tea")}));
}

TEST_F(ScopeOverlapTest, PrecedenceThatTwoSourcesNeedStays) {
  ASSERT_OK(Apply({With(MakeCategory("food"), kPayment), Reporting("a", {"categories/fruit"}),
                   Reporting("b", {"categories/fruit"})}));
  EXPECT_THAT(Check({MakeCategory("food")}),
              StatusIs(kFailed, AllOf(HasSubstr("resources[0].category.precedence"),
                                      HasSubstr("categories/fruit"))));
  EXPECT_THAT(Check({MakeCategory("fruit")}), ReasonIs("SCOPES_OVERLAP"));
  EXPECT_OK(Check({MakeCategory("food"), With(MakeCategory("fruit", "food"), kPayment)}));
  EXPECT_OK(Check({MakeCategory("tea")}));
  ASSERT_OK(Apply({With(MakeObservatory(), kPayment), MakeCategory("food")}));
  EXPECT_THAT(Check({MakeObservatory()}),
              StatusIs(kFailed, HasSubstr("resources[0].observatory.precedence")));
}

TEST_F(ScopeOverlapTest, ACategoryThatMovesTakesItsSourcesAlong) {
  ASSERT_OK(Apply({Reporting("a", {"categories/travel"}), Reporting("b", {"categories/apples"})}));
  EXPECT_OK(Check({MakeCategory("tea", "travel")}));
  EXPECT_THAT(Check({MakeCategory("fruit", "travel")}),
              StatusIs(kFailed, AllOf(HasSubstr("sources/a and sources/b"),
                                      HasSubstr("categories/apples"))));
}

TEST_F(ScopeOverlapTest, RegionsOverlapWithWhatIsBelowThem) {
  ASSERT_OK(Apply({Reporting("a", {}, {"regions/province"})}));
  EXPECT_THAT(Check({Reporting("b", {}, {"regions/city"})}), ReasonIs("SCOPES_OVERLAP"));
  EXPECT_THAT(Check({Reporting("b", {}, {"regions/nation"})}), ReasonIs("SCOPES_OVERLAP"));
  EXPECT_THAT(Check({Reporting("b", {})}), ReasonIs("SCOPES_OVERLAP"));
  ASSERT_OK(Apply({Reporting("b", {}, {"regions/province-2"})}));
  EXPECT_THAT(Check({MakeRegion("city", RegionLevel::kCity, "province-2")}), IsOk());
  ASSERT_OK(Apply({Reporting("a", {}, {"regions/city"})}));
  EXPECT_THAT(Check({MakeRegion("city", RegionLevel::kCity, "province-2")}),
              StatusIs(kFailed, HasSubstr("resources[0].region.parent")));
}

TEST_F(ScopeOverlapTest, GroupsAreTheirMembers) {
  ASSERT_OK(Apply({MakeGroup("inner", {"regions/city"}), MakeGroup("outer", {"regionGroups/inner"}),
                   Reporting("a", {}, {"regionGroups/outer"})}));
  EXPECT_THAT(Check({Reporting("b", {}, {"regions/province"})}), ReasonIs("SCOPES_OVERLAP"));
  ASSERT_OK(Apply({Reporting("b", {}, {"regions/province-2"})}));
  EXPECT_THAT(Check({MakeGroup("inner", {"regions/city", "regions/province-2"})}),
              StatusIs(kFailed, AllOf(HasSubstr("resources[0].region_group.members"),
                                      HasSubstr("sources/a and sources/b"))));
  Resource later = MakeGroup("inner", {"regions/city", "regions/province-2"});
  std::get<RegionGroup>(later.content).members[1].valid.start = Date{2024, 1, 1};
  EXPECT_THAT(Check({later}), ReasonIs("SCOPES_OVERLAP"));
  // Out of the group before the other source begins.
  std::get<RegionGroup>(later.content).members[1].valid = {Date{2023, 1, 1}, Date{2024, 1, 1}};
  EXPECT_OK(Check({later, Reporting("b", {}, {"regions/province-2"}, {Date{2024, 1, 1}, {}})}));
}

TEST_F(ScopeOverlapTest, WindowsAndChannelsKeepSourcesApart) {
  ASSERT_OK(Apply({Reporting("a", {}, {}, {{}, Date{2024, 1, 1}}, {Channel::kOnline})}));
  EXPECT_OK(Check({Reporting("b", {}, {}, {Date{2024, 1, 1}, {}})}));
  EXPECT_THAT(Check({Reporting("b", {}, {}, {Date{2023, 12, 31}, {}})}),
              ReasonIs("SCOPES_OVERLAP"));
  EXPECT_OK(Check({Reporting("b", {}, {}, {}, {Channel::kOffline, Channel::kHybrid})}));
  EXPECT_THAT(Check({Reporting("b", {}, {}, {}, {Channel::kOffline, Channel::kOnline})}),
              ReasonIs("SCOPES_OVERLAP"));
}

TEST_F(ScopeOverlapTest, AnOverlapOfAnEarlierReleaseStandsInNobodysWay) {
  Store(Reporting("a", {}));
  Store(Reporting("b", {}));
  Resource renamed = Reporting("a", {});
  renamed.description = "renamed";
  EXPECT_OK(Check({renamed}));
  EXPECT_OK(Check({Reporting("a", {}, {}, {{}, Date{2030, 1, 1}})})) << "a source may end";
  EXPECT_OK(Check({MakeCategory("black-tea", "tea"), MakeRegion("x", RegionLevel::kNation)}));
  EXPECT_OK(Check({MakeGroup("g", {"regions/city"})}));
  Resource observatory = MakeObservatory();
  observatory.description = "renamed";
  EXPECT_OK(Check({observatory}));
  EXPECT_THAT(Check({Reporting("c", {"categories/tea"})}), ReasonIs("SCOPES_OVERLAP"));
  EXPECT_OK(Check({Reporting("a", {"categories/tea"}, {"regions/province"}),
                   Reporting("b", {"categories/travel"})}));
}

TEST_F(ScopeOverlapTest, WithoutCategoriesNothingIsShared) {
  state_ = NewestState(RulesOfContract());
  ASSERT_OK(Apply({MakeObservatory(), Reporting("a", {}), Reporting("b", {})}));
  EXPECT_THAT(Check({MakeCategory("first")}), ReasonIs("SCOPES_OVERLAP"));
}

// 1,000 sources beside 10,000 categories: as many look-ups as are listed, not as many as there are
// pairs of categories.
TEST_F(ScopeOverlapTest, ManySourcesShareATaxonomy) {
  std::vector<Resource> resources;
  for (int root = 0; root < 10; ++root) {
    resources.push_back(MakeCategory(absl::StrCat("r", root)));
    for (int i = 0; i < 999; ++i) {
      resources.push_back(MakeCategory(absl::StrCat("r", root, "-", i), absl::StrCat("r", root)));
    }
  }
  for (int i = 0; i < 990; ++i) {
    std::vector<std::string> categories;
    for (int root = 0; root < 10; ++root) {
      categories.push_back(absl::StrCat("categories/r", root, "-", i));
    }
    resources.push_back(Reporting(absl::StrCat("s", i), categories));
  }
  ASSERT_OK(Apply(resources));
  EXPECT_OK(Check({Reporting("new", {"categories/r3-995"})}));
  EXPECT_THAT(Check({Reporting("new", {"categories/r3-7"})}),
              StatusIs(kFailed, HasSubstr("sources/new and sources/s7")));
  EXPECT_THAT(Check({Reporting("new", {"categories/r3"})}), ReasonIs("SCOPES_OVERLAP"));
}

class ManyWindowsTest : public ScopeOverlapTest {
 protected:
  static Date Day(int i) { return {2000 + i / 336, 1 + i / 28 % 12, 1 + i % 28}; }
  // One region in `count` windows of a day, from the `first` on, a day apart.
  static Resource EverySecondDay(std::string id, int first, int count) {
    Resource group = MakeGroup(std::move(id), {});
    auto& members = std::get<RegionGroup>(group.content).members;
    for (int i = 0; i < count; ++i) {
      members.push_back({"regions/city", {Day(first + 2 * i), Day(first + 2 * i + 1)}});
    }
    return group;
  }
  // As Check, where a list may have `max_windows`.
  std::optional<ScopeOverlap> Find(std::vector<Resource> resources, size_t max_windows) {
    std::vector<Change> changes;
    for (Resource& resource : resources) {
      Change& change = changes.emplace_back();
      change.kind = ChangeKind::kCreate;
      change.name = resource.name;
      change.after = std::make_shared<Resource>(std::move(resource));
    }
    Overlay after(state_);
    for (const Change& change : changes) after.Put(*change.after);
    return FindScopeOverlap(after, changes, max_windows);
  }
};

// Each window of one side is looked up among those of the other.
TEST_F(ManyWindowsTest, ARegionThatComesAndGoesManyTimesMeetsItselfOnADayOfBoth) {
  constexpr int kWindows = 20'000;
  ASSERT_OK(Apply({EverySecondDay("even", 0, kWindows), EverySecondDay("odd", 1, kWindows),
                   Reporting("a", {}, {"regionGroups/even"})}));
  EXPECT_OK(Check({Reporting("b", {}, {"regionGroups/odd"})}));
  Resource odd = EverySecondDay("odd", 1, kWindows);
  std::get<RegionGroup>(odd.content).members.back().valid.end.reset();
  EXPECT_OK(Check({odd, Reporting("b", {}, {"regionGroups/odd"})})) << "the last day of all";
  std::get<RegionGroup>(odd.content).members[kWindows / 2].valid.end = Day(kWindows + 3);
  EXPECT_THAT(Check({odd, Reporting("b", {}, {"regionGroups/odd"})}), ReasonIs("SCOPES_OVERLAP"));
}

TEST_F(ManyWindowsTest, RepeatsAreHeldOnce) {
  std::vector<Resource> resources = {EverySecondDay("odd", 1, 100)};
  std::vector<std::string> groups;
  for (int i = 0; i < 50; ++i) {
    resources.push_back(EverySecondDay(absl::StrCat("g", i), 0, 100));
    groups.push_back(absl::StrCat("regionGroups/g", i));
  }
  ASSERT_OK(Apply(resources));
  ASSERT_OK(Apply({Reporting("a", {}, {"regionGroups/odd"})}));
  EXPECT_EQ(Find({Reporting("b", {}, groups)}, 100), std::nullopt);
  groups.push_back("regionGroups/odd");
  const auto overlap = Find({Reporting("b", {}, groups)}, 100);
  ASSERT_TRUE(overlap);
  EXPECT_EQ(overlap->reason, "SCOPES_OVERLAP") << "even and odd days are one window";
}

TEST_F(ManyWindowsTest, MoreThanCanBeHeldAreRefusedWhereAPairDependsOnThem) {
  ASSERT_OK(Apply({EverySecondDay("even", 0, 101), Reporting("a", {"categories/food"})}));
  const Resource b = Reporting("b", {}, {"regionGroups/even"});
  const auto refused = Find({b}, 100);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->reason, "SCOPE_TOO_LARGE");
  EXPECT_EQ(refused->field, "regions");
  EXPECT_THAT(refused->message, AllOf(HasSubstr("sources/b"), HasSubstr("more than 100 windows")));
  EXPECT_EQ(Find({b}, 101)->reason, "SCOPES_OVERLAP");
  EXPECT_EQ(Find({Reporting("b", {"categories/tea"}, {"regionGroups/even"}, {{}, Date{2019, 1, 1}}),
                  Reporting("a", {"categories/food"}, {}, {Date{2019, 1, 1}, {}})},
                 100),
            std::nullopt)
      << "no pair depends on them";
}

// Against every category, region, day and channel, one by one.
class RandomScopesTest : public ScopeOverlapTest {
 protected:
  uint64_t Below(uint64_t n) { return random_() % n; }

  static std::string Parent(const Resource& resource) {
    if (const auto* region = std::get_if<Region>(&resource.content)) return region->parent;
    return std::get<Category>(resource.content).parent;
  }
  bool IsWithin(std::string name, const std::string& ancestor) const {
    for (; !name.empty(); name = Parent(*state_.Find(name))) {
      if (name == ancestor) return true;
    }
    return false;
  }
  bool HasPrecedence(std::string name) const {
    for (; !name.empty(); name = Parent(*state_.Find(name))) {
      if (!std::get<Category>(state_.Find(name)->content).precedence.empty()) return true;
    }
    return false;
  }
  static bool On(const Validity& validity, int year) {
    return (!validity.start || validity.start->year <= year) &&
           (!validity.end || year < validity.end->year);
  }
  bool InGroup(const std::string& group, const std::string& region, int year) const {
    for (const RegionGroupMember& member :
         std::get<RegionGroup>(state_.Find(group)->content).members) {
      if (!On(member.valid, year)) continue;
      if (member.member.starts_with("regions/") ? IsWithin(region, member.member)
                                                : InGroup(member.member, region, year)) {
        return true;
      }
    }
    return false;
  }
  bool Reports(const Source& source, const std::string& category, const std::string& region,
               int year, Channel channel) const {
    bool category_fits = source.categories.empty(), region_fits = source.regions.empty();
    for (const std::string& name : source.categories) category_fits |= IsWithin(category, name);
    for (const std::string& name : source.regions) {
      region_fits |=
          name.starts_with("regions/") ? IsWithin(region, name) : InGroup(name, region, year);
    }
    const bool channel_fits = source.channels.empty() || source.channels[0] == channel;
    return On(source.reports, year) && category_fits && region_fits && channel_fits;
  }

  Validity Window() {
    Validity window;
    if (Below(3) == 0) window.start = Date{2020 + static_cast<int>(Below(3)), 1, 1};
    if (Below(3) == 0) window.end = Date{2023 + static_cast<int>(Below(2)), 1, 1};
    return window;
  }

  Resource Inner() {
    Resource inner = MakeGroup("inner", {kRegions[Below(4)], kRegions[Below(4)]});
    for (RegionGroupMember& member : std::get<RegionGroup>(inner.content).members) {
      member.valid = Window();
    }
    auto& members = std::get<RegionGroup>(inner.content).members;
    if (members[0].member == members[1].member) members.pop_back();
    return inner;
  }
  Resource Outer() {
    Resource outer = MakeGroup("outer", {kRegions[Below(4)], "regionGroups/inner"});
    for (RegionGroupMember& member : std::get<RegionGroup>(outer.content).members) {
      member.valid = Window();
    }
    return outer;
  }
  Resource RandomSource(std::string id) {
    std::vector<std::string> listed, placed;
    std::vector<Channel> channels;
    if (Below(3) != 0) listed = {kCategories[Below(5)]};
    if (Below(3) != 0) placed = {Below(2) == 0 ? kRegions[Below(4)] : kGroups[Below(2)]};
    if (Below(3) == 0) channels = {static_cast<Channel>(1 + Below(3))};
    return Reporting(std::move(id), listed, placed, Window(), channels);
  }
  bool AnyOverlap(const Source& a, const Source& b) const {
    for (const std::string& category : kCategories) {
      if (HasPrecedence(category)) continue;
      for (const std::string& region : kRegions) {
        for (int year = 2019; year < 2025; ++year) {
          for (int channel = 1; channel <= 3; ++channel) {
            const Channel c = static_cast<Channel>(channel);
            if (Reports(a, category, region, year, c) && Reports(b, category, region, year, c)) {
              return true;
            }
          }
        }
      }
    }
    return false;
  }

  const std::vector<std::string> kCategories = {"categories/food", "categories/fruit",
                                                "categories/apples", "categories/tea",
                                                "categories/travel"};
  const std::vector<std::string> kRegions = {"regions/nation", "regions/province",
                                             "regions/province-2", "regions/city"};
  const std::vector<std::string> kGroups = {"regionGroups/inner", "regionGroups/outer"};
  std::mt19937_64 random_{11};
};

TEST_F(RandomScopesTest, AnOverlapIsOneOfSomeCategoryRegionDayAndChannel) {
  int refused = 0, accepted = 0;
  for (int round = 0; round < 3'000 && !HasFailure(); ++round) {
    state_ = NewestState(RulesOfContract());
    SetUp();
    ASSERT_OK(Apply({Inner(), Outer()}));
    for (const std::string& name : kCategories) {
      if (Below(5) != 0) continue;
      ASSERT_OK(Apply({With(*state_.Find(name), kPayment)}));
    }
    std::vector<Resource> sources;
    for (const char* id : {"a", "b"}) {
      sources.push_back(RandomSource(id));
    }
    const bool overlap =
        AnyOverlap(std::get<Source>(sources[0].content), std::get<Source>(sources[1].content));
    ++(overlap ? refused : accepted);
    EXPECT_EQ(Check(sources).ok(), !overlap) << round << " " << Check(sources);
    // One after the other is the same.
    ASSERT_OK(Apply({sources[0]}));
    EXPECT_EQ(Check({sources[1]}).ok(), !overlap) << round;
  }
  EXPECT_GT(refused, 300);
  EXPECT_GT(accepted, 300);
}

// States without an overlap, of which one thing changes: whatever it is, only an overlap is
// refused.
TEST_F(RandomScopesTest, AChangeIsRefusedExactlyWhenItMakesAnOverlap) {
  int refused = 0, accepted = 0;
  for (int round = 0; round < 6'000 && !HasFailure(); ++round) {
    if (round % 20 == 0) {
      state_ = NewestState(RulesOfContract());
      SetUp();
      ASSERT_OK(Apply({Inner(), Outer()}));
    }
    Resource changed;
    const uint64_t kind = Below(10);
    if (kind < 4) {
      changed = RandomSource(std::string(1, static_cast<char>('a' + Below(4))));
    } else if (kind < 5) {
      changed = Inner();
    } else if (kind < 6) {
      changed = Outer();
    } else if (kind < 8) {
      changed = MakeRegion("city", RegionLevel::kCity, Below(2) == 0 ? "province" : "province-2");
    } else {
      const std::string id = Below(2) == 0 ? "fruit" : "tea";
      changed = With(MakeCategory(id, Below(2) == 0 ? "food" : "travel"),
                     Below(2) == 0 ? kPayment : std::vector<ReportingRole>{});
    }
    const absl::Status status = Check({changed});
    const NewestState before = state_;
    Store(changed);
    bool overlap = false;
    std::vector<const Source*> sources;
    state_.ForEach(Type::kSource, [&](const Resource& resource) {
      sources.push_back(&std::get<Source>(resource.content));
    });
    for (size_t i = 0; i < sources.size(); ++i) {
      for (size_t k = 0; k < i; ++k) overlap |= AnyOverlap(*sources[i], *sources[k]);
    }
    EXPECT_EQ(status.ok(), !overlap) << round << " " << changed.name << " " << status;
    ++(overlap ? refused : accepted);
    if (overlap) state_ = before;
  }
  EXPECT_GT(refused, 300);
  EXPECT_GT(accepted, 300);
}

}  // namespace
}  // namespace tidemark::catalog
