// Resources whose types are judged by the rules in the contract, over a real server.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/catalog/api/service_fixture.h"

namespace tidemark::catalog {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::ServiceTest;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

constexpr char kBase[] = R"pb(
  resources {
    name: "regions/cn"
    region { level: REGION_LEVEL_NATION }
  }
  resources {
    name: "regions/cn-33"
    region { level: REGION_LEVEL_PROVINCE parent: "regions/cn" }
  }
  resources {
    name: "categories/software"
    category { nature: CATEGORY_NATURE_SERVICES }
  }
  resources {
    name: "organisations/bureau"
    display_names { key: "zh" value: "宁波市经信局" }
    organisation { kind: ORGANISATION_KIND_AUTHORITY region: "regions/cn-33" }
  }
  resources {
    name: "providers/studio"
    provider { kind: PROVIDER_KIND_CREATOR }
  }
  resources {
    name: "policies/guideline"
    policy {
      kind: POLICY_KIND_GUIDELINE
      issued {
        grain: PERIOD_GRAIN_YEAR
        start { year: 2013 month: 1 day: 1 }
      }
      lines {
        id: "supply"
        title { texts { key: "en" value: "Supply capacity" } }
        kind: POLICY_LINE_KIND_ACTION
      }
    }
  }
)pb";

class CatalogTypesTest : public ServiceTest {
 protected:
  void SetUp() override { ASSERT_OK(ApplyText(kBase).status()); }

  absl::Status ApplyOne(const std::string& name, const std::string& part) {
    return ApplyText(absl::StrCat("resources { name: \"", name, "\" ", part, " }")).status();
  }
};

TEST_F(CatalogTypesTest, WhatIsAppliedComesBackAndASecondTimeChangesNothing) {
  ASSERT_OK_AND_ASSIGN(const auto again, ApplyText(kBase));
  for (const v1::Change& change : again.changes()) EXPECT_EQ(change.kind(), v1::CHANGE_KIND_NONE);
  ASSERT_OK_AND_ASSIGN(const v1::Resource policy, Get(viewer_, "policies/guideline"));
  EXPECT_EQ(policy.policy().lines(0).title().texts().at("en"), "Supply capacity");
  EXPECT_EQ(policy.policy().issued().start().year(), 2013);
}

TEST_F(CatalogTypesTest, RefusesWhatBreaksARuleOfAField) {
  struct Case {
    std::string name;
    std::string part;
    std::string field;
    std::string_view reason;
  };
  const std::string long_uri = "https://" + std::string(2000, 'x');
  const std::vector<Case> cases = {
      {"organisations/a", "organisation { }", "organisation.kind", "INVALID_RESOURCE"},
      {"organisations/a", "organisation { kind: 99 }", "organisation.kind", "INVALID_RESOURCE"},
      {"organisations/a", "organisation { kind: ORGANISATION_KIND_MEDIA uri: 'ftp://x' }",
       "organisation.uri", "INVALID_RESOURCE"},
      {"organisations/a",
       absl::StrCat("organisation { kind: ORGANISATION_KIND_MEDIA uri: '", long_uri, "' }"),
       "organisation.uri", "INVALID_RESOURCE"},
      {"organisations/a",
       "organisation { kind: ORGANISATION_KIND_MEDIA region: 'organisations/bureau' }",
       "organisation.region", "INVALID_NAME"},
      {"policies/p",
       "policy { kind: POLICY_KIND_PLAN issued { grain: PERIOD_GRAIN_YEAR "
       "start { year: 2013 month: 2 day: 1 } } }",
       "policy.issued.start", "INVALID_PERIOD"},
      {"policies/p",
       "policy { kind: POLICY_KIND_PLAN issued { grain: PERIOD_GRAIN_DAY "
       "start { year: 2013 month: 2 day: 30 } } }",
       "policy.issued.start", "INVALID_DATE"},
      {"policies/p",
       "policy { kind: POLICY_KIND_PLAN issued { grain: PERIOD_GRAIN_DAY start { year: 2013 "
       "month: 2 day: 3 } } lines { id: 'A' title { texts { key: 'en' value: 'x' } } kind: "
       "POLICY_LINE_KIND_ACTION } }",
       "policy.lines[0].id", "INVALID_RESOURCE"},
      {"policies/p",
       "policy { kind: POLICY_KIND_PLAN issued { grain: PERIOD_GRAIN_DAY start { year: 2013 "
       "month: 2 day: 3 } } lines { id: 'a' title { texts { key: 'en' value: 'x' } } kind: "
       "POLICY_LINE_KIND_ACTION } lines { id: 'a' title { texts { key: 'en' value: 'x' } } kind: "
       "POLICY_LINE_KIND_ACTION } }",
       "policy.lines[1]", "DUPLICATE"},
      {"policies/p",
       "policy { kind: POLICY_KIND_PLAN issued { grain: PERIOD_GRAIN_DAY start { year: 2013 "
       "month: 2 day: 3 } } lines { id: 'a' title { texts { key: '!' value: 'x' } } kind: "
       "POLICY_LINE_KIND_ACTION } }",
       "policy.lines[0].title.texts", "INVALID_RESOURCE"},
      {"products/p", "product { kind: PRODUCT_KIND_CONTENT rights { holder: 'providers/studio' } }",
       "product.rights[0].weight", "INVALID_RESOURCE"},
      {"venues/v",
       "venue { kind: VENUE_KIND_SHOP region: 'regions/cn-33' location { latitude_e7: 900000001 } "
       "}",
       "venue.location.latitude_e7", "INVALID_RESOURCE"},
      {"categories/c", "category { } citations { title: 'x' }", "citations[0].publisher",
       "INVALID_RESOURCE"},
      {"categories/c", "category { } search_terms: ''", "search_terms[0]", "INVALID_RESOURCE"},
  };
  for (const Case& c : cases) {
    EXPECT_THAT(ApplyOne(c.name, c.part), AllOf(StatusIs(absl::StatusCode::kInvalidArgument,
                                                         HasSubstr("resources[0]." + c.field)),
                                                ReasonIs(c.reason)))
        << c.part;
  }
}

TEST_F(CatalogTypesTest, RefusesWhatBreaksARuleBetweenFields) {
  struct Case {
    std::string name;
    std::string part;
    std::string field;
    std::string_view reason;
  };
  const std::vector<Case> cases = {
      {"products/p", "product { kind: PRODUCT_KIND_ROUTE regions: 'regions/cn' }",
       "product.regions", "INVALID_RESOURCE"},
      {"products/p",
       "product { kind: PRODUCT_KIND_CONTENT "
       "rights { holder: 'providers/studio' weight: 1 valid { end { year: 2024 month: 1 day: 2 } } "
       "} "
       "rights { holder: 'providers/studio' weight: 1 valid { start { year: 2024 month: 1 day: 1 } "
       "} } }",
       "product.rights[1].valid", "VALIDITIES_OVERLAP"},
      {"products/p",
       "product { kind: PRODUCT_KIND_CONTENT "
       "rights { holder: 'providers/studio' weight: 600000000 } "
       "rights { holder: 'organisations/bureau' weight: 600000000 } }",
       "product.rights", "INVALID_RESOURCE"},
      {"batches/b",
       "batch { collection: 'scenarios' members: 'providers/studio' declared_count: 19 }",
       "batch.members[0]", "INVALID_RESOURCE"},
      {"batches/b",
       "batch { collection: 'organisations' members: ['organisations/bureau'] declared_count: 0 "
       "} search_terms: ['a', 'b']",
       "", ""},
      {"dataAssets/a",
       "data_asset { kind: ASSET_KIND_FILES owner: 'organisations/bureau' state: "
       "ASSET_STATE_REGISTERED }",
       "data_asset.sha256", "INVALID_RESOURCE"},
      {"savedQueries/q", "saved_query { text: 'net' parameters { name: 'Year' } }",
       "saved_query.parameters[0].name", "INVALID_RESOURCE"},
      {"targets/t",
       "target { region: 'regions/cn-33' due { grain: PERIOD_GRAIN_YEAR start { year: 2015 month: "
       "1 day: 1 } } }",
       "target.goal", "INVALID_RESOURCE"},
      {"cooperations/c",
       "cooperation { kind: COOPERATION_KIND_MECHANISM parties { party: 'organisations/bureau' "
       "role: PARTY_ROLE_FOUNDER } deliveries { commitment: 'forums' count: 1 period { grain: "
       "PERIOD_GRAIN_YEAR start { year: 2024 month: 1 day: 1 } } } }",
       "cooperation.deliveries[0].commitment", "DANGLING_REFERENCE"},
  };
  for (const Case& c : cases) {
    const absl::Status status = ApplyOne(c.name, c.part);
    if (c.reason.empty()) {
      EXPECT_OK(status) << c.part;
      continue;
    }
    EXPECT_THAT(status, AllOf(StatusIs(absl::StatusCode::kInvalidArgument,
                                       HasSubstr("resources[0]." + c.field)),
                              ReasonIs(c.reason)))
        << c.part;
  }
}

TEST_F(CatalogTypesTest, SelectionsAreNotApplied) {
  EXPECT_THAT(
      ApplyOne("selections/s", "selection { }"),
      AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), ReasonIs("SELECTION_NOT_APPLIED")));
}

TEST_F(CatalogTypesTest, WhatIsReferredToMustExistAndStays) {
  EXPECT_THAT(ApplyOne("scenarios/s",
                       "scenario { policy_lines { policy: 'policies/guideline' line: 'demand' } }"),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition,
                             HasSubstr("scenario.policy_lines[0].line")),
                    ReasonIs("DANGLING_REFERENCE")));
  EXPECT_OK(ApplyOne("scenarios/s",
                     "scenario { policy_lines { policy: 'policies/guideline' line: 'supply' } }"));
  EXPECT_THAT(ApplyOne("scenarios/t", "scenario { adoptions { region: 'regions/cn-99' } }"),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition,
                             HasSubstr("scenario.adoptions[0].region")),
                    ReasonIs("DANGLING_REFERENCE")));
  EXPECT_THAT(
      ApplyOne("categories/c", "category { } citations { publisher: 'organisations/nobody' }"),
      AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("citations[0].publisher")),
            ReasonIs("DANGLING_REFERENCE")));
  // A batch can go, but not while something refers to it.
  ASSERT_OK(ApplyOne("batches/first", "batch { collection: 'scenarios' declared_count: 19 }"));
  ASSERT_OK(ApplyOne("activities/conference",
                     "activity { kinds: ACTIVITY_KIND_CONFERENCE outcomes: 'batches/first' }"));
  v1::DeleteResourceRequest request;
  request.set_name("batches/first");
  v1::DeleteResourceResponse response;
  EXPECT_THAT(Call(steward_, &Stub::DeleteResource, request, &response),
              ReasonIs("STILL_REFERENCED"));
}

TEST_F(CatalogTypesTest, NothingStandsAboveItself) {
  const auto organisation = [&](const std::string& id, const std::string& parent) {
    return ApplyOne("organisations/" + id,
                    absl::StrCat("organisation { kind: ORGANISATION_KIND_ENTERPRISE parent: '",
                                 parent.empty() ? "" : "organisations/" + parent, "' }"));
  };
  ASSERT_OK(organisation("o0", ""));
  for (int i = 1; i <= 16; ++i) {
    ASSERT_OK(organisation(absl::StrCat("o", i), absl::StrCat("o", i - 1))) << i;
  }
  EXPECT_THAT(organisation("o17", "o16"), ReasonIs("TOO_DEEP"));
  EXPECT_THAT(organisation("o0", "o3"), ReasonIs("CYCLE"));
  EXPECT_THAT(organisation("o0", "o0"), ReasonIs("CYCLE"));
}

TEST_F(CatalogTypesTest, ACodeOfEventsNamesOneProvider) {
  ASSERT_OK(ApplyOne("sources/shop", "source { kind: SOURCE_KIND_TEST }"));
  const auto provider = [&](const std::string& id, const std::string& source) {
    return ApplyOne("providers/" + id, absl::StrCat("provider { kind: PROVIDER_KIND_CREATOR codes "
                                                    "{ code: 'p-17' source: '",
                                                    source, "' } }"));
  };
  ASSERT_OK(provider("a", "sources/shop"));
  ASSERT_OK(provider("a", "sources/shop"));
  EXPECT_THAT(provider("b", "sources/shop"),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("providers/a")),
                    ReasonIs("CODE_TAKEN")));
  EXPECT_THAT(provider("b", ""), ReasonIs("CODE_TAKEN"));
  ASSERT_OK(provider("a", ""));
  EXPECT_THAT(provider("b", "sources/shop"), ReasonIs("CODE_TAKEN"));
  // In one request too; a product may have the code of a provider.
  EXPECT_THAT(ApplyText("resources { name: 'providers/c' provider { kind: PROVIDER_KIND_CREATOR "
                        "codes { code: 'x' } } } resources { name: 'providers/d' provider { kind: "
                        "PROVIDER_KIND_CREATOR codes { code: 'x' } } }")
                  .status(),
              ReasonIs("CODE_TAKEN"));
  EXPECT_OK(ApplyOne("products/p", "product { kind: PRODUCT_KIND_GOOD codes { code: 'p-17' } }"));
}

TEST_F(CatalogTypesTest, FieldsThatAreFixedStay) {
  const std::string asset =
      "data_asset { kind: ASSET_KIND_FILES owner: 'organisations/bureau' state: "
      "ASSET_STATE_REGISTERED sha256: '0123456789012345678901234567890X' }";
  ASSERT_OK(ApplyOne("dataAssets/a", absl::StrReplaceAll(asset, {{"X", "1"}})));
  EXPECT_THAT(ApplyOne("dataAssets/a", absl::StrReplaceAll(asset, {{"X", "2"}})),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("sha256")),
                    ReasonIs("IMMUTABLE_FIELD")));
}

// A text in many languages has no order of its own.
TEST_F(CatalogTypesTest, FixedTextsOfManyLanguagesAreTheSameInAnyOrder) {
  ASSERT_OK(ApplyOne("indicators/sales",
                     "indicator { unit { kind: UNIT_KIND_COUNT } frequency: PERIOD_GRAIN_YEAR "
                     "additivity: ADDITIVITY_FLOW method { texts { key: 'en' value: 'x' } } }"));
  ASSERT_OK(ApplyOne("observationSeries/sales",
                     "observation_series { indicator: 'indicators/sales' form: SERIES_FORM_LEVEL "
                     "unit { kind: UNIT_KIND_COUNT } publisher: 'organisations/bureau' }"));
  std::string notes;
  for (const char* language : {"zh", "en", "fr", "de", "ja", "ko", "pt", "es", "it", "ru"}) {
    absl::StrAppend(&notes, "texts { key: '", language, "' value: 'x' } ");
  }
  const std::string vintage = absl::StrCat(
      "source { publisher: 'organisations/bureau' published { year: 2024 month: 1 day: 1 } } "
      "series { series: 'observationSeries/sales' regions { region: 'regions/cn' cells { value { "
      "value: '1' } note: 1 period { grain: PERIOD_GRAIN_YEAR start { year: 2023 month: 1 day: 1 } "
      "} } } } notes { ",
      notes, " } ");
  ASSERT_OK(ApplyOne("vintages/v", absl::StrCat("vintage { ", vintage, "}")));
  EXPECT_OK(ApplyOne("vintages/v", absl::StrCat("vintage { ", vintage,
                                                "withdrawn: true withdrawal_reason: 'mistaken' "
                                                "}")));
}

TEST_F(CatalogTypesTest, AGdpSeriesIsInTheCurrencyOfTheObservatory) {
  const std::string observatory =
      "resources { name: 'observatories/main' observatory { time_zone: 'UTC' currency: 'CNY' start "
      "{ year: 2020 month: 1 day: 1 } } }";
  const auto series = [](const std::string& currency) {
    return absl::StrCat(
        "resources { name: 'indicators/gdp' indicator { unit { kind: UNIT_KIND_MONEY currency: '",
        currency,
        "' } frequency: PERIOD_GRAIN_YEAR additivity: ADDITIVITY_FLOW method { texts { key: 'en' "
        "value: 'x' } } } } resources { name: 'observationSeries/gdp' observation_series { "
        "indicator: 'indicators/gdp' form: SERIES_FORM_LEVEL unit { kind: UNIT_KIND_MONEY "
        "currency: "
        "'",
        currency,
        "' } price_basis: PRICE_BASIS_CURRENT publisher: 'organisations/bureau' denominator { "
        "role: "
        "DENOMINATOR_ROLE_GDP } } } ");
  };
  // In one request, and whichever comes first.
  EXPECT_THAT(ApplyText(series("USD") + observatory).status(), ReasonIs("UNIT_MISMATCH"));
  ASSERT_OK(ApplyText(series("USD")).status());
  EXPECT_THAT(ApplyText(observatory).status(),
              AllOf(ReasonIs("UNIT_MISMATCH"), StatusIs(absl::StatusCode::kFailedPrecondition,
                                                        HasSubstr("observationSeries/gdp"))));
}

TEST_F(CatalogTypesTest, RegionsAreSucceededByOthers) {
  const auto region = [&](const std::string& id, const std::string& successors) {
    return ApplyOne("regions/" + id,
                    absl::StrCat("region { level: REGION_LEVEL_CITY parent: 'regions/cn-33' valid "
                                 "{ end { year: 2021 month: 4 day: 9 } } ",
                                 successors, " }"));
  };
  const std::string day = " date { year: 2021 month: 4 day: 9 } ";
  const std::string gdp = day + "basis: CROSSWALK_BASIS_GDP ";
  ASSERT_OK(region("a", ""));
  ASSERT_OK(region("b", absl::StrCat("successors { region: 'regions/a'", gdp,
                                     "weight { value: '0.35' } } successors { region: "
                                     "'regions/cn-33'",
                                     gdp, "weight { value: '0.650' } }")));
  // A region that ends hands over all of itself.
  EXPECT_THAT(region("c", absl::StrCat("successors { region: 'regions/a'", gdp,
                                       "weight { value: '0.35' } }")),
              ReasonIs("WEIGHTS_NOT_ONE"));
  EXPECT_THAT(
      region("c", absl::StrCat("successors { region: 'regions/a'", day,
                               "basis: CROSSWALK_BASIS_WHOLE } successors { region: 'regions/b'",
                               day, "basis: CROSSWALK_BASIS_WHOLE }")),
      ReasonIs("WEIGHTS_NOT_ONE"));
  EXPECT_THAT(region("a", absl::StrCat("successors { region: 'regions/b'", day,
                                       "basis: CROSSWALK_BASIS_WHOLE }")),
              ReasonIs("CYCLE"));
  // What succeeds a region is no child of it.
  EXPECT_OK(ApplyOne("regions/a", "region { level: REGION_LEVEL_COUNTY parent: 'regions/cn-33' }"));
}

TEST_F(CatalogTypesTest, ListsAreFilteredByFieldsOfTheType) {
  ASSERT_OK(ApplyOne("organisations/paper", "organisation { kind: ORGANISATION_KIND_MEDIA }"));
  v1::ListResourcesRequest request;
  request.set_collection("organisations");
  request.set_filter("kind = MEDIA");
  ASSERT_OK_AND_ASSIGN(auto found, List(request));
  ASSERT_EQ(found.resources_size(), 1);
  EXPECT_EQ(found.resources(0).name(), "organisations/paper");
  request.set_filter("region : \"cn-33\"");
  ASSERT_OK_AND_ASSIGN(found, List(request));
  ASSERT_EQ(found.resources_size(), 1);
  EXPECT_EQ(found.resources(0).name(), "organisations/bureau");
  request.set_filter("sort = x");
  EXPECT_THAT(List(request).status(),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("kind")),
                    ReasonIs("INVALID_FILTER")));
}

}  // namespace
}  // namespace tidemark::catalog
