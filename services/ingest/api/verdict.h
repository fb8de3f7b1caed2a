#ifndef TIDEMARK_SERVICES_INGEST_API_VERDICT_H_
#define TIDEMARK_SERVICES_INGEST_API_VERDICT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "services/ingest/api/submission.h"
#include "services/ingest/domain/log_store.h"

namespace tidemark::ingest::v1 {
class BatchVerdict;
class SubmitEventsResponse;
}  // namespace tidemark::ingest::v1

namespace tidemark::ingest {

// Which exceptions have a full status (verdict.proto, Exception.status). With these and the limits
// of a batch no verdict reaches kMaxVerdictBytes: an exception takes 25 bytes without its status,
// a receipt 80.
inline constexpr uint32_t kStatusesPerReason = 100;
inline constexpr size_t kMaxStatusBytes = size_t{256} << 10;
inline constexpr size_t kMaxVerdictBytes = size_t{3} << 20;

// What the log's Outcome::kTooManyWaiting is told as.
Rejection TooManyWaiting();

// Puts together what validation and the log said about a batch. True: the verdict is final, the
// same batch will get it again, but for what was accepted; false: some events were rejected for
// what the catalog, the clock or a limit said, which may say otherwise next time.
bool MakeVerdict(const Submission& submission, const AppendResult& result,
                 const std::string& log_id, v1::SubmitEventsResponse* response);

// Whether `earlier`, what the same batch was answered before, may be said again now that the log
// said `result`: it accepted events, and every one of them is where it says. Not so after the log
// was restored from a backup. Not to be asked of a result that is not OK.
bool StillHolds(const v1::BatchVerdict& earlier, const AppendResult& result);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_VERDICT_H_
