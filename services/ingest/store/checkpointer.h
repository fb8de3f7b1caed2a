#ifndef TIDEMARK_SERVICES_INGEST_STORE_CHECKPOINTER_H_
#define TIDEMARK_SERVICES_INGEST_STORE_CHECKPOINTER_H_

#include <functional>
#include <optional>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cpp/ledger/note.h"
#include "common/base/mutex.h"
#include "services/ingest/domain/log_store.h"
#include "services/ingest/store/log_folder.h"
#include "services/ingest/store/log_head.h"

namespace tidemark::ingest {

// Signs the durable head of the log every second while it grows. A checkpoint is stored before
// anyone sees it, so that the log can never be opened behind one that was handed out.
class Checkpointer {
 public:
  struct Options {
    const LogFolder* folder = nullptr;  // not owned
    ledger::NoteSigner signer;
    // The newest stored one, none before the first.
    std::optional<StoredCheckpoint> newest;
    // The durable head.
    std::function<LogHead()> head;
    // Zero: only Sign() signs.
    absl::Duration interval = absl::Seconds(1);
  };
  explicit Checkpointer(Options options);
  // Signs what is durable, then ends.
  ~Checkpointer();

  // Signs and stores the durable head if it is newer than the last checkpoint. Blocks on disk.
  absl::Status Sign();
  // The newest; signs when there is none yet. NOT_FOUND: the log is empty.
  absl::StatusOr<StoredCheckpoint> Newest();

 private:
  void Run();

  const Options options_;
  // Held while signing and storing; before mutex_.
  base::Mutex signing_;
  mutable base::Mutex mutex_;
  base::CondVar stop_;
  std::optional<StoredCheckpoint> newest_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_CHECKPOINTER_H_
