#include "services/catalog/domain/ranking.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tidemark::catalog {
namespace {

using absl::int128;

constexpr int64_t kScoreScale = 1'000;
constexpr int64_t kMillion = 1'000'000;

int64_t Assessments(const Contender& contender, int round) {
  return std::max(contender.assessments[round], 1);
}

// The weighted sum of mean scores as a fraction: at most 2 x 10^16 ÷ 10^4.
struct Points {
  int64_t numerator = 0;
  int64_t denominator = 1;
};

Points PointsOf(const RankingRule& rule, const Contender& contender) {
  int64_t sums[kRankedRounds] = {0, 0};
  for (size_t i = 0; i < rule.criteria.size(); ++i) {
    sums[rule.criteria[i].round] += contender.score_sums[i] * rule.criteria[i].weight;
  }
  const int64_t first = Assessments(contender, 0);
  const int64_t second = Assessments(contender, 1);
  return {sums[0] * second + sums[1] * first, first * second};
}

// What 100 is to be reached by: the highest score at every criterion.
int64_t MostPoints(const RankingRule& rule) {
  int64_t weights = 0;
  for (const RankedCriterion& criterion : rule.criteria) weights += criterion.weight;
  return weights * rule.max_score * kScoreScale;
}

int Sign(int128 a, int128 b) { return a < b ? -1 : (a > b ? 1 : 0); }

// A rule, its contenders, and the order of them.
class Ranking {
 public:
  Ranking(const RankingRule& rule, const std::vector<Contender>& contenders)
      : rule_(rule), contenders_(contenders), most_(MostPoints(rule)) {
    for (const Contender& contender : contenders) points_.push_back(PointsOf(rule, contender));
    order_.resize(contenders.size());
    std::iota(order_.begin(), order_.end(), size_t{0});
    std::sort(order_.begin(), order_.end(), [this](size_t a, size_t b) {
      if (const int by_total = CompareTotals(a, b); by_total != 0) return by_total > 0;
      if (const int criterion = Parting(a, b); criterion >= 0) {
        return CompareMeans(a, b, static_cast<size_t>(criterion)) > 0;
      }
      return contenders_[a].name < contenders_[b].name;
    });
  }

  std::vector<Placing> Place() {
    placings_.resize(order_.size());
    for (size_t i = 0; i < order_.size(); ++i) {
      placings_[i].contender = order_[i];
      const bool shared = i > 0 && Equal(order_[i - 1], order_[i]);
      placings_[i].rank = shared ? placings_[i - 1].rank : static_cast<uint32_t>(i + 1);
    }
    Take();
    for (size_t begin = 0; begin < order_.size();) {
      size_t end = begin + 1;
      while (end < order_.size() && CompareTotals(order_[begin], order_[end]) == 0) ++end;
      ExplainEqualTotals(begin, end);
      begin = end;
    }
    return std::move(placings_);
  }

 private:
  int CompareTotals(size_t a, size_t b) const {
    return Sign(int128(points_[a].numerator) * points_[b].denominator,
                int128(points_[b].numerator) * points_[a].denominator);
  }
  int CompareMeans(size_t a, size_t b, size_t criterion) const {
    const int round = rule_.criteria[criterion].round;
    return Sign(int128(contenders_[a].score_sums[criterion]) * Assessments(contenders_[b], round),
                int128(contenders_[b].score_sums[criterion]) * Assessments(contenders_[a], round));
  }
  // The first criterion that decides between two of equal total; negative: none does.
  int Parting(size_t a, size_t b) const {
    for (const size_t criterion : rule_.tie_break) {
      if (CompareMeans(a, b, criterion) != 0) return static_cast<int>(criterion);
    }
    return -1;
  }
  bool Equal(size_t a, size_t b) const { return CompareTotals(a, b) == 0 && Parting(a, b) < 0; }
  bool ReachesCutOff(size_t contender) const {
    const Points& points = points_[contender];
    return int128(points.numerator) * 100 * kMillion >=
           int128(rule_.cut_off_millionths) * points.denominator * most_;
  }

  // Decides who is taken, and why those are decided so whom no tie concerns.
  void Take() {
    size_t eligible = 0;
    while (eligible < order_.size() && ReachesCutOff(order_[eligible])) ++eligible;
    const size_t places = rule_.quota == 0 ? eligible : std::min<size_t>(rule_.quota, eligible);
    for (size_t i = 0; i < order_.size(); ++i) {
      placings_[i].taken = i < places;
      placings_[i].reason = i < places     ? SelectionReason::kWithinQuota
                            : i < eligible ? SelectionReason::kBeyondQuota
                                           : SelectionReason::kBelowCutOff;
    }
    if (places == 0 || places >= eligible) return;
    if (placings_[places - 1].rank == placings_[places].rank) TakeOfEquals(places);
  }

  // Applies the rule to those that are equal where the quota ends: some are before `places`, some
  // not.
  void TakeOfEquals(size_t places) {
    const uint32_t rank = placings_[places].rank;
    const size_t begin = rank - 1;
    size_t end = places;
    while (end < order_.size() && placings_[end].rank == rank) ++end;
    std::vector<size_t> equals;
    for (size_t i = begin; i < end; ++i) {
      placings_[i].reason = SelectionReason::kTieRule;
      placings_[i].taken = rule_.ties == TieRule::kTakeAll;
      equals.push_back(i);
    }
    if (rule_.ties != TieRule::kEarliest) return;
    // Those of a day stand by name already.
    std::stable_sort(equals.begin(), equals.end(), [this](size_t a, size_t b) {
      return contenders_[order_[a]].submitted < contenders_[order_[b]].submitted;
    });
    for (size_t k = 0; k < places - begin; ++k) placings_[equals[k]].taken = true;
  }

  // [begin, end) have equal totals. Those taken stand before those that are not, but for the equal
  // ones that a TieRule decides between.
  void ExplainEqualTotals(size_t begin, size_t end) {
    if (placings_[begin].rank == placings_[end - 1].rank) return;
    size_t last_taken = end;
    size_t first_refused = end;
    for (size_t i = begin; i < end; ++i) {
      if (placings_[i].taken) last_taken = i;
      if (!placings_[i].taken && first_refused == end) first_refused = i;
    }
    const bool divided = last_taken != end && first_refused != end;
    // Of a group of equal ones the first: any is parted by the same criteria.
    size_t group = begin;
    for (size_t i = begin; i < end; ++i) {
      if (placings_[i].rank != placings_[group].rank) group = i;
      const bool by_quota = placings_[i].reason == SelectionReason::kWithinQuota ||
                            placings_[i].reason == SelectionReason::kBeyondQuota;
      size_t other = group > begin ? group - 1 : NextGroup(i, end);
      if (divided && by_quota) {
        other = placings_[i].taken ? first_refused : last_taken;
        placings_[i].reason =
            placings_[i].taken ? SelectionReason::kTieWon : SelectionReason::kTieLost;
      }
      placings_[i].decided_by = Parting(order_[i], order_[other]);
    }
  }

  // One of the next rank, which exists. Only those of the first rank ask, one after the other.
  size_t NextGroup(size_t from, size_t end) {
    if (next_group_ > from && next_group_ < end) return next_group_;
    next_group_ = from + 1;
    while (placings_[next_group_].rank == placings_[from].rank) ++next_group_;
    return next_group_;
  }

  const RankingRule& rule_;
  const std::vector<Contender>& contenders_;
  const int64_t most_;
  std::vector<Points> points_;
  std::vector<size_t> order_;
  std::vector<Placing> placings_;
  size_t next_group_ = 0;
};

// a ÷ b, rounded half up; both positive, or a 0.
int64_t Rounded(int128 a, int128 b) { return static_cast<int64_t>((a * 2 + b) / (b * 2)); }

}  // namespace

std::vector<Placing> RankContenders(const RankingRule& rule,
                                    const std::vector<Contender>& contenders) {
  return Ranking(rule, contenders).Place();
}

int64_t TotalMillionths(const RankingRule& rule, const Contender& contender) {
  const Points points = PointsOf(rule, contender);
  const int64_t most = MostPoints(rule);
  if (most == 0) return 0;
  return Rounded(int128(points.numerator) * 100 * kMillion, int128(points.denominator) * most);
}

int64_t MeanMillionths(const RankingRule& rule, const Contender& contender, size_t criterion) {
  return Rounded(int128(contender.score_sums[criterion]) * (kMillion / kScoreScale),
                 Assessments(contender, rule.criteria[criterion].round));
}

}  // namespace tidemark::catalog
