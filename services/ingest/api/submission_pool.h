#ifndef TIDEMARK_SERVICES_INGEST_API_SUBMISSION_POOL_H_
#define TIDEMARK_SERVICES_INGEST_API_SUBMISSION_POOL_H_

#include <memory>
#include <utility>
#include <vector>

#include "common/base/mutex.h"
#include "services/ingest/api/submission.h"

namespace tidemark::ingest {

// Submissions that keep their memory from batch to batch: a batch of 10,000 events needs 5 MB,
// and fresh pages cost more than parsing into them. Thread-safe.
class SubmissionPool {
 public:
  // Neither is owned.
  SubmissionPool(const ledger::HmacKey* pseudonym_key, OpenCodes* open_codes)
      : pseudonym_key_(pseudonym_key), open_codes_(open_codes), plain_judges_(open_codes) {}

  std::unique_ptr<Submission> Take() {
    base::MutexLock lock(mutex_);
    if (idle_.empty()) {
      return std::make_unique<Submission>(pseudonym_key_, open_codes_, &plain_judges_);
    }
    std::unique_ptr<Submission> submission = std::move(idle_.back());
    idle_.pop_back();
    kept_bytes_ -= submission->kept_bytes();
    return submission;
  }

  void Return(std::unique_ptr<Submission> submission) {
    submission->Clear();
    base::MutexLock lock(mutex_);
    if (kept_bytes_ + submission->kept_bytes() > kMaxKeptBytes) return;
    kept_bytes_ += submission->kept_bytes();
    idle_.push_back(std::move(submission));
  }

 private:
  static constexpr size_t kMaxKeptBytes = size_t{128} << 20;

  const ledger::HmacKey* const pseudonym_key_;
  OpenCodes* const open_codes_;
  PlainJudges plain_judges_;
  base::Mutex mutex_;
  std::vector<std::unique_ptr<Submission>> idle_ ABSL_GUARDED_BY(mutex_);
  size_t kept_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_SUBMISSION_POOL_H_
