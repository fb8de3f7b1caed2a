#ifndef TIDEMARK_SERVICES_CATALOG_API_PROGRAMME_FIXTURE_H_
#define TIDEMARK_SERVICES_CATALOG_API_PROGRAMME_FIXTURE_H_

#include <string>

#include "absl/strings/str_cat.h"
#include "services/catalog/api/service_fixture.h"

namespace tidemark::catalog::testing {

inline constexpr char kProgramme[] = R"pb(
  resources {
    name: "programmes/pilot"
    display_names { key: "zh" value: "信息消费试点" }
    programme {
      submissions {
        start { year: 2013 month: 7 day: 1 }
        end { year: 2013 month: 9 day: 1 }
      }
      eligibility { levels: REGION_LEVEL_CITY }
      criteria {
        id: "plan"
        title { texts { key: "zh" value: "方案" } }
        round: ASSESSMENT_ROUND_ASSESSMENT
        weight: 60
      }
      criteria {
        id: "talk"
        title { texts { key: "zh" value: "答辩" } }
        round: ASSESSMENT_ROUND_DEFENCE
        weight: 40
      }
      shortlist_rule { quota: 3 ties: TIE_RULE_TAKE_ALL }
      selection_rule {
        cut_off { value: "60" }
        quota: 1
        tie_break: "talk"
        ties: TIE_RULE_EARLIEST
      }
      contents {
        id: "infrastructure"
        title { texts { key: "zh" value: "信息基础设施" } }
      }
    }
  }
)pb";

// A catalog with a programme that is a draft, and cities a to e.
class ProgrammeTest : public ServiceTest {
 protected:
  ProgrammeTest() {
    std::string regions = R"pb(resources {
                                 name: "regions/cn"
                                 region { level: REGION_LEVEL_NATION }
                               })pb";
    for (const char* id : {"a", "b", "c", "d", "e"}) {
      absl::StrAppend(&regions, "resources { name: 'regions/", id,
                      "' region { level: REGION_LEVEL_CITY parent: 'regions/cn' } }");
    }
    EXPECT_OK(ApplyText(regions));
    EXPECT_OK(ApplyText(kProgramme));
  }

  absl::StatusOr<v1::ApplyResourcesResponse> Candidate(const std::string& id, int day = 1,
                                                       const std::string& more = "") {
    return ApplyText(absl::StrCat(
        "resources { name: 'candidacies/", id, "' candidacy { programme: 'programmes/pilot' ",
        "candidate: 'regions/", id, "' state: CANDIDACY_STATE_SUBMITTED ",
        "submitted { year: 2013 month: 7 day: ", day, " } ", more, "} }"));
  }
  absl::StatusOr<v1::ApplyResourcesResponse> Assess(const std::string& candidacy, bool defence,
                                                    const std::string& score,
                                                    const std::string& assessor = "x") {
    return ApplyText(absl::StrCat(
        "resources { name: 'assessments/", candidacy, "-", assessor, defence ? "-2" : "-1",
        "' assessment { candidacy: 'candidacies/", candidacy,
        "' round: ", defence ? "ASSESSMENT_ROUND_DEFENCE" : "ASSESSMENT_ROUND_ASSESSMENT",
        " assessor: '", assessor, "' scores { criterion: '", defence ? "talk" : "plan",
        "' score { value: '", score, "' } } assessed { year: 2013 month: 10 day: 1 } } }"));
  }
  v1::AdvanceProgrammeRequest StepTo(v1::ProgrammeStage stage, const std::string& selection = "") {
    v1::AdvanceProgrammeRequest request;
    request.set_programme("programmes/pilot");
    request.set_stage(stage);
    request.set_reason("工信部决定");
    request.set_etag(Get(steward_, "programmes/pilot").value().etag());
    request.set_selection_id(selection);
    return request;
  }
  absl::StatusOr<v1::AdvanceProgrammeResponse> Advance(const v1::AdvanceProgrammeRequest& request,
                                                       const std::string& token = "") {
    v1::AdvanceProgrammeResponse response;
    absl::Status status =
        Call(token.empty() ? steward_ : token, &Stub::AdvanceProgramme, request, &response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::AdvanceProgrammeResponse> Advance(v1::ProgrammeStage stage,
                                                       const std::string& selection = "") {
    return Advance(StepTo(stage, selection));
  }
  absl::StatusOr<v1::RankCandidaciesResponse> Rank(v1::AssessmentRound round, uint64_t version = 0,
                                                   const std::string& explain = "") {
    v1::RankCandidaciesRequest request;
    request.set_programme("programmes/pilot");
    request.set_round(round);
    request.set_version(version);
    if (!explain.empty()) request.add_explain(explain);
    v1::RankCandidaciesResponse response;
    absl::Status status = Call(auditor_, &Stub::RankCandidacies, request, &response);
    if (!status.ok()) return status;
    return response;
  }

  // Candidacies a to e, assessed: 90, 80, 70, 70, 50.
  void RunToAssessed() {
    ASSERT_OK(Advance(v1::PROGRAMME_STAGE_OPEN));
    for (const char* id : {"a", "b", "c", "d", "e"}) ASSERT_OK(Candidate(id));
    ASSERT_OK(Advance(v1::PROGRAMME_STAGE_ASSESSING));
    ASSERT_OK(Assess("a", false, "90"));
    ASSERT_OK(Assess("b", false, "80"));
    ASSERT_OK(Assess("c", false, "70"));
    ASSERT_OK(Assess("d", false, "70"));
    ASSERT_OK(Assess("e", false, "50"));
  }
  void RunToDefended() {
    RunToAssessed();
    ASSERT_OK(Advance(v1::PROGRAMME_STAGE_DEFENCE, "pilot-1"));
    ASSERT_OK(Assess("a", true, "60"));
    ASSERT_OK(Assess("b", true, "75"));
    ASSERT_OK(Assess("c", true, "0"));
    ASSERT_OK(Assess("d", true, "0"));
  }
};

}  // namespace tidemark::catalog::testing

#endif  // TIDEMARK_SERVICES_CATALOG_API_PROGRAMME_FIXTURE_H_
