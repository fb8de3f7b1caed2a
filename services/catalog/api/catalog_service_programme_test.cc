// The steps of a programme over a real server, and the rankings that they are taken from.
#include "services/catalog/api/programme_fixture.h"

namespace tidemark::catalog {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::kProgramme;
using testing::ProgrammeTest;
using ::tidemark::testing::EqualsProto;
using ::tidemark::testing::EqualsText;
using ::tidemark::testing::ParseText;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

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

TEST_F(ProgrammeTest, AMunicipalityIsEligibleAsACity) {
  const auto reason_with_lowest_level = [&](const std::string& lowest) {
    EXPECT_OK(
        ApplyText(absl::StrCat("resources { name: 'regions/municipality' region { level: "
                               "REGION_LEVEL_PROVINCE parent: 'regions/cn' ",
                               lowest, " } }")));
    return Rank(v1::ASSESSMENT_ROUND_ASSESSMENT).value().selection().candidacies(0).reason();
  };
  ASSERT_OK(ApplyText(R"pb(resources {
                             name: "regions/municipality"
                             region { level: REGION_LEVEL_PROVINCE parent: "regions/cn" }
                           })pb"));
  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_OPEN));
  ASSERT_OK(Candidate("municipality"));
  EXPECT_EQ(reason_with_lowest_level(""), v1::SELECTION_REASON_NOT_ELIGIBLE);
  EXPECT_EQ(reason_with_lowest_level("lowest_level: REGION_LEVEL_CITY"),
            v1::SELECTION_REASON_NOT_ASSESSED);
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

  // Of an earlier version its groups count, whatever they hold now.
  const auto first_day = catalog_->head().version - 1;
  ASSERT_OK(ApplyText(R"pb(resources {
                             name: "regionGroups/inner"
                             region_group {}
                           })pb"));
  EXPECT_EQ(reason_of_a(1), v1::SELECTION_REASON_NOT_ELIGIBLE);
  ASSERT_OK_AND_ASSIGN(const auto then, Rank(v1::ASSESSMENT_ROUND_ASSESSMENT, first_day));
  EXPECT_EQ(then.selection().candidacies(0).reason(), v1::SELECTION_REASON_NOT_ASSESSED);
}

TEST_F(ProgrammeTest, OrganisationsAreCandidatesWhereTheirKindMayBe) {
  auto request = ParseText<v1::ApplyResourcesRequest>(kProgramme);
  request.mutable_resources(0)->mutable_programme()->mutable_eligibility()->add_organisation_kinds(
      v1::ORGANISATION_KIND_ENTERPRISE);
  ASSERT_OK(Apply(steward_, request));
  ASSERT_OK(Advance(v1::PROGRAMME_STAGE_OPEN));
  ASSERT_OK(ApplyText(R"pb(
    resources {
      name: "organisations/firm"
      organisation { kind: ORGANISATION_KIND_ENTERPRISE }
    }
    resources {
      name: "organisations/office"
      organisation { kind: ORGANISATION_KIND_AUTHORITY }
    }
    resources {
      name: "candidacies/firm"
      candidacy {
        programme: "programmes/pilot"
        candidate: "organisations/firm"
        state: CANDIDACY_STATE_SUBMITTED
        submitted { year: 2013 month: 7 day: 1 }
      }
    }
    resources {
      name: "candidacies/office"
      candidacy {
        programme: "programmes/pilot"
        candidate: "organisations/office"
        state: CANDIDACY_STATE_SUBMITTED
        submitted { year: 2013 month: 7 day: 1 }
      }
    })pb"));
  ASSERT_OK_AND_ASSIGN(const auto ranking, Rank(v1::ASSESSMENT_ROUND_ASSESSMENT));
  EXPECT_EQ(ranking.selection().candidacies(0).reason(), v1::SELECTION_REASON_NOT_ASSESSED);
  EXPECT_EQ(ranking.selection().candidacies(1).reason(), v1::SELECTION_REASON_NOT_ELIGIBLE);
}

}  // namespace
}  // namespace tidemark::catalog
