#include "services/ingest/store/grpc_log_store.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <algorithm>
#include <cstring>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/countdown.h"
#include "common/base/mutex.h"
#include "common/rpc/channel_factory.h"
#include "common/rpc/stream_reader.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
#include "services/ingest/domain/row_blocks.h"
#include "services/ingest/store/block_cache.h"
#include "services/ingest/store/owner_calls.h"
#include "services/ingest/store/owner_messages.h"
#include "services/ingest/store/owner_watcher.h"
#include "tidemark/internal/v1/log_store.grpc.pb.h"

namespace tidemark::ingest {
namespace {

namespace pb = internal::v1;
using Stub = OwnerCalls::Stub;
using AsyncStub = OwnerCalls::AsyncStub;

absl::Status Stopping() {
  return absl::UnavailableError("the ingest service is shutting down; send the batch again");
}

absl::StatusOr<Statement> StatementOf(const grpc::Status& status,
                                      const pb::ReadStatementResponse& response) {
  // Of an earlier release: it is an owner, or this front would not have started.
  if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) return OwnerTooOld("make statements");
  if (!status.ok()) return FromOwner(status::FromGrpcStatus(status));
  if (!response.has_standing()) return OwnerTooOld("say what stands of a day");
  return FromProto(response);
}

// `asked`: how many ids.
absl::StatusOr<std::vector<FoundEvent>> FoundOf(int asked, const grpc::Status& status,
                                                const pb::FindEventsResponse& response) {
  if (!status.ok()) return FromOwner(status::FromGrpcStatus(status));
  const auto& leaves = response.leaves();
  if (leaves.size() != asked + response.further_positions_size()) {
    return absl::InternalError(
        absl::StrCat("the owner of the log sent ", leaves.size(), " leaves for ", asked, " ids"));
  }
  std::vector<FoundEvent> found;
  for (int i = 0; i < leaves.size(); ++i) {
    const uint32_t position =
        i < asked ? static_cast<uint32_t>(i) : response.further_positions(i - asked);
    if (leaves[i] != ledger::kNoLeaf) found.push_back({position, leaves[i]});
  }
  return found;
}

}  // namespace

struct GrpcLogStore::Parts {
  explicit Parts(Options o)
      : options(std::move(o)),
        stub(pb::LogStoreService::NewStub(options.channel)),
        calls({.stub = stub.get(), .token = options.token, .timeout = options.call_timeout}),
        blocks(options.block_cache_bytes),
        watcher({.stub = stub.get(),
                 .token = options.token,
                 .retry = options.retry,
                 .on_reopened = [this] { blocks.Clear(); }}) {}

  absl::Status Describe();
  // Describe, again and again while the owner starts.
  absl::Status AwaitOwner();
  absl::Status LoadOpenCodes();
  std::string_view Intern(std::string_view text);
  AppendResult ResultOf(const AppendBatch& batch, const grpc::Status& status,
                        const pb::AppendResponse& response);
  absl::StatusOr<BlockCache::Entry> Block(uint64_t leaf);

  const Options options;
  const std::unique_ptr<Stub> stub;
  OwnerCalls calls;
  std::string verifier_key;
  std::string pseudonym_key;
  std::array<uint64_t, 3> open_code_seeds = {};
  std::vector<uint64_t> open_code_keys;
  BlockCache blocks;
  OwnerWatcher watcher;

  base::Mutex mutex;
  // Names of fields, of which there are few.
  std::set<std::string, std::less<>> texts ABSL_GUARDED_BY(mutex);
};

absl::Status GrpcLogStore::Parts::Describe() {
  grpc::ClientContext context;
  rpc::PrepareCall(&context, options.token, options.connect_timeout);
  context.set_wait_for_ready(true);
  pb::DescribeLogResponse described;
  const grpc::Status status = stub->DescribeLog(&context, {}, &described);
  if (!status.ok()) return FromOwner(status::FromGrpcStatus(status));
  calls.NameLog(described.log_id());
  verifier_key = described.verifier_key();
  pseudonym_key = described.pseudonym_key();
  std::copy_n(described.open_code_seeds().begin(),
              std::min<size_t>(described.open_code_seeds_size(), open_code_seeds.size()),
              open_code_seeds.begin());
  watcher.Heard(described.state());
  return absl::OkStatus();
}

absl::Status GrpcLogStore::Parts::AwaitOwner() {
  const base::Countdown countdown(options.connect_timeout);
  while (true) {
    const absl::Status described = Describe();
    if (!absl::IsUnavailable(described) || countdown.Left() <= options.retry) return described;
    std::this_thread::sleep_for(absl::ToChronoNanoseconds(options.retry));
  }
}

absl::Status GrpcLogStore::Parts::LoadOpenCodes() {
  grpc::ClientContext context;
  rpc::PrepareCall(&context, options.token, options.call_timeout);
  pb::ListOpenCodesRequest request;
  request.set_log_id(calls.log_id());
  rpc::StreamReader<pb::ListOpenCodesResponse> reader;
  stub->async()->ListOpenCodes(&context, &request, reader.reactor());
  reader.Start();
  pb::ListOpenCodesResponse part;
  while (reader.Read(&part)) {
    open_code_keys.insert(open_code_keys.end(), part.keys().begin(), part.keys().end());
  }
  return FromOwner(reader.Finish());
}

std::string_view GrpcLogStore::Parts::Intern(std::string_view text) {
  base::MutexLock lock(mutex);
  const auto found = texts.find(text);
  return found != texts.end() ? *found : *texts.emplace(text).first;
}

AppendResult GrpcLogStore::Parts::ResultOf(const AppendBatch& batch, const grpc::Status& status,
                                           const pb::AppendResponse& response) {
  if (!status.ok()) {
    const absl::Status failed = FromOwner(status::FromGrpcStatus(status));
    // It misses the events.
    const bool too_old = batch.rows.empty() && absl::IsInternal(failed);
    return {.status = too_old ? OwnerTooOld("close days") : failed};
  }
  absl::StatusOr<AppendResult> result =
      FromProto(response, [this](std::string_view text) { return Intern(text); });
  if (!result.ok()) return {.status = result.status()};
  // An owner that does not know the field has left it out.
  if (result->status.ok() && result->source_day_leaves.size() != batch.source_days.size()) {
    result->status = OwnerTooOld("close days");
  }
  return *std::move(result);
}

absl::StatusOr<BlockCache::Entry> GrpcLogStore::Parts::Block(uint64_t leaf) {
  if (auto cached = blocks.Find(leaf); cached.has_value()) return *std::move(cached);
  const uint64_t generation = blocks.generation();
  pb::ReadBlockRequest request;
  request.set_leaf(leaf);
  TM_ASSIGN_OR_RETURN(pb::ReadBlockResponse response,
                      calls.Ask(&Stub::ReadBlock, std::move(request)));
  if (response.opened_us() != watcher.state().opened_us) {
    return FromOwner(absl::UnavailableError("the log was opened again a moment ago"));
  }
  BlockCache::Entry entry{
      .ref = {.first_leaf = response.first_leaf(),
              .record_count = response.record_count(),
              .bytes = static_cast<uint32_t>(response.data().size())},
      .bytes = std::make_shared<const std::string>(std::move(*response.mutable_data()))};
  blocks.Put(entry, generation);
  return entry;
}

absl::StatusOr<std::unique_ptr<GrpcLogStore>> GrpcLogStore::Open(Options options) {
  auto parts = std::make_unique<Parts>(std::move(options));
  TM_RETURN_IF_ERROR(parts->AwaitOwner());
  TM_RETURN_IF_ERROR(parts->LoadOpenCodes());
  parts->watcher.Start(parts->calls.log_id());
  return std::unique_ptr<GrpcLogStore>(new GrpcLogStore(std::move(parts)));
}

GrpcLogStore::GrpcLogStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
GrpcLogStore::~GrpcLogStore() { Stop(); }

void GrpcLogStore::Stop() {
  parts_->calls.Stop();
  parts_->watcher.Stop();
}

const std::string& GrpcLogStore::pseudonym_key() const { return parts_->pseudonym_key; }
const std::array<uint64_t, 3>& GrpcLogStore::open_code_seeds() const {
  return parts_->open_code_seeds;
}
const std::vector<uint64_t>& GrpcLogStore::open_code_keys() const { return parts_->open_code_keys; }
const std::string& GrpcLogStore::log_id() const { return parts_->calls.log_id(); }
const std::string& GrpcLogStore::verifier_key() const { return parts_->verifier_key; }

LogState GrpcLogStore::state() const { return parts_->watcher.state(); }

absl::Status GrpcLogStore::CheckWritable() const {
  TM_RETURN_IF_ERROR(parts_->watcher.connection());
  return LogStore::CheckWritable();
}

void GrpcLogStore::Append(AppendBatch* batch) {
  const auto answer = [batch](AppendResult result) {
    // It may destroy the batch.
    auto done = std::move(batch->done);
    done(std::move(result));
  };
  absl::StatusOr<std::vector<std::string>> rows = std::vector<std::string>();
  if (!batch->rows.empty()) rows = EncodeRows(batch->rows);
  if (!rows.ok()) return answer({.status = rows.status()});
  pb::AppendRequest request;
  request.set_principal(batch->principal);
  ToProto(batch->stamp, request.mutable_stamp());
  for (std::string& block : *rows) request.add_blocks(std::move(block));
  for (const ledger::SourceDay& day : batch->source_days) ToProto(day, request.add_source_days());
  request.set_dry_run(batch->dry_run);
  request.set_want_leaf_hashes(batch->want_leaf_hashes);
  const bool started = parts_->calls.Start<pb::AppendRequest, pb::AppendResponse>(
      &AsyncStub::Append, std::move(request),
      [this, batch, answer](const grpc::Status& status, const pb::AppendResponse& response) {
        if (status.ok()) parts_->watcher.Heard(response.state());
        answer(parts_->ResultOf(*batch, status, response));
      });
  if (!started) answer({.status = Stopping()});
}

void GrpcLogStore::MarkCatalog(const CatalogStamp& stamp) {
  pb::MarkCatalogRequest request;
  ToProto(stamp, request.mutable_stamp());
  parts_->calls.Start<pb::MarkCatalogRequest, pb::MarkCatalogResponse>(
      &AsyncStub::MarkCatalog, std::move(request),
      [](const grpc::Status&, const pb::MarkCatalogResponse&) {});
}

void GrpcLogStore::CountRefused(std::vector<RefusedCount> counts) {
  pb::CountRefusedRequest request;
  for (const RefusedCount& count : counts) ToMessage(count, request.add_counts());
  parts_->calls.Start<pb::CountRefusedRequest, pb::CountRefusedResponse>(
      &AsyncStub::CountRefused, std::move(request),
      [](const grpc::Status&, const pb::CountRefusedResponse&) {});
}

void GrpcLogStore::ReadStatement(std::string source, int32_t day, absl::TimeZone zone,
                                 absl::AnyInvocable<void(absl::StatusOr<Statement>)> done) {
  pb::ReadStatementRequest request;
  request.set_source(std::move(source));
  request.set_day(day);
  request.set_time_zone(zone.name());
  const auto shared = std::make_shared<decltype(done)>(std::move(done));
  const bool started = parts_->calls.Start<pb::ReadStatementRequest, pb::ReadStatementResponse>(
      &AsyncStub::ReadStatement, std::move(request),
      [shared](const grpc::Status& status, const pb::ReadStatementResponse& response) {
        (*shared)(StatementOf(status, response));
      });
  if (!started) (*shared)(Stopping());
}

void GrpcLogStore::FindEvents(
    std::string source, std::vector<std::string> ids,
    absl::AnyInvocable<void(absl::StatusOr<std::vector<FoundEvent>>)> done) {
  pb::FindEventsRequest request;
  request.set_source(std::move(source));
  for (std::string& id : ids) request.add_ids(std::move(id));
  const auto shared = std::make_shared<decltype(done)>(std::move(done));
  const bool started = parts_->calls.Start<pb::FindEventsRequest, pb::FindEventsResponse>(
      &AsyncStub::FindEvents, std::move(request),
      [shared, asked = static_cast<int>(ids.size())](const grpc::Status& status,
                                                     const pb::FindEventsResponse& response) {
        (*shared)(FoundOf(asked, status, response));
      });
  if (!started) (*shared)(Stopping());
}

absl::Status GrpcLogStore::ReadEvents(std::span<const uint64_t> leaves, const TakeEvent& take) {
  if (leaves.empty()) return absl::OkStatus();
  pb::ReadEventsRequest request;
  request.mutable_leaves()->Add(leaves.begin(), leaves.end());
  TM_ASSIGN_OR_RETURN(const pb::ReadEventsResponse response,
                      parts_->calls.Ask(&Stub::ReadEvents, std::move(request)));
  TM_ASSIGN_OR_RETURN(const std::vector<ledger::Hash> hashes, HashesOf(response.leaf_hashes()));
  TM_ASSIGN_OR_RETURN(
      RowBlocks blocks,
      RowBlocks::Open({response.blocks().begin(), response.blocks().end()}, leaves.size()));
  if (blocks.size() != leaves.size() || hashes.size() != leaves.size() ||
      response.accepted_times_us_size() != static_cast<int>(leaves.size())) {
    return absl::InternalError(absl::StrCat("the owner of the log sent ", blocks.size(),
                                            " events for ", leaves.size(), " leaves"));
  }
  size_t i = 0;
  return blocks.ForEach([&](ledger::EventRecord record) {
    record.accepted_time_us = response.accepted_times_us(static_cast<int>(i));
    take(i, record, hashes[i]);
    ++i;
  });
}

absl::StatusOr<BlockRef> GrpcLogStore::FindBlock(uint64_t leaf) const {
  TM_ASSIGN_OR_RETURN(const BlockCache::Entry block, parts_->Block(leaf));
  return block.ref;
}

absl::Status GrpcLogStore::ReadBlock(const BlockRef& ref, char* out) const {
  TM_ASSIGN_OR_RETURN(const BlockCache::Entry block, parts_->Block(ref.first_leaf));
  if (block.ref.bytes != ref.bytes) {
    return FromOwner(absl::UnavailableError(absl::StrCat(
        "the log was opened again, and the block of leaf ", ref.first_leaf, " is another")));
  }
  std::memcpy(out, block.bytes->data(), ref.bytes);
  return absl::OkStatus();
}

void GrpcLogStore::SetSizeListener(std::function<void()> listener) {
  parts_->watcher.SetListener(std::move(listener));
}

absl::StatusOr<StoredCheckpoint> GrpcLogStore::NewestCheckpoint() {
  TM_ASSIGN_OR_RETURN(
      const pb::GetNewestCheckpointResponse newest,
      parts_->calls.Ask(&Stub::GetNewestCheckpoint, pb::GetNewestCheckpointRequest()));
  TM_ASSIGN_OR_RETURN(const ledger::Hash root, HashOf(newest.root()));
  return StoredCheckpoint{.note = newest.note(),
                          .size = newest.size(),
                          .root = root,
                          .accepted_time_us = newest.accepted_time_us()};
}

absl::StatusOr<std::string> GrpcLogStore::Leaf(uint64_t leaf) {
  pb::GetLeafRequest request;
  request.set_leaf(leaf);
  request.set_want_bytes(true);
  TM_ASSIGN_OR_RETURN(pb::GetLeafResponse answer,
                      parts_->calls.Ask(&Stub::GetLeaf, std::move(request)));
  return std::move(*answer.mutable_bytes());
}

absl::StatusOr<std::vector<ledger::Hash>> GrpcLogStore::InclusionProof(uint64_t leaf,
                                                                       uint64_t size) {
  pb::GetLeafRequest request;
  request.set_leaf(leaf);
  request.set_tree_size(size);
  TM_ASSIGN_OR_RETURN(const pb::GetLeafResponse answer,
                      parts_->calls.Ask(&Stub::GetLeaf, std::move(request)));
  return HashesOf(answer.path());
}

absl::StatusOr<std::vector<ledger::Hash>> GrpcLogStore::ConsistencyProof(uint64_t old_size,
                                                                         uint64_t new_size) {
  pb::GetTreeConsistencyRequest request;
  request.set_old_size(old_size);
  request.set_new_size(new_size);
  TM_ASSIGN_OR_RETURN(const pb::GetTreeConsistencyResponse answer,
                      parts_->calls.Ask(&Stub::GetTreeConsistency, std::move(request)));
  return HashesOf(answer.path());
}

absl::StatusOr<std::string> GrpcLogStore::SourceOf(uint64_t leaf) {
  pb::GetLeafRequest request;
  request.set_leaf(leaf);
  request.set_want_source(true);
  TM_ASSIGN_OR_RETURN(const pb::GetLeafResponse answer,
                      parts_->calls.Ask(&Stub::GetLeaf, std::move(request)));
  return answer.source();
}

}  // namespace tidemark::ingest
