#ifndef TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_FORMULA_BOOK_H_
#define TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_FORMULA_BOOK_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/analytics/statistics/statistic_context.h"
#include "tidemark/catalog/v1/indicators.pb.h"
#include "tidemark/catalog/v1/observations.pb.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::analytics {

// FormulaBook: the formula of an indicator with all that it is made of, as the catalog at the
// snapshot has it.
class FormulaBook {
 public:
  // Errors of CatalogReader::Get for `indicator`. FAILED_PRECONDITION: NO_FORMULA; TOO_DEEP: more
  // than 16 indicators one inside the other.
  static absl::StatusOr<FormulaBook> Read(const StatisticContext& context,
                                          std::string_view indicator);

  const catalog::v1::Resource& root() const { return *root_; }
  const catalog::v1::Indicator& indicator() const { return root_->indicator(); }

  // Of indicators and series that the formula names.
  const catalog::v1::Indicator& FindIndicator(std::string_view name) const;
  const catalog::v1::ObservationSeries& FindSeries(std::string_view name) const;

  // The plain unit of a node of the book.
  const catalog::v1::Unit& UnitOf(const catalog::v1::Formula& formula) const;
  // Whether its values in parts add up to that of the whole.
  bool IsAdditive(const catalog::v1::Formula& formula) const;
  // Some node takes a reported figure; so events that a filter keeps are not all of it.
  bool reads_series() const { return !series_.empty(); }
  bool reads_events() const { return reads_events_; }

 private:
  absl::Status AddIndicator(std::string_view name, int depth);
  absl::Status AddSeries(std::string_view name);
  absl::Status Add(const catalog::v1::Formula& formula, int depth);
  // Of a node whose operands are in the book.
  catalog::v1::Unit MakeUnit(const catalog::v1::Formula& formula) const;
  bool AddsUp(const catalog::v1::Formula& formula) const;

  const StatisticContext* context_ = nullptr;
  std::shared_ptr<const catalog::v1::Resource> root_;
  std::map<std::string, std::shared_ptr<const catalog::v1::Resource>, std::less<>> indicators_;
  std::map<std::string, std::shared_ptr<const catalog::v1::Resource>, std::less<>> series_;
  // Of series: the indicators that they state.
  std::map<std::string, std::shared_ptr<const catalog::v1::Resource>, std::less<>> stated_;
  absl::flat_hash_map<const catalog::v1::Formula*, catalog::v1::Unit> units_;
  absl::flat_hash_map<const catalog::v1::Formula*, bool> additive_;
  bool reads_events_ = false;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STATISTICS_INDICATOR_FORMULA_BOOK_H_
