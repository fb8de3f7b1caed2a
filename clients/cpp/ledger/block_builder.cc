#include "clients/cpp/ledger/block_builder.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/body_writer.h"
#include "clients/cpp/ledger/column.h"
#include "clients/cpp/ledger/column_builders.h"
#include "clients/cpp/ledger/control.h"
#include "clients/cpp/ledger/merkle.h"
#include "clients/cpp/ledger/wire.h"
#include "common/base/crc32c.h"
#include "common/status/status_macros.h"

namespace tidemark::ledger {
namespace {

// Upper bound of what a row adds to a column beside the bytes of its text: index, length, presence.
constexpr size_t kRowBytes = 4 * kColumnCount;

struct TextField {
  Column column;
  std::string_view EventRecord::*text;
};

// Texts that repeat, from the second column on (ids are plain).
constexpr TextField kDictionaries[] = {
    {Column::kSource, &EventRecord::source},
    {Column::kOriginalSource, &EventRecord::original_source},
    {Column::kOrder, &EventRecord::order},
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
    {Column::kPrincipal, &EventRecord::principal},
};
constexpr TextField kPlainTexts[] = {
    {Column::kId, &EventRecord::id},
    {Column::kOriginalId, &EventRecord::original_id},
    {Column::kTransactionId, &EventRecord::transaction_id},
    {Column::kPseudonym, &EventRecord::pseudonym},
    {Column::kCommitment, &EventRecord::commitment},
};

static_assert(BlockBuilder::kMostAtOnce == kMostRowsAtOnce);

size_t Number(Column column) { return static_cast<size_t>(column); }

// Upper bound of what a record adds to the body.
size_t BytesOf(const EventRecord& record) {
  size_t bytes = kRowBytes + 8 * 9;  // nine integers and links
  for (const TextField& field : kDictionaries) bytes += (record.*field.text).size();
  for (const TextField& field : kPlainTexts) bytes += (record.*field.text).size();
  for (const Attribute& attribute : record.attributes) {
    bytes += attribute.key.size() + attribute.value.size() + 4;
  }
  return bytes + record.resolves.size() * base::kMaxVarintBytes;
}

}  // namespace

// Builders are addressed by column number; of the four arrays each column uses one.
struct BlockBuilder::Impl {
  uint32_t rows = 0;
  size_t raw_bytes = 0;
  uint32_t controls = 0;
  DictionaryBuilder dictionaries[kColumnCount];
  PlainTextBuilder texts[kColumnCount];
  IntegerBuilder integers[kColumnCount];
  SmallBuilder smalls[kColumnCount];
  bool is_dictionary[kColumnCount] = {};
  std::vector<std::pair<uint32_t, uint64_t>> last_resolved;  // row and its last leaf
  BodyWriter writer;
  std::string body;
  std::string scratch;
  IntegerBuilder distances;

  Impl() {
    for (const TextField& field : kDictionaries) is_dictionary[Number(field.column)] = true;
  }

  absl::Status Room(size_t more, size_t bytes) const {
    if (rows + more <= kMaxBlockRecords && raw_bytes + bytes <= kMaxBlockRawBytes)
      return absl::OkStatus();
    return absl::ResourceExhaustedError(
        absl::StrCat("block: full with ", rows, " records and up to ", raw_bytes, " bytes"));
  }
  // Column by column.
  void AddTexts(std::span<const EventRecord* const> records);
  void AddRest(const EventRecord& record, uint32_t row);
  void WriteColumn(Column column, uint64_t first_leaf);
  absl::Status CheckLinks(uint64_t first_leaf);
  void Clear();
};

void BlockBuilder::Impl::AddTexts(std::span<const EventRecord* const> records) {
  std::string_view gathered[kMostRowsAtOnce];
  for (const TextField& field : kDictionaries) {
    bool any = false;
    for (size_t i = 0; i < records.size(); ++i) {
      gathered[i] = records[i]->*field.text;
      any = any || !Absent(gathered[i]);
    }
    if (any) dictionaries[Number(field.column)].AddMany(rows, {gathered, records.size()});
  }
  for (const TextField& field : kPlainTexts) {
    PlainTextBuilder& column = texts[Number(field.column)];
    for (size_t i = 0; i < records.size(); ++i) {
      const std::string_view text = records[i]->*field.text;
      if (!Absent(text)) column.Add(rows + static_cast<uint32_t>(i), text);
    }
  }
}

void BlockBuilder::Impl::AddRest(const EventRecord& r, uint32_t row) {
  const auto integer = [this, row](Column column, const std::optional<int64_t>& value) {
    if (value.has_value()) integers[Number(column)].Add(row, *value);
  };
  const auto link = [this, row](Column column, uint64_t leaf) {
    if (leaf != kNoLeaf) integers[Number(column)].Add(row, static_cast<int64_t>(leaf));
  };
  const auto small = [this, row](Column column, auto value) {
    if (value != decltype(value){}) smalls[Number(column)].Add(row, static_cast<uint8_t>(value));
  };
  if (r.revision != 0) integers[Number(Column::kRevision)].Add(row, r.revision);
  if (r.pseudonym_epoch != 0) integers[Number(Column::kPseudonymEpoch)].Add(row, r.pseudonym_epoch);
  integers[Number(Column::kEventTime)].Add(row, r.event_time_us);
  integer(Column::kAmount, r.amount);
  integer(Column::kVoucherAmount, r.voucher_amount);
  integer(Column::kQuantity, r.quantity);
  link(Column::kOriginalLeaf, r.original_leaf);
  link(Column::kPreviousLeaf, r.previous_leaf);
  link(Column::kTransactionLeaf, r.transaction_leaf);
  small(Column::kRecordKind, RecordKind::kEvent);
  small(Column::kKind, r.kind);
  small(Column::kReportingRole, r.reporting_role);
  small(Column::kSegment, r.segment);
  small(Column::kChannel, r.channel);
  small(Column::kAreaType, r.area_type);
  if (!r.attributes.empty()) {
    scratch.clear();
    wire::AppendAttributes(r.attributes, &scratch);
    texts[Number(Column::kAttributes)].Add(row, scratch);
  }
  if (!r.resolves.empty()) {
    scratch.resize(kMaxLeafBytes);
    const char* end = wire::PutLeaves(r.resolves, scratch.data());
    scratch.resize(static_cast<size_t>(end - scratch.data()));
    texts[Number(Column::kResolves)].Add(row, scratch);
    last_resolved.emplace_back(row, r.resolves.back());
  }
}

absl::Status BlockBuilder::Impl::CheckLinks(uint64_t first_leaf) {
  const auto bad = [first_leaf](std::string_view name, uint32_t row, uint64_t leaf) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": leaf ", leaf, " is not below the record's own, ", first_leaf + row));
  };
  for (const auto& [row, leaf] : last_resolved) {
    if (leaf >= first_leaf + row) return bad("resolves", row, leaf);
  }
  for (const Column column :
       {Column::kOriginalLeaf, Column::kPreviousLeaf, Column::kTransactionLeaf}) {
    IntegerBuilder& links = integers[Number(column)];
    if (links.empty()) continue;
    const std::string_view bits = links.presence().Bits(rows);
    size_t next = 0;
    for (uint32_t row = 0; row < rows; ++row) {
      if (((bits[row >> 3] >> (row & 7)) & 1) == 0) continue;
      const auto leaf = static_cast<uint64_t>(links.values()[next++]);
      if (leaf != kWaitingLeaf && leaf >= first_leaf + row) return bad(NameOf(column), row, leaf);
    }
  }
  return absl::OkStatus();
}

void BlockBuilder::Impl::WriteColumn(Column column, uint64_t first_leaf) {
  const size_t number = Number(column);
  if (column == Column::kRecordKind && controls == 0) return;
  switch (TypeOf(column)) {
    case ColumnType::kText:
      return is_dictionary[number] ? writer.Dictionary(column, dictionaries[number])
                                   : writer.Plain(column, texts[number]);
    case ColumnType::kFixed16:
      return writer.Fixed16(column, texts[number]);
    case ColumnType::kSmall:
      return writer.Small(column, smalls[number]);
    case ColumnType::kInteger:
      return writer.Integers(column, integers[number]);
    case ColumnType::kLink:
      break;
  }
  // Links are stored as the distance back to the leaf, 0 for a waiting one: small numbers, the same
  // wherever the block is.
  if (integers[number].empty()) return;
  distances.Clear();
  const std::string_view bits = integers[number].presence().Bits(rows);
  size_t next = 0;
  for (uint32_t row = 0; row < rows; ++row) {
    if (((bits[row >> 3] >> (row & 7)) & 1) == 0) continue;
    const auto leaf = static_cast<uint64_t>(integers[number].values()[next++]);
    distances.Add(row, leaf == kWaitingLeaf ? 0 : static_cast<int64_t>(first_leaf + row - leaf));
  }
  writer.Integers(column, distances);
}

void BlockBuilder::Impl::Clear() {
  rows = 0;
  raw_bytes = 0;
  controls = 0;
  last_resolved.clear();
  for (size_t i = 0; i < kColumnCount; ++i) {
    if (!dictionaries[i].empty()) dictionaries[i].Clear();
    if (!texts[i].empty()) texts[i].Clear();
    if (!integers[i].empty()) integers[i].Clear();
    if (!smalls[i].empty()) smalls[i].Clear();
  }
}

BlockBuilder::BlockBuilder() : impl_(std::make_unique<Impl>()) {}
BlockBuilder::~BlockBuilder() = default;
BlockBuilder::BlockBuilder(BlockBuilder&&) noexcept = default;
BlockBuilder& BlockBuilder::operator=(BlockBuilder&&) noexcept = default;

size_t BlockBuilder::size() const { return impl_->rows; }
size_t BlockBuilder::raw_bytes() const { return impl_->raw_bytes; }
void BlockBuilder::Clear() { impl_->Clear(); }

absl::Status BlockBuilder::Add(const EventRecord& record) {
  TM_RETURN_IF_ERROR(CheckRecord(record));
  const EventRecord* const one = &record;
  return AddChecked({&one, 1});
}

absl::Status BlockBuilder::AddChecked(std::span<const EventRecord* const> records) {
  size_t bytes = 0;
  for (const EventRecord* record : records) bytes += BytesOf(*record);
  TM_RETURN_IF_ERROR(impl_->Room(records.size(), bytes));
  impl_->AddTexts(records);
  for (const EventRecord* record : records) impl_->AddRest(*record, impl_->rows++);
  impl_->raw_bytes += bytes;
  return absl::OkStatus();
}

absl::Status BlockBuilder::AddControl(const ControlRecord& record) {
  TM_RETURN_IF_ERROR(CheckRecord(record));
  const size_t bytes = kRowBytes + record.body.size();
  TM_RETURN_IF_ERROR(impl_->Room(1, bytes));
  // A body may be empty, but it is there.
  const std::string_view body = Absent(record.body) ? std::string_view("") : record.body;
  impl_->smalls[Number(Column::kRecordKind)].Add(impl_->rows, record.kind);
  impl_->texts[Number(Column::kControl)].Add(impl_->rows, body);
  ++impl_->rows;
  ++impl_->controls;
  impl_->raw_bytes += bytes;
  return absl::OkStatus();
}

absl::Status BlockBuilder::AddCatalogMark(const CatalogMark& mark) {
  std::string body;
  TM_RETURN_IF_ERROR(EncodeBody(mark, &body));
  return AddControl({static_cast<uint8_t>(RecordKind::kCatalogMark), body});
}

absl::Status BlockBuilder::AddSourceDay(const SourceDay& day) {
  std::string body;
  TM_RETURN_IF_ERROR(EncodeBody(day, &body));
  return AddControl({static_cast<uint8_t>(RecordKind::kSourceDay), body});
}

absl::Status BlockBuilder::AddErasure(const Erasure& erasure) {
  std::string body;
  TM_RETURN_IF_ERROR(EncodeBody(erasure, &body));
  return AddControl({static_cast<uint8_t>(RecordKind::kErasure), body});
}

absl::Status BlockBuilder::Finish(const FinishOptions& options, std::string* block) {
  Impl& impl = *impl_;
  if (impl.rows == 0) return absl::InvalidArgumentError("block: no records, want at least one");
  BlockHeader header;
  header.record_count = impl.rows;
  header.first_leaf = options.first_leaf;
  header.write_first_leaf = options.first_leaf;
  header.accepted_time_us = options.accepted_time_us;
  header.log_id = options.log_id;
  if (header.first_leaf > kMaxLeaf - kMaxBlockRecords) {
    return absl::InvalidArgumentError(
        absl::StrCat("first_leaf: ", header.first_leaf, " is too large"));
  }
  header.nodes.assign(options.nodes.begin(), options.nodes.end());
  if (CompactRangeNodes(header.first_leaf, header.end_leaf()).size() != header.nodes.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("nodes: ", header.nodes.size(), ", want those of the leaves [",
                     header.first_leaf, ", ", header.end_leaf(), ")"));
  }
  TM_RETURN_IF_ERROR(impl.CheckLinks(header.first_leaf));
  impl.writer.Start(impl.rows);
  for (size_t i = 1; i < kColumnCount; ++i)
    impl.WriteColumn(static_cast<Column>(i), header.first_leaf);
  impl.body.clear();
  header.raw_bytes = impl.writer.Finish(&impl.body);
  header.body_bytes = static_cast<uint32_t>(impl.body.size());
  header.body_crc = base::Crc32c(impl.body);
  block->clear();
  AppendHeader(header, block);
  block->append(impl.body);
  impl.Clear();
  return absl::OkStatus();
}

}  // namespace tidemark::ledger
