#include "services/catalog/types/programme_step.h"

#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/domain/etag.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/check_programmes.h"
#include "services/catalog/types/document_message.h"
#include "services/catalog/types/programme_life.h"
#include "services/catalog/types/programme_ranking.h"

namespace tidemark::catalog {
namespace {

constexpr std::string_view kMethod = "AdvanceProgramme";
constexpr size_t kReasonBytes = 2'000;

// The round that a step ends by a selection; UNSPECIFIED: it makes none.
v1::AssessmentRound RoundDecidedBy(v1::ProgrammeStage stage) {
  switch (stage) {
    case v1::PROGRAMME_STAGE_DEFENCE:
      return v1::ASSESSMENT_ROUND_ASSESSMENT;
    case v1::PROGRAMME_STAGE_SELECTED:
      return v1::ASSESSMENT_ROUND_DEFENCE;
    default:
      return v1::ASSESSMENT_ROUND_UNSPECIFIED;
  }
}

bool MakesSelection(const v1::AdvanceProgrammeRequest& request) {
  return RoundDecidedBy(request.stage()) != v1::ASSESSMENT_ROUND_UNSPECIFIED;
}

std::string SelectionName(const v1::AdvanceProgrammeRequest& request) {
  return absl::StrCat(CollectionOf(Type::kSelection).name, "/", request.selection_id());
}

absl::Status CheckReason(const std::string& reason) {
  if (reason.empty() || reason.size() > kReasonBytes) {
    return status::InvalidArgument("reason",
                                   absl::StrCat(Bytes(reason.size()), ", want 1 to ", kReasonBytes,
                                                "; say why, or on whose decision"),
                                   "INVALID_REASON");
  }
  if (IsUtf8(reason) && !HasControlCharacterInLines(reason)) return absl::OkStatus();
  return status::InvalidArgument(
      "reason", absl::StrCat(Quoted(reason), " must be UTF-8 without control characters"),
      "INVALID_REASON");
}

absl::Status CheckSelectionFields(const v1::AdvanceProgrammeRequest& request) {
  if (!MakesSelection(request)) {
    if (request.selection_id().empty() && request.ranked_at_version() == 0) {
      return absl::OkStatus();
    }
    return status::InvalidArgument(
        request.selection_id().empty() ? "ranked_at_version" : "selection_id",
        absl::StrCat("the step to ", StageName(request.stage()),
                     " makes no selection; leave it out"),
        "NO_SELECTION");
  }
  if (IsValidId(request.selection_id())) return absl::OkStatus();
  return status::InvalidArgument(
      "selection_id",
      absl::StrCat(
          Quoted(request.selection_id()), ": the step to ", StageName(request.stage()),
          " makes a selection; give it an id of 1 to 63 characters of a-z, 0-9, '.' and '-'"),
      "INVALID_NAME");
}

absl::Status CheckRequest(const v1::AdvanceProgrammeRequest& request) {
  if (!v1::ProgrammeStage_IsValid(request.stage()) ||
      request.stage() <= v1::PROGRAMME_STAGE_DRAFT) {
    return status::InvalidArgument(
        "stage",
        absl::StrCat(static_cast<int>(request.stage()),
                     ", want PROGRAMME_STAGE_OPEN, ASSESSING, DEFENCE, SELECTED, RUNNING, CLOSED "
                     "or CANCELLED"),
        "INVALID_STAGE");
  }
  TM_RETURN_IF_ERROR(CheckReason(request.reason()));
  if (request.etag().empty()) {
    return status::InvalidArgument("etag", "missing; give the etag of the programme as you read it",
                                   "INVALID_ETAG");
  }
  return CheckSelectionFields(request);
}

absl::Status CheckOrder(const ProgrammeState& programme, v1::ProgrammeStage wanted) {
  const v1::ProgrammeStage stage = StageOf(programme.message);
  const auto refused = [&](std::string_view reason, std::string_view what) {
    return status::WithReason(
        absl::FailedPreconditionError(absl::StrCat("stage: ", programme.resource->name,
                                                   " is in stage ", StageName(stage), what)),
        reason);
  };
  if (wanted == stage) return refused("ALREADY_THERE", " already");
  const bool ended = stage == v1::PROGRAMME_STAGE_CLOSED || stage == v1::PROGRAMME_STAGE_CANCELLED;
  if (ended) return refused("STAGE_ORDER", ", which is its end");
  if (wanted == v1::PROGRAMME_STAGE_CANCELLED || wanted == stage + 1) return absl::OkStatus();
  return refused("STAGE_ORDER", absl::StrCat("; from there it can go to ",
                                             StageName(static_cast<v1::ProgrammeStage>(stage + 1)),
                                             " or CANCELLED, not to ", StageName(wanted)));
}

absl::Status CheckFinished(const std::vector<std::string>& unfinished) {
  if (unfinished.empty()) return absl::OkStatus();
  std::string some;
  for (size_t i = 0; i < unfinished.size() && i < 3; ++i) {
    absl::StrAppend(&some, i == 0 ? "" : ", ", unfinished[i]);
  }
  if (unfinished.size() > 3) absl::StrAppend(&some, " and ", unfinished.size() - 3, " more");
  return status::WithReason(absl::FailedPreconditionError(absl::StrCat(
                                "no assessment in a round that counts: ", some,
                                "; assess them, or set their state to REFUSED or WITHDRAWN")),
                            "UNFINISHED_ASSESSMENTS");
}

bool SameRanking(v1::Selection a, v1::Selection b) {
  a.clear_decided_at_version();
  b.clear_decided_at_version();
  return google::protobuf::util::MessageDifferencer::Equals(a, b);
}

// Works one step out, from the version before it.
class Step {
 public:
  Step(const Catalog& catalog, const v1::AdvanceProgrammeRequest& request, type::v1::Role role,
       const Stamp& stamp)
      : catalog_(catalog),
        request_(request),
        role_(role),
        stamp_(stamp),
        decided_at_(stamp.version - 1) {}

  // The programme, the selection if there is one, then the candidacies whose outcome it sets.
  absl::StatusOr<std::vector<WantedState>> Derive() {
    TM_ASSIGN_OR_RETURN(ProgrammeState programme,
                        ReadProgramme(catalog_, request_.programme(), decided_at_));
    TM_RETURN_IF_ERROR(CheckRunHere(programme));
    TM_RETURN_IF_ERROR(CheckOrderAndEtag(programme));
    std::vector<WantedState> wanted(1);
    if (MakesSelection(request_)) TM_RETURN_IF_ERROR(AddSelection(&wanted));
    AddRecord(&programme.message);
    wanted[0].resource = *programme.resource;
    wanted[0].resource.content = DocumentOf(Type::kProgramme, programme.message);
    return wanted;
  }

 private:
  absl::Status CheckOrderAndEtag(const ProgrammeState& programme) const {
    // Who asks for a stage twice learns that it is reached, not that an etag is old.
    if (StageOf(programme.message) != request_.stage()) {
      TM_RETURN_IF_ERROR(
          CheckEtag("etag", programme.resource->name, request_.etag(), programme.resource.get()));
    }
    TM_RETURN_IF_ERROR(CheckOrder(programme, request_.stage()));
    if (request_.stage() == v1::PROGRAMME_STAGE_CANCELLED) return absl::OkStatus();
    const std::string_view missing = MissingForCall(programme.message);
    if (missing.empty()) return absl::OkStatus();
    return status::WithReason(absl::FailedPreconditionError(absl::StrCat(
                                  "programme.", missing, ": missing; ", programme.resource->name,
                                  " needs it before its call is out")),
                              "NO_RULES");
  }

  absl::Status AddSelection(std::vector<WantedState>* wanted) const {
    const std::string name = SelectionName(request_);
    TM_ASSIGN_OR_RETURN(const ResourcePtr used, catalog_.FindAt(name, decided_at_));
    if (used != nullptr) {
      return status::WithReason(absl::AlreadyExistsError(absl::StrCat(
                                    "selection_id: ", name, " exists already; choose another id")),
                                "SELECTION_EXISTS");
    }
    RankingQuery query = {.programme = request_.programme(),
                          .round = RoundDecidedBy(request_.stage()),
                          .version = decided_at_};
    TM_ASSIGN_OR_RETURN(const ProgrammeRanking ranking, RankProgramme(catalog_, query));
    TM_RETURN_IF_ERROR(CheckFinished(ranking.unfinished));
    TM_RETURN_IF_ERROR(CheckAsSeen(ranking, query));
    WantedState& selection = wanted->emplace_back();
    selection.resource.name = name;
    selection.resource.content = DocumentOf(Type::kSelection, ranking.selection);
    return AddOutcomes(ranking.selection, wanted);
  }

  absl::Status CheckAsSeen(const ProgrammeRanking& ranking, RankingQuery query) const {
    if (request_.ranked_at_version() == 0) return absl::OkStatus();
    const auto seen_at = catalog_.ResolveVersion(request_.ranked_at_version());
    if (!seen_at.ok()) return status::Prefixed("ranked_at_version", seen_at.status());
    query.version = *seen_at;
    TM_ASSIGN_OR_RETURN(const ProgrammeRanking seen, RankProgramme(catalog_, query));
    if (SameRanking(seen.selection, ranking.selection)) return absl::OkStatus();
    return status::WithReason(
        absl::AbortedError(absl::StrCat(
            "ranked_at_version: the ranking is another than at version ",
            request_.ranked_at_version(), "; look at the one of version ", decided_at_)),
        "RANKING_CHANGED", {{"version", absl::StrCat(decided_at_)}});
  }

  absl::Status AddOutcomes(const v1::Selection& selection, std::vector<WantedState>* wanted) const {
    for (const v1::RankedCandidacy& ranked : selection.candidacies()) {
      TM_ASSIGN_OR_RETURN(const ResourcePtr resource,
                          catalog_.FindAt(ranked.candidacy(), decided_at_));
      auto candidacy = resource == nullptr ? std::nullopt : MessageIn<v1::Candidacy>(*resource);
      if (!candidacy || candidacy->outcome() == ranked.outcome()) continue;
      candidacy->set_outcome(ranked.outcome());
      WantedState& state = wanted->emplace_back();
      state.resource = *resource;
      state.resource.content = DocumentOf(Type::kCandidacy, *candidacy);
    }
    return absl::OkStatus();
  }

  void AddRecord(v1::Programme* programme) const {
    v1::ProgrammeStep* step = programme->add_steps();
    step->set_from(StageOf(*programme));
    step->set_to(request_.stage());
    step->set_principal(stamp_.principal);
    step->set_role(role_);
    step->set_reason(request_.reason());
    step->set_time_us(stamp_.time_us);
    step->set_decided_at_version(decided_at_);
    if (MakesSelection(request_)) step->set_selection(SelectionName(request_));
    programme->set_stage(request_.stage());
  }

  const Catalog& catalog_;
  const v1::AdvanceProgrammeRequest& request_;
  const type::v1::Role role_;
  const Stamp& stamp_;
  const uint64_t decided_at_;
};

uint32_t CountDecided(const std::vector<Change>& changes) {
  return static_cast<uint32_t>(
      std::count_if(changes.begin(), changes.end(), [](const Change& change) {
        return change.kind != ChangeKind::kNone && change.after->type() == Type::kCandidacy;
      }));
}

// The answer of an earlier attempt, from what its version holds.
absl::StatusOr<StepTaken> Repeat(const Catalog& catalog, const v1::AdvanceProgrammeRequest& request,
                                 uint64_t version) {
  StepTaken taken = {.version = version};
  TM_ASSIGN_OR_RETURN(taken.programme, catalog.Get("programme", request.programme(), version));
  if (!MakesSelection(request)) return taken;
  TM_ASSIGN_OR_RETURN(taken.selection, catalog.FindAt(SelectionName(request), version));
  for (const std::string& name : catalog.Referrers(Type::kCandidacy, request.programme())) {
    TM_ASSIGN_OR_RETURN(const ResourcePtr candidacy, catalog.FindAt(name, version));
    if (candidacy != nullptr && candidacy->version == version) ++taken.decided;
  }
  return taken;
}

}  // namespace

absl::StatusOr<StepTaken> TakeStep(Catalog& catalog, const Attempt& attempt, type::v1::Role role,
                                   const v1::AdvanceProgrammeRequest& request) {
  TM_RETURN_IF_ERROR(CheckRequest(request));
  const auto derive = [&](const Stamp& stamp) {
    return Step(catalog, request, role, stamp).Derive();
  };
  TM_ASSIGN_OR_RETURN(const DerivedResult result,
                      catalog.ApplyDerived(attempt, kMethod, request.dry_run(), derive));
  if (result.changes.empty()) return Repeat(catalog, request, result.version);
  StepTaken taken = {.programme = result.changes[0].after,
                     .decided = CountDecided(result.changes),
                     .version = result.version};
  if (MakesSelection(request)) taken.selection = result.changes[1].after;
  return taken;
}

}  // namespace tidemark::catalog
