#include "services/analytics/testing/folded_folder.h"

#include <utility>
#include <vector>

#include "common/testing/status_matchers.h"
#include "gtest/gtest.h"

namespace tidemark::analytics::testing {

void FoldedFolder::Open(size_t chunk, PrecedenceAt precedence) {
  fold.reset();
  store.reset();
  auto opened = RunStore::Open({.fs = &fs,
                                .dir = "/statistics",
                                .chunk_effects = chunk,
                                .seal_effects = 2 * chunk,
                                .max_run_effects = 40 * chunk,
                                .merge_runs = 3,
                                .background = false});
  ASSERT_OK(opened);
  store = *std::move(opened);
  fold = std::make_unique<Fold>(store.get(), std::move(precedence));
}

std::string FinishBlock(uint64_t first, ledger::BlockBuilder* builder) {
  ledger::CompactRange range(first);
  range.Append(std::vector<ledger::Hash>(builder->size()));
  std::string block;
  EXPECT_OK(builder->Finish({.first_leaf = first,
                             .accepted_time_us = static_cast<int64_t>(first),
                             .log_id = {1},
                             .nodes = range.nodes()},
                            &block));
  return block;
}

}  // namespace tidemark::analytics::testing
