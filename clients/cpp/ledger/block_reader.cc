#include "clients/cpp/ledger/block_reader.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/body_reader.h"
#include "clients/cpp/ledger/record_texts.h"
#include "clients/cpp/ledger/wire.h"
#include "common/status/status_macros.h"

namespace tidemark::ledger {
namespace {

size_t Number(Column column) { return static_cast<size_t>(column); }

// The lists of a column's entries one after the other; entry i has [ends[i - 1], ends[i]). Rows
// share those of their entry: a list that a few bytes give to a million rows takes no more memory
// than those bytes are worth.
template <typename T>
struct Lists {
  std::vector<T> values;
  std::vector<size_t> ends;
  std::span<const uint32_t> index;
  std::span<const T> operator[](size_t row) const {
    const uint32_t entry = index[row];
    const size_t begin = entry == 0 ? 0 : ends[entry - 1];
    return std::span<const T>(values).subspan(begin, ends[entry] - begin);
  }
};

template <typename T, typename Consume>
absl::Status ReadLists(const TextColumn& column, std::string_view name, Consume consume,
                       Lists<T>* lists) {
  lists->values.clear();
  lists->ends.clear();
  lists->index = column.index;
  for (std::string_view text : column.entries) {
    if (!Absent(text) && (!consume(&text, &lists->values) || !text.empty())) {
      return absl::DataLossError(absl::StrCat("block column ", name, ": a value is not a list"));
    }
    lists->ends.push_back(lists->values.size());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status DecodeLeafList(std::string_view text, std::vector<uint64_t>* leaves) {
  leaves->clear();
  if (wire::ConsumeLeaves(&text, leaves) && text.empty()) return absl::OkStatus();
  return absl::DataLossError("block column resolves: a value is not a list");
}

struct BlockReader::Impl {
  BlockHeader header;
  BodyReader body;

  // Columns unpacked so far.
  std::optional<TextColumn> texts[kColumnCount];
  std::optional<IntegerColumn> integers[kColumnCount];
  std::optional<LinkColumn> links[kColumnCount];
  std::optional<SmallColumn> smalls[kColumnCount];
  std::optional<Fixed16Column> fixed[kColumnCount];

  bool rows_loaded = false;
  // The text fields that the block has at all.
  std::vector<std::pair<std::string_view EventRecord::*, TextColumn>> row_texts;
  Lists<Attribute> attributes;
  Lists<uint64_t> resolves;

  void Clear() {
    header = BlockHeader();
    body.Close();
    for (size_t i = 0; i < kColumnCount; ++i) {
      texts[i].reset();
      integers[i].reset();
      links[i].reset();
      smalls[i].reset();
      fixed[i].reset();
    }
    rows_loaded = false;
    row_texts.clear();
  }

  absl::Status CheckRows() const;
  absl::Status CheckResolved() const;
  void Read(size_t row, EventRecord* record) const;
};

// That every row is what its kind says, so that Read() cannot go wrong.
absl::Status BlockReader::Impl::CheckRows() const {
  const SmallColumn& kinds = *smalls[Number(Column::kRecordKind)];
  const SmallColumn& event_kinds = *smalls[Number(Column::kKind)];
  const TextColumn& sources = *texts[Number(Column::kSource)];
  const TextColumn& ids = *texts[Number(Column::kId)];
  const TextColumn& control = *texts[Number(Column::kControl)];
  const IntegerColumn& times = *integers[Number(Column::kEventTime)];
  const Fixed16Column& pseudonyms = *fixed[Number(Column::kPseudonym)];
  const TextColumn& commitments = *texts[Number(Column::kCommitment)];
  for (size_t row = 0; row < header.record_count; ++row) {
    const bool event = kinds.values[row] == static_cast<uint8_t>(RecordKind::kEvent);
    const bool good =
        event ? event_kinds.values[row] != 0 && sources.index[row] != 0 && ids.index[row] != 0 &&
                    times.presence[row] && control.index[row] == 0
              : kinds.values[row] != 0 && sources.index[row] == 0 && control.index[row] != 0;
    const bool committed =
        commitments.index[row] == 0 || commitments[row].size() == kCommitmentBytes;
    if (!good || !committed || (!event && pseudonyms.index[row] != 0)) {
      return absl::DataLossError(absl::StrCat("block of leaf ", header.first_leaf, ": row ", row,
                                              " is not a whole record"));
    }
  }
  return absl::OkStatus();
}

// What a record resolves came before it; other links are checked where they are unpacked.
absl::Status BlockReader::Impl::CheckResolved() const {
  if (resolves.values.empty()) return absl::OkStatus();
  for (size_t row = 0; row < header.record_count; ++row) {
    const std::span<const uint64_t> leaves = resolves[row];
    if (leaves.empty() || leaves.back() < header.first_leaf + row) continue;
    return absl::DataLossError(absl::StrCat("block of leaf ", header.first_leaf, ": row ", row,
                                            " resolves leaf ", leaves.back(),
                                            ", which is not below its own"));
  }
  return absl::OkStatus();
}

void BlockReader::Impl::Read(size_t row, EventRecord* r) const {
  for (const auto& [field, column] : row_texts) r->*field = column[row];
  const auto small = [&](Column column) { return smalls[Number(column)]->values[row]; };
  const auto integer = [&](Column column) {
    const IntegerColumn& values = *integers[Number(column)];
    return values.presence[row] ? std::optional<int64_t>(values.values[row]) : std::nullopt;
  };
  r->revision = static_cast<uint32_t>(integer(Column::kRevision).value_or(0));
  r->kind = static_cast<EventKind>(small(Column::kKind));
  r->event_time_us = integers[Number(Column::kEventTime)]->values[row];
  r->reporting_role = static_cast<ReportingRole>(small(Column::kReportingRole));
  if (const char* pseudonym = fixed[Number(Column::kPseudonym)]->data(row); pseudonym != nullptr) {
    r->pseudonym = std::string_view(pseudonym, kPseudonymBytes);
  }
  r->pseudonym_epoch = static_cast<uint32_t>(integer(Column::kPseudonymEpoch).value_or(0));
  r->segment = static_cast<Segment>(small(Column::kSegment));
  r->channel = static_cast<Channel>(small(Column::kChannel));
  r->area_type = static_cast<AreaType>(small(Column::kAreaType));
  r->amount = integer(Column::kAmount);
  r->voucher_amount = integer(Column::kVoucherAmount);
  r->quantity = integer(Column::kQuantity);
  r->attributes = attributes[row];
  r->accepted_time_us = header.accepted_time_us;
  r->original_leaf = links[Number(Column::kOriginalLeaf)]->leaves[row];
  r->resolves = resolves[row];
  r->previous_leaf = links[Number(Column::kPreviousLeaf)]->leaves[row];
  r->transaction_leaf = links[Number(Column::kTransactionLeaf)]->leaves[row];
}

BlockReader::BlockReader() : impl_(std::make_unique<Impl>()) {}
BlockReader::~BlockReader() = default;
BlockReader::BlockReader(BlockReader&&) noexcept = default;
BlockReader& BlockReader::operator=(BlockReader&&) noexcept = default;

absl::StatusOr<BlockReader> BlockReader::Open(std::string_view bytes) {
  BlockReader reader;
  TM_RETURN_IF_ERROR(reader.Reset(bytes));
  return reader;
}

absl::Status BlockReader::Reset(std::string_view bytes) {
  impl_->Clear();
  TM_ASSIGN_OR_RETURN(BlockHeader header, VerifyBlock(bytes));
  const absl::Status status =
      impl_->body.Open(bytes.substr(header.header_bytes()), header.record_count, header.raw_bytes);
  if (!status.ok()) {
    impl_->body.Close();
    return status;
  }
  impl_->header = std::move(header);
  return absl::OkStatus();
}

const BlockHeader& BlockReader::header() const { return impl_->header; }
bool BlockReader::Has(Column column) const { return impl_->body.Has(column); }
bool BlockReader::HasUnknownColumns() const { return impl_->body.has_unknown_columns(); }

namespace {

// Unpacks a column unless it is there already. `slots` is where columns of its type are kept.
template <typename T, typename Unpack>
absl::StatusOr<T> Remember(std::optional<T>* slots, Column column, ColumnType type, Unpack unpack) {
  if (Number(column) == 0 || Number(column) >= kColumnCount || TypeOf(column) != type) {
    return absl::InvalidArgumentError(
        absl::StrCat("block column ", Number(column), " is not read by this call"));
  }
  std::optional<T>& slot = slots[Number(column)];
  if (!slot.has_value()) {
    TM_ASSIGN_OR_RETURN(slot, unpack());
  }
  return *slot;
}

}  // namespace

absl::StatusOr<TextColumn> BlockReader::Text(Column column) {
  return Remember(impl_->texts, column, ColumnType::kText,
                  [&] { return impl_->body.Text(column); });
}
absl::StatusOr<IntegerColumn> BlockReader::Integers(Column column) {
  return Remember(impl_->integers, column, ColumnType::kInteger,
                  [&] { return impl_->body.Integers(column); });
}
absl::StatusOr<LinkColumn> BlockReader::Links(Column column) {
  return Remember(impl_->links, column, ColumnType::kLink,
                  [&] { return impl_->body.Links(column, impl_->header.first_leaf); });
}
absl::StatusOr<SmallColumn> BlockReader::Small(Column column) {
  return Remember(impl_->smalls, column, ColumnType::kSmall,
                  [&] { return impl_->body.Small(column); });
}
absl::StatusOr<Fixed16Column> BlockReader::Fixed16(Column column) {
  return Remember(impl_->fixed, column, ColumnType::kFixed16,
                  [&] { return impl_->body.Fixed16(column); });
}

absl::Status BlockReader::LoadRows() {
  Impl& impl = *impl_;
  if (impl.rows_loaded) return absl::OkStatus();
  for (size_t i = 1; i < kColumnCount; ++i) {
    const auto column = static_cast<Column>(i);
    switch (TypeOf(column)) {
      case ColumnType::kText:
        TM_RETURN_IF_ERROR(Text(column).status());
        break;
      case ColumnType::kInteger:
        TM_RETURN_IF_ERROR(Integers(column).status());
        break;
      case ColumnType::kLink:
        TM_RETURN_IF_ERROR(Links(column).status());
        break;
      case ColumnType::kSmall:
        TM_RETURN_IF_ERROR(Small(column).status());
        break;
      case ColumnType::kFixed16:
        TM_RETURN_IF_ERROR(Fixed16(column).status());
        break;
    }
  }
  TM_RETURN_IF_ERROR(impl.CheckRows());
  impl.row_texts.clear();
  const auto add = [&](const RecordText& field) {
    if (TypeOf(field.column) == ColumnType::kText && Has(field.column)) {
      impl.row_texts.emplace_back(field.text, *impl.texts[Number(field.column)]);
    }
  };
  std::for_each(std::begin(kCodeTexts), std::end(kCodeTexts), add);
  std::for_each(std::begin(kOwnTexts), std::end(kOwnTexts), add);
  add(kPrincipalText);
  TM_RETURN_IF_ERROR(ReadLists(*impl.texts[Number(Column::kAttributes)], "attributes",
                               wire::ConsumeAttributes, &impl.attributes));
  TM_RETURN_IF_ERROR(ReadLists(*impl.texts[Number(Column::kResolves)], "resolves",
                               wire::ConsumeLeaves, &impl.resolves));
  TM_RETURN_IF_ERROR(impl.CheckResolved());
  impl.rows_loaded = true;
  return absl::OkStatus();
}

absl::Status BlockReader::CheckRow(size_t row, bool event) {
  if (row >= size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("row ", row, " is outside of a block of ", size()));
  }
  TM_RETURN_IF_ERROR(LoadRows());
  const uint8_t kind = impl_->smalls[Number(Column::kRecordKind)]->values[row];
  if ((kind == static_cast<uint8_t>(RecordKind::kEvent)) != event) {
    return absl::InvalidArgumentError(absl::StrCat("row ", row, " is a record of kind ", kind));
  }
  return absl::OkStatus();
}

absl::StatusOr<uint8_t> BlockReader::Kind(size_t row) {
  if (row >= size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("row ", row, " is outside of a block of ", size()));
  }
  TM_ASSIGN_OR_RETURN(const SmallColumn kinds, Small(Column::kRecordKind));
  return kinds.values[row];
}

absl::StatusOr<EventRecord> BlockReader::Record(size_t row) {
  TM_RETURN_IF_ERROR(CheckRow(row, true));
  absl::StatusOr<EventRecord> record((EventRecord()));
  impl_->Read(row, &*record);
  return record;
}

absl::StatusOr<ControlRecord> BlockReader::Control(size_t row) {
  TM_RETURN_IF_ERROR(CheckRow(row, false));
  return ControlRecord{impl_->smalls[Number(Column::kRecordKind)]->values[row],
                       (*impl_->texts[Number(Column::kControl)])[row]};
}

}  // namespace tidemark::ledger
