#ifndef TIDEMARK_SERVICES_INGEST_STORE_COMMIT_GROUP_H_
#define TIDEMARK_SERVICES_INGEST_STORE_COMMIT_GROUP_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "services/ingest/domain/log_store.h"
#include "services/ingest/store/closed_days.h"
#include "services/ingest/store/identity_journal.h"
#include "services/ingest/store/log_head.h"

namespace tidemark::ingest {

// The batches that are written and synced together: made by the sequencer, written by the
// writer.
struct CommitGroup {
  struct Block {
    uint64_t first_leaf = 0;
    uint32_t record_count = 0;
    // Shared with the sequencer, which may have to read it before it is durable.
    std::shared_ptr<const std::string> bytes;
  };
  struct Answer {
    AppendBatch* batch = nullptr;
    AppendResult result;
  };

  LogHead before;
  LogHead after;
  std::vector<Block> blocks;
  std::deque<Answer> answers;
  IdentityJournal journal;
  std::vector<ClosedDays::Undo> closed;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_COMMIT_GROUP_H_
