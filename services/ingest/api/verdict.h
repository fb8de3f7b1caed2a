#ifndef TIDEMARK_SERVICES_INGEST_API_VERDICT_H_
#define TIDEMARK_SERVICES_INGEST_API_VERDICT_H_

#include "services/ingest/api/submission.h"
#include "services/ingest/domain/log_store.h"

namespace tidemark::ingest::v1 {
class SubmitEventsResponse;
}

namespace tidemark::ingest {

// Puts together what validation and the log said about a batch. True: the verdict is final, the
// same batch would get it again; false: some events were refused for the moment only.
bool MakeVerdict(const Submission& submission, const AppendResult& result,
                 const std::string& log_id, v1::SubmitEventsResponse* response);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_VERDICT_H_
