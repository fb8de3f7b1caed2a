#include "services/catalog/api/write_handlers.h"

#include "absl/strings/str_cat.h"
#include "clients/cpp/access/token_authorizer.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/api/attempt.h"
#include "services/catalog/api/proto_convert.h"
#include "services/catalog/api/token_secret.h"
#include "services/catalog/api/visibility.h"
#include "services/catalog/domain/canonical.h"
#include "services/catalog/domain/etag.h"
#include "services/catalog/domain/text.h"
#include "tidemark/catalog/v1/catalog_service.pb.h"

namespace tidemark::catalog {
namespace {

constexpr int kMaxApplied = 10'000;
// Below the 4 MiB that gRPC clients accept by default; room for 10,000 changes without states, and
// for the largest change alone.
constexpr size_t kMaxApplyAnswerBytes = size_t{7} << 19;

// A state that a dry run makes up has no etag yet.
bool IsMadeUp(const Change& change, bool dry_run) {
  return dry_run && change.kind != ChangeKind::kNone;
}

std::string FingerprintOf(const std::vector<WantedState>& wanted) {
  Fingerprint fingerprint;
  for (const WantedState& state : wanted) {
    fingerprint.Add(EncodeState(state.resource));
    fingerprint.Add(state.etag);
  }
  return fingerprint.Finish();
}

// Every change without its states, but their etags; then states as long as there is room.
void WriteChanges(const std::vector<Change>& changes, bool dry_run,
                  v1::ApplyResourcesResponse* response) {
  for (const Change& change : changes) {
    Change light = change;
    light.before = light.after = nullptr;
    v1::Change* added = response->add_changes();
    ToProto(light, {}, added);
    if (change.before != nullptr) added->mutable_before()->set_etag(EtagOf(*change.before));
    if (change.after != nullptr) {
      added->mutable_after();
      if (!IsMadeUp(change, dry_run)) added->mutable_after()->set_etag(EtagOf(*change.after));
    }
  }
  size_t bytes = response->ByteSizeLong();
  for (size_t i = 0; i < changes.size(); ++i) {
    v1::Change whole;
    ToProto(changes[i], {.etag = !IsMadeUp(changes[i], dry_run)}, &whole);
    bytes += whole.ByteSizeLong();
    if (bytes > kMaxApplyAnswerBytes) return;
    *response->mutable_changes(static_cast<int>(i)) = std::move(whole);
  }
}

}  // namespace

absl::Status WriteHandlers::Apply(const rpc::CallContext& call,
                                  const v1::ApplyResourcesRequest& request,
                                  v1::ApplyResourcesResponse* response) {
  TM_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  if (request.resources().empty() || request.resources_size() > kMaxApplied) {
    return status::InvalidArgument(
        "resources", absl::StrCat(request.resources_size(), " resources, want 1 to ", kMaxApplied),
        "INVALID_BATCH_SIZE");
  }
  std::vector<WantedState> wanted;
  wanted.reserve(static_cast<size_t>(request.resources_size()));
  for (const v1::Resource& resource : request.resources()) wanted.push_back(FromProto(resource));
  Attempt attempt = {call.caller.principal, request.request_id()};
  if (!attempt.request_id.empty()) attempt.fingerprint = FingerprintOf(wanted);
  TM_ASSIGN_OR_RETURN(const ApplyResult result,
                      catalog_->Apply(attempt, wanted, request.dry_run()));
  response->set_version(result.version);
  WriteChanges(result.changes, request.dry_run(), response);
  return absl::OkStatus();
}

absl::Status WriteHandlers::Delete(const rpc::CallContext& call,
                                   const v1::DeleteResourceRequest& request,
                                   v1::DeleteResourceResponse* response) {
  TM_RETURN_IF_ERROR(CheckMayDelete(call.caller, request.name()));
  TM_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  Fingerprint fingerprint;
  fingerprint.Add(request.name());
  fingerprint.Add(request.etag());
  TM_ASSIGN_OR_RETURN(
      const uint64_t version,
      catalog_->Delete({call.caller.principal, request.request_id(), fingerprint.Finish()},
                       request.name(), request.etag(), MaySeeTokens(call.caller)));
  response->set_version(version);
  return absl::OkStatus();
}

absl::Status WriteHandlers::IssueToken(const rpc::CallContext& call,
                                       const v1::IssueTokenRequest& request,
                                       v1::IssueTokenResponse* response) {
  TM_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  if (!request.has_token()) {
    return status::InvalidArgument("token", "missing; want principal and roles",
                                   "INVALID_RESOURCE");
  }
  Token token = FromProto(request.token());
  Resource described;
  described.name = request.id();
  described.content = token;
  const std::string fingerprint = access::HashSecret(EncodeState(described));
  const std::string& principal = call.caller.principal;
  if (!request.request_id().empty()) {
    const auto earlier = issued_.Find(principal, request.request_id(), clock_->NowMicros());
    if (earlier && earlier->fingerprint != fingerprint) {
      return status::InvalidArgument("request_id",
                                     "was used for another token; take a new one for every token",
                                     "REQUEST_ID_REUSED");
    }
    if (earlier && response->ParseFromString(earlier->answer)) return absl::OkStatus();
  }
  const std::string secret = NewTokenSecret();
  token.secret_hash = access::HashSecret(secret);
  TM_ASSIGN_OR_RETURN(const ResourcePtr resource,
                      catalog_->IssueToken(principal, request.id(), std::move(token)));
  ToProto(*resource, {.secret_hashes = SeesSecretHashes(call.caller)},
          response->mutable_resource());
  response->set_secret(secret);
  if (!request.request_id().empty()) {
    issued_.Add({principal, request.request_id(), fingerprint, response->SerializeAsString(),
                 clock_->NowMicros()});
  }
  return absl::OkStatus();
}

absl::Status WriteHandlers::BindLog(const rpc::CallContext& call, const v1::BindLogRequest& request,
                                    v1::BindLogResponse* response) {
  TM_ASSIGN_OR_RETURN(const uint64_t version,
                      catalog_->BindLog(call.caller.principal, request.log_id()));
  response->set_version(version);
  return absl::OkStatus();
}

}  // namespace tidemark::catalog
