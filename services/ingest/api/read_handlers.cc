#include "services/ingest/api/read_handlers.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/access/rpc_access.h"
#include "clients/cpp/ledger/leaf.h"
#include "common/status/error.h"
#include "common/status/grpc_status.h"
#include "common/status/status_macros.h"
#include "services/ingest/api/event_convert.h"
#include "services/ingest/domain/rejection.h"

namespace tidemark::ingest {
namespace {

constexpr int kMaxIds = 1000;

void SetHash(const ledger::Hash& hash, std::string* out) {
  out->assign(reinterpret_cast<const char*>(hash.data()), hash.size());
}

absl::Status CheckRequest(const v1::BatchGetEventsRequest& request) {
  if (request.source().empty() || request.source().size() > ledger::kMaxIdentityBytes) {
    return status::InvalidArgument("source",
                                   absl::StrCat("want 1 to ", ledger::kMaxIdentityBytes, " bytes"),
                                   "FIELD_REQUIRED");
  }
  if (request.ids_size() < 1 || request.ids_size() > kMaxIds) {
    return status::InvalidArgument(
        "ids", absl::StrCat(request.ids_size(), " ids; want 1 to ", kMaxIds), "OUT_OF_RANGE");
  }
  for (int i = 0; i < request.ids_size(); ++i) {
    if (request.ids(i).size() <= ledger::kMaxIdentityBytes) continue;
    return status::InvalidArgument(
        absl::StrCat("ids[", i, "]"),
        absl::StrCat(request.ids(i).size(), " bytes; want at most ", ledger::kMaxIdentityBytes),
        "TOO_LONG");
  }
  return absl::OkStatus();
}

absl::Status OutsideScope(std::string_view what) {
  return status::WithReason(
      absl::PermissionDeniedError(absl::StrCat(
          what, " is outside the scope of the token; use a token issued for its source")),
      NameOf(Reason::kSourceNotAllowed));
}

}  // namespace

struct ReadHandlers::Lookup {
  std::string source;
  std::vector<std::string> ids;
  std::vector<FoundEvent> found;
  rpc::UnaryReply reply;
};

void ReadHandlers::BatchGetEvents(const rpc::CallContext& call,
                                  const v1::BatchGetEventsRequest& request, rpc::UnaryReply reply) {
  absl::Status status = CheckRequest(request);
  if (status.ok() && !access::MayUseSource(call.caller, call.method, request.source())) {
    status = OutsideScope(absl::StrCat("source: ", Quoted(request.source())));
  }
  if (!status.ok()) return std::move(reply).Fail(status);
  auto lookup = std::make_shared<Lookup>(Lookup{.source = request.source(),
                                                .ids = {request.ids().begin(), request.ids().end()},
                                                .found = {},
                                                .reply = std::move(reply)});
  options_.log->FindEvents(
      lookup->source, lookup->ids, [this, lookup](absl::StatusOr<std::vector<FoundEvent>> found) {
        if (!found.ok()) return std::move(lookup->reply).Fail(found.status());
        lookup->found = *std::move(found);
        // This is the store's thread; reading blocks is for the executor.
        if (options_.executor->TryPost([this, lookup] { ReadFound(lookup); })) return;
        std::move(lookup->reply)
            .Fail(status::WithRetryAfter(
                absl::ResourceExhaustedError("too many reads are waiting; try again later"),
                absl::Milliseconds(100)));
      });
}

void ReadHandlers::ReadFound(const std::shared_ptr<Lookup>& lookup) {
  std::vector<uint64_t> leaves;
  for (const FoundEvent& event : lookup->found) leaves.push_back(event.leaf);
  std::vector<v1::StoredEvent> found(lookup->ids.size());
  std::vector<bool> is_found(lookup->ids.size(), false);
  const absl::Status read = options_.log->ReadEvents(
      leaves, [&](size_t i, const ledger::EventRecord& record, const ledger::Hash& hash) {
        const size_t at = lookup->found[i].position;
        // The index goes by fingerprints: another event may stand there, if hardly ever.
        if (record.id != lookup->ids[at] || record.source != lookup->source) return;
        if (is_found[at] && found[at].event().revision() > record.revision) return;
        is_found[at] = true;
        found[at].Clear();
        ToProto(record, &found[at]);
        v1::Receipt& receipt = *found[at].mutable_receipt();
        receipt.set_log_id(options_.log->log_id());
        receipt.set_leaf(leaves[i]);
        SetHash(hash, receipt.mutable_leaf_hash());
      });
  if (!read.ok()) return std::move(lookup->reply).Fail(read);
  v1::BatchGetEventsResponse response;
  for (size_t i = 0; i < found.size(); ++i) {
    if (is_found[i]) {
      *response.add_events() = std::move(found[i]);
    } else {
      response.add_missing_ids(lookup->ids[i]);
    }
  }
  std::move(lookup->reply).Send(response);
}

absl::Status ReadHandlers::GetCheckpoint(v1::GetCheckpointResponse* response) {
  TM_ASSIGN_OR_RETURN(const StoredCheckpoint newest, options_.log->NewestCheckpoint());
  v1::Checkpoint& checkpoint = *response->mutable_checkpoint();
  checkpoint.set_note(newest.note);
  checkpoint.set_log_size(newest.size);
  SetHash(newest.root, checkpoint.mutable_root_hash());
  checkpoint.set_accepted_time_us(newest.accepted_time_us);
  response->set_verifier_key(options_.log->verifier_key());
  return absl::OkStatus();
}

absl::Status ReadHandlers::GetInclusionProof(const rpc::CallContext& call,
                                             const v1::GetInclusionProofRequest& request,
                                             v1::GetInclusionProofResponse* response) {
  TM_ASSIGN_OR_RETURN(const std::string source, options_.log->SourceOf(request.leaf()));
  if (!access::MayUseSource(call.caller, call.method, source)) {
    return OutsideScope(absl::StrCat("leaf: ", request.leaf()));
  }
  TM_ASSIGN_OR_RETURN(const std::vector<ledger::Hash> path,
                      options_.log->InclusionProof(request.leaf(), request.tree_size()));
  TM_ASSIGN_OR_RETURN(std::string leaf, options_.log->Leaf(request.leaf()));
  SetHash(ledger::LeafHash(leaf), response->mutable_leaf_hash());
  *response->mutable_leaf() = std::move(leaf);
  for (const ledger::Hash& node : path) SetHash(node, response->add_path());
  return absl::OkStatus();
}

absl::Status ReadHandlers::GetConsistencyProof(const v1::GetConsistencyProofRequest& request,
                                               v1::GetConsistencyProofResponse* response) {
  if (request.old_size() == 0) {
    return status::InvalidArgument("old_size", "0; want at least 1", "OUT_OF_RANGE");
  }
  TM_ASSIGN_OR_RETURN(const std::vector<ledger::Hash> path,
                      options_.log->ConsistencyProof(request.old_size(), request.new_size()));
  for (const ledger::Hash& node : path) SetHash(node, response->add_path());
  return absl::OkStatus();
}

absl::Status ReadHandlers::GetLogStatus(v1::GetLogStatusResponse* response) {
  const LogState state = options_.log->state();
  response->set_log_id(options_.log->log_id());
  response->set_log_size(state.size);
  response->set_accepted_time_us(state.accepted_time_us);
  response->set_log_bytes(state.bytes);
  response->set_identities(state.identities);
  response->set_identity_bytes(state.identity_bytes);
  const auto view = options_.views->View();
  response->set_catalog_version(view.ok() ? (*view)->version() : state.marked_version);
  response->set_catalog_reachable(options_.views->reachable());
  const absl::Status writable = options_.log->CheckWritable();
  const absl::Status refusal = writable.ok() ? view.status() : writable;
  if (!refusal.ok()) *response->mutable_refusal() = status::ToRpcStatusProto(refusal);
  response->set_sealed_reason(state.sealed_reason);
  response->set_version(options_.version);
  return absl::OkStatus();
}

}  // namespace tidemark::ingest
