#include "services/analytics/domain/fold.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/control.h"
#include "common/base/hex.h"
#include "common/status/status_macros.h"
#include "services/analytics/domain/enumerations.h"

namespace tidemark::analytics {
namespace {

using ledger::Column;
using ledger::EventKind;
using ledger::RecordKind;

struct TextSource {
  Field field;
  Column column;
};
constexpr TextSource kTexts[] = {
    {Field::kSource, Column::kSource},
    {Field::kConsumerRegion, Column::kConsumerRegion},
    {Field::kProviderRegion, Column::kProviderRegion},
    {Field::kPlaceOfUse, Column::kPlaceOfUse},
    {Field::kCategory, Column::kCategory},
    {Field::kProduct, Column::kProduct},
    {Field::kProvider, Column::kProvider},
    {Field::kPaymentMethod, Column::kPaymentMethod},
    {Field::kAgeBand, Column::kAgeBand},
    {Field::kIncomeBand, Column::kIncomeBand},
    {Field::kScenario, Column::kScenario},
    {Field::kProject, Column::kProject},
    {Field::kActivity, Column::kActivity},
    {Field::kConsumerScheme, Column::kConsumerScheme},
};

struct SmallSource {
  Field field;
  Column column;
  std::span<const std::string_view> names;
};
constexpr SmallSource kSmalls[] = {
    {Field::kSegment, Column::kSegment, kSegmentNames},
    {Field::kChannel, Column::kChannel, kChannelNames},
    {Field::kAreaType, Column::kAreaType, kAreaTypeNames},
    {Field::kReportingRole, Column::kReportingRole, kReportingRoleNames},
};

absl::Status LaterRelease(std::string_view what, int number) {
  return absl::UnimplementedError(
      absl::StrCat("a block holds ", std::string(what), " ", number,
                   ", which this release does not know: update analytics"));
}

}  // namespace

template <typename T>
std::span<const T> Fold::Kept(std::span<const T> values, std::vector<T>* scratch) const {
  if (all_rows_) return values;
  scratch->resize(rows_.size());
  for (size_t i = 0; i < rows_.size(); ++i) (*scratch)[i] = values[rows_[i]];
  return *scratch;
}

absl::StatusOr<std::vector<EffectBatch::Mark>> Fold::MarksOf(ledger::BlockReader& reader) {
  std::vector<EffectBatch::Mark> marks;
  if (!reader.Has(Column::kControl)) return marks;
  TM_ASSIGN_OR_RETURN(const ledger::SmallColumn kinds, reader.Small(Column::kRecordKind));
  TM_ASSIGN_OR_RETURN(const ledger::TextColumn bodies, reader.Text(Column::kControl));
  for (size_t row = 0; row < reader.size(); ++row) {
    if (kinds.values[row] != static_cast<uint8_t>(RecordKind::kCatalogMark)) continue;
    TM_ASSIGN_OR_RETURN(const ledger::CatalogMark mark, ledger::DecodeCatalogMark(bodies[row]));
    marks.push_back({reader.header().first_leaf + row, mark.version, mark.hash});
  }
  return marks;
}

absl::Status Fold::ReadKinds(ledger::BlockReader& reader, EffectBatch* batch) {
  TM_ASSIGN_OR_RETURN(const ledger::SmallColumn kinds, reader.Small(Column::kKind));
  for (const uint8_t kind : kinds.values) {
    if (kind > static_cast<uint8_t>(EventKind::kVoid)) return LaterRelease("events of kind", kind);
  }
  TM_RETURN_IF_ERROR(links_.Read(reader, batch->catalog_marks));
  const size_t rows = reader.size();
  rows_.clear();
  kinds_.clear();
  for (size_t row = 0; row < rows; ++row) {
    EffectKind kind = EffectKind::kPurchase;
    switch (static_cast<EventKind>(kinds.values[row])) {
      case EventKind::kPurchase:
        break;
      case EventKind::kRefund:
        kind = EffectKind::kUnlinkedRefund;
        break;
      case EventKind::kServiceUse:
        kind = EffectKind::kServiceUse;
        break;
      case EventKind::kUnspecified:  // not an event
      case EventKind::kVoid:
        continue;
    }
    if (links_.any()) {
      const LinkFold::Own own = links_.own_of(row);
      if (own == LinkFold::Own::kCopy) continue;
      if (own == LinkFold::Own::kPlain) kind = links_.kind_of(row);
    }
    rows_.push_back(static_cast<uint32_t>(row));
    kinds_.push_back(kind);
  }
  if (links_.any()) {
    batch->copies = links_.copies();
    batch->notes = links_.notes();
  }
  all_rows_ = rows_.size() == rows;
  batch->size = rows_.size();
  batch->kind = kinds_;
  if (all_rows_) return absl::OkStatus();
  effective_.resize(rows_.size());
  for (size_t i = 0; i < rows_.size(); ++i) effective_[i] = batch->first_leaf + rows_[i];
  batch->effective_index = effective_;
  return absl::OkStatus();
}

absl::Status Fold::ReadText(ledger::BlockReader& reader, Column column,
                            std::vector<uint32_t>* scratch, TextColumn* out) {
  if (!reader.Has(column)) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const ledger::TextColumn texts, reader.Text(column));
  if (texts.entries.size() <= 1) return absl::OkStatus();
  out->entries = texts.entries;
  out->index = Kept(texts.index, scratch);
  out->constant = texts.constant;
  return absl::OkStatus();
}

absl::Status Fold::ReadSmall(ledger::BlockReader& reader, Column column,
                             std::span<const std::string_view> names,
                             std::vector<uint32_t>* scratch, TextColumn* out) {
  if (!reader.Has(column)) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const ledger::SmallColumn small, reader.Small(column));
  scratch->resize(rows_.size());
  uint8_t highest = 0;
  for (size_t i = 0; i < rows_.size(); ++i) {
    const uint8_t number = small.values[rows_[i]];
    (*scratch)[i] = number;
    highest = std::max(highest, number);
  }
  if (highest >= names.size()) return LaterRelease(ledger::NameOf(column), highest);
  out->entries = names;
  out->index = *scratch;
  return absl::OkStatus();
}

absl::Status Fold::ReadIntegers(ledger::BlockReader& reader, Column column,
                                std::vector<int64_t>* scratch, std::span<const int64_t>* out) {
  if (!reader.Has(column)) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const ledger::IntegerColumn integers, reader.Integers(column));
  *out = Kept(integers.values, scratch);
  return absl::OkStatus();
}

absl::Status Fold::ReadPseudonyms(ledger::BlockReader& reader, EffectBatch* batch) {
  if (!reader.Has(Column::kPseudonym)) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const ledger::Fixed16Column pseudonyms, reader.Fixed16(Column::kPseudonym));
  if (pseudonyms.absent) return absl::OkStatus();
  batch->pseudonyms = pseudonyms.values;
  batch->pseudonym_index = Kept(pseudonyms.index, &pseudonym_index_);
  return absl::OkStatus();
}

absl::Status Fold::Read(ledger::BlockReader& reader, EffectBatch* batch) {
  *batch = EffectBatch();
  const ledger::BlockHeader& header = reader.header();
  batch->log_id = base::HexEncode(
      std::string_view(reinterpret_cast<const char*>(header.log_id.data()), header.log_id.size()));
  batch->first_leaf = header.first_leaf;
  batch->record_count = header.record_count;
  batch->accepted_time_us = header.accepted_time_us;
  TM_ASSIGN_OR_RETURN(batch->catalog_marks, MarksOf(reader));
  TM_RETURN_IF_ERROR(ReadKinds(reader, batch));
  if (batch->size == 0) return absl::OkStatus();
  for (const TextSource& source : kTexts) {
    const int f = static_cast<int>(source.field);
    TM_RETURN_IF_ERROR(ReadText(reader, source.column, &field_index_[f], &batch->fields[f]));
  }
  for (const SmallSource& source : kSmalls) {
    const int f = static_cast<int>(source.field);
    TM_RETURN_IF_ERROR(
        ReadSmall(reader, source.column, source.names, &field_index_[f], &batch->fields[f]));
  }
  TM_RETURN_IF_ERROR(ReadText(reader, Column::kOrder, &order_index_, &batch->order));
  TM_RETURN_IF_ERROR(ReadPseudonyms(reader, batch));
  TM_RETURN_IF_ERROR(ReadIntegers(reader, Column::kEventTime, &times_, &batch->event_time_us));
  TM_RETURN_IF_ERROR(ReadIntegers(reader, Column::kAmount, &amounts_, &batch->amount));
  TM_RETURN_IF_ERROR(ReadIntegers(reader, Column::kVoucherAmount, &vouchers_, &batch->voucher));
  TM_RETURN_IF_ERROR(ReadIntegers(reader, Column::kQuantity, &quantities_, &batch->quantity));
  if (batch->event_time_us.size() != batch->size) {
    return absl::DataLossError("the block has events without event time");
  }
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
