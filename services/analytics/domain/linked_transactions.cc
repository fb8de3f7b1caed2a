// The part of LinkedEvents about transactions: which of the events that report one purchase counts.
#include <algorithm>
#include <limits>
#include <utility>

#include "services/analytics/domain/linked_events.h"

namespace tidemark::analytics {
namespace {

// Comes before every member of the role.
template <typename Member>
Member LeastOf(ledger::ReportingRole role) {
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  return {.role = role, .event_time_us = kLeast, .amount = kLeast, .event = 0};
}

}  // namespace

LinkedEvents::Member LinkedEvents::MemberOf(uint32_t event) const {
  const Record& r = records_[Effective(event)];
  return {.role = r.role,
          .source = sources_[events_[event].source],
          .event_time_us = r.event_time_us,
          .amount = r.amount,
          .leaf = r.leaf,
          .event = event};
}

void LinkedEvents::Join(uint32_t event, uint64_t transaction) {
  const Record& record = records_[Effective(event)];
  Members& members = members_[{transaction, record.kind}];
  members.all.insert(MemberOf(event));
  if (record.category != 0) Say(orders_[record.category], &members.said);
}

void LinkedEvents::Say(RoleOrder order, Said* said) {
  for (auto& [known, members] : *said) {
    if (known == order) {
      ++members;
      return;
    }
  }
  said->emplace_back(order, 1);
}

LinkedEvents::Said LinkedEvents::SaidBy(const Members& members,
                                        const std::vector<RoleOrder>& orders) const {
  Said said;
  for (const Member& member : members.all) {
    const uint32_t category = records_[Effective(member.event)].category;
    if (category != 0) Say(orders[category], &said);
  }
  return said;
}

uint32_t LinkedEvents::FirstOf(const Members& members) const {
  const auto first = members.all.begin();
  if (first->role == members.all.rbegin()->role) return first->event;
  for (const ledger::ReportingRole role : RolesIn(OrderSaid(members.said, orders_[0]))) {
    const auto found = members.all.lower_bound(LeastOf<Member>(role));
    if (found != members.all.end() && found->role == role) return found->event;
  }
  return first->event;
}

void LinkedEvents::AddFirstMembers(const MembersKey& key, Events* out) const {
  const auto found = members_.find(key);
  if (found == members_.end()) return;
  const auto& all = found->second.all;
  for (auto it = all.begin(); it != all.end();) {
    const ledger::ReportingRole role = it->role;
    out->push_back(it->event);
    if (++it == all.end() || it->role != role) continue;
    out->push_back(it->event);
    if (++it == all.end() || it->role != role) continue;
    if (role == ledger::ReportingRole::kDepartment) break;
    it = all.lower_bound(
        LeastOf<Member>(static_cast<ledger::ReportingRole>(static_cast<int>(role) + 1)));
  }
}

bool LinkedEvents::CountsInTransaction(uint32_t event) const {
  const uint32_t record = Effective(event);
  const uint64_t transaction = TransactionOf(record);
  return transaction == ledger::kNoLeaf ||
         FirstOf(members_.at({transaction, records_[record].kind})) == event;
}

void LinkedEvents::SetPrecedence(std::shared_ptr<const Precedence> precedence,
                                 std::vector<VerdictChange>* changes) {
  changes->clear();
  precedence_ = std::move(precedence);
  std::vector<RoleOrder> orders = {precedence_->of_observatory()};
  for (size_t i = 1; i < categories_.size(); ++i) orders.push_back(precedence_->Of(categories_[i]));
  if (orders == orders_) return;
  std::vector<std::pair<Members*, Said>> recounted;
  Events seeds, group;
  for (auto& [key, members] : members_) {
    Said said = SaidBy(members, orders);
    const RoleOrder old = OrderSaid(members.said, orders_[0]);
    if (OrderSaid(said, orders[0]) != old && members.all.size() > 1) AddFirstMembers(key, &seeds);
    if (said != members.said) recounted.emplace_back(&members, std::move(said));
  }
  Gather(std::move(seeds), &group);
  std::vector<Verdict> before, after;
  Judge(group, &before);
  orders_ = std::move(orders);
  for (auto& [members, said] : recounted) members->said = std::move(said);
  Judge(group, &after);
  Compare(before, after, changes);
}

bool LinkedEvents::Continue(size_t most, MemberScan* scan) const {
  if (!scan->begun_) {
    // What is below the size is there, but for single events that nobody named below it.
    scan->begun_ = true;
    scan->records_ = static_cast<uint32_t>(records_.size());
    scan->highest_.resize(events_.size());
  }
  for (; scan->next_record_ < scan->records_ && most > 0; ++scan->next_record_, --most) {
    const Record& record = records_[scan->next_record_];
    if (record.leaf >= scan->log_size_) continue;
    MemberScan::Highest& highest = scan->highest_[record.event];
    if (highest.record == kNone || record.revision >= highest.revision)
      highest = {scan->next_record_, record.revision};
  }
  for (; scan->next_event_ < scan->highest_.size() && most > 0; ++scan->next_event_, --most) {
    const uint32_t number = scan->highest_[scan->next_event_].record;
    const uint64_t transaction = number == kNone ? ledger::kNoLeaf : TransactionOf(number);
    if (transaction == ledger::kNoLeaf) continue;
    const Record& record = records_[number];
    scan->members.push_back({.transaction = transaction,
                             .kind = record.kind,
                             .role = record.role,
                             .leaf = record.leaf,
                             .event_time_us = record.event_time_us,
                             .amount = record.amount,
                             .source = sources_[events_[record.event].source],
                             .category = categories_[record.category]});
  }
  return scan->next_event_ < scan->highest_.size();
}

}  // namespace tidemark::analytics
