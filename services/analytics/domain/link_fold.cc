#include "services/analytics/domain/link_fold.h"

#include <algorithm>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/analytics/domain/day_notes.h"
#include "services/analytics/domain/enumerations.h"

namespace tidemark::analytics {
namespace {

using ledger::Column;
using ledger::EventKind;
using ledger::kNoLeaf;
using ledger::kWaitingLeaf;

bool IsLeaf(uint64_t link) { return link != kNoLeaf && link != kWaitingLeaf; }

ledger::ReportingRole RoleOf(std::string_view name) {
  const auto found =
      std::find(std::begin(kReportingRoleNames), std::end(kReportingRoleNames), name);
  return found == std::end(kReportingRoleNames)
             ? ledger::ReportingRole::kUnspecified
             : static_cast<ledger::ReportingRole>(found - std::begin(kReportingRoleNames));
}

EventKind KindOf(const EventFacts& facts) {
  if (facts.purchase) return EventKind::kPurchase;
  return facts.service_use ? EventKind::kServiceUse : EventKind::kRefund;
}

uint64_t LinkAt(const ledger::LinkColumn& column, size_t row) {
  return column.absent ? kNoLeaf : column.leaves[row];
}
int64_t NumberAt(const ledger::IntegerColumn& column, size_t row) {
  return column.values.empty() ? 0 : column.values[row];
}

class CorrectionReader final : public DayNoteReader {
 public:
  explicit CorrectionReader(StandingCorrections* out) : out_(out) {}
  using DayNoteReader::Take;
  absl::Status Take(const CorrectionNote& note) override {
    out_->Add(note.effective, note.change);
    return absl::OkStatus();
  }

 private:
  StandingCorrections* const out_;
};

void AddFact(const LinkedEvents::Fact& fact, int sign, StandingChanges* out) {
  out->Add(fact.source, fact.event_time_us, SumsOf(fact.kind, fact.amount), sign);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Precedence>> LinkFold::PrecedenceOf(uint64_t version) const {
  if (!precedence_at_) return std::make_shared<const Precedence>();
  return precedence_at_(version);
}

absl::StatusOr<std::vector<LinkFold::Change>> LinkFold::ChangesOf(
    std::span<const EffectBatch::Mark> marks) const {
  std::vector<Change> changes;
  const Precedence* before = &events_.precedence();
  for (const EffectBatch::Mark& mark : marks) {
    TM_ASSIGN_OR_RETURN(auto precedence, PrecedenceOf(mark.version));
    if (precedence.get() == before || *precedence == *before) continue;
    before = precedence.get();
    changes.push_back({mark.leaf, std::move(precedence)});
  }
  return changes;
}

// Under one precedence, however many there were: how events count is a function of what is there.
absl::Status LinkFold::Restore() const {
  TM_ASSIGN_OR_RETURN(const SnapshotInfo snapshot, store_.Snapshot(store_.folded_size()));
  TM_ASSIGN_OR_RETURN(auto precedence, PrecedenceOf(snapshot.catalog_version));
  events_ = LinkedEvents(std::move(precedence));
  ++restored_;
  corrections_ = StandingCorrections();
  CorrectionReader corrections(&corrections_);
  TM_RETURN_IF_ERROR(store_.ReadNotes([&](std::string_view notes) {
    mutex_.AssertHeld();
    return ReadNotes(
        notes,
        [&](const SingleEvent& event) {
          mutex_.AssertHeld();
          events_.AddSingle(event);
          return absl::OkStatus();
        },
        [&](const LinkedEvent& event) {
          mutex_.AssertHeld();
          return events_.Restore(event);
        },
        [&](std::string_view note) { return ReadDayNote(note, &corrections); });
  }));
  events_.CollectExceptions();
  end_leaf_ = store_.folded_size();
  memory_bytes_.store(events_.memory_bytes() + corrections_.memory_bytes(),
                      std::memory_order_relaxed);
  return absl::OkStatus();
}

absl::StatusOr<LinkFold::Columns> LinkFold::ReadColumns(ledger::BlockReader& reader) {
  Columns columns;
  const struct {
    Column column;
    ledger::TextColumn* out;
  } texts[] = {{Column::kSource, &columns.sources},
               {Column::kId, &columns.ids},
               {Column::kCategory, &columns.categories},
               {Column::kOriginalId, &columns.original_ids},
               {Column::kTransactionId, &columns.transaction_ids},
               {Column::kResolves, &columns.resolves}};
  for (const auto& [column, out] : texts) {
    TM_ASSIGN_OR_RETURN(*out, reader.Text(column));
  }
  const struct {
    Column column;
    ledger::IntegerColumn* out;
  } integers[] = {{Column::kRevision, &columns.revisions},
                  {Column::kEventTime, &columns.times},
                  {Column::kAmount, &columns.amounts},
                  {Column::kVoucherAmount, &columns.vouchers},
                  {Column::kQuantity, &columns.quantities}};
  for (const auto& [column, out] : integers) {
    TM_ASSIGN_OR_RETURN(*out, reader.Integers(column));
  }
  const struct {
    Column column;
    ledger::LinkColumn* out;
  } links[] = {{Column::kOriginalLeaf, &columns.originals},
               {Column::kPreviousLeaf, &columns.previous},
               {Column::kTransactionLeaf, &columns.transactions}};
  for (const auto& [column, out] : links) {
    TM_ASSIGN_OR_RETURN(*out, reader.Links(column));
  }
  TM_ASSIGN_OR_RETURN(columns.kinds, reader.Small(Column::kKind));
  TM_ASSIGN_OR_RETURN(columns.roles, reader.Small(Column::kReportingRole));
  return columns;
}

bool LinkFold::IsLinked(const Columns& columns, size_t row) {
  return NumberAt(columns.revisions, row) != 0 || columns.original_ids.index[row] != 0 ||
         LinkAt(columns.previous, row) != kNoLeaf || LinkAt(columns.transactions, row) != kNoLeaf ||
         columns.resolves.index[row] != 0;
}

LinkedEvent LinkFold::EventOf(const Columns& columns, size_t row, uint64_t first_leaf) {
  LinkedEvent event{.leaf = first_leaf + row,
                    .kind = static_cast<EventKind>(columns.kinds.values[row]),
                    .revision = static_cast<uint32_t>(NumberAt(columns.revisions, row)),
                    .event_time_us = NumberAt(columns.times, row),
                    .amount = NumberAt(columns.amounts, row),
                    .role = static_cast<ledger::ReportingRole>(columns.roles.values[row]),
                    .source = columns.sources[row],
                    .category = columns.categories[row],
                    .id = columns.ids[row],
                    .names_original = columns.original_ids.index[row] != 0,
                    .original_leaf = LinkAt(columns.originals, row),
                    .previous_leaf = LinkAt(columns.previous, row),
                    .transaction_leaf = LinkAt(columns.transactions, row)};
  if (event.transaction_leaf == kNoLeaf && columns.transaction_ids.index[row] != 0) {
    event.transaction_leaf = event.leaf;
  }
  return event;
}

absl::Status LinkFold::LookUp(const Columns& columns, std::span<const uint32_t> rows,
                              uint64_t first_leaf) {
  std::vector<uint64_t> wanted;
  for (const uint32_t row : rows) {
    const LinkedEvent event = EventOf(columns, row, first_leaf);
    for (const uint64_t leaf : {event.previous_leaf, event.original_leaf, event.transaction_leaf}) {
      if (IsLeaf(leaf) && leaf < first_leaf && !events_.Knows(leaf)) wanted.push_back(leaf);
    }
  }
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  TM_ASSIGN_OR_RETURN(const std::vector<EventFacts> found, store_.ReadEvents(wanted));
  for (size_t i = 0; i < wanted.size(); ++i) {
    const SingleEvent single{.leaf = wanted[i],
                             .kind = KindOf(found[i]),
                             .event_time_us = found[i].event_time_us,
                             .amount = found[i].amount,
                             .role = RoleOf(found[i].reporting_role),
                             .source = found[i].source,
                             .category = found[i].category};
    events_.AddSingle(single);
    AppendNote(single, &notes_);
  }
  return absl::OkStatus();
}

// Of the same block.
void LinkFold::Know(const Columns& columns, const LinkedEvent& event, uint64_t first_leaf) {
  for (const uint64_t leaf : {event.previous_leaf, event.original_leaf, event.transaction_leaf}) {
    if (!IsLeaf(leaf) || leaf < first_leaf || leaf >= event.leaf || events_.Knows(leaf)) continue;
    const LinkedEvent named = EventOf(columns, leaf - first_leaf, first_leaf);
    const SingleEvent single{.leaf = leaf,
                             .kind = named.kind,
                             .event_time_us = named.event_time_us,
                             .amount = named.amount,
                             .role = named.role,
                             .source = named.source,
                             .category = named.category};
    events_.AddSingle(single);
    AppendNote(single, &notes_);
  }
}

void LinkFold::AddCohort(uint64_t effective, const Verdict& verdict, bool negative) {
  if (verdict.kind != EffectKind::kRefund) return;
  copies_.push_back({.effective = effective,
                     .kind = EffectKind::kCohortRefund,
                     .negative = negative,
                     .event_leaf = verdict.leaf,
                     .fields_leaf = verdict.fields_leaf,
                     .time_of_fields = true});
}

void LinkFold::AddCopies(uint64_t effective, const Verdict& verdict, bool negative) {
  if (verdict.kind == EffectKind::kUncounted) return;
  copies_.push_back({.effective = effective,
                     .kind = verdict.kind,
                     .negative = negative,
                     .event_leaf = verdict.leaf,
                     .fields_leaf = verdict.fields_leaf});
  AddCohort(effective, verdict, negative);
}

void LinkFold::AddCorrections(uint64_t effective, const std::vector<StandingChange>& standing) {
  difference_.Clear();
  for (const StandingChange& change : standing)
    difference_.Add(change.source, change.event_time_us, change.sums, 1);
  const auto counted = [&](const Verdict& verdict, int sign) {
    mutex_.AssertHeld();
    if (!kEvents.Has(verdict.kind)) return;
    LinkedEvents::Fact fact = events_.FactOf(verdict.leaf);
    fact.source = events_.FactOf(verdict.fields_leaf).source;
    AddFact(fact, -sign, &difference_);
  };
  for (const VerdictChange& change : changes_) {
    if (change.had) counted(change.before, -1);
    if (change.has) counted(change.after, 1);
  }
  for (const StandingChange& change : difference_.Settle()) {
    corrections_.Add(effective, change);
    AppendNote(CorrectionNote{effective, change}, &notes_);
  }
}

void LinkFold::AddOwn(const Columns& columns, size_t row, const LinkedEvent& event) {
  own_[row] = Own::kCopy;
  if (event.kind == EventKind::kVoid) return;
  const auto change = std::find_if(changes_.begin(), changes_.end(), [&](const VerdictChange& c) {
    return c.has && c.leaf == event.leaf;
  });
  const Verdict verdict = change == changes_.end()
                              ? Verdict{event.leaf, EffectKind::kUncounted, event.leaf}
                              : change->after;
  if (verdict.fields_leaf == event.leaf) {
    own_[row] = Own::kPlain;
    kinds_[row] = verdict.kind;
    return;
  }
  copies_.push_back({.effective = event.leaf,
                     .kind = verdict.kind,
                     .own = true,
                     .event_leaf = event.leaf,
                     .fields_leaf = verdict.fields_leaf,
                     .facts = {.event_time_us = event.event_time_us,
                               .amount = event.amount,
                               .voucher = NumberAt(columns.vouchers, row),
                               .quantity = NumberAt(columns.quantities, row)}});
  AddCohort(event.leaf, verdict, /*negative=*/false);
}

absl::Status LinkFold::Add(const Columns& columns, size_t row, uint64_t first_leaf) {
  LinkedEvent event = EventOf(columns, row, first_leaf);
  if (columns.resolves.index[row] != 0) {
    TM_RETURN_IF_ERROR(ledger::DecodeLeafList(columns.resolves[row], &resolves_));
    event.resolves = resolves_;
  }
  Know(columns, event, first_leaf);
  standing_.Clear();
  if (events_.Knows(event.previous_leaf))
    AddFact(events_.HighestFact(event.previous_leaf), -1, &standing_);
  const absl::Status added = events_.Add(event, &changes_);
  if (!added.ok()) return absl::DataLossError(added.message());
  AppendNote(event, &notes_);
  AddFact(events_.HighestFact(event.leaf), 1, &standing_);
  for (const StandingChange& change : standing_.Settle())
    row_changes_.push_back({static_cast<uint32_t>(row), change.event_time_us, change.sums});
  AddCorrections(event.leaf, standing_.Settle());
  AddOwn(columns, row, event);
  AddChanges(event.leaf, event.leaf);
  return absl::OkStatus();
}

void LinkFold::AddChanges(uint64_t effective, uint64_t own_leaf) {
  for (const VerdictChange& change : changes_) {
    if (change.leaf == own_leaf) continue;
    if (change.had) AddCopies(effective, change.before, /*negative=*/true);
    if (change.has) AddCopies(effective, change.after, /*negative=*/false);
  }
}

// A mark is no event, so that no own effect is at its place, and what stands is what stood.
void LinkFold::SetPrecedence(const Change& change) {
  events_.SetPrecedence(change.precedence, &changes_);
  AddCorrections(change.leaf, {});
  AddChanges(change.leaf, kNoLeaf);
}

absl::Status LinkFold::Read(ledger::BlockReader& reader, std::span<const EffectBatch::Mark> marks) {
  const uint64_t first_leaf = reader.header().first_leaf;
  base::MutexLock lock(mutex_);
  if (first_leaf != end_leaf_) TM_RETURN_IF_ERROR(Restore());
  any_ = false;
  notes_.clear();
  copies_.clear();
  row_changes_.clear();
  const bool may_have = reader.Has(Column::kRevision) || reader.Has(Column::kOriginalId) ||
                        reader.Has(Column::kPreviousLeaf) || reader.Has(Column::kTransactionLeaf) ||
                        reader.Has(Column::kResolves);
  TM_ASSIGN_OR_RETURN(const std::vector<Change> changes, ChangesOf(marks));
  Columns columns;
  std::vector<uint32_t> rows;
  if (may_have) {
    TM_ASSIGN_OR_RETURN(columns, ReadColumns(reader));
    for (size_t row = 0; row < reader.size(); ++row) {
      if (IsLinked(columns, row)) rows.push_back(static_cast<uint32_t>(row));
    }
  }
  any_ = !rows.empty() || !changes.empty();
  own_.assign(any_ ? reader.size() : 0, Own::kByKind);
  kinds_.assign(own_.size(), EffectKind::kUncounted);
  if (any_) {
    // Until the block is whole, another attempt starts from the store.
    end_leaf_ = UINT64_MAX;
    TM_RETURN_IF_ERROR(LookUp(columns, rows, first_leaf));
    auto change = changes.begin();
    for (const uint32_t row : rows) {
      for (; change != changes.end() && change->leaf < first_leaf + row; ++change)
        SetPrecedence(*change);
      TM_RETURN_IF_ERROR(Add(columns, row, first_leaf));
    }
    for (; change != changes.end(); ++change) SetPrecedence(*change);
  }
  end_leaf_ = first_leaf + reader.header().record_count;
  if (any_) {
    memory_bytes_.store(events_.memory_bytes() + corrections_.memory_bytes(),
                        std::memory_order_relaxed);
  }
  return absl::OkStatus();
}

absl::Status LinkFold::ForEachCorrection(
    std::string_view source, int64_t start_us, int64_t end_us, uint64_t log_size,
    absl::FunctionRef<void(int64_t event_time_us, const DaySums&)> take) const {
  base::MutexLock lock(mutex_);
  if (end_leaf_ == UINT64_MAX) TM_RETURN_IF_ERROR(Restore());
  corrections_.ForEach(source, start_us, end_us, log_size, take);
  return absl::OkStatus();
}

absl::StatusOr<LinkFold::ExceptionPage> LinkFold::Exceptions(
    uint64_t first_leaf, std::string_view source, size_t limit,
    absl::FunctionRef<void(const RefundException&)> take) const {
  base::MutexLock lock(mutex_);
  if (end_leaf_ == UINT64_MAX) TM_RETURN_IF_ERROR(Restore());
  ExceptionPage page{.total = events_.exceptions()};
  for (const RefundException& refund :
       events_.Exceptions(first_leaf, source, limit, &page.next_leaf)) {
    take(refund);
  }
  return page;
}

absl::StatusOr<std::vector<TransactionMember>> LinkFold::MembersAt(
    uint64_t log_size, std::deque<std::string>* keep,
    absl::FunctionRef<absl::Status()> stop) const {
  // About 2 ms, for which the fold waits.
  constexpr size_t kRecordsAtOnce = 32'768;
  std::optional<LinkedEvents::MemberScan> scan;
  uint64_t scanned = 0;  // restored_ of what `scan` is of
  // Sources and categories are few, and each is one text in there.
  absl::flat_hash_map<const char*, std::string_view> kept;
  const auto own = [&](std::string_view* text) {
    const auto [it, fresh] = kept.try_emplace(text->data());
    if (fresh) it->second = keep->emplace_back(*text);
    *text = it->second;
  };
  for (bool more = true; more;) {
    TM_RETURN_IF_ERROR(stop());
    base::MutexLock lock(mutex_);
    if (end_leaf_ == UINT64_MAX) TM_RETURN_IF_ERROR(Restore());
    if (!scan || scanned != restored_) {
      scan.emplace(log_size);
      scanned = restored_;
      kept.clear();
    }
    const size_t had = scan->members.size();
    more = events_.Continue(kRecordsAtOnce, &*scan);
    for (size_t i = had; i < scan->members.size(); ++i) {
      own(&scan->members[i].source);
      own(&scan->members[i].category);
    }
  }
  return std::move(scan->members);
}

}  // namespace tidemark::analytics
