#ifndef TIDEMARK_TESTS_FAULT_MEMORY_CATALOG_WORLD_H_
#define TIDEMARK_TESTS_FAULT_MEMORY_CATALOG_WORLD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/testing/fault_file_system.h"
#include "common/testing/sqlite_vfs.h"
#include "services/catalog/store/sqlite_catalog_store.h"

namespace tidemark::fault {

// A catalog store whose SQLite is on a disk that can fail, a steward who changes it, and what was
// acknowledged. Whatever breaks:
//
//   every acknowledged version is there, in order, with its bytes and its hash; of one that was not
//   acknowledged everything or nothing; of one refused for want of space nothing; what was ever
//   served after an opening stays; answers to request ids live and die with their versions.
//
// One at a time: it is the process's SQLite meanwhile. What the steward does follows from the seed.
class CatalogWorld {
 public:
  static constexpr char kDir[] = "catalog";

  explicit CatalogWorld(uint64_t seed) : random_(seed) {}

  // As the service does at its start, and then checks everything.
  absl::Status OpenAndCheck();
  // Only opens: damage and faults are expected.
  absl::Status Open();
  void Close() { store_.reset(); }
  bool is_open() const { return store_ != nullptr; }

  // The next version with some changes of `bytes` each. False when it was not acknowledged.
  bool Apply(size_t changes, size_t bytes);
  // An answer without a version.
  void AnswerRequest();
  absl::Status Check();

  // All that can be asked of the store, as text; an error when some of it is refused.
  absl::StatusOr<std::string> EverythingServed() const;

  const absl::Status& last_failure() const { return last_failure_; }
  size_t acknowledged() const { return versions_.size(); }
  testing::FaultFileSystem& fs() { return fs_; }

 private:
  // What a version is when it is there.
  struct Written {
    catalog::NewVersion version;
    std::vector<catalog::StoredChange> stored;
    std::string hash;
  };
  catalog::Change RandomChange(uint64_t version, size_t n, size_t bytes);
  catalog::RequestRecord NewRequest(uint64_t version, bool made_version);
  absl::Status AdoptWhatWasInDoubt();
  absl::Status CheckVersions() const;
  absl::Status CheckResources();
  absl::Status CheckRequests() const;
  // The stored state of a resource at a version; null when it does not exist.
  const catalog::StoredChange* StateAt(const std::string& name, uint64_t version) const;

  std::mt19937_64 random_;
  testing::FaultFileSystem fs_;
  testing::SqliteVfs vfs_{fs_};
  std::unique_ptr<catalog::SqliteCatalogStore> store_;

  std::vector<Written> versions_;
  std::map<std::string, catalog::RequestRecord> requests_;
  // Neither acknowledged nor refused for good: may be found after the next opening.
  std::optional<Written> in_doubt_;
  std::optional<catalog::RequestRecord> request_in_doubt_;
  absl::Status last_failure_;
  uint64_t request_count_ = 0;
};

}  // namespace tidemark::fault

#endif  // TIDEMARK_TESTS_FAULT_MEMORY_CATALOG_WORLD_H_
