#include "services/ingest/api/log_store_service.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/rpc/raw_unary.h"
#include "common/rpc/request_budget.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/ingest/api/log_store_convert.h"
#include "services/ingest/api/log_store_streams.h"
#include "services/ingest/api/quarantine_handlers.h"
#include "services/ingest/api/remote_append.h"
#include "services/ingest/domain/quarantine_codec.h"
#include "services/ingest/domain/row_blocks.h"
#include "tidemark/internal/v1/log_store.grpc.pb.h"

namespace tidemark::ingest {
namespace {

namespace pb = internal::v1;
using Stub = pb::LogStoreService;
using RawStreams =
    Stub::WithRawCallbackMethod_ListOpenCodes<Stub::WithRawCallbackMethod_WatchLog<Stub::Service>>;
using RawWrites = Stub::WithRawCallbackMethod_DescribeLog<
    Stub::WithRawCallbackMethod_Append<Stub::WithRawCallbackMethod_MarkCatalog<RawStreams>>>;
using RawStatements =
    Stub::WithRawCallbackMethod_CountRefused<Stub::WithRawCallbackMethod_ReadStatement<RawWrites>>;
using RawService = Stub::WithRawCallbackMethod_FindEvents<
    Stub::WithRawCallbackMethod_ReadEvents<Stub::WithRawCallbackMethod_ReadBlock<
        Stub::WithRawCallbackMethod_GetNewestCheckpoint<Stub::WithRawCallbackMethod_GetLeaf<
            Stub::WithRawCallbackMethod_GetTreeConsistency<Stub::WithRawCallbackMethod_AddRejected<
                Stub::WithRawCallbackMethod_AskQuarantine<RawStatements>>>>>>>>;

constexpr size_t kMaxRequestBytes = size_t{1} << 20;

class LogStoreServiceImpl final : public RawService {
 public:
  using Context = grpc::CallbackServerContext;
  using Bytes = grpc::ByteBuffer;

  explicit LogStoreServiceImpl(const LogStoreServiceOptions& o)
      : options_(o),
        budget_(o.max_in_flight_bytes),
        appends_({.log = o.log, .open_codes = o.open_codes, .executor = o.submit_executor}),
        describe_(Method("DescribeLog", o.read_executor)),
        open_codes_(Method("ListOpenCodes", o.read_executor)),
        watch_(Method("WatchLog", o.tail_executor)),
        append_(Method("Append", o.submit_executor, kMaxAppendBytes)),
        count_(Method("CountRefused", o.read_executor, kMaxAppendBytes)),
        statement_(Method("ReadStatement", o.read_executor)),
        mark_(Method("MarkCatalog", o.read_executor)),
        find_(Method("FindEvents", o.read_executor)),
        read_(Method("ReadEvents", o.read_executor)),
        block_(Method("ReadBlock", o.read_executor)),
        checkpoint_(Method("GetNewestCheckpoint", o.read_executor)),
        leaf_(Method("GetLeaf", o.read_executor)),
        consistency_(Method("GetTreeConsistency", o.read_executor)),
        rejected_(Method("AddRejected", o.read_executor)),
        quarantine_(Method("AskQuarantine", o.read_executor, 2 * kMaxRequestBytes)) {}

  grpc::ServerUnaryReactor* DescribeLog(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnary<pb::DescribeLogRequest, pb::DescribeLogResponse>(
        context, in, out, describe_, [this](auto&, auto&, auto* response) {
          response->set_log_id(options_.log->log_id());
          response->set_verifier_key(options_.log->verifier_key());
          response->set_pseudonym_key(options_.pseudonym_key);
          for (const uint64_t seed : options_.open_codes->hash().seeds()) {
            response->add_open_code_seeds(seed);
          }
          ToProto(options_.log->state(), response->mutable_state());
          return absl::OkStatus();
        });
  }
  grpc::ServerWriteReactor<Bytes>* ListOpenCodes(Context* context, const Bytes* in) override {
    return Stream<pb::ListOpenCodesRequest>(
        context, in, open_codes_, [this](auto) { return OpenCodeList(*options_.open_codes); });
  }
  grpc::ServerWriteReactor<Bytes>* WatchLog(Context* context, const Bytes* in) override {
    return Stream<pb::WatchLogRequest>(context, in, watch_, [this](auto waker) {
      return OpenWatch(options_.log, options_.hub, options_.clock, std::move(waker));
    });
  }
  grpc::ServerUnaryReactor* Append(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleRawUnary(context, in, out, append_,
                               [this](auto&, std::string_view request, rpc::UnaryReply reply) {
                                 appends_.Handle(request, std::move(reply));
                               });
  }
  grpc::ServerUnaryReactor* CountRefused(Context* context, const Bytes* in, Bytes* out) override {
    return Unary<pb::CountRefusedRequest, pb::CountRefusedResponse>(
        context, in, out, count_, [this](auto& request, auto*) {
          std::vector<RefusedCount> counts;
          for (const pb::RefusedCount& count : request.counts())
            counts.push_back(FromMessage(count));
          options_.log->CountRefused(std::move(counts));
          return absl::OkStatus();
        });
  }
  grpc::ServerUnaryReactor* ReadStatement(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnaryAsync<pb::ReadStatementRequest>(
        context, in, out, statement_, [this](auto&, auto& request, rpc::UnaryReply reply) {
          ReadStatement(request, std::move(reply));
        });
  }
  grpc::ServerUnaryReactor* MarkCatalog(Context* context, const Bytes* in, Bytes* out) override {
    return Unary<pb::MarkCatalogRequest, pb::MarkCatalogResponse>(
        context, in, out, mark_, [this](auto& request, auto*) {
          options_.log->MarkCatalog(FromProto(request.stamp()));
          return absl::OkStatus();
        });
  }
  grpc::ServerUnaryReactor* FindEvents(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnaryAsync<pb::FindEventsRequest>(
        context, in, out, find_, [this](auto&, auto& request, rpc::UnaryReply reply) {
          FindEvents(request, std::move(reply));
        });
  }
  grpc::ServerUnaryReactor* ReadEvents(Context* context, const Bytes* in, Bytes* out) override {
    return Unary<pb::ReadEventsRequest, pb::ReadEventsResponse>(
        context, in, out, read_,
        [this](auto& request, auto* response) { return ReadEvents(request, response); });
  }
  grpc::ServerUnaryReactor* ReadBlock(Context* context, const Bytes* in, Bytes* out) override {
    return Unary<pb::ReadBlockRequest, pb::ReadBlockResponse>(
        context, in, out, block_,
        [this](auto& request, auto* response) { return ReadBlock(request, response); });
  }
  grpc::ServerUnaryReactor* GetNewestCheckpoint(Context* context, const Bytes* in,
                                                Bytes* out) override {
    return Unary<pb::GetNewestCheckpointRequest, pb::GetNewestCheckpointResponse>(
        context, in, out, checkpoint_, [this](auto&, auto* response) -> absl::Status {
          TM_ASSIGN_OR_RETURN(const StoredCheckpoint newest, options_.log->NewestCheckpoint());
          response->set_note(newest.note);
          response->set_size(newest.size);
          AppendHashes({&newest.root, 1}, response->mutable_root());
          response->set_accepted_time_us(newest.accepted_time_us);
          return absl::OkStatus();
        });
  }
  grpc::ServerUnaryReactor* GetLeaf(Context* context, const Bytes* in, Bytes* out) override {
    return Unary<pb::GetLeafRequest, pb::GetLeafResponse>(
        context, in, out, leaf_,
        [this](auto& request, auto* response) { return GetLeaf(request, response); });
  }
  grpc::ServerUnaryReactor* GetTreeConsistency(Context* context, const Bytes* in,
                                               Bytes* out) override {
    return Unary<pb::GetTreeConsistencyRequest, pb::GetTreeConsistencyResponse>(
        context, in, out, consistency_, [this](auto& request, auto* response) -> absl::Status {
          TM_ASSIGN_OR_RETURN(
              const std::vector<ledger::Hash> path,
              options_.log->ConsistencyProof(request.old_size(), request.new_size()));
          AppendHashes(path, response->mutable_path());
          return absl::OkStatus();
        });
  }
  grpc::ServerUnaryReactor* AddRejected(Context* context, const Bytes* in, Bytes* out) override {
    return Unary<pb::AddRejectedRequest, pb::AddRejectedResponse>(
        context, in, out, rejected_, [this](auto& request, auto*) { return AddRejected(request); });
  }
  grpc::ServerUnaryReactor* AskQuarantine(Context* context, const Bytes* in, Bytes* out) override {
    return rpc::HandleUnaryAsync<pb::AskQuarantineRequest>(
        context, in, out, quarantine_, [this](auto&, auto& request, rpc::UnaryReply reply) {
          AskQuarantine(request, std::move(reply));
        });
  }

 private:
  rpc::MethodOptions Method(std::string_view name, base::Executor* executor,
                            size_t max_bytes = kMaxRequestBytes) {
    return {.name = absl::StrCat("/tidemark.internal.v1.LogStoreService/", name),
            .max_request_bytes = max_bytes,
            .executor = executor,
            .authorizer = options_.authorizer,
            .clock = options_.clock,
            .budget = &budget_,
            .streams = options_.streams};
  }

  // As rpc::HandleUnary and HandleStream, for requests that name the log.
  template <typename Request, typename Response, typename Handler>
  grpc::ServerUnaryReactor* Unary(Context* context, const Bytes* in, Bytes* out,
                                  const rpc::MethodOptions& options, Handler handler) {
    return rpc::HandleUnary<Request, Response>(
        context, in, out, options,
        [this, handler = std::move(handler)](auto&, auto& request, auto* response) -> absl::Status {
          TM_RETURN_IF_ERROR(CheckLogId(*options_.log, request.log_id()));
          return handler(request, response);
        });
  }
  template <typename Request, typename Opener>
  grpc::ServerWriteReactor<Bytes>* Stream(Context* context, const Bytes* in,
                                          const rpc::MethodOptions& options, Opener opener) {
    return rpc::HandleStream<Request>(
        context, in, options,
        [this, opener = std::move(opener)](auto&, auto& request, auto waker)
            -> absl::StatusOr<std::unique_ptr<rpc::StreamSource>> {
          TM_RETURN_IF_ERROR(CheckLogId(*options_.log, request.log_id()));
          return opener(std::move(waker));
        });
  }

  void FindEvents(const pb::FindEventsRequest& request, rpc::UnaryReply reply) {
    const absl::Status checked = CheckLogId(*options_.log, request.log_id());
    if (!checked.ok()) return std::move(reply).Fail(checked);
    options_.log->FindEvents(
        request.source(), {request.ids().begin(), request.ids().end()},
        [ids = request.ids_size(),
         reply = std::move(reply)](absl::StatusOr<std::vector<FoundEvent>> found) mutable {
          if (!found.ok()) return std::move(reply).Fail(found.status());
          pb::FindEventsResponse response;
          response.mutable_leaves()->Resize(ids, ledger::kNoLeaf);
          for (const FoundEvent& event : *found) {
            if (response.leaves(static_cast<int>(event.position)) == ledger::kNoLeaf) {
              response.set_leaves(static_cast<int>(event.position), event.leaf);
            } else {
              response.add_leaves(event.leaf);
              response.add_further_positions(event.position);
            }
          }
          std::move(reply).Send(response);
        });
  }

  void ReadStatement(const pb::ReadStatementRequest& request, rpc::UnaryReply reply) {
    const absl::Status checked = CheckLogId(*options_.log, request.log_id());
    if (!checked.ok()) return std::move(reply).Fail(checked);
    absl::TimeZone zone;
    if (!absl::LoadTimeZone(request.time_zone(), &zone)) {
      return std::move(reply).Fail(absl::FailedPreconditionError(
          absl::StrCat("time_zone: this host does not know \"", request.time_zone(),
                       "\"; install its time zone data")));
    }
    options_.log->ReadStatement(
        request.source(), request.day(), zone,
        [reply = std::move(reply)](absl::StatusOr<Statement> statement) mutable {
          if (!statement.ok()) return std::move(reply).Fail(statement.status());
          pb::ReadStatementResponse response;
          const absl::Status told = ToProto(*statement, &response);
          if (!told.ok()) return std::move(reply).Fail(told);
          std::move(reply).Send(response);
        });
  }

  absl::Status ReadEvents(const pb::ReadEventsRequest& request, pb::ReadEventsResponse* response) {
    const std::vector<uint64_t> leaves(request.leaves().begin(), request.leaves().end());
    std::vector<std::string> blocks(leaves.size());
    std::vector<ledger::Hash> hashes(leaves.size());
    response->mutable_accepted_times_us()->Resize(static_cast<int>(leaves.size()), 0);
    absl::Status encoded;
    // One block each: a record's texts are gone when the store goes to the next.
    TM_RETURN_IF_ERROR(options_.log->ReadEvents(
        leaves, [&](size_t i, const ledger::EventRecord& record, const ledger::Hash& hash) {
          absl::StatusOr<std::string> block = EncodeRecord(record);
          if (!block.ok()) {
            encoded.Update(block.status());
            return;
          }
          blocks[i] = *std::move(block);
          hashes[i] = hash;
          response->set_accepted_times_us(static_cast<int>(i), record.accepted_time_us);
        }));
    TM_RETURN_IF_ERROR(encoded);
    for (std::string& block : blocks) response->add_blocks(std::move(block));
    AppendHashes(hashes, response->mutable_leaf_hashes());
    return absl::OkStatus();
  }

  absl::Status ReadBlock(const pb::ReadBlockRequest& request, pb::ReadBlockResponse* response) {
    TM_ASSIGN_OR_RETURN(const BlockRef ref, options_.log->FindBlock(request.leaf()));
    response->set_first_leaf(ref.first_leaf);
    response->set_record_count(ref.record_count);
    response->set_opened_us(options_.log->state().opened_us);
    response->mutable_data()->resize(ref.bytes);
    return options_.log->ReadBlock(ref, response->mutable_data()->data());
  }

  absl::Status GetLeaf(const pb::GetLeafRequest& request, pb::GetLeafResponse* response) {
    if (request.want_source()) {
      TM_ASSIGN_OR_RETURN(*response->mutable_source(), options_.log->SourceOf(request.leaf()));
    }
    if (request.has_tree_size()) {
      TM_ASSIGN_OR_RETURN(const std::vector<ledger::Hash> path,
                          options_.log->InclusionProof(request.leaf(), request.tree_size()));
      AppendHashes(path, response->mutable_path());
    }
    if (request.want_bytes()) {
      TM_ASSIGN_OR_RETURN(*response->mutable_bytes(), options_.log->Leaf(request.leaf()));
    }
    return absl::OkStatus();
  }

  static absl::Status NoQuarantine() {
    return absl::UnimplementedError("this owner of a log keeps no quarantine");
  }

  absl::Status AddRejected(const pb::AddRejectedRequest& request) {
    if (options_.quarantine == nullptr) return NoQuarantine();
    std::vector<QuarantineEntry> entries(static_cast<size_t>(request.entries_size()));
    for (int i = 0; i < request.entries_size(); ++i) {
      if (DecodeEntry(request.entries(i), &entries[static_cast<size_t>(i)])) continue;
      return status::InvalidArgument(absl::StrCat("entries[", i, "]"), "is no quarantine entry",
                                     "BAD_ENTRY");
    }
    std::vector<QuarantineDrop> drops;
    for (const pb::RejectedDrop& drop : request.drops()) {
      drops.push_back({drop.source(), drop.events()});
    }
    options_.quarantine->Add(std::move(entries), std::move(drops));
    return absl::OkStatus();
  }

  void AskQuarantine(const pb::AskQuarantineRequest& request, rpc::UnaryReply reply) {
    absl::Status status = CheckLogId(*options_.log, request.log_id());
    if (options_.quarantine_handlers == nullptr) status.Update(NoQuarantine());
    if (!status.ok()) return std::move(reply).Fail(status);
    const rpc::Caller caller = {.principal = request.principal(),
                                .roles = request.roles(),
                                .sources = {request.sources().begin(), request.sources().end()}};
    const auto shared = std::make_shared<rpc::UnaryReply>(std::move(reply));
    options_.quarantine_handlers->Handle(
        caller, request.method(), request.request(),
        [shared](size_t bytes) { return shared->Recharge(bytes); },
        [shared](absl::StatusOr<std::string> answer) {
          if (!answer.ok()) return std::move(*shared).Fail(answer.status());
          pb::AskQuarantineResponse response;
          response.set_response(*std::move(answer));
          std::move(*shared).Send(response);
        });
  }

  const LogStoreServiceOptions options_;
  rpc::RequestBudget budget_;
  RemoteAppend appends_;
  const rpc::MethodOptions describe_;
  const rpc::MethodOptions open_codes_;
  const rpc::MethodOptions watch_;
  const rpc::MethodOptions append_;
  const rpc::MethodOptions count_;
  const rpc::MethodOptions statement_;
  const rpc::MethodOptions mark_;
  const rpc::MethodOptions find_;
  const rpc::MethodOptions read_;
  const rpc::MethodOptions block_;
  const rpc::MethodOptions checkpoint_;
  const rpc::MethodOptions leaf_;
  const rpc::MethodOptions consistency_;
  const rpc::MethodOptions rejected_;
  const rpc::MethodOptions quarantine_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewLogStoreService(const LogStoreServiceOptions& options) {
  return std::make_unique<LogStoreServiceImpl>(options);
}

}  // namespace tidemark::ingest
