// EventColumns into the rows of a batch, a column at a time.
#include <algorithm>

#include "services/ingest/api/event_columns.h"

namespace tidemark::ingest {
namespace {

using ledger::EventRows;

// The ledger's columns of codes are those of the request, in the same order, but for the currency.
static_assert(ledger::kCodeTextCount == kCodeFieldCount - 1);
static_assert(ledger::kCodeTexts[static_cast<size_t>(CodeField::kConsumerRegion)].column ==
              ledger::Column::kConsumerRegion);
static_assert(ledger::kCodeTexts[static_cast<size_t>(CodeField::kActivity)].column ==
              ledger::Column::kActivity);

template <typename From, typename To>
void Gather(const std::vector<From>& from, std::span<const uint32_t> rows, std::vector<To>* to) {
  if (from.empty()) return;
  to->resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) (*to)[i] = static_cast<To>(from[rows[i]]);
}

}  // namespace

void EventColumns::FillRows(std::span<const uint32_t> good, uint32_t pseudonym_epoch,
                            EventRows* rows) const {
  rows->Resize(good.size());
  for (size_t i = 0; i < ledger::kCodeTextCount; ++i) {
    if (codes_[i].empty() || i == static_cast<size_t>(CodeField::kOriginalSource)) continue;
    rows->codes(i).SetColumn(codes_[i].values(), codes_[i].numbers(), good);
  }
  FillOriginalSources(good, rows);
  // By the order of kOwnTexts.
  constexpr TextName kTexts[] = {kId, kOriginalId, kOrder, kTransactionId, kConsumerPrehashed};
  for (size_t i = 0; i < std::size(kTexts); ++i) {
    const TextColumn& from = texts_[kTexts[i]];
    if (from.empty()) continue;
    std::vector<std::string_view>& to = rows->own_texts(i);
    to.resize(good.size());
    for (size_t row = 0; row < good.size(); ++row) to[row] = from.text(good[row]);
  }
  for (size_t i = 0; i < kSmallCount; ++i) {
    Gather(smalls_[i], good, &rows->smalls(static_cast<EventRows::SmallName>(i)));
  }
  for (size_t i = 0; i < kIntegerCount; ++i) {
    const IntegerColumn& from = integers_[i];
    if (from.empty()) continue;
    EventRows::Integers& to = rows->integers(static_cast<EventRows::IntegerName>(i));
    Gather(from.values(), good, &to.values);
    to.present.resize(good.size());
    for (size_t row = 0; row < good.size(); ++row) to.present[row] = from.has(good[row]) ? 1 : 0;
  }
  Gather(revisions_, good, &rows->revisions());
  rows->event_times().assign(good.size(), 0);
  Gather(event_times_, good, &rows->event_times());
  const CodeColumn& schemes = codes(CodeField::kConsumerScheme);
  if (schemes.empty()) return;
  rows->pseudonym_epochs().resize(good.size());
  for (size_t row = 0; row < good.size(); ++row) {
    rows->pseudonym_epochs()[row] = schemes.number(good[row]) == 0 ? 0 : pseudonym_epoch;
  }
}

void EventColumns::FillOriginalSources(std::span<const uint32_t> good, EventRows* rows) const {
  const TextColumn& ids = texts_[kOriginalId];
  if (ids.empty()) return;
  const CodeColumn& named = codes(CodeField::kOriginalSource);
  const CodeColumn& own = codes(CodeField::kSource);
  ledger::DictionaryBuilder& to = rows->codes(static_cast<size_t>(CodeField::kOriginalSource));
  for (size_t row = 0; row < good.size(); ++row) {
    if (ledger::Absent(ids.text(good[row]))) continue;
    std::string_view source = named.empty() ? "" : named.text(named.number(good[row]));
    // As CheckShape: the event's own.
    if (source.empty()) source = own.text(own.number(good[row]));
    to.Add(static_cast<uint32_t>(row), source);
  }
}

}  // namespace tidemark::ingest
