#include "services/catalog/types/programme_life.h"

#include <span>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/enum_word.h"
#include "services/catalog/domain/decimal.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/check_programmes.h"
#include "services/catalog/types/document_message.h"
#include "services/catalog/types/field_walk.h"
#include "services/catalog/types/programme_notes.h"

namespace tidemark::catalog {
namespace {

using google::protobuf::Message;

constexpr std::string_view kStageReason = "PROGRAMME_STAGE";

// What the outcome follows from.
constexpr int kFixedFromOpen[] = {
    v1::Programme::kSubmissionsFieldNumber,   v1::Programme::kEligibilityFieldNumber,
    v1::Programme::kCriteriaFieldNumber,      v1::Programme::kMaxScoreFieldNumber,
    v1::Programme::kShortlistRuleFieldNumber, v1::Programme::kSelectionRuleFieldNumber};

constexpr int kPlanOfCandidacy[] = {
    v1::Candidacy::kContentsFieldNumber, v1::Candidacy::kDeclaredContentsFieldNumber,
    v1::Candidacy::kDeclaredProjectsFieldNumber, v1::Candidacy::kActorsFieldNumber};
constexpr int kCaseOfCandidacy[] = {v1::Candidacy::kApplicantFieldNumber,
                                    v1::Candidacy::kSubmittedFieldNumber};
constexpr int kStateOfCandidacy[] = {v1::Candidacy::kStateFieldNumber};

bool SameNumbered(const Message& before, const Message& after, int number) {
  return SameField(before, after, *before.GetDescriptor()->FindFieldByNumber(number));
}

// Reports the fields that differ though they cannot change in the stage.
void CheckKept(const Message& before, const Message& after, std::span<const int> numbers,
               std::string_view why, Report& report) {
  for (const int number : numbers) {
    if (SameNumbered(before, after, number)) continue;
    report.AddTyped(before.GetDescriptor()->FindFieldByNumber(number)->name(), why, kStageReason);
  }
}

bool IsOpenOrLater(const v1::Programme& programme) {
  return StageOf(programme) != v1::PROGRAMME_STAGE_DRAFT;
}

// "programmes/x is in stage OPEN"
std::string Where(const std::string& name, const v1::Programme& programme) {
  return absl::StrCat(name, " is in stage ", StageName(programme.stage()));
}

// Ids of its contents are not those of a candidacy either.
void CheckContents(const Resource& resource, const ProgrammeNotes::Programme& programme,
                   const ResourceLookup& after, Report& report) {
  after.ForEachReferrer(Type::kCandidacy, resource.name, [&](const Resource& other) {
    const auto candidacy = MessageIn<v1::Candidacy>(other);
    if (!candidacy) return;
    for (const v1::ProgrammeContent& content : candidacy->contents()) {
      if (!programme.contents.contains(content.id())) continue;
      report.AddTyped("contents",
                      absl::StrCat(Quoted(content.id()), " is the id of a content of ", other.name,
                                   " already; choose another"),
                      "DUPLICATE");
    }
  });
}

void CheckProgramme(const Resource& resource, const ProgrammeNotes::Programme& programme,
                    const ResourceLookup& after, Report& report) {
  const v1::Programme& message = programme.message;
  const Resource* stored = after.FindStored(resource.name);
  const auto before = stored == nullptr ? std::nullopt : MessageIn<v1::Programme>(*stored);
  if (before && !SameNumbered(*before, message, v1::Programme::kContentsFieldNumber)) {
    CheckContents(resource, programme, after, report);
  }
  if (message.recorded()) return;
  if (before && IsOpenOrLater(*before)) {
    CheckKept(*before, message, kFixedFromOpen,
              absl::StrCat("cannot change any more: ", Where(resource.name, *before),
                           ", and the outcome follows from it; cancel the programme and apply "
                           "another"),
              report);
  }
  if (!IsOpenOrLater(message) || message.stage() == v1::PROGRAMME_STAGE_CANCELLED) return;
  if (const std::string_view missing = MissingForCall(message); !missing.empty()) {
    report.AddTyped(missing, "missing; a programme that is not a draft needs it", "NO_RULES");
  }
}

void CheckCandidacyStage(const v1::Candidacy& candidacy, const std::optional<v1::Candidacy>& before,
                         const v1::Programme& programme, Report& report) {
  const v1::ProgrammeStage stage = StageOf(programme);
  if (stage == v1::PROGRAMME_STAGE_OPEN) return;
  const std::string where = Where(candidacy.programme(), programme);
  if (!before) {
    return report.AddTyped("programme",
                           absl::StrCat(where, "; candidacies are written while it is OPEN"),
                           kStageReason);
  }
  const std::string why = absl::StrCat("cannot change now: ", where);
  CheckKept(*before, candidacy, kCaseOfCandidacy, why, report);
  if (stage != v1::PROGRAMME_STAGE_ASSESSING && stage != v1::PROGRAMME_STAGE_DEFENCE) {
    CheckKept(*before, candidacy, kStateOfCandidacy, why, report);
  }
  if (stage != v1::PROGRAMME_STAGE_RUNNING) {
    CheckKept(*before, candidacy, kPlanOfCandidacy, why, report);
  }
}

void CheckCandidacy(const Resource& resource, const v1::Candidacy& candidacy,
                    const ResourceLookup& after, Report& report) {
  ProgrammeNotes& notes = after.notes().Of<ProgrammeNotes>();
  const auto* programme = notes.FindProgramme(candidacy.programme(), after);
  if (programme == nullptr) return;
  const Resource* stored = after.FindStored(resource.name);
  if (!programme->message.recorded()) {
    CheckCandidacyStage(candidacy,
                        stored == nullptr ? std::nullopt : MessageIn<v1::Candidacy>(*stored),
                        programme->message, report);
    if (!candidacy.has_submitted()) {
      report.AddTyped("submitted", "missing; give the day on which it was handed in");
    }
  }
  for (int i = 0; i < candidacy.contents_size(); ++i) {
    if (!programme->contents.contains(candidacy.contents(i).id())) continue;
    report.AddTyped(absl::StrCat("contents[", i, "].id"),
                    absl::StrCat(Quoted(candidacy.contents(i).id()),
                                 " is the id of a content of the programme; choose another"),
                    "DUPLICATE");
  }
  const auto& places = notes.Candidacies(candidacy.programme(), after);
  if (const std::string other = places.OtherClaim(candidacy.candidate(), resource.name);
      !other.empty()) {
    report.AddTyped("candidate",
                    absl::StrCat(candidacy.candidate(), " is the candidate of ", other,
                                 " already; change that one"),
                    "ALREADY_CANDIDATE");
  }
  if (stored == nullptr && places.counts[0] > kMaxCandidacies) {
    report.AddTyped("programme",
                    absl::StrCat(candidacy.programme(), " would have ", places.counts[0],
                                 " candidacies, want at most ", kMaxCandidacies),
                    "TOO_MANY_CANDIDACIES");
  }
}

void CheckScores(const v1::Assessment& assessment, const ProgrammeNotes::Programme& programme,
                 Report& report) {
  const Decimal most = {.unscaled = MaxScore(programme.message), .scale = 0};
  int known = 0;
  for (int i = 0; i < assessment.scores_size(); ++i) {
    const v1::Score& score = assessment.scores(i);
    const std::string at = absl::StrCat("scores[", i, "]");
    const auto criterion = programme.criteria.find(score.criterion());
    if (criterion == programme.criteria.end() || criterion->second != assessment.round()) {
      report.AddTyped(absl::StrCat(at, ".criterion"),
                      absl::StrCat(Quoted(score.criterion()),
                                   " is no criterion that the programme has for this round"),
                      "UNKNOWN_CRITERION");
      continue;
    }
    ++known;
    const auto number = ParseDecimal(score.score().value());
    if (number && number->AtFullScale() > most.AtFullScale()) {
      report.AddTyped(absl::StrCat(at, ".score"),
                      absl::StrCat(score.score().value(), ", want 0 to ", most.unscaled,
                                   ", the programme's highest score"));
    }
  }
  if (const int wanted = programme.criteria_of_round[assessment.round()]; known < wanted) {
    report.AddTyped("scores", absl::StrCat(known, " of the ", wanted,
                                           " criteria of the round have a score, want all"));
  }
}

void CheckAssessment(const Resource& resource, const v1::Assessment& assessment,
                     const ResourceLookup& after, Report& report) {
  ProgrammeNotes& notes = after.notes().Of<ProgrammeNotes>();
  const Resource* candidacy = after.Find(assessment.candidacy());
  if (candidacy == nullptr) return;
  const std::string of = ProgrammeNotes::ProgrammeOf(*candidacy);
  const auto* programme = notes.FindProgramme(of, after);
  if (programme == nullptr) return;
  const Resource* stored = after.FindStored(resource.name);
  const bool same = stored != nullptr && stored->content == resource.content;
  const auto wanted = assessment.round() == v1::ASSESSMENT_ROUND_ASSESSMENT
                          ? v1::PROGRAMME_STAGE_ASSESSING
                          : v1::PROGRAMME_STAGE_DEFENCE;
  if (!programme->message.recorded() && !same && StageOf(programme->message) != wanted) {
    report.AddTyped(
        "round",
        absl::StrCat(Where(of, programme->message),
                     "; assessments of this round are written while it is ", StageName(wanted)),
        kStageReason);
  }
  CheckScores(assessment, *programme, report);
  const auto& places = notes.Assessments(assessment.candidacy(), after);
  const std::string place = ProgrammeNotes::Place(assessment.round(), assessment.assessor());
  if (const std::string other = places.OtherClaim(place, resource.name); !other.empty()) {
    report.AddTyped(
        "assessor",
        absl::StrCat(Quoted(assessment.assessor()), " has judged this candidacy in this round in ",
                     other, "; change that one"),
        "ALREADY_ASSESSED");
  }
  if (const size_t count = places.counts[assessment.round()];
      stored == nullptr && count > kMaxAssessments) {
    report.AddTyped("candidacy",
                    absl::StrCat(assessment.candidacy(), " would have ", count,
                                 " assessments in this round, want at most ", kMaxAssessments),
                    "TOO_MANY_ASSESSMENTS");
  }
}

}  // namespace

std::string StageName(v1::ProgrammeStage stage) {
  if (stage == v1::PROGRAMME_STAGE_UNSPECIFIED) stage = v1::PROGRAMME_STAGE_DRAFT;
  return catalog_client::EnumWord(*v1::ProgrammeStage_descriptor(), stage);
}

v1::ProgrammeStage StageOf(const v1::Programme& programme) {
  return programme.stage() == v1::PROGRAMME_STAGE_UNSPECIFIED ? v1::PROGRAMME_STAGE_DRAFT
                                                              : programme.stage();
}

void CheckProgrammeLife(const Resource& resource, const Message& document,
                        const ResourceLookup& after, Report& report) {
  if (resource.type() == Type::kProgramme) {
    const auto* programme = after.notes().Of<ProgrammeNotes>().FindProgramme(resource.name, after);
    if (programme != nullptr) CheckProgramme(resource, *programme, after, report);
  } else if (resource.type() == Type::kCandidacy) {
    CheckCandidacy(resource, static_cast<const v1::Candidacy&>(document), after, report);
  } else if (resource.type() == Type::kAssessment) {
    CheckAssessment(resource, static_cast<const v1::Assessment&>(document), after, report);
  }
}

void KeepProgrammeLife(const Message* stored, const ResourceLookup& given, Message* wanted) {
  if (wanted->GetDescriptor() == v1::Programme::descriptor()) {
    auto& programme = static_cast<v1::Programme&>(*wanted);
    if (programme.recorded()) return;
    programme.set_stage(stored == nullptr ? v1::PROGRAMME_STAGE_DRAFT
                                          : StageOf(static_cast<const v1::Programme&>(*stored)));
  } else if (wanted->GetDescriptor() == v1::Candidacy::descriptor()) {
    auto& candidacy = static_cast<v1::Candidacy&>(*wanted);
    const auto* programme =
        given.notes().Of<ProgrammeNotes>().FindProgramme(candidacy.programme(), given);
    if (programme != nullptr && programme->message.recorded()) return;
    candidacy.set_outcome(stored == nullptr ? v1::CANDIDACY_OUTCOME_UNSPECIFIED
                                            : static_cast<const v1::Candidacy&>(*stored).outcome());
  }
}

}  // namespace tidemark::catalog
