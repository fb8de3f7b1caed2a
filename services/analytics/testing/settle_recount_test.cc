// Settlements of random rights in random worlds, through both engines, against loops over events.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "clients/cpp/query/canonical.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/query_convert.h"
#include "services/analytics/statistics/settle/settle.h"
#include "services/analytics/testing/plain_catalog.h"
#include "services/analytics/testing/random_query.h"
#include "services/analytics/testing/settle_oracle.h"
#include "services/analytics/testing/statistic_campaign.h"

namespace tidemark::analytics::testing {
namespace {

const std::vector<std::string> kHolders = {"organisations/a", "organisations/b", "organisations/c",
                                           "providers/seller-0", "providers/great"};

// Tells what is owed for the use of plain assets, three rows a page.
class PlainUses final : public GrantUseReader {
 public:
  explicit PlainUses(const std::vector<PlainAsset>* assets) : assets_(*assets) {}

  absl::Status ReadUse(const catalog::v1::ListUseRequest& request, TakePage take) override {
    const auto number = [](const type::v1::Date& date) {
      return DayNumber({date.year(), date.month(), date.day()});
    };
    catalog::v1::ListUseResponse page;
    for (const PlainAsset& asset : assets_) {
      if ("dataAssets/" + asset.id != request.asset()) continue;
      for (const PlainUse& use : asset.uses) {
        if (use.day < number(request.first()) || number(request.last()) < use.day) continue;
        catalog::v1::UseRow& row = *page.add_rows();
        const NaiveDate date = DateOf(use.day);
        catalog_client::SetDate({date.year, date.month, date.day}, row.mutable_day());
        row.set_amount(use.currency.empty() ? "" : DecimalText(use.digits, use.decimals));
        row.set_currency(use.currency);
        if (page.rows_size() < 3) continue;
        TM_RETURN_IF_ERROR(take(page));
        page.clear_rows();
      }
    }
    return take(page);
  }

 private:
  const std::vector<PlainAsset>& assets_;
};

class Settlements final : public StatisticAsker {
 public:
  Settlements(FoldedWorld* folded, std::mt19937_64* random, CampaignCounters* counters)
      : StatisticAsker(folded, random, counters) {
    catalog_ = &reader_;
    MakeProducts();
    MakeAssets();
  }
  // Few products and many refunds of earlier purchases.
  static World MakeWorld(uint64_t seed, const std::string& zone) {
    return testing::MakeWorld(seed, 300 + seed % 200, zone);
  }

  void Ask() {
    ChooseSnapshot(30);
    ChooseScope(12);
    v1::Query query;
    const v1::Query drawn = RandomQuery(folded_.world, &random_, size_);
    *query.mutable_filters() = drawn.filters();
    if (Chance(60)) *query.mutable_range() = drawn.range();
    SettleQuestion question{.query = FromProto(query)};
    for (const PlainProduct& product : products_) {
      if (Chance(25)) question.subjects.push_back("products/" + product.id);
    }
    if (Chance(50)) question.subjects.clear();
    Days days;
    if (Chance(35)) days = AddAssets(&question, &query);
    AddHolders(&question);
    SCOPED_TRACE(absl::StrCat(folded_.world.zone, " at ", size_, " scope ", scope_, ": ",
                              query::CanonicalText(query)));
    const SettleOracle oracle(folded_.world, query, size_, scope_);
    const SettleOracle::SettleRows want =
        oracle.Count(products_, question.subjects, question.holders, assets_, days.first, days.end,
                     question.currency.empty() ? folded_.world.currency : question.currency);
    EachEngine([&](const StatisticContext& context) {
      ASSERT_OK_AND_ASSIGN(const Settlement got, ComputeSettlement(context, &uses_, question));
      Compare("settle.holders", want.holders, got.holders);
      Compare("settle.parts", want.parts, got.parts);
      Compare("settle.subjects", want.subjects, got.subjects);
    });
    counters_["settle refunds of other days"] += oracle.refunds_of_other_days();
    counters_["settle ties"] += oracle.ties();
    counters_["settle losses"] += oracle.losses();
    for (const PlainRow& row : want.subjects)
      counters_["settle unsettled"] += row.at("unsettled").text != "0" ? 1 : 0;
    if (!question.holders.empty()) ++counters_["settle of holders"];
  }

 private:
  struct Days {
    int64_t first = 0, end = 0;
  };

  // The zone has no such day, so it can neither be asked for nor be one of use.
  bool IsLeftOut(int64_t day) const {
    const NaiveCalendar calendar(folded_.world.zone);
    return calendar.DayAt(calendar.StartOfDay(day)) != day;
  }

  // Whole days, without filters; products beside them are sold in the observatory's currency.
  Days AddAssets(SettleQuestion* question, v1::Query* query) {
    for (const PlainAsset& asset : assets_) {
      if (Chance(60)) question->subjects.push_back("dataAssets/" + asset.id);
    }
    if (question->subjects.empty()) question->subjects.push_back("dataAssets/" + assets_[0].id);
    const bool products =
        std::any_of(question->subjects.begin(), question->subjects.end(),
                    [](const std::string& name) { return name.starts_with("products/"); });
    if (Chance(30)) question->currency = products ? folded_.world.currency : "USD";
    ++counters_[products ? "settle assets beside products" : "settle assets"];
    Days days;
    days.first = DayNumber(folded_.world.observatory_start) + static_cast<int64_t>(Below(500));
    days.first += IsLeftOut(days.first) ? 1 : 0;
    days.end = days.first + 1 + static_cast<int64_t>(Below(400));
    days.end += IsLeftOut(days.end - 1) ? 1 : 0;
    const auto name = [](int64_t day) {
      const NaiveDate date = DateOf(day);
      return absl::StrFormat("%04d-%02d-%02d", date.year, date.month, date.day);
    };
    query->clear_filters();
    query->mutable_range()->set_first(name(days.first));
    query->mutable_range()->set_last(name(days.end - 1));
    question->query = FromProto(*query);
    return days;
  }

  // Only holders that have a share on some day may be named.
  void AddHolders(SettleQuestion* question) {
    if (!Chance(35)) return;
    std::set<std::string> known;
    for (const PlainProduct& product : products_) {
      const std::string name = "products/" + product.id;
      const auto& subjects = question->subjects;
      if (!subjects.empty() && std::find(subjects.begin(), subjects.end(), name) == subjects.end())
        continue;
      for (const PlainShare& share : product.rights) known.insert(share.holder);
    }
    for (const PlainAsset& asset : assets_) {
      const auto& subjects = question->subjects;
      if (std::find(subjects.begin(), subjects.end(), "dataAssets/" + asset.id) == subjects.end())
        continue;
      for (const PlainShare& share : asset.rights) known.insert(share.holder);
    }
    for (const std::string& holder : known) {
      if (Chance(50)) question->holders.push_back(holder);
    }
  }

  void MakeProducts() {
    const int64_t start = DayNumber(folded_.world.observatory_start);
    for (int p = 0; p < 12; ++p) {
      if (Chance(15)) continue;
      PlainProduct product{.id = Chance(50) ? absl::StrCat("p", p) : absl::StrCat("work-", p)};
      if (product.id[0] == 'w') {
        // By a code of one source, or of all; another product may have it elsewhere.
        const std::string code = absl::StrCat("p", p);
        product.codes.push_back({Chance(50) ? "" : Pick(folded_.world.sources).id, code});
        if (Chance(50) && p > 0) {
          const WorldProviderCode other{Pick(folded_.world.sources).id, absl::StrCat("p", p - 1)};
          if (!IsTaken(other)) product.codes.push_back(other);
        }
      }
      product.rights = DrawRights(start);
      products_.push_back(product);
      Write(product);
    }
  }
  void MakeAssets() {
    const int64_t start = DayNumber(folded_.world.observatory_start);
    for (const char* id : {"archive", "map", "scores"}) {
      PlainAsset asset{.id = id, .rights = DrawRights(start)};
      for (uint64_t i = Below(60); i > 0; --i) {
        const std::vector<std::string> currencies = {folded_.world.currency, folded_.world.currency,
                                                     "USD", ""};
        const int64_t day = start + static_cast<int64_t>(Below(900));
        if (IsLeftOut(day)) continue;
        asset.uses.push_back({day, static_cast<int64_t>(Below(uint64_t{1} << Below(30))),
                              static_cast<int>(Below(7)), Pick(currencies)});
      }
      assets_.push_back(asset);
      WriteRights(asset.rights,
                  reader_.Put("dataAssets/" + asset.id).mutable_data_asset()->mutable_rights());
    }
  }

  std::vector<PlainShare> DrawRights(int64_t start) {
    std::vector<PlainShare> rights;
    for (const std::string& holder : kHolders) {
      if (!Chance(45)) continue;
      // Periods of one holder that do not overlap.
      int64_t day = start + static_cast<int64_t>(Below(400));
      std::optional<int64_t> from;
      if (Chance(50)) from = day;
      for (uint64_t i = 1 + Below(2); i > 0; --i) {
        day += 1 + static_cast<int64_t>(Below(500));
        const bool last = i == 1 && Chance(50);
        rights.push_back({holder, static_cast<int64_t>(1 + Below(4)), from,
                          last ? std::nullopt : std::optional(day)});
        day += Chance(50) ? 0 : static_cast<int64_t>(Below(100));
        from = day;
      }
    }
    return rights;
  }

  bool IsTaken(const WorldProviderCode& code) const {
    for (const PlainProduct& product : products_) {
      for (const WorldProviderCode& of : product.codes) {
        if (of.source == code.source && of.code == code.code) return true;
      }
    }
    return false;
  }
  void Write(const PlainProduct& product) {
    catalog::v1::Product& made = *reader_.Put("products/" + product.id).mutable_product();
    for (const WorldProviderCode& code : product.codes) {
      auto& added = *made.add_codes();
      if (!code.source.empty()) added.set_source("sources/" + code.source);
      added.set_code(code.code);
    }
    WriteRights(product.rights, made.mutable_rights());
  }
  static void WriteRights(const std::vector<PlainShare>& rights,
                          google::protobuf::RepeatedPtrField<catalog::v1::RightsShare>* made) {
    const auto set = [](int64_t day, type::v1::Date* date) {
      const NaiveDate plain = DateOf(day);
      catalog_client::SetDate({plain.year, plain.month, plain.day}, date);
    };
    for (const PlainShare& share : rights) {
      auto& added = *made->Add();
      added.set_holder(share.holder);
      added.set_weight(static_cast<uint32_t>(share.weight));
      if (share.start) set(*share.start, added.mutable_valid()->mutable_start());
      if (share.end) set(*share.end, added.mutable_valid()->mutable_end());
    }
  }

  PlainCatalog reader_;
  std::vector<PlainProduct> products_;
  std::vector<PlainAsset> assets_;
  PlainUses uses_{&assets_};
};

TEST(SettleRecountTest, RandomSettlementsEqualARecountOverAllEvents) {
  CampaignCounters counters;
  const int cases =
      AskWorlds<Settlements>(/*seed=*/7'100, /*worlds=*/4, /*questions=*/100, &counters);
  if (HasFailure()) return;
  EXPECT_GE(cases, 2'000);
  ExpectMet(counters, {"settle.holders rows", "settle.parts rows", "settle.subjects rows",
                       "settle refunds of other days", "settle ties", "settle losses",
                       "settle unsettled", "settle of holders", "settle assets",
                       "settle assets beside products", "region scope", "as of an earlier size"});
}

}  // namespace
}  // namespace tidemark::analytics::testing
