#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_CONTROL_TOTALS_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_CONTROL_TOTALS_H_

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cpp/catalog/catalog_view.h"
#include "clients/cpp/ledger/record.h"

namespace tidemark::ingest {

inline constexpr size_t kMaxControlTotals = 1000;

// Control totals as sent.
struct SentTotals {
  std::string_view source;
  int64_t year = 0;
  int64_t month = 0;
  int64_t day = 0;
  uint64_t events = 0;
  int64_t gross = 0;
  int64_t refunds = 0;
};

struct ControlTotalsContext {
  const catalog_client::CatalogView* view = nullptr;  // not owned
  int64_t now_us = 0;
  std::function<bool(std::string_view source)> may_use_source;
};

// The SOURCE_DAY records of the totals, whose texts point where those of `totals` do. All or
// none: INVALID_ARGUMENT or PERMISSION_DENIED names the first entry at fault and its field
// ("totals[3].day").
absl::StatusOr<std::vector<ledger::SourceDay>> CheckControlTotals(
    std::span<const SentTotals> totals, const ControlTotalsContext& context);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_CONTROL_TOTALS_H_
