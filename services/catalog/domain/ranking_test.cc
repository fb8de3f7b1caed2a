// Rankings against a plain recount: fractions brought to one denominator, ranks counted by
// comparing each with each.
#include "services/catalog/domain/ranking.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <random>

#include "absl/strings/str_cat.h"

namespace tidemark::catalog {
namespace {

Contender Make(std::string name, std::vector<int64_t> thousandths, Date submitted = {2013, 7, 1}) {
  return {std::move(name), submitted, {1, 1}, std::move(thousandths)};
}

RankingRule TwoCriteria() { return {.criteria = {{0, 60}, {1, 40}}, .max_score = 100}; }

// The placing of a contender by its name.
const Placing& Of(const std::vector<Placing>& placings, const std::vector<Contender>& contenders,
                  std::string_view name) {
  return *std::find_if(placings.begin(), placings.end(),
                       [&](const Placing& p) { return contenders[p.contender].name == name; });
}

TEST(RankingTest, TotalIsTheWeightedMeanOfTheHighestPossible) {
  const RankingRule rule = TwoCriteria();
  // (60 x 90 + 40 x 70) ÷ 100.
  EXPECT_EQ(TotalMillionths(rule, Make("a", {90'000, 70'000})), 82'000'000);
  EXPECT_EQ(TotalMillionths(rule, Make("a", {100'000, 100'000})), 100'000'000);
  EXPECT_EQ(TotalMillionths(rule, Make("a", {0, 0})), 0);
}

TEST(RankingTest, MeansAreOverTheAssessmentsOfTheRound) {
  const RankingRule rule = TwoCriteria();
  const Contender contender = {"a", {2013, 7, 1}, {3, 7}, {200'000, 500'000}};
  EXPECT_EQ(MeanMillionths(rule, contender, 0), 66'666'667);
  EXPECT_EQ(MeanMillionths(rule, contender, 1), 71'428'571);
  // 60 x 200/3 + 40 x 500/7 = 144000/21 of 100 x 100.
  EXPECT_EQ(TotalMillionths(rule, contender), 68'571'429);
}

TEST(RankingTest, ComparesExactlyWhatRoundsToTheSame) {
  const RankingRule rule = {.criteria = {{0, 10'000}, {0, 1}},
                            .max_score = 1'000,
                            .quota = 1,
                            .ties = TieRule::kTakeNone};
  // They differ by a ten-millionth of a total; both are shown as 50.
  const std::vector<Contender> contenders = {
      {"a", {2013, 7, 1}, {100, 0}, {50'000'000, 50'000'000}},
      {"b", {2013, 7, 1}, {100, 0}, {50'000'000, 50'000'001}}};
  EXPECT_EQ(TotalMillionths(rule, contenders[0]), TotalMillionths(rule, contenders[1]));
  const auto placings = RankContenders(rule, contenders);
  EXPECT_EQ(Of(placings, contenders, "b").rank, 1u);
  EXPECT_TRUE(Of(placings, contenders, "b").taken);
  EXPECT_FALSE(Of(placings, contenders, "a").taken);
}

TEST(RankingTest, CutOffTakesWhatReachesItExactly) {
  RankingRule rule = TwoCriteria();
  rule.cut_off_millionths = 60'000'000;
  const std::vector<Contender> contenders = {Make("above", {60'001, 60'000}),
                                             Make("at", {60'000, 60'000}),
                                             Make("below", {60'000, 59'999})};
  const auto placings = RankContenders(rule, contenders);
  EXPECT_TRUE(Of(placings, contenders, "above").taken);
  EXPECT_TRUE(Of(placings, contenders, "at").taken);
  EXPECT_FALSE(Of(placings, contenders, "below").taken);
  EXPECT_EQ(Of(placings, contenders, "below").reason, SelectionReason::kBelowCutOff);
}

TEST(RankingTest, TieBreakDecidesAndSaysByWhich) {
  RankingRule rule = {.criteria = {{0, 50}, {0, 50}}, .max_score = 100, .quota = 1};
  rule.ties = TieRule::kTakeAll;
  rule.tie_break = {1};
  const std::vector<Contender> contenders = {Make("lost", {80'000, 60'000}),
                                             Make("won", {60'000, 80'000})};
  const auto placings = RankContenders(rule, contenders);
  EXPECT_EQ(Of(placings, contenders, "won").rank, 1u);
  EXPECT_EQ(Of(placings, contenders, "won").reason, SelectionReason::kTieWon);
  EXPECT_EQ(Of(placings, contenders, "won").decided_by, 1);
  EXPECT_EQ(Of(placings, contenders, "lost").rank, 2u);
  EXPECT_EQ(Of(placings, contenders, "lost").reason, SelectionReason::kTieLost);
  EXPECT_EQ(Of(placings, contenders, "lost").decided_by, 1);
}

TEST(RankingTest, EqualOnesAcrossTheQuotaFollowTheTieRule) {
  RankingRule rule = {.criteria = {{0, 1}}, .max_score = 100, .quota = 2};
  const std::vector<Contender> contenders = {
      Make("first", {90'000}), Make("late", {80'000}, {2013, 7, 3}),
      Make("early", {80'000}, {2013, 7, 2}), Make("last", {70'000})};
  const auto taken = [&](TieRule ties) {
    rule.ties = ties;
    std::vector<std::string> names;
    for (const Placing& placing : RankContenders(rule, contenders)) {
      if (placing.taken) names.push_back(contenders[placing.contender].name);
    }
    return names;
  };
  EXPECT_EQ(taken(TieRule::kTakeAll), (std::vector<std::string>{"first", "early", "late"}));
  EXPECT_EQ(taken(TieRule::kTakeNone), (std::vector<std::string>{"first"}));
  EXPECT_EQ(taken(TieRule::kEarliest), (std::vector<std::string>{"first", "early"}));
  const auto placings = RankContenders(rule, contenders);
  EXPECT_EQ(Of(placings, contenders, "early").rank, 2u);
  EXPECT_EQ(Of(placings, contenders, "late").rank, 2u);
  EXPECT_EQ(Of(placings, contenders, "last").rank, 4u);
  EXPECT_EQ(Of(placings, contenders, "late").reason, SelectionReason::kTieRule);
  EXPECT_EQ(Of(placings, contenders, "last").reason, SelectionReason::kBeyondQuota);
}

TEST(RankingTest, NobodyToRank) { EXPECT_TRUE(RankContenders(TwoCriteria(), {}).empty()); }

// The recount. Nothing of it is shared with the code.
struct Recount {
  const RankingRule& rule;
  const std::vector<Contender>& all;

  // Over one denominator for every contender: the product of all numbers of assessments, up to 4
  // each, of 1, 2, 3, 4.
  static constexpr int64_t kCommon = 12;

  int64_t Mean(size_t who, size_t criterion) const {
    return all[who].score_sums[criterion] *
           (kCommon / all[who].assessments[rule.criteria[criterion].round]);
  }
  int64_t Total(size_t who) const {
    int64_t total = 0;
    for (size_t c = 0; c < rule.criteria.size(); ++c)
      total += rule.criteria[c].weight * Mean(who, c);
    return total;
  }
  // Above 0: a is better.
  int64_t Better(size_t a, size_t b) const {
    if (Total(a) != Total(b)) return Total(a) - Total(b);
    for (const size_t c : rule.tie_break) {
      if (Mean(a, c) != Mean(b, c)) return Mean(a, c) - Mean(b, c);
    }
    return 0;
  }
  uint32_t Rank(size_t who) const {
    uint32_t better = 0;
    for (size_t other = 0; other < all.size(); ++other) better += Better(other, who) > 0 ? 1 : 0;
    return better + 1;
  }
  bool ReachesCutOff(size_t who) const {
    int64_t weights = 0;
    for (const auto& criterion : rule.criteria) weights += criterion.weight;
    // total ÷ (12 x 1000 x max x weights) x 100 >= cut_off ÷ 10^6; small numbers here.
    return Total(who) * 100'000'000 >=
           rule.cut_off_millionths * kCommon * 1'000 * rule.max_score * weights;
  }
  bool Taken(size_t who) const {
    if (!ReachesCutOff(who)) return false;
    if (rule.quota == 0) return true;
    uint32_t better = 0;
    std::vector<size_t> equals;
    for (size_t other = 0; other < all.size(); ++other) {
      if (Better(other, who) > 0) ++better;
      if (Better(other, who) == 0) equals.push_back(other);
    }
    if (better >= rule.quota) return false;
    if (better + equals.size() <= rule.quota) return true;
    if (rule.ties == TieRule::kTakeAll) return true;
    if (rule.ties == TieRule::kTakeNone) return false;
    uint32_t before = 0;
    for (const size_t other : equals) {
      before += std::pair(all[other].submitted, all[other].name) <
                        std::pair(all[who].submitted, all[who].name)
                    ? 1
                    : 0;
    }
    return better + before < rule.quota;
  }
};

RankingRule RandomRule(std::mt19937& random) {
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  RankingRule rule;
  for (int c = pick(1, 4); c > 0; --c) {
    rule.criteria.push_back({pick(0, 1), static_cast<uint32_t>(pick(1, 3))});
  }
  rule.max_score = static_cast<uint32_t>(pick(1, 3));
  rule.cut_off_millionths = pick(0, 2) == 0 ? 0 : pick(0, 70) * int64_t{1'000'000};
  rule.quota = static_cast<uint32_t>(pick(0, 12));
  rule.ties = static_cast<TieRule>(pick(1, 3));
  for (size_t c = 0; c < rule.criteria.size(); ++c) {
    if (pick(0, 2) == 0) rule.tie_break.push_back(c);
  }
  std::shuffle(rule.tie_break.begin(), rule.tie_break.end(), random);
  return rule;
}

// Few different scores, so that ties of every kind are common.
std::vector<Contender> RandomContenders(std::mt19937& random, const RankingRule& rule) {
  const auto pick = [&](int low, int high) {
    return std::uniform_int_distribution<int>(low, high)(random);
  };
  std::vector<Contender> contenders(static_cast<size_t>(pick(0, 25)));
  for (size_t i = 0; i < contenders.size(); ++i) {
    Contender& contender = contenders[i];
    contender.name = absl::StrCat("candidacies/", i);
    contender.submitted = {2013, 7, pick(1, 3)};
    for (int& count : contender.assessments) count = pick(1, 4);
    for (const RankedCriterion& criterion : rule.criteria) {
      int64_t sum = 0;
      for (int k = contender.assessments[criterion.round]; k > 0; --k) {
        sum += pick(0, static_cast<int>(rule.max_score) * 2) * 500;
      }
      contender.score_sums.push_back(sum);
    }
  }
  std::shuffle(contenders.begin(), contenders.end(), random);
  return contenders;
}

void ExpectAsRecounted(const RankingRule& rule, const std::vector<Contender>& contenders) {
  const Recount recount{rule, contenders};
  const auto placings = RankContenders(rule, contenders);
  ASSERT_EQ(placings.size(), contenders.size());
  std::vector<bool> seen(contenders.size());
  for (size_t i = 0; i < placings.size(); ++i) {
    const Placing& placing = placings[i];
    const size_t who = placing.contender;
    EXPECT_FALSE(seen[who]);
    seen[who] = true;
    EXPECT_EQ(placing.rank, recount.Rank(who));
    EXPECT_EQ(placing.taken, recount.Taken(who)) << contenders[who].name;
    if (i > 0) {
      const Placing& above = placings[i - 1];
      EXPECT_LT(std::pair(above.rank, contenders[above.contender].name),
                std::pair(placing.rank, contenders[who].name));
    }
    EXPECT_EQ(placing.reason == SelectionReason::kBelowCutOff, !recount.ReachesCutOff(who));
    bool equal_decided_otherwise = false;
    bool equal_total_elsewhere = false;
    bool equal_total_decided_otherwise = false;
    for (size_t other = 0; other < contenders.size(); ++other) {
      if (recount.Total(other) != recount.Total(who)) continue;
      const bool otherwise = recount.Taken(other) != placing.taken;
      equal_total_decided_otherwise |= otherwise;
      if (recount.Better(other, who) == 0) {
        equal_decided_otherwise |= otherwise;
      } else {
        equal_total_elsewhere = true;
      }
    }
    EXPECT_EQ(placing.decided_by >= 0, equal_total_elsewhere);
    if (placing.reason == SelectionReason::kTieRule) continue;
    EXPECT_FALSE(equal_decided_otherwise);
    const bool by_tie_break =
        placing.reason == SelectionReason::kTieWon || placing.reason == SelectionReason::kTieLost;
    EXPECT_EQ(by_tie_break, equal_total_decided_otherwise);
    EXPECT_EQ(placing.taken, placing.reason == SelectionReason::kTieWon ||
                                 placing.reason == SelectionReason::kWithinQuota);
  }
}

TEST(RankingTest, RandomProgrammesAreRankedAsRecounted) {
  std::mt19937 random(20131231);
  for (int world = 0; world < 20'000 && !::testing::Test::HasFailure(); ++world) {
    SCOPED_TRACE(absl::StrCat("world ", world));
    const RankingRule rule = RandomRule(random);
    ExpectAsRecounted(rule, RandomContenders(random, rule));
  }
}

}  // namespace
}  // namespace tidemark::catalog
