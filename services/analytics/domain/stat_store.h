// StatStore: the seam between the questions of analytics and the engine that reads effects.
//
// An engine returns exact integers only: sums, counts, order statistics. Hierarchies, periods,
// ratios, names and order are resolved by its caller, so that every engine gives the same answers.
// A query therefore arrives as plain tables: time slices, and per field a table from code to group.
#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_STAT_STORE_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_STAT_STORE_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/analytics/domain/code_list.h"

namespace tidemark::analytics {

// A field of an effect that can be grouped and filtered by.
enum class Field : uint8_t {
  kSource,
  kConsumerRegion,
  kProviderRegion,
  kPlaceOfUse,
  kCategory,
  kProduct,
  kProvider,
  kSegment,
  kChannel,
  kPaymentMethod,
  kAgeBand,
  kAreaType,
  kIncomeBand,
  kScenario,
  kProject,
  kActivity,
  kKind,
  kConsumerScheme,
  kReportingRole,
};
inline constexpr int kFieldCount = 19;

// Dense number of a text within one field of one store. 0 means the field is absent. Other numbers
// are given in order of first appearance in the log and never change while the store is open.
// Enumerations use their proto numbers' lower-case names as texts (`persons`, `online`, `urban`,
// `purchase`, `seller_platform`).
using CodeId = uint32_t;

// The chained hash of the catalog's history up to a version; zeros before the first.
using CatalogHash = std::array<uint8_t, 32>;

// Group number that drops an effect from the answer.
inline constexpr uint32_t kDropped = 0xFFFFFFFFu;

// A half-open range of event times that belongs to one period and is judged by one set of tables.
// `mapping` selects the table of every Grouping and CodeFilter, because memberships change over
// time.
struct TimeSlice {
  int64_t start_us = 0;
  int64_t end_us = 0;
  uint32_t period = 0;
  uint32_t mapping = 0;
};

// Table from code to group: groups[code], or `beyond` for codes past its end (codes first met after
// it was made).
struct GroupTable {
  std::vector<uint32_t> groups;
  uint32_t beyond = kDropped;

  uint32_t Of(CodeId code) const { return code < groups.size() ? groups[code] : beyond; }
};

// Breaks down by a field: an effect with code c in a slice with mapping m is in group
// tables[m].groups[c].
struct Grouping {
  Field field = Field::kSource;
  std::vector<std::shared_ptr<const GroupTable>> tables;  // one per mapping
  uint32_t group_count = 0;
};

// Keeps effects by a field: code c passes when tables[m].groups[c] != kDropped.
struct CodeFilter {
  Field field = Field::kSource;
  std::vector<std::shared_ptr<const GroupTable>> tables;  // one per mapping
};

// Keeps effects by order number, whatever the source. `unknown` passes effects without order;
// `exclude` inverts.
struct OrderFilter {
  std::vector<std::string> orders;
  bool unknown = false;
  bool exclude = false;
};

// Engines know an origin time to a quarter of an hour: every time zone's days begin at one since
// 1972, and what is between an event and its original fits two bytes.
inline constexpr int64_t kOriginGrainUs = int64_t{15 * 60} * 1'000'000;

// What an engine can compute of a cell. Every one honours the sign of effects.
enum class Aggregate : uint8_t {
  kGross,            // Σ amount of purchases
  kRefunds,          // Σ amount of refunds that count
  kUnlinkedRefunds,  // Σ amount of refunds that name no original
  kPendingRefunds,   // Σ amount of refunds whose original is not in the log
  kVoidRefunds,      // Σ amount of refunds in excess of their original
  kCohortRefunds,    // Σ amount of refunds that count and name an original, by its period
  kVoucher,          // Σ voucher amount of purchases
  kIdentifiedGross,  // Σ amount of purchases with a pseudonym
  kEvents,           // number of events that count
  kPurchases,        // number of purchases
  kUses,             // number of service uses
  kQuantity,         // Σ quantity of purchases - Σ quantity of refunds
  kOrders,           // distinct (source, order) of events with an order
  kConsumers,        // distinct pseudonyms with a purchase or service use
  kNewConsumers,     // those of kConsumers whose first purchase or use in the whole log below
                     // log_size, whatever the filter, lies in the cell's period (any of its slices)
};
inline constexpr int kAggregateCount = 15;

struct EngineQuery {
  uint64_t log_size = 0;  // effects with a smaller effective index
  std::vector<TimeSlice>
      slices;  // ascending, disjoint; effects outside of all are dropped. Not empty.
  uint32_t period_count = 0;
  std::vector<Grouping> groupings;
  std::vector<CodeFilter> filters;
  std::vector<OrderFilter> order_filters;
  std::vector<Aggregate> aggregates;  // each at most once
  std::vector<uint32_t> quantiles;    // of purchase amounts, ten-thousandths, 1 to 10,000
  // Not empty: breaks down by *origin time* too, the event time of the original of a refund that
  // counts and names one, and of everything else its own. An effect is in the origin group with the
  // number of the bounds at or below its origin time. Ascending, multiples of kOriginGrainUs. Not
  // for EachConsumer.
  std::vector<int64_t> origin_bounds;
  // Codes of kSource, ascending, whose effects make no consumer known to kNewConsumers (TEST
  // sources). For everything else a filter on kSource drops them.
  std::vector<CodeId> unseen_sources;
  // Sums of any size, with the upper halves in EngineResult::upper.
  bool wide_sums = false;
  // More cells that any effect falls into (even if it cancels out later): RESOURCE_EXHAUSTED saying
  // to narrow the query.
  uint64_t max_cells = 4'000'000;
  // More rows to read than this, or a limit at all and distinct counts or quantiles, which cost
  // more than their rows: ABORTED, before any is read.
  uint64_t max_rows = UINT64_MAX;
  // Asked now and then while the query runs, from any of its threads and from several at once;
  // must be quick. Not OK: the query ends soon with that status. Empty: nothing stops it.
  std::function<absl::Status()> stop;
};

// One entry per cell that has at least one effect; in no particular order. A cell whose effects
// cancel out altogether (events = 0 by sign) is left out.
struct EngineResult {
  std::vector<uint32_t> period;
  std::vector<std::vector<uint32_t>> groups;     // [grouping][cell]
  std::vector<uint32_t> origin;                  // [cell]; with EngineQuery::origin_bounds only
  std::vector<std::vector<int64_t>> aggregates;  // [position in EngineQuery::aggregates][cell]
  // As aggregates, with EngineQuery::wide_sums only: what is above their 64 bits.
  std::vector<std::vector<int64_t>> upper;
  std::vector<std::vector<int64_t>>
      quantiles;                   // [position in EngineQuery::quantiles][cell]; see purchases
  std::vector<int64_t> purchases;  // [cell]; 0: the quantiles of the cell do not exist
  uint64_t effects_scanned = 0;
  // Parts of the store that were read, for explanations: groups of effects of one run and month,
  // once for every mapping.
  uint64_t parts_read = 0;
};

// That a pseudonym has consumption (a purchase or service use) in a cell: effects of which sum,
// with sign, to more than 0.
struct Consumption {
  // Number of the cell: CellNumber() of its period and groups.
  uint64_t cell = 0;
  // The earliest time at which they sum to more than 0.
  int64_t first_us = 0;
  friend bool operator==(const Consumption&, const Consumption&) = default;
};

// ((period · groups of the first grouping) + group) · groups of the second ... Below 2^62 in a
// query that is answered. `groups`: one per grouping.
uint64_t CellNumber(const EngineQuery& query, uint32_t period, std::span<const uint32_t> groups);
// The other way round; groups has one entry per grouping.
uint32_t PeriodOfCell(const EngineQuery& query, uint64_t cell, std::span<uint32_t> groups);

// What a log size means: the catalog version in force and the "now" of statistics there.
struct SnapshotInfo {
  uint64_t log_size = 0;
  uint64_t catalog_version = 0;
  CatalogHash catalog_hash = {};  // as the log has it; the catalog's own must be the same
  int64_t accepted_time_us = 0;   // of the last record below log_size; 0 for an empty log
};

struct StoreStats {
  uint64_t effects = 0;
  uint64_t tail_effects = 0;
  uint32_t runs = 0;
  uint64_t run_bytes = 0;
  uint64_t memory_bytes = 0;
};

// What other events' effects may depend on.
struct EventFacts {
  bool purchase = false;
  bool service_use = false;
  int64_t event_time_us = 0;
  int64_t amount = 0;
  std::string source;
  // As in Field::kReportingRole; empty: not given.
  std::string reporting_role;
  // Empty: not given.
  std::string category;
};

struct EffectBatch;  // services/analytics/domain/effect_batch.h

// Thread-safe: one writer, any number of readers. Readers never block the writer for long, nor it
// them.
class StatStore {
 public:
  virtual ~StatStore() = default;

  // Adds the effects and marks of one block. Must start at folded_size(). After return the store
  // may still hold it only in memory: a restart resumes at durable_size(). DATA_LOSS,
  // RESOURCE_EXHAUSTED (disk full): nothing was added; try again later.
  virtual absl::Status Append(const EffectBatch& batch) = 0;

  // Leaves folded; every smaller log size can be asked for.
  virtual uint64_t folded_size() const = 0;

  // Leaves that a restart need not fold again: at most folded_size(), always the end of a block.
  virtual uint64_t durable_size() const { return 0; }

  // Name of the log folded; empty before the first block.
  virtual std::string log_id() const = 0;

  // OUT_OF_RANGE above folded_size().
  virtual absl::StatusOr<SnapshotInfo> Snapshot(uint64_t log_size) const = 0;

  // Largest log size <= folded_size() all of whose records were accepted at or before
  // `accepted_time_us`.
  virtual uint64_t LogSizeAt(int64_t accepted_time_us) const = 0;

  // The texts of a field met so far.
  virtual std::shared_ptr<const CodeList> Codes(Field field) const = 0;
  // The place of a text in Codes(), 0 when it was not met. It may be behind a list taken before.
  virtual CodeId CodeOf(Field field, std::string_view text) const {
    const std::shared_ptr<const CodeList> codes = Codes(field);
    for (size_t code = 1; code < codes->size(); ++code) {
      if ((*codes)[code] == text) return static_cast<CodeId>(code);
    }
    return 0;
  }

  // Whether an effect below log_size has the text in the field, or the order, of whatever source.
  // What Codes() lists may have been met later. Not for Field::kKind.
  virtual bool HasCode(Field field, std::string_view code, uint64_t log_size) const = 0;
  virtual bool HasOrder(std::string_view order, uint64_t log_size) const = 0;

  // First and last event time of effects below log_size, {0, -1} when there are none.
  struct TimeBounds {
    int64_t first_us = 0;
    int64_t last_us = -1;
  };
  virtual TimeBounds EventTimes(uint64_t log_size) const = 0;

  // 1 + the largest effective index below log_size of effects with an event time in the UTC months
  // that [start_us, end_us) touches; 0 when there are none. Two snapshots with equal values have
  // equal effects there.
  virtual uint64_t DataVersion(int64_t start_us, int64_t end_us, uint64_t log_size) const = 0;

  // OUT_OF_RANGE: a sum does not fit 64 bits (unless wide_sums), or log_size is above
  // folded_size(). RESOURCE_EXHAUSTED: max_cells, the memory of this query or of all that run, or
  // period_count times the groups of codes that pass the filters is above 2^62; the message says
  // what to narrow. ABORTED: max_rows. INVALID_ARGUMENT: the query breaks a rule stated above. What
  // EngineQuery::stop says.
  virtual absl::StatusOr<EngineResult> Run(const EngineQuery& query) const = 0;

  // Who consumed where: calls `take` once for every pseudonym with consumption in a cell, with all
  // its cells, ascending. The pseudonyms come in no particular order, the calls one after the other
  // on one thread; what is given ends with the call. Aggregates and quantiles of the query do not
  // matter. Returns the number of effects read. Errors of Run, and of `take`, which ends it.
  virtual absl::StatusOr<uint64_t> EachConsumer(
      const EngineQuery& query,
      absl::FunctionRef<absl::Status(std::span<const Consumption>)> take) const = 0;

  virtual StoreStats Stats() const = 0;

  // For the fold, which alone may call these, between appends.
  //
  // Of the own effects of events: what decides how others count. NOT_FOUND: no event that makes an
  // effect is at a leaf, or it is not folded.
  virtual absl::StatusOr<std::vector<EventFacts>> ReadEvents(
      std::span<const uint64_t> leaves) const = 0;
  // Calls `take` with EffectBatch::notes of all blocks, in order.
  virtual absl::Status ReadNotes(
      absl::FunctionRef<absl::Status(std::string_view notes)> take) const = 0;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_STAT_STORE_H_
