#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_CATALOG_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_CATALOG_H_

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "services/catalog/domain/apply_plan.h"
#include "services/catalog/domain/catalog_store.h"
#include "services/catalog/domain/change_follower.h"
#include "services/catalog/domain/list_filter.h"
#include "services/catalog/domain/newest_state.h"
#include "services/catalog/domain/state_observer.h"

namespace tidemark::catalog {

// Who asks for a change, and which attempt it is.
struct Attempt {
  std::string principal;
  // Empty: every attempt stands for itself.
  std::string request_id;
  // Of the request's content.
  std::string fingerprint;
};

struct ApplyResult {
  // One per wanted state, in order.
  std::vector<Change> changes;
  uint64_t version = 0;
};

// A change that the catalog works out itself.
struct DerivedResult {
  // As worked out, in that order; empty when this is the answer of an earlier attempt.
  std::vector<Change> changes;
  uint64_t version = 0;
};

struct ListQuery {
  Type type = Type::kNone;
  // Not 0; see ResolveVersion.
  uint64_t version = 0;
  std::string after_name;
  size_t page_size = 0;
  ListFilter filter;
  // Asked between steps of a long search.
  std::function<bool()> cancelled = [] { return false; };
};
struct ListPage {
  std::vector<ResourcePtr> resources;
  // Where the next page goes on; empty: there is none.
  std::string next_after_name;
  // Resources looked at: what the page cost.
  size_t scanned = 0;
};

struct HistoryPage {
  std::vector<Change> changes;
  // Give it as `before_version` for the next page; 0: there is none.
  uint64_t next_before_version = 0;
};

// Catalog: the reference data and its rules, over a store. The newest state of every resource
// is in memory (about 500 bytes each); older ones are read from the store.
//
// Thread-safe. Changes follow each other; they and reads of older versions block on the store.
// Messages name the resource, the field and what to do; errors of the store pass through.
class Catalog {
 public:
  struct Options {
    // Not owned.
    CatalogStore* store = nullptr;
    const base::Clock* clock = nullptr;
    const DocumentRules* rules = nullptr;
    // Told of every change from the first on, those of the store included.
    std::vector<ChangeFollower*> followers = {};
    // Null: nobody follows.
    StateObserver* observer = nullptr;
  };
  // Replays the store. DATA_LOSS when its history is damaged.
  static absl::StatusOr<std::unique_ptr<Catalog>> Open(Options options);

  // Called after each new version, without locks, on the thread that made it. Set before use.
  void SetListener(std::function<void()> listener) { listener_ = std::move(listener); }

  const DocumentRules& rules() const { return *options_.rules; }

  Head head() const;
  // 0: the newest. OUT_OF_RANGE: does not exist yet.
  absl::StatusOr<uint64_t> ResolveVersion(uint64_t version) const;

  // The chained hash after an existing version.
  absl::StatusOr<std::string> HashAt(uint64_t version) const;

  // `version`: as ResolveVersion gave it. INVALID_ARGUMENT (on `field`), NOT_FOUND.
  absl::StatusOr<ResourcePtr> Get(std::string_view field, std::string_view name,
                                  uint64_t version) const;
  // As Get, of a well-formed name; null when there is none.
  absl::StatusOr<ResourcePtr> FindAt(std::string_view name, uint64_t version) const;
  // Names of the resources of a type that refer to `target` now, ascending.
  std::vector<std::string> Referrers(Type type, std::string_view target) const;
  // A page also ends at about 1 MiB, and when a filter has looked at 20,000 resources or 32 MiB.
  // CANCELLED when `cancelled` said so.
  absl::StatusOr<ListPage> List(const ListQuery& query) const;
  // `before_version` 0: from the newest. INVALID_ARGUMENT, NOT_FOUND: never existed.
  absl::StatusOr<HistoryPage> History(std::string_view name, uint64_t before_version,
                                      size_t page_size) const;
  // Judges a resource as if it were to be created; problems stand in `field`, that of its type's
  // part.
  absl::Status CheckProposed(const Resource& resource, std::string_view field) const;
  absl::StatusOr<ChangeBatch> ChangesAfter(const HistoryPosition& after, size_t max_bytes) const;

  // Creates or replaces, all or none. Errors: apply_plan.h; INVALID_ARGUMENT (REQUEST_ID_REUSED).
  absl::StatusOr<ApplyResult> Apply(const Attempt& attempt, std::span<const WantedState> wanted,
                                    bool dry_run);
  // Makes what `derive` works out of the version before `stamp`, as one version; nobody else makes
  // one meanwhile. `derive` may read, and is not called for an attempt that was answered before.
  // Its errors, and those of Apply for states that do not fit together.
  using Derive = absl::FunctionRef<absl::StatusOr<std::vector<WantedState>>(const Stamp& stamp)>;
  absl::StatusOr<DerivedResult> ApplyDerived(const Attempt& attempt, std::string_view method,
                                             bool dry_run, Derive derive);
  // Returns the version. NOT_FOUND, ABORTED, FAILED_PRECONDITION (NOT_DELETABLE,
  // STILL_REFERENCED). `names_tokens`: messages may name tokens.
  absl::StatusOr<uint64_t> Delete(const Attempt& attempt, std::string_view name,
                                  std::string_view etag, bool names_tokens);
  // `token.secret_hash` is 32 bytes. ALREADY_EXISTS (TOKEN_ID_USED), INVALID_ARGUMENT,
  // FAILED_PRECONDITION.
  absl::StatusOr<ResourcePtr> IssueToken(std::string_view principal, std::string_view id,
                                         Token token);
  // Returns the version from which the binding stands. FAILED_PRECONDITION (NO_OBSERVATORY,
  // LOG_ALREADY_BOUND).
  absl::StatusOr<uint64_t> BindLog(std::string_view principal, std::string_view log_id);

  // Null when no token has it. Cheap; blocks on nothing but other look-ups.
  ResourcePtr FindToken(std::string_view secret_hash) const;

 private:
  explicit Catalog(Options options) : options_(options), state_(options.rules) {}

  Stamp NextStamp(std::string_view principal) const;
  // Writes the changes that are not kNone as the next version and shows it to readers.
  absl::Status Commit(const Stamp& stamp, std::vector<Change> changes,
                      std::optional<RequestRecord> request)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  void Publish(const std::vector<Change>& changes, const Head& head);
  void PublishToken(const Change& change);
  void ShowAll(const NewestState& state, uint64_t version) const;
  void NotifyListener() const;

  // The record of an earlier attempt; nothing for a first one.
  absl::StatusOr<std::optional<RequestRecord>> FindAttempt(const Attempt& attempt,
                                                           std::string_view method)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  RequestRecord RecordOf(const Attempt& attempt, std::string_view method, uint64_t version,
                         bool made_version) const;
  absl::StatusOr<ApplyResult> RepeatApply(const RequestRecord& record,
                                          std::span<const WantedState> wanted) const;
  absl::StatusOr<ApplyResult> ApplyLocked(const Attempt& attempt,
                                          std::span<const WantedState> wanted, bool dry_run)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::StatusOr<DerivedResult> ApplyDerivedLocked(const Attempt& attempt, std::string_view method,
                                                   bool dry_run, Derive derive)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  // Makes the version that `stamp` stands for, if anything changes, and remembers the answer.
  absl::StatusOr<uint64_t> MakeVersion(const Attempt& attempt, std::string_view method,
                                       const Stamp& stamp, const std::vector<Change>& changes,
                                       bool dry_run) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  absl::StatusOr<uint64_t> DeleteLocked(const Attempt& attempt, const std::string& name,
                                        std::string_view etag, bool names_tokens)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  // Why a look-up found nothing; blocks for the search for names near it.
  absl::Status NotFoundAt(std::string_view name, uint64_t version) const;
  absl::StatusOr<uint64_t> FindBinding(const Resource& observatory) const;
  // What readers see, for the one thread that may change it.
  const NewestState& WriterState() const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return state_;
  }

  const Options options_;
  std::function<void()> listener_ = [] {};

  // Held while a version is judged, written and shown; orders the versions.
  mutable base::Mutex write_mutex_;
  int64_t pruned_us_ ABSL_GUARDED_BY(write_mutex_) = 0;

  // Changed while both mutexes are held, so the writer may read it with the first alone.
  mutable base::Mutex state_mutex_ ABSL_ACQUIRED_AFTER(write_mutex_);
  NewestState state_ ABSL_GUARDED_BY(state_mutex_);
  Head head_ ABSL_GUARDED_BY(state_mutex_);

  // Apart from the rest because every call of every method asks it.
  mutable base::Mutex token_mutex_;
  absl::flat_hash_map<std::string, ResourcePtr> tokens_ ABSL_GUARDED_BY(token_mutex_);
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_CATALOG_H_
