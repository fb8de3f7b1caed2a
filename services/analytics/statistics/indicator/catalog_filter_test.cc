#include "services/analytics/statistics/indicator/catalog_filter.h"

#include "services/analytics/statistics/indicator/indicator_fixture_test.h"

namespace tidemark::analytics {
namespace {

TEST_F(IndicatorTest, FiltersOnWhatTheCatalogSaysOfCategories) {
  Buy("2022-03-05", 100, "cn", "game");
  Buy("2022-03-05", 200, "cn", "phone");
  Buy("2022-03-05", 400, "cn", "bread");
  Buy("2022-03-05", 800, "cn").fields.erase("category");
  const auto formula = [this](const char* name, const std::string& filter) {
    Formula(name, R"pb(kind: UNIT_KIND_MONEY currency: "CNY" power_of_ten: 0)pb",
            "measure { name: 'net' filters { " + filter + " } }");
    return One(name, "cn", "2022-03").value * 100;
  };
  EXPECT_EQ(formula("a", "dimension: 'information_content' codes: ['DIRECT', 'INDIRECT']"),
            base::Rational(300));
  EXPECT_EQ(formula("b", "dimension: 'information_content' codes: 'NONE'"), base::Rational(400));
  EXPECT_EQ(formula("c", "dimension: 'information_content' codes: 'DIRECT' unknown: true"),
            base::Rational(900));
  EXPECT_EQ(formula("d", "dimension: 'information_content' codes: 'DIRECT' exclude: true"),
            base::Rational(1400));
  EXPECT_EQ(formula("e", "dimension: 'category_nature' codes: 'SERVICES'"), base::Rational(100));
  EXPECT_EQ(formula("f", "dimension: 'category_nature' unknown: true"), base::Rational(1400));
  // What nobody has reported yet is nothing, not a mistake.
  EXPECT_EQ(formula("g", "dimension: 'product' codes: 'new'"), base::Rational(0));
  EXPECT_EQ(formula("h", "dimension: 'product' codes: 'new' exclude: true"), base::Rational(1500));
  Formula("i", kYuan,
          "measure { name: 'net' filters { dimension: 'information_content' codes: 'DIREKT' } }");
  EXPECT_THAT(All("i", {"regions/cn"}, {"2022-03"}).status(), ReasonIs("FORMULA_NOT_ANSWERABLE"));
  // A filter of the request is beside that of the formula, also on the same dimension.
  Formula("j", kYuan, R"pb(measure {
                             name: "net"
                             filters {
                               dimension: "category"
                               codes: [ "game", "phone" ]
                             }
                           })pb");
  ASSERT_OK_AND_ASSIGN(const auto both,
                       All("j", {"regions/cn"}, {"2022-03"},
                           {{.dimension = "category", .codes = {"phone", "bread"}}}));
  EXPECT_EQ(both[0].value, base::Rational(2));
  const absl::Status wrong =
      All("j", {"regions/cn"}, {"2022-03"}, {{.dimension = "category", .codes = {"phne"}}})
          .status();
  EXPECT_EQ(status::FieldOf(wrong), "filters[0].codes[0]");
}

TEST_F(IndicatorTest, FiltersOnWhatTheCatalogSaysOfProviders) {
  more_catalog_ = [](catalog_client::CatalogBuilder* catalog) {
    catalog->Put("providers/p").mutable_provider();
    auto& coded = *catalog->Put("providers/q").mutable_provider()->add_codes();
    coded.set_code("q-code");
  };
  auto& p = *reader_.Put("providers/p").mutable_provider();
  p.set_kind(catalog::v1::PROVIDER_KIND_CREATOR);
  auto& small = *p.add_sizes();
  small.set_size_class(catalog::v1::SIZE_CLASS_SMALL);
  catalog_client::SetDate({2022, 3, 10}, small.mutable_valid()->mutable_end());
  auto& large = *p.add_sizes();
  large.set_size_class(catalog::v1::SIZE_CLASS_LARGE);
  catalog_client::SetDate({2022, 3, 10}, large.mutable_valid()->mutable_start());
  reader_.Put("providers/q").mutable_provider()->set_kind(catalog::v1::PROVIDER_KIND_ENTERPRISE);
  Buy("2022-03-09", 100, "cn").fields["provider"] = "p";
  Buy("2022-03-10", 200, "cn").fields["provider"] = "p";
  Buy("2022-03-10", 400, "cn").fields["provider"] = "q-code";
  Buy("2022-03-10", 800, "cn").fields["provider"] = "stranger";
  Buy("2022-03-10", 1600, "cn");
  const auto formula = [this](const char* name, const std::string& filter) {
    Formula(name, kYuan, "measure { name: 'net' filters { " + filter + " } }");
    return One(name, "cn", "2022-03").value * 100;
  };
  EXPECT_EQ(formula("a", "dimension: 'provider_size' codes: 'SMALL'"), base::Rational(100));
  EXPECT_EQ(formula("b", "dimension: 'provider_size' codes: 'LARGE'"), base::Rational(200));
  EXPECT_EQ(formula("c", "dimension: 'provider_size' unknown: true"), base::Rational(2800));
  EXPECT_EQ(formula("d", "dimension: 'provider_kind' codes: ['CREATOR', 'ENTERPRISE']"),
            base::Rational(700));
  EXPECT_EQ(formula("e", "dimension: 'provider_kind' codes: 'CREATOR' exclude: true"),
            base::Rational(2800));
}

TEST_F(IndicatorTest, ACodeThatMeansSeveralProvidersIsRefusedWhereTheyDiffer) {
  world_.sources.push_back({"mall", true, {2020, 1, 1}, {}});
  more_catalog_ = [](catalog_client::CatalogBuilder* catalog) {
    for (const char* name : {"a", "b"}) {
      auto& code = *catalog->Put(std::string("providers/") + name).mutable_provider()->add_codes();
      code.set_source(std::string("sources/") + (name[0] == 'a' ? "shop" : "mall"));
      code.set_code("1");
    }
  };
  reader_.Put("providers/a").mutable_provider()->set_kind(catalog::v1::PROVIDER_KIND_CREATOR);
  reader_.Put("providers/b").mutable_provider()->set_kind(catalog::v1::PROVIDER_KIND_ENTERPRISE);
  Buy("2022-03-10", 100, "cn").fields["provider"] = "1";
  auto& other = Buy("2022-03-10", 200, "cn");
  other.fields["provider"] = "1";
  other.fields["source"] = "mall";
  Formula("x", kYuan,
          "measure { name: 'net' filters { dimension: 'provider_kind' codes: 'CREATOR' } }");
  Formula("both", kYuan,
          "measure { name: 'net' filters { dimension: 'provider_kind' codes: ['CREATOR', "
          "'ENTERPRISE'] } }");
  EXPECT_THAT(All("x", {"regions/cn"}, {"2022-03"}).status(), ReasonIs("PROVIDER_CODE_AMBIGUOUS"));
  EXPECT_EQ(One("both", "cn", "2022-03").value, base::Rational(3));
}

}  // namespace
}  // namespace tidemark::analytics
