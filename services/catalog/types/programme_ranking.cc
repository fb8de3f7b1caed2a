#include "services/catalog/types/programme_ranking.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/domain/decimal.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/ranking.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/check_programmes.h"
#include "services/catalog/types/dates.h"
#include "services/catalog/types/document_message.h"
#include "services/catalog/types/eligibility.h"
#include "services/catalog/types/programme_life.h"

namespace tidemark::catalog {
namespace {

constexpr int kTotalDecimals = 6;
constexpr int kScoreDecimals = 3;

// A number times 10^`decimals`; it has no more of them.
int64_t AtScale(const std::string& text, int decimals) {
  const auto number = ParseDecimal(text);
  if (!number) return 0;
  int64_t value = number->unscaled;
  for (int i = number->scale; i < decimals; ++i) value *= 10;
  return value;
}

std::string MillionthsText(int64_t millionths) {
  return absl::StrFormat("%d.%06d", millionths / 1'000'000, millionths % 1'000'000);
}

absl::Status Refused(std::string_view reason, const std::string& message) {
  return status::WithReason(absl::FailedPreconditionError(absl::StrCat("programme: ", message)),
                            reason);
}

// A candidacy that is read and judged.
struct Read {
  std::string name;
  v1::Candidacy message;
  // UNSPECIFIED: it is ranked.
  v1::SelectionReason not_ranked = v1::SELECTION_REASON_UNSPECIFIED;
};

class ProgrammeRanker {
 public:
  ProgrammeRanker(const Catalog& catalog, const RankingQuery& query, const v1::Programme& programme)
      : catalog_(catalog), query_(query), programme_(programme) {
    const bool shortlist = query.round == v1::ASSESSMENT_ROUND_ASSESSMENT;
    for (const v1::Criterion& criterion : programme.criteria()) {
      if (shortlist && criterion.round() != v1::ASSESSMENT_ROUND_ASSESSMENT) continue;
      position_[criterion.id()] = rule_.criteria.size();
      criteria_.push_back(criterion.id());
      rule_.criteria.push_back({RoundIndex(criterion.round()), criterion.weight()});
      counts_[RoundIndex(criterion.round())] = true;
    }
    const v1::SelectionRule& rule =
        shortlist ? programme.shortlist_rule() : programme.selection_rule();
    rule_.max_score = MaxScore(programme);
    rule_.cut_off_millionths = AtScale(rule.cut_off().value(), kTotalDecimals);
    rule_.quota = rule.quota();
    rule_.ties = static_cast<TieRule>(static_cast<int>(rule.ties()));
    for (const std::string& id : rule.tie_break()) {
      const auto position = position_.find(id);
      if (position != position_.end()) rule_.tie_break.push_back(position->second);
    }
  }

  absl::StatusOr<ProgrammeRanking> Rank() {
    TM_RETURN_IF_ERROR(ReadCandidacies());
    TM_RETURN_IF_ERROR(JudgeCandidacies());
    const auto stage = query_.round == v1::ASSESSMENT_ROUND_ASSESSMENT
                           ? v1::PROGRAMME_STAGE_ASSESSING
                           : v1::PROGRAMME_STAGE_DEFENCE;
    ProgrammeRanking ranking;
    if (programme_.stage() != stage) ranking.unfinished.push_back(query_.programme);
    TM_RETURN_IF_ERROR(ReadAssessments(&ranking.unfinished));
    TM_RETURN_IF_ERROR(WriteSelection(&ranking.selection));
    return ranking;
  }

 private:
  // Where a candidacy stands in the selection; no contender: it is not ranked.
  struct Place {
    int index = 0;
    const Contender* contender = nullptr;
  };
  using Places = absl::flat_hash_map<std::string, Place>;

  static int RoundIndex(v1::AssessmentRound round) {
    return round == v1::ASSESSMENT_ROUND_DEFENCE ? 1 : 0;
  }

  // Every read of a record comes by here, so that a caller who is gone ends it.
  absl::StatusOr<ResourcePtr> Find(std::string_view name) const {
    if (query_.cancelled()) return absl::CancelledError("the caller is gone");
    return catalog_.FindAt(name, query_.version);
  }

  absl::Status ReadCandidacies() {
    for (std::string& name : catalog_.Referrers(Type::kCandidacy, query_.programme)) {
      TM_ASSIGN_OR_RETURN(const ResourcePtr resource, Find(name));
      auto message = resource == nullptr ? std::nullopt : MessageIn<v1::Candidacy>(*resource);
      if (!message) continue;
      // The plan may be large, and nothing is ranked by it.
      message->clear_contents();
      read_.push_back({std::move(name), *std::move(message)});
    }
    return absl::OkStatus();
  }

  absl::Status JudgeCandidacies() {
    std::vector<v1::Candidacy> messages;
    for (const Read& read : read_) messages.push_back(read.message);
    TM_ASSIGN_OR_RETURN(const std::vector<bool> eligible,
                        JudgeEligibility(programme_, messages,
                                         [this](std::string_view name) { return Find(name); }));
    const bool selection = query_.round == v1::ASSESSMENT_ROUND_DEFENCE;
    for (size_t i = 0; i < read_.size(); ++i) {
      Read& read = read_[i];
      if (read.message.state() != v1::CANDIDACY_STATE_SUBMITTED) {
        read.not_ranked = v1::SELECTION_REASON_NOT_TAKING_PART;
      } else if (!eligible[i]) {
        read.not_ranked = v1::SELECTION_REASON_NOT_ELIGIBLE;
      } else if (selection && !OnShortlist(read)) {
        read.not_ranked = v1::SELECTION_REASON_NOT_SHORTLISTED;
      }
    }
    return absl::OkStatus();
  }

  // Before there is a shortlist everybody may still be on it.
  static bool OnShortlist(const Read& read) {
    return read.message.outcome() != v1::CANDIDACY_OUTCOME_NOT_SHORTLISTED;
  }

  absl::Status ReadAssessments(std::vector<std::string>* unfinished) {
    for (size_t i = 0; i < read_.size(); ++i) {
      Read& read = read_[i];
      if (read.not_ranked != v1::SELECTION_REASON_UNSPECIFIED) continue;
      Contender contender;
      contender.name = read.name;
      contender.submitted = FromProto(read.message.submitted());
      contender.score_sums.assign(rule_.criteria.size(), 0);
      TM_RETURN_IF_ERROR(AddAssessments(&contender));
      if ((counts_[0] && contender.assessments[0] == 0) ||
          (counts_[1] && contender.assessments[1] == 0)) {
        read.not_ranked = v1::SELECTION_REASON_NOT_ASSESSED;
        unfinished->push_back(read.name);
        continue;
      }
      contenders_.push_back(std::move(contender));
      read_of_contender_.push_back(i);
    }
    return absl::OkStatus();
  }

  absl::Status AddAssessments(Contender* contender) const {
    for (const std::string& name : catalog_.Referrers(Type::kAssessment, contender->name)) {
      TM_ASSIGN_OR_RETURN(const ResourcePtr resource, Find(name));
      const auto assessment =
          resource == nullptr ? std::nullopt : MessageIn<v1::Assessment>(*resource);
      if (!assessment || !counts_[RoundIndex(assessment->round())]) continue;
      ++contender->assessments[RoundIndex(assessment->round())];
      for (const v1::Score& score : assessment->scores()) {
        const auto position = position_.find(score.criterion());
        if (position == position_.end()) continue;
        contender->score_sums[position->second] += AtScale(score.score().value(), kScoreDecimals);
      }
    }
    return absl::OkStatus();
  }

  absl::Status WriteSelection(v1::Selection* selection) const {
    selection->set_programme(query_.programme);
    selection->set_round(query_.round);
    selection->set_decided_at_version(query_.version);
    Places places;
    for (const Placing& placing : RankContenders(rule_, contenders_)) {
      const Contender& contender = contenders_[placing.contender];
      v1::RankedCandidacy* ranked = selection->add_candidacies();
      ranked->set_candidacy(contender.name);
      ranked->set_rank(placing.rank);
      ranked->mutable_total()->set_value(MillionthsText(TotalMillionths(rule_, contender)));
      ranked->set_outcome(Outcome(read_[read_of_contender_[placing.contender]], placing.taken));
      ranked->set_reason(static_cast<v1::SelectionReason>(placing.reason));
      if (placing.decided_by >= 0) {
        ranked->set_decided_by(criteria_[static_cast<size_t>(placing.decided_by)]);
      }
      places[contender.name] = {selection->candidacies_size() - 1, &contender};
    }
    for (const Read& read : read_) {
      if (read.not_ranked == v1::SELECTION_REASON_UNSPECIFIED) continue;
      v1::RankedCandidacy* other = selection->add_candidacies();
      other->set_candidacy(read.name);
      other->set_outcome(Outcome(read, false));
      other->set_reason(read.not_ranked);
      places[read.name] = {selection->candidacies_size() - 1, nullptr};
    }
    return Explain(places, selection);
  }

  v1::CandidacyOutcome Outcome(const Read& read, bool taken) const {
    if (query_.round == v1::ASSESSMENT_ROUND_ASSESSMENT) {
      return taken ? v1::CANDIDACY_OUTCOME_SHORTLISTED : v1::CANDIDACY_OUTCOME_NOT_SHORTLISTED;
    }
    if (!OnShortlist(read)) return v1::CANDIDACY_OUTCOME_NOT_SHORTLISTED;
    return taken ? v1::CANDIDACY_OUTCOME_SELECTED : v1::CANDIDACY_OUTCOME_NOT_SELECTED;
  }

  absl::Status Explain(const Places& places, v1::Selection* selection) const {
    for (size_t i = 0; i < query_.explain.size(); ++i) {
      const auto place = places.find(query_.explain[i]);
      if (place == places.end()) {
        return status::InvalidArgument(
            absl::StrCat("explain[", i, "]"),
            absl::StrCat(Quoted(query_.explain[i]), " is no candidacy of ", query_.programme,
                         " at version ", query_.version),
            "UNKNOWN_CANDIDACY");
      }
      const Contender* contender = place->second.contender;
      v1::RankedCandidacy* ranked = selection->mutable_candidacies(place->second.index);
      if (contender == nullptr || !ranked->means().empty()) continue;
      for (size_t c = 0; c < criteria_.size(); ++c) {
        v1::Score* mean = ranked->add_means();
        mean->set_criterion(criteria_[c]);
        mean->mutable_score()->set_value(MillionthsText(MeanMillionths(rule_, *contender, c)));
      }
    }
    return absl::OkStatus();
  }

  const Catalog& catalog_;
  const RankingQuery& query_;
  const v1::Programme& programme_;
  RankingRule rule_;
  // Ids of the criteria that count, and where they stand.
  std::vector<std::string> criteria_;
  absl::flat_hash_map<std::string, size_t> position_;
  // Whether a round has criteria that count.
  bool counts_[kRankedRounds] = {false, false};
  std::vector<Read> read_;
  std::vector<Contender> contenders_;
  std::vector<size_t> read_of_contender_;
};

}  // namespace

absl::StatusOr<ProgrammeState> ReadProgramme(const Catalog& catalog, const std::string& name,
                                             uint64_t version) {
  const auto parsed = ParseName(name);
  if (!parsed || parsed->type != Type::kProgramme) {
    return status::InvalidArgument(
        "programme", absl::StrCat(Quoted(name), ", want the name of a programme, programmes/ID"),
        "INVALID_NAME");
  }
  ProgrammeState state;
  TM_ASSIGN_OR_RETURN(state.resource, catalog.Get("programme", name, version));
  auto message = MessageIn<v1::Programme>(*state.resource);
  if (!message) return absl::DataLossError(absl::StrCat(name, ": its bytes cannot be read"));
  state.message = *std::move(message);
  return state;
}

absl::Status CheckRunHere(const ProgrammeState& programme) {
  if (!programme.message.recorded()) return absl::OkStatus();
  return Refused("RECORDED_PROGRAMME",
                 absl::StrCat(programme.resource->name,
                              " was run elsewhere and is only recorded; its outcome is as stated"));
}

absl::StatusOr<ProgrammeRanking> RankProgramme(const Catalog& catalog, const RankingQuery& query) {
  if (query.round != v1::ASSESSMENT_ROUND_ASSESSMENT &&
      query.round != v1::ASSESSMENT_ROUND_DEFENCE) {
    return status::InvalidArgument(
        "round", "missing; want ASSESSMENT_ROUND_ASSESSMENT or ASSESSMENT_ROUND_DEFENCE",
        "INVALID_ROUND");
  }
  TM_ASSIGN_OR_RETURN(const ProgrammeState programme,
                      ReadProgramme(catalog, query.programme, query.version));
  TM_RETURN_IF_ERROR(CheckRunHere(programme));
  if (programme.message.criteria().empty() || !programme.message.has_selection_rule()) {
    return Refused("NO_RULES", absl::StrCat(query.programme,
                                            " has no criteria or no selection_rule to rank by"));
  }
  return ProgrammeRanker(catalog, query, programme.message).Rank();
}

}  // namespace tidemark::catalog
