#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_FOLDED_WORLD_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_FOLDED_WORLD_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "clients/cpp/catalog/catalog_history.h"
#include "common/fs/file_system.h"
#include "common/testing/temp_dir.h"
#include "services/analytics/store/memory_store.h"
#include "services/analytics/store/run_store.h"
#include "services/analytics/testing/world.h"

namespace tidemark::analytics::testing {

// A random world with its catalog, folded into the plain engine and into the columnar one.
class FoldedWorld {
 public:
  FoldedWorld(uint64_t seed, size_t events, const std::string& zone)
      : FoldedWorld(MakeWorld(seed, events, zone)) {}
  explicit FoldedWorld(World made);

  const World world;
  catalog_client::CatalogHistory& history() { return history_; }
  // The plain one first.
  std::vector<const StatStore*> stores() const { return {&plain_, columnar_.get()}; }

 private:
  tidemark::testing::TempDir dir_;
  std::unique_ptr<fs::FileSystem> fs_ = fs::NewPosixFileSystem();
  MemoryStore plain_;
  std::unique_ptr<RunStore> columnar_;
  catalog_client::CatalogHistory history_;
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_FOLDED_WORLD_H_
