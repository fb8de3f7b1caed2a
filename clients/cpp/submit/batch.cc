#include "clients/cpp/submit/batch.h"

#include <atomic>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "google/rpc/status.pb.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::submit {
namespace {

// Tags of SubmitEventsRequest: field number x 8 + wire type.
constexpr char kEventsTag = 0x0a;
constexpr char kRequestIdTag = 0x12;
constexpr char kValidateOnlyTag = 0x18;
constexpr char kColumnsTag = 0x2a;

void AppendVarint(std::string& bytes, uint64_t value) {
  while (value >= 0x80) {
    bytes.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  bytes.push_back(static_cast<char>(value));
}

// For exceptions that came without a status, one per entry of the verdict's reasons: copies share
// their memory.
std::vector<absl::Status> ShortStatuses(const ingest::v1::BatchVerdict& verdict) {
  std::vector<absl::Status> statuses;
  statuses.reserve(verdict.reasons_size());
  for (const ingest::v1::ExceptionReason& reason : verdict.reasons()) {
    const std::string message =
        absl::StrCat(reason.reason(), ", as earlier events of the batch, whose messages say more");
    absl::Status status(static_cast<absl::StatusCode>(reason.code()),
                        absl::StrCat(reason.field(), ": ", message));
    status = status::WithReason(std::move(status), reason.reason());
    statuses.push_back(status::WithFieldViolation(std::move(status), reason.field(), message));
  }
  return statuses;
}

// Kind and place of an exception whose position is good.
void Classify(const ingest::v1::Exception& exception, BatchReport& report, EventException& entry) {
  switch (exception.kind()) {
    case ingest::v1::EXCEPTION_KIND_DUPLICATE:
      entry.verdict = Verdict::kDuplicate;
      ++report.duplicates;
      break;
    case ingest::v1::EXCEPTION_KIND_CONFLICT:
      entry.verdict = Verdict::kConflict;
      ++report.conflicts;
      break;
    default:
      entry.verdict = Verdict::kRejected;
      ++report.rejected;
  }
  if (exception.has_leaf()) entry.leaf = exception.leaf();
}

}  // namespace

void Batch::Add(uint64_t record, std::string_view event) {
  bytes_->push_back(kEventsTag);
  AppendVarint(*bytes_, event.size());
  bytes_->append(event);
  records_.push_back(record);
}

void Batch::SetColumns(std::vector<uint64_t> records, std::string_view columns) {
  bytes_->push_back(kColumnsTag);
  AppendVarint(*bytes_, columns.size());
  bytes_->append(columns);
  records_ = std::move(records);
}

void Batch::Finish(std::string_view request_id, bool validate_only) {
  bytes_->push_back(kRequestIdTag);
  AppendVarint(*bytes_, request_id.size());
  bytes_->append(request_id);
  if (validate_only) {
    bytes_->push_back(kValidateOnlyTag);
    bytes_->push_back(1);
  }
}

void Batch::Reset() {
  if (bytes_.use_count() == 1) {
    // use_count() is a relaxed read; gRPC's thread may have read the bytes just before.
    std::atomic_thread_fence(std::memory_order_acquire);
    bytes_->clear();
  } else {
    bytes_ = std::make_shared<std::string>();
  }
  records_.clear();
}

absl::Status ReadVerdict(std::string_view response, BatchReport& report) {
  ingest::v1::SubmitEventsResponse message;
  if (!message.ParseFromArray(response.data(), static_cast<int>(response.size()))) {
    return absl::InternalError("the service's answer is not a SubmitEventsResponse");
  }
  const ingest::v1::BatchVerdict& verdict = message.verdict();
  if (verdict.accepted() + static_cast<uint64_t>(verdict.exceptions_size()) !=
      report.records.size()) {
    return absl::InternalError(absl::StrCat("the service's verdict covers ", verdict.accepted(),
                                            " accepted and ", verdict.exceptions_size(),
                                            " other events of a batch of ", report.records.size()));
  }
  report.log_id = verdict.log_id();
  report.first_leaf = verdict.first_leaf();
  report.accepted = verdict.accepted();
  report.exceptions.reserve(verdict.exceptions_size());
  const std::vector<absl::Status> short_statuses = ShortStatuses(verdict);
  for (const ingest::v1::Exception& exception : verdict.exceptions()) {
    if (exception.position() >= report.records.size() ||
        (exception.has_first_position() && exception.first_position() >= report.records.size())) {
      return absl::InternalError("the service's verdict names a position outside of the batch");
    }
    EventException& entry = report.exceptions.emplace_back();
    entry.record = report.records[exception.position()];
    if (exception.has_first_position()) {
      entry.first_record = report.records[exception.first_position()];
    }
    Classify(exception, report, entry);
    if (entry.verdict == Verdict::kDuplicate) continue;
    if (exception.has_status()) {
      entry.status = status::FromRpcStatusProto(exception.status());
    } else if (exception.reason() < short_statuses.size()) {
      entry.status = short_statuses[exception.reason()];
    } else {
      return absl::InternalError("the service's verdict refuses an event without a reason");
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::submit
