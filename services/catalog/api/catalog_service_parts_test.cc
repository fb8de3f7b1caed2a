// Parts of a resource that others name by their ids, over a real server.
#include "services/catalog/api/programme_fixture.h"
#include "services/catalog/types/programme_ranking.h"

namespace tidemark::catalog {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::kProgramme;
using testing::ProgrammeTest;
using ::tidemark::testing::ParseText;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

auto IsReferredTo(const std::string& id, const std::string& by) {
  return AllOf(StatusIs(absl::StatusCode::kFailedPrecondition,
                        HasSubstr("`" + id + "` is referred to by " + by)),
               ReasonIs("STILL_REFERENCED"));
}

std::string Policy(std::initializer_list<const char*> lines) {
  std::string text =
      "resources { name: 'policies/p' policy { kind: POLICY_KIND_PLAN "
      "issued { grain: PERIOD_GRAIN_YEAR start { year: 2013 month: 1 day: 1 } } ";
  for (const char* line : lines) {
    absl::StrAppend(&text, "lines { id: '", line, "' kind: POLICY_LINE_KIND_ACTION ",
                    "title { texts { key: 'zh' value: '行动' } } } ");
  }
  return text + "} }";
}

std::string Project(const std::string& more) {
  return absl::StrCat("resources { name: 'projects/j' project { kind: PROJECT_KIND_KEY ",
                      "status: WORK_STATUS_ACTIVE ", more, " } }");
}

TEST_F(ProgrammeTest, LineThatAnotherNamesStays) {
  ASSERT_OK(ApplyText(Policy({"supply", "demand"})));
  ASSERT_OK(ApplyText(Project("policy_lines { policy: 'policies/p' line: 'supply' }")));
  EXPECT_THAT(ApplyText(Policy({"demand"})), IsReferredTo("supply", "projects/j"));
  ASSERT_OK(ApplyText(Policy({"supply"})));
  // Together they may change.
  ASSERT_OK(ApplyText(Policy({"demand"}) +
                      Project("policy_lines { policy: 'policies/p' line: 'demand' }")));
  ASSERT_OK(ApplyText(Project("policy_lines { policy: 'policies/p' }")));
  ASSERT_OK(ApplyText(Policy({})));
}

TEST_F(ProgrammeTest, ContentThatAProjectOrTaskServesStays) {
  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_OPEN));
  const std::string own = "contents { id: 'own' title { texts { key: 'zh' value: '自选' } } }";
  ASSERT_OK(Candidate("a", 1, own));
  const std::string of_a = "candidacy: 'candidacies/a' ";
  ASSERT_OK(ApplyText(Project(of_a + "contents: ['own', 'infrastructure']")));
  EXPECT_THAT(Candidate("a"), IsReferredTo("own", "projects/j"));
  auto without = ParseText<v1::ApplyResourcesRequest>(kProgramme);
  without.mutable_resources(0)->mutable_programme()->clear_contents();
  EXPECT_THAT(Apply(steward_, without), IsReferredTo("infrastructure", "projects/j"));

  ASSERT_OK(ApplyText(Project(of_a + "contents: 'own'")));
  ASSERT_OK(ApplyText(R"pb(resources {
                             name: "tasks/t"
                             task {
                               parent: "programmes/pilot"
                               content: "infrastructure"
                               status: WORK_STATUS_ACTIVE
                             }
                           })pb"));
  EXPECT_THAT(Apply(steward_, without), IsReferredTo("infrastructure", "tasks/t"));
  // A content may move from the candidacy to the programme.
  auto moved = ParseText<v1::ApplyResourcesRequest>(kProgramme);
  *moved.mutable_resources(0)->mutable_programme()->add_contents() =
      ParseText<v1::ProgrammeContent>("id: 'own' title { texts { key: 'zh' value: '自选' } }");
  *moved.add_resources() = Get(steward_, "candidacies/a").value();
  moved.mutable_resources(1)->clear_etag();
  moved.mutable_resources(1)->mutable_candidacy()->clear_contents();
  ASSERT_OK(Apply(steward_, moved));
}

TEST_F(ProgrammeTest, CriterionThatARecordedAssessmentScoresStays) {
  auto recorded = ParseText<v1::ApplyResourcesRequest>(kProgramme);
  recorded.mutable_resources(0)->set_name("programmes/past");
  v1::Programme& programme = *recorded.mutable_resources(0)->mutable_programme();
  programme.set_recorded(true);
  programme.set_stage(v1::PROGRAMME_STAGE_CLOSED);
  ASSERT_OK(Apply(steward_, recorded));
  ASSERT_OK(ApplyText(R"pb(
    resources {
      name: "candidacies/past-a"
      candidacy {
        programme: "programmes/past"
        candidate: "regions/a"
        state: CANDIDACY_STATE_SUBMITTED
      }
    }
    resources {
      name: "assessments/past-a"
      assessment {
        candidacy: "candidacies/past-a"
        round: ASSESSMENT_ROUND_ASSESSMENT
        assessor: "x"
        scores {
          criterion: "plan"
          score { value: "90" }
        }
        assessed { year: 2013 month: 10 day: 1 }
      }
    })pb"));
  v1::ApplyResourcesRequest changed = recorded;
  changed.mutable_resources(0)->mutable_programme()->mutable_criteria(0)->set_id("other");
  EXPECT_THAT(Apply(steward_, changed), IsReferredTo("plan", "assessments/past-a"));
  changed = recorded;
  v1::Programme& shorter = *changed.mutable_resources(0)->mutable_programme();
  shorter.mutable_criteria()->DeleteSubrange(1, 1);
  shorter.mutable_selection_rule()->clear_tie_break();
  ASSERT_OK(Apply(steward_, changed));
}

TEST_F(ProgrammeTest, RankingEndsWhileItReadsWhenTheCallerIsGone) {
  RunToAssessed();
  const auto rank = [&](int patience, int* asked) {
    return RankProgramme(*catalog_, {.programme = "programmes/pilot",
                                     .round = v1::ASSESSMENT_ROUND_ASSESSMENT,
                                     .version = catalog_->head().version,
                                     .cancelled = [=] { return ++*asked > patience; }})
        .status();
  };
  // Five candidacies, their regions and their assessments at least.
  int asked = 0;
  ASSERT_OK(rank(1'000'000, &asked));
  EXPECT_GE(asked, 15);
  for (int patience = 0; patience < asked; ++patience) {
    int again = 0;
    EXPECT_THAT(rank(patience, &again), StatusIs(absl::StatusCode::kCancelled));
    EXPECT_EQ(again, patience + 1);
  }
}

}  // namespace
}  // namespace tidemark::catalog
