#include "services/analytics/domain/source_day_book.h"

#include <algorithm>

namespace tidemark::analytics {

const DayTotals* SourceDayBook::Day::TotalsAt(uint64_t log_size) const {
  const auto after =
      std::partition_point(totals_.begin(), totals_.end(),
                           [=](const DayTotals& totals) { return totals.leaf < log_size; });
  return after == totals_.begin() ? nullptr : &*(after - 1);
}

SourceDayState SourceDayBook::Day::Now() const {
  if (!totals_.empty()) {
    return StandingSums(totals_.back().sums) == sums ? SourceDayState::kComplete
                                                     : SourceDayState::kDifferent;
  }
  return sums.events > 0 ? SourceDayState::kOpen : SourceDayState::kSilent;
}

SourceDayState SourceDayBook::Day::At(uint64_t log_size) const {
  const auto after = std::partition_point(journal_.begin(), journal_.end(),
                                          [=](uint64_t entry) { return entry / 8 < log_size; });
  if (after == journal_.begin()) return SourceDayState::kSilent;
  return static_cast<SourceDayState>(*(after - 1) % 8);
}

SourceDayState SourceDayBook::Day::Noted() const {
  if (journal_.empty()) return SourceDayState::kSilent;
  return static_cast<SourceDayState>(journal_.back() % 8);
}

size_t SourceDayBook::Day::heap_bytes() const {
  const bool has_journal = journal_.capacity() > kJournalInPlace;
  return (has_journal ? journal_.capacity() * sizeof(uint64_t) : 0) +
         totals_.capacity() * sizeof(DayTotals);
}

void SourceDayBook::Note(uint64_t effective, SourceDayState state, Day* day) {
  const size_t had = day->heap_bytes();
  day->journal_.push_back(effective * 8 + static_cast<uint64_t>(state));
  heap_bytes_ += day->heap_bytes() - had;
}

void SourceDayBook::AddTotals(const DayTotals& totals, Day* day) {
  const size_t had = day->heap_bytes();
  day->totals_.push_back(totals);
  heap_bytes_ += day->heap_bytes() - had;
}

SourceDayBook::Source* SourceDayBook::Find(std::string_view source) {
  const auto found = sources_.find(source);
  return found == sources_.end() ? nullptr : &found->second;
}

const SourceDayBook::Source* SourceDayBook::Find(std::string_view source) const {
  const auto found = sources_.find(source);
  return found == sources_.end() ? nullptr : &found->second;
}

SourceDayBook::Source& SourceDayBook::Watch(std::string_view source) {
  return sources_[std::string(source)];
}

std::vector<std::string> SourceDayBook::Watched() const {
  std::vector<std::string> names;
  for (const auto& [name, source] : sources_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

size_t SourceDayBook::memory_bytes() const {
  size_t bytes = heap_bytes_;
  for (const auto& [name, source] : sources_) {
    bytes += name.size() + source.capacity() * 9 + source.size() * sizeof(Source::value_type);
  }
  return bytes;
}

}  // namespace tidemark::analytics
