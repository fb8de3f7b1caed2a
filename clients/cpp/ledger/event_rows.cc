#include "clients/cpp/ledger/event_rows.h"

#include <algorithm>
#include <optional>

namespace tidemark::ledger {
namespace {

struct RecordInteger {
  EventRows::IntegerName name;
  std::optional<int64_t> EventRecord::*value;
};
constexpr RecordInteger kIntegers[] = {
    {EventRows::kAmount, &EventRecord::amount},
    {EventRows::kVoucherAmount, &EventRecord::voucher_amount},
    {EventRows::kQuantity, &EventRecord::quantity},
};

// A value where the column may end early: rows behind it have the same as `none`.
template <typename T>
void Put(size_t row, T value, std::vector<T>* column) {
  column->resize(row);
  column->push_back(value);
}

}  // namespace

void EventRows::Append(std::span<const EventRecord> records) {
  AppendTexts(records);
  for (const EventRecord& record : records) AppendRest(record, size_++);
}

void EventRows::AppendTexts(std::span<const EventRecord> records) {
  std::string_view gathered[kMostRowsAtOnce];
  for (size_t column = 0; column < kCodeTextCount; ++column) {
    bool any = false;
    for (size_t i = 0; i < records.size(); ++i) {
      gathered[i] = records[i].*kCodeTexts[column].text;
      any = any || !Absent(gathered[i]);
    }
    if (any) {
      codes_[column].AddMany(static_cast<uint32_t>(size_), {gathered, records.size()});
    }
  }
  for (size_t column = 0; column < kOwnTextCount; ++column) {
    for (size_t i = 0; i < records.size(); ++i) {
      const std::string_view text = records[i].*kOwnTexts[column].text;
      if (!Absent(text)) Put(size_ + i, text, &own_[column]);
    }
  }
}

void EventRows::AppendRest(const EventRecord& record, size_t row) {
  const auto small = [this, row](SmallName name, auto value) {
    if (value != decltype(value){}) Put(row, static_cast<uint8_t>(value), &smalls_[name]);
  };
  event_times_.push_back(record.event_time_us);
  for (const RecordInteger& field : kIntegers) {
    const std::optional<int64_t>& value = record.*field.value;
    if (!value.has_value()) continue;
    Put(row, *value, &integers_[field.name].values);
    Put(row, uint8_t{1}, &integers_[field.name].present);
  }
  small(kKind, record.kind);
  small(kReportingRole, record.reporting_role);
  small(kSegment, record.segment);
  small(kChannel, record.channel);
  small(kAreaType, record.area_type);
  if (record.revision != 0) Put(row, record.revision, &revisions_);
  if (record.pseudonym_epoch != 0) Put(row, record.pseudonym_epoch, &pseudonym_epochs_);
  if (!record.attributes.empty()) Put(row, record.attributes, &attributes_);
}

EventRecord EventRows::Record(size_t row) const {
  EventRecord record;
  for (size_t i = 0; i < kCodeTextCount; ++i) record.*kCodeTexts[i].text = code(i, row);
  for (size_t i = 0; i < kOwnTextCount; ++i) record.*kOwnTexts[i].text = own_text(i, row);
  for (const RecordInteger& field : kIntegers) {
    if (has_integer(field.name, row)) record.*field.value = integer(field.name, row);
  }
  record.event_time_us = event_times_[row];
  record.kind = static_cast<EventKind>(small(kKind, row));
  record.reporting_role = static_cast<ReportingRole>(small(kReportingRole, row));
  record.segment = static_cast<Segment>(small(kSegment, row));
  record.channel = static_cast<Channel>(small(kChannel, row));
  record.area_type = static_cast<AreaType>(small(kAreaType, row));
  record.revision = revision(row);
  record.pseudonym_epoch = pseudonym_epoch(row);
  record.attributes = attributes(row);
  return record;
}

void EventRows::Clear() {
  kept_rows_ = std::max(kept_rows_, size_);
  size_ = 0;
  for (DictionaryBuilder& column : codes_) {
    if (!column.empty()) column.Clear();
  }
  for (auto& column : own_) column.clear();
  for (Integers& column : integers_) {
    column.values.clear();
    column.present.clear();
  }
  for (auto& column : smalls_) column.clear();
  event_times_.clear();
  revisions_.clear();
  pseudonym_epochs_.clear();
  attributes_.clear();
}

}  // namespace tidemark::ledger
