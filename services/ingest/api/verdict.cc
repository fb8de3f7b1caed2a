#include "services/ingest/api/verdict.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/record.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "google/rpc/status.pb.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::ingest {
namespace {

absl::Status ConflictStatus(const v1::Exception& exception, std::string_view field) {
  const std::string where =
      exception.has_first_position()
          ? absl::StrCat("at position ", exception.first_position(), " of this batch")
          : absl::StrCat("in the log at leaf ", exception.leaf());
  const std::string message =
      absl::StrCat("differs from the event of the same source, id and revision ", where,
                   ", which stands; send another event under another id");
  absl::Status status(CodeOf(Reason::kContentConflict), absl::StrCat(field, ": ", message));
  status = status::WithReason(std::move(status), NameOf(Reason::kContentConflict));
  return status::WithFieldViolation(std::move(status), field, message);
}

class VerdictWriter {
 public:
  VerdictWriter(const Submission& submission, const AppendResult& result, v1::BatchVerdict* verdict)
      : submission_(submission), result_(result), verdict_(verdict) {}

  void AddRejected(const Submission::Rejected& rejected) {
    const Rejection& rejection = rejected.rejection;
    v1::Exception& out = Add(rejected.position, v1::EXCEPTION_KIND_REJECTED);
    Explain(rejection.reason, NameOf(rejection.field), &out, [&] { return ToStatus(rejection); });
  }

  void AddException(const RowException& exception) {
    const uint32_t position = submission_.positions()[exception.row];
    switch (exception.outcome) {
      case Outcome::kDuplicate:
        PointAtFirst(exception, &Add(position, v1::EXCEPTION_KIND_DUPLICATE));
        return;
      case Outcome::kConflict: {
        v1::Exception& out = Add(position, v1::EXCEPTION_KIND_CONFLICT);
        PointAtFirst(exception, &out);
        Explain(Reason::kContentConflict, exception.field, &out,
                [&] { return ConflictStatus(out, exception.field); });
        return;
      }
      case Outcome::kTooManyWaiting:
        Explain(Reason::kTooManyWaitingRefunds, NameOf(Field::kOriginal),
                &Add(position, v1::EXCEPTION_KIND_REJECTED),
                [] { return ToStatus(TooManyWaiting()); });
        return;
    }
  }

  bool final() const { return final_; }

 private:
  v1::Exception& Add(uint32_t position, v1::ExceptionKind kind) {
    v1::Exception& out = *verdict_->add_exceptions();
    out.set_position(position);
    out.set_kind(kind);
    return out;
  }

  void PointAtFirst(const RowException& exception, v1::Exception* out) const {
    if (!exception.leaf_is_row) out->set_leaf(exception.leaf);
    const std::optional<uint32_t> first = RowOfFirst(exception);
    if (first.has_value()) out->set_first_position(submission_.positions()[*first]);
  }

  // The row of the event that stands, when it is in this batch.
  std::optional<uint32_t> RowOfFirst(const RowException& exception) const {
    if (exception.leaf_is_row) return static_cast<uint32_t>(exception.leaf);
    if (submission_.dry_run() || exception.leaf < result_.first_leaf) return std::nullopt;
    const uint64_t rank = exception.leaf - result_.first_leaf;
    if (rank >= result_.accepted) return std::nullopt;
    // exceptions[k].row - k rows were accepted before the k-th exception.
    size_t low = 0;
    size_t high = result_.exceptions.size();
    while (low < high) {
      const size_t middle = (low + high) / 2;
      if (result_.exceptions[middle].row - middle > rank) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return static_cast<uint32_t>(rank + low);
  }

  template <typename MakeStatus>
  void Explain(Reason reason, std::string_view field, v1::Exception* out, MakeStatus make_status) {
    final_ &= IsFinal(reason);
    const auto [it, is_new] = index_of_.try_emplace({reason, field}, verdict_->reasons_size());
    out->set_reason(it->second);
    v1::ExceptionReason& entry =
        is_new ? *verdict_->add_reasons() : *verdict_->mutable_reasons(it->second);
    if (is_new) {
      entry.set_code(static_cast<int32_t>(CodeOf(reason)));
      entry.set_reason(std::string(NameOf(reason)));
      entry.set_field(std::string(field));
    }
    entry.set_count(entry.count() + 1);
    if (!is_new && (entry.count() > kStatusesPerReason || status_bytes_ >= kMaxStatusBytes)) return;
    *out->mutable_status() = status::ToRpcStatusProto(make_status());
    status_bytes_ += out->status().ByteSizeLong();
  }

  const Submission& submission_;
  const AppendResult& result_;
  v1::BatchVerdict* const verdict_;
  absl::flat_hash_map<std::pair<Reason, std::string_view>, int> index_of_;
  size_t status_bytes_ = 0;
  bool final_ = true;
};

}  // namespace

Rejection TooManyWaiting() {
  return {.reason = Reason::kTooManyWaitingRefunds,
          .field = Field::kOriginal,
          .message = absl::StrCat("too many refunds wait for their original already (",
                                  ledger::kMaxResolves,
                                  " for one original, or more than the service has memory for); "
                                  "send the original first")};
}

bool MakeVerdict(const Submission& submission, const AppendResult& result,
                 const std::string& log_id, v1::SubmitEventsResponse* response) {
  v1::BatchVerdict& verdict = *response->mutable_verdict();
  verdict.set_log_id(log_id);
  verdict.set_first_leaf(result.accepted > 0 ? result.first_leaf : 0);
  verdict.set_accepted(result.accepted);
  VerdictWriter writer(submission, result, &verdict);
  auto rejected = submission.rejected().begin();
  const auto last_rejected = submission.rejected().end();
  const auto add_rejected_before = [&](uint64_t position) {
    for (; rejected != last_rejected && rejected->position < position; ++rejected) {
      writer.AddRejected(*rejected);
    }
  };
  for (const RowException& exception : result.exceptions) {
    add_rejected_before(submission.positions()[exception.row]);
    writer.AddException(exception);
  }
  add_rejected_before(UINT64_MAX);
  for (size_t i = 0; i < result.leaf_hashes.size(); ++i) {
    v1::Receipt& receipt = *response->add_receipts();
    receipt.set_log_id(log_id);
    receipt.set_leaf(result.first_leaf + i);
    receipt.set_leaf_hash(result.leaf_hashes[i].data(), result.leaf_hashes[i].size());
  }
  return writer.final();
}

bool StillHolds(const v1::BatchVerdict& earlier, const AppendResult& result) {
  const uint64_t end_leaf = earlier.first_leaf() + earlier.accepted();
  if (earlier.accepted() == 0 || result.accepted > 0) return false;
  absl::flat_hash_set<uint64_t> found;
  for (const RowException& exception : result.exceptions) {
    if (exception.outcome != Outcome::kDuplicate) continue;
    if (earlier.first_leaf() <= exception.leaf && exception.leaf < end_leaf) {
      found.insert(exception.leaf);
    }
  }
  return found.size() == earlier.accepted();
}

}  // namespace tidemark::ingest
