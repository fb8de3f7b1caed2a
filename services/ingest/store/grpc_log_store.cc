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
#include "services/ingest/store/owner_messages.h"
#include "services/ingest/store/owner_watcher.h"
#include "tidemark/internal/v1/log_store.grpc.pb.h"

namespace tidemark::ingest {
namespace {

namespace pb = internal::v1;
using Stub = pb::LogStoreService::Stub;

absl::Status Stopping() {
  return absl::UnavailableError("the ingest service is shutting down; send the batch again");
}

}  // namespace

struct GrpcLogStore::Parts {
  explicit Parts(Options o)
      : options(std::move(o)),
        stub(pb::LogStoreService::NewStub(options.channel)),
        watcher({.stub = stub.get(), .token = options.token, .retry = options.retry}),
        blocks(options.block_cache_bytes) {}

  // Makes a call and waits for its answer.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                                const Request& request) const;
  // As above, of a request that names the log.
  template <typename Request, typename Response>
  absl::StatusOr<Response> Ask(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                                            Response*),
                               Request request) const {
    request.set_log_id(log_id);
    return Call(method, request);
  }

  absl::Status Describe();
  // Describe, again and again while the owner starts.
  absl::Status AwaitOwner();
  absl::Status LoadOpenCodes();
  std::string_view Intern(std::string_view text);
  // False: stopping. Every true is followed by one Leave.
  bool Enter();
  void Leave();
  absl::StatusOr<BlockCache::Entry> Block(uint64_t leaf);

  const Options options;
  const std::unique_ptr<Stub> stub;
  std::string log_id;
  std::string verifier_key;
  std::string pseudonym_key;
  std::array<uint64_t, 3> open_code_seeds = {};
  std::vector<uint64_t> open_code_keys;
  OwnerWatcher watcher;
  BlockCache blocks;

  mutable base::Mutex mutex;
  base::CondVar changed;
  // Names of fields, of which there are few.
  std::set<std::string, std::less<>> texts ABSL_GUARDED_BY(mutex);
  size_t under_way ABSL_GUARDED_BY(mutex) = 0;
  bool stopping ABSL_GUARDED_BY(mutex) = false;
};

template <typename Request, typename Response>
absl::StatusOr<Response> GrpcLogStore::Parts::Call(
    grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
    const Request& request) const {
  grpc::ClientContext context;
  rpc::PrepareCall(&context, options.token, options.call_timeout);
  Response response;
  const grpc::Status status = (stub.get()->*method)(&context, request, &response);
  if (!status.ok()) return FromOwner(status::FromGrpcStatus(status));
  return response;
}

absl::Status GrpcLogStore::Parts::Describe() {
  grpc::ClientContext context;
  rpc::PrepareCall(&context, options.token, options.connect_timeout);
  context.set_wait_for_ready(true);
  pb::DescribeLogResponse described;
  const grpc::Status status = stub->DescribeLog(&context, {}, &described);
  if (!status.ok()) return FromOwner(status::FromGrpcStatus(status));
  log_id = described.log_id();
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
  request.set_log_id(log_id);
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

bool GrpcLogStore::Parts::Enter() {
  base::MutexLock lock(mutex);
  if (stopping) return false;
  ++under_way;
  return true;
}

void GrpcLogStore::Parts::Leave() {
  base::MutexLock lock(mutex);
  if (--under_way == 0) changed.NotifyAll();
}

absl::StatusOr<BlockCache::Entry> GrpcLogStore::Parts::Block(uint64_t leaf) {
  if (auto cached = blocks.Find(leaf); cached.has_value()) return *std::move(cached);
  pb::ReadBlockRequest request;
  request.set_leaf(leaf);
  TM_ASSIGN_OR_RETURN(pb::ReadBlockResponse response, Ask(&Stub::ReadBlock, std::move(request)));
  BlockCache::Entry entry{
      .ref = {.first_leaf = response.first_leaf(),
              .record_count = response.record_count(),
              .bytes = static_cast<uint32_t>(response.data().size())},
      .bytes = std::make_shared<const std::string>(std::move(*response.mutable_data()))};
  blocks.Put(entry);
  return entry;
}

absl::StatusOr<std::unique_ptr<GrpcLogStore>> GrpcLogStore::Open(Options options) {
  auto parts = std::make_unique<Parts>(std::move(options));
  TM_RETURN_IF_ERROR(parts->AwaitOwner());
  TM_RETURN_IF_ERROR(parts->LoadOpenCodes());
  parts->watcher.Start(parts->log_id);
  return std::unique_ptr<GrpcLogStore>(new GrpcLogStore(std::move(parts)));
}

GrpcLogStore::GrpcLogStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
GrpcLogStore::~GrpcLogStore() { Stop(); }

void GrpcLogStore::Stop() {
  {
    base::MutexLock lock(parts_->mutex);
    parts_->stopping = true;
    while (parts_->under_way > 0) parts_->changed.Wait(parts_->mutex);
  }
  parts_->watcher.Stop();
}

absl::Status GrpcLogStore::connection() const { return parts_->watcher.connection(); }
const std::string& GrpcLogStore::pseudonym_key() const { return parts_->pseudonym_key; }
const std::array<uint64_t, 3>& GrpcLogStore::open_code_seeds() const {
  return parts_->open_code_seeds;
}
const std::vector<uint64_t>& GrpcLogStore::open_code_keys() const { return parts_->open_code_keys; }
const std::string& GrpcLogStore::log_id() const { return parts_->log_id; }
const std::string& GrpcLogStore::verifier_key() const { return parts_->verifier_key; }

LogState GrpcLogStore::state() const { return parts_->watcher.state(); }

void GrpcLogStore::Append(AppendBatch* batch) {
  struct Pending {
    grpc::ClientContext context;
    pb::AppendRequest request;
    pb::AppendResponse response;
  };
  const auto answer = [](AppendBatch* answered, AppendResult result) {
    // It may destroy the batch.
    auto done = std::move(answered->done);
    done(std::move(result));
  };
  absl::StatusOr<std::vector<std::string>> rows = std::vector<std::string>();
  if (!batch->rows.empty()) rows = EncodeRows(batch->rows);
  if (!rows.ok()) return answer(batch, {.status = rows.status()});
  if (!parts_->Enter()) return answer(batch, {.status = Stopping()});
  auto pending = std::make_shared<Pending>();
  pb::AppendRequest& request = pending->request;
  request.set_log_id(parts_->log_id);
  request.set_principal(batch->principal);
  ToProto(batch->stamp, request.mutable_stamp());
  for (std::string& block : *rows) request.add_blocks(std::move(block));
  for (const ledger::SourceDay& day : batch->source_days) ToProto(day, request.add_source_days());
  request.set_dry_run(batch->dry_run);
  request.set_want_leaf_hashes(batch->want_leaf_hashes);
  rpc::PrepareCall(&pending->context, parts_->options.token, parts_->options.call_timeout);
  parts_->stub->async()->Append(
      &pending->context, &request, &pending->response,
      [this, batch, pending, answer](const grpc::Status& status) {
        AppendResult result;
        if (status.ok()) {
          auto answered = FromProto(pending->response,
                                    [this](std::string_view text) { return parts_->Intern(text); });
          if (answered.ok()) {
            result = *std::move(answered);
          } else {
            result.status = answered.status();
          }
          // An owner that does not know the field has left it out.
          if (result.status.ok() && result.source_day_leaves.size() != batch->source_days.size()) {
            result.status = OwnerTooOld("close days");
          }
          parts_->watcher.Heard(pending->response.state());
        } else {
          result.status = FromOwner(status::FromGrpcStatus(status));
          // It misses the events.
          if (batch->rows.empty() && absl::IsInternal(result.status)) {
            result.status = OwnerTooOld("close days");
          }
        }
        answer(batch, std::move(result));
        parts_->Leave();
      });
}

void GrpcLogStore::MarkCatalog(const CatalogStamp& stamp) {
  struct Pending {
    grpc::ClientContext context;
    pb::MarkCatalogRequest request;
    pb::MarkCatalogResponse response;
  };
  if (!parts_->Enter()) return;
  auto pending = std::make_shared<Pending>();
  pending->request.set_log_id(parts_->log_id);
  ToProto(stamp, pending->request.mutable_stamp());
  rpc::PrepareCall(&pending->context, parts_->options.token, parts_->options.call_timeout);
  parts_->stub->async()->MarkCatalog(
      &pending->context, &pending->request, &pending->response,
      [parts = parts_.get(), pending](const grpc::Status&) { parts->Leave(); });
}

void GrpcLogStore::CountRefused(std::vector<RefusedCount> counts) {
  struct Pending {
    grpc::ClientContext context;
    pb::CountRefusedRequest request;
    pb::CountRefusedResponse response;
  };
  if (!parts_->Enter()) return;
  auto pending = std::make_shared<Pending>();
  pending->request.set_log_id(parts_->log_id);
  for (const RefusedCount& count : counts) ToMessage(count, pending->request.add_counts());
  rpc::PrepareCall(&pending->context, parts_->options.token, parts_->options.call_timeout);
  parts_->stub->async()->CountRefused(
      &pending->context, &pending->request, &pending->response,
      [parts = parts_.get(), pending](const grpc::Status&) { parts->Leave(); });
}

void GrpcLogStore::ReadStatement(std::string source, int32_t day, absl::TimeZone zone,
                                 absl::AnyInvocable<void(absl::StatusOr<Statement>)> done) {
  struct Pending {
    grpc::ClientContext context;
    pb::ReadStatementRequest request;
    pb::ReadStatementResponse response;
    absl::AnyInvocable<void(absl::StatusOr<Statement>)> done;
  };
  if (!parts_->Enter()) return done(Stopping());
  auto pending = std::make_shared<Pending>();
  pending->request.set_log_id(parts_->log_id);
  pending->request.set_source(std::move(source));
  pending->request.set_day(day);
  pending->request.set_time_zone(zone.name());
  pending->done = std::move(done);
  rpc::PrepareCall(&pending->context, parts_->options.token, parts_->options.call_timeout);
  parts_->stub->async()->ReadStatement(
      &pending->context, &pending->request, &pending->response,
      [parts = parts_.get(), pending](const grpc::Status& status) {
        // Of an earlier release: it is an owner, or this front would not have started.
        if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED) {
          pending->done(OwnerTooOld("make statements"));
        } else if (!status.ok()) {
          pending->done(FromOwner(status::FromGrpcStatus(status)));
        } else if (!pending->response.has_standing()) {
          pending->done(OwnerTooOld("say what stands of a day"));
        } else {
          pending->done(FromProto(pending->response));
        }
        parts->Leave();
      });
}

void GrpcLogStore::FindEvents(
    std::string source, std::vector<std::string> ids,
    absl::AnyInvocable<void(absl::StatusOr<std::vector<FoundEvent>>)> done) {
  struct Pending {
    grpc::ClientContext context;
    pb::FindEventsRequest request;
    pb::FindEventsResponse response;
    absl::AnyInvocable<void(absl::StatusOr<std::vector<FoundEvent>>)> done;
  };
  if (!parts_->Enter()) return done(Stopping());
  auto pending = std::make_shared<Pending>();
  pending->request.set_log_id(parts_->log_id);
  pending->request.set_source(std::move(source));
  for (std::string& id : ids) pending->request.add_ids(std::move(id));
  pending->done = std::move(done);
  rpc::PrepareCall(&pending->context, parts_->options.token, parts_->options.call_timeout);
  parts_->stub->async()->FindEvents(
      &pending->context, &pending->request, &pending->response,
      [parts = parts_.get(), pending](const grpc::Status& status) {
        const auto& leaves = pending->response.leaves();
        if (!status.ok()) {
          pending->done(FromOwner(status::FromGrpcStatus(status)));
        } else if (leaves.size() !=
                   pending->request.ids_size() + pending->response.further_positions_size()) {
          pending->done(absl::InternalError(absl::StrCat("the owner of the log sent ",
                                                         leaves.size(), " leaves for ",
                                                         pending->request.ids_size(), " ids")));
        } else {
          std::vector<FoundEvent> found;
          for (int i = 0; i < leaves.size(); ++i) {
            const int further = i - pending->request.ids_size();
            const uint32_t position = further < 0 ? static_cast<uint32_t>(i)
                                                  : pending->response.further_positions(further);
            if (leaves[i] != ledger::kNoLeaf) found.push_back({position, leaves[i]});
          }
          pending->done(std::move(found));
        }
        parts->Leave();
      });
}

absl::Status GrpcLogStore::ReadEvents(std::span<const uint64_t> leaves, const TakeEvent& take) {
  if (leaves.empty()) return absl::OkStatus();
  pb::ReadEventsRequest request;
  request.mutable_leaves()->Add(leaves.begin(), leaves.end());
  TM_ASSIGN_OR_RETURN(const pb::ReadEventsResponse response,
                      parts_->Ask(&Stub::ReadEvents, std::move(request)));
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
    return absl::InternalError(absl::StrCat("the block of leaf ", ref.first_leaf, " changed"));
  }
  std::memcpy(out, block.bytes->data(), ref.bytes);
  return absl::OkStatus();
}

void GrpcLogStore::SetSizeListener(std::function<void()> listener) {
  parts_->watcher.SetListener(std::move(listener));
}

absl::StatusOr<StoredCheckpoint> GrpcLogStore::NewestCheckpoint() {
  TM_ASSIGN_OR_RETURN(const pb::GetNewestCheckpointResponse newest,
                      parts_->Ask(&Stub::GetNewestCheckpoint, pb::GetNewestCheckpointRequest()));
  TM_ASSIGN_OR_RETURN(const ledger::Hash root, HashOf(newest.root()));
  return StoredCheckpoint{.note = newest.note(),
                          .size = newest.size(),
                          .root = root,
                          .accepted_time_us = newest.accepted_time_us()};
}

absl::StatusOr<ledger::Hash> GrpcLogStore::LeafHash(uint64_t leaf) {
  pb::GetLeafRequest request;
  request.set_leaf(leaf);
  request.set_want_hash(true);
  TM_ASSIGN_OR_RETURN(const pb::GetLeafResponse answer,
                      parts_->Ask(&Stub::GetLeaf, std::move(request)));
  return HashOf(answer.hash());
}

absl::StatusOr<std::vector<ledger::Hash>> GrpcLogStore::InclusionProof(uint64_t leaf,
                                                                       uint64_t size) {
  pb::GetLeafRequest request;
  request.set_leaf(leaf);
  request.set_tree_size(size);
  TM_ASSIGN_OR_RETURN(const pb::GetLeafResponse answer,
                      parts_->Ask(&Stub::GetLeaf, std::move(request)));
  return HashesOf(answer.path());
}

absl::StatusOr<std::vector<ledger::Hash>> GrpcLogStore::ConsistencyProof(uint64_t old_size,
                                                                         uint64_t new_size) {
  pb::GetTreeConsistencyRequest request;
  request.set_old_size(old_size);
  request.set_new_size(new_size);
  TM_ASSIGN_OR_RETURN(const pb::GetTreeConsistencyResponse answer,
                      parts_->Ask(&Stub::GetTreeConsistency, std::move(request)));
  return HashesOf(answer.path());
}

absl::StatusOr<std::string> GrpcLogStore::SourceOf(uint64_t leaf) {
  pb::GetLeafRequest request;
  request.set_leaf(leaf);
  request.set_want_source(true);
  TM_ASSIGN_OR_RETURN(const pb::GetLeafResponse answer,
                      parts_->Ask(&Stub::GetLeaf, std::move(request)));
  return answer.source();
}

}  // namespace tidemark::ingest
