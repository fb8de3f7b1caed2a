#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_FOLD_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_FOLD_H_

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/block_reader.h"
#include "services/analytics/domain/effect_batch.h"
#include "services/analytics/domain/link_fold.h"

namespace tidemark::analytics {

// Fold: turns blocks of the log into effects.
//
//   Fold fold(&store);
//   TM_RETURN_IF_ERROR(reader.Reset(block));
//   EffectBatch batch;
//   TM_RETURN_IF_ERROR(fold.Read(reader, &batch));
//   TM_RETURN_IF_ERROR(store.Append(batch));
//
// A purchase, an unlinked refund and a service use are one own effect each. What hangs together
// with other events counts as linked_events.h says: a record that changes how earlier ones count
// makes copies of their effects. Records that are not events make no effects; a CATALOG_MARK
// becomes a mark of the batch, where another precedence has transactions judged again. Columns are
// handed through as the block has them, so that nothing is done per event and text.
class Fold {
 public:
  // Not owned: where the batches go, each before the next block is read. See LinkFold.
  explicit Fold(const StatStore* store, PrecedenceAt precedence = nullptr)
      : links_(store, std::move(precedence)) {}

  // Of a block. DATA_LOSS: it is damaged.
  static absl::StatusOr<std::vector<EffectBatch::Mark>> MarksOf(ledger::BlockReader& reader);

  // Replaces `batch`; its views are valid until the next Read() of this fold or Reset() of the
  // reader. DATA_LOSS: the block is damaged. UNIMPLEMENTED: it holds what a later release writes.
  // UNAVAILABLE: the catalog is not there yet at a version that the block names, or that the store
  // ends at.
  absl::Status Read(ledger::BlockReader& reader, EffectBatch* batch);

  // For any thread.
  const LinkFold& links() const { return links_; }

 private:
  absl::Status ReadKinds(ledger::BlockReader& reader, EffectBatch* batch);
  absl::Status ReadText(ledger::BlockReader& reader, ledger::Column column,
                        std::vector<uint32_t>* scratch, TextColumn* out);
  absl::Status ReadSmall(ledger::BlockReader& reader, ledger::Column column,
                         std::span<const std::string_view> names, std::vector<uint32_t>* scratch,
                         TextColumn* out);
  absl::Status ReadIntegers(ledger::BlockReader& reader, ledger::Column column,
                            std::vector<int64_t>* scratch, std::span<const int64_t>* out);
  absl::Status ReadPseudonyms(ledger::BlockReader& reader, EffectBatch* batch);
  // values[row] of the rows with an effect: the values themselves when that is every row.
  template <typename T>
  std::span<const T> Kept(std::span<const T> values, std::vector<T>* scratch) const;

  LinkFold links_;
  bool all_rows_ = true;
  std::vector<uint32_t> rows_;  // with an effect, when not all have one
  std::vector<EffectKind> kinds_;
  std::vector<uint64_t> effective_;
  std::array<std::vector<uint32_t>, kFieldCount> field_index_;
  std::vector<uint32_t> order_index_, pseudonym_index_;
  std::vector<int64_t> times_, amounts_, vouchers_, quantities_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_FOLD_H_
