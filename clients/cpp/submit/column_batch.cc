#include "clients/cpp/submit/column_batch.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "tidemark/ingest/v1/columns.pb.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::submit {
namespace {

using ingest::v1::CodeColumn;
using ingest::v1::EventColumns;
using ingest::v1::IntegerColumn;
using ingest::v1::TextColumn;

// Where a field's column is: the position in one of the lists of columns below.
constexpr size_t kNone = 99;

constexpr std::pair<EventField, int> kCodes[] = {
    {EventField::kSource, EventColumns::kSourceFieldNumber},
    {EventField::kConsumerRegion, EventColumns::kConsumerRegionFieldNumber},
    {EventField::kProviderRegion, EventColumns::kProviderRegionFieldNumber},
    {EventField::kPlaceOfUse, EventColumns::kPlaceOfUseFieldNumber},
    {EventField::kCategory, EventColumns::kCategoryFieldNumber},
    {EventField::kProduct, EventColumns::kProductFieldNumber},
    {EventField::kProvider, EventColumns::kProviderFieldNumber},
    {EventField::kPaymentMethod, EventColumns::kPaymentMethodFieldNumber},
    {EventField::kAgeBand, EventColumns::kAgeBandFieldNumber},
    {EventField::kIncomeBand, EventColumns::kIncomeBandFieldNumber},
    {EventField::kScenario, EventColumns::kScenarioFieldNumber},
    {EventField::kProject, EventColumns::kProjectFieldNumber},
    {EventField::kActivity, EventColumns::kActivityFieldNumber},
    {EventField::kCurrency, EventColumns::kCurrencyFieldNumber},
    // First texts of pairs.
    {EventField::kOriginal, EventColumns::kOriginalSourceFieldNumber},
    {EventField::kTransaction, EventColumns::kTransactionSchemeFieldNumber},
    {EventField::kConsumer, EventColumns::kConsumerSchemeFieldNumber},
};
constexpr std::pair<EventField, int> kTexts[] = {
    {EventField::kId, EventColumns::kIdFieldNumber},
    {EventField::kOrder, EventColumns::kOrderFieldNumber},
    // Second texts of pairs.
    {EventField::kOriginal, EventColumns::kOriginalIdFieldNumber},
    {EventField::kTransaction, EventColumns::kTransactionIdFieldNumber},
    {EventField::kConsumer, EventColumns::kConsumerIdFieldNumber},
    {EventField::kConsumer, EventColumns::kConsumerPrehashedFieldNumber},
};
constexpr size_t kPrehashed = 5;
constexpr std::pair<EventField, int> kIntegers[] = {
    {EventField::kAmount, EventColumns::kAmountFieldNumber},
    {EventField::kVoucherAmount, EventColumns::kVoucherAmountFieldNumber},
    {EventField::kQuantity, EventColumns::kQuantityFieldNumber},
};
constexpr std::pair<EventField, int> kNumbers[] = {
    {EventField::kRevision, EventColumns::kRevisionFieldNumber},
    {EventField::kKind, EventColumns::kKindFieldNumber},
    {EventField::kEventTimeUs, EventColumns::kEventTimeUsFieldNumber},
    {EventField::kReportingRole, EventColumns::kReportingRoleFieldNumber},
    {EventField::kSegment, EventColumns::kSegmentFieldNumber},
    {EventField::kChannel, EventColumns::kChannelFieldNumber},
    {EventField::kAreaType, EventColumns::kAreaTypeFieldNumber},
};

template <size_t N>
constexpr std::array<size_t, 32> PlacesOf(const std::pair<EventField, int> (&columns)[N]) {
  std::array<size_t, 32> places;
  places.fill(kNone);
  // The first column of a field that has two.
  for (size_t i = N; i-- > 0;) places[static_cast<size_t>(columns[i].first)] = i;
  return places;
}
constexpr auto kCodePlaces = PlacesOf(kCodes);
constexpr auto kTextPlaces = PlacesOf(kTexts);
constexpr auto kIntegerPlaces = PlacesOf(kIntegers);
constexpr auto kNumberPlaces = PlacesOf(kNumbers);

void AppendVarint(uint64_t value, std::string* out) {
  while (value >= 0x80) {
    out->push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out->push_back(static_cast<char>(value));
}

void AppendBytes(int number, std::string_view bytes, std::string* out) {
  AppendVarint(static_cast<uint32_t>(number) << 3 | 2, out);
  AppendVarint(bytes.size(), out);
  out->append(bytes);
}

template <typename T>
void AppendPacked(int number, const std::vector<T>& values, std::string* out) {
  std::string packed;
  packed.reserve(values.size() * 3);
  for (const T value : values) AppendVarint(static_cast<uint64_t>(value), &packed);
  AppendBytes(number, packed, out);
}

}  // namespace

ColumnBatch::ColumnBatch() {
  for (const auto& [field, number] : kCodes) {
    codes_.push_back({.number = static_cast<uint32_t>(number)});
    codes_.back().recent.fill(0);
  }
  for (const auto& [field, number] : kTexts) {
    texts_.push_back({.number = static_cast<uint32_t>(number)});
  }
  for (const auto& [field, number] : kIntegers) {
    integers_.push_back({.number = static_cast<uint32_t>(number)});
  }
  for (const auto& [field, number] : kNumbers) {
    numbers_.push_back({.number = static_cast<uint32_t>(number)});
  }
}

void ColumnBatch::BeginEvent() { ++events_; }

void ColumnBatch::AddCode(Codes& column, std::string_view text) {
  uint32_t& recent = column.recent[base::TailHash(text)];
  if (recent == 0 || column.values[recent - 1] != text) {
    const auto [it, fresh] =
        column.found.try_emplace(text, static_cast<uint32_t>(column.values.size() + 1));
    if (fresh) column.values.emplace_back(text);
    recent = it->second;
  }
  column.numbers.resize(events_);
  column.numbers.back() = recent;
}

void ColumnBatch::AddText(Texts& column, std::string_view text) {
  column.texts.append(text);
  column.lengths.resize(events_);
  column.lengths.back() = static_cast<uint32_t>(text.size());
}

void ColumnBatch::AddInteger(Integers& column, int64_t value) {
  column.values.resize(events_);
  column.present.resize(events_);
  column.values.back() = value;
  column.present.back() = 1;
}

void ColumnBatch::Text(EventField field, std::string_view value) {
  const auto place = static_cast<size_t>(field);
  if (kTextPlaces[place] != kNone) {
    if (value.empty() && field == EventField::kOrder) good_ = false;
    return AddText(texts_[kTextPlaces[place]], value);
  }
  AddCode(codes_[kCodePlaces[place]], value);
}

void ColumnBatch::Number(EventField field, int64_t value) {
  const auto place = static_cast<size_t>(field);
  const bool integer = kIntegerPlaces[place] != kNone;
  AddInteger(integer ? integers_[kIntegerPlaces[place]] : numbers_[kNumberPlaces[place]], value);
}

void ColumnBatch::Pair(EventField field, std::string_view first, std::string_view second,
                       uint32_t second_number) {
  if (field == EventField::kAttributes) {
    good_ = false;
    return;
  }
  const auto place = static_cast<size_t>(field);
  if (second.empty()) good_ = false;
  if (!first.empty()) AddCode(codes_[kCodePlaces[place]], first);
  AddText(texts_[second_number == 3 ? kPrehashed : kTextPlaces[place]], second);
}

void ColumnBatch::Add(const ingest::v1::Event& event) {
  BeginEvent();
  const auto text = [this](EventField field, bool has, const std::string& value) {
    if (has) Text(field, value);
  };
  const auto integer = [this](EventField field, bool has, int64_t value) {
    if (has) Number(field, value);
  };
  text(EventField::kSource, true, event.source());
  text(EventField::kId, true, event.id());
  integer(EventField::kRevision, event.revision() != 0, event.revision());
  integer(EventField::kKind, true, event.kind());
  integer(EventField::kEventTimeUs, true, event.event_time_us());
  if (event.has_original()) {
    Pair(EventField::kOriginal, event.original().source(), event.original().id());
  }
  text(EventField::kOrder, event.has_order(), event.order());
  if (event.has_transaction()) {
    Pair(EventField::kTransaction, event.transaction().scheme(), event.transaction().id());
  }
  integer(EventField::kReportingRole, event.reporting_role() != 0, event.reporting_role());
  if (event.consumer().has_prehashed()) {
    Pair(EventField::kConsumer, event.consumer().scheme(), event.consumer().prehashed(), 3);
  } else if (event.has_consumer()) {
    Pair(EventField::kConsumer, event.consumer().scheme(), event.consumer().id());
  }
  text(EventField::kConsumerRegion, event.has_consumer_region(), event.consumer_region());
  text(EventField::kProviderRegion, event.has_provider_region(), event.provider_region());
  text(EventField::kPlaceOfUse, event.has_place_of_use(), event.place_of_use());
  text(EventField::kCategory, event.has_category(), event.category());
  text(EventField::kProduct, event.has_product(), event.product());
  text(EventField::kProvider, event.has_provider(), event.provider());
  integer(EventField::kSegment, event.segment() != 0, event.segment());
  integer(EventField::kChannel, event.channel() != 0, event.channel());
  text(EventField::kPaymentMethod, event.has_payment_method(), event.payment_method());
  text(EventField::kAgeBand, event.has_age_band(), event.age_band());
  integer(EventField::kAreaType, event.area_type() != 0, event.area_type());
  text(EventField::kIncomeBand, event.has_income_band(), event.income_band());
  text(EventField::kScenario, event.has_scenario(), event.scenario());
  text(EventField::kProject, event.has_project(), event.project());
  text(EventField::kActivity, event.has_activity(), event.activity());
  integer(EventField::kAmount, event.has_amount(), event.amount());
  integer(EventField::kVoucherAmount, event.has_voucher_amount(), event.voucher_amount());
  integer(EventField::kQuantity, event.has_quantity(), event.quantity());
  text(EventField::kCurrency, event.has_currency(), event.currency());
  if (event.attributes_size() > 0) good_ = false;
}

void ColumnBatch::AppendCodes(Codes& column, std::string* out) {
  if (column.numbers.empty()) return;
  column.numbers.resize(events_);
  scratch_.clear();
  for (const std::string& value : column.values) {
    AppendBytes(CodeColumn::kValuesFieldNumber, value, &scratch_);
  }
  const bool constant = column.values.size() == 1 &&
                        std::count(column.numbers.begin(), column.numbers.end(), 0u) == 0;
  if (!constant) AppendPacked(CodeColumn::kIndexesFieldNumber, column.numbers, &scratch_);
  AppendBytes(static_cast<int>(column.number), scratch_, out);
  column.values.clear();
  column.found.clear();
  column.recent.fill(0);
  column.numbers.clear();
}

void ColumnBatch::AppendTexts(Texts& column, std::string* out) {
  if (column.lengths.empty()) return;
  column.lengths.resize(events_);
  scratch_.clear();
  AppendBytes(TextColumn::kTextsFieldNumber, column.texts, &scratch_);
  if (std::count(column.lengths.begin(), column.lengths.end(), column.lengths[0]) ==
      static_cast<ptrdiff_t>(events_)) {
    column.lengths.resize(1);
  }
  AppendPacked(TextColumn::kLengthsFieldNumber, column.lengths, &scratch_);
  AppendBytes(static_cast<int>(column.number), scratch_, out);
  column.texts.clear();
  column.lengths.clear();
}

void ColumnBatch::AppendIntegers(Integers& column, std::string* out) {
  if (column.values.empty()) return;
  column.values.resize(events_);
  column.present.resize(events_);
  scratch_.clear();
  AppendPacked(IntegerColumn::kValuesFieldNumber, column.values, &scratch_);
  if (std::find(column.present.begin(), column.present.end(), 0) != column.present.end()) {
    std::string bits((events_ + 7) / 8, '\0');
    for (size_t i = 0; i < events_; ++i) {
      if (column.present[i] != 0) bits[i / 8] = static_cast<char>(bits[i / 8] | 1 << (i % 8));
    }
    AppendBytes(IntegerColumn::kPresentFieldNumber, bits, &scratch_);
  }
  AppendBytes(static_cast<int>(column.number), scratch_, out);
  column.values.clear();
  column.present.clear();
}

std::string ColumnBatch::Finish() {
  std::string out;
  AppendVarint(EventColumns::kCountFieldNumber << 3, &out);
  AppendVarint(events_, &out);
  for (Codes& column : codes_) AppendCodes(column, &out);
  for (Texts& column : texts_) AppendTexts(column, &out);
  for (Integers& column : integers_) AppendIntegers(column, &out);
  for (Integers& column : numbers_) {
    if (column.values.empty()) continue;
    column.values.resize(events_);
    if (column.number == EventColumns::kEventTimeUsFieldNumber) {
      AppendBytes(static_cast<int>(column.number),
                  {reinterpret_cast<const char*>(column.values.data()), 8 * events_}, &out);
    } else {
      AppendPacked(static_cast<int>(column.number), column.values, &out);
    }
    column.values.clear();
    column.present.clear();
  }
  events_ = 0;
  good_ = true;
  return out;
}

}  // namespace tidemark::submit
