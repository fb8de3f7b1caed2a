#ifndef TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_SET_H_
#define TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_SET_H_

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "services/ingest/domain/log_store.h"
#include "services/ingest/store/identity_run.h"
#include "services/ingest/store/run_filter.h"

namespace tidemark::ingest {

// A run with the filters of the parts for which it is asked.
struct IdentityRunView {
  std::shared_ptr<const IdentityRun> run;
  // Null: another view of the set has the part's entries, too.
  std::array<std::shared_ptr<const RunFilter>, kIdentityRunParts> filters;

  // Reads all filters. DATA_LOSS.
  static absl::StatusOr<IdentityRunView> Load(std::shared_ptr<const IdentityRun> run);
};

// The runs that hold the identities of all leaves below end_leaf(). Never changes.
class IdentityRunSet {
 public:
  // In order of leaves; while runs are being replaced, what replaces them stands before them.
  explicit IdentityRunSet(std::vector<IdentityRunView> views = {});

  const std::vector<IdentityRunView>& views() const { return views_; }
  uint64_t end_leaf() const { return end_leaf_; }
  uint64_t entries() const { return entries_; }
  // Filters and fences.
  size_t memory() const { return memory_; }

  // Adds the leaves of `keys` to `found`, from runs that end behind `from_leaf`. Filters of all
  // keys are asked first, then what passed is read from disk, one page for each. Not OK: `failed`
  // is the run that could not be read.
  absl::Status LookUp(std::span<const Fingerprint> keys, uint64_t from_leaf,
                      std::vector<OlderLeaves::Entry>* found,
                      std::shared_ptr<const IdentityRun>* failed) const;

 private:
  struct Candidate {
    const IdentityRun* run;
    const Fingerprint* key;
    IdentityRun::PageRange pages;
  };

  static void Sieve(const IdentityRunView& view, std::span<const Fingerprint> keys,
                    std::vector<Candidate>* passed);
  static absl::Status Read(const Candidate& candidate, std::vector<OlderLeaves::Entry>* found);

  std::vector<IdentityRunView> views_;
  uint64_t end_leaf_ = 0;
  uint64_t entries_ = 0;
  size_t memory_ = 0;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_SET_H_
