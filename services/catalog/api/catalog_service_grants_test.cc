// Grants as resources, CheckGrant, ReportUse and ListUse over gRPC.
#include "absl/strings/str_cat.h"
#include "services/catalog/api/service_fixture.h"

namespace tidemark::catalog::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::tidemark::testing::ParseText;
using ::tidemark::testing::ReasonIs;
using ::tidemark::testing::StatusIs;
using enum absl::StatusCode;

constexpr int64_t kNow = ::tidemark::testing::FakeClock::kStartMicros;
constexpr int64_t kDay = int64_t{86'400} * 1'000'000;

constexpr char kWorld[] = R"(
  resources { name: "organisations/owner" organisation { kind: ORGANISATION_KIND_AUTHORITY } }
  resources { name: "organisations/user" organisation { kind: ORGANISATION_KIND_AUTHORITY } }
  resources { name: "providers/shop" provider { kind: PROVIDER_KIND_ENTERPRISE } }
  resources { name: "categories/books" category { information_content: INFORMATION_CONTENT_DIRECT } }
  resources {
    name: "dataAssets/books"
    data_asset {
      kind: ASSET_KIND_LIVE_DATA owner: "organisations/owner" state: ASSET_STATE_ACTIVE
      terms { texts { key: "zh" value: "仅限研究" } } subjects: "categories/books"
    }
  })";

std::string GrantText(const std::string& id, const std::string& more = "",
                      const std::string& grantee = "organisations/user") {
  return absl::StrCat(
      "resources { name: \"grants/", id, "\" grant { asset: \"dataAssets/books\" grantee: \"",
      grantee, "\" purposes: PURPOSE_RESEARCH end_time_us: ", kNow + 10 * kDay, " ", more, " } }");
}

class GrantsTest : public ServiceTest {
 protected:
  GrantsTest() {
    const auto applied = ApplyText(kWorld);
    EXPECT_OK(applied);
    grantee_ = AddToken("grantee", {Role::kGrantee}, "organisations/user");
    owner_ = AddToken("owner", {Role::kViewer}, "organisations/owner");
  }
  absl::StatusOr<v1::CheckGrantResponse> Check(
      const std::string& token, const std::string& grantee = "",
      const std::string& asset = "dataAssets/books",
      type::v1::Purpose purpose = type::v1::PURPOSE_RESEARCH) {
    v1::CheckGrantRequest request;
    request.set_asset(asset);
    request.set_purpose(purpose);
    request.set_grantee(grantee);
    v1::CheckGrantResponse response;
    const absl::Status status = Call(token, &Stub::CheckGrant, request, &response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::ReportUseResponse> Report(const std::string& text,
                                               const std::string& token = "") {
    v1::ReportUseResponse response;
    const absl::Status status = Call(token.empty() ? service_token_ : token, &Stub::ReportUse,
                                     ParseText<v1::ReportUseRequest>(text), &response);
    if (!status.ok()) return status;
    return response;
  }
  absl::StatusOr<v1::ListUseResponse> ListUse(const std::string& token,
                                              const std::string& text = "") {
    v1::ListUseResponse response;
    const absl::Status status =
        Call(token, &Stub::ListUse, ParseText<v1::ListUseRequest>(text), &response);
    if (!status.ok()) return status;
    return response;
  }

  std::string grantee_, owner_;
};

constexpr char kUse[] =
    "uses { grant: \"grants/g\" day { year: 2024 month: 1 day: 2 } purpose: PURPOSE_RESEARCH "
    "units: 5 }";

TEST_F(GrantsTest, AreJudgedByTheirRules) {
  ASSERT_OK(
      ApplyText(GrantText("g", "unit_price { value: \"0.25\" } currency: \"CNY\" allowance: 10")));
  const std::pair<std::string, std::string> bad[] = {
      {GrantText("x", "start_time_us: 1999999999999999"), "end_time_us"},
      {GrantText("x", "unit_price { value: \"1\" }"), "currency"},
      {GrantText("x", "currency: \"CNY\""), "currency"},
      {GrantText("x", "unit_price { value: \"-1\" } currency: \"CNY\""), "unit_price"},
      {GrantText("x", "unit_price { value: \"1e3\" } currency: \"CNY\""), "unit_price.value"},
      {GrantText("x", "unit_price { value: \"1\" } currency: \"yuan\""), "currency"},
      {GrantText("x", "allowance: 1000000000000001"), "allowance"},
      {GrantText("x", "allowance: 18446744073709551615"), "allowance"},
      {GrantText("x", "purposes: PURPOSE_RESEARCH"), "purposes"},
      {GrantText("x", "start_time_us: -1"), "start_time_us"},
      {GrantText("x", "revocation {}"), "revocation.reason"},
      {GrantText("x", "", ""), "grantee"},
      {"resources { name: \"grants/x\" grant { asset: \"dataAssets/books\" grantee: "
       "\"organisations/user\" purposes: PURPOSE_RESEARCH } }",
       "end_time_us"},
  };
  for (const auto& [text, field] : bad) {
    EXPECT_THAT(ApplyText(text), StatusIs(kInvalidArgument, HasSubstr(field))) << text;
  }
  EXPECT_THAT(ApplyText(GrantText("x", "", "organisations/nobody")),
              ReasonIs("DANGLING_REFERENCE"));
  EXPECT_THAT(ApplyText(GrantText("x", "", "categories/books")), StatusIs(kInvalidArgument));
}

TEST_F(GrantsTest, TermsStayAndARevocationIsForEver) {
  const std::string price = "unit_price { value: \"0.25\" } currency: \"CNY\"";
  ASSERT_OK(ApplyText(GrantText("g", price)));
  ASSERT_OK(ApplyText(GrantText("g", price + " allowance: 7")));
  for (const std::string& other :
       {std::string("unit_price { value: \"0.5\" } currency: \"CNY\""), std::string(),
        price + " purposes: PURPOSE_COMMERCIAL", price + " start_time_us: 5"}) {
    EXPECT_THAT(ApplyText(GrantText("g", other)), ReasonIs("IMMUTABLE_FIELD")) << other;
  }
  EXPECT_THAT(ApplyText(GrantText("g", price, "providers/shop")), ReasonIs("IMMUTABLE_FIELD"));
  ASSERT_OK(ApplyText(
      GrantText("g", price + " revocation { reason { texts { key: \"zh\" value: \"违约\" } } }")));
  EXPECT_THAT(ApplyText(GrantText("g", price)), ReasonIs("GRANT_REVOKED"));
  v1::DeleteResourceRequest remove;
  remove.set_name("grants/g");
  v1::DeleteResourceResponse removed;
  EXPECT_THAT(Call(steward_, &Stub::DeleteResource, remove, &removed), ReasonIs("NOT_DELETABLE"));
}

TEST_F(GrantsTest, AreShownToThoseWhoKeepThemOnly) {
  ASSERT_OK(ApplyText(GrantText("g")));
  for (const std::string& token : {steward_, auditor_, admin_, service_token_}) {
    EXPECT_OK(Get(token, "grants/g"));
  }
  for (const std::string& token : {viewer_, grantee_, owner_}) {
    EXPECT_THAT(Get(token, "grants/g"), ReasonIs("GRANTS_HIDDEN"));
    EXPECT_THAT(Get(token, "grants/none"), ReasonIs("GRANTS_HIDDEN"));
    EXPECT_THAT(List(ParseText<v1::ListResourcesRequest>("collection: \"grants\""), token),
                ReasonIs("GRANTS_HIDDEN"));
  }
  EXPECT_OK(Get(grantee_, "dataAssets/books"));
}

TEST_F(GrantsTest, ATokenOfAGranteeNamesWhomItActsFor) {
  Token token;
  token.principal = "p";
  token.roles = {Role::kGrantee};
  token.secret_hash = std::string(32, 'x');
  EXPECT_THAT(catalog_->IssueToken("test", "t", token),
              StatusIs(kInvalidArgument, HasSubstr("acts_for")));
  token.acts_for = "organisations/nobody";
  EXPECT_THAT(catalog_->IssueToken("test", "t", token), ReasonIs("DANGLING_REFERENCE"));
  token.acts_for = "categories/books";
  EXPECT_FALSE(catalog_->IssueToken("test", "t", token).ok());
  token.acts_for = "providers/shop";
  EXPECT_OK(catalog_->IssueToken("test", "t", token));
  ASSERT_OK_AND_ASSIGN(const auto shown, Get(admin_, "tokens/t"));
  EXPECT_EQ(shown.token().acts_for(), "providers/shop");
}

TEST_F(GrantsTest, CheckTellsTheGrantThatHoldsOrWhyNone) {
  ASSERT_OK_AND_ASSIGN(auto none, Check(grantee_));
  EXPECT_FALSE(none.allowed());
  EXPECT_EQ(none.reason(), "GRANT_MISSING");
  ASSERT_OK(ApplyText(GrantText("g", "allowance: 12")));
  ASSERT_OK_AND_ASSIGN(auto held, Check(grantee_));
  EXPECT_TRUE(held.allowed());
  EXPECT_EQ(held.reason(), "");
  EXPECT_EQ(held.grant(), "grants/g");
  EXPECT_EQ(held.terms().allowance(), 12u);
  EXPECT_EQ(held.units_left(), 12u);
  ASSERT_OK(Report(absl::StrCat("reporter: \"r\" batch: 1 ", kUse)));
  EXPECT_EQ(Check(grantee_)->units_left(), 7u);
  EXPECT_EQ(Check(grantee_)->units_used(), 5u);
  EXPECT_EQ(Check(grantee_, "", "dataAssets/books", type::v1::PURPOSE_COMMERCIAL)->reason(),
            "GRANT_PURPOSE");
  EXPECT_EQ(Check(grantee_, "", "dataAssets/none")->reason(), "ASSET_NOT_SHARED");
  EXPECT_EQ(Check(steward_)->reason(), "GRANT_MISSING") << "it acts for nobody";
  EXPECT_TRUE(Check(steward_, "organisations/user")->allowed());
  EXPECT_EQ(Check(steward_, "providers/shop")->reason(), "GRANT_MISSING");
  ASSERT_OK(
      Report("reporter: \"r\" batch: 2 uses { grant: \"grants/g\" day { year: 2024 month: 1 "
             "day: 2 } purpose: PURPOSE_RESEARCH units: 8 }"));
  EXPECT_EQ(Check(grantee_)->reason(), "GRANT_EXHAUSTED");
  EXPECT_EQ(Check(grantee_)->units_left(), 0u);
  clock_.Advance(absl::Hours(24 * 10));
  ASSERT_OK(ApplyText(GrantText("g", "allowance: 1000")));
  EXPECT_EQ(Check(grantee_)->reason(), "GRANT_ENDED");
}

TEST_F(GrantsTest, CheckRefusesWhatItIsNotForAndOddInput) {
  EXPECT_THAT(Check(grantee_, "providers/shop"), ReasonIs("GRANTS_HIDDEN"));
  EXPECT_THAT(Check(viewer_, "organisations/user"), ReasonIs("GRANTS_HIDDEN"));
  EXPECT_THAT(Check(steward_, "organisations/nobody"), StatusIs(kNotFound));
  EXPECT_THAT(Check(steward_, "tokens/admin"), ReasonIs("INVALID_NAME"));
  for (const char* asset : {"", "books", "categories/books", "dataAssets/", "dataAssets/\n"}) {
    EXPECT_THAT(Check(grantee_, "", asset), ReasonIs("INVALID_NAME")) << asset;
  }
  EXPECT_THAT(Check(grantee_, "", "dataAssets/books", type::v1::PURPOSE_UNSPECIFIED),
              ReasonIs("INVALID_PURPOSE"));
  EXPECT_THAT(Check(grantee_, "", "dataAssets/books", static_cast<type::v1::Purpose>(77)),
              ReasonIs("INVALID_PURPOSE"));
}

TEST_F(GrantsTest, ABatchCountsOnceAndTellsTheTotals) {
  ASSERT_OK(ApplyText(GrantText("g") + GrantText("h")));
  const std::string batch = absl::StrCat("reporter: \"r\" batch: 1 totals_of: \"grants/h\" ", kUse);
  ASSERT_OK_AND_ASSIGN(const auto first, Report(batch));
  EXPECT_FALSE(first.repeated_batch());
  ASSERT_EQ(first.totals_size(), 2);
  EXPECT_EQ(first.totals(0).units(), 5u);
  EXPECT_EQ(first.totals(1).units(), 0u);
  ASSERT_OK_AND_ASSIGN(const auto again, Report(batch));
  EXPECT_TRUE(again.repeated_batch());
  EXPECT_EQ(again.totals(0).units(), 5u);
  EXPECT_THAT(
      Report(
          "reporter: \"r\" batch: 1 uses { grant: \"grants/g\" day { year: 2024 month: 1 day: 2 } "
          "purpose: PURPOSE_RESEARCH units: 6 }"),
      ReasonIs("BATCH_REUSED"));
  EXPECT_EQ(Report(absl::StrCat("reporter: \"other\" batch: 1 ", kUse))->totals(0).units(), 10u);
  EXPECT_EQ(Report("reporter: \"r\" totals_of: [\"grants/none\", \"grants/g\"]")->totals_size(), 1);
}

TEST_F(GrantsTest, AReportIsJudgedAsAWhole) {
  ASSERT_OK(ApplyText(GrantText("g")));
  EXPECT_THAT(Report(absl::StrCat("reporter: \"r\" batch: 1 ", kUse), steward_),
              ReasonIs("ROLE_MISSING"));
  const auto use = [](const std::string& grant, const std::string& day, const std::string& rest) {
    return absl::StrCat("reporter: \"r\" batch: 1 ", kUse, " uses { grant: \"", grant, "\" day { ",
                        day, " } ", rest, " }");
  };
  const std::string day = "year: 2024 month: 1 day: 1";
  const std::string rest = "purpose: PURPOSE_RESEARCH units: 1";
  EXPECT_THAT(Report(use("grants/none", day, rest)), StatusIs(kNotFound));
  EXPECT_THAT(Report(use("dataAssets/books", day, rest)), ReasonIs("INVALID_NAME"));
  EXPECT_THAT(Report(use("grants/g", "year: 2024 month: 2 day: 30", rest)),
              ReasonIs("INVALID_DATE"));
  EXPECT_THAT(Report(use("grants/g", "year: 2024 month: 1 day: 4", rest)),
              ReasonIs("DAY_OUT_OF_RANGE"));
  EXPECT_THAT(Report(use("grants/g", "year: 2022 month: 12 day: 31", rest)),
              ReasonIs("DAY_OUT_OF_RANGE"));
  EXPECT_THAT(Report(use("grants/g", day, "units: 1")), ReasonIs("INVALID_PURPOSE"));
  EXPECT_THAT(Report(use("grants/g", day, "purpose: PURPOSE_RESEARCH")), ReasonIs("INVALID_UNITS"));
  EXPECT_THAT(Report(use("grants/g", day, "purpose: PURPOSE_RESEARCH units: 1000000000001")),
              ReasonIs("INVALID_UNITS"));
  EXPECT_THAT(Report(use("grants/g", "year: 2024 month: 1 day: 2", rest)), ReasonIs("DUPLICATE"));
  EXPECT_THAT(Report(absl::StrCat("reporter: \"\" batch: 1 ", kUse)), ReasonIs("INVALID_NAME"));
  EXPECT_THAT(Report(absl::StrCat("reporter: \"r\" ", kUse)), ReasonIs("INVALID_BATCH"));
  EXPECT_THAT(Report(absl::StrCat("reporter: \"r\" batch: 18446744073709551615 ", kUse)),
              ReasonIs("INVALID_BATCH"));
  EXPECT_EQ(Report("reporter: \"r\" totals_of: \"grants/g\"")->totals(0).units(), 0u)
      << "nothing of them was counted";
}

TEST_F(GrantsTest, UseIsListedWithWhatIsOwed) {
  ASSERT_OK(ApplyText(GrantText("g", "unit_price { value: \"0.250\" } currency: \"CNY\"") +
                      GrantText("free", "", "providers/shop") + GrantText("unused")));
  ASSERT_OK(Report(R"(reporter: "r" batch: 1
      uses { grant: "grants/g" day { year: 2024 month: 1 day: 1 } purpose: PURPOSE_RESEARCH units: 4 }
      uses { grant: "grants/g" day { year: 2024 month: 1 day: 2 } purpose: PURPOSE_RESEARCH units: 3 }
      uses { grant: "grants/free" day { year: 2024 month: 1 day: 2 } purpose: PURPOSE_RESEARCH units: 9 })"));
  ASSERT_OK_AND_ASSIGN(const auto by_grant, ListUse(auditor_));
  ASSERT_EQ(by_grant.rows_size(), 2);
  EXPECT_EQ(by_grant.rows(0).grant(), "grants/free");
  EXPECT_EQ(by_grant.rows(0).amount(), "");
  EXPECT_EQ(by_grant.rows(1).units(), 7u);
  EXPECT_EQ(by_grant.rows(1).amount(), "1.750");
  EXPECT_EQ(by_grant.rows(1).currency(), "CNY");
  EXPECT_EQ(by_grant.rows(1).asset(), "dataAssets/books");
  ASSERT_OK_AND_ASSIGN(const auto by_day,
                       ListUse(steward_, R"(detail: USE_DETAIL_DAY grant: "grants/g")"));
  ASSERT_EQ(by_day.rows_size(), 2);
  EXPECT_EQ(by_day.rows(0).amount(), "1.000");
  EXPECT_EQ(by_day.rows(1).day().day(), 2);
  EXPECT_EQ(by_day.rows(1).purpose(), type::v1::PURPOSE_RESEARCH);
  ASSERT_OK_AND_ASSIGN(const auto second,
                       ListUse(steward_, "first { year: 2024 month: 1 day: 2 }"));
  EXPECT_EQ(second.rows(1).units(), 3u);
  ASSERT_OK_AND_ASSIGN(const auto to_first,
                       ListUse(steward_, "last { year: 2024 month: 1 day: 1 }"));
  ASSERT_EQ(to_first.rows_size(), 1);
  EXPECT_EQ(to_first.rows(0).units(), 4u);
  EXPECT_EQ(ListUse(steward_, "grantee: \"providers/shop\"")->rows_size(), 1);
  EXPECT_EQ(ListUse(steward_, "asset: \"dataAssets/books\"")->rows_size(), 2);
}

TEST_F(GrantsTest, UseIsShownToGranteeAndOwnerOnly) {
  ASSERT_OK(ApplyText(GrantText("g") + GrantText("h", "", "providers/shop")));
  ASSERT_OK(Report(R"(reporter: "r" batch: 1
      uses { grant: "grants/g" day { year: 2024 month: 1 day: 1 } purpose: PURPOSE_RESEARCH units: 4 }
      uses { grant: "grants/h" day { year: 2024 month: 1 day: 1 } purpose: PURPOSE_RESEARCH units: 9 })"));
  const std::string shop = AddToken("shop", {Role::kGrantee}, "providers/shop");
  EXPECT_EQ(ListUse(owner_)->rows_size(), 2);
  ASSERT_EQ(ListUse(grantee_)->rows_size(), 1);
  EXPECT_EQ(ListUse(grantee_)->rows(0).grant(), "grants/g");
  EXPECT_EQ(ListUse(shop)->rows(0).grant(), "grants/h");
  EXPECT_EQ(ListUse(viewer_)->rows_size(), 0);
  for (const char* narrowed : {"grant: \"grants/h\"", "grantee: \"providers/shop\"",
                               "grant: \"grants/h\" detail: USE_DETAIL_DAY"}) {
    EXPECT_EQ(ListUse(grantee_, narrowed)->rows_size(), 0) << narrowed;
  }
  EXPECT_EQ(ListUse(grantee_, "asset: \"dataAssets/books\"")->rows_size(), 1);
}

TEST_F(GrantsTest, PagesTogetherHoldEveryRowOnce) {
  std::string grants, uses = "reporter: \"r\" batch: 1 ";
  for (int g = 10; g < 17; ++g) {
    absl::StrAppend(&grants, GrantText(absl::StrCat("g", g)));
    for (int day = 1; day <= g % 4; ++day) {
      absl::StrAppend(&uses, "uses { grant: \"grants/g", g,
                      "\" day { year: 2023 month: 12 day: ", day,
                      " } purpose: PURPOSE_RESEARCH units: ", g, " } ");
    }
  }
  ASSERT_OK(ApplyText(grants));
  ASSERT_OK(Report(uses));
  for (const std::string detail : {"USE_DETAIL_GRANT", "USE_DETAIL_DAY"}) {
    const std::string request = "detail: " + detail;
    ASSERT_OK_AND_ASSIGN(const auto whole, ListUse(steward_, request));
    EXPECT_EQ(whole.next_page_token(), "");
    for (const std::string& token : {steward_, grantee_}) {
      for (int size = 1; size <= 12; ++size) {
        v1::ListUseResponse joined;
        std::string page_token;
        do {
          ASSERT_OK_AND_ASSIGN(const auto page,
                               ListUse(token, absl::StrCat(request, " page_size: ", size,
                                                           " page_token: \"", page_token, "\"")));
          EXPECT_LE(page.rows_size(), size);
          joined.mutable_rows()->MergeFrom(page.rows());
          page_token = page.next_page_token();
        } while (!page_token.empty());
        EXPECT_EQ(joined.SerializeAsString(), whole.SerializeAsString()) << detail << size;
      }
    }
  }
  ASSERT_OK_AND_ASSIGN(const auto page, ListUse(steward_, "page_size: 1"));
  EXPECT_THAT(
      ListUse(grantee_, absl::StrCat("page_size: 1 page_token: \"", page.next_page_token(), "\"")),
      ReasonIs("INVALID_PAGE_TOKEN"));
}

TEST_F(GrantsTest, ListRefusesOddInput) {
  EXPECT_THAT(ListUse(steward_, "grant: \"grants/none\""), StatusIs(kNotFound));
  EXPECT_THAT(ListUse(steward_, "grant: \"dataAssets/books\""), ReasonIs("INVALID_NAME"));
  EXPECT_THAT(ListUse(steward_, "asset: \"grants/g\""), ReasonIs("INVALID_NAME"));
  EXPECT_THAT(ListUse(steward_, "grantee: \"x\""), ReasonIs("INVALID_NAME"));
  EXPECT_THAT(ListUse(steward_, "first { year: 2024 month: 13 day: 1 }"), ReasonIs("INVALID_DATE"));
  EXPECT_THAT(ListUse(steward_, "page_size: -1"), ReasonIs("INVALID_PAGE_SIZE"));
  EXPECT_THAT(ListUse(steward_, "page_token: \"no\""), ReasonIs("INVALID_PAGE_TOKEN"));
}

}  // namespace
}  // namespace tidemark::catalog::testing
