#include "services/analytics/domain/linked_events.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace tidemark::analytics {
namespace {

using ledger::EventKind;

bool HasFields(EventKind kind) {
  return kind == EventKind::kPurchase || kind == EventKind::kServiceUse;
}

}  // namespace

size_t LinkedEvents::memory_bytes() const {
  return records_.capacity() * sizeof(Record) + events_.capacity() * sizeof(Event) +
         records_by_leaf_.capacity() * (sizeof(std::pair<uint64_t, uint32_t>) + 1) +
         ids_.capacity() + transactions_.capacity() * 17 +
         members_.capacity() * (sizeof(MembersKey) + sizeof(Members) + 1);
}

uint32_t LinkedEvents::EventAt(uint64_t leaf) const {
  const auto found = records_by_leaf_.find(leaf);
  return found == records_by_leaf_.end() ? kNone : records_[found->second].event;
}

LinkedEvents::Fact LinkedEvents::FactOfRecord(uint32_t record) const {
  const Record& r = records_[record];
  return {sources_[events_[r.event].source], r.kind, r.event_time_us, r.amount};
}

uint32_t LinkedEvents::SourceNumber(std::string_view source) {
  const auto [it, fresh] =
      source_numbers_.try_emplace(std::string(source), static_cast<uint32_t>(sources_.size()));
  if (fresh) sources_.emplace_back(source);
  return it->second;
}

uint32_t LinkedEvents::CategoryNumber(std::string_view category) {
  if (category.empty()) return 0;
  const auto [it, fresh] = category_numbers_.try_emplace(std::string(category),
                                                         static_cast<uint32_t>(categories_.size()));
  if (fresh) {
    categories_.emplace_back(category);
    orders_.push_back(precedence_->Of(category));
  }
  return it->second;
}

uint32_t LinkedEvents::AddRecord(Record record, std::string_view source, std::string_view id,
                                 std::string_view category) {
  const uint32_t number = static_cast<uint32_t>(records_.size());
  if (record.event == kNone) {
    record.event = static_cast<uint32_t>(events_.size());
    events_.push_back({.source = SourceNumber(source)});
  }
  Event& event = events_[record.event];
  if (event.id == 0 && !id.empty()) {
    event.id = static_cast<uint32_t>(ids_.size());
    ids_.push_back(static_cast<char>(id.size()));
    ids_.append(id);
  }
  record.category = CategoryNumber(category);
  records_by_leaf_[record.leaf] = number;
  records_.push_back(record);
  const auto is_higher = [&](uint32_t than) {
    return than == kNone || record.revision >= records_[than].revision;
  };
  if (is_higher(event.highest)) event.highest = number;
  if (HasFields(record.kind) && is_higher(event.with_fields)) event.with_fields = number;
  return number;
}

std::string_view LinkedEvents::IdOf(uint32_t event) const {
  const uint32_t at = events_[event].id;
  return std::string_view(ids_).substr(at + 1, static_cast<unsigned char>(ids_[at]));
}

uint64_t LinkedEvents::TransactionOf(uint32_t record) const {
  if (transactions_.empty()) return ledger::kNoLeaf;
  const auto found = transactions_.find(record);
  return found == transactions_.end() ? ledger::kNoLeaf : found->second;
}

uint32_t LinkedEvents::OriginalOf(uint32_t event) const {
  const Record& record = records_[Effective(event)];
  return record.kind == EventKind::kRefund ? record.original : kNone;
}

void LinkedEvents::Link(uint32_t event) {
  const uint32_t original = OriginalOf(event);
  if (original != kNone) {
    events_[event].next_refund = std::exchange(events_[original].first_refund, event);
  }
  const uint64_t transaction = TransactionOf(Effective(event));
  if (transaction != ledger::kNoLeaf) Join(event, transaction);
}

void LinkedEvents::Unlink(uint32_t event) {
  const uint32_t original = OriginalOf(event);
  if (original != kNone) {
    uint32_t* link = &events_[original].first_refund;
    while (*link != event) link = &events_[*link].next_refund;
    *link = std::exchange(events_[event].next_refund, kNone);
  }
  const uint64_t transaction = TransactionOf(Effective(event));
  if (transaction == ledger::kNoLeaf) return;
  const auto found = members_.find({transaction, records_[Effective(event)].kind});
  Members& members = found->second;
  members.all.erase(MemberOf(event));
  const uint32_t category = records_[Effective(event)].category;
  if (category != 0) {
    const auto said = std::find_if(members.said.begin(), members.said.end(),
                                   [&](const auto& s) { return s.first == orders_[category]; });
    if (--said->second == 0) members.said.erase(said);
  }
  if (members.all.empty()) members_.erase(found);
}

void LinkedEvents::Gather(Events seeds, Events* out) const {
  absl::flat_hash_set<uint32_t> met;
  Events first;
  out->clear();
  const auto add = [&](uint32_t event) {
    if (event != kNone && met.insert(event).second) out->push_back(event);
  };
  for (const uint32_t event : seeds) add(event);
  for (size_t i = 0; i < out->size(); ++i) {
    const uint32_t event = (*out)[i];
    add(OriginalOf(event));
    for (uint32_t r = events_[event].first_refund; r != kNone; r = events_[r].next_refund) add(r);
    const uint32_t record = Effective(event);
    first.clear();
    AddFirstMembers({TransactionOf(record), records_[record].kind}, &first);
    for (const uint32_t member : first) add(member);
  }
}

bool LinkedEvents::JudgedBefore(uint32_t a, uint32_t b) const {
  const int64_t x = records_[Effective(a)].event_time_us;
  const int64_t y = records_[Effective(b)].event_time_us;
  if (x != y) return x < y;
  const int sources = sources_[events_[a].source].compare(sources_[events_[b].source]);
  return sources != 0 ? sources < 0 : IdOf(a) < IdOf(b);
}

void LinkedEvents::JudgeRefunds(uint32_t original, std::vector<Verdict>* out) const {
  const uint32_t fields = WithFields(original);
  if (fields == kNone) return;
  Events refunds;
  for (uint32_t r = events_[original].first_refund; r != kNone; r = events_[r].next_refund)
    refunds.push_back(r);
  std::sort(refunds.begin(), refunds.end(),
            [this](uint32_t a, uint32_t b) { return JudgedBefore(a, b); });
  const Record& effective = records_[Effective(original)];
  const bool counts = !HasFields(effective.kind) || CountsInTransaction(original);
  int64_t left = effective.kind == EventKind::kPurchase ? effective.amount : 0;
  for (const uint32_t refund : refunds) {
    const Record& record = records_[Effective(refund)];
    Verdict verdict{record.leaf, EffectKind::kUncounted, records_[fields].leaf};
    if (counts && CountsInTransaction(refund)) {
      const bool fits = record.amount <= left;
      if (fits) left -= record.amount;
      verdict.kind = fits ? EffectKind::kRefund : EffectKind::kVoidRefund;
    }
    out->push_back(verdict);
  }
}

void LinkedEvents::Judge(const Events& events, std::vector<Verdict>* out) const {
  out->clear();
  for (const uint32_t event : events) {
    const Record& record = records_[Effective(event)];
    EffectKind kind = EffectKind::kPurchase;
    switch (record.kind) {
      case EventKind::kUnspecified:
      case EventKind::kVoid:
        JudgeRefunds(event, out);
        continue;
      case EventKind::kPurchase:
        break;
      case EventKind::kServiceUse:
        kind = EffectKind::kServiceUse;
        break;
      case EventKind::kRefund:
        kind = record.names_original ? EffectKind::kPendingRefund : EffectKind::kUnlinkedRefund;
        break;
    }
    JudgeRefunds(event, out);
    // With its original's fields, and in its turn.
    if (record.original != kNone && WithFields(record.original) != kNone) continue;
    if (!CountsInTransaction(event)) kind = EffectKind::kUncounted;
    out->push_back({record.leaf, kind, record.leaf});
  }
  std::sort(out->begin(), out->end(),
            [](const Verdict& a, const Verdict& b) { return a.leaf < b.leaf; });
}

void LinkedEvents::AddSingle(const SingleEvent& event) {
  if (Knows(event.leaf)) return;
  AddRecord({.leaf = event.leaf,
             .event_time_us = event.event_time_us,
             .amount = event.amount,
             .kind = event.kind,
             .role = event.role},
            event.source, {}, event.category);
}

absl::StatusOr<LinkedEvents::Events> LinkedEvents::Named(const LinkedEvent& event) const {
  Events named;
  const auto add = [&](uint64_t leaf) {
    if (leaf == ledger::kNoLeaf || leaf == ledger::kWaitingLeaf || leaf == event.leaf) return true;
    named.push_back(EventAt(leaf));
    return named.back() != kNone;
  };
  bool known = add(event.previous_leaf) && add(event.original_leaf);
  for (const uint64_t leaf : event.resolves) known = known && add(leaf);
  if (!known || !add(event.transaction_leaf)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the event at leaf ", event.leaf, " names one that is not known"));
  }
  AddFirstMembers({event.transaction_leaf, event.kind}, &named);
  return named;
}

// That a single event was the first of its transaction shows when the second one comes. Alone in it
// its verdict is the same.
void LinkedEvents::NoteTransactionOf(const LinkedEvent& event) {
  const auto first = records_by_leaf_.find(event.transaction_leaf);
  if (first == records_by_leaf_.end()) return;
  const uint32_t record = first->second;
  if (!transactions_.try_emplace(record, event.transaction_leaf).second) return;
  const uint32_t owner = records_[record].event;
  if (Effective(owner) == record) Join(owner, event.transaction_leaf);
}

uint32_t LinkedEvents::Insert(const LinkedEvent& event) {
  const uint32_t known =
      event.previous_leaf == ledger::kNoLeaf ? kNone : EventAt(event.previous_leaf);
  if (known != kNone) Unlink(known);
  const uint32_t original =
      event.original_leaf == ledger::kNoLeaf || event.original_leaf == ledger::kWaitingLeaf
          ? kNone
          : EventAt(event.original_leaf);
  const uint32_t record = AddRecord({.leaf = event.leaf,
                                     .event_time_us = event.event_time_us,
                                     .amount = event.amount,
                                     .event = known,
                                     .original = original,
                                     .revision = event.revision,
                                     .kind = event.kind,
                                     .role = event.role,
                                     .names_original = event.names_original},
                                    event.source, event.id, event.category);
  if (event.transaction_leaf != ledger::kNoLeaf && event.kind != EventKind::kVoid) {
    transactions_[record] = event.transaction_leaf;
  }
  const uint32_t owner = records_[record].event;
  Link(owner);
  for (const uint64_t leaf : event.resolves) {
    const uint32_t refund = records_by_leaf_.at(leaf);
    const uint32_t waiting = records_[refund].event;
    Unlink(waiting);
    records_[refund].original = owner;
    Link(waiting);
  }
  return owner;
}

absl::Status LinkedEvents::Restore(const LinkedEvent& event) {
  TM_RETURN_IF_ERROR(Named(event).status());
  NoteTransactionOf(event);
  Insert(event);
  return absl::OkStatus();
}

void LinkedEvents::NoteException(uint64_t leaf, const Verdict* verdict) {
  if (verdict != nullptr &&
      (verdict->kind == EffectKind::kPendingRefund || verdict->kind == EffectKind::kVoidRefund)) {
    exceptions_[leaf] = verdict->kind == EffectKind::kPendingRefund;
  } else {
    exceptions_.erase(leaf);
  }
}

void LinkedEvents::CollectExceptions() {
  Events all(events_.size());
  for (uint32_t i = 0; i < all.size(); ++i) all[i] = i;
  std::vector<Verdict> verdicts;
  Judge(all, &verdicts);
  exceptions_.clear();
  for (const Verdict& verdict : verdicts) NoteException(verdict.leaf, &verdict);
}

absl::Status LinkedEvents::Add(const LinkedEvent& event, std::vector<VerdictChange>* changes) {
  changes->clear();
  TM_ASSIGN_OR_RETURN(Events named, Named(event));
  NoteTransactionOf(event);
  Events group;
  Gather(std::move(named), &group);
  std::vector<Verdict> before, after;
  Judge(group, &before);
  const uint32_t owner = Insert(event);
  if (std::find(group.begin(), group.end(), owner) == group.end()) group.push_back(owner);
  Judge(group, &after);
  Compare(before, after, changes);
  return absl::OkStatus();
}

void LinkedEvents::Compare(const std::vector<Verdict>& before, const std::vector<Verdict>& after,
                           std::vector<VerdictChange>* changes) {
  auto old = before.begin();
  auto now = after.begin();
  while (old != before.end() || now != after.end()) {
    const bool had = now == after.end() || (old != before.end() && old->leaf <= now->leaf);
    const bool has = old == before.end() || (now != after.end() && now->leaf <= old->leaf);
    VerdictChange change{.leaf = had ? old->leaf : now->leaf, .had = had, .has = has};
    if (had) change.before = *old++;
    if (has) change.after = *now++;
    if (had && has && change.before == change.after) continue;
    NoteException(change.leaf, has ? &change.after : nullptr);
    changes->push_back(change);
  }
}

std::vector<RefundException> LinkedEvents::Exceptions(uint64_t first_leaf, std::string_view source,
                                                      size_t limit, uint64_t* next_leaf) const {
  // Those of one source may be rare, and the fold waits meanwhile.
  constexpr size_t kMostLookedAt = 100'000;
  std::vector<RefundException> found;
  auto it = exceptions_.lower_bound(first_leaf);
  for (size_t seen = 0; it != exceptions_.end() && found.size() < limit && seen < kMostLookedAt;
       ++it, ++seen) {
    const Record& record = records_[records_by_leaf_.at(it->first)];
    const std::string& from = sources_[events_[record.event].source];
    if (!source.empty() && from != source) continue;
    const uint32_t fields = record.original == kNone ? kNone : WithFields(record.original);
    found.push_back({.leaf = record.leaf,
                     .pending = it->second,
                     .source = from,
                     .id = IdOf(record.event),
                     .event_time_us = record.event_time_us,
                     .amount = record.amount,
                     .original_leaf = fields == kNone ? ledger::kNoLeaf : records_[fields].leaf});
  }
  *next_leaf = it == exceptions_.end() ? ledger::kNoLeaf : it->first;
  return found;
}

}  // namespace tidemark::analytics
