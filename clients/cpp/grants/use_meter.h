#ifndef TIDEMARK_CLIENTS_CPP_GRANTS_USE_METER_H_
#define TIDEMARK_CLIENTS_CPP_GRANTS_USE_METER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "common/base/ticker.h"
#include "tidemark/catalog/v1/grant_use.pb.h"

namespace tidemark::catalog_client {
class CatalogView;
}  // namespace tidemark::catalog_client

namespace tidemark::grants {

class UseMeter;

// Units that are being used: they count against the allowance at once, and into the sums when they
// are committed; else they are given back.
class UseReservation {
 public:
  UseReservation() = default;
  UseReservation(UseReservation&& other) noexcept { *this = std::move(other); }
  UseReservation& operator=(UseReservation&& other) noexcept;
  ~UseReservation() { Release(); }

  // The use has taken place.
  void Commit();

 private:
  friend class UseMeter;
  void Release();

  UseMeter* meter_ = nullptr;
  std::string grant_;
  absl::CivilDay day_;
  int purpose_ = 0;
  uint64_t units_ = 0;
};

// A name for a process that reports use: two that had the same would lose each other's uses.
absl::StatusOr<std::string> DrawReporter();

// UseMeter: sums of what was used under grants, in memory, reported to the catalog every second and
// at Stop. A batch that was not answered is sent again as it was, so each counts once. What a
// process held when it was killed, at most what it answered since its last report, is lost.
//
//   UseMeter meter({.reporter = reporter,
//                   .report = [&](const auto& request) { return client.ReportUse(request); },
//                   .view = [&] { return watcher->view(); }});
//   TM_ASSIGN_OR_RETURN(auto use, meter.Reserve("g", 100, day, purpose, 1));
//   ... answer ...
//   use->Commit();
//
// Thread-safe; only Flush and Stop block.
class UseMeter {
 public:
  using Report = std::function<absl::StatusOr<catalog::v1::ReportUseResponse>(
      const catalog::v1::ReportUseRequest& request)>;
  using ViewSource = std::function<std::shared_ptr<const catalog_client::CatalogView>()>;
  struct Options {
    // Of this process; see DrawReporter.
    std::string reporter;
    Report report;
    // Whose bounded grants are asked for their totals before they are used.
    ViewSource view;
    // Infinite: only Flush and Stop report.
    absl::Duration interval = absl::Seconds(1);
    // Distinct grants, days and purposes that are kept while the catalog is away.
    size_t max_sums = 100'000;
    // How long Stop goes on trying.
    absl::Duration stop_patience = absl::Seconds(5);
  };
  explicit UseMeter(Options options);
  // Calls Stop().
  ~UseMeter();

  // Units used under the grant (an id), by all that is known here: what the catalog last told, what
  // it was not told yet, and what is being used. Nothing: it has not told yet.
  std::optional<uint64_t> Used(std::string_view grant) const;

  // `purpose`: number of tidemark.type.v1.Purpose. `allowance` 0: no bound. Nothing when not so
  // many are left, or the catalog has not told yet. RESOURCE_EXHAUSTED (USE_METER_FULL): too many
  // sums wait for the catalog.
  absl::StatusOr<std::optional<UseReservation>> Reserve(std::string_view grant, uint64_t allowance,
                                                        absl::CivilDay day, int purpose,
                                                        uint64_t units);

  // Reports what there is to report, at most one batch. OK when the catalog answered.
  absl::Status Flush();
  // Units that the catalog has not confirmed.
  uint64_t unreported() const;
  // Reports the rest; says in the log what could not be.
  void Stop();

 private:
  friend class UseReservation;

  // By grant, day and purpose.
  using Key = std::tuple<std::string, absl::CivilDay, int>;
  struct Account {
    // As the catalog told.
    std::optional<uint64_t> total;
    uint64_t reserved = 0;
    // Committed, and not confirmed.
    uint64_t unreported = 0;

    uint64_t Used() const { return total.value_or(0) + reserved + unreported; }
  };

  void Commit(const UseReservation& use);
  void Release(const UseReservation& use);
  // Bounded grants of a newer table are asked for their totals.
  void WantTotals();
  bool MakeBatch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Take(const catalog::v1::ReportUseResponse& response);
  void Fail(const absl::Status& status);
  void DropBatch() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  // Of the flushes, which follow each other.
  base::Mutex flush_mutex_;
  std::shared_ptr<const catalog_client::CatalogView> asked_view_ ABSL_GUARDED_BY(flush_mutex_);
  bool failing_ ABSL_GUARDED_BY(flush_mutex_) = false;

  mutable base::Mutex mutex_ ABSL_ACQUIRED_AFTER(flush_mutex_);
  absl::flat_hash_map<std::string, Account> accounts_ ABSL_GUARDED_BY(mutex_);
  // Grants whose totals are to be asked for.
  absl::flat_hash_set<std::string> wanted_ ABSL_GUARDED_BY(mutex_);
  std::map<Key, uint64_t> open_ ABSL_GUARDED_BY(mutex_);
  // What is reserved may need as many more.
  size_t reservations_ ABSL_GUARDED_BY(mutex_) = 0;
  // Of the report under way: its uses stay the same until it is answered.
  catalog::v1::ReportUseRequest batch_ ABSL_GUARDED_BY(mutex_);
  uint64_t last_batch_ ABSL_GUARDED_BY(mutex_) = 0;

  std::unique_ptr<base::Ticker> ticker_;
};

}  // namespace tidemark::grants

#endif  // TIDEMARK_CLIENTS_CPP_GRANTS_USE_METER_H_
