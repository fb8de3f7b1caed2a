#include "services/analytics/statistics/co_consumption/co_consumption.h"

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/field_prefix.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/answer.h"
#include "services/analytics/query/table_builder.h"
#include "services/analytics/statistics/co_consumption/shared_consumers.h"
#include "services/analytics/statistics/table_parts.h"

namespace tidemark::analytics {
namespace {

using catalog_client::CategoryNature;

constexpr int64_t kMicrosPerDay = 86'400'000'000;
// Pairs of members of consumers, about ten seconds of work.
constexpr uint64_t kMaxWork = 5'000'000'000;
// Of the counts of pairs of all periods together.
constexpr uint64_t kMaxCountBytes = uint64_t{256} << 20;

// The members, by the number of their group.
struct Members {
  std::vector<Group> groups;
  const DimensionWord* word = nullptr;
  std::vector<CategoryNature> natures;  // of categories
};

// Group 0: no category, one that the catalog does not have, or of which it does not say.
constexpr std::array<std::string_view, 4> kNatures = {"", "goods", "services", "mixed"};

void GroupByNature(const StatisticContext& context, EnginePlan* plan, Members* members) {
  for (const std::string_view nature : kNatures)
    members->groups.push_back({nature.empty() ? MemberKind::kUnknown : MemberKind::kCode, nature});
  const std::shared_ptr<const CodeList> codes = context.store->Codes(Field::kCategory);
  auto table = std::make_shared<GroupTable>();
  table->beyond = 0;
  table->groups.assign(std::max<size_t>(codes->size(), 1), 0);
  for (size_t code = 1; code < codes->size(); ++code) {
    const auto* const category = context.view->categories().Find((*codes)[code]);
    if (category != nullptr) table->groups[code] = static_cast<uint32_t>(category->nature);
  }
  uint32_t mappings = 0;
  for (const TimeSlice& slice : plan->query.slices)
    mappings = std::max(mappings, slice.mapping + 1);
  plan->query.groupings.push_back({.field = Field::kCategory,
                                   .tables = {mappings, std::move(table)},
                                   .group_count = kNatures.size()});
}

class Counter {
 public:
  Counter(const StatisticContext& context, const CoConsumptionQuestion& question)
      : context_(context), question_(question) {}

  absl::Status Count() {
    Query query = question_.query;
    query.order_by.clear();
    query.limit = 0;
    query.measures = {{.name = "consumers", .column = "consumers"}};
    // Every period with its coverage, and how many consumers there are at all.
    TM_ASSIGN_OR_RETURN(totals_, AskTable(context_, query));
    effects_scanned_ = totals_.effects_scanned;
    const bool by_nature = question_.dimension.name == kCategoryNature;
    if (!by_nature) query.dimensions = {question_.dimension};
    const absl::StatusOr<Plan> plan = PlanQuery(context_, query);
    if (!plan.ok()) return status::WithFieldPrefix(plan.status(), "dimensions[0].", "dimension.");
    TM_ASSIGN_OR_RETURN(EnginePlan engine_plan, MakeEnginePlan(*plan, *context_.store));
    engine_plan.query.stop = context_.stop;
    engine_plan.query.aggregates = {Aggregate::kEvents};
    if (by_nature) {
      GroupByNature(context_, &engine_plan, &members_);
    } else {
      members_.groups = engine_plan.groups[0];
      members_.word = plan->dimensions[0].word;
      codes_ = engine_plan.codes;
      NoteNatures();
    }
    return plan->has_effects ? CountPairs(*plan, engine_plan) : absl::OkStatus();
  }

  absl::StatusOr<CoConsumption> Make() {
    FindRowsOfPeriods();
    CoConsumption made;
    made.members = OfMembers();
    made.pairs = OfPairs();
    TM_RETURN_IF_ERROR(OrderRows(question_.query.order_by, question_.query.limit, &made.pairs));
    made.totals = std::move(totals_);
    made.effects_scanned = effects_scanned_;
    return made;
  }

 private:
  void NoteNatures() {
    if (members_.word->codes != CodeKind::kCategories) return;
    for (const Group& group : members_.groups) {
      members_.natures.push_back(group.ordinal == catalog_client::kNone
                                     ? CategoryNature::kUnspecified
                                     : context_.view->categories()[group.ordinal].nature);
    }
  }

  // Members are numbered as they are met, so that only those that occur take room.
  absl::Status CountPairs(const Plan& plan, const EnginePlan& engine_plan) {
    const EngineQuery& asked = engine_plan.query;
    constexpr uint32_t kNotMet = 0xFFFFFFFF;
    std::vector<uint32_t> number_of(members_.groups.size(), kNotMet);
    TM_ASSIGN_OR_RETURN(const EngineResult met, AskStore(plan, engine_plan, *context_.store));
    for (const uint32_t group : met.groups[0]) {
      if (number_of[group] != kNotMet) continue;
      number_of[group] = static_cast<uint32_t>(met_.size());
      met_.push_back(group);
    }
    TM_RETURN_IF_ERROR(CheckMembers(plan.periods.size()));
    std::vector<std::unique_ptr<SharedConsumers>> of_period(plan.periods.size());
    std::vector<FirstOf> firsts;
    const auto take = [&](std::span<const Consumption> consumptions) -> absl::Status {
      for (size_t begin = 0; begin < consumptions.size();) {
        std::array<uint32_t, 1> group;
        const uint32_t period = PeriodOfCell(asked, consumptions[begin].cell, group);
        firsts.clear();
        for (; begin < consumptions.size() &&
               PeriodOfCell(asked, consumptions[begin].cell, group) == period;
             ++begin) {
          const uint32_t number = number_of[group[0]];
          if (number == kNotMet) return absl::InternalError("a consumer without events");
          firsts.push_back({number, consumptions[begin].first_us});
        }
        auto& shared = of_period[period];
        if (shared == nullptr) {
          shared =
              std::make_unique<SharedConsumers>(static_cast<uint32_t>(met_.size()),
                                                question_.within_days * kMicrosPerDay, &work_left_);
        }
        TM_RETURN_IF_ERROR(shared->Add(firsts));
      }
      return absl::OkStatus();
    };
    TM_ASSIGN_OR_RETURN(const uint64_t read, context_.store->EachConsumer(asked, take));
    effects_scanned_ += met.effects_scanned + read;
    for (uint32_t period = 0; period < of_period.size(); ++period) {
      if (of_period[period] != nullptr)
        shared_[NameOfPeriod(plan, period)] = std::move(of_period[period]);
    }
    SortMet();
    return absl::OkStatus();
  }

  absl::Status CheckMembers(size_t periods) const {
    if (met_.size() <= kMaxCoMembers &&
        periods * SharedConsumers::BytesFor(met_.size()) <= kMaxCountBytes) {
      return absl::OkStatus();
    }
    return status::WithReason(
        absl::ResourceExhaustedError(absl::StrCat(
            met_.size(), " members in ", periods,
            " periods have too many pairs; take a wider level of the dimension, filters on it, or "
            "a longer grain")),
        "TOO_MANY_MEMBERS");
  }

  // Numbers of the members in the order of rows.
  void SortMet() {
    for (uint32_t number = 0; number < met_.size(); ++number) sorted_.push_back(number);
    std::sort(sorted_.begin(), sorted_.end(),
              [this](uint32_t a, uint32_t b) { return MemberOf(a) < MemberOf(b); });
  }

  void FindRowsOfPeriods() {
    const Column* const period = FindColumn(totals_, "period");
    const Column& consumers = *FindColumn(totals_, "consumers");
    for (uint32_t row = 0; row < totals_.row_count; ++row) {
      const auto found = shared_.find(std::string(PeriodNameAt(period, row)));
      if (found != shared_.end())
        periods_.push_back({row, consumers.integers[row], found->second.get()});
    }
  }

  Member MemberOf(uint32_t number) const {
    const Group& group = members_.groups[met_[number]];
    return {std::string(group.code), group.kind};
  }
  bool IsPair(uint32_t a, uint32_t b) const {
    if (a == b || members_.groups[met_[a]].kind != MemberKind::kCode ||
        members_.groups[met_[b]].kind != MemberKind::kCode) {
      return false;
    }
    if (!question_.goods_and_services) return true;
    const CategoryNature x = members_.natures[met_[a]], y = members_.natures[met_[b]];
    return (x == CategoryNature::kGoods && y == CategoryNature::kServices) ||
           (x == CategoryNature::kServices && y == CategoryNature::kGoods);
  }

  Table OfMembers() const {
    std::vector<Member> members;
    std::vector<uint32_t> rows;
    std::vector<int64_t> counts;
    for (const OfPeriod& period : periods_) {
      for (const uint32_t member : sorted_) {
        if (period.shared->Consumers(member) == 0) continue;
        members.push_back(MemberOf(member));
        rows.push_back(period.row);
        counts.push_back(period.shared->Consumers(member));
      }
    }
    TableBuilder builder(rows.size());
    builder.AddTexts("member", ColumnKind::kDimension, members_.word, members);
    builder.AddIntegers("consumers", ColumnKind::kMeasure, "pseudonyms").integers =
        std::move(counts);
    Table table = std::move(builder).Build();
    TakePeriods(totals_, rows, &table);
    return table;
  }

  Table OfPairs() const {
    std::vector<PairRow> pairs;
    std::vector<Member> as, bs;
    std::vector<uint32_t> rows;
    for (const OfPeriod& period : periods_) {
      for (const uint32_t a : sorted_) {
        for (const uint32_t b : sorted_) {
          if (!IsPair(a, b) || period.shared->Both(a, b) == 0) continue;
          pairs.push_back({&period, a, b});
          as.push_back(MemberOf(a));
          bs.push_back(MemberOf(b));
          rows.push_back(period.row);
        }
      }
    }
    TableBuilder builder(pairs.size());
    builder.AddTexts("a", ColumnKind::kDimension, members_.word, as);
    builder.AddTexts("b", ColumnKind::kDimension, members_.word, bs);
    FillPairs(pairs, &builder);
    Table table = std::move(builder).Build();
    TakePeriods(totals_, rows, &table);
    return table;
  }

  struct OfPeriod {
    uint32_t row = 0;  // of the totals
    int64_t consumers = 0;
    const SharedConsumers* shared = nullptr;
  };
  struct PairRow {
    const OfPeriod* period;
    uint32_t a, b;
  };

  void FillPairs(const std::vector<PairRow>& pairs, TableBuilder* builder) const {
    const auto count = [&](const char* name) -> Column& {
      return builder->AddIntegers(name, ColumnKind::kStatistic, "pseudonyms");
    };
    const auto quotient = [&](const char* name, const char* unit) -> Column& {
      return builder->AddDoubles(name, ColumnKind::kStatistic, unit);
    };
    constexpr NullReason kZero = NullReason::kZeroDenominator;
    Column &of_a = count("consumers_a"), &of_b = count("consumers_b"), &both = count("both");
    Column& confidence = quotient("confidence", "ratio");
    Column& lift = quotient("lift", "number");
    Column& jaccard = quotient("jaccard", "ratio");
    const bool sequence = question_.within_days != 0;
    Column* const then = sequence ? &count("then_b") : nullptr;
    Column* const share = sequence ? &quotient("sequence", "ratio") : nullptr;
    for (size_t row = 0; row < pairs.size(); ++row) {
      const auto& [period, a, b] = pairs[row];
      const int64_t x = period->shared->Consumers(a), y = period->shared->Consumers(b);
      const int64_t shared = period->shared->Both(a, b);
      of_a.integers[row] = x;
      of_b.integers[row] = y;
      both.integers[row] = shared;
      SetNumber(&confidence, row, Quotient(shared, x, kZero));
      SetNumber(&lift, row,
                Quotient(static_cast<__int128>(shared) * period->consumers,
                         static_cast<__int128>(x) * y, kZero));
      SetNumber(&jaccard, row, Quotient(shared, x + y - shared, kZero));
      if (!sequence) continue;
      then->integers[row] = period->shared->Then(a, b);
      SetNumber(share, row, Quotient(then->integers[row], x, kZero));
    }
  }

  const StatisticContext& context_;
  const CoConsumptionQuestion& question_;
  Table totals_;
  uint64_t effects_scanned_ = 0;
  uint64_t work_left_ = kMaxWork;
  Members members_;
  std::vector<std::shared_ptr<const CodeList>> codes_;  // what groups point into
  // Groups by number, and the numbers in the order of rows.
  std::vector<uint32_t> met_, sorted_;
  std::map<std::string, std::unique_ptr<SharedConsumers>> shared_;  // by the period's name
  std::vector<OfPeriod> periods_;
};

}  // namespace

absl::StatusOr<CoConsumption> ComputeCoConsumption(const StatisticContext& context,
                                                   const CoConsumptionQuestion& question) {
  Counter counter(context, question);
  TM_RETURN_IF_ERROR(counter.Count());
  return counter.Make();
}

}  // namespace tidemark::analytics
