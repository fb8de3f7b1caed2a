#include "services/analytics/query/vocabulary.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/edit_distance.h"
#include "services/analytics/domain/enumerations.h"

namespace tidemark::analytics {
namespace {

constexpr Aggregate kGrossOnly[] = {Aggregate::kGross};
constexpr Aggregate kRefundsOnly[] = {Aggregate::kRefunds};
constexpr Aggregate kUnlinkedOnly[] = {Aggregate::kUnlinkedRefunds};
constexpr Aggregate kGrossRefunds[] = {Aggregate::kGross, Aggregate::kRefunds};
constexpr Aggregate kPendingOnly[] = {Aggregate::kPendingRefunds};
constexpr Aggregate kVoidOnly[] = {Aggregate::kVoidRefunds};
constexpr Aggregate kGrossCohort[] = {Aggregate::kGross, Aggregate::kCohortRefunds};
constexpr Aggregate kVoucherOnly[] = {Aggregate::kVoucher};
constexpr Aggregate kEventsOnly[] = {Aggregate::kEvents};
constexpr Aggregate kPurchasesOnly[] = {Aggregate::kPurchases};
constexpr Aggregate kUsesOnly[] = {Aggregate::kUses};
constexpr Aggregate kQuantityOnly[] = {Aggregate::kQuantity};
constexpr Aggregate kOrdersOnly[] = {Aggregate::kOrders};
constexpr Aggregate kConsumersOnly[] = {Aggregate::kConsumers};
constexpr Aggregate kNewConsumersOnly[] = {Aggregate::kNewConsumers};
constexpr Aggregate kIdentified[] = {Aggregate::kIdentifiedGross, Aggregate::kGross};
constexpr Aggregate kGrossPurchases[] = {Aggregate::kGross, Aggregate::kPurchases};
constexpr Aggregate kGrossOrders[] = {Aggregate::kGross, Aggregate::kOrders};

// By number of Measure.
constexpr MeasureWord kMeasures[] = {
    {"gross", Measure::kGross, Unit::kMoney, true, false, kGrossOnly},
    {"refunds", Measure::kRefunds, Unit::kMoney, true, false, kRefundsOnly},
    {"unlinked_refunds", Measure::kUnlinkedRefunds, Unit::kMoney, true, false, kUnlinkedOnly},
    {"net", Measure::kNet, Unit::kMoney, true, false, kGrossRefunds},
    {"voucher", Measure::kVoucher, Unit::kMoney, true, false, kVoucherOnly},
    {"events", Measure::kEvents, Unit::kCount, true, false, kEventsOnly},
    {"purchases", Measure::kPurchases, Unit::kCount, true, false, kPurchasesOnly},
    {"uses", Measure::kUses, Unit::kCount, true, false, kUsesOnly},
    {"quantity", Measure::kQuantity, Unit::kItems, true, false, kQuantityOnly},
    {"orders", Measure::kOrders, Unit::kOrders, false, false, kOrdersOnly},
    {"consumers", Measure::kConsumers, Unit::kPseudonyms, false, false, kConsumersOnly},
    {"new_consumers", Measure::kNewConsumers, Unit::kPseudonyms, false, false, kNewConsumersOnly},
    {"identified_share", Measure::kIdentifiedShare, Unit::kRatio, false, true, kIdentified},
    {"average_line", Measure::kAverageLine, Unit::kMoney, false, true, kGrossPurchases},
    {"average_order", Measure::kAverageOrder, Unit::kMoney, false, true, kGrossOrders},
    {"quantile", Measure::kQuantile, Unit::kMoney, false, false, {}},
    {"refund_rate", Measure::kRefundRate, Unit::kRatio, false, true, kGrossRefunds},
    {"pending_refunds", Measure::kPendingRefunds, Unit::kMoney, true, false, kPendingOnly},
    {"void_refunds", Measure::kVoidRefunds, Unit::kMoney, true, false, kVoidOnly},
    {"refund_rate_cohort", Measure::kRefundRateCohort, Unit::kRatio, false, true, kGrossCohort},
};
static_assert(std::size(kMeasures) == kMeasureCount);

constexpr std::string_view kKinds[] = {"purchase", "refund", "service_use"};

// The names without [0], which stands for absent.
template <size_t n>
constexpr absl::Span<const std::string_view> Named(const std::string_view (&names)[n]) {
  return absl::MakeConstSpan(names).subspan(1);
}

constexpr DimensionWord kDimensions[] = {
    {"source", Field::kSource, CodeKind::kSources, {}},
    {"consumer_region", Field::kConsumerRegion, CodeKind::kRegions, {}},
    {"provider_region", Field::kProviderRegion, CodeKind::kRegions, {}},
    {"place_of_use", Field::kPlaceOfUse, CodeKind::kRegions, {}},
    {"category", Field::kCategory, CodeKind::kCategories, {}},
    {"product", Field::kProduct, CodeKind::kOpen, {}},
    {"provider", Field::kProvider, CodeKind::kOpen, {}},
    {"segment", Field::kSegment, CodeKind::kEnumeration, Named(kSegmentNames)},
    {"channel", Field::kChannel, CodeKind::kEnumeration, Named(kChannelNames)},
    {"payment_method", Field::kPaymentMethod, CodeKind::kOpen, {}},
    {"age_band", Field::kAgeBand, CodeKind::kOpen, {}},
    {"area_type", Field::kAreaType, CodeKind::kEnumeration, Named(kAreaTypeNames)},
    {"income_band", Field::kIncomeBand, CodeKind::kOpen, {}},
    // Closed by contract, but the catalog has no type for these three yet.
    {"scenario", Field::kScenario, CodeKind::kOpen, {}},
    {"project", Field::kProject, CodeKind::kOpen, {}},
    {"activity", Field::kActivity, CodeKind::kOpen, {}},
    {"kind", Field::kKind, CodeKind::kEnumeration, kKinds},
    {"consumer_scheme", Field::kConsumerScheme, CodeKind::kSchemes, {}},
    {"reporting_role", Field::kReportingRole, CodeKind::kEnumeration, Named(kReportingRoleNames)},
};
static_assert(std::size(kDimensions) == kFieldCount);

constexpr std::string_view kRegionLevels[] = {
    "",       "world",    "supranational",     "nation", "province", "city",
    "county", "township", "business_district", "street", "community"};
using catalog_client::RegionLevel;
constexpr RegionLevel kCatalogLevels[] = {
    RegionLevel::kUnspecified, RegionLevel::kWorld,    RegionLevel::kSupranational,
    RegionLevel::kNation,      RegionLevel::kProvince, RegionLevel::kCity,
    RegionLevel::kCounty,      RegionLevel::kTownship, RegionLevel::kBusinessDistrict,
    RegionLevel::kStreet,      RegionLevel::kCommunity};
static_assert(std::size(kRegionLevels) == std::size(kCatalogLevels));

}  // namespace

absl::Span<const MeasureWord> MeasureWords() { return kMeasures; }
absl::Span<const DimensionWord> DimensionWords() { return kDimensions; }
absl::Span<const std::string_view> RegionLevelNames() { return kRegionLevels; }
catalog_client::RegionLevel RegionLevelAt(int index) { return kCatalogLevels[index]; }

const MeasureWord& WordOf(Measure measure) { return kMeasures[static_cast<int>(measure)]; }

const MeasureWord* FindMeasure(std::string_view name) {
  const auto it = std::find_if(std::begin(kMeasures), std::end(kMeasures),
                               [name](const MeasureWord& word) { return word.name == name; });
  return it == std::end(kMeasures) ? nullptr : it;
}

const DimensionWord* FindDimension(std::string_view name) {
  const auto it = std::find_if(std::begin(kDimensions), std::end(kDimensions),
                               [name](const DimensionWord& word) { return word.name == name; });
  return it == std::end(kDimensions) ? nullptr : it;
}

int FindLevel(const DimensionWord& dimension, std::string_view level) {
  if (level.empty()) return 0;
  if (dimension.codes == CodeKind::kRegions) {
    const auto it = std::find(std::begin(kRegionLevels), std::end(kRegionLevels), level);
    return it == std::end(kRegionLevels) ? 0 : static_cast<int>(it - std::begin(kRegionLevels));
  }
  int number = 0;
  // The text must be the number's only spelling, so that equal queries have equal texts.
  if (dimension.codes != CodeKind::kCategories || !absl::SimpleAtoi(level, &number) ||
      absl::StrCat(number) != level || number < 1 || number > kMaxCategoryLevel) {
    return 0;
  }
  return number;
}

std::vector<std::string_view> NearWords(std::string_view text,
                                        const std::vector<std::string_view>& words) {
  // Texts far longer than any word resemble none of them.
  constexpr size_t kLongest = 64;
  const std::string lower = absl::AsciiStrToLower(text.substr(0, kLongest + 1));
  std::vector<std::pair<size_t, std::string_view>> near;
  for (const std::string_view word : words) {
    if (text.size() > kLongest) break;
    const size_t distance = base::EditDistance(lower, word, kLongest);
    const bool contains =
        text.size() >= 3 && (absl::StrContains(word, text) || absl::StrContains(text, word));
    if (contains || distance <= std::max<size_t>(2, word.size() / 3)) {
      near.emplace_back(contains ? std::min<size_t>(distance, 1) : distance, word);
    }
  }
  std::sort(near.begin(), near.end());
  if (near.size() > 3) near.resize(3);
  std::vector<std::string_view> nearest;
  for (const auto& [distance, word] : near) nearest.push_back(word);
  return nearest;
}

std::string NearestWords(std::string_view text, const std::vector<std::string_view>& words) {
  constexpr size_t kFew = 8;
  const std::vector<std::string_view> near = NearWords(text, words);
  if (!near.empty()) return absl::StrCat("; nearest: ", absl::StrJoin(near, ", "));
  return words.size() <= kFew ? absl::StrCat("; want one of ", absl::StrJoin(words, ", "))
                              : std::string();
}

}  // namespace tidemark::analytics
