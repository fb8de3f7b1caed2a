#include "services/analytics/statistics/settle/settle.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/table_builder.h"
#include "services/analytics/statistics/settle/product_codes.h"
#include "services/analytics/statistics/settle/share_history.h"
#include "services/analytics/statistics/settle/split.h"
#include "services/analytics/statistics/settle/subject_revenue.h"
#include "services/analytics/statistics/table_parts.h"

namespace tidemark::analytics {
namespace {

using catalog::v1::Resource;

struct SubjectRow {
  std::string_view name;
  int64_t gross = 0, refunds = 0, net = 0, settled = 0, unsettled = 0;
  int64_t holders = 0;
};
struct PartRow {
  std::string_view subject, holder;
  int64_t amount = 0;
};
struct HolderRow {
  __int128 amount = 0;
  int64_t subjects = 0;
};

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
  Settler(const StatisticContext& context, const SettleQuestion& question)
      : context_(context), question_(question) {}

  absl::StatusOr<Settlement> Run() {
    TM_ASSIGN_OR_RETURN(products_,
                        context_.catalog->List("products", "", context_.snapshot.catalog_version));
    const ProductCodes codes(*products_);
    TM_RETURN_IF_ERROR(FindSubjects(codes));
    TM_RETURN_IF_ERROR(FindHolders());
    TM_ASSIGN_OR_RETURN(const SubjectRevenues revenues,
                        AskRevenues(context_, question_.query, codes, subjects_));
    for (size_t i = 0; i < subjects_.size(); ++i) {
      if (context_.stop) TM_RETURN_IF_ERROR(context_.stop());
      if (revenues.subjects[i].empty() && question_.subjects.empty()) continue;
      TM_RETURN_IF_ERROR(Settle(subjects_[i], revenues.subjects[i]));
    }
    return Tables(revenues);
  }

 private:
  void AddSubject(int product) {
    const Resource& resource = (*products_)[static_cast<size_t>(product)];
    subjects_.push_back(
        {resource.name(), product, {resource.product().rights(), *context_.calendar}});
  }

  absl::Status FindSubjects(const ProductCodes& codes) {
    for (size_t i = 0; question_.subjects.empty() && i < products_->size(); ++i) {
      if (!(*products_)[i].product().rights().empty()) AddSubject(static_cast<int>(i));
    }
    absl::flat_hash_set<std::string_view> seen;
    for (size_t i = 0; i < question_.subjects.size(); ++i) {
      const std::string& name = question_.subjects[i];
      const std::string field = absl::StrCat("subjects[", i, "]");
      const int product = codes.FindName(name);
      if (product < 0) {
        return status::InvalidArgument(
            field,
            absl::StrCat("`", name.substr(0, 256),
                         "` is not a product in the catalog at this snapshot; want products/ID"),
            "UNKNOWN_SUBJECT");
      }
      if (!seen.insert(name).second) {
        return status::InvalidArgument(field, absl::StrCat("`", name, "` is named twice"),
                                       "DUPLICATE");
      }
      AddSubject(product);
    }
    std::sort(subjects_.begin(), subjects_.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return absl::OkStatus();
  }

  // One without any right is more likely a slip than somebody who gets nothing.
  absl::Status FindHolders() {
    if (question_.holders.empty()) return absl::OkStatus();
    absl::flat_hash_set<std::string_view> names;
    for (const SettledSubject& subject : subjects_) subject.shares.AddHolders(&names);
    for (size_t i = 0; i < question_.holders.size(); ++i) {
      const std::string& name = question_.holders[i];
      const std::string field = absl::StrCat("holders[", i, "]");
      if (!names.contains(name)) {
        return status::InvalidArgument(
            field,
            absl::StrCat("`", name.substr(0, 256),
                         "` has no share in any of the products on any day; want the name of a "
                         "holder, organisations/ID or providers/ID"),
            "UNKNOWN_HOLDER");
      }
      if (!shown_holders_.insert(name).second) {
        return status::InvalidArgument(field, absl::StrCat("`", name, "` is named twice"),
                                       "DUPLICATE");
      }
      holders_.emplace(name, HolderRow());
    }
    return absl::OkStatus();
  }

  bool IsShown(std::string_view holder) const {
    return shown_holders_.empty() || shown_holders_.contains(holder);
  }

  absl::Status Settle(const SettledSubject& subject, const std::map<size_t, PieceRevenue>& pieces) {
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
    SubjectRow row{.name = subject.name, .holders = static_cast<int64_t>(parts.size())};
    TM_ASSIGN_OR_RETURN(row.gross, Narrow(gross));
    TM_ASSIGN_OR_RETURN(row.refunds, Narrow(refunds));
    TM_ASSIGN_OR_RETURN(row.net, Narrow(gross - refunds));
    TM_ASSIGN_OR_RETURN(row.settled, Narrow(gross - refunds - unsettled));
    TM_ASSIGN_OR_RETURN(row.unsettled, Narrow(unsettled));
    subject_rows_.push_back(row);
    for (const auto& [holder, amount] : parts) {
      if (!IsShown(holder)) continue;
      TM_ASSIGN_OR_RETURN(const int64_t narrow, Narrow(amount));
      part_rows_.push_back({subject.name, holder, narrow});
      HolderRow& of_holder = holders_[holder];
      of_holder.amount += amount;
      ++of_holder.subjects;
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

  static void AddNames(const char* name, const std::vector<Member>& names, TableBuilder* builder) {
    builder->AddTexts(name, ColumnKind::kDimension, nullptr, names);
  }

  absl::StatusOr<Settlement> Tables(const SubjectRevenues& revenues) const {
    Settlement made;
    TM_ASSIGN_OR_RETURN(made.holders, HolderTable());
    made.parts = PartTable();
    made.subjects = SubjectTable();
    made.effects_scanned = revenues.effects_scanned;
    std::vector<PlanNote> notes = revenues.plan.notes;
    const auto& periods = revenues.plan.periods;
    if (std::any_of(periods.begin(), periods.end(),
                    [](const PlannedPeriod& period) { return period.coverage.partial; })) {
      notes.push_back({"PARTIAL",
                       "The period is not over or not fully covered: what its sources have not "
                       "sent yet is not settled here."});
    }
    for (Table* table : {&made.holders, &made.parts, &made.subjects}) {
      table->notes = notes;
      table->region_role = revenues.plan.region_role;
    }
    return made;
  }

  absl::StatusOr<Table> HolderTable() const {
    std::vector<Member> names;
    for (const auto& [holder, row] : holders_) names.push_back({std::string(holder)});
    TableBuilder builder(names.size());
    AddNames("holder", names, &builder);
    Column& amount = AddMoney(context_, "amount", &builder);
    Column& subjects = builder.AddIntegers("subjects", ColumnKind::kStatistic, "count");
    size_t at = 0;
    for (const auto& [holder, row] : holders_) {
      TM_ASSIGN_OR_RETURN(amount.integers[at], Narrow(row.amount));
      subjects.integers[at++] = row.subjects;
    }
    return std::move(builder).Build();
  }

  Table PartTable() const {
    std::vector<Member> subjects, holders;
    for (const PartRow& row : part_rows_) {
      subjects.push_back({std::string(row.subject)});
      holders.push_back({std::string(row.holder)});
    }
    TableBuilder builder(part_rows_.size());
    AddNames("subject", subjects, &builder);
    AddNames("holder", holders, &builder);
    Column& amount = AddMoney(context_, "amount", &builder);
    for (size_t i = 0; i < part_rows_.size(); ++i) amount.integers[i] = part_rows_[i].amount;
    return std::move(builder).Build();
  }

  Table SubjectTable() const {
    std::vector<Member> names;
    for (const SubjectRow& row : subject_rows_) names.push_back({std::string(row.name)});
    TableBuilder builder(names.size());
    AddNames("subject", names, &builder);
    const auto add = [&](const char* name, int64_t SubjectRow::*field) {
      Column& column = AddMoney(context_, name, &builder);
      for (size_t i = 0; i < subject_rows_.size(); ++i)
        column.integers[i] = subject_rows_[i].*field;
    };
    add("gross", &SubjectRow::gross);
    add("refunds", &SubjectRow::refunds);
    add("net", &SubjectRow::net);
    add("settled", &SubjectRow::settled);
    add("unsettled", &SubjectRow::unsettled);
    Column& holders = builder.AddIntegers("holders", ColumnKind::kStatistic, "count");
    for (size_t i = 0; i < subject_rows_.size(); ++i)
      holders.integers[i] = subject_rows_[i].holders;
    return std::move(builder).Build();
  }

  const StatisticContext& context_;
  const SettleQuestion& question_;
  CatalogReader::Resources products_;
  std::vector<SettledSubject> subjects_;  // by name
  absl::flat_hash_set<std::string_view> shown_holders_;
  std::map<std::string_view, HolderRow> holders_;
  std::vector<PartRow> part_rows_;
  std::vector<SubjectRow> subject_rows_;
};

}  // namespace

absl::StatusOr<Settlement> ComputeSettlement(const StatisticContext& context,
                                             const SettleQuestion& question) {
  return Settler(context, question).Run();
}

}  // namespace tidemark::analytics
