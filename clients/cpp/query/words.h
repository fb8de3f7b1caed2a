#ifndef TIDEMARK_CLIENTS_CPP_QUERY_WORDS_H_
#define TIDEMARK_CLIENTS_CPP_QUERY_WORDS_H_

#include <string_view>

// The words of queries that other services than analytics need to know: analytics holds its own
// tables to these lists. docs/statistics.md has the definitions.
namespace tidemark::query {

enum class MeasureUnit { kMoney, kCount, kPseudonyms, kRatio };

struct MeasureName {
  std::string_view name;
  MeasureUnit unit;
};

inline constexpr MeasureName kMeasureNames[] = {
    {"gross", MeasureUnit::kMoney},
    {"refunds", MeasureUnit::kMoney},
    {"unlinked_refunds", MeasureUnit::kMoney},
    {"net", MeasureUnit::kMoney},
    {"voucher", MeasureUnit::kMoney},
    {"events", MeasureUnit::kCount},
    {"purchases", MeasureUnit::kCount},
    {"uses", MeasureUnit::kCount},
    {"quantity", MeasureUnit::kCount},
    {"orders", MeasureUnit::kCount},
    {"consumers", MeasureUnit::kPseudonyms},
    {"new_consumers", MeasureUnit::kPseudonyms},
    {"identified_share", MeasureUnit::kRatio},
    {"average_line", MeasureUnit::kMoney},
    {"average_order", MeasureUnit::kMoney},
    {"quantile", MeasureUnit::kMoney},
    {"refund_rate", MeasureUnit::kRatio},
    {"pending_refunds", MeasureUnit::kMoney},
    {"void_refunds", MeasureUnit::kMoney},
    {"refund_rate_cohort", MeasureUnit::kRatio},
};

inline constexpr std::string_view kDimensionNames[] = {
    "source",      "consumer_region", "provider_region", "place_of_use",
    "category",    "product",         "provider",        "segment",
    "channel",     "payment_method",  "age_band",        "area_type",
    "income_band", "scenario",        "project",         "activity",
    "kind",        "consumer_scheme", "reporting_role",
};

}  // namespace tidemark::query

#endif  // TIDEMARK_CLIENTS_CPP_QUERY_WORDS_H_
