// The life of a programme over a real server: stages, steps, rankings.
#include "services/catalog/api/service_fixture.h"

namespace tidemark::catalog {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ServiceTest;
using ::tidemark::testing::EqualsProto;
using ::tidemark::testing::EqualsText;
using ::tidemark::testing::ParseText;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

constexpr char kProgramme[] = R"pb(
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

TEST_F(ProgrammeTest, RunsFromDraftToClosed) {
  RunToDefended();
  // a: (60 x 90 + 40 x 60) ÷ 100 = 78; b: (60 x 80 + 40 x 75) ÷ 100 = 78; b wins by its defence.
  ASSERT_OK_AND_ASSIGN(const auto step, Advance(v1::PROGRAMME_STAGE_SELECTED, "pilot-2"));
  EXPECT_EQ(step.decided(), 4u);
  EXPECT_EQ(step.version(), catalog_->head().version);
  EXPECT_EQ(step.selection().name(), "selections/pilot-2");
  EXPECT_THAT(step.selection().selection(),
              EqualsText(absl::StrCat(R"pb(
                                        programme: "programmes/pilot"
                                        round: ASSESSMENT_ROUND_DEFENCE
                                        candidacies {
                                          candidacy: "candidacies/b"
                                          rank: 1
                                          total { value: "78.000000" }
                                          outcome: CANDIDACY_OUTCOME_SELECTED
                                          reason: SELECTION_REASON_TIE_WON
                                          decided_by: "talk"
                                        }
                                        candidacies {
                                          candidacy: "candidacies/a"
                                          rank: 2
                                          total { value: "78.000000" }
                                          outcome: CANDIDACY_OUTCOME_NOT_SELECTED
                                          reason: SELECTION_REASON_TIE_LOST
                                          decided_by: "talk"
                                        }
                                        candidacies {
                                          candidacy: "candidacies/c"
                                          rank: 3
                                          total { value: "42.000000" }
                                          outcome: CANDIDACY_OUTCOME_NOT_SELECTED
                                          reason: SELECTION_REASON_BELOW_CUT_OFF
                                        }
                                        candidacies {
                                          candidacy: "candidacies/d"
                                          rank: 3
                                          total { value: "42.000000" }
                                          outcome: CANDIDACY_OUTCOME_NOT_SELECTED
                                          reason: SELECTION_REASON_BELOW_CUT_OFF
                                        }
                                        candidacies {
                                          candidacy: "candidacies/e"
                                          outcome: CANDIDACY_OUTCOME_NOT_SHORTLISTED
                                          reason: SELECTION_REASON_NOT_SHORTLISTED
                                        }
                                        decided_at_version:)pb",
                                      step.version() - 1)));
  ASSERT_OK_AND_ASSIGN(const auto candidacy, Get(viewer_, "candidacies/b"));
  EXPECT_EQ(candidacy.candidacy().outcome(), v1::CANDIDACY_OUTCOME_SELECTED);
  EXPECT_EQ(candidacy.version(), step.version());

  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_RUNNING));
  ASSERT_OK_AND_ASSIGN(const auto closed, Advance(v1::PROGRAMME_STAGE_CLOSED));
  const v1::Programme& programme = closed.programme().programme();
  ASSERT_EQ(programme.steps_size(), 6);
  EXPECT_THAT(programme.steps(3),
              EqualsText(absl::StrCat(R"pb(
                                        from: PROGRAMME_STAGE_DEFENCE
                                        to: PROGRAMME_STAGE_SELECTED
                                        principal: "steward@test"
                                        role: ROLE_STEWARD
                                        reason: "工信部决定"
                                        selection: "selections/pilot-2"
                                        decided_at_version:)pb",
                                      step.version() - 1,
                                      " time_us: ", tidemark::testing::FakeClock::kStartMicros)));
  EXPECT_THAT(Advance(v1::PROGRAMME_STAGE_CANCELLED), ReasonIs("STAGE_ORDER"));
  // What was decided can be read again from the records of then.
  ASSERT_OK_AND_ASSIGN(const auto again, Rank(v1::ASSESSMENT_ROUND_DEFENCE, step.version() - 1));
  EXPECT_THAT(again.selection(), EqualsProto(step.selection().selection()));
  EXPECT_THAT(again.unfinished(), IsEmpty());
}

TEST_F(ProgrammeTest, TheShortlistTakesAllThatAreEqualAcrossItsQuota) {
  RunToAssessed();
  ASSERT_OK_AND_ASSIGN(const auto seen, Rank(v1::ASSESSMENT_ROUND_ASSESSMENT, 0, "candidacies/c"));
  EXPECT_THAT(seen.unfinished(), IsEmpty());
  ASSERT_OK_AND_ASSIGN(const auto step, Advance(v1::PROGRAMME_STAGE_DEFENCE, "pilot-1"));
  v1::Selection without_means = seen.selection();
  ASSERT_EQ(without_means.candidacies_size(), 5);
  EXPECT_THAT(without_means.candidacies(2).means(0),
              EqualsText(R"pb(criterion: "plan"
                              score { value: "70.000000" })pb"));
  without_means.mutable_candidacies(2)->clear_means();
  EXPECT_THAT(step.selection().selection(), EqualsProto(without_means));
  EXPECT_EQ(step.decided(), 5u);
  for (const int tied : {2, 3}) {
    const v1::RankedCandidacy& ranked = without_means.candidacies(tied);
    EXPECT_EQ(ranked.rank(), 3u);
    EXPECT_EQ(ranked.reason(), v1::SELECTION_REASON_TIE_RULE);
    EXPECT_EQ(ranked.outcome(), v1::CANDIDACY_OUTCOME_SHORTLISTED);
  }
  EXPECT_EQ(without_means.candidacies(4).reason(), v1::SELECTION_REASON_BEYOND_QUOTA);
}

TEST_F(ProgrammeTest, StepsOutOfOrderAreRefused) {
  EXPECT_THAT(Advance(v1::PROGRAMME_STAGE_ASSESSING),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition,
                             HasSubstr("from there it can go to OPEN or CANCELLED")),
                    ReasonIs("STAGE_ORDER")));
  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_OPEN));
  EXPECT_THAT(Advance(v1::PROGRAMME_STAGE_OPEN), ReasonIs("ALREADY_THERE"));
  EXPECT_THAT(Advance(v1::PROGRAMME_STAGE_DEFENCE, "s"), ReasonIs("STAGE_ORDER"));
  ASSERT_OK(Candidate("a"));
  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_ASSESSING));
  EXPECT_THAT(Advance(v1::PROGRAMME_STAGE_DEFENCE, "s"),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("candidacies/a")),
                    ReasonIs("UNFINISHED_ASSESSMENTS")));
  ASSERT_OK_AND_ASSIGN(const auto ranking, Rank(v1::ASSESSMENT_ROUND_ASSESSMENT));
  EXPECT_THAT(ranking.unfinished(), ElementsAre("candidacies/a"));
  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_CANCELLED));
  EXPECT_THAT(Advance(v1::PROGRAMME_STAGE_DEFENCE, "s"), ReasonIs("STAGE_ORDER"));
}

TEST_F(ProgrammeTest, StepsNeedTheRightRoleAndAWholeRequest) {
  const auto good = StepTo(v1::PROGRAMME_STAGE_OPEN);
  for (const std::string& token : {viewer_, auditor_, service_token_}) {
    EXPECT_THAT(Advance(good, token), StatusIs(absl::StatusCode::kPermissionDenied));
  }
  const auto refused = [&](auto change) {
    auto request = good;
    change(request);
    return Advance(request);
  };
  EXPECT_THAT(refused([](auto& r) { r.clear_reason(); }), ReasonIs("INVALID_REASON"));
  EXPECT_THAT(refused([](auto& r) { r.clear_etag(); }), ReasonIs("INVALID_ETAG"));
  EXPECT_THAT(refused([](auto& r) { r.set_etag("other"); }),
              AllOf(StatusIs(absl::StatusCode::kAborted), ReasonIs("ETAG_MISMATCH")));
  EXPECT_THAT(refused([](auto& r) { r.set_selection_id("s"); }), ReasonIs("NO_SELECTION"));
  EXPECT_THAT(refused([](auto& r) { r.clear_stage(); }), ReasonIs("INVALID_STAGE"));
  EXPECT_THAT(refused([](auto& r) { r.set_programme("regions/cn"); }), ReasonIs("INVALID_NAME"));
  EXPECT_THAT(refused([](auto& r) { r.set_programme("programmes/none"); }),
              StatusIs(absl::StatusCode::kNotFound));
  ASSERT_OK_AND_ASSIGN(const auto step, Advance(good, admin_));
  EXPECT_EQ(step.programme().programme().steps(0).role(), type::v1::ROLE_ADMIN);
}

TEST_F(ProgrammeTest, ADryRunTellsAndARetryGetsTheSameAnswer) {
  RunToAssessed();
  auto request = StepTo(v1::PROGRAMME_STAGE_DEFENCE, "pilot-1");
  const uint64_t before = catalog_->head().version;
  request.set_dry_run(true);
  ASSERT_OK_AND_ASSIGN(const auto told, Advance(request));
  EXPECT_EQ(told.version(), before + 1);
  EXPECT_EQ(told.programme().etag(), "");
  EXPECT_EQ(catalog_->head().version, before);
  request.set_dry_run(false);
  request.set_request_id("step");
  ASSERT_OK_AND_ASSIGN(const auto taken, Advance(request));
  EXPECT_THAT(taken.selection().selection(), EqualsProto(told.selection().selection()));
  ASSERT_OK_AND_ASSIGN(const auto again, Advance(request));
  EXPECT_THAT(again, EqualsProto(taken));
  EXPECT_EQ(catalog_->head().version, before + 1);
  request.set_reason("another");
  EXPECT_THAT(Advance(request), ReasonIs("REQUEST_ID_REUSED"));
}

TEST_F(ProgrammeTest, AStepIsTakenFromTheRankingThatWasSeen) {
  RunToAssessed();
  const uint64_t seen = catalog_->head().version;
  ASSERT_OK(Assess("e", false, "95", "second"));
  auto request = StepTo(v1::PROGRAMME_STAGE_DEFENCE, "pilot-1");
  request.set_ranked_at_version(seen);
  EXPECT_THAT(Advance(request),
              AllOf(StatusIs(absl::StatusCode::kAborted), ReasonIs("RANKING_CHANGED")));
  request.set_ranked_at_version(seen + 100);
  EXPECT_THAT(Advance(request), StatusIs(absl::StatusCode::kOutOfRange));
  // What does not touch the ranking does not stand in the way.
  ASSERT_OK(ApplyText(R"pb(resources {
                             name: "regions/f"
                             region { level: REGION_LEVEL_CITY }
                           })pb"));
  request.set_ranked_at_version(seen + 1);
  EXPECT_OK(Advance(request));
}

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

TEST_F(ProgrammeTest, OnlyThoseWhoAreEligibleAndTakePartAreRanked) {
  ASSERT_OK(ApplyText(R"pb(
    resources {
      name: "regions/county"
      region { level: REGION_LEVEL_COUNTY parent: "regions/a" }
    }
  )pb"));
  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_OPEN));
  ASSERT_OK(Candidate("a"));
  ASSERT_OK(Candidate("county"));
  ASSERT_OK(Candidate("b"));
  ASSERT_OK(ApplyText(R"pb(resources {
                             name: "candidacies/c"
                             candidacy {
                               programme: "programmes/pilot"
                               candidate: "regions/c"
                               state: CANDIDACY_STATE_SUBMITTED
                               submitted { year: 2013 month: 9 day: 1 }
                             }
                           })pb"));
  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_ASSESSING));
  ASSERT_OK(ApplyText(R"pb(resources {
                             name: "candidacies/b"
                             candidacy {
                               programme: "programmes/pilot"
                               candidate: "regions/b"
                               state: CANDIDACY_STATE_WITHDRAWN
                               submitted { year: 2013 month: 7 day: 1 }
                             }
                           })pb"));
  ASSERT_OK(Assess("a", false, "50"));
  ASSERT_OK_AND_ASSIGN(const auto ranking, Rank(v1::ASSESSMENT_ROUND_ASSESSMENT));
  EXPECT_THAT(ranking.unfinished(), IsEmpty());
  ASSERT_EQ(ranking.selection().candidacies_size(), 4);
  EXPECT_EQ(ranking.selection().candidacies(0).candidacy(), "candidacies/a");
  EXPECT_EQ(ranking.selection().candidacies(1).reason(), v1::SELECTION_REASON_NOT_TAKING_PART);
  EXPECT_EQ(ranking.selection().candidacies(2).reason(), v1::SELECTION_REASON_NOT_ELIGIBLE);
  EXPECT_EQ(ranking.selection().candidacies(3).candidacy(), "candidacies/county");
  EXPECT_EQ(ranking.selection().candidacies(3).reason(), v1::SELECTION_REASON_NOT_ELIGIBLE);
}

TEST_F(ProgrammeTest, MembershipCountsOnTheDayOfSubmission) {
  auto request = ParseText<v1::ApplyResourcesRequest>(kProgramme);
  v1::Eligibility* rule = request.mutable_resources(0)->mutable_programme()->mutable_eligibility();
  rule->add_within("regionGroups/outer");
  *request.add_resources() = ParseText<v1::Resource>(R"pb(
    name: "regionGroups/outer"
    region_group {
      members { member: "regionGroups/inner" }
      members { member: "regions/b" }
    })pb");
  *request.add_resources() = ParseText<v1::Resource>(R"pb(
    name: "regionGroups/inner"
    region_group {
      members {
        member: "regions/a"
        valid { end { year: 2013 month: 7 day: 2 } }
      }
    })pb");
  ASSERT_OK(Apply(steward_, request));
  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_OPEN));
  const auto reason_of_a = [&](int day) {
    EXPECT_OK(Candidate("a", day));
    return Rank(v1::ASSESSMENT_ROUND_ASSESSMENT).value().selection().candidacies(0).reason();
  };
  EXPECT_EQ(reason_of_a(1), v1::SELECTION_REASON_NOT_ASSESSED);
  EXPECT_EQ(reason_of_a(2), v1::SELECTION_REASON_NOT_ELIGIBLE);
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
