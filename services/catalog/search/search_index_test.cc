#include "services/catalog/search/search_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "absl/strings/str_cat.h"

namespace tidemark::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Types kAll = ~Types{0};

Resource MakeNamed(std::string name, std::map<std::string, std::string> names, Content content) {
  Resource resource;
  resource.name = std::move(name);
  resource.display_names.assign(names.begin(), names.end());
  resource.content = std::move(content);
  return resource;
}

Resource Place(std::string id, std::string zh, std::string en = "", std::string pinyin = "",
               RegionLevel level = RegionLevel::kCity) {
  std::map<std::string, std::string> names = {{"zh", std::move(zh)}};
  if (!en.empty()) names["en"] = std::move(en);
  if (!pinyin.empty()) names["zh-Latn"] = std::move(pinyin);
  Region region;
  region.level = level;
  return MakeNamed("regions/" + id, std::move(names), std::move(region));
}

class SearchIndexTest : public ::testing::Test {
 protected:
  void Put(Resource resource) {
    auto state = std::make_shared<const Resource>(std::move(resource));
    Change change;
    change.name = state->name;
    change.before = states_[state->name];
    change.after = state;
    states_[state->name] = state;
    index_.Changed(std::span(&change, 1), ++version_);
  }
  void Remove(const std::string& name) {
    Change change;
    change.name = name;
    change.before = states_[name];
    states_.erase(name);
    index_.Changed(std::span(&change, 1), ++version_);
  }
  SearchResult Ask(std::string_view text, size_t count = 100, size_t skip = 0) const {
    SearchQuery query;
    query.query = ParseQuery(text);
    query.types = kAll;
    query.skip = skip;
    query.count = count;
    return index_.Search(query);
  }
  // "ID match" of each hit.
  std::vector<std::string> Found(std::string_view text) const {
    std::vector<std::string> found;
    for (const SearchHit& hit : Ask(text).hits) {
      found.push_back(absl::StrCat(hit.resource->name.substr(hit.resource->name.find('/') + 1), " ",
                                   static_cast<int>(MatchOf(hit.matches))));
    }
    return found;
  }

  SearchIndex index_;
  std::map<std::string, ResourcePtr> states_;
  uint64_t version_ = 0;
};

TEST_F(SearchIndexTest, FindsARegionByAllThatPeopleType) {
  Resource ningbo = Place("cn-3302", "宁波市", "Ningbo");
  std::get<Region>(ningbo.content).aliases = {"330200", "甬"};
  ningbo.description = "A port on the East China Sea; host of the Smart City Expo.";
  Put(std::move(ningbo));
  Put(Place("cn-3301", "杭州市", "Hangzhou"));
  for (const auto& [text, match] : std::vector<std::pair<std::string, int>>{
           {"cn-3302", 1},     {"3302", 1},      {"330200", 1}, {"宁波市", 2}, {"Ningbo", 2},
           {"NINGBO", 2},      {"甬", 3},        {"宁波", 4},   {"寧波", 4},   {"ningboshi", 5},
           {"ning bo shi", 5}, {"ning bo", 2},   {"宁博", 5},   {"ningb", 6},  {"宁", 6},
           {"nb", 7},          {"nbs", 7},       {"波市", 8},   {"nigbo", 9},  {"宁海市", 9},
           {"expo", 10},       {"宁波 expo", 10}}) {
    EXPECT_THAT(Found(text), ElementsAre(absl::StrCat("cn-3302 ", match))) << text;
  }
  EXPECT_THAT(Found("宁波 hangzhou"), IsEmpty());
  EXPECT_THAT(Found("3303"), IsEmpty());
  EXPECT_THAT(Found("exp"), IsEmpty());
  EXPECT_THAT(Found("?!"), IsEmpty());
}

TEST_F(SearchIndexTest, GivenPinyinIsBetterThanTheUsualReading) {
  Put(Place("cn-4301", "长沙市", "", "chang sha shi"));
  Put(Place("cn-1411", "吕梁市", "", "lü liang shi"));
  EXPECT_THAT(Found("changsha"), ElementsAre("cn-4301 5"));
  EXPECT_THAT(Found("cs"), ElementsAre("cn-4301 7"));
  EXPECT_THAT(Found("zs"), IsEmpty());
  EXPECT_THAT(Found("lvliang"), ElementsAre("cn-1411 5"));
  EXPECT_THAT(Found("luliang"), ElementsAre("cn-1411 5"));
}

TEST_F(SearchIndexTest, BetterMatchesThenWiderRegionsThenShorterNamesComeFirst) {
  Put(Place("c", "吉林市", "", "", RegionLevel::kCity));
  Put(Place("a", "吉林省", "", "", RegionLevel::kProvince));
  Put(MakeNamed("categories/x", {{"zh", "吉林"}}, Category{}));
  Put(MakeNamed("categories/y", {{"zh", "吉林特产"}}, Category{}));
  Put(MakeNamed("categories/w", {{"zh", "吉林的特产"}}, Category{}));
  EXPECT_THAT(Found("吉林"), ElementsAre("x 2", "a 4", "c 4", "y 6", "w 6"));
}

TEST_F(SearchIndexTest, SaysWhatWasFoundWhere) {
  Resource region = Place("cn-3302", "宁波市");
  region.search_terms = {"Ningpo"};
  region.description = std::string(300, '-') + "Smart City Expo" + std::string(300, '-');
  Put(std::move(region));
  const SearchResult result = Ask("Ningpo expo");
  ASSERT_EQ(result.hits.size(), 1U);
  ASSERT_EQ(result.hits[0].matches.size(), 2U);
  EXPECT_EQ(result.hits[0].matches[0].field, "search_terms[0]");
  EXPECT_EQ(result.hits[0].matches[0].text, "Ningpo");
  EXPECT_EQ(result.hits[0].matches[1].field, "description");
  EXPECT_LE(result.hits[0].matches[1].text.size(), 200U);
  EXPECT_THAT(result.hits[0].matches[1].text, ::testing::HasSubstr("Expo"));
}

TEST_F(SearchIndexTest, FollowsChangesAndNeverTellsTokens) {
  Put(Place("x", "宁波市"));
  Put(Place("x", "杭州市"));
  EXPECT_THAT(Found("宁波"), IsEmpty());
  EXPECT_THAT(Found("杭州"), ElementsAre("x 4"));
  Remove("regions/x");
  EXPECT_THAT(Found("杭州"), IsEmpty());
  Put(MakeNamed("tokens/secret-token", {{"en", "Secret"}}, Token{}));
  EXPECT_THAT(Found("secret"), IsEmpty());
  EXPECT_EQ(index_.size(), 0U);
}

TEST_F(SearchIndexTest, TakesManyChangesAtOnce) {
  constexpr size_t kMany = 3000;
  std::vector<Change> created, changed;
  for (size_t i = 0; i < kMany; ++i) {
    const bool token = i % 10 == 9;
    auto state = std::make_shared<const Resource>(
        token ? MakeNamed(absl::StrCat("tokens/t", i), {{"en", "Many"}}, Token{})
              : Place(absl::StrCat("r", i), "宁波市", absl::StrCat("Many ", i)));
    Change create;
    create.name = state->name;
    create.after = state;
    created.push_back(create);
    // Every third goes, every third gets another name.
    if (token || i % 3 == 0) continue;
    Change change;
    change.name = state->name;
    change.before = state;
    if (i % 3 == 1) {
      change.after = std::make_shared<const Resource>(
          Place(absl::StrCat("r", i), "杭州市", absl::StrCat("Many ", i)));
    }
    changed.push_back(change);
  }
  index_.Changed(created, 1);
  EXPECT_EQ(index_.size(), kMany - kMany / 10);
  EXPECT_EQ(Ask("宁波", kMany).hits.size(), kMany - kMany / 10);
  EXPECT_EQ(Ask("many 1234").hits.size(), 1U);
  index_.Changed(changed, 2);
  const size_t renamed = Ask("杭州", kMany).hits.size();
  const size_t kept = Ask("宁波", kMany).hits.size();
  EXPECT_EQ(renamed, 900U);
  EXPECT_EQ(kept, 900U);
  EXPECT_EQ(index_.size(), 1800U);
  EXPECT_EQ(Ask("宁波").version, 2U);
}

TEST_F(SearchIndexTest, WordsAreFoundTheSameAmongFewAsAmongMany) {
  constexpr size_t kMany = 9000;
  std::vector<Change> changes;
  for (size_t i = 0; i < kMany; ++i) {
    Change& change = changes.emplace_back();
    change.after = std::make_shared<const Resource>(
        Place(absl::StrCat("r", i), "宁波市", absl::StrCat("Common Name", i)));
    change.name = change.after->name;
  }
  index_.Changed(changes, 1);
  const auto asked = [&](const char* text) {
    const SearchResult result = Ask(text);
    for (const SearchHit& hit : result.hits) EXPECT_EQ(hit.match, MatchOf(hit.matches)) << text;
    return result.hits.size();
  };
  EXPECT_EQ(asked("common name1234"), 1U);
  EXPECT_EQ(asked("name1234 comon 宁波"), 1U);
  EXPECT_EQ(asked("name1234 5G宁波"), 0U);
  EXPECT_EQ(asked("r1234 宁波name1234 common"), 1U);
  EXPECT_EQ(asked("name123 common"), 11U);
  EXPECT_EQ(asked("name1234 absent"), 0U);
}

TEST_F(SearchIndexTest, PagesJoinWithoutGap) {
  for (int i = 0; i < 30; ++i) Put(Place(absl::StrCat("r", i), "新区"));
  std::vector<std::string> paged, all;
  for (size_t skip = 0; skip < 30; skip += 7) {
    const SearchResult page = Ask("新区", 7, skip);
    EXPECT_EQ(page.more, skip + 7 < 30);
    for (const SearchHit& hit : page.hits) paged.push_back(hit.resource->name);
  }
  for (const SearchHit& hit : Ask("新区").hits) all.push_back(hit.resource->name);
  EXPECT_EQ(paged, all);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
}

TEST_F(SearchIndexTest, LeavesOutWhatIsNotValidThatDay) {
  Resource old = Place("old", "宁波专区");
  std::get<Region>(old.content).valid.end = Date{1983, 7, 1};
  Put(std::move(old));
  Put(Place("new", "宁波市"));
  SearchQuery query;
  query.query = ParseQuery("宁波");
  query.types = TypeBit(Type::kRegion);
  query.count = 10;
  query.valid_on = Date{2000, 1, 1};
  ASSERT_EQ(index_.Search(query).hits.size(), 1U);
  query.valid_on = Date{1980, 1, 1};
  EXPECT_EQ(index_.Search(query).hits.size(), 2U);
  query.types = TypeBit(Type::kCategory);
  EXPECT_THAT(index_.Search(query).hits, IsEmpty());
}

// Names from few characters, so that words meet all kinds of matches.
class Random {
 public:
  size_t Below(size_t n) { return std::uniform_int_distribution<size_t>(0, n - 1)(engine_); }
  std::string Chinese() {
    static const std::vector<std::string> kCharacters = {"宁", "波", "市", "长",
                                                         "沙", "州", "臺", "湾"};
    std::string text;
    for (size_t i = 0, n = 1 + Below(4); i < n; ++i) text += kCharacters[Below(kCharacters.size())];
    return text;
  }
  std::string Latin() {
    std::string text;
    for (size_t i = 0, n = 1 + Below(6); i < n; ++i) text += "nigbo1"[Below(6)];
    return text;
  }
  std::string Text() {
    std::string text;
    for (size_t i = 0, n = 1 + Below(3); i < n; ++i) {
      text += (i > 0 && Below(3) > 0 ? " " : "") + (Below(2) == 0 ? Chinese() : Latin());
    }
    return text;
  }
  Resource Any() {
    const std::string id = absl::StrCat("r", Below(40));
    Resource resource =
        Below(2) == 0
            ? Place(id, Text(), Below(2) == 0 ? Text() : "", Below(3) == 0 ? "ning bo shi" : "",
                    Below(2) == 0 ? RegionLevel::kCity : RegionLevel::kCounty)
            : MakeNamed("categories/" + id, {{"zh", Text()}}, Category{});
    if (Below(3) == 0) resource.search_terms = {Text(), Latin()};
    if (Below(3) == 0) resource.description = Text() + "，" + Text();
    return resource;
  }

 private:
  std::mt19937 engine_{20231109};
};

TEST_F(SearchIndexTest, FindsWhatAPlainScanFinds) {
  Random random;
  for (int round = 0; round < 60; ++round) {
    for (int i = 0; i < 20; ++i) {
      Resource resource = random.Any();
      if (random.Below(4) == 0 && states_.contains(resource.name)) {
        Remove(resource.name);
      } else {
        Put(std::move(resource));
      }
    }
    for (int i = 0; i < 40; ++i) {
      const std::string text = random.Text();
      const ParsedQuery query = ParseQuery(text);
      std::map<std::string, int> scanned, found;
      for (const auto& [name, state] : states_) {
        if (state == nullptr) continue;
        const Match match = MatchOf(ExplainAll(*state, query));
        if (match != Match::kNone) scanned[name] = static_cast<int>(match);
      }
      int last = 0;
      for (const SearchHit& hit : Ask(text, 1000).hits) {
        const int match = static_cast<int>(MatchOf(hit.matches));
        EXPECT_LE(last, match) << text;
        EXPECT_EQ(hit.match, MatchOf(hit.matches)) << text;
        last = match;
        found[hit.resource->name] = match;
      }
      ASSERT_EQ(found, scanned) << text;
    }
  }
}

TEST(TermTable, ForgetsWhatNobodyHas) {
  TermTable table;
  for (uint32_t i = 0; i < 20'000; ++i) {
    const Term term = {absl::StrCat("宁波", i), TermClass::kName};
    table.Add(term, 1);
    table.Remove(term, 1);
  }
  table.Add({"宁波", TermClass::kName}, 7);
  EXPECT_EQ(table.terms(), 1U);
  EXPECT_LT(table.bytes(), 2'000'000U);
  int seen = 0;
  table.ForEachMatch(MakeQueryWord("宁波"), [&](uint32_t doc, Match) {
    EXPECT_EQ(doc, 7U);
    ++seen;
  });
  EXPECT_GT(seen, 0);
}

}  // namespace
}  // namespace tidemark::catalog
