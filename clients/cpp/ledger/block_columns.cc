#include "clients/cpp/ledger/block_columns.h"

#include <algorithm>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/block_header.h"
#include "clients/cpp/ledger/wire.h"
#include "common/base/varint.h"

namespace tidemark::ledger {
namespace {

// Upper bound of what a row adds to a column beside the bytes of its text: index, length, presence.
// Nine integers and links beside them.
constexpr size_t kRowBytes = 4 * kColumnCount + 8 * 9;
// And of attributes as they are stored.
constexpr size_t kAttributesBytes = kMaxAttributeBytes + 4 * kMaxAttributes + 2;

// Hardly repeats in a batch, but lines of one order may follow each other: a dictionary as codes.
constexpr bool IsOrder(const RecordText& field) { return field.column == Column::kOrder; }

struct SmallField {
  Column column;
  EventRows::SmallName name;
};
constexpr SmallField kSmalls[] = {
    {Column::kKind, EventRows::kKind},         {Column::kReportingRole, EventRows::kReportingRole},
    {Column::kSegment, EventRows::kSegment},   {Column::kChannel, EventRows::kChannel},
    {Column::kAreaType, EventRows::kAreaType},
};
struct IntegerField {
  Column column;
  EventRows::IntegerName name;
};
constexpr IntegerField kIntegers[] = {
    {Column::kAmount, EventRows::kAmount},
    {Column::kVoucherAmount, EventRows::kVoucherAmount},
    {Column::kQuantity, EventRows::kQuantity},
};

// The rows of `selected` that a column of `size` entries has.
std::span<const uint32_t> Within(std::span<const uint32_t> selected, size_t size) {
  if (selected.empty() || selected.back() < size) return selected;
  const auto end = std::lower_bound(selected.begin(), selected.end(), size);
  return selected.first(static_cast<size_t>(end - selected.begin()));
}

}  // namespace

BlockColumns::BlockColumns() {
  const auto dictionary = [this](Column column) {
    is_dictionary_[Number(column)] = true;
    dictionaries_[Number(column)].CopyTo(&arena_);
  };
  for (const RecordText& field : kCodeTexts) dictionary(field.column);
  dictionary(Column::kOrder);
  dictionary(Column::kPrincipal);
}

size_t BlockColumns::BytesOf(const EventRows& rows) {
  size_t bytes = rows.size() * (kRowBytes + kMaxIdentityBytes) + kMaxTextBytes;
  for (size_t i = 0; i < kCodeTextCount; ++i) bytes += rows.codes(i).text_bytes();
  for (size_t i = 1; i < kOwnTextCount; ++i) bytes += rows.own_texts(i).size() * kMaxIdentityBytes;
  return bytes + rows.attributes().size() * kAttributesBytes;
}

size_t BlockColumns::BytesOf(const ControlRecord& record) { return kRowBytes + record.body.size(); }

absl::Status BlockColumns::Room(size_t more, size_t bytes) const {
  if (rows_ + more <= kMaxBlockRecords && raw_bytes_ + bytes <= kMaxBlockRawBytes)
    return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("block: full with ", rows_, " records and up to ", raw_bytes_, " bytes"));
}

std::string_view BlockColumns::Copy(std::string_view text) {
  char* const copy = arena_.Array<char>(text.size()).data();
  if (!text.empty()) std::memcpy(copy, text.data(), text.size());
  return {copy, text.size()};
}

void BlockColumns::AddAttributes(std::span<const Attribute> attributes, uint32_t row) {
  scratch_.clear();
  wire::AppendAttributes(attributes, &scratch_);
  texts_[Number(Column::kAttributes)].Add(row, Copy(scratch_));
}

void BlockColumns::AddLinks(const EventLinks& links, uint32_t row) {
  const auto link = [this, row](Column column, uint64_t leaf) {
    if (leaf != kNoLeaf) integers_[Number(column)].Add(row, static_cast<int64_t>(leaf));
  };
  link(Column::kOriginalLeaf, links.original_leaf);
  link(Column::kPreviousLeaf, links.previous_leaf);
  link(Column::kTransactionLeaf, links.transaction_leaf);
  if (links.resolves.empty()) return;
  scratch_.resize(kMaxLeafBytes);
  const char* end = wire::PutLeaves(links.resolves, scratch_.data());
  scratch_.resize(static_cast<size_t>(end - scratch_.data()));
  texts_[Number(Column::kResolves)].Add(row, Copy(scratch_));
  last_resolved_.emplace_back(row, links.resolves.back());
}

void BlockColumns::AddRows(const EventRows& rows, std::span<const uint32_t> selected,
                           std::span<const LinkedRow> links, std::string_view principal,
                           Texts texts, size_t bytes) {
  AddTextRows(rows, selected, texts);
  AddNumberRows(rows, selected);
  const auto count = static_cast<uint32_t>(selected.size());
  if (!Absent(principal)) {
    dictionaries_[Number(Column::kPrincipal)].AddRepeated(rows_, count, principal);
  }
  auto link = links.begin();
  for (uint32_t i = 0; i < count && link != links.end(); ++i) {
    while (link != links.end() && link->row < selected[i]) ++link;
    if (link != links.end() && link->row == selected[i]) AddLinks(link->links, rows_ + i);
  }
  rows_ += count;
  raw_bytes_ += bytes;
}

void BlockColumns::AddTextRows(const EventRows& rows, std::span<const uint32_t> selected,
                               Texts texts) {
  for (size_t i = 0; i < kCodeTextCount; ++i) {
    if (rows.codes(i).empty()) continue;
    dictionaries_[Number(kCodeTexts[i].column)].AddColumn(rows_, rows.codes(i), selected);
  }
  std::string_view gathered[kMostRowsAtOnce];
  for (size_t i = 0; i < kOwnTextCount; ++i) {
    const std::vector<std::string_view>& column = rows.own_texts(i);
    const std::span<const uint32_t> within = Within(selected, column.size());
    const size_t number = Number(kOwnTexts[i].column);
    if (!IsOrder(kOwnTexts[i])) {
      for (size_t at = 0; at < within.size(); ++at) {
        const std::string_view text = column[within[at]];
        if (Absent(text)) continue;
        texts_[number].Add(rows_ + static_cast<uint32_t>(at),
                           texts == Texts::kCopied ? Copy(text) : text);
      }
      continue;
    }
    for (size_t begin = 0; begin < within.size(); begin += kMostRowsAtOnce) {
      const size_t many = std::min(kMostRowsAtOnce, within.size() - begin);
      bool any = false;
      for (size_t at = 0; at < many; ++at) {
        gathered[at] = column[within[begin + at]];
        any = any || !Absent(gathered[at]);
      }
      if (any) {
        dictionaries_[number].AddMany(rows_ + static_cast<uint32_t>(begin), {gathered, many});
      }
    }
  }
  const auto& attributes = rows.attributes();
  const std::span<const uint32_t> within = Within(selected, attributes.size());
  for (size_t at = 0; at < within.size(); ++at) {
    if (attributes[within[at]].empty()) continue;
    AddAttributes(attributes[within[at]], rows_ + static_cast<uint32_t>(at));
  }
}

void BlockColumns::AddNumberRows(const EventRows& rows, std::span<const uint32_t> selected) {
  const size_t count = selected.size();
  const std::vector<int64_t>& times = rows.event_times();
  integers_[Number(Column::kEventTime)].AddMany(rows_, count,
                                                [&](size_t i) { return times[selected[i]]; });
  const auto numbers = [&](Column column, const std::vector<uint32_t>& values) {
    const std::span<const uint32_t> within = Within(selected, values.size());
    for (size_t i = 0; i < within.size(); ++i) {
      if (values[within[i]] == 0) continue;
      integers_[Number(column)].Add(rows_ + static_cast<uint32_t>(i), values[within[i]]);
    }
  };
  numbers(Column::kRevision, rows.revisions());
  numbers(Column::kPseudonymEpoch, rows.pseudonym_epochs());
  for (const IntegerField& field : kIntegers) {
    const EventRows::Integers& column = rows.integers(field.name);
    const std::span<const uint32_t> within = Within(selected, column.values.size());
    IntegerBuilder& to = integers_[Number(field.column)];
    const auto is_present = [&](uint32_t row) { return column.present[row] != 0; };
    if (std::all_of(within.begin(), within.end(), is_present)) {
      to.AddMany(rows_, within.size(), [&](size_t i) { return column.values[within[i]]; });
      continue;
    }
    for (size_t i = 0; i < within.size(); ++i) {
      if (!is_present(within[i])) continue;
      to.Add(rows_ + static_cast<uint32_t>(i), column.values[within[i]]);
    }
  }
  const auto first = rows_;
  smalls_[Number(Column::kRecordKind)].AddMany(
      first, count, [](size_t) { return static_cast<uint8_t>(RecordKind::kEvent); });
  for (const SmallField& field : kSmalls) {
    const std::vector<uint8_t>& column = rows.smalls(field.name);
    const std::span<const uint32_t> within = Within(selected, column.size());
    if (within.empty()) continue;
    smalls_[Number(field.column)].AddMany(first, within.size(),
                                          [&](size_t i) { return column[within[i]]; });
  }
}

void BlockColumns::AddControl(const ControlRecord& record) {
  // A body may be empty, but it is there.
  const std::string_view body = Absent(record.body) ? std::string_view("") : record.body;
  smalls_[Number(Column::kRecordKind)].Add(rows_, record.kind);
  texts_[Number(Column::kControl)].Add(rows_, Copy(body));
  ++rows_;
  ++controls_;
  raw_bytes_ += BytesOf(record);
}

absl::Status BlockColumns::CheckLinks(uint64_t first_leaf) {
  const auto bad = [first_leaf](std::string_view name, uint32_t row, uint64_t leaf) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": leaf ", leaf, " is not below the record's own, ", first_leaf + row));
  };
  for (const auto& [row, leaf] : last_resolved_) {
    if (leaf >= first_leaf + row) return bad("resolves", row, leaf);
  }
  for (const Column column :
       {Column::kOriginalLeaf, Column::kPreviousLeaf, Column::kTransactionLeaf}) {
    IntegerBuilder& links = integers_[Number(column)];
    if (links.empty()) continue;
    const std::string_view bits = links.presence().Bits(rows_);
    size_t next = 0;
    for (uint32_t row = 0; row < rows_; ++row) {
      if (((bits[row >> 3] >> (row & 7)) & 1) == 0) continue;
      const auto leaf = static_cast<uint64_t>(links.values()[next++]);
      if (leaf != kWaitingLeaf && leaf >= first_leaf + row) return bad(NameOf(column), row, leaf);
    }
  }
  return absl::OkStatus();
}

void BlockColumns::WriteColumn(Column column, uint64_t first_leaf, BodyWriter* writer) {
  const size_t number = Number(column);
  if (column == Column::kRecordKind && controls_ == 0) return;
  switch (TypeOf(column)) {
    case ColumnType::kText:
      return is_dictionary_[number] ? writer->Dictionary(column, dictionaries_[number])
                                    : writer->Plain(column, texts_[number]);
    case ColumnType::kFixed16:
      return writer->Fixed16(column, texts_[number]);
    case ColumnType::kSmall:
      return writer->Small(column, smalls_[number]);
    case ColumnType::kInteger:
      return writer->Integers(column, integers_[number]);
    case ColumnType::kLink:
      break;
  }
  // Links are stored as the distance back to the leaf, 0 for a waiting one: small numbers, the same
  // wherever the block is.
  if (integers_[number].empty()) return;
  distances_.Clear();
  const std::string_view bits = integers_[number].presence().Bits(rows_);
  size_t next = 0;
  for (uint32_t row = 0; row < rows_; ++row) {
    if (((bits[row >> 3] >> (row & 7)) & 1) == 0) continue;
    const auto leaf = static_cast<uint64_t>(integers_[number].values()[next++]);
    distances_.Add(row, leaf == kWaitingLeaf ? 0 : static_cast<int64_t>(first_leaf + row - leaf));
  }
  writer->Integers(column, distances_);
}

void BlockColumns::Clear() {
  rows_ = 0;
  raw_bytes_ = 0;
  controls_ = 0;
  last_resolved_.clear();
  arena_.Clear();
  for (size_t i = 0; i < kColumnCount; ++i) {
    if (!dictionaries_[i].empty()) dictionaries_[i].Clear();
    if (!texts_[i].empty()) texts_[i].Clear();
    if (!integers_[i].empty()) integers_[i].Clear();
    if (!smalls_[i].empty()) smalls_[i].Clear();
  }
}

}  // namespace tidemark::ledger
