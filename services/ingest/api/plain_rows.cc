// Plain events into the rows of a batch, a column at a time.
#include <algorithm>
#include <array>

#include "clients/cpp/ledger/record_texts.h"
#include "services/ingest/api/plain_judge.h"
#include "services/ingest/domain/pseudonymiser.h"

namespace tidemark::ingest {
namespace {

using ledger::Column;
using ledger::EventRows;

// Sets the rows from `row` on of a column, which may end earlier, to value(event); leaves it as it
// is when no event has a value.
template <typename T, typename Value>
void Append(std::span<const PlainEvent> events, size_t row, const Value& value,
            std::vector<T>* column) {
  if (std::none_of(events.begin(), events.end(),
                   [&](const PlainEvent& event) { return value(event) != T{}; })) {
    return;
  }
  column->resize(row + events.size());
  for (size_t i = 0; i < events.size(); ++i) (*column)[row + i] = value(events[i]);
}

struct IntegerField {
  PlainField field;
  EventColumns::IntegerName name;
};
constexpr IntegerField kIntegerFields[] = {
    {kAmountField, EventColumns::kAmount},
    {kVoucherAmountField, EventColumns::kVoucherAmount},
    {kQuantityField, EventColumns::kQuantity},
};

}  // namespace

void PlainJudge::AppendTo(std::span<const PlainEvent> events, EventRows* rows) {
  const size_t row = rows->size();
  rows->Resize(row + events.size());
  AppendCodes(events, row, rows);
  const auto text = [&](Column column, std::string_view PlainEvent::*member) {
    Append(
        events, row, [member](const PlainEvent& event) { return event.*member; },
        &rows->own_texts(ledger::OwnPlace(column)));
  };
  text(Column::kId, &PlainEvent::id);
  text(Column::kOrder, &PlainEvent::order);
  text(Column::kPseudonym, &PlainEvent::consumer_prehashed);
  for (size_t i = 0; i < EventColumns::kSmallCount; ++i) {
    Append(
        events, row, [i](const PlainEvent& event) { return static_cast<uint8_t>(event.smalls[i]); },
        &rows->smalls(static_cast<EventRows::SmallName>(i)));
  }
  for (const IntegerField& integer : kIntegerFields) {
    const EventColumns::IntegerName name = integer.name;
    EventRows::Integers& to = rows->integers(static_cast<EventRows::IntegerName>(name));
    const auto has = [&integer](const PlainEvent& event) {
      return uint8_t{event.has(integer.field)};
    };
    Append(events, row, has, &to.present);
    // As long as the other.
    to.values.resize(to.present.size());
    if (to.present.size() == row + events.size()) {
      for (size_t i = 0; i < events.size(); ++i) to.values[row + i] = events[i].integers[name];
    }
  }
  for (size_t i = 0; i < events.size(); ++i) {
    if (events[i].attributes.empty()) continue;
    rows->attributes().resize(row + i);
    rows->attributes().push_back(events[i].attributes);
  }
  std::vector<int64_t>& times = rows->event_times();
  for (const PlainEvent& event : events) times.push_back(event.event_time_us);
  Append(
      events, row, [](const PlainEvent& event) { return event.revision; }, &rows->revisions());
  Append(
      events, row,
      [](const PlainEvent& event) { return event.has(kConsumerField) ? kPseudonymEpoch : 0; },
      &rows->pseudonym_epochs());
}

void PlainJudge::AppendCodes(std::span<const PlainEvent> events, size_t row, EventRows* rows) {
  std::array<uint32_t, EventRows::kMostAtOnce> numbers;
  for (size_t f = 0; f < kFields; ++f) {
    uint32_t any = 0;
    for (const PlainEvent& event : events) any |= event.codes[f];
    if (any == 0) continue;
    Field& known = fields_[f];
    ledger::DictionaryBuilder& to = rows->codes(f);
    uint64_t bytes = 0;
    for (size_t i = 0; i < events.size(); ++i) {
      const uint32_t code = events[i].codes[f];
      if (code == 0) {
        numbers[i] = 0;
        continue;
      }
      if (code >= kPassing) [[unlikely]] {
        const Passing& passing = passing_[code - kPassing];
        const std::string_view text(passing.text, passing.size);
        numbers[i] = to.NumberOf(text, ledger::DictionaryBuilder::HashOf(text));
        bytes += text.size();
        continue;
      }
      InBatch& in_batch = known.in_batch[code];
      if (in_batch.number == 0) {
        in_batch.number = to.AddEntry({in_batch.text, in_batch.size}, known.row_hashes[code]);
      }
      numbers[i] = in_batch.number;
      bytes += in_batch.size;
    }
    to.AddNumbers(static_cast<uint32_t>(row), {numbers.data(), events.size()}, bytes);
  }
}

}  // namespace tidemark::ingest
