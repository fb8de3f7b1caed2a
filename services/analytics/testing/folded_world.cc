#include "services/analytics/testing/folded_world.h"

#include <gtest/gtest.h>

#include <utility>

#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/testing/status_matchers.h"

namespace tidemark::analytics::testing {

FoldedWorld::FoldedWorld(World made) : world(std::move(made)), history_({}) {
  catalog_client::CatalogBuilder catalog;
  WriteCatalog(world, &catalog);
  EXPECT_OK(catalog.AppendTo(&history_));
  EXPECT_OK(FoldInto(world, world.log_size(), &plain_));
  // Small enough that every world has runs, merged runs, sorted chunks and a growing one.
  RunStore::Options options;
  options.fs = fs_.get();
  options.dir = dir_.path();
  options.chunk_effects = 16;
  options.seal_effects = 64;
  options.max_run_effects = 256;
  options.merge_runs = 2;
  options.background = false;
  absl::StatusOr<std::unique_ptr<RunStore>> columnar = RunStore::Open(options);
  EXPECT_OK(columnar);
  columnar_ = *std::move(columnar);
  EXPECT_OK(FoldInto(world, world.log_size(), columnar_.get()));
}

}  // namespace tidemark::analytics::testing
