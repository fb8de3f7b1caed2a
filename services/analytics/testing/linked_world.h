// Small random worlds of events that hang together, and what they come to, counted as statistics.md
// says it, record by record and from nothing: the recount of tests about refunds, revisions and
// transactions.
#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_LINKED_WORLD_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_LINKED_WORLD_H_

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "clients/cpp/ledger/record.h"
#include "services/analytics/domain/stat_store.h"

namespace tidemark::analytics::testing {

// One event as a producer sends it.
struct SentEvent {
  std::string source, id;
  uint32_t revision = 0;
  ledger::EventKind kind = ledger::EventKind::kPurchase;
  int64_t time_us = 0;
  int64_t amount = 0;
  int64_t quantity = 0;
  ledger::ReportingRole role = ledger::ReportingRole::kUnspecified;
  std::optional<std::pair<std::string, std::string>> original;  // source, id
  std::string transaction;                                      // empty: none
  std::string region, order;
  std::string category;   // of kCategories; empty: none
  std::string pseudonym;  // 16 bytes; empty: none

  std::pair<std::string, std::string> identity() const { return {source, id}; }
};

// Categories with the one above; empty: a root.
inline constexpr std::pair<const char*, const char*> kCategories[] = {
    {"a", ""}, {"a-1", "a"}, {"a-1-x", "a-1"}, {"a-2", "a"}, {"b", ""}};
// Precedences as one version of the catalog sets them, by category; under "" the observatory's.
using SetPrecedences = std::map<std::string, std::vector<ledger::ReportingRole>>;
// Some versions, each with a change.
std::vector<SetPrecedences> MakePrecedences(uint64_t seed);

// `events` events of a few sources, with refunds (early, late, in excess, of another source, of
// what is never sent), revisions, withdrawals and transactions.
std::vector<SentEvent> MakeLinkedEvents(uint64_t seed, size_t events);

// The same in the ledger, linked as ingest links them. Views point into `sent`, which must outlive
// the records, and into `resolves`. Of `order` a number below sent.size() is an event; those from
// there on are marks of the catalog's versions, from 1 on.
struct LinkedLog {
  std::vector<ledger::EventRecord> records;
  std::map<uint64_t, uint64_t> marks;  // by leaf, whose record is none
  std::vector<std::vector<uint64_t>> resolves;
};
LinkedLog LinkInOrder(const std::vector<SentEvent>& sent, const std::vector<size_t>& order);

// The aggregates of one region and day, those without distinct counts first.
inline constexpr Aggregate kRecounted[] = {
    Aggregate::kGross,          Aggregate::kRefunds,     Aggregate::kUnlinkedRefunds,
    Aggregate::kPendingRefunds, Aggregate::kVoidRefunds, Aggregate::kCohortRefunds,
    Aggregate::kEvents,         Aggregate::kPurchases,   Aggregate::kUses,
    Aggregate::kQuantity,       Aggregate::kOrders,      Aggregate::kConsumers};
using RecountedCell = std::array<int64_t, std::size(kRecounted)>;
// By day of the event's time and region; cells in which nothing is shown are left out.
using LinkedRecount = std::map<std::pair<int64_t, std::string>, RecountedCell>;

// Of the first `size` records of `order`. Counts in `seen` what it met. `versions`: the precedences
// that the catalog's versions set, from 1 on.
LinkedRecount RecountLinked(const std::vector<SentEvent>& sent, const std::vector<size_t>& order,
                            size_t size, const std::vector<SetPrecedences>& versions,
                            std::map<std::string, int>* seen);
// What sources both reported, of all times: "counted other: events amount amount differing".
std::vector<std::string> RecountOverlaps(const std::vector<SentEvent>& sent,
                                         const std::vector<size_t>& order, size_t size,
                                         const std::vector<SetPrecedences>& versions);

inline constexpr int64_t kDay = int64_t{86'400} * 1'000'000;

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_LINKED_WORLD_H_
