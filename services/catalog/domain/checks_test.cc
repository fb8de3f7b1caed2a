#include "services/catalog/domain/checks.h"

#include <limits>
#include <random>

#include "common/testing/status_matchers.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/region_levels.h"
#include "services/catalog/domain/testing_resources.h"
#include "services/catalog/types/contract_rules.h"

namespace tidemark::catalog {
namespace {

using testing::MakeCategory;
using testing::MakeGroup;
using testing::MakeObservatory;
using testing::MakeRegion;
using testing::MakeScheme;
using testing::MakeSource;

// The field of the first problem, empty when there is none.
std::string Wrong(const Resource& resource) {
  Problems problems;
  Report report(&problems, -1, "", CollectionOf(resource.type()).field);
  CheckResource(resource, *RulesOfContract(), report);
  return status::FieldOf(problems.ToStatus(absl::StatusCode::kInvalidArgument));
}

template <typename T, typename Edit>
std::string WrongAfter(Resource resource, Edit edit) {
  edit(std::get<T>(resource.content));
  return Wrong(resource);
}

TEST(CheckResourceTest, AcceptsPlainResources) {
  EXPECT_EQ(Wrong(MakeObservatory()), "");
  EXPECT_EQ(Wrong(MakeSource("s")), "");
  EXPECT_EQ(Wrong(MakeScheme("s")), "");
  EXPECT_EQ(Wrong(MakeRegion("r", RegionLevel::kWorld)), "");
  EXPECT_EQ(Wrong(MakeGroup("g", {"regions/a", "regionGroups/b"})), "");
  EXPECT_EQ(Wrong(MakeCategory("c", "p")), "");
}

TEST(CheckResourceTest, JudgesDisplayNamesAndDescription) {
  const auto named = [](std::string language, std::string text) {
    Resource resource = MakeCategory("c");
    resource.display_names = {{std::move(language), std::move(text)}};
    return Wrong(resource);
  };
  EXPECT_EQ(named("zh-Hans-CN", "信息消费"), "");
  EXPECT_EQ(named("en", std::string(200, 'x')), "");
  EXPECT_NE(named("en", std::string(201, 'x')), "");
  EXPECT_NE(named("en", ""), "");
  EXPECT_NE(named("en", "a\nb"), "");
  EXPECT_NE(named("en", "\xc3"), "");
  EXPECT_NE(named("", "x"), "");
  EXPECT_NE(named("z", "x"), "");
  EXPECT_NE(named("zh_CN", "x"), "");
  Resource described = MakeCategory("c");
  described.description = std::string(4096, 'x');
  EXPECT_EQ(Wrong(described), "");
  described.description += "x";
  EXPECT_EQ(Wrong(described), "description");
}

TEST(CheckResourceTest, JudgesReferencesByTheirShape) {
  EXPECT_EQ(WrongAfter<Region>(MakeRegion("r", RegionLevel::kCity),
                               [](Region& r) { r.parent = "regionGroups/g"; }),
            "region.parent");
  EXPECT_EQ(WrongAfter<Source>(MakeSource("s"),
                               [](Source& s) {
                                 s.regions = {"regions/a", "regions/A"};
                               }),
            "source.regions[1]");
  EXPECT_EQ(WrongAfter<RegionGroup>(MakeGroup("g", {"regions/a"}),
                                    [](RegionGroup& g) { g.members.push_back({"categories/c"}); }),
            "region_group.members[1].member");
}

TEST(CheckObservatoryTest, JudgesEachField) {
  const auto wrong = [](auto edit) { return WrongAfter<Observatory>(MakeObservatory(), edit); };
  for (const char* zone : {"UTC", "Europe/London", "America/Argentina/Buenos_Aires"}) {
    EXPECT_EQ(wrong([&](Observatory& o) { o.time_zone = zone; }), "") << zone;
  }
  for (const char* zone : {"", "Asia/Shangai", "localtime", "/etc/localtime", "Fixed/UTC+08:00:00",
                           "../etc/passwd", "file:x"}) {
    EXPECT_EQ(wrong([&](Observatory& o) { o.time_zone = zone; }), "observatory.time_zone") << zone;
  }
  for (const char* currency : {"", "cny", "CN", "CNYY", "C1Y"}) {
    EXPECT_EQ(wrong([&](Observatory& o) { o.currency = currency; }), "observatory.currency");
  }
  EXPECT_EQ(wrong([](Observatory& o) { o.scale = 5; }), "observatory.scale");
  EXPECT_EQ(wrong([](Observatory& o) { o.fiscal_start_month = 13; }),
            "observatory.fiscal_start_month");
  EXPECT_EQ(wrong([](Observatory& o) { o.start = std::nullopt; }), "observatory.start");
  EXPECT_EQ(wrong([](Observatory& o) { o.start = Date{2023, 2, 29}; }), "observatory.start");
}

TEST(CheckPrecedenceTest, NamesEachRoleAtMostOnce) {
  using enum ReportingRole;
  const auto wrong = [](std::vector<ReportingRole> precedence) {
    const std::string of_category =
        WrongAfter<Category>(MakeCategory("c"), [&](Category& c) { c.precedence = precedence; });
    const std::string of_observatory = WrongAfter<Observatory>(
        MakeObservatory(), [&](Observatory& o) { o.precedence = precedence; });
    EXPECT_EQ(of_category.empty(), of_observatory.empty());
    return of_category;
  };
  EXPECT_EQ(wrong({}), "");
  EXPECT_EQ(wrong({kDepartment, kPayment, kLogistics, kSellerPlatform}), "");
  EXPECT_EQ(wrong({kPayment, kUnspecified}), "category.precedence[1]");
  EXPECT_EQ(wrong({static_cast<ReportingRole>(5)}), "category.precedence[0]");
  EXPECT_EQ(wrong({static_cast<ReportingRole>(-1)}), "category.precedence[0]");
  EXPECT_EQ(wrong({kPayment, kLogistics, kPayment}), "category.precedence[2]");
}

TEST(CheckSourceTest, JudgesEachField) {
  const auto wrong = [](auto edit) { return WrongAfter<Source>(MakeSource("s"), edit); };
  EXPECT_EQ(wrong([](Source& s) { s.kind = SourceKind::kUnspecified; }), "source.kind");
  EXPECT_EQ(wrong([](Source& s) { s.kind = static_cast<SourceKind>(3); }), "source.kind");
  EXPECT_EQ(wrong([](Source& s) {
              s.reports = {Date{2024, 1, 2}, Date{2024, 1, 2}};
            }),
            "source.reports.end");
  EXPECT_EQ(wrong([](Source& s) {
              s.reports = {Date{0, 1, 2}, std::nullopt};
            }),
            "source.reports.start");
  EXPECT_EQ(wrong([](Source& s) {
              s.categories = {"categories/a", "categories/a"};
            }),
            "source.categories[1]");
  EXPECT_EQ(wrong([](Source& s) { s.channels = {Channel::kHybrid, Channel::kOnline}; }), "");
  EXPECT_EQ(wrong([](Source& s) { s.channels = {Channel::kUnspecified}; }), "source.channels[0]");
  EXPECT_EQ(wrong([](Source& s) { s.channels = {static_cast<Channel>(4)}; }), "source.channels[0]");
  EXPECT_EQ(wrong([](Source& s) {
              s.channels = {Channel::kHybrid, Channel::kHybrid};
            }),
            "source.channels[1]");
  EXPECT_EQ(wrong([](Source& s) { s.quota = SourceQuota{.events_per_second = 1}; }), "");
  EXPECT_EQ(wrong([](Source& s) { s.quota = SourceQuota{10'000'000, 100'000'000}; }), "");
  EXPECT_EQ(wrong([](Source& s) { s.quota = SourceQuota{.events_per_second = 0, .burst = 5}; }),
            "source.quota.events_per_second");
  EXPECT_EQ(wrong([](Source& s) { s.quota = SourceQuota{.events_per_second = 10'000'001}; }),
            "source.quota.events_per_second");
  EXPECT_EQ(wrong([](Source& s) { s.quota = SourceQuota{1, 100'000'001}; }), "source.quota.burst");
}

TEST(CheckIdentifierSchemeTest, WantsClassAndNormalisation) {
  const auto wrong = [](auto edit) { return WrongAfter<IdentifierScheme>(MakeScheme("s"), edit); };
  EXPECT_EQ(wrong([](IdentifierScheme& s) { s.scheme_class = SchemeClass::kUnspecified; }),
            "identifier_scheme.scheme_class");
  EXPECT_EQ(wrong([](IdentifierScheme& s) { s.normalisation = static_cast<Normalisation>(7); }),
            "identifier_scheme.normalisation");
  EXPECT_EQ(wrong([](IdentifierScheme& s) {
              s.valid = {Date{2024, 1, 2}, Date{2024, 1, 2}};
            }),
            "identifier_scheme.valid.end");
}

TEST(CheckRegionTest, JudgesLevelAndAliases) {
  const auto wrong = [](auto edit) {
    return WrongAfter<Region>(MakeRegion("r", RegionLevel::kCity), edit);
  };
  for (const RegionLevelName& level : RegionLevels()) {
    EXPECT_EQ(wrong([&](Region& r) { r.level = level.level; }), "");
  }
  // Between two levels there is none yet.
  EXPECT_EQ(wrong([](Region& r) { r.level = static_cast<RegionLevel>(35); }), "region.level");
  EXPECT_EQ(wrong([](Region& r) { r.level = RegionLevel::kUnspecified; }), "region.level");
  EXPECT_EQ(wrong([](Region& r) { r.level = static_cast<RegionLevel>(-1); }), "region.level");
  EXPECT_EQ(wrong([](Region& r) { r.lowest_level = RegionLevel::kTownship; }), "");
  for (const RegionLevel lowest : {RegionLevel::kCity, RegionLevel::kProvince,
                                   static_cast<RegionLevel>(65), static_cast<RegionLevel>(-1)}) {
    EXPECT_EQ(wrong([=](Region& r) { r.lowest_level = lowest; }), "region.lowest_level");
  }
  EXPECT_EQ(wrong([](Region& r) { r.aliases = {"宁波", "宁波"}; }), "region.aliases[1]");
  EXPECT_EQ(wrong([](Region& r) { r.aliases = {""}; }), "region.aliases[0]");
}

TEST(CheckRegionGroupTest, AMemberMayComeBackButNotOverlap) {
  const auto wrong = [](Validity a, Validity b) {
    Resource group = MakeGroup("g", {});
    std::get<RegionGroup>(group.content).members = {{"regions/a", a}, {"regions/a", b}};
    return Wrong(group);
  };
  const Date y1 = {2014, 1, 1}, y2 = {2016, 1, 1}, y3 = {2018, 1, 1};
  EXPECT_EQ(wrong({y1, y2}, {y2, y3}), "");
  EXPECT_EQ(wrong({y2, std::nullopt}, {y1, y2}), "");
  EXPECT_EQ(wrong({y1, y3}, {y2, y3}), "region_group.members[1]");
  EXPECT_EQ(wrong({}, {}), "region_group.members[1]");
  EXPECT_EQ(Wrong(MakeGroup("g", {""})), "region_group.members[0].member");
}

// Against every pair of windows.
TEST(CheckRegionGroupTest, FindsExactlyTheMembersThatOverlapAnEarlierOne) {
  std::mt19937 random(5);
  int doubled = 0;
  for (int round = 0; round < 300; ++round) {
    Resource group = MakeGroup("g", {});
    auto& members = std::get<RegionGroup>(group.content).members;
    for (int i = 0; i < 6; ++i) {
      const int32_t start = 2000 + static_cast<int32_t>(random() % 40);
      Validity valid = {Date{start, 1, 1},
                        Date{start + 1 + static_cast<int32_t>(random() % 6), 1, 1}};
      if (random() % 12 == 0) valid.start.reset();
      if (random() % 12 == 0) valid.end.reset();
      members.push_back({random() % 2 == 0 ? "regions/a" : "regions/b", valid});
    }
    bool want = false;
    for (size_t i = 0; i < members.size(); ++i) {
      for (size_t k = 0; k < i; ++k) {
        want = want || (members[i].member == members[k].member &&
                        Overlap(members[i].valid, members[k].valid));
      }
    }
    doubled += want ? 1 : 0;
    EXPECT_EQ(!Wrong(group).empty(), want) << "round " << round;
  }
  EXPECT_GT(doubled, 50);
  EXPECT_LT(doubled, 290);
}

TEST(CheckCategoryTest, JudgesTheCoicopShape) {
  const auto wrong = [](std::string code) {
    return WrongAfter<Category>(MakeCategory("c"), [&](Category& c) { c.coicop_2018 = code; });
  };
  for (const char* code : {"", "08", "08.3", "08.3.9", "08.3.9.2"}) EXPECT_EQ(wrong(code), "");
  for (const char* code : {"8", "08.", "08.33", "08.3.9.2.1", "0a.3", "08-3"}) {
    EXPECT_EQ(wrong(code), "category.coicop_2018") << code;
  }
}

TEST(CheckTokenTest, JudgesEachField) {
  const auto wrong = [](auto edit) {
    Resource resource;
    resource.name = "tokens/t";
    resource.content = testing::MakeToken("p", {Role::kViewer}, 'h');
    return WrongAfter<Token>(resource, edit);
  };
  EXPECT_EQ(wrong([](Token&) {}), "");
  EXPECT_EQ(wrong([](Token& t) { t.principal = ""; }), "token.principal");
  EXPECT_EQ(wrong([](Token& t) { t.principal = std::string(65, 'x'); }), "token.principal");
  EXPECT_EQ(wrong([](Token& t) { t.roles = {}; }), "token.roles");
  EXPECT_EQ(wrong([](Token& t) { t.roles = {Role::kUnspecified}; }), "token.roles[0]");
  EXPECT_EQ(wrong([](Token& t) { t.roles = {Role::kAdmin, Role::kAdmin}; }), "token.roles[1]");
  EXPECT_EQ(wrong([](Token& t) { t.roles = {Role::kProducer}; }), "token.sources");
  EXPECT_EQ(wrong([](Token& t) { t.sources = {"*", "sources/a"}; }), "token.sources[0]");
  EXPECT_EQ(wrong([](Token& t) { t.region_scope = "sources/a"; }), "token.region_scope");
  EXPECT_EQ(wrong([](Token& t) { t.expire_time_us = -1; }), "token.expire_time_us");
}

TEST(ProblemsTest, ShowsTheFirstAndCountsTheRest) {
  Problems problems;
  EXPECT_OK(problems.ToStatus(absl::StatusCode::kInvalidArgument));
  for (int i = 0; i < 100; ++i) problems.Add(absl::StrCat("f", i), "wrong", "REASON");
  const absl::Status status = problems.ToStatus(absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(), "f0: wrong (and 99 more)");
  EXPECT_EQ(status::ReasonOf(status), "REASON");
  EXPECT_EQ(status::FieldOf(status), "f0");
}

}  // namespace
}  // namespace tidemark::catalog
