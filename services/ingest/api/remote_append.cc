#include "services/ingest/api/remote_append.h"

#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "services/ingest/api/event_splitter.h"
#include "services/ingest/api/log_store_convert.h"
#include "services/ingest/api/overload.h"
#include "services/ingest/domain/open_codes_loader.h"
#include "services/ingest/domain/row_blocks.h"

namespace tidemark::ingest {
namespace {

// Memory of a row: what a BlockReader keeps of it, its place in the batch, and what the store keeps
// beside it.
constexpr size_t kRowBytes = 366 + kStoredRowBytes;

}  // namespace

struct RemoteAppend::Batch {
  explicit Batch(rpc::UnaryReply reply) : reply(std::move(reply)) {}

  rpc::UnaryReply reply;
  internal::v1::AppendRequest request;
  RowBlocks rows;
  AppendBatch batch;
};

void RemoteAppend::Handle(std::string_view request, rpc::UnaryReply reply) {
  auto batch = std::make_shared<Batch>(std::move(reply));
  const absl::Status unpacked = Unpack(request, batch.get());
  if (!unpacked.ok()) return std::move(batch->reply).Fail(unpacked);
  batch->batch.done = [this, batch](AppendResult result) { Appended(batch, std::move(result)); };
  options_.log->Append(&batch->batch);
}

absl::Status RemoteAppend::Unpack(std::string_view request, Batch* batch) {
  if (!batch->request.ParseFromArray(request.data(), static_cast<int>(request.size()))) {
    return absl::InvalidArgumentError("the request is no AppendRequest");
  }
  TM_RETURN_IF_ERROR(CheckLogId(*options_.log, batch->request.log_id()));
  // A batch that closes days may be without events.
  if (batch->request.blocks_size() > 0 || batch->request.source_days_size() == 0) {
    TM_ASSIGN_OR_RETURN(batch->rows, RowBlocks::Open({batch->request.blocks().begin(),
                                                      batch->request.blocks().end()},
                                                     kMaxBatchEvents));
  }
  if (!batch->reply.Recharge(2 * request.size() + batch->rows.size() * kRowBytes)) {
    return Overloaded(batch->reply.RetryDelay());
  }
  TM_RETURN_IF_ERROR(batch->rows.AppendTo(&batch->batch.rows));
  for (const internal::v1::SourceDay& day : batch->request.source_days()) {
    batch->batch.source_days.push_back(FromProto(day));
  }
  batch->batch.principal = batch->request.principal();
  batch->batch.stamp = FromProto(batch->request.stamp());
  batch->batch.dry_run = batch->request.dry_run();
  batch->batch.want_leaf_hashes = batch->request.want_leaf_hashes();
  batch->batch.bytes = request.size();
  return absl::OkStatus();
}

void RemoteAppend::Appended(const std::shared_ptr<Batch>& batch, AppendResult result) {
  if (!result.status.ok()) {
    std::move(batch->reply).Fail(result.status);
    return;
  }
  // This is the store's thread, which has other batches to see to.
  auto shared = std::make_shared<AppendResult>(std::move(result));
  auto answer = [this, batch, shared] { Answer(*batch, *shared); };
  if (!options_.executor->TryPost(answer)) answer();
}

void RemoteAppend::Answer(Batch& batch, const AppendResult& result) {
  internal::v1::AppendResponse response;
  ToProto(result, &response);
  ToProto(options_.log->state(), response.mutable_state());
  std::move(batch.reply).Send(response);
  if (result.accepted == 0 || batch.batch.dry_run) return;
  // Blocks that the store took can be read.
  for (ledger::BlockReader& block : batch.rows.readers()) {
    (void)LearnOpenCodes(block, options_.open_codes);
  }
}

}  // namespace tidemark::ingest
