#include "services/catalog/types/check_programmes.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/decimal.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/field_walk.h"

namespace tidemark::catalog {
namespace {

constexpr int kCutOffDecimals = 6;
constexpr int kScoreDecimals = 3;
constexpr int64_t kHighestScore = 1000;
constexpr int64_t kHighestTotal = 100;

// Of 0 to `highest` with at most `decimals`; what is wrong, empty when nothing is. Its form has
// been found right.
std::string NumberProblem(const std::string& text, int64_t highest, int decimals) {
  const auto number = ParseDecimal(text);
  if (!number) return "";
  const Decimal most = {.unscaled = highest, .scale = 0};
  const bool inside = number->unscaled >= 0 && number->AtFullScale() <= most.AtFullScale();
  if (inside && number->scale <= decimals) return "";
  return absl::StrCat(text, ", want 0 to ", highest, " with at most ", decimals, " decimals");
}

using Rounds = absl::flat_hash_map<std::string, v1::AssessmentRound>;

void CheckSelectionRule(const v1::SelectionRule& rule, const std::string& path,
                        const Rounds& criteria, bool shortlist, Report& report) {
  if (const std::string problem =
          NumberProblem(rule.cut_off().value(), kHighestTotal, kCutOffDecimals);
      rule.has_cut_off() && !problem.empty()) {
    report.AddTyped(Join(path, "cut_off"), problem);
  }
  if (rule.quota() > 0 && rule.ties() == v1::TIE_RULE_UNSPECIFIED) {
    report.AddTyped(Join(path, "ties"),
                    "missing; with a quota want TIE_RULE_TAKE_ALL, TIE_RULE_TAKE_NONE or "
                    "TIE_RULE_EARLIEST");
  }
  for (int i = 0; i < rule.tie_break_size(); ++i) {
    const auto found = criteria.find(rule.tie_break(i));
    const std::string at = absl::StrCat(Join(path, "tie_break"), "[", i, "]");
    if (found == criteria.end()) {
      report.AddTyped(at,
                      absl::StrCat(Quoted(rule.tie_break(i)),
                                   " is no criterion of the programme; want the id of one"),
                      "UNKNOWN_CRITERION");
    } else if (shortlist && found->second != v1::ASSESSMENT_ROUND_ASSESSMENT) {
      report.AddTyped(at, absl::StrCat(Quoted(rule.tie_break(i)),
                                       " is judged in the defence, after the shortlist; want a "
                                       "criterion of round ASSESSMENT"));
    }
  }
}

void CheckProgramme(const v1::Programme& programme, Report& report) {
  Rounds criteria;
  bool on_paper = false;
  for (const v1::Criterion& criterion : programme.criteria()) {
    criteria[criterion.id()] = criterion.round();
    on_paper |= criterion.round() == v1::ASSESSMENT_ROUND_ASSESSMENT;
  }
  if (programme.has_shortlist_rule()) {
    if (!on_paper) {
      report.AddTyped("shortlist_rule",
                      "has no criterion of round ASSESSMENT to decide by; add one, or leave the "
                      "rule out");
    }
    CheckSelectionRule(programme.shortlist_rule(), "shortlist_rule", criteria, true, report);
  }
  if (programme.has_selection_rule()) {
    CheckSelectionRule(programme.selection_rule(), "selection_rule", criteria, false, report);
  }
}

void CheckAssessment(const v1::Assessment& assessment, Report& report) {
  for (int i = 0; i < assessment.scores_size(); ++i) {
    const std::string problem =
        NumberProblem(assessment.scores(i).score().value(), kHighestScore, kScoreDecimals);
    if (!problem.empty()) report.AddTyped(absl::StrCat("scores[", i, "].score"), problem);
  }
}

}  // namespace

void CheckProgrammes(const google::protobuf::Message& document, Report& report) {
  if (document.GetDescriptor() == v1::Programme::descriptor()) {
    CheckProgramme(static_cast<const v1::Programme&>(document), report);
  } else if (document.GetDescriptor() == v1::Assessment::descriptor()) {
    CheckAssessment(static_cast<const v1::Assessment&>(document), report);
  }
}

std::string_view MissingForCall(const v1::Programme& programme) {
  const type::v1::Validity& days = programme.submissions();
  if (!days.has_start() || !days.has_end()) return "submissions";
  if (programme.criteria().empty()) return "criteria";
  if (!programme.has_selection_rule()) return "selection_rule";
  return "";
}

uint32_t MaxScore(const v1::Programme& programme) {
  return programme.max_score() == 0 ? kUsualMaxScore : programme.max_score();
}

}  // namespace tidemark::catalog
