#include "services/ingest/api/event_columns.h"

#include <algorithm>
#include <optional>
#include <span>

#include "absl/strings/str_cat.h"
#include "clients/cpp/submit/event_writer.h"
#include "common/status/error.h"

namespace tidemark::ingest {
namespace {

using ledger::EventRecord;

absl::Status Misfit(std::string_view column, size_t rows) {
  const std::string field = absl::StrCat("columns.", column);
  return status::InvalidArgument(
      field,
      absl::StrCat("does not fit a batch of ", rows,
                   " events; want one entry per event, as tidemark.ingest.v1.EventColumns says, or "
                   "no column"),
      "MALFORMED_COLUMNS");
}

// How each column is named and numbered in EventColumns.
struct Named {
  uint32_t number;
  std::string_view name;
};
constexpr Named kCodeColumns[kCodeFieldCount] = {
    {2, "source"},           {7, "original_source"},  {10, "transaction_scheme"},
    {13, "consumer_scheme"}, {16, "consumer_region"}, {17, "provider_region"},
    {18, "place_of_use"},    {19, "category"},        {20, "product"},
    {21, "provider"},        {24, "payment_method"},  {25, "age_band"},
    {27, "income_band"},     {28, "scenario"},        {29, "project"},
    {30, "activity"},        {34, "currency"}};
constexpr Named kTextColumns[] = {{3, "id"},           {8, "original_id"},
                                  {9, "order"},        {11, "transaction_id"},
                                  {14, "consumer_id"}, {15, "consumer_prehashed"}};
constexpr Named kSmallColumns[] = {
    {5, "kind"}, {12, "reporting_role"}, {22, "segment"}, {23, "channel"}, {26, "area_type"}};
constexpr Named kIntegerColumns[] = {{31, "amount"}, {32, "voucher_amount"}, {33, "quantity"}};
constexpr uint32_t kCountNumber = 1;
constexpr uint32_t kRevisionNumber = 4;
constexpr uint32_t kEventTimeNumber = 6;

template <size_t N>
size_t Find(const Named (&columns)[N], uint32_t number) {
  size_t i = 0;
  while (i < N && columns[i].number != number) ++i;
  return i;
}

std::string_view NameOfColumn(uint32_t number) {
  if (number == kRevisionNumber) return "revision";
  if (number == kEventTimeNumber) return "event_time_us";
  for (const std::span<const Named> columns :
       {std::span<const Named>(kCodeColumns), std::span<const Named>(kTextColumns),
        std::span<const Named>(kSmallColumns), std::span<const Named>(kIntegerColumns)}) {
    for (const Named& column : columns) {
      if (column.number == number) return column.name;
    }
  }
  return "count";
}

}  // namespace

bool ReadColumnCount(std::string_view bytes, uint32_t* count) {
  *count = 0;
  WireReader wire(bytes);
  while (!wire.done()) {
    uint32_t tag;
    uint64_t value;
    if (!wire.ReadTag(&tag)) return false;
    if (tag == Tag(kCountNumber, kVarint)) {
      if (!wire.ReadVarint(&value)) return false;
      *count = static_cast<uint32_t>(value);
    } else if (!wire.Skip(tag)) {
      return false;
    }
  }
  return true;
}

absl::Status ReadSources(std::string_view bytes, size_t most, CodeColumn* sources) {
  uint32_t count = 0;
  if (!ReadColumnCount(bytes, &count) || count > most) return Misfit("count", most);
  WireReader wire(bytes);
  while (!wire.done()) {
    uint32_t tag = 0;
    std::string_view column;
    const bool read =
        wire.ReadTag(&tag) && (tag == Tag(kCodeColumns[0].number, kBytes)
                                   ? wire.ReadBytes(&column) && sources->Read(column, count)
                                   : wire.Skip(tag));
    if (!read) return Misfit(NameOfColumn(tag >> 3), count);
  }
  return sources->Finish(count) ? absl::OkStatus() : Misfit(kCodeColumns[0].name, count);
}

absl::Status EventColumns::Read(std::string_view bytes, size_t most) {
  Clear();
  uint32_t count = 0;
  if (!ReadColumnCount(bytes, &count) || count > most) return Misfit("count", most);
  rows_ = count;
  kept_rows_ = std::max(kept_rows_, rows_);
  most_ = count;
  WireReader wire(bytes);
  while (!wire.done()) {
    uint32_t tag = 0;
    if (!wire.ReadTag(&tag) || !ReadField(tag, wire)) {
      return Misfit(NameOfColumn(tag >> 3), rows_);
    }
  }
  return Finish();
}

bool EventColumns::ReadField(uint32_t tag, WireReader& wire) {
  const uint32_t number = tag >> 3;
  if (number == kRevisionNumber) return ReadNumbers(tag, wire, most_, &revisions_);
  if (number == kEventTimeNumber) return ReadFixed64(tag, wire, most_, &event_times_);
  if (const size_t i = Find(kSmallColumns, number); i < kSmallCount) {
    return ReadNumbers(tag, wire, most_, &smalls_[i]);
  }
  std::string_view bytes;
  if ((tag & 7) != kBytes) return wire.Skip(tag);
  if (!wire.ReadBytes(&bytes)) return false;
  if (const size_t i = Find(kCodeColumns, number); i < kCodeFieldCount) {
    return codes_[i].Read(bytes, most_);
  }
  if (const size_t i = Find(kTextColumns, number); i < kTextCount) {
    return texts_[i].Read(bytes, most_);
  }
  if (const size_t i = Find(kIntegerColumns, number); i < kIntegerCount) {
    return integers_[i].Read(bytes, most_);
  }
  return true;
}

absl::Status EventColumns::Finish() {
  const auto fits = [this](const auto& values) { return values.empty() || values.size() == rows_; };
  for (size_t i = 0; i < kCodeFieldCount; ++i) {
    if (!codes_[i].Finish(rows_)) return Misfit(kCodeColumns[i].name, rows_);
  }
  for (size_t i = 0; i < kTextCount; ++i) {
    if (!texts_[i].Finish(rows_)) return Misfit(kTextColumns[i].name, rows_);
  }
  for (size_t i = 0; i < kSmallCount; ++i) {
    if (!fits(smalls_[i])) return Misfit(kSmallColumns[i].name, rows_);
  }
  for (size_t i = 0; i < kIntegerCount; ++i) {
    if (!integers_[i].Finish(rows_)) return Misfit(kIntegerColumns[i].name, rows_);
  }
  if (!fits(revisions_)) return Misfit("revision", rows_);
  if (!fits(event_times_)) return Misfit("event_time_us", rows_);
  ListTexts();
  return absl::OkStatus();
}

void EventColumns::ListTexts() {
  present_.clear();
  const auto code = [this](CodeField column, Field field,
                           std::string_view EventRecord::*in_record) {
    if (!codes(column).empty()) {
      present_.push_back({field, &codes(column), nullptr, in_record, nullptr});
    }
  };
  const auto text = [this](TextName name, Field field, std::string_view EventRecord::*in_record,
                           std::string_view EventExtras::*in_extras = nullptr) {
    if (!texts_[name].empty()) {
      present_.push_back({field, nullptr, &texts_[name], in_record, in_extras});
    }
  };
  code(CodeField::kSource, Field::kSource, &EventRecord::source);
  text(kId, Field::kId, &EventRecord::id);
  code(CodeField::kOriginalSource, Field::kOriginalSource, &EventRecord::original_source);
  text(kOriginalId, Field::kOriginalId, &EventRecord::original_id);
  text(kOrder, Field::kOrder, &EventRecord::order);
  code(CodeField::kTransactionScheme, Field::kTransactionScheme, &EventRecord::transaction_scheme);
  text(kTransactionId, Field::kTransactionId, &EventRecord::transaction_id);
  code(CodeField::kConsumerScheme, Field::kConsumerScheme, &EventRecord::consumer_scheme);
  text(kConsumerId, Field::kConsumerId, nullptr, &EventExtras::consumer_id);
  text(kConsumerPrehashed, Field::kConsumerPrehashed, nullptr, &EventExtras::consumer_prehashed);
  code(CodeField::kConsumerRegion, Field::kConsumerRegion, &EventRecord::consumer_region);
  code(CodeField::kProviderRegion, Field::kProviderRegion, &EventRecord::provider_region);
  code(CodeField::kPlaceOfUse, Field::kPlaceOfUse, &EventRecord::place_of_use);
  code(CodeField::kCategory, Field::kCategory, &EventRecord::category);
  code(CodeField::kProduct, Field::kProduct, &EventRecord::product);
  code(CodeField::kProvider, Field::kProvider, &EventRecord::provider);
  code(CodeField::kPaymentMethod, Field::kPaymentMethod, &EventRecord::payment_method);
  code(CodeField::kAgeBand, Field::kAgeBand, &EventRecord::age_band);
  code(CodeField::kIncomeBand, Field::kIncomeBand, &EventRecord::income_band);
  code(CodeField::kScenario, Field::kScenario, &EventRecord::scenario);
  code(CodeField::kProject, Field::kProject, &EventRecord::project);
  code(CodeField::kActivity, Field::kActivity, &EventRecord::activity);
  if (!codes(CodeField::kCurrency).empty()) {
    present_.push_back(
        {Field::kCurrency, &codes(CodeField::kCurrency), nullptr, nullptr, &EventExtras::currency});
  }
}

bool EventColumns::ReadEvent(size_t row, EventRecord* record, EventExtras* extras,
                             Rejection* rejection) const {
  for (const Text& column : present_) {
    std::string_view text;
    TextClass text_class = TextClass::kPlain;
    if (column.codes != nullptr) {
      const uint32_t number = column.codes->number(row);
      if (number == 0) continue;
      text = column.codes->text(number);
      text_class = column.codes->text_class(number);
    } else {
      text = column.texts->text(row);
      if (ledger::Absent(text)) continue;
      // Bytes, not a text.
      if (column.field != Field::kConsumerPrehashed) text_class = Classify(text);
    }
    if (text_class != TextClass::kPlain) [[unlikely]] {
      if (text_class == TextClass::kInvalid) {
        return Reject(rejection, Reason::kInvalidUtf8, column.field, "is not valid UTF-8");
      }
      extras->control_characters |= uint64_t{1} << static_cast<int>(column.field);
    }
    if (column.in_record != nullptr) {
      record->*column.in_record = text;
    } else {
      extras->*column.in_extras = text;
    }
  }
  const auto small = [this, row](SmallName name) {
    return smalls_[name].empty() ? 0 : smalls_[name][row];
  };
  extras->kind = small(kKind);
  extras->reporting_role = small(kReportingRole);
  extras->segment = small(kSegment);
  extras->channel = small(kChannel);
  extras->area_type = small(kAreaType);
  extras->has_original =
      !ledger::Absent(record->original_id) || !ledger::Absent(record->original_source);
  extras->has_transaction =
      !ledger::Absent(record->transaction_id) || !ledger::Absent(record->transaction_scheme);
  extras->has_consumer = !ledger::Absent(record->consumer_scheme) ||
                         !ledger::Absent(extras->consumer_id) ||
                         !ledger::Absent(extras->consumer_prehashed);
  if (!ledger::Absent(extras->consumer_id) && !ledger::Absent(extras->consumer_prehashed)) {
    return Reject(rejection, Reason::kFieldNotAllowed, Field::kConsumerPrehashed,
                  "set beside consumer.id; leave one of them out");
  }
  if (!revisions_.empty()) record->revision = revisions_[row];
  if (!event_times_.empty()) record->event_time_us = event_times_[row];
  const auto integer = [this, row](IntegerName name, std::optional<int64_t>* out) {
    const IntegerColumn& column = integers_[name];
    if (!column.empty() && column.has(row)) *out = column.value(row);
  };
  integer(kAmount, &record->amount);
  integer(kVoucherAmount, &record->voucher_amount);
  integer(kQuantity, &record->quantity);
  return true;
}

std::string EventColumns::EventBytes(size_t row) const {
  using submit::EventField;
  submit::EventWriter writer;
  const auto code = [this, row](CodeField field) {
    const CodeColumn& column = codes(field);
    return column.empty() ? std::string_view() : column.text(column.number(row));
  };
  const auto text = [this, row](TextName name) {
    return texts_[name].empty() ? std::string_view() : texts_[name].text(row);
  };
  const auto put = [&writer](EventField field, std::string_view value) {
    if (!ledger::Absent(value)) writer.Text(field, value);
  };
  const auto small = [this, row, &writer](EventField field, SmallName name) {
    if (!smalls_[name].empty() && smalls_[name][row] != 0) {
      writer.Number(field, smalls_[name][row]);
    }
  };
  const auto integer = [this, row, &writer](EventField field, IntegerName name) {
    const IntegerColumn& column = integers_[name];
    if (!column.empty() && column.has(row)) writer.Number(field, column.value(row));
  };
  const auto pair = [&writer](EventField field, std::string_view first, std::string_view second,
                              uint32_t second_number = 2) {
    if (ledger::Absent(first) && ledger::Absent(second)) return;
    writer.Pair(field, first, second, second_number);
  };
  put(EventField::kSource, code(CodeField::kSource));
  put(EventField::kId, text(kId));
  if (!revisions_.empty() && revisions_[row] != 0) {
    writer.Number(EventField::kRevision, revisions_[row]);
  }
  small(EventField::kKind, kKind);
  if (!event_times_.empty()) writer.Number(EventField::kEventTimeUs, event_times_[row]);
  pair(EventField::kOriginal, code(CodeField::kOriginalSource), text(kOriginalId));
  put(EventField::kOrder, text(kOrder));
  pair(EventField::kTransaction, code(CodeField::kTransactionScheme), text(kTransactionId));
  small(EventField::kReportingRole, kReportingRole);
  const bool prehashed = !ledger::Absent(text(kConsumerPrehashed));
  pair(EventField::kConsumer, code(CodeField::kConsumerScheme),
       text(prehashed ? kConsumerPrehashed : kConsumerId), prehashed ? 3 : 2);
  put(EventField::kConsumerRegion, code(CodeField::kConsumerRegion));
  put(EventField::kProviderRegion, code(CodeField::kProviderRegion));
  put(EventField::kPlaceOfUse, code(CodeField::kPlaceOfUse));
  put(EventField::kCategory, code(CodeField::kCategory));
  put(EventField::kProduct, code(CodeField::kProduct));
  put(EventField::kProvider, code(CodeField::kProvider));
  small(EventField::kSegment, kSegment);
  small(EventField::kChannel, kChannel);
  put(EventField::kPaymentMethod, code(CodeField::kPaymentMethod));
  put(EventField::kAgeBand, code(CodeField::kAgeBand));
  small(EventField::kAreaType, kAreaType);
  put(EventField::kIncomeBand, code(CodeField::kIncomeBand));
  put(EventField::kScenario, code(CodeField::kScenario));
  put(EventField::kProject, code(CodeField::kProject));
  put(EventField::kActivity, code(CodeField::kActivity));
  integer(EventField::kAmount, kAmount);
  integer(EventField::kVoucherAmount, kVoucherAmount);
  integer(EventField::kQuantity, kQuantity);
  put(EventField::kCurrency, code(CodeField::kCurrency));
  return std::string(writer.bytes());
}

std::string EventColumns::SourceBytes(size_t row) const {
  const CodeColumn& sources = codes(CodeField::kSource);
  if (sources.empty() || sources.number(row) == 0) return {};
  submit::EventWriter writer;
  writer.Text(submit::EventField::kSource,
              sources.text(sources.number(row)).substr(0, ledger::kMaxIdentityBytes + 1));
  return std::string(writer.bytes());
}

void EventColumns::Clear() {
  rows_ = 0;
  for (CodeColumn& column : codes_) column.Clear();
  for (TextColumn& column : texts_) column.Clear();
  for (IntegerColumn& column : integers_) column.Clear();
  for (auto& column : smalls_) column.clear();
  revisions_.clear();
  event_times_.clear();
  present_.clear();
}

}  // namespace tidemark::ingest
