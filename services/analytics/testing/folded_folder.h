#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_FOLDED_FOLDER_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_FOLDED_FOLDER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "clients/cpp/ledger/block_builder.h"
#include "common/testing/fault_file_system.h"
#include "services/analytics/domain/fold.h"
#include "services/analytics/domain/precedence_history.h"
#include "services/analytics/store/run_store.h"

namespace tidemark::analytics::testing {

// A folder whose runs are tiny, so that events and what they name are in different ones.
struct FoldedFolder {
  tidemark::testing::FaultFileSystem fs;
  std::unique_ptr<RunStore> store;
  std::unique_ptr<Fold> fold;

  // Closes it first, so that what was not written is lost. `chunk`: effects of the smallest part.
  void Open(size_t chunk, PrecedenceAt precedence);
};

// The block of what is in the builder, from leaf `first` on. The hashes of its tree do not matter
// to the fold.
std::string FinishBlock(uint64_t first, ledger::BlockBuilder* builder);

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_FOLDED_FOLDER_H_
