// What may be written of a programme, in which stage, over a real server.
#include "services/catalog/api/programme_fixture.h"

namespace tidemark::catalog {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::kProgramme;
using testing::ProgrammeTest;
using ::tidemark::testing::ParseText;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

TEST_F(ProgrammeTest, WhatIsWrittenWhen) {
  EXPECT_THAT(Candidate("a"), AllOf(StatusIs(absl::StatusCode::kFailedPrecondition,
                                             HasSubstr("programmes/pilot is in stage DRAFT")),
                                    ReasonIs("PROGRAMME_STAGE")));
  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_OPEN));
  ASSERT_OK(Candidate("a"));
  ASSERT_OK(Candidate("a", 2));
  EXPECT_THAT(Assess("a", false, "90"), ReasonIs("PROGRAMME_STAGE"));
  auto changed = ParseText<v1::ApplyResourcesRequest>(kProgramme);
  changed.mutable_resources(0)->mutable_programme()->mutable_criteria(0)->set_weight(61);
  EXPECT_THAT(Apply(steward_, changed),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("criteria")),
                    ReasonIs("PROGRAMME_STAGE")));
  // A stage is nothing that can be applied, and the rest can change.
  changed = ParseText<v1::ApplyResourcesRequest>(kProgramme);
  changed.mutable_resources(0)->mutable_programme()->set_stage(v1::PROGRAMME_STAGE_CLOSED);
  changed.mutable_resources(0)->set_description("new");
  ASSERT_OK_AND_ASSIGN(const auto kept, Apply(steward_, changed));
  EXPECT_EQ(kept.changes(0).after().programme().stage(), v1::PROGRAMME_STAGE_OPEN);
  EXPECT_EQ(kept.changes(0).after().programme().steps_size(), 1);

  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_ASSESSING));
  EXPECT_THAT(Candidate("b"), ReasonIs("PROGRAMME_STAGE"));
  EXPECT_THAT(Candidate("a", 3), ReasonIs("PROGRAMME_STAGE"));
  EXPECT_THAT(Assess("a", true, "90"), ReasonIs("PROGRAMME_STAGE"));
  ASSERT_OK(Assess("a", false, "90"));
  ASSERT_OK(Assess("a", false, "91"));
  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_DEFENCE, "one"));
  EXPECT_THAT(Assess("a", false, "92"), ReasonIs("PROGRAMME_STAGE"));
  ASSERT_OK(Assess("a", true, "92"));
  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_SELECTED, "two"));
  const std::string plan = "contents { id: 'own' title { texts { key: 'zh' value: '自选' } } }";
  EXPECT_THAT(Candidate("a", 2, plan), ReasonIs("PROGRAMME_STAGE"));
  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_RUNNING));
  ASSERT_OK_AND_ASSIGN(const auto planned, Candidate("a", 2, plan));
  EXPECT_EQ(planned.changes(0).after().candidacy().outcome(), v1::CANDIDACY_OUTCOME_SELECTED);
  EXPECT_THAT(
      Candidate("a", 2,
                "contents { id: 'infrastructure' title { texts { key: 'zh' value: 'x' } } }"),
      ReasonIs("DUPLICATE"));
}

TEST_F(ProgrammeTest, EachOnceAndEveryScoreInPlace) {
  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_OPEN));
  ASSERT_OK(Candidate("a"));
  EXPECT_THAT(ApplyText(R"pb(resources {
                               name: "candidacies/again"
                               candidacy {
                                 programme: "programmes/pilot"
                                 candidate: "regions/a"
                                 state: CANDIDACY_STATE_SUBMITTED
                                 submitted { year: 2013 month: 7 day: 1 }
                               }
                             })pb"),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("candidacies/a")),
                    ReasonIs("ALREADY_CANDIDATE")));
  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_ASSESSING));
  EXPECT_THAT(Assess("a", false, "101"), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(Assess("a", false, "1.2345"), StatusIs(absl::StatusCode::kInvalidArgument));
  ASSERT_OK(Assess("a", false, "1.234"));
  auto request = ParseText<v1::ApplyResourcesRequest>(R"pb(
    resources {
      name: "assessments/other"
      assessment {
        candidacy: "candidacies/a"
        round: ASSESSMENT_ROUND_ASSESSMENT
        assessor: "x"
        scores {
          criterion: "plan"
          score { value: "5" }
        }
        assessed { year: 2013 month: 10 day: 1 }
      }
    })pb");
  EXPECT_THAT(Apply(steward_, request), ReasonIs("ALREADY_ASSESSED"));
  auto* assessment = request.mutable_resources(0)->mutable_assessment();
  assessment->set_assessor("y");
  assessment->mutable_scores(0)->set_criterion("talk");
  EXPECT_THAT(Apply(steward_, request), ReasonIs("UNKNOWN_CRITERION"));
}

TEST_F(ProgrammeTest, SelectionsAreNeitherAppliedNorDeleted) {
  RunToAssessed();
  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_DEFENCE, "pilot-1"));
  ASSERT_OK_AND_ASSIGN(const auto selection, Get(viewer_, "selections/pilot-1"));
  v1::ApplyResourcesRequest request;
  *request.add_resources() = selection;
  ASSERT_OK_AND_ASSIGN(const auto same, Apply(steward_, request));
  EXPECT_EQ(same.changes(0).kind(), v1::CHANGE_KIND_NONE);
  request.mutable_resources(0)->mutable_selection()->mutable_candidacies(0)->set_rank(2);
  EXPECT_THAT(Apply(steward_, request), AllOf(StatusIs(absl::StatusCode::kFailedPrecondition),
                                              ReasonIs("SELECTION_NOT_APPLIED")));
  v1::DeleteResourceRequest gone;
  gone.set_name("selections/pilot-1");
  v1::DeleteResourceResponse unused;
  EXPECT_THAT(Call(steward_, &Stub::DeleteResource, gone, &unused), ReasonIs("NOT_DELETABLE"));
  // Nor used twice.
  ASSERT_OK(Assess("a", true, "60"));
  for (const char* id : {"b", "c", "d"}) ASSERT_OK(Assess(id, true, "60"));
  EXPECT_THAT(Advance(v1::PROGRAMME_STAGE_SELECTED, "pilot-1"),
              AllOf(StatusIs(absl::StatusCode::kAlreadyExists), ReasonIs("SELECTION_EXISTS")));
}

TEST_F(ProgrammeTest, AssessmentsAreShownToThoseWhoRunAndCheckThePilot) {
  RunToAssessed();
  for (const std::string& token : {steward_, auditor_, admin_, service_token_}) {
    EXPECT_OK(Get(token, "assessments/a-x-1"));
  }
  EXPECT_THAT(Get(viewer_, "assessments/a-x-1"),
              AllOf(StatusIs(absl::StatusCode::kPermissionDenied), ReasonIs("ASSESSMENTS_HIDDEN")));
  v1::ListResourcesRequest list;
  list.set_collection("assessments");
  EXPECT_THAT(List(list, viewer_), ReasonIs("ASSESSMENTS_HIDDEN"));
}

TEST_F(ProgrammeTest, ARecordedProgrammeIsAsStated) {
  ASSERT_OK(ApplyText(R"pb(
    resources {
      name: "programmes/recorded"
      programme { recorded: true stage: PROGRAMME_STAGE_CLOSED declared_candidacies: 103 }
    }
    resources {
      name: "candidacies/xining"
      candidacy {
        programme: "programmes/recorded"
        candidate: "regions/a"
        state: CANDIDACY_STATE_SUBMITTED
        outcome: CANDIDACY_OUTCOME_SELECTED
      }
    })pb"));
  ASSERT_OK_AND_ASSIGN(const auto candidacy, Get(viewer_, "candidacies/xining"));
  EXPECT_EQ(candidacy.candidacy().outcome(), v1::CANDIDACY_OUTCOME_SELECTED);
  ASSERT_OK_AND_ASSIGN(const auto programme, Get(viewer_, "programmes/recorded"));
  EXPECT_EQ(programme.programme().stage(), v1::PROGRAMME_STAGE_CLOSED);
  v1::AdvanceProgrammeRequest step = StepTo(v1::PROGRAMME_STAGE_CANCELLED);
  step.set_programme("programmes/recorded");
  step.set_etag(programme.etag());
  EXPECT_THAT(Advance(step), ReasonIs("RECORDED_PROGRAMME"));
  v1::RankCandidaciesRequest rank;
  rank.set_programme("programmes/recorded");
  rank.set_round(v1::ASSESSMENT_ROUND_DEFENCE);
  v1::RankCandidaciesResponse unused;
  EXPECT_THAT(Call(steward_, &Stub::RankCandidacies, rank, &unused),
              ReasonIs("RECORDED_PROGRAMME"));
}

TEST_F(ProgrammeTest, WithoutRulesThereIsNoCall) {
  ASSERT_OK(ApplyText(R"pb(resources {
                             name: "programmes/pilot"
                             programme {}
                           })pb"));
  EXPECT_THAT(Advance(v1::PROGRAMME_STAGE_OPEN), ReasonIs("NO_RULES"));
  EXPECT_THAT(Rank(v1::ASSESSMENT_ROUND_DEFENCE), ReasonIs("NO_RULES"));
  EXPECT_THAT(Rank(v1::ASSESSMENT_ROUND_UNSPECIFIED), ReasonIs("INVALID_ROUND"));
}

TEST_F(ProgrammeTest, RulesNameWhatIsThere) {
  const auto refused = [&](auto change) {
    auto request = ParseText<v1::ApplyResourcesRequest>(kProgramme);
    change(*request.mutable_resources(0)->mutable_programme());
    return Apply(steward_, request);
  };
  EXPECT_THAT(refused([](auto& p) { p.mutable_selection_rule()->set_tie_break(0, "none"); }),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument), ReasonIs("UNKNOWN_CRITERION")));
  EXPECT_THAT(refused([](auto& p) { p.mutable_shortlist_rule()->add_tie_break("talk"); }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("round ASSESSMENT")));
  EXPECT_THAT(refused([](auto& p) { p.mutable_selection_rule()->clear_ties(); }),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("TIE_RULE_EARLIEST")));
  for (const char* cut_off : {"100.1", "-1", "1.2345678"}) {
    EXPECT_THAT(refused([&](auto& p) {
                  p.mutable_selection_rule()->mutable_cut_off()->set_value(cut_off);
                }),
                StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("want 0 to 100")));
  }
}

}  // namespace
}  // namespace tidemark::catalog
