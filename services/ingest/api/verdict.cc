#include "services/ingest/api/verdict.h"

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/record.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "google/rpc/status.pb.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {
namespace {

absl::Status ConflictStatus(const RowException& exception) {
  const std::string where = exception.leaf_is_row
                                ? absl::StrCat("at position ", exception.leaf, " of this batch")
                                : absl::StrCat("in the log at leaf ", exception.leaf);
  const std::string message =
      absl::StrCat("differs from the event of the same source, id and revision ", where,
                   ", which stands; send another event under another id");
  absl::Status status(CodeOf(Reason::kContentConflict),
                      absl::StrCat(exception.field, ": ", message));
  status = status::WithReason(std::move(status), NameOf(Reason::kContentConflict));
  return status::WithFieldViolation(std::move(status), exception.field, message);
}

absl::Status TooManyWaiting() {
  return ToStatus({.reason = Reason::kTooManyWaitingRefunds,
                   .field = Field::kOriginal,
                   .message = absl::StrCat(ledger::kMaxResolves,
                                           " refunds wait for this original already; send the "
                                           "original first")});
}

void Fill(const RowException& exception, v1::Exception* out) {
  switch (exception.outcome) {
    case Outcome::kDuplicate:
      out->set_kind(v1::EXCEPTION_KIND_DUPLICATE);
      out->set_leaf(exception.leaf);
      break;
    case Outcome::kConflict:
      out->set_kind(v1::EXCEPTION_KIND_CONFLICT);
      out->set_leaf(exception.leaf);
      *out->mutable_status() = status::ToRpcStatusProto(ConflictStatus(exception));
      break;
    case Outcome::kTooManyWaiting:
      out->set_kind(v1::EXCEPTION_KIND_REJECTED);
      *out->mutable_status() = status::ToRpcStatusProto(TooManyWaiting());
      break;
  }
}

}  // namespace

bool MakeVerdict(const Submission& submission, const AppendResult& result,
                 const std::string& log_id, v1::SubmitEventsResponse* response) {
  v1::BatchVerdict& verdict = *response->mutable_verdict();
  verdict.set_log_id(log_id);
  verdict.set_first_leaf(result.accepted > 0 ? result.first_leaf : 0);
  verdict.set_accepted(result.accepted);
  bool final = true;
  const auto& positions = submission.positions();
  auto rejected = submission.rejected().begin();
  const auto last_rejected = submission.rejected().end();
  const auto add_rejected_before = [&](uint64_t position) {
    for (; rejected != last_rejected && rejected->position < position; ++rejected) {
      v1::Exception& out = *verdict.add_exceptions();
      out.set_position(rejected->position);
      out.set_kind(v1::EXCEPTION_KIND_REJECTED);
      *out.mutable_status() = status::ToRpcStatusProto(ToStatus(rejected->rejection));
      final &= rejected->rejection.reason != Reason::kTooManyNewCodes;
    }
  };
  for (RowException exception : result.exceptions) {
    const uint32_t position = positions[exception.row];
    add_rejected_before(position);
    if (exception.leaf_is_row) exception.leaf = positions[exception.leaf];
    v1::Exception& out = *verdict.add_exceptions();
    out.set_position(position);
    Fill(exception, &out);
    final &= exception.outcome != Outcome::kTooManyWaiting;
  }
  add_rejected_before(UINT64_MAX);
  for (size_t i = 0; i < result.leaf_hashes.size(); ++i) {
    v1::Receipt& receipt = *response->add_receipts();
    receipt.set_log_id(log_id);
    receipt.set_leaf(result.first_leaf + i);
    receipt.set_leaf_hash(result.leaf_hashes[i].data(), result.leaf_hashes[i].size());
  }
  return final;
}

}  // namespace tidemark::ingest
