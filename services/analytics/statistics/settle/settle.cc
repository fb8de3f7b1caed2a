#include "services/analytics/statistics/settle/settle.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/statistics/settle/asset_revenue.h"
#include "services/analytics/statistics/settle/product_codes.h"
#include "services/analytics/statistics/settle/settle_tables.h"
#include "services/analytics/statistics/settle/share_history.h"
#include "services/analytics/statistics/settle/split.h"
#include "services/analytics/statistics/settle/subject_revenue.h"
#include "services/analytics/statistics/table_parts.h"

namespace tidemark::analytics {
namespace {

using catalog::v1::Resource;

// Revenue by set of shares. A set may be large and there may be many, so of each only a time is
// kept at which it holds.
class SetRevenues {
 public:
  struct Of {
    int64_t time_us = 0;
    __int128 revenue = 0;
  };
  explicit SetRevenues(const ShareHistory& shares) : shares_(shares) {}

  // False, and nothing is added: nobody has a share then.
  bool Add(int64_t time_us, __int128 revenue) {
    const ShareSet set = shares_.At(time_us);
    if (set.shares.empty()) return false;
    std::vector<size_t>& alike = by_hash_[absl::HashOf(set)];
    for (const size_t place : alike) {
      if (!(shares_.At(sets_[place].time_us) == set)) continue;
      sets_[place].revenue += revenue;
      return true;
    }
    alike.push_back(sets_.size());
    sets_.push_back({time_us, revenue});
    return true;
  }
  const std::vector<Of>& sets() const { return sets_; }

 private:
  const ShareHistory& shares_;
  absl::flat_hash_map<size_t, std::vector<size_t>> by_hash_;
  std::vector<Of> sets_;
};

class Settler {
 public:
  Settler(const StatisticContext& context, GrantUseReader* use, const SettleQuestion& question)
      : context_(context), use_(use), question_(question) {}

  absl::StatusOr<Settlement> Run() {
    rows_.currency = question_.currency.empty() ? context_.currency() : question_.currency;
    rows_.decimals = context_.scale();
    TM_ASSIGN_OR_RETURN(products_, List("products"));
    const ProductCodes codes(*products_);
    TM_RETURN_IF_ERROR(FindSubjects(codes));
    TM_RETURN_IF_ERROR(CheckCurrency());
    TM_RETURN_IF_ERROR(FindHolders());
    Settlement made;
    TM_RETURN_IF_ERROR(SettleAssets());
    TM_RETURN_IF_ERROR(SettleProducts(codes, &made));
    TM_RETURN_IF_ERROR(WriteSettleTables(rows_, &made));
    for (Table* table : {&made.holders, &made.parts, &made.subjects}) {
      table->notes = notes_;
      table->region_role = region_role_;
    }
    return made;
  }

 private:
  absl::StatusOr<CatalogReader::Resources> List(std::string_view collection) const {
    return context_.catalog->List(collection, "", context_.snapshot.catalog_version);
  }

  void AddProduct(int product) {
    const Resource& resource = (*products_)[static_cast<size_t>(product)];
    subjects_.push_back(
        {resource.name(), product, {resource.product().rights(), *context_.calendar}});
  }

  // False: there is no such asset.
  absl::StatusOr<bool> AddAsset(std::string_view name) {
    if (assets_of_catalog_ == nullptr) {
      TM_ASSIGN_OR_RETURN(assets_of_catalog_, List("dataAssets"));
      for (const Resource& asset : *assets_of_catalog_) asset_by_name_[asset.name()] = &asset;
    }
    const auto found = asset_by_name_.find(name);
    if (found == asset_by_name_.end()) return false;
    const Resource& asset = *found->second;
    assets_.push_back({asset.name(), -1, {asset.data_asset().rights(), *context_.calendar}});
    return true;
  }

  absl::Status FindSubjects(const ProductCodes& codes) {
    for (size_t i = 0; question_.subjects.empty() && i < products_->size(); ++i) {
      if (!(*products_)[i].product().rights().empty()) AddProduct(static_cast<int>(i));
    }
    absl::flat_hash_set<std::string_view> seen;
    for (size_t i = 0; i < question_.subjects.size(); ++i) {
      const std::string& name = question_.subjects[i];
      const std::string field = absl::StrCat("subjects[", i, "]");
      const int product = codes.FindName(name);
      bool known = product >= 0;
      if (IsAsset(name)) {
        TM_ASSIGN_OR_RETURN(known, AddAsset(name));
      } else if (known) {
        AddProduct(product);
      }
      if (!known) {
        return status::InvalidArgument(
            field,
            absl::StrCat("`", name.substr(0, 256), "` is not ",
                         IsAsset(name) ? "an asset" : "a product",
                         " in the catalog at this snapshot; want products/ID or dataAssets/ID"),
            "UNKNOWN_SUBJECT");
      }
      if (!seen.insert(name).second) {
        return status::InvalidArgument(field, absl::StrCat("`", name, "` is named twice"),
                                       "DUPLICATE");
      }
    }
    for (std::vector<SettledSubject>* subjects : {&subjects_, &assets_}) {
      std::sort(subjects->begin(), subjects->end(),
                [](const auto& a, const auto& b) { return a.name < b.name; });
    }
    return absl::OkStatus();
  }

  absl::Status CheckCurrency() const {
    const bool products = question_.subjects.empty() || !subjects_.empty();
    if (!products || rows_.currency == context_.currency()) return absl::OkStatus();
    return status::InvalidArgument(
        "currency",
        absl::StrCat("`", rows_.currency, "`, and products are sold in ", context_.currency(),
                     " only; name data assets alone"),
        "CURRENCY_MISMATCH");
  }

  // One without any right is more likely a slip than somebody who gets nothing.
  absl::Status FindHolders() {
    if (question_.holders.empty()) return absl::OkStatus();
    absl::flat_hash_set<std::string_view> names;
    for (const SettledSubject& subject : subjects_) subject.shares.AddHolders(&names);
    for (const SettledSubject& asset : assets_) asset.shares.AddHolders(&names);
    for (size_t i = 0; i < question_.holders.size(); ++i) {
      const std::string& name = question_.holders[i];
      const std::string field = absl::StrCat("holders[", i, "]");
      if (!names.contains(name)) {
        return status::InvalidArgument(
            field,
            absl::StrCat("`", name.substr(0, 256),
                         "` has no share in any of the subjects on any day; want the name of a "
                         "holder, organisations/ID or providers/ID"),
            "UNKNOWN_HOLDER");
      }
      if (!shown_holders_.insert(name).second) {
        return status::InvalidArgument(field, absl::StrCat("`", name, "` is named twice"),
                                       "DUPLICATE");
      }
      rows_.asked_holders.push_back(name);
    }
    return absl::OkStatus();
  }

  bool IsShown(std::string_view holder) const {
    return shown_holders_.empty() || shown_holders_.contains(holder);
  }

  absl::Status SettleProducts(const ProductCodes& codes, Settlement* made) {
    if (subjects_.empty() && !question_.subjects.empty()) return absl::OkStatus();
    TM_ASSIGN_OR_RETURN(const SubjectRevenues revenues,
                        AskRevenues(context_, question_.query, codes, subjects_));
    made->effects_scanned = revenues.effects_scanned;
    region_role_ = revenues.plan.region_role;
    notes_.insert(notes_.end(), revenues.plan.notes.begin(), revenues.plan.notes.end());
    const auto& periods = revenues.plan.periods;
    if (std::any_of(periods.begin(), periods.end(),
                    [](const PlannedPeriod& period) { return period.coverage.partial; })) {
      notes_.push_back({"PARTIAL",
                        "The period is not over or not fully covered: what its sources have not "
                        "sent yet is not settled here."});
    }
    for (size_t i = 0; i < subjects_.size(); ++i) {
      if (context_.stop) TM_RETURN_IF_ERROR(context_.stop());
      if (revenues.subjects[i].empty() && question_.subjects.empty()) continue;
      TM_RETURN_IF_ERROR(Settle(subjects_[i], revenues.subjects[i], context_.scale()));
    }
    return absl::OkStatus();
  }

  absl::Status SettleAssets() {
    if (assets_.empty()) return absl::OkStatus();
    TM_RETURN_IF_ERROR(CheckFilters());
    AssetQuestion question{.currency = rows_.currency, .decimals = rows_.decimals};
    TM_ASSIGN_OR_RETURN(question.range, ParseDayRange(*context_.calendar, question_.query));
    std::set<std::string> other_currencies;
    for (const SettledSubject& asset : assets_) {
      if (context_.stop) TM_RETURN_IF_ERROR(context_.stop());
      TM_ASSIGN_OR_RETURN(const AssetRevenue revenue,
                          ReadAssetRevenue(context_, use_, question, asset, &other_currencies));
      TM_RETURN_IF_ERROR(Settle(asset, revenue.pieces, revenue.decimals));
    }
    notes_.push_back({"USE_AS_METERED",
                      "What the use of data assets owes is as the catalog knew it when asked: it "
                      "is metered beside the log, and no snapshot holds it."});
    if (!other_currencies.empty()) {
      notes_.push_back(
          {"OTHER_CURRENCIES",
           absl::StrCat("Use of the data assets is owed in ", absl::StrJoin(other_currencies, ", "),
                        " too, which is not among these amounts; ask for it by `currency`.")});
    }
    return absl::OkStatus();
  }

  absl::Status CheckFilters() const {
    if (question_.query.filters.empty()) return absl::OkStatus();
    return status::InvalidArgument(
        "filters",
        absl::StrCat("narrow events, and the use of ", assets_.front().name,
                     " is none; leave them out, or ask for products alone"),
        "NOT_FOR_ASSETS");
  }

  // `decimals`: of the units of the pieces.
  absl::Status Settle(const SettledSubject& subject, const std::map<size_t, PieceRevenue>& pieces,
                      int decimals) {
    SetRevenues sets(subject.shares);
    __int128 gross = 0, refunds = 0, unsettled = 0;
    for (const auto& [number, piece] : pieces) {
      if (context_.stop) TM_RETURN_IF_ERROR(context_.stop());
      gross += piece.gross;
      refunds += piece.refunds;
      if (!sets.Add(piece.time_us, piece.gross - piece.refunds))
        unsettled += piece.gross - piece.refunds;
    }
    std::map<std::string_view, __int128> parts;
    for (const SetRevenues::Of& of : sets.sets()) {
      if (context_.stop) TM_RETURN_IF_ERROR(context_.stop());
      TM_RETURN_IF_ERROR(Split(subject.shares.At(of.time_us), of.revenue, &parts));
    }
    SubjectRow row{
        .name = subject.name, .decimals = decimals, .holders = static_cast<int64_t>(parts.size())};
    TM_ASSIGN_OR_RETURN(row.gross, Narrow(gross));
    TM_ASSIGN_OR_RETURN(row.refunds, Narrow(refunds));
    TM_ASSIGN_OR_RETURN(row.net, Narrow(gross - refunds));
    TM_ASSIGN_OR_RETURN(row.settled, Narrow(gross - refunds - unsettled));
    TM_ASSIGN_OR_RETURN(row.unsettled, Narrow(unsettled));
    rows_.subjects.push_back(row);
    for (const auto& [holder, amount] : parts) {
      if (!IsShown(holder)) continue;
      TM_ASSIGN_OR_RETURN(const int64_t narrow, Narrow(amount));
      rows_.parts.push_back({subject.name, holder, decimals, narrow});
    }
    return absl::OkStatus();
  }

  static absl::Status Split(const ShareSet& set, __int128 revenue,
                            std::map<std::string_view, __int128>* parts) {
    std::vector<uint64_t> weights;
    weights.reserve(set.shares.size());
    for (const ShareSet::Share& share : set.shares) weights.push_back(share.weight);
    TM_ASSIGN_OR_RETURN(const int64_t amount, Narrow(revenue));
    const std::vector<int64_t> split = SplitByLargestRemainder(amount, weights);
    for (size_t i = 0; i < split.size(); ++i) (*parts)[set.shares[i].holder] += split[i];
    return absl::OkStatus();
  }

  const StatisticContext& context_;
  GrantUseReader* const use_;
  const SettleQuestion& question_;
  CatalogReader::Resources products_;
  // Read when an asset is named; null till then.
  CatalogReader::Resources assets_of_catalog_;
  absl::flat_hash_map<std::string_view, const Resource*> asset_by_name_;
  std::vector<SettledSubject> subjects_, assets_;  // by name
  absl::flat_hash_set<std::string_view> shown_holders_;
  SettledRows rows_;
  std::vector<PlanNote> notes_;
  RegionRole region_role_ = RegionRole::kNone;
};

}  // namespace

bool IsAsset(std::string_view subject) { return absl::StartsWith(subject, "dataAssets/"); }

absl::StatusOr<Settlement> ComputeSettlement(const StatisticContext& context, GrantUseReader* use,
                                             const SettleQuestion& question) {
  return Settler(context, use, question).Run();
}

}  // namespace tidemark::analytics
