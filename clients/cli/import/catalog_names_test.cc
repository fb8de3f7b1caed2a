#include "clients/cli/import/catalog_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/testing/status_matchers.h"
#include "tidemark/catalog/v1/catalog_service.pb.h"

namespace tidemark::importer {
namespace {

using ::testing::HasSubstr;
using ::tidemark::testing::IsOkAndHolds;
using ::tidemark::testing::StatusIs;

// A catalog that answers with one resource a page.
class FakeCatalog {
 public:
  void AddRegion(const std::string& id, const std::string& english, const std::string& alias) {
    catalog::v1::Resource& resource = resources_.emplace_back();
    resource.set_name("regions/" + id);
    (*resource.mutable_display_names())["en"] = english;
    resource.mutable_region()->add_aliases(alias);
  }
  void AddObservatory() {
    catalog::v1::Resource& resource = resources_.emplace_back();
    resource.set_name("observatories/o");
    resource.mutable_observatory()->set_time_zone("Europe/London");
    resource.mutable_observatory()->set_currency("GBP");
    resource.mutable_observatory()->set_scale(3);
  }

  ListResources List() {
    return [this](const catalog::v1::ListResourcesRequest& request)
               -> absl::StatusOr<catalog::v1::ListResourcesResponse> {
      ++calls;
      catalog::v1::ListResourcesResponse response;
      size_t at = request.page_token().empty() ? 0 : std::stoul(request.page_token());
      for (; at < resources_.size(); ++at) {
        if (resources_[at].name().rfind(request.collection() + "/", 0) != 0) continue;
        *response.add_resources() = resources_[at];
        response.set_next_page_token(std::to_string(at + 1));
        break;
      }
      return response;
    };
  }
  int calls = 0;

 private:
  std::vector<catalog::v1::Resource> resources_;
};

TEST(CatalogNamesTest, FindsIdsAliasesAndDisplayNamesOnAllPages) {
  FakeCatalog catalog;
  catalog.AddRegion("ie", "Ireland", "EIRE");
  catalog.AddRegion("gb", "United Kingdom", "UK");
  CatalogNames names(catalog.List());
  EXPECT_THAT(names.Resolve(NameKind::kRegion, "gb"), IsOkAndHolds("gb"));
  EXPECT_THAT(names.Resolve(NameKind::kRegion, " eire "), IsOkAndHolds("ie"));
  EXPECT_THAT(names.Resolve(NameKind::kRegion, "UNITED kingdom"), IsOkAndHolds("gb"));
  // Two resources and the empty page, once.
  EXPECT_EQ(catalog.calls, 3);
  EXPECT_THAT(names.Resolve(NameKind::kCategory, "gb").status(),
              StatusIs(absl::StatusCode::kNotFound));
}

TEST(CatalogNamesTest, UnknownNamesComeWithTheNearest) {
  FakeCatalog catalog;
  catalog.AddRegion("ie", "Ireland", "EIRE");
  CatalogNames names(catalog.List());
  EXPECT_THAT(names.Resolve(NameKind::kRegion, "Irland").status(),
              StatusIs(absl::StatusCode::kNotFound, HasSubstr("`Ireland`")));
}

TEST(CatalogNamesTest, OfManyNamesThoseAreShownThatHoldTheTextOrAreNearIt) {
  FakeCatalog catalog;
  for (int i = 0; i < 20; ++i)
    catalog.AddRegion(absl::StrCat("r", i), absl::StrCat("Somewhere else ", i), "");
  catalog.AddRegion("cn-31", "上海", "沪");
  catalog.AddRegion("cn-310115", "浦东新区", "");
  CatalogNames names(catalog.List());
  const absl::Status unknown = names.Resolve(NameKind::kRegion, "上海市浦东新区张江镇").status();
  EXPECT_THAT(std::string(unknown.message()), HasSubstr("; nearest: 浦东新区, 上海, "));
  // Not for ever: a file may have the wrong column.
  for (int i = 0; i < 99; ++i) (void)names.Resolve(NameKind::kRegion, absl::StrCat("xyz", i));
  EXPECT_EQ(names.Resolve(NameKind::kRegion, "xyz100").status().message(),
            "regions of the catalog: no `xyz100`");
}

TEST(CatalogNamesTest, NamesWithTwoMeaningsAreRefused) {
  FakeCatalog catalog;
  catalog.AddRegion("us-il", "Springfield", "S1");
  catalog.AddRegion("us-ma", "Springfield", "S2");
  CatalogNames names(catalog.List());
  EXPECT_THAT(names.Resolve(NameKind::kRegion, "springfield").status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("us-il, us-ma")));
}

TEST(CatalogNamesTest, FailureOfTheCatalogIsPassedOn) {
  CatalogNames names([](const catalog::v1::ListResourcesRequest&)
                         -> absl::StatusOr<catalog::v1::ListResourcesResponse> {
    return absl::UnavailableError("down");
  });
  EXPECT_THAT(names.Resolve(NameKind::kRegion, "x").status(),
              StatusIs(absl::StatusCode::kUnavailable));
}

TEST(ReadObservatoryTest, TellsItsUnitsOrThatThereIsNone) {
  FakeCatalog catalog;
  EXPECT_THAT(ReadObservatory(catalog.List()).status(),
              StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("tidemark apply")));
  catalog.AddObservatory();
  ASSERT_OK_AND_ASSIGN(const ObservatoryUnits units, ReadObservatory(catalog.List()));
  EXPECT_EQ(units.time_zone, "Europe/London");
  EXPECT_EQ(units.scale, 3);
}

}  // namespace
}  // namespace tidemark::importer
