#include "services/catalog/search/region_resolver.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tidemark::catalog {
namespace {

struct Place {
  std::string id;
  RegionLevel level = RegionLevel::kCity;
  std::string parent;
  std::string zh;
  std::string en;
  Validity valid;
  std::vector<RegionSuccessor> successors;
  RegionLevel lowest_level = RegionLevel::kUnspecified;
};

class RegionResolverTest : public ::testing::Test {
 protected:
  RegionResolverTest() {
    Add({"cn", RegionLevel::kNation, "", "中国", "China"});
    Add({"cn-33", RegionLevel::kProvince, "cn", "浙江省", "Zhejiang"});
    Add({"cn-3302", RegionLevel::kCity, "cn-33", "宁波市", "Ningbo"});
    Add({"cn-330203", RegionLevel::kCounty, "cn-3302", "海曙区", "Haishu District"});
    Add({"cn-22", RegionLevel::kProvince, "cn", "吉林省", "Jilin"});
    Add({"cn-2202", RegionLevel::kCity, "cn-22", "吉林市"});
    Add({.id = "cn-11",
         .level = RegionLevel::kProvince,
         .parent = "cn",
         .zh = "北京市",
         .lowest_level = RegionLevel::kCity});
    Add({"cn-110105", RegionLevel::kCounty, "cn-11", "朝阳区"});
    Add({"cn-22-0104", RegionLevel::kCounty, "cn-2202", "朝阳区"});
    Add({.id = "cn-3301-old",
         .level = RegionLevel::kCounty,
         .parent = "cn-3302",
         .zh = "鄞县",
         .valid = {.end = Date{2002, 4, 19}},
         .successors = {{"regions/cn-330212", Date{2002, 4, 19}, CrosswalkBasis::kWhole}}});
    Add({.id = "cn-330212",
         .level = RegionLevel::kCounty,
         .parent = "cn-3302",
         .zh = "鄞州区",
         .valid = {.start = Date{2002, 4, 19}}});
    RegionGroup group;
    group.members = {{"regions/cn-11", {}}};
    Resource resource;
    resource.name = "regionGroups/capitals";
    resource.content = group;
    Show(std::move(resource));
  }

  void Add(Place place) {
    Region region;
    region.level = place.level;
    if (!place.parent.empty()) region.parent = "regions/" + place.parent;
    region.valid = place.valid;
    region.successors = place.successors;
    region.lowest_level = place.lowest_level;
    Resource resource;
    resource.name = "regions/" + place.id;
    if (!place.en.empty()) resource.display_names.emplace_back("en", place.en);
    resource.display_names.emplace_back("zh", place.zh);
    resource.content = std::move(region);
    Show(std::move(resource));
  }
  void Show(Resource resource) {
    Change change;
    change.name = resource.name;
    change.after = std::make_shared<const Resource>(std::move(resource));
    index_.Changed(std::span(&change, 1), ++version_);
  }

  // "RESOLVED cn-33" and the like, candidates in order.
  std::string Ask(const std::string& text, RegionQuestion question = {}) const {
    question.max_candidates = 5;
    const RegionAnswers answers = ResolveRegions(index_, std::span(&text, 1), question);
    EXPECT_EQ(answers.version, version_);
    const RegionAnswer& answer = answers.answers.at(0);
    const char* outcome = answer.outcome == Outcome::kResolved    ? "resolved"
                          : answer.outcome == Outcome::kAmbiguous ? "ambiguous"
                                                                  : "unknown";
    std::string shown = outcome;
    for (const RegionCandidate& candidate : answer.candidates) {
      absl::StrAppend(&shown, " ", candidate.region->name.substr(8));
      if (!candidate.successor_of.empty()) absl::StrAppend(&shown, "<", candidate.successor_of);
    }
    return shown;
  }

  SearchIndex index_;
  uint64_t version_ = 0;
};

TEST_F(RegionResolverTest, NamesCodesAndPinyinAreCertain) {
  for (const char* text : {"宁波", "宁波市", "寧波市", "ningbo", "Ning Bo", "NINGBO", "3302",
                           "cn-3302", "ningboshi", "浙江省宁波市", "浙江宁波", "中国浙江省宁波市",
                           "Ningbo, Zhejiang", "ningbo,china", "Zhejiang/Ningbo"}) {
    EXPECT_EQ(Ask(text), "resolved cn-3302") << text;
  }
  EXPECT_EQ(Ask("浙江省宁波市海曙区"), "resolved cn-330203");
  EXPECT_EQ(Ask("Haishu"), "resolved cn-330203");
}

TEST_F(RegionResolverTest, WhatSeveralHaveIsForAPersonToChoose) {
  EXPECT_EQ(Ask("吉林"), "ambiguous cn-22 cn-2202");
  EXPECT_EQ(Ask("Jilin"), "ambiguous cn-22 cn-2202");
  EXPECT_EQ(Ask("吉林市"), "resolved cn-2202");
  EXPECT_EQ(Ask("吉林省吉林市"), "resolved cn-2202");
  EXPECT_EQ(Ask("吉林", {.levels = {RegionLevel::kCity}}), "resolved cn-2202");
  EXPECT_EQ(Ask("朝阳区"), "ambiguous cn-110105 cn-22-0104");
  EXPECT_EQ(Ask("北京朝阳区"), "resolved cn-110105");
  EXPECT_EQ(Ask("北京市朝阳"), "resolved cn-110105");
}

TEST_F(RegionResolverTest, GuessesAreNeverCertain) {
  EXPECT_EQ(Ask("宁博"), "ambiguous cn-3302");
  EXPECT_EQ(Ask("ningb"), "ambiguous cn-3302");
  EXPECT_EQ(Ask("nigbo"), "ambiguous cn-3302");
  EXPECT_EQ(Ask("火星"), "unknown");
  EXPECT_EQ(Ask(""), "unknown");
  EXPECT_EQ(Ask("!!"), "unknown");
}

TEST_F(RegionResolverTest, OnlyTheRegionsAskedFor) {
  EXPECT_EQ(Ask("朝阳区", {.within = "regions/cn-11"}), "resolved cn-110105");
  EXPECT_EQ(Ask("朝阳区", {.within = "regionGroups/capitals"}), "resolved cn-110105");
  EXPECT_EQ(Ask("宁波", {.within = "regions/cn-11"}), "unknown");
  EXPECT_EQ(Ask("北京", {.within = "regions/cn-11"}), "resolved cn-11");
  // A province and a city.
  EXPECT_EQ(Ask("北京", {.levels = {RegionLevel::kProvince}}), "resolved cn-11");
  EXPECT_EQ(Ask("北京", {.levels = {RegionLevel::kCity}}), "resolved cn-11");
  EXPECT_EQ(Ask("北京", {.levels = {RegionLevel::kNation, RegionLevel::kCounty}}), "unknown");
}

TEST_F(RegionResolverTest, SuccessorsStandInOnTheDayAskedFor) {
  EXPECT_EQ(Ask("鄞县"), "resolved cn-3301-old");
  EXPECT_EQ(Ask("鄞县", {.valid_on = Date{2000, 1, 1}}), "resolved cn-3301-old");
  EXPECT_EQ(Ask("鄞县", {.valid_on = Date{2020, 1, 1}}), "resolved cn-330212<regions/cn-3301-old");
  EXPECT_EQ(Ask("鄞州区", {.valid_on = Date{2000, 1, 1}}), "unknown");
}

TEST_F(RegionResolverTest, GuessesAreForTheFirstTextsThatNeedOne) {
  // Every third is a name and needs none.
  std::vector<std::string> texts;
  for (size_t i = 0; i < kMaxGuesses * 2; ++i) {
    texts.push_back(i % 3 == 0 ? "宁波市" : "nigbo");
  }
  const RegionAnswers answers = ResolveRegions(index_, texts, {.max_candidates = 5});
  ASSERT_EQ(answers.answers.size(), texts.size());
  size_t guessed = 0;
  for (size_t i = 0; i < texts.size(); ++i) {
    const Outcome want = i % 3 == 0              ? Outcome::kResolved
                         : guessed < kMaxGuesses ? Outcome::kAmbiguous
                                                 : Outcome::kUnknown;
    EXPECT_EQ(answers.answers[i].outcome, want) << i;
    guessed += i % 3 == 0 ? 0 : 1;
  }
  EXPECT_GT(guessed, kMaxGuesses);
}

TEST_F(RegionResolverTest, HostileTextsEndSoon) {
  for (int i = 0; i < 300; ++i) {
    Add({absl::StrCat("x", i), RegionLevel::kCity, "cn-33", "山山"});
  }
  std::string text;
  for (int i = 0; i < 66; ++i) text += "山";
  EXPECT_EQ(Ask(text), "unknown");
  EXPECT_EQ(Ask(std::string(200, 'a')), "unknown");
}

}  // namespace
}  // namespace tidemark::catalog
