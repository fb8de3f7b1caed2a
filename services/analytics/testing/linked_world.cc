#include "services/analytics/testing/linked_world.h"

#include <algorithm>
#include <set>
#include <tuple>

#include "absl/strings/str_cat.h"

namespace tidemark::analytics::testing {
namespace {

using ledger::EventKind;
using ledger::ReportingRole;

class Maker {
 public:
  explicit Maker(uint64_t seed) : random_(seed) {}

  std::vector<SentEvent> Make(size_t events) {
    for (size_t i = 0; i < events; ++i) {
      // What a number stands for is settled by the number, so that the same identity may come back.
      made_.push_back(Chance(45) || made_.empty() ? Purchase() : Follower());
    }
    std::set<std::tuple<std::string, std::string, uint32_t>> met;
    std::erase_if(made_, [&](const SentEvent& e) {
      return !met.insert({e.source, e.id, e.revision}).second;
    });
    return made_;
  }

 private:
  uint64_t Below(uint64_t n) { return std::uniform_int_distribution<uint64_t>(0, n - 1)(random_); }
  bool Chance(int percent) { return Below(100) < static_cast<uint64_t>(percent); }
  std::string Source() { return absl::StrCat("s", Below(3)); }
  // Few times: ties are common.
  int64_t Time() { return static_cast<int64_t>(Below(12)) * kDay / 2; }

  void Describe(SentEvent* event) {
    event->time_us = Time();
    event->region = Chance(10) ? "" : absl::StrCat("r", Below(3));
    event->order = Chance(40) ? "" : absl::StrCat("o", Below(5));
    if (Chance(70)) {
      event->pseudonym = absl::StrCat("p", Below(6));
      event->pseudonym.resize(16, '.');
    }
    event->quantity = static_cast<int64_t>(Below(4));
    if (Chance(35)) {
      event->transaction = absl::StrCat("t", Below(8));
      event->role = static_cast<ReportingRole>(Below(5));
    }
    event->category = Chance(35) ? "" : kCategories[Below(std::size(kCategories))].first;
  }

  SentEvent Purchase() {
    SentEvent event{.source = Source(), .id = absl::StrCat("e", next_++)};
    event.kind = Chance(85) ? EventKind::kPurchase : EventKind::kServiceUse;
    Describe(&event);
    if (event.kind == EventKind::kPurchase) event.amount = 1 + static_cast<int64_t>(Below(20));
    return event;
  }

  // A refund, another revision, or a withdrawal of what is there, or an unlinked refund.
  SentEvent Follower() {
    const SentEvent& other = made_[Below(made_.size())];
    SentEvent event;
    if (Chance(60)) {
      event = {.source = Chance(85) ? other.source : Source(), .id = absl::StrCat("e", next_++)};
      event.kind = EventKind::kRefund;
      Describe(&event);
      event.amount = 1 + static_cast<int64_t>(Below(12));
      if (Chance(85)) {
        event.original = other.identity();
        if (Chance(10)) event.original->second = absl::StrCat("never", Below(3));
        if (event.original == event.identity()) event.original.reset();
      }
      return event;
    }
    event = other;
    Describe(&event);
    event.revision = static_cast<uint32_t>(Below(5));
    if (Chance(30)) {
      event.kind = EventKind::kVoid;
      event.revision += 1;
      event.amount = event.quantity = 0;
      event.original.reset();
      event.transaction.clear();
      event.role = ReportingRole::kUnspecified;
      return event;
    }
    if (event.kind == EventKind::kVoid) event.kind = EventKind::kPurchase;
    if (event.kind != EventKind::kServiceUse) event.amount = 1 + static_cast<int64_t>(Below(20));
    if (event.original && Chance(30)) event.original = made_[Below(made_.size())].identity();
    if (event.original == event.identity()) event.original.reset();
    if (event.kind != EventKind::kRefund) event.original.reset();
    return event;
  }

  std::mt19937_64 random_;
  std::vector<SentEvent> made_;
  int next_ = 0;
};

// Every role in its place, by the words of the contract.
std::vector<ReportingRole> Completed(std::vector<ReportingRole> roles) {
  for (int role = 1; role <= 4; ++role) {
    const auto added = static_cast<ReportingRole>(role);
    if (std::find(roles.begin(), roles.end(), added) == roles.end()) roles.push_back(added);
  }
  roles.push_back(ReportingRole::kUnspecified);
  return roles;
}

std::vector<ReportingRole> PrecedenceOf(const SetPrecedences& set, std::string category) {
  while (!category.empty()) {
    const auto own = set.find(category);
    if (own != set.end() && !own->second.empty()) return Completed(own->second);
    category = std::find_if(std::begin(kCategories), std::end(kCategories), [&](const auto& c) {
                 return c.first == category;
               })->second;
  }
  const auto observatory = set.find("");
  return Completed(observatory == set.end() ? std::vector<ReportingRole>() : observatory->second);
}

using Identity = std::pair<std::string, std::string>;

// What counts of the events that have come, by the words of the definition.
class Recounter {
 public:
  Recounter(const std::vector<SentEvent>& sent, const std::vector<size_t>& order, size_t size,
            const std::vector<SetPrecedences>& versions)
      : leaf_of_(sent.size(), SIZE_MAX) {
    for (size_t leaf = 0; leaf < size; ++leaf) {
      if (order[leaf] >= sent.size()) {
        set_ = versions[order[leaf] - sent.size()];
        continue;
      }
      const SentEvent& event = sent[order[leaf]];
      leaf_of_[order[leaf]] = leaf;
      const SentEvent*& highest = effective_[event.identity()];
      if (highest == nullptr || event.revision > highest->revision) highest = &event;
      if (event.kind != EventKind::kPurchase && event.kind != EventKind::kServiceUse) continue;
      const SentEvent*& described = described_[event.identity()];
      if (described == nullptr || event.revision > described->revision) described = &event;
    }
    for (size_t i = 0; i < sent.size(); ++i) leaf_by_event_[&sent[i]] = leaf_of_[i];
  }

  LinkedRecount Run(std::map<std::string, int>* seen) {
    seen_ = seen;
    std::map<Identity, std::vector<const SentEvent*>> refunds;
    for (const auto& [identity, event] : effective_) {
      if (event->kind == EventKind::kVoid) {
        Saw("withdrawn");
        continue;
      }
      if (event->revision > 0) Saw("revised");
      if (event->kind == EventKind::kRefund && event->original &&
          described_.contains(*event->original)) {
        refunds[*event->original].push_back(event);
      } else if (!Counts(*event)) {
        Saw("seen by another source");
      } else if (event->kind == EventKind::kRefund && event->original) {
        Saw("pending");
        Add(*event, *event, Aggregate::kPendingRefunds, event->amount);
      } else {
        AddCounting(*event, *event);
      }
    }
    for (const auto& [original, waiting] : refunds) JudgeRefunds(original, waiting);
    for (auto& [key, cell] : cells_) {
      Of(key, Aggregate::kOrders) = static_cast<int64_t>(orders_[key].size());
      Of(key, Aggregate::kConsumers) = static_cast<int64_t>(consumers_[key].size());
    }
    // A period in which only an original's cohort is refunded shows nothing.
    std::erase_if(cells_, [this](const auto& cell) { return !shown_.contains(cell.first); });
    return cells_;
  }

  std::vector<std::string> Overlaps() const {
    struct Pair {
      int64_t events = 0, counted = 0, other = 0, differing = 0;
    };
    std::map<Identity, Pair> pairs;
    for (const auto& [identity, event] : effective_) {
      if (event->transaction.empty() || !Counts(*event)) continue;
      for (const auto& [name, other] : effective_) {
        if (other->transaction != event->transaction || other->kind != event->kind ||
            other->source == event->source) {
          continue;
        }
        Pair& pair = pairs[{event->source, other->source}];
        ++pair.events;
        pair.counted += event->amount;
        pair.other += other->amount;
        if (event->amount != other->amount) ++pair.differing;
      }
    }
    std::vector<std::string> lines;
    for (const auto& [names, p] : pairs) {
      lines.push_back(absl::StrCat(names.first, " ", names.second, ": ", p.events, " ", p.counted,
                                   " ", p.other, " ", p.differing));
    }
    return lines;
  }

 private:
  using Key = std::pair<int64_t, std::string>;

  void Saw(const char* what) { ++(*seen_)[what]; }

  // Of the events that report what `event` does.
  std::vector<ReportingRole> OrderFor(const SentEvent& event) const {
    std::set<std::vector<ReportingRole>> said;
    for (const auto& [identity, other] : effective_) {
      if (other->transaction == event.transaction && other->kind == event.kind &&
          !other->category.empty()) {
        said.insert(PrecedenceOf(set_, other->category));
      }
    }
    return said.size() == 1 ? *said.begin() : PrecedenceOf(set_, "");
  }

  bool Counts(const SentEvent& event) const {
    if (event.transaction.empty()) return true;
    const std::vector<ReportingRole> order = OrderFor(event);
    const auto key = [&](const SentEvent& e) {
      const auto role = std::find(order.begin(), order.end(), e.role) - order.begin();
      return std::tuple(role, e.source, e.time_us, e.amount, leaf_by_event_.at(&e));
    };
    return std::all_of(effective_.begin(), effective_.end(), [&](const auto& other) {
      const SentEvent& e = *other.second;
      return e.transaction != event.transaction || e.kind != event.kind || key(event) <= key(e);
    });
  }

  void JudgeRefunds(const Identity& identity, std::vector<const SentEvent*> refunds) {
    const SentEvent& fields = *described_.at(identity);
    const SentEvent& original = *effective_.at(identity);
    const bool withdrawn = original.kind == EventKind::kVoid;
    const bool original_counts =
        withdrawn || original.kind == EventKind::kRefund || Counts(original);
    const int64_t amount = original.kind == EventKind::kPurchase ? original.amount : 0;
    std::sort(refunds.begin(), refunds.end(), [](const SentEvent* a, const SentEvent* b) {
      return std::tie(a->time_us, a->source, a->id) < std::tie(b->time_us, b->source, b->id);
    });
    int64_t refunded = 0;
    for (const SentEvent* refund : refunds) {
      if (!original_counts || !Counts(*refund)) {
        Saw("refund of what another source reports");
      } else if (refunded + refund->amount > amount) {
        Saw(withdrawn ? "refund of a withdrawn purchase" : "excess");
        Add(*refund, fields, Aggregate::kVoidRefunds, refund->amount);
      } else {
        Saw("linked");
        refunded += refund->amount;
        AddCounting(*refund, fields);
        Of({Day(fields), fields.region}, Aggregate::kCohortRefunds) += refund->amount;
      }
    }
  }

  static int64_t Day(const SentEvent& event) { return event.time_us / kDay; }
  int64_t& Of(const Key& key, Aggregate aggregate) {
    const auto at = std::find(std::begin(kRecounted), std::end(kRecounted), aggregate);
    return cells_[key][static_cast<size_t>(at - std::begin(kRecounted))];
  }
  Key Add(const SentEvent& event, const SentEvent& fields, Aggregate aggregate, int64_t value) {
    const Key key = {Day(event), fields.region};
    shown_.insert(key);
    Of(key, aggregate) += value;
    return key;
  }

  void AddCounting(const SentEvent& event, const SentEvent& fields) {
    const Key key = Add(event, fields, Aggregate::kEvents, 1);
    if (!fields.order.empty()) orders_[key].insert({fields.source, fields.order});
    if (event.kind == EventKind::kRefund) {
      Of(key, Aggregate::kRefunds) += event.amount;
      Of(key, Aggregate::kQuantity) -= event.quantity;
      if (!event.original) Of(key, Aggregate::kUnlinkedRefunds) += event.amount;
      return;
    }
    if (!event.pseudonym.empty()) consumers_[key].insert(event.pseudonym);
    if (event.kind == EventKind::kServiceUse) {
      ++Of(key, Aggregate::kUses);
      return;
    }
    Of(key, Aggregate::kGross) += event.amount;
    Of(key, Aggregate::kQuantity) += event.quantity;
    ++Of(key, Aggregate::kPurchases);
  }

  SetPrecedences set_;
  std::vector<size_t> leaf_of_;
  std::map<const SentEvent*, size_t> leaf_by_event_;
  std::map<Identity, const SentEvent*> effective_, described_;
  LinkedRecount cells_;
  std::set<Key> shown_;
  std::map<Key, std::set<Identity>> orders_;
  std::map<Key, std::set<std::string>> consumers_;
  std::map<std::string, int>* seen_ = nullptr;
};

// A view that is absent when the text is empty.
std::string_view Text(const std::string& text) {
  return text.empty() ? std::string_view() : std::string_view(text);
}

}  // namespace

std::vector<SentEvent> MakeLinkedEvents(uint64_t seed, size_t events) {
  return Maker(seed).Make(events);
}

std::vector<SetPrecedences> MakePrecedences(uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<SetPrecedences> versions(1 + random() % 6);
  SetPrecedences set;
  for (SetPrecedences& version : versions) {
    // Of the observatory as often as of a category.
    const bool of_observatory = random() % 2 == 0;
    auto& changed = set[of_observatory ? "" : kCategories[random() % std::size(kCategories)].first];
    changed.clear();
    std::vector<ReportingRole> roles = {ReportingRole::kSellerPlatform, ReportingRole::kPayment,
                                        ReportingRole::kLogistics, ReportingRole::kDepartment};
    std::shuffle(roles.begin(), roles.end(), random);
    roles.resize(random() % 5);
    changed = roles;
    version = set;
  }
  return versions;
}

LinkedLog LinkInOrder(const std::vector<SentEvent>& sent, const std::vector<size_t>& order) {
  LinkedLog log;
  log.resolves.resize(order.size());
  std::map<Identity, uint64_t> known;
  std::map<Identity, std::vector<uint64_t>> waiting;
  std::map<std::string, uint64_t> transactions;
  for (uint64_t leaf = 0; leaf < order.size(); ++leaf) {
    if (order[leaf] >= sent.size()) {
      log.marks[leaf] = order[leaf] - sent.size() + 1;
      log.records.emplace_back();
      continue;
    }
    const SentEvent& event = sent[order[leaf]];
    ledger::EventRecord record{.source = event.source,
                               .id = event.id,
                               .revision = event.revision,
                               .kind = event.kind,
                               .event_time_us = event.time_us,
                               .order = Text(event.order),
                               .reporting_role = event.role,
                               .pseudonym = Text(event.pseudonym),
                               .consumer_region = Text(event.region),
                               .category = Text(event.category)};
    if (event.amount > 0) record.amount = event.amount;
    if (event.quantity > 0) record.quantity = event.quantity;
    if (!event.pseudonym.empty()) record.consumer_scheme = "account";
    if (!event.pseudonym.empty()) record.pseudonym_epoch = 1;
    if (event.original) {
      record.original_source = event.original->first;
      record.original_id = event.original->second;
      const auto found = known.find(*event.original);
      record.original_leaf = found == known.end() ? ledger::kWaitingLeaf : found->second;
      if (found == known.end()) waiting[*event.original].push_back(leaf);
    }
    if (const auto found = known.find(event.identity()); found != known.end())
      record.previous_leaf = found->second;
    known[event.identity()] = leaf;
    if (!event.transaction.empty()) {
      record.transaction_scheme = "tx";
      record.transaction_id = event.transaction;
      const auto [first, fresh] = transactions.try_emplace(event.transaction, leaf);
      if (!fresh) record.transaction_leaf = first->second;
    }
    log.resolves[leaf] = std::move(waiting[event.identity()]);
    waiting.erase(event.identity());
    record.resolves = log.resolves[leaf];
    log.records.push_back(record);
  }
  return log;
}

LinkedRecount RecountLinked(const std::vector<SentEvent>& sent, const std::vector<size_t>& order,
                            size_t size, const std::vector<SetPrecedences>& versions,
                            std::map<std::string, int>* seen) {
  return Recounter(sent, order, size, versions).Run(seen);
}

std::vector<std::string> RecountOverlaps(const std::vector<SentEvent>& sent,
                                         const std::vector<size_t>& order, size_t size,
                                         const std::vector<SetPrecedences>& versions) {
  return Recounter(sent, order, size, versions).Overlaps();
}

}  // namespace tidemark::analytics::testing
