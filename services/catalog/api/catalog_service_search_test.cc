// SearchResources and ResolveRegions over a real server.
#include "services/catalog/api/service_fixture.h"

namespace tidemark::catalog {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ServiceTest;
using ::tidemark::testing::ParseText;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

class SearchTest : public ServiceTest {
 protected:
  void SetUp() override {
    ASSERT_OK(ApplyText(R"pb(
      resources {
        name: "regions/cn-33"
        display_names { key: "zh" value: "浙江省" }
        region { level: REGION_LEVEL_PROVINCE }
      }
      resources {
        name: "regions/cn-3302"
        display_names { key: "zh" value: "宁波市" }
        display_names { key: "en" value: "Ningbo" }
        region { level: REGION_LEVEL_CITY parent: "regions/cn-33" }
      }
      resources {
        name: "projects/ningbo-cloud-hospital"
        display_names { key: "zh" value: "宁波云医院" }
        display_names { key: "en" value: "Ningbo Cloud Hospital" }
        project { kind: PROJECT_KIND_DEMONSTRATION status: WORK_STATUS_ACTIVE }
      }
      resources {
        name: "organisations/bureau"
        display_names { key: "en" value: "Economic Bureau" }
        organisation { kind: ORGANISATION_KIND_AUTHORITY }
      }
    )pb"));
  }

  absl::StatusOr<v1::SearchResourcesResponse> Search(const v1::SearchResourcesRequest& request,
                                                     const std::string& token = "") {
    v1::SearchResourcesResponse response;
    absl::Status status =
        Call(token.empty() ? viewer_ : token, &Stub::SearchResources, request, &response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::ResolveRegionsResponse> Resolve(const v1::ResolveRegionsRequest& request) {
    v1::ResolveRegionsResponse response;
    absl::Status status = Call(viewer_, &Stub::ResolveRegions, request, &response);
    if (!status.ok()) return status;
    return response;
  }
  std::vector<std::string> Names(const v1::SearchResourcesRequest& request) {
    std::vector<std::string> names;
    const auto response = Search(request);
    EXPECT_OK(response.status());
    if (!response.ok()) return names;
    for (const auto& hit : response->hits()) names.push_back(hit.name());
    return names;
  }
  static v1::SearchResourcesRequest For(const std::string& query) {
    v1::SearchResourcesRequest request;
    request.set_query(query);
    return request;
  }
};

TEST_F(SearchTest, FindsResourcesOfAllTypesAndSaysWhy) {
  EXPECT_THAT(Names(For("宁波")), ElementsAre("regions/cn-3302", "projects/ningbo-cloud-hospital"));
  EXPECT_THAT(Names(For("cloud hospital")), ElementsAre("projects/ningbo-cloud-hospital"));
  ASSERT_OK_AND_ASSIGN(const auto response, Search(For("ningbo")));
  ASSERT_GE(response.hits_size(), 1);
  EXPECT_EQ(response.hits(0).display_names().at("zh"), "宁波市");
  ASSERT_EQ(response.hits(0).matches_size(), 1);
  EXPECT_EQ(response.hits(0).matches(0).kind(), v1::MATCH_KIND_NAME);
  EXPECT_EQ(response.hits(0).matches(0).field(), "display_names[en]");
  EXPECT_EQ(response.hits(0).matches(0).text(), "Ningbo");
  EXPECT_EQ(response.version(), catalog_->head().version);
}

TEST_F(SearchTest, SearchesTheCollectionsAskedFor) {
  v1::SearchResourcesRequest request = For("宁波");
  request.add_collections("projects");
  EXPECT_THAT(Names(request), ElementsAre("projects/ningbo-cloud-hospital"));
  request.add_collections("tokens");
  EXPECT_THAT(Search(request, admin_),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("tokens are never found")));
}

TEST_F(SearchTest, TokensAreNeverFound) {
  ASSERT_OK_AND_ASSIGN(const auto response, Search(For("admin"), admin_));
  EXPECT_THAT(response.hits(), IsEmpty());
}

TEST_F(SearchTest, AChangeIsFoundFromItsVersionOn) {
  ASSERT_OK_AND_ASSIGN(const auto applied, ApplyText(R"pb(
                         resources {
                           name: "regions/cn-3302"
                           display_names { key: "zh" value: "甬城市" }
                           region { level: REGION_LEVEL_CITY parent: "regions/cn-33" }
                         })pb"));
  v1::SearchResourcesRequest request = For("甬城");
  request.set_min_version(applied.version());
  EXPECT_THAT(Names(request), ElementsAre("regions/cn-3302"));
  request.set_min_version(applied.version() + 1);
  EXPECT_THAT(Search(request), StatusIs(absl::StatusCode::kOutOfRange, HasSubstr("min_version")));
}

TEST_F(SearchTest, ARestartedCatalogFindsTheSame) {
  SearchIndex again;
  ASSERT_OK_AND_ASSIGN(auto reopened, Catalog::Open({.store = store_.get(),
                                                     .clock = &clock_,
                                                     .rules = RulesOfContract(),
                                                     .observer = &again}));
  EXPECT_EQ(again.size(), search_.size());
  SearchQuery query;
  query.query = ParseQuery("ningbo");
  query.types = ~Types{0};
  query.count = 10;
  const SearchResult found = again.Search(query);
  EXPECT_EQ(found.version, reopened->head().version);
  ASSERT_EQ(found.hits.size(), 2U);
  EXPECT_EQ(found.hits[0].resource->name, "regions/cn-3302");
}

TEST_F(SearchTest, PagesFollowEachOther) {
  v1::SearchResourcesRequest request = For("宁波");
  request.set_page_size(1);
  ASSERT_OK_AND_ASSIGN(const auto first, Search(request));
  ASSERT_EQ(first.hits_size(), 1);
  request.set_page_token(first.next_page_token());
  ASSERT_OK_AND_ASSIGN(const auto second, Search(request));
  ASSERT_EQ(second.hits_size(), 1);
  EXPECT_EQ(second.hits(0).name(), "projects/ningbo-cloud-hospital");
  EXPECT_EQ(second.next_page_token(), "");
  request.set_query("浙江");
  EXPECT_THAT(Search(request),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("page_token")));
}

TEST_F(SearchTest, RefusesWhatItCannotAnswer) {
  EXPECT_THAT(Search(For("")), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("query")));
  EXPECT_THAT(Search(For("。！")), ReasonIs("EMPTY_QUERY"));
  EXPECT_THAT(Search(For(std::string(257, 'a'))), ReasonIs("TEXT_TOO_LONG"));
  v1::SearchResourcesRequest request = For("宁波");
  request.add_collections("planets");
  EXPECT_THAT(Search(request), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("planets")));
  request = For("宁波");
  request.set_page_size(-1);
  EXPECT_THAT(Search(request), ReasonIs("INVALID_PAGE_SIZE"));
  request =
      ParseText<v1::SearchResourcesRequest>(R"pb(query: "x"
                                                 valid_on { year: 2023 month: 2 day: 30 })pb");
  EXPECT_THAT(Search(request), ReasonIs("INVALID_DATE"));
}

TEST_F(SearchTest, ResolvesRegions) {
  ASSERT_OK_AND_ASSIGN(const auto response,
                       Resolve(ParseText<v1::ResolveRegionsRequest>(R"pb(texts: "浙江省宁波市"
                                                                         texts: "3302"
                                                                         texts: "nigbo"
                                                                         texts: "Atlantis")pb")));
  ASSERT_EQ(response.resolutions_size(), 4);
  for (int i : {0, 1}) {
    EXPECT_EQ(response.resolutions(i).outcome(), v1::RESOLUTION_OUTCOME_RESOLVED);
    ASSERT_EQ(response.resolutions(i).candidates_size(), 1);
    EXPECT_EQ(response.resolutions(i).candidates(0).region(), "regions/cn-3302");
  }
  EXPECT_EQ(response.resolutions(1).candidates(0).match().kind(), v1::MATCH_KIND_CODE);
  EXPECT_EQ(response.resolutions(2).outcome(), v1::RESOLUTION_OUTCOME_AMBIGUOUS);
  EXPECT_EQ(response.resolutions(2).candidates(0).match().kind(), v1::MATCH_KIND_ONE_EDIT);
  EXPECT_EQ(response.resolutions(3).outcome(), v1::RESOLUTION_OUTCOME_UNKNOWN);
  EXPECT_EQ(response.version(), catalog_->head().version);
}

TEST_F(SearchTest, ResolveRefusesWhatItCannotAnswer) {
  EXPECT_THAT(Resolve({}), ReasonIs("INVALID_BATCH_SIZE"));
  v1::ResolveRegionsRequest request;
  request.add_texts(std::string(201, 'a'));
  EXPECT_THAT(Resolve(request), ReasonIs("TEXT_TOO_LONG"));
  request.set_texts(0, "宁波");
  request.set_within("categories/x");
  EXPECT_THAT(Resolve(request), StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("within")));
  request.set_within("regions/nowhere");
  EXPECT_THAT(Resolve(request), StatusIs(absl::StatusCode::kNotFound));
  request.clear_within();
  request.add_levels(static_cast<v1::RegionLevel>(41));
  EXPECT_THAT(Resolve(request), ReasonIs("INVALID_LEVEL"));
}

TEST_F(SearchTest, AssessmentsAreFoundByThoseWhoMayReadThem) {
  v1::SearchResourcesRequest request;
  request.set_query("expert");
  request.add_collections("assessments");
  EXPECT_THAT(Search(request).status(), ReasonIs("ASSESSMENTS_HIDDEN"));
  EXPECT_OK(Search(request, auditor_).status());
}

TEST_F(SearchTest, RefusesMoreWordsThanAnybodyTypes) {
  v1::SearchResourcesRequest request;
  request.set_query("a b c d e f g h i j k l m");
  EXPECT_THAT(Search(request).status(), ReasonIs("TEXT_TOO_LONG"));
}

}  // namespace
}  // namespace tidemark::catalog
