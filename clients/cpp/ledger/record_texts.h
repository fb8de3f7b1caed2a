// The texts of an event: which column of a block holds which field of a record.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_RECORD_TEXTS_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_RECORD_TEXTS_H_

#include <cstddef>
#include <iterator>
#include <string_view>

#include "clients/cpp/ledger/column.h"
#include "clients/cpp/ledger/record.h"

namespace tidemark::ledger {

// Texts of events that repeat, and texts that hardly do.
struct RecordText {
  Column column;
  std::string_view EventRecord::*text;
};
inline constexpr RecordText kCodeTexts[] = {
    {Column::kSource, &EventRecord::source},
    {Column::kOriginalSource, &EventRecord::original_source},
    {Column::kTransactionScheme, &EventRecord::transaction_scheme},
    {Column::kConsumerScheme, &EventRecord::consumer_scheme},
    {Column::kConsumerRegion, &EventRecord::consumer_region},
    {Column::kProviderRegion, &EventRecord::provider_region},
    {Column::kPlaceOfUse, &EventRecord::place_of_use},
    {Column::kCategory, &EventRecord::category},
    {Column::kProduct, &EventRecord::product},
    {Column::kProvider, &EventRecord::provider},
    {Column::kPaymentMethod, &EventRecord::payment_method},
    {Column::kAgeBand, &EventRecord::age_band},
    {Column::kIncomeBand, &EventRecord::income_band},
    {Column::kScenario, &EventRecord::scenario},
    {Column::kProject, &EventRecord::project},
    {Column::kActivity, &EventRecord::activity},
};
inline constexpr RecordText kOwnTexts[] = {
    {Column::kId, &EventRecord::id},
    {Column::kOriginalId, &EventRecord::original_id},
    {Column::kOrder, &EventRecord::order},
    {Column::kTransactionId, &EventRecord::transaction_id},
    {Column::kPseudonym, &EventRecord::pseudonym},
    {Column::kCommitment, &EventRecord::commitment},
};
// Who sent it; one of a batch.
inline constexpr RecordText kPrincipalText = {Column::kPrincipal, &EventRecord::principal};
inline constexpr size_t kCodeTextCount = std::size(kCodeTexts);
inline constexpr size_t kOwnTextCount = std::size(kOwnTexts);

template <size_t N>
constexpr size_t PlaceOf(const RecordText (&texts)[N], Column column) {
  size_t i = 0;
  while (texts[i].column != column) ++i;
  return i;
}
constexpr size_t CodePlace(Column column) { return PlaceOf(kCodeTexts, column); }
constexpr size_t OwnPlace(Column column) { return PlaceOf(kOwnTexts, column); }

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_RECORD_TEXTS_H_
