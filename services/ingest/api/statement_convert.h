#ifndef TIDEMARK_SERVICES_INGEST_API_STATEMENT_CONVERT_H_
#define TIDEMARK_SERVICES_INGEST_API_STATEMENT_CONVERT_H_

#include <string>

#include "absl/status/status.h"
#include "services/ingest/domain/statement.h"
#include "tidemark/ingest/v1/statement.pb.h"

namespace tidemark::ingest {

// All but the day and the log. OUT_OF_RANGE (AMOUNT_OVERFLOW): a sum is above 2^63 - 1.
absl::Status ToProto(const Statement& statement, const std::string& source, v1::Statement* out);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_STATEMENT_CONVERT_H_
