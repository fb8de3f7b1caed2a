#include "services/analytics/domain/source_day_fold.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/control.h"
#include "common/status/status_macros.h"
#include "services/analytics/domain/day_notes.h"
#include "services/analytics/domain/linked_event.h"
#include "services/analytics/domain/standing_sums.h"

namespace tidemark::analytics {
namespace {

using catalog_client::CatalogView;
using catalog_client::EntityType;
using ledger::Column;

// Puts the notes of earlier blocks into a book.
class BookReader final : public DayNoteReader {
 public:
  BookReader(SourceDayBook* book, std::string* zone) : book_(*book), zone_(*zone) {}
  using DayNoteReader::Take;
  absl::Status Take(const ZoneNote& note) override {
    zone_ = note.time_zone;
    return absl::OkStatus();
  }
  absl::Status Take(const WatchNote& note) override {
    book_.Watch(note.source);
    return absl::OkStatus();
  }
  absl::Status Take(const StateNote& note) override {
    book_.Note(note.effective, note.state, &book_.Watch(note.source)[note.day]);
    return absl::OkStatus();
  }
  absl::Status Take(const TotalsNote& note) override {
    book_.AddTotals(note.totals, &book_.Watch(note.source)[note.day]);
    return absl::OkStatus();
  }

 private:
  SourceDayBook& book_;
  std::string& zone_;
};

// Calls take(day, SourceDayBook::Day) for the days in [first, end): by looking at whichever are
// fewer.
template <typename Take>
void ForDays(const SourceDayBook::Source& days, int32_t first, int32_t end, Take take) {
  if (static_cast<int64_t>(end) - first > static_cast<int64_t>(days.size())) {
    for (const auto& [day, entry] : days) {
      if (first <= day && day < end) take(day, entry);
    }
    return;
  }
  for (int32_t day = first; day < end; ++day) {
    const auto found = days.find(day);
    if (found != days.end()) take(day, found->second);
  }
}

}  // namespace

// What of the row at hand has changed.
struct SourceDayFold::Block {
  struct Touched {
    std::string_view source;
    int32_t day;
    SourceDayBook::Day* entry;
  };
  std::vector<Touched> touched;
};

absl::Status SourceDayFold::Restore() const {
  restored_ = false;
  book_ = SourceDayBook();
  zone_name_.clear();
  has_sums_ = false;
  BookReader reader(&book_, &zone_name_);
  TM_RETURN_IF_ERROR(store_.ReadNotes([&](std::string_view notes) {
    return ReadNotes(
        notes, [](const SingleEvent&) { return absl::OkStatus(); },
        [](const LinkedEvent&) { return absl::OkStatus(); },
        [&](std::string_view note) { return ReadDayNote(note, &reader); });
  }));
  end_leaf_ = store_.folded_size();
  restored_ = true;
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const CatalogView>> SourceDayFold::ViewAt(uint64_t version) const {
  if (catalog_ == nullptr) {
    return absl::FailedPreconditionError("a source closes a day, but there is no catalog");
  }
  absl::StatusOr<std::shared_ptr<const CatalogView>> view = catalog_->ViewAt(version);
  if (view.ok()) return view;
  return absl::UnavailableError(
      absl::StrCat("version ", version, " of the catalog is not loaded yet"));
}

absl::StatusOr<std::set<std::string>> SourceDayFold::NewlyWatched(ledger::BlockReader& reader,
                                                                  const EffectBatch& batch) {
  std::set<std::string> found;
  const auto add = [&](std::string_view source) {
    base::MutexLock lock(mutex_);
    if (book_.Find(source) == nullptr) found.emplace(source);
  };
  if (reader.Has(Column::kControl)) {
    TM_ASSIGN_OR_RETURN(const ledger::SmallColumn kinds, reader.Small(Column::kRecordKind));
    TM_ASSIGN_OR_RETURN(const ledger::TextColumn bodies, reader.Text(Column::kControl));
    for (size_t row = 0; row < reader.size(); ++row) {
      if (kinds.values[row] != static_cast<uint8_t>(ledger::RecordKind::kSourceDay)) continue;
      TM_ASSIGN_OR_RETURN(const ledger::SourceDay day, ledger::DecodeSourceDay(bodies[row]));
      add(day.source);
    }
  }
  if (batch.catalog_marks.empty() || catalog_ == nullptr) return found;
  constexpr auto kTypes = TypeBit(EntityType::kSource) | TypeBit(EntityType::kObservatory);
  TM_ASSIGN_OR_RETURN(const SnapshotInfo before, store_.Snapshot(batch.first_leaf));
  uint64_t seen = before.catalog_version;
  for (const EffectBatch::Mark& mark : batch.catalog_marks) {
    if (catalog_->LastVersionThatChanged(kTypes, mark.version) > seen) {
      TM_ASSIGN_OR_RETURN(const auto view, ViewAt(mark.version));
      for (const catalog_client::Source& source : view->sources().items()) {
        if (source.closes_days && view->observatory() != nullptr) add(source.id);
      }
    }
    seen = mark.version;
  }
  return found;
}

// An observatory's zone never changes once its log has records.
absl::StatusOr<bool> SourceDayFold::SetZone(const EffectBatch& batch) {
  std::string name;
  {
    base::MutexLock lock(mutex_);
    name = zone_name_;
  }
  const bool is_new = name.empty();
  if (is_new) {
    TM_ASSIGN_OR_RETURN(const SnapshotInfo before, store_.Snapshot(batch.first_leaf));
    const uint64_t version =
        batch.catalog_marks.empty() ? before.catalog_version : batch.catalog_marks.back().version;
    TM_ASSIGN_OR_RETURN(const auto view, ViewAt(version));
    if (view->observatory() == nullptr) {
      return absl::FailedPreconditionError("a source closes a day of no observatory");
    }
    name = view->observatory()->time_zone_name;
  }
  if (days_ == nullptr || days_zone_ != name) {
    absl::TimeZone zone;
    if (!absl::LoadTimeZone(name, &zone)) {
      return absl::FailedPreconditionError(
          absl::StrCat("this host does not know the time zone `", name,
                       "` of the observatory; install the time zone data (package tzdata)"));
    }
    days_ = std::make_unique<catalog_client::LocalDays>(zone);
    days_zone_ = name;
  }
  return is_new;
}

absl::StatusOr<std::vector<SourceDayFold::Loaded>> SourceDayFold::Load(
    std::span<const std::string> sources, uint64_t log_size) {
  std::vector<Loaded> loaded;
  const StatStore::TimeBounds times = store_.EventTimes(log_size);
  if (times.last_us < times.first_us) return loaded;
  TM_RETURN_IF_ERROR(ReadStanding(store_, links_, days_.get(), sources,
                                  days_->DayOf(times.first_us), days_->DayOf(times.last_us) + 1,
                                  log_size,
                                  [&](size_t source, int32_t day, const StandingSums& sums) {
                                    loaded.push_back({source, day, sums});
                                  }));
  return loaded;
}

// After a restart.
absl::Status SourceDayFold::LoadWatched(uint64_t log_size) {
  std::vector<std::string> watched;
  {
    base::MutexLock lock(mutex_);
    if (has_sums_) return absl::OkStatus();
    watched = book_.Watched();
  }
  std::vector<Loaded> loaded;
  if (!watched.empty()) {
    TM_ASSIGN_OR_RETURN(loaded, Load(watched, log_size));
  }
  base::MutexLock lock(mutex_);
  for (const Loaded& part : loaded)
    (*book_.Find(watched[part.source]))[part.day].sums.Add(part.sums);
  has_sums_ = true;
  return absl::OkStatus();
}

void SourceDayFold::Watch(const std::vector<std::string>& sources,
                          const std::vector<Loaded>& loaded, uint64_t first_leaf) {
  for (const std::string& source : sources) {
    book_.Watch(source);
    AppendNote(WatchNote{source}, &added_);
  }
  Block block;
  for (const Loaded& part : loaded) {
    const std::string& source = sources[part.source];
    Change(&block, source, book_.Find(source), part.day, part.sums);
  }
  Settle(&block, first_leaf);
}

void SourceDayFold::Change(Block* block, std::string_view source, SourceDayBook::Source* days,
                           int32_t day, const StandingSums& sums) {
  SourceDayBook::Day& changed = (*days)[day];
  changed.sums.Add(sums);
  block->touched.push_back({source, day, &changed});
}

// Notes the states that changed at `leaf`.
void SourceDayFold::Settle(Block* block, uint64_t leaf) {
  for (const Block::Touched& touched : block->touched) {
    const SourceDayState now = touched.entry->Now();
    if (now == touched.entry->Noted()) continue;
    book_.Note(leaf, now, touched.entry);
    AppendNote(StateNote{touched.source, touched.day, leaf, now}, &added_);
  }
  block->touched.clear();
}

absl::Status SourceDayFold::Count(ledger::BlockReader& reader, uint64_t first_leaf) {
  TM_ASSIGN_OR_RETURN(const ledger::TextColumn sources, reader.Text(Column::kSource));
  TM_ASSIGN_OR_RETURN(const ledger::SmallColumn kinds, reader.Small(Column::kKind));
  TM_ASSIGN_OR_RETURN(const ledger::IntegerColumn times, reader.Integers(Column::kEventTime));
  TM_ASSIGN_OR_RETURN(const ledger::IntegerColumn amounts, reader.Integers(Column::kAmount));
  ledger::SmallColumn records;
  ledger::TextColumn bodies;
  const bool has_records = reader.Has(Column::kControl);
  if (has_records) {
    TM_ASSIGN_OR_RETURN(records, reader.Small(Column::kRecordKind));
    TM_ASSIGN_OR_RETURN(bodies, reader.Text(Column::kControl));
  }
  base::MutexLock lock(mutex_);
  std::vector<SourceDayBook::Source*> watched(sources.entries.size());
  for (size_t entry = 1; entry < watched.size(); ++entry)
    watched[entry] = book_.Find(sources.entries[entry]);
  const bool any =
      std::any_of(watched.begin(), watched.end(), [](auto* w) { return w != nullptr; });
  if (!any && !has_records) return absl::OkStatus();
  const std::span<const LinkFold::RowChange> linked = links_.standing();
  auto change = linked.begin();
  Block block;
  for (size_t row = 0; row < reader.size(); ++row) {
    while (change != linked.end() && change->row < row) ++change;
    if (kinds.values[row] != 0) {
      SourceDayBook::Source* const days = watched[sources.index[row]];
      if (days == nullptr) continue;
      if (links_.any() && links_.own_of(row) != LinkFold::Own::kByKind) {
        for (; change != linked.end() && change->row == row; ++change)
          Change(&block, sources[row], days, days_->DayOf(change->event_time_us), change->sums);
      } else {
        Change(&block, sources[row], days, days_->DayOf(times.values[row]),
               SumsOf(static_cast<ledger::EventKind>(kinds.values[row]),
                      amounts.values.empty() ? 0 : amounts.values[row]));
      }
    } else if (has_records &&
               records.values[row] == static_cast<uint8_t>(ledger::RecordKind::kSourceDay)) {
      TM_ASSIGN_OR_RETURN(const ledger::SourceDay day, ledger::DecodeSourceDay(bodies[row]));
      const DayTotals totals{.leaf = first_leaf + row,
                             .sums = {.events = static_cast<int64_t>(day.events),
                                      .gross = day.gross,
                                      .refunds = day.refunds}};
      SourceDayBook::Source* const days = book_.Find(day.source);
      book_.AddTotals(totals, &(*days)[day.day]);
      AppendNote(TotalsNote{day.source, day.day, totals}, &added_);
      Change(&block, day.source, days, day.day, {});
    }
    Settle(&block, first_leaf + row);
  }
  memory_bytes_.store(book_.memory_bytes(), std::memory_order_relaxed);
  return absl::OkStatus();
}

absl::Status SourceDayFold::Read(ledger::BlockReader& reader, EffectBatch* batch) {
  added_.clear();
  {
    base::MutexLock lock(mutex_);
    if (batch->first_leaf != end_leaf_) TM_RETURN_IF_ERROR(Restore());
  }
  TM_ASSIGN_OR_RETURN(const std::set<std::string> found, NewlyWatched(reader, *batch));
  bool watches = !found.empty();
  {
    base::MutexLock lock(mutex_);
    watches = watches || !book_.empty();
  }
  if (watches) {
    // What may have to be tried again goes first, as the book stays as it was until then.
    TM_ASSIGN_OR_RETURN(const bool is_new_zone, SetZone(*batch));
    TM_RETURN_IF_ERROR(LoadWatched(batch->first_leaf));
    const std::vector<std::string> list(found.begin(), found.end());
    std::vector<Loaded> loaded;
    if (!list.empty()) {
      TM_ASSIGN_OR_RETURN(loaded, Load(list, batch->first_leaf));
    }
    {
      base::MutexLock lock(mutex_);
      // Until the block is whole, another attempt starts from the store.
      end_leaf_ = UINT64_MAX;
      if (is_new_zone) {
        AppendNote(ZoneNote{days_zone_}, &added_);
        zone_name_ = days_zone_;
      }
      Watch(list, loaded, batch->first_leaf);
    }
    TM_RETURN_IF_ERROR(Count(reader, batch->first_leaf));
  }
  if (!added_.empty()) {
    notes_ = absl::StrCat(batch->notes, added_);
    batch->notes = notes_;
  }
  base::MutexLock lock(mutex_);
  end_leaf_ = batch->end_leaf();
  return absl::OkStatus();
}

absl::Status SourceDayFold::ReadStates(
    std::string_view source, uint64_t log_size, int32_t first, int32_t end,
    absl::FunctionRef<void(int32_t day, SourceDayState)> take) const {
  base::MutexLock lock(mutex_);
  if (!restored_) TM_RETURN_IF_ERROR(Restore());
  const SourceDayBook::Source* const days = book_.Find(source);
  if (days == nullptr) return absl::OkStatus();
  ForDays(*days, first, end, [&](int32_t day, const SourceDayBook::Day& entry) {
    const SourceDayState state = entry.At(log_size);
    if (state != SourceDayState::kSilent) take(day, state);
  });
  return absl::OkStatus();
}

absl::Status SourceDayFold::ReadTotals(
    std::string_view source, uint64_t log_size, int32_t first, int32_t end,
    absl::FunctionRef<void(int32_t day, const DayTotals&)> take) const {
  base::MutexLock lock(mutex_);
  if (!restored_) TM_RETURN_IF_ERROR(Restore());
  const SourceDayBook::Source* const days = book_.Find(source);
  if (days == nullptr) return absl::OkStatus();
  ForDays(*days, first, end, [&](int32_t day, const SourceDayBook::Day& entry) {
    if (const DayTotals* totals = entry.TotalsAt(log_size)) take(day, *totals);
  });
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
