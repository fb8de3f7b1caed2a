#include "services/ingest/api/clean_columns.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "services/ingest/api/open_fields.h"
#include "services/ingest/api/utf8.h"
#include "services/ingest/domain/shape.h"

namespace tidemark::ingest {
namespace {

using ledger::EventKind;

struct Largest {
  EventColumns::SmallName name;
  int32_t number;
};
constexpr Largest kLargest[] = {
    {EventColumns::kReportingRole, static_cast<int32_t>(ledger::ReportingRole::kDepartment)},
    {EventColumns::kSegment, static_cast<int32_t>(ledger::Segment::kPublic)},
    {EventColumns::kChannel, static_cast<int32_t>(ledger::Channel::kHybrid)},
    {EventColumns::kAreaType, static_cast<int32_t>(ledger::AreaType::kRural)},
};

// Few events have these: they are judged one by one.
constexpr CodeField kRareCodes[] = {CodeField::kScenario, CodeField::kProject, CodeField::kActivity,
                                    CodeField::kCurrency};

bool InRange(int64_t value, int64_t low, int64_t high) { return low <= value && value <= high; }

}  // namespace

bool CleanColumns::Read(const EventColumns& columns, const ColumnCodes& codes,
                        ReferenceValidator* validator) {
  columns_ = &columns;
  codes_ = &codes;
  validator_ = validator;
  if (columns.size() == 0 || columns.codes(CodeField::kSource).empty() ||
      columns.event_times().empty() || columns.smalls(EventColumns::kKind).empty()) {
    return false;
  }
  const auto [first, last] =
      std::minmax_element(columns.event_times().begin(), columns.event_times().end());
  if (!CodesAreGood() || !TextsAreGood() || !NumbersAreGood() ||
      !codes.AllTaken(*first, *last, validator)) {
    return false;
  }
  for (const OpenList list : kOpenLists) {
    admitted_[static_cast<size_t>(list)].assign(columns.codes(FieldOf(list)).values().size() + 1,
                                                0);
  }
  return true;
}

bool CleanColumns::CodesAreGood() const {
  for (const CodeField field : kRareCodes) {
    if (!columns_->codes(field).empty()) return false;
  }
  for (size_t i = 0; i < kCodeFieldCount; ++i) {
    const auto field = static_cast<CodeField>(i);
    const CodeColumn& column = columns_->codes(field);
    const size_t limit = IsOpen(field) ? kMaxOpenCodeBytes : ledger::kMaxIdentityBytes;
    for (uint32_t number = 1; number <= column.values().size(); ++number) {
      if (!InRange(static_cast<int64_t>(column.text(number).size()), 1,
                   static_cast<int64_t>(limit)) ||
          column.text_class(number) != TextClass::kPlain) {
        return false;
      }
    }
  }
  return true;
}

bool CleanColumns::TextsAreGood() const {
  for (const EventColumns::TextName name :
       {EventColumns::kId, EventColumns::kOrder, EventColumns::kConsumerId}) {
    const TextColumn& column = columns_->texts(name);
    if (column.empty()) {
      if (name == EventColumns::kId) return false;
      continue;
    }
    // Of the texts together it tells nothing when a character is cut into two of them.
    if (!IsPrintableAscii(column.all())) return false;
    size_t shortest = std::numeric_limits<size_t>::max(), longest = 0;
    for (size_t row = 0; row < columns_->size(); ++row) {
      const size_t size = column.text(row).size();
      shortest = std::min(shortest, size);
      longest = std::max(longest, size);
    }
    if (longest > ledger::kMaxIdentityBytes) return false;
    if (name == EventColumns::kId && shortest == 0) return false;
  }
  return true;
}

bool CleanColumns::NumbersAreGood() const {
  for (const Largest& largest : kLargest) {
    for (const int32_t number : columns_->smalls(largest.name)) {
      if (!InRange(number, 0, largest.number)) return false;
    }
  }
  return true;
}

bool CleanColumns::Takes(size_t row) {
  const EventColumns& columns = *columns_;
  const auto has_code = [&](CodeField field) {
    return !columns.codes(field).empty() && columns.codes(field).number(row) != 0;
  };
  const auto has_text = [&](EventColumns::TextName name) {
    return !columns.texts(name).empty() && !columns.texts(name).text(row).empty();
  };
  // What refers to other events is judged one by one.
  if (columns.codes(CodeField::kSource).number(row) == 0 || has_code(CodeField::kOriginalSource) ||
      has_code(CodeField::kTransactionScheme) || has_text(EventColumns::kOriginalId) ||
      has_text(EventColumns::kTransactionId)) {
    return false;
  }
  return TakesNumbers(row) && TakesConsumer(row) && AdmitsCodes(row);
}

bool CleanColumns::TakesNumbers(size_t row) const {
  const auto integer = [&](EventColumns::IntegerName name) {
    const IntegerColumn& column = columns_->integers(name);
    return !column.empty() && column.has(row) ? std::optional(column.value(row)) : std::nullopt;
  };
  return AmountsFit(static_cast<EventKind>(columns_->smalls(EventColumns::kKind)[row]),
                    integer(EventColumns::kAmount), integer(EventColumns::kVoucherAmount),
                    integer(EventColumns::kQuantity));
}

bool CleanColumns::TakesConsumer(size_t row) const {
  const auto size = [&](EventColumns::TextName name) {
    return columns_->texts(name).empty() ? 0 : columns_->texts(name).text(row).size();
  };
  const CodeColumn& schemes = columns_->codes(CodeField::kConsumerScheme);
  const size_t id = size(EventColumns::kConsumerId);
  const size_t prehashed = size(EventColumns::kConsumerPrehashed);
  if (schemes.empty() || schemes.number(row) == 0) return id == 0 && prehashed == 0;
  return id > 0 ? prehashed == 0 : prehashed == ledger::kPseudonymBytes;
}

bool CleanColumns::AdmitsCodes(size_t row) {
  const uint32_t source = columns_->codes(CodeField::kSource).number(row);
  const bool remembers = codes_->source_count() <= kMostSources;
  const uint64_t bit = remembers ? uint64_t{1} << (source - 1) : 0;
  for (const OpenList list : kOpenLists) {
    const CodeColumn& values = columns_->codes(FieldOf(list));
    if (values.empty()) continue;
    const uint32_t number = values.number(row);
    if (number == 0) continue;
    uint64_t& admitted = admitted_[static_cast<size_t>(list)][number];
    if ((admitted & bit) != 0) continue;
    if (!validator_->Admits(*codes_->source(source), codes_->source_key(source), list,
                            codes_->hash(list, number))) {
      return false;
    }
    admitted |= bit;
  }
  return true;
}

}  // namespace tidemark::ingest
