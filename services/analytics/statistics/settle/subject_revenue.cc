#include "services/analytics/statistics/settle/subject_revenue.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/answer.h"

namespace tidemark::analytics {
namespace {

class RevenueReader {
 public:
  RevenueReader(const StatisticContext& context, const ProductCodes& codes,
                const std::vector<SettledSubject>& subjects)
      : context_(context), codes_(codes), subjects_(subjects) {
    for (size_t i = 0; i < subjects.size(); ++i) subject_of_[subjects[i].product] = i;
  }

  absl::StatusOr<SubjectRevenues> Read(const Query& query) {
    SubjectRevenues revenues;
    revenues.subjects.resize(subjects_.size());
    TM_ASSIGN_OR_RETURN(revenues.plan, PlanQuery(context_, query));
    if (!revenues.plan.has_effects) return revenues;
    TM_ASSIGN_OR_RETURN(EnginePlan engine_plan, MakeEnginePlan(revenues.plan, *context_.store));
    engine_plan.query.stop = context_.stop;
    product_list_ = context_.store->Codes(Field::kProduct);
    source_list_ = context_.store->Codes(Field::kSource);
    AddGroupings(&engine_plan.query);
    if (products_.empty()) return revenues;
    AddBounds(&engine_plan.query);
    TM_ASSIGN_OR_RETURN(const EngineResult result,
                        AskStore(revenues.plan, engine_plan, *context_.store));
    revenues.effects_scanned = result.effects_scanned;
    TM_RETURN_IF_ERROR(Add(result, &revenues));
    return revenues;
  }

 private:
  static constexpr size_t kNone = SIZE_MAX;

  size_t SubjectOf(std::string_view source, std::string_view code) const {
    const auto found = subject_of_.find(codes_.Find(source, code));
    return found == subject_of_.end() ? kNone : found->second;
  }

  // By product code, where it may name a subject; and by source, where it names another one there.
  void AddGroupings(EngineQuery* query) {
    auto by_product = std::make_shared<GroupTable>();
    absl::flat_hash_map<std::string_view, uint32_t> numbers;
    by_product->groups.assign(std::max<size_t>(product_list_->size(), 1), kDropped);
    for (size_t code = 1; code < product_list_->size(); ++code) {
      const std::string_view text = (*product_list_)[code];
      const auto sources = codes_.SourcesOf(text);
      const bool named = SubjectOf("", text) != kNone ||
                         std::any_of(sources.begin(), sources.end(), [&](std::string_view source) {
                           return SubjectOf(source, text) != kNone;
                         });
      if (!named) continue;
      for (const std::string_view source : sources) numbers.emplace(source, 0);
      by_product->groups[code] = static_cast<uint32_t>(products_.size());
      products_.push_back(text);
    }
    auto by_source = std::make_shared<GroupTable>();
    by_source->beyond = 0;
    by_source->groups.resize(std::max<size_t>(source_list_->size(), 1));
    for (size_t code = 1; code < source_list_->size(); ++code) {
      if (!numbers.contains((*source_list_)[code])) continue;
      by_source->groups[code] = static_cast<uint32_t>(sources_.size());
      sources_.push_back((*source_list_)[code]);
    }
    uint32_t mappings = 0;
    for (const TimeSlice& slice : query->slices) mappings = std::max(mappings, slice.mapping + 1);
    query->groupings = {
        {Field::kProduct, {mappings, by_product}, static_cast<uint32_t>(products_.size())}};
    if (sources_.size() > 1) {
      query->groupings.push_back(
          {Field::kSource, {mappings, by_source}, static_cast<uint32_t>(sources_.size())});
    }
  }

  // Every time at which the shares of a subject change, between any two events.
  void AddBounds(EngineQuery* query) {
    const StatStore::TimeBounds times = context_.store->EventTimes(query->log_size);
    std::vector<int64_t>& bounds = query->origin_bounds;
    for (const SettledSubject& subject : subjects_) {
      for (const int64_t bound : subject.shares.bounds()) {
        if (times.first_us < bound && bound <= times.last_us) bounds.push_back(bound);
      }
    }
    std::sort(bounds.begin(), bounds.end());
    bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
    times_ = {times.first_us};
    times_.insert(times_.end(), bounds.begin(), bounds.end());
  }

  absl::Status Add(const EngineResult& result, SubjectRevenues* revenues) const {
    constexpr size_t kCellsPerCheck = 8192;
    for (size_t cell = 0; cell < result.period.size(); ++cell) {
      if (cell % kCellsPerCheck == 0 && context_.stop) TM_RETURN_IF_ERROR(context_.stop());
      const int64_t gross = result.aggregates[0][cell], refunds = result.aggregates[1][cell];
      // Amounts are above 0: there are only uses, and refunds that do not count.
      if (gross == 0 && refunds == 0) continue;
      const std::string_view source =
          sources_.size() > 1 ? sources_[result.groups[1][cell]] : std::string_view();
      const size_t subject = SubjectOf(source, products_[result.groups[0][cell]]);
      if (subject == kNone) continue;
      const int64_t time_us = times_[result.origin.empty() ? 0 : result.origin[cell]];
      PieceRevenue& piece = revenues->subjects[subject][subjects_[subject].shares.PieceAt(time_us)];
      piece.time_us = time_us;
      piece.gross += gross;
      piece.refunds += refunds;
    }
    return absl::OkStatus();
  }

  const StatisticContext& context_;
  const ProductCodes& codes_;
  const std::vector<SettledSubject>& subjects_;
  absl::flat_hash_map<int, size_t> subject_of_;  // by product
  std::shared_ptr<const CodeList> product_list_, source_list_;
  std::vector<std::string_view> products_;        // by group
  std::vector<std::string_view> sources_ = {""};  // by group; the first stands for all others
  std::vector<int64_t> times_;                    // by origin group, one in it
};

}  // namespace

absl::StatusOr<SubjectRevenues> AskRevenues(const StatisticContext& context, const Query& query,
                                            const ProductCodes& codes,
                                            const std::vector<SettledSubject>& subjects) {
  Query asked = query;
  asked.measures = {{.name = "gross", .column = "gross"}, {.name = "refunds", .column = "refunds"}};
  return RevenueReader(context, codes, subjects).Read(asked);
}

}  // namespace tidemark::analytics
