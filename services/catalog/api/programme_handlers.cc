#include "services/catalog/api/programme_handlers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "clients/cpp/access/rpc_access.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/api/attempt.h"
#include "services/catalog/api/proto_convert.h"
#include "services/catalog/types/programme_ranking.h"
#include "services/catalog/types/programme_step.h"
#include "tidemark/catalog/v1/catalog_service.pb.h"

namespace tidemark::catalog {
namespace {

constexpr int kMaxExplained = 100;
constexpr size_t kMaxUnfinished = 1'000;

// The narrower of the roles that let the caller in.
type::v1::Role RoleOf(const rpc::Caller& caller) {
  return access::HasRole(caller, access::Role::kSteward) ? type::v1::ROLE_STEWARD
                                                         : type::v1::ROLE_ADMIN;
}

}  // namespace

absl::Status ProgrammeHandlers::Rank(const rpc::CallContext& call,
                                     const v1::RankCandidaciesRequest& request,
                                     v1::RankCandidaciesResponse* response) const {
  if (request.explain_size() > kMaxExplained) {
    return status::InvalidArgument(
        "explain", absl::StrCat(request.explain_size(), " names, want at most ", kMaxExplained),
        "INVALID_BATCH_SIZE");
  }
  RankingQuery query = {.programme = request.programme(),
                        .round = request.round(),
                        .explain = {request.explain().begin(), request.explain().end()},
                        .cancelled = [&call] { return call.cancelled(); }};
  TM_ASSIGN_OR_RETURN(query.version, catalog_->ResolveVersion(request.version()));
  TM_ASSIGN_OR_RETURN(ProgrammeRanking ranking, RankProgramme(*catalog_, query));
  *response->mutable_selection() = std::move(ranking.selection);
  const size_t shown = std::min(ranking.unfinished.size(), kMaxUnfinished);
  for (size_t i = 0; i < shown; ++i) {
    response->add_unfinished(std::move(ranking.unfinished[i]));
  }
  response->set_version(query.version);
  return absl::OkStatus();
}

absl::Status ProgrammeHandlers::Advance(const rpc::CallContext& call,
                                        const v1::AdvanceProgrammeRequest& request,
                                        v1::AdvanceProgrammeResponse* response) const {
  TM_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  Fingerprint fingerprint;
  for (const std::string& text :
       {request.programme(), request.reason(), request.etag(), request.selection_id(),
        absl::StrCat(request.stage()), absl::StrCat(request.ranked_at_version())}) {
    fingerprint.Add(text);
  }
  const Attempt attempt = {call.caller.principal, request.request_id(), fingerprint.Finish()};
  TM_ASSIGN_OR_RETURN(const StepTaken taken,
                      TakeStep(*catalog_, attempt, RoleOf(call.caller), request));
  const Show show = {.etag = !request.dry_run()};
  ToProto(*taken.programme, show, response->mutable_programme());
  if (taken.selection != nullptr) {
    ToProto(*taken.selection, show, response->mutable_selection());
  }
  response->set_decided(taken.decided);
  response->set_version(taken.version);
  return absl::OkStatus();
}

}  // namespace tidemark::catalog
