// What a programme's records must keep to beside each other, where there are many of them.
#include "services/catalog/types/programme_life.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"
#include "services/catalog/domain/apply_plan.h"
#include "services/catalog/domain/testing_resources.h"
#include "services/catalog/types/contract_rules.h"
#include "services/catalog/types/document_message.h"

namespace tidemark::catalog {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::MakeRegion;
using ::tidemark::testing::ParseText;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

class ProgrammeLifeTest : public ::testing::Test {
 protected:
  ProgrammeLifeTest() { SetProgramme(v1::PROGRAMME_STAGE_OPEN); }

  static Resource Make(const std::string& name, const google::protobuf::Message& message) {
    Resource resource;
    resource.name = name;
    resource.content = DocumentOf(TypeOf(message), message);
    return resource;
  }
  static Type TypeOf(const google::protobuf::Message& message) {
    if (message.GetDescriptor() == v1::Programme::descriptor()) return Type::kProgramme;
    if (message.GetDescriptor() == v1::Candidacy::descriptor()) return Type::kCandidacy;
    return Type::kAssessment;
  }

  void Store(const Resource& resource) { state_.Put(std::make_shared<Resource>(resource)); }

  // As a step leaves it.
  void SetProgramme(v1::ProgrammeStage stage) {
    auto programme = ParseText<v1::Programme>(R"pb(
      submissions {
        start { year: 2013 month: 7 day: 1 }
        end { year: 2013 month: 9 day: 1 }
      }
      criteria {
        id: "plan"
        title { texts { key: "zh" value: "方案" } }
        round: ASSESSMENT_ROUND_ASSESSMENT
        weight: 60
      }
      selection_rule { quota: 68 ties: TIE_RULE_EARLIEST }
    )pb");
    programme.set_stage(stage);
    Store(Make("programmes/p", programme));
  }
  static Resource Candidacy(int i) {
    auto candidacy = ParseText<v1::Candidacy>(R"pb(
      programme: "programmes/p"
      submitted { year: 2013 month: 7 day: 1 }
      state: CANDIDACY_STATE_SUBMITTED
    )pb");
    candidacy.set_candidate(absl::StrCat("regions/r", i));
    return Make(absl::StrCat("candidacies/c", i), candidacy);
  }
  static Resource Assessment(int candidacy, int assessor) {
    auto assessment = ParseText<v1::Assessment>(R"pb(
      round: ASSESSMENT_ROUND_ASSESSMENT
      scores {
        criterion: "plan"
        score { value: "7.5" }
      }
      assessed { year: 2013 month: 10 day: 1 }
    )pb");
    assessment.set_candidacy(absl::StrCat("candidacies/c", candidacy));
    assessment.set_assessor(absl::StrCat("评委", assessor));
    return Make(absl::StrCat("assessments/a", candidacy, "-", assessor), assessment);
  }
  void StoreCandidacies(int count) {
    for (int i = 0; i < count; ++i) {
      Store(MakeRegion(absl::StrCat("r", i), RegionLevel::kCity));
      Store(Candidacy(i));
    }
  }

  absl::StatusOr<std::vector<Change>> Plan(const std::vector<Resource>& resources) {
    std::vector<WantedState> wanted;
    for (const Resource& resource : resources) wanted.push_back({resource, ""});
    return PlanApply(state_, wanted, {2, 1000, "p"});
  }

  NewestState state_{RulesOfContract()};
};

TEST_F(ProgrammeLifeTest, AProgrammeHasAtMostFiveThousandCandidacies) {
  StoreCandidacies(4'999);
  for (const int i : {4'999, 5'000}) Store(MakeRegion(absl::StrCat("r", i), RegionLevel::kCity));
  EXPECT_OK(Plan({Candidacy(4'999)}));
  EXPECT_THAT(Plan({Candidacy(4'999), Candidacy(5'000)}),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("5001 candidacies")),
                    ReasonIs("TOO_MANY_CANDIDACIES")));
}

TEST_F(ProgrammeLifeTest, ACandidacyHasAtMostAHundredAssessmentsARound) {
  StoreCandidacies(1);
  SetProgramme(v1::PROGRAMME_STAGE_ASSESSING);
  std::vector<Resource> resources;
  for (int k = 0; k < 100; ++k) resources.push_back(Assessment(0, k));
  EXPECT_OK(Plan(resources));
  resources.push_back(Assessment(0, 100));
  EXPECT_THAT(Plan(resources), ReasonIs("TOO_MANY_ASSESSMENTS"));
}

TEST_F(ProgrammeLifeTest, WhatTheSameRequestClaimsCountsToo) {
  StoreCandidacies(1);
  Resource again = Candidacy(0);
  again.name = "candidacies/again";
  EXPECT_THAT(Plan({again}), ReasonIs("ALREADY_CANDIDATE"));
  Store(MakeRegion("r1", RegionLevel::kCity));
  Resource twin = Candidacy(1);
  twin.name = "candidacies/twin";
  EXPECT_THAT(Plan({Candidacy(1), twin}), ReasonIs("ALREADY_CANDIDATE"));
}

TEST_F(ProgrammeLifeTest, TenThousandAssessmentsOfAllCandidaciesAreJudgedAtOnce) {
  StoreCandidacies(5'000);
  SetProgramme(v1::PROGRAMME_STAGE_ASSESSING);
  std::vector<Resource> resources;
  for (int i = 0; i < 5'000; ++i) {
    resources.push_back(Assessment(i, 0));
    resources.push_back(Assessment(i, 1));
  }
  ASSERT_OK_AND_ASSIGN(const auto changes, Plan(resources));
  EXPECT_EQ(changes.size(), 10'000u);
  // One that is wrong among them is found.
  resources.back() = Assessment(4'999, 0);
  resources.back().name = "assessments/again";
  EXPECT_THAT(Plan(resources), ReasonIs("ALREADY_ASSESSED"));
}

TEST_F(ProgrammeLifeTest, ARecordedProgrammeAndItsRecordsComeInOneRequest) {
  auto programme = ParseText<v1::Programme>(R"pb(recorded: true stage: PROGRAMME_STAGE_CLOSED)pb");
  auto candidacy = ParseText<v1::Candidacy>(R"pb(
    programme: "programmes/recorded"
    candidate: "regions/r0"
    state: CANDIDACY_STATE_SUBMITTED
    outcome: CANDIDACY_OUTCOME_SELECTED
  )pb");
  ASSERT_OK_AND_ASSIGN(const auto changes,
                       Plan({Make("candidacies/c", candidacy), MakeRegion("r0", RegionLevel::kCity),
                             Make("programmes/recorded", programme)}));
  EXPECT_EQ(MessageIn<v1::Candidacy>(*changes[0].after)->outcome(), v1::CANDIDACY_OUTCOME_SELECTED);
}

}  // namespace
}  // namespace tidemark::catalog
