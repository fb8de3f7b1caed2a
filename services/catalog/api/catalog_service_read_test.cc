// GetResource, ListResources, BatchGetResources and ListResourceHistory over a real server.
#include "services/catalog/api/service_fixture.h"

namespace tidemark::catalog {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ServiceTest;
using ::tidemark::testing::ParseText;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;

std::vector<std::string> NamesOf(const v1::ListResourcesResponse& page) {
  std::vector<std::string> names;
  for (const v1::Resource& resource : page.resources()) names.push_back(resource.name());
  return names;
}

class ReadTest : public ServiceTest {
 protected:
  void SetUp() override {
    ASSERT_OK(ApplyText(R"pb(
      resources {
        name: "regions/cn"
        region { level: REGION_LEVEL_NATION }
      }
      resources {
        name: "regions/cn-330000"
        display_names { key: "zh" value: "浙江省" }
        region { level: REGION_LEVEL_PROVINCE parent: "regions/cn" }
      }
      resources {
        name: "regions/cn-330100"
        display_names { key: "zh" value: "杭州市" }
        region { level: REGION_LEVEL_CITY parent: "regions/cn-330000" }
      }
      resources {
        name: "regions/cn-330200"
        display_names { key: "zh" value: "宁波市" }
        display_names { key: "en" value: "Ningbo" }
        region { level: REGION_LEVEL_CITY parent: "regions/cn-330000" }
      }
      resources {
        name: "sources/pay"
        source { kind: SOURCE_KIND_LIVE }
      }
      resources {
        name: "sources/try"
        source { kind: SOURCE_KIND_TEST }
      }
    )pb"));
    first_ = catalog_->head().version;
    ASSERT_OK(ApplyText(R"pb(
      resources {
        name: "regions/cn-330200"
        description: "second"
        region { level: REGION_LEVEL_CITY parent: "regions/cn-330000" }
      }
      resources {
        name: "regions/us"
        region { level: REGION_LEVEL_NATION }
      }
    )pb"));
  }

  uint64_t first_ = 0;
};

TEST_F(ReadTest, GetReadsAtTheNewestAndAtOldVersions) {
  ASSERT_OK_AND_ASSIGN(const auto now, Get(viewer_, "regions/cn-330200"));
  EXPECT_EQ(now.description(), "second");
  ASSERT_OK_AND_ASSIGN(const auto then, Get(viewer_, "regions/cn-330200", first_));
  EXPECT_EQ(then.display_names().at("zh"), "宁波市");
  EXPECT_EQ(then.version(), first_);
  EXPECT_THAT(Get(viewer_, "regions/us", first_),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("it does at the newest")));
  EXPECT_THAT(Get(viewer_, "regions/cn", 1000), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST_F(ReadTest, GetOfAWrongNameHelps) {
  EXPECT_THAT(Get(viewer_, "regions/cn-33020"),
              AllOf(StatusIs(absl::StatusCode::kNotFound, HasSubstr("regions/cn-330200")),
                    ReasonIs("RESOURCE_NOT_FOUND")));
  EXPECT_THAT(Get(viewer_, "region/cn"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("regionGroups")));
  EXPECT_THAT(Get(viewer_, ""), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ReadTest, TokensAreForAdminAndServiceAndHashesForServiceAlone) {
  EXPECT_THAT(Get(viewer_, "tokens/admin"),
              AllOf(StatusIs(absl::StatusCode::kPermissionDenied), ReasonIs("TOKENS_HIDDEN")));
  EXPECT_THAT(Get(steward_, "tokens/none"), StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK_AND_ASSIGN(const auto admin, Get(admin_, "tokens/admin"));
  EXPECT_EQ(admin.token().secret_hash(), "");
  ASSERT_OK_AND_ASSIGN(const auto service, Get(service_token_, "tokens/admin"));
  EXPECT_EQ(service.token().secret_hash(), access::HashSecret(admin_));
  v1::ListResourcesRequest list;
  list.set_collection("tokens");
  EXPECT_THAT(List(list), StatusIs(absl::StatusCode::kPermissionDenied));
  ASSERT_OK_AND_ASSIGN(const auto listed, List(list, admin_));
  EXPECT_EQ(listed.resources_size(), 5);
  EXPECT_EQ(listed.resources(0).token().secret_hash(), "");
  v1::BatchGetResourcesResponse batch;
  EXPECT_THAT(Call(viewer_, &Stub::BatchGetResources,
                   ParseText<v1::BatchGetResourcesRequest>("names: 'tokens/admin'"), &batch),
              StatusIs(absl::StatusCode::kPermissionDenied));
  v1::ListResourceHistoryResponse history;
  EXPECT_THAT(Call(steward_, &Stub::ListResourceHistory,
                   ParseText<v1::ListResourceHistoryRequest>("name: 'tokens/admin'"), &history),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(ReadTest, ListGoesThroughPagesOfOneVersion) {
  v1::ListResourcesRequest request;
  request.set_collection("regions");
  request.set_page_size(2);
  ASSERT_OK_AND_ASSIGN(auto page, List(request));
  EXPECT_THAT(NamesOf(page), ElementsAre("regions/cn", "regions/cn-330000"));
  const uint64_t version = page.version();
  ASSERT_OK(ApplyText(R"pb(resources {
                             name: "regions/cn-9"
                             region { level: REGION_LEVEL_NATION }
                           })pb"));
  request.set_page_token(page.next_page_token());
  ASSERT_OK_AND_ASSIGN(page, List(request));
  EXPECT_THAT(NamesOf(page), ElementsAre("regions/cn-330100", "regions/cn-330200"));
  request.set_page_token(page.next_page_token());
  ASSERT_OK_AND_ASSIGN(page, List(request));
  EXPECT_THAT(NamesOf(page), ElementsAre("regions/us"));
  EXPECT_EQ(page.next_page_token(), "");
  EXPECT_EQ(page.version(), version);
}

TEST_F(ReadTest, ListRefusesForeignPageTokens) {
  v1::ListResourcesRequest request;
  request.set_collection("regions");
  request.set_page_size(2);
  ASSERT_OK_AND_ASSIGN(const auto page, List(request));
  std::string edited = page.next_page_token();
  edited[3] = edited[3] == 'A' ? 'B' : 'A';
  for (const std::string& token : {edited, std::string("?"), std::string("AAAA")}) {
    request.set_page_token(token);
    EXPECT_THAT(List(request), AllOf(StatusIs(absl::StatusCode::kInvalidArgument),
                                     ReasonIs("INVALID_PAGE_TOKEN")));
  }
  request.set_page_token(page.next_page_token());
  request.set_filter("level = CITY");
  EXPECT_THAT(List(request), ReasonIs("INVALID_PAGE_TOKEN"));
}

TEST_F(ReadTest, ListFilters) {
  const auto list = [&](const std::string& collection, const std::string& filter) {
    v1::ListResourcesRequest request;
    request.set_collection(collection);
    request.set_filter(filter);
    return List(request);
  };
  ASSERT_OK_AND_ASSIGN(auto page, list("regions", R"(parent = "regions/cn-330000")"));
  EXPECT_THAT(NamesOf(page), ElementsAre("regions/cn-330100", "regions/cn-330200"));
  ASSERT_OK_AND_ASSIGN(page, list("regions", R"(level=CITY AND display_name:"杭")"));
  EXPECT_THAT(NamesOf(page), ElementsAre("regions/cn-330100"));
  ASSERT_OK_AND_ASSIGN(page, list("regions", "level = REGION_LEVEL_NATION AND id : c"));
  EXPECT_THAT(NamesOf(page), ElementsAre("regions/cn"));
  ASSERT_OK_AND_ASSIGN(page, list("sources", "kind = test"));
  EXPECT_THAT(NamesOf(page), ElementsAre("sources/try"));
  EXPECT_THAT(list("sources", "level = CITY"),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("kind")),
                    ReasonIs("INVALID_FILTER")));
  EXPECT_THAT(list("regions", "level = TOWN"), ReasonIs("INVALID_FILTER"));
  EXPECT_THAT(list("regions", "level"), ReasonIs("INVALID_FILTER"));
  EXPECT_THAT(list("regions", "id = a OR id = b"), ReasonIs("INVALID_FILTER"));
  EXPECT_THAT(list("regions", "id = \"a"), ReasonIs("INVALID_FILTER"));
  EXPECT_THAT(list("places", ""), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST_F(ReadTest, ListRefusesANegativePageSizeAndAVersionToCome) {
  v1::ListResourcesRequest request;
  request.set_collection("regions");
  request.set_page_size(-1);
  EXPECT_THAT(List(request), ReasonIs("INVALID_PAGE_SIZE"));
  request.set_page_size(0);
  request.set_version(1000);
  EXPECT_THAT(List(request), StatusIs(absl::StatusCode::kOutOfRange));
}

TEST_F(ReadTest, ListIsAnsweredFromTheCacheAtOneVersion) {
  v1::ApplyResourcesRequest many;
  for (int i = 0; i < 150; ++i) {
    v1::Resource* region = many.add_resources();
    region->set_name(absl::StrCat("regions/r", 100 + i));
    region->mutable_region()->set_level(v1::REGION_LEVEL_CITY);
  }
  ASSERT_OK(Apply(steward_, many));
  v1::ListResourcesRequest request;
  request.set_collection("regions");
  ASSERT_OK_AND_ASSIGN(const auto first, List(request));
  EXPECT_EQ(cache_.size(), 1u);
  ASSERT_OK_AND_ASSIGN(const auto second, List(request));
  EXPECT_EQ(cache_.counters().hits, 1u);
  EXPECT_THAT(second, tidemark::testing::EqualsProto(first));
  many.mutable_resources(0)->set_description("changed");
  ASSERT_OK(Apply(steward_, many));
  ASSERT_OK_AND_ASSIGN(const auto third, List(request));
  EXPECT_EQ(third.version(), first.version() + 1);
  EXPECT_EQ(cache_.size(), 2u);
  request.set_collection("tokens");
  ASSERT_OK(List(request, service_token_));
  EXPECT_EQ(cache_.size(), 2u);
}

TEST_F(ReadTest, AListThatWasDearToFilterIsCachedAndACheapOneIsNot) {
  v1::ApplyResourcesRequest many;
  for (int i = 0; i < 150; ++i) {
    v1::Resource* category = many.add_resources();
    category->set_name(absl::StrCat("categories/c", 100 + i));
    category->mutable_category();
  }
  ASSERT_OK(Apply(steward_, many));
  v1::ListResourcesRequest request;
  request.set_collection("categories");
  request.set_filter("id = c249");
  request.set_page_size(1);
  ASSERT_OK_AND_ASSIGN(const auto first, List(request));
  EXPECT_THAT(NamesOf(first), ElementsAre("categories/c249"));
  EXPECT_EQ(cache_.size(), 1u);
  ASSERT_OK_AND_ASSIGN(const auto second, List(request));
  EXPECT_EQ(cache_.counters().hits, 1u);
  EXPECT_THAT(second, tidemark::testing::EqualsProto(first));
  request.set_filter("id : c10");
  ASSERT_OK_AND_ASSIGN(const auto cheap, List(request));
  EXPECT_THAT(NamesOf(cheap), ElementsAre("categories/c100"));
  EXPECT_EQ(cache_.size(), 1u);
}

TEST_F(ReadTest, ListReachesEveryOfAHundredThousand) {
  for (int batch = 0; batch < 10; ++batch) {
    v1::ApplyResourcesRequest request;
    for (int i = 0; i < 10'000; ++i) {
      v1::Resource* category = request.add_resources();
      category->set_name(absl::StrCat("categories/c", 100'000 + batch * 10'000 + i));
      category->mutable_category();
    }
    ASSERT_OK(Apply(steward_, request));
  }
  v1::ListResourcesRequest request;
  request.set_collection("categories");
  request.set_page_size(1'000'000);
  int next = 100'000;
  do {
    ASSERT_OK_AND_ASSIGN(const auto page, List(request));
    EXPECT_LE(page.resources_size(), 5'000);
    for (const v1::Resource& resource : page.resources()) {
      ASSERT_EQ(resource.name(), absl::StrCat("categories/c", next++));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(next, 200'000);
  // A filter that finds little gives empty pages rather than one long search.
  request.set_filter("id = c199999");
  int empty = 0;
  for (;;) {
    ASSERT_OK_AND_ASSIGN(const auto page, List(request));
    if (page.resources().empty()) {
      ++empty;
      ASSERT_NE(page.next_page_token(), "");
      request.set_page_token(page.next_page_token());
      continue;
    }
    EXPECT_THAT(NamesOf(page), ElementsAre("categories/c199999"));
    EXPECT_EQ(page.next_page_token(), "");
    break;
  }
  EXPECT_EQ(empty, 4);
}

TEST_F(ReadTest, BatchGetStaysBelowWhatEveryClientTakes) {
  v1::ApplyResourcesRequest large;
  v1::BatchGetResourcesRequest request;
  for (int i = 0; i < 5; ++i) {
    v1::Resource* category = large.add_resources();
    category->set_name(absl::StrCat("categories/c", i));
    for (int k = 0; k < 4'500; ++k) {
      category->mutable_category()->add_aliases(absl::StrCat(std::string(190, 'x'), k));
    }
    request.add_names(category->name());
  }
  ASSERT_OK(Apply(steward_, large));
  v1::BatchGetResourcesResponse response;
  EXPECT_THAT(Call(viewer_, &Stub::BatchGetResources, request, &response),
              AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("fewer at once")),
                    ReasonIs("ANSWER_TOO_LARGE")));
  request.mutable_names()->DeleteSubrange(3, 2);
  ASSERT_OK(Call(viewer_, &Stub::BatchGetResources, request, &response));
  EXPECT_EQ(response.resources_size(), 3);
}

TEST_F(ReadTest, BatchGetIsAtomicAndInTheOrderAsked) {
  const auto batch = [&](const std::string& text) {
    v1::BatchGetResourcesResponse response;
    absl::Status status = Call(viewer_, &Stub::BatchGetResources,
                               ParseText<v1::BatchGetResourcesRequest>(text), &response);
    return status.ok() ? absl::StatusOr<v1::BatchGetResourcesResponse>(response) : status;
  };
  ASSERT_OK_AND_ASSIGN(const auto two, batch("names: 'sources/try' names: 'regions/cn'"));
  EXPECT_EQ(two.resources(0).name(), "sources/try");
  EXPECT_EQ(two.resources(1).name(), "regions/cn");
  EXPECT_EQ(two.version(), catalog_->head().version);
  EXPECT_THAT(batch("names: 'regions/cn' names: 'regions/xx'"),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(batch(""), StatusIs(absl::StatusCode::kInvalidArgument));
  const auto wrong = batch("names: 'regions/cn' names: 'nonsense'");
  EXPECT_THAT(wrong, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(status::FieldOf(wrong.status()), "names[1]");
  v1::BatchGetResourcesRequest large;
  for (int i = 0; i < 1001; ++i) large.add_names("regions/cn");
  v1::BatchGetResourcesResponse response;
  EXPECT_THAT(Call(viewer_, &Stub::BatchGetResources, large, &response),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("1001")));
}

TEST_F(ReadTest, HistoryTellsNewestFirstByPages) {
  v1::ListResourceHistoryRequest request;
  request.set_name("regions/cn-330200");
  request.set_page_size(1);
  v1::ListResourceHistoryResponse page;
  ASSERT_OK(Call(auditor_, &Stub::ListResourceHistory, request, &page));
  ASSERT_EQ(page.changes_size(), 1);
  EXPECT_EQ(page.changes(0).kind(), v1::CHANGE_KIND_UPDATE);
  EXPECT_EQ(page.changes(0).before().display_names().at("en"), "Ningbo");
  EXPECT_EQ(page.changes(0).after().description(), "second");
  EXPECT_EQ(page.changes(0).changed_by(), "steward@test");
  request.set_page_token(page.next_page_token());
  ASSERT_OK(Call(auditor_, &Stub::ListResourceHistory, request, &page));
  EXPECT_EQ(page.changes(0).kind(), v1::CHANGE_KIND_CREATE);
  EXPECT_EQ(page.next_page_token(), "");
  request.set_page_token("x");
  EXPECT_THAT(Call(auditor_, &Stub::ListResourceHistory, request, &page),
              ReasonIs("INVALID_PAGE_TOKEN"));
  request = {};
  request.set_name("regions/never");
  EXPECT_THAT(Call(auditor_, &Stub::ListResourceHistory, request, &page),
              StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Call(viewer_, &Stub::ListResourceHistory, request, &page),
              StatusIs(absl::StatusCode::kPermissionDenied));
}

}  // namespace
}  // namespace tidemark::catalog
