#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_RANKING_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_RANKING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/numeric/int128.h"
#include "services/catalog/domain/date.h"

// Ranking and selecting candidacies, exactly: no number is rounded before it has been compared.
// What the terms mean stands at SelectionRule of tidemark.catalog.v1; the numbers of the enums are
// those of the proto.
namespace tidemark::catalog {

enum class TieRule : int { kUnspecified = 0, kTakeAll = 1, kTakeNone = 2, kEarliest = 3 };

enum class SelectionReason : int {
  kUnspecified = 0,
  kWithinQuota = 1,
  kBelowCutOff = 2,
  kBeyondQuota = 3,
  kTieWon = 4,
  kTieLost = 5,
  kTieRule = 6,
};

inline constexpr int kRankedRounds = 2;

// A criterion that counts.
struct RankedCriterion {
  // Of the round it is judged in, 0 or 1.
  int round = 0;
  // 1 to 10,000.
  uint32_t weight = 0;
};

struct RankingRule {
  // At most 100.
  std::vector<RankedCriterion> criteria;
  // 1 to 1,000.
  uint32_t max_score = 100;
  // Lowest total that is taken, 0 to 100, in millionths.
  int64_t cut_off_millionths = 0;
  // 0: no limit.
  uint32_t quota = 0;
  // Positions in `criteria`.
  std::vector<size_t> tie_break;
  TieRule ties = TieRule::kUnspecified;
};

// A candidacy that takes part.
struct Contender {
  std::string name;
  Date submitted;
  // Number of its assessments in each round; 1 to 100 where a criterion of the round counts.
  int assessments[kRankedRounds] = {0, 0};
  // Sum of its scores by each criterion of the rule, in thousandths.
  std::vector<int64_t> score_sums;
};

struct Placing {
  // Position among the contenders.
  size_t contender = 0;
  // From 1; equal ones share it (1, 2, 2, 4).
  uint32_t rank = 0;
  bool taken = false;
  SelectionReason reason = SelectionReason::kUnspecified;
  // Position in the criteria of the one that parted it from another of equal total; negative: none.
  int decided_by = -1;
};

// The contenders by rank, equal ones by name. Costs n log n comparisons.
std::vector<Placing> RankContenders(const RankingRule& rule,
                                    const std::vector<Contender>& contenders);

// The total of a contender, 0 to 100, in millionths, rounded half up.
int64_t TotalMillionths(const RankingRule& rule, const Contender& contender);

// The mean score by a criterion in millionths, rounded half up.
int64_t MeanMillionths(const RankingRule& rule, const Contender& contender, size_t criterion);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_RANKING_H_
