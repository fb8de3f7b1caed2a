#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_LINKED_EVENTS_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_LINKED_EVENTS_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/analytics/domain/effect_batch.h"
#include "services/analytics/domain/linked_event.h"
#include "services/analytics/domain/precedence.h"

namespace tidemark::analytics {

// How a record counts: as which kind, and with whose fields. A linked refund that counts or is void
// takes every field from its original.
struct Verdict {
  uint64_t leaf = 0;
  EffectKind kind = EffectKind::kPurchase;
  uint64_t fields_leaf = 0;
  bool operator==(const Verdict&) const = default;
};

// What a record changes. Ascending by leaf.
struct VerdictChange {
  uint64_t leaf = 0;
  // `leaf` of either is that of the change; nothing: it has no effect.
  bool had = false, has = false;
  Verdict before, after;
};

// An event of a transaction. Those of one transaction and kind stand for one purchase.
struct TransactionMember {
  uint64_t transaction = 0;  // leaf of its first record
  ledger::EventKind kind = ledger::EventKind::kPurchase;
  ledger::ReportingRole role = ledger::ReportingRole::kUnspecified;
  uint64_t leaf = 0;
  int64_t event_time_us = 0;
  int64_t amount = 0;
  std::string_view source;
  std::string_view category;  // empty: none
};

// A refund that does not count.
struct RefundException {
  uint64_t leaf = 0;
  bool pending = false;  // else void
  std::string_view source, id;
  int64_t event_time_us = 0;
  int64_t amount = 0;
  uint64_t original_leaf = ledger::kNoLeaf;  // whose fields it would take
};

// LinkedEvents: the events that hang together, and how each of them counts (statistics.md):
//
// - of the records of one event that with the highest revision counts; a VOID withdraws it;
// - of events of one kind with equal transaction one counts: the one whose reporting role comes
//   first in the precedence of their categories, then the first by source, event time, amount and
//   leaf. Events without category have no say; where the others' categories have different
//   precedences, or there are none, it is the observatory's;
// - refunds of an original are judged in the order of event time, source and id: one that would
//   lift the sum of those before it above the original's amount is void in full. A withdrawn
//   original has no amount. One whose original is not in the log is pending; one whose original
//   does not count, because another source's does, does not either.
//
// That is a function of the set of records and of the catalog's precedence, so that the order in
// which they come makes no difference. Events that hang together with none are not in here: about
// 100 bytes for each that is. Not thread-safe.
class LinkedEvents {
 public:
  LinkedEvents() : LinkedEvents(std::make_shared<Precedence>()) {}
  // Not null.
  explicit LinkedEvents(std::shared_ptr<const Precedence> precedence)
      : precedence_(std::move(precedence)), orders_({precedence_->of_observatory()}) {}

  bool Knows(uint64_t leaf) const { return records_by_leaf_.contains(leaf); }
  size_t size() const { return records_.size(); }
  size_t memory_bytes() const;

  // What a record says; the leaf must be known.
  struct Fact {
    std::string_view source;  // valid as long as this is
    ledger::EventKind kind = ledger::EventKind::kPurchase;
    int64_t event_time_us = 0;
    int64_t amount = 0;
  };
  Fact FactOf(uint64_t leaf) const { return FactOfRecord(records_by_leaf_.at(leaf)); }
  // What the record with the highest revision of the same event says.
  Fact HighestFact(uint64_t leaf) const { return FactOfRecord(Effective(EventAt(leaf))); }

  // An event that another one now names. Changes no verdict.
  void AddSingle(const SingleEvent& event);
  // The next record of the log. Every leaf that it names must be known, but for its own. `changes`
  // is replaced. INVALID_ARGUMENT: a leaf is not known; nothing was added.
  absl::Status Add(const LinkedEvent& event, std::vector<VerdictChange>* changes);
  const Precedence& precedence() const { return *precedence_; }
  // From here on another precedence holds; not null. `changes` is replaced. Looks at every member
  // of a transaction, where one of its categories or the observatory has another order now.
  void SetPrecedence(std::shared_ptr<const Precedence> precedence,
                     std::vector<VerdictChange>* changes);
  // As Add, for many records: nobody wants to know what changes. Call CollectExceptions() behind
  // them.
  absl::Status Restore(const LinkedEvent& event);
  void CollectExceptions();

  // Refunds that do not count, with a leaf from `first_leaf` on, by leaf: of all sources, or (when
  // not empty) of one, at most `limit`. `next_leaf` is where to go on; kNoLeaf: there are no more.
  // Views are valid until the next Add().
  std::vector<RefundException> Exceptions(uint64_t first_leaf, std::string_view source,
                                          size_t limit, uint64_t* next_leaf) const;
  size_t exceptions() const { return exceptions_.size(); }

  // The events of transactions as they stood at a size of the log: of each the revision that was
  // the highest, when it had a transaction. In no order. Found in steps of bounded time, between
  // which records from that size on may be added; about 8 bytes for each event in here, and the
  // members. Views are valid as long as this is.
  class MemberScan {
   public:
    explicit MemberScan(uint64_t log_size) : log_size_(log_size) {}
    std::vector<TransactionMember> members;

   private:
    friend class LinkedEvents;
    struct Highest {
      uint32_t record = UINT32_MAX;
      uint32_t revision = 0;
    };
    const uint64_t log_size_;
    bool begun_ = false;
    uint32_t records_ = 0, next_record_ = 0, next_event_ = 0;
    std::vector<Highest> highest_;  // by event
  };
  // Looks at `most` more records; false: there are none left.
  bool Continue(size_t most, MemberScan* scan) const;

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  // One revision of an event.
  struct Record {
    uint64_t leaf = 0;
    int64_t event_time_us = 0;
    int64_t amount = 0;
    uint32_t event = kNone;
    uint32_t category = 0;      // in categories_; 0: none
    uint32_t original = kNone;  // event named by a refund; kNone: none, or it is not in the log
    uint32_t revision = 0;
    ledger::EventKind kind = ledger::EventKind::kPurchase;
    ledger::ReportingRole role = ledger::ReportingRole::kUnspecified;
    bool names_original = false;
  };
  struct Event {
    uint32_t highest = kNone;       // record with the highest revision
    uint32_t with_fields = kNone;   // of those with fields of a purchase or use; kNone: none
    uint32_t first_refund = kNone;  // event that names this one as its original now
    uint32_t next_refund = kNone;   // of the same original
    uint32_t source = 0;            // in sources_
    uint32_t id = 0;                // in ids_; 0 where nobody asks
  };
  using Events = std::vector<uint32_t>;
  // An event whose effective record is of a transaction.
  struct Member {
    ledger::ReportingRole role = ledger::ReportingRole::kUnspecified;
    std::string_view source;
    int64_t event_time_us = 0;
    int64_t amount = 0;
    uint64_t leaf = 0;
    uint32_t event = kNone;
    auto operator<=>(const Member&) const = default;
  };
  // How many members with a category have one of an order; few orders, each once.
  using Said = absl::InlinedVector<std::pair<RoleOrder, uint32_t>, 2>;
  // Those of one kind. The least one of the role that comes first counts.
  struct Members {
    absl::btree_set<Member> all;
    Said said;
  };
  using MembersKey = std::pair<uint64_t, ledger::EventKind>;  // first leaf of the transaction

  uint32_t EventAt(uint64_t leaf) const;
  Fact FactOfRecord(uint32_t record) const;
  uint32_t AddRecord(Record record, std::string_view source, std::string_view id,
                     std::string_view category);
  uint32_t SourceNumber(std::string_view source);
  uint32_t CategoryNumber(std::string_view category);
  std::string_view IdOf(uint32_t event) const;
  uint32_t Effective(uint32_t event) const { return events_[event].highest; }
  uint32_t WithFields(uint32_t event) const { return events_[event].with_fields; }
  uint64_t TransactionOf(uint32_t record) const;
  uint32_t OriginalOf(uint32_t event) const;
  void Unlink(uint32_t event);
  void Link(uint32_t event);
  Member MemberOf(uint32_t event) const;
  void Join(uint32_t event, uint64_t transaction);
  // The order that holds: the one that all with a category agree on.
  static RoleOrder OrderSaid(const Said& said, RoleOrder of_observatory) {
    return said.size() == 1 ? said[0].first : of_observatory;
  }
  static void Say(RoleOrder order, Said* said);
  // Counted anew, with the order of each category.
  Said SaidBy(const Members& members, const std::vector<RoleOrder>& orders) const;
  uint32_t FirstOf(const Members& members) const;
  // Those whose verdict can change when an event comes or goes, or the order changes: the first of
  // each role, and who follows it.
  void AddFirstMembers(const MembersKey& key, Events* out) const;
  bool JudgedBefore(uint32_t a, uint32_t b) const;
  bool CountsInTransaction(uint32_t event) const;
  // Notes what became of `before` in `after`, which are of the same events, in `changes`.
  void Compare(const std::vector<Verdict>& before, const std::vector<Verdict>& after,
               std::vector<VerdictChange>* changes);
  // Everything whose verdict may change with that of one of `seeds`, these included, each once.
  void Gather(Events seeds, Events* out) const;
  void Judge(const Events& events, std::vector<Verdict>* out) const;
  void JudgeRefunds(uint32_t original, std::vector<Verdict>* out) const;
  // Events that `event` names: itself, if it is known, comes first.
  absl::StatusOr<Events> Named(const LinkedEvent& event) const;
  void NoteTransactionOf(const LinkedEvent& event);
  uint32_t Insert(const LinkedEvent& event);
  void NoteException(uint64_t leaf, const Verdict* verdict);

  std::shared_ptr<const Precedence> precedence_;
  std::vector<Record> records_;
  std::vector<Event> events_;
  absl::flat_hash_map<uint64_t, uint32_t> records_by_leaf_;
  absl::btree_map<uint64_t, bool> exceptions_;  // by leaf, whether the refund is pending
  // Few records have a transaction, so it is kept apart: by record, its first leaf.
  absl::flat_hash_map<uint32_t, uint64_t> transactions_;
  absl::flat_hash_map<MembersKey, Members> members_;
  std::deque<std::string> sources_;  // which stay where they are
  absl::flat_hash_map<std::string, uint32_t> source_numbers_;
  std::deque<std::string> categories_ = {""};
  absl::flat_hash_map<std::string, uint32_t> category_numbers_;
  std::vector<RoleOrder> orders_;           // by category; [0] is the observatory's
  std::string ids_ = std::string(1, '\0');  // length (1 byte), text
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_LINKED_EVENTS_H_
