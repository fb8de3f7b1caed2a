#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_RECONCILE_ORACLE_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_RECONCILE_ORACLE_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "services/analytics/testing/indicator_oracle.h"
#include "services/analytics/testing/plain_catalog.h"
#include "services/analytics/testing/plain_rows.h"
#include "services/analytics/testing/plain_spans.h"
#include "tidemark/catalog/v1/observations.pb.h"

namespace tidemark::analytics::testing {

// A published series of an indicator.
struct PlainSeries {
  std::string name, publisher;
  catalog::v1::SeriesForm form = catalog::v1::SERIES_FORM_LEVEL;
  catalog::v1::Unit unit;
  bool comparable = false;
  catalog::v1::PriceBasis prices = catalog::v1::PRICE_BASIS_UNSPECIFIED;
  std::map<std::string, std::string> slices;
  std::string whole_region;
  PlainPeriod index_base;
};
std::string NameOfForm(catalog::v1::SeriesForm form);
// Of money, percentages, points, numbers as they are, and index numbers.
std::string NameOfUnit(const catalog::v1::Unit& unit);

// Published figures beside what follows from other figures and from a formula.
class ReconcileOracle {
 public:
  // What a formula gives, in the plain unit; none: it cannot be asked.
  using Computed = std::function<PlainNode(const std::string& place,
                                           const std::map<std::string, std::string>& slices,
                                           const PlainSpan& span)>;
  // Nothing is owned. `computed`: null without a formula.
  ReconcileOracle(const PlainCatalog& catalog, const PlainSpans& spans,
                  const std::vector<PlainSeries>& series, Computed computed)
      : catalog_(catalog), spans_(spans), series_(series), computed_(std::move(computed)) {}

  // Of a figure that has a number.
  void AddRows(const PlainSeries& series, const PlainFigure& figure, PlainTable* rows) const;
  PlainSpan SpanOf(const PlainPeriod& period) const;

 private:
  // With the bounds of what it was rounded from.
  struct Level {
    PlainNode node;
    Exact low, high;
    int64_t published = 0;
    const PlainSeries* series = nullptr;
  };
  struct Result {
    PlainNode node;
    Exact low, high;
    bool breaks = false, revised = false, there = false;
  };
  using Find =
      std::function<Level(const std::string& place,
                          const std::map<std::string, std::string>& slices, const PlainSpan& span)>;
  using Number = std::function<Exact(const std::vector<Exact>& of)>;

  Level Published(const PlainSeries& of, const std::string& place,
                  const std::map<std::string, std::string>& slices, const PlainSpan& span) const;
  Result Follow(const PlainSeries& series, const PlainFigure& figure, const Find& find) const;
  static NullReason WhyNot(const Level& value, const Level& base);
  // The number of the levels, and the least and most of it in all corners of their bounds. The
  // levels from `positive` on are divided by: where one may be 0 or less, there are no bounds.
  static void Compute(const std::vector<Level>& levels, size_t positive, const Number& number,
                      Result* result);
  static std::string ReasonOf(const PlainSeries& series, const PlainFigure& figure,
                              const Result& result, bool from_levels);
  PlainRow RowOf(const PlainSeries& series, const PlainFigure& figure, const PlainNode& node) const;
  void AddImpliedBase(const PlainSeries& series, const PlainFigure& figure, PlainTable* rows) const;

  const PlainCatalog& catalog_;
  const PlainSpans& spans_;
  const std::vector<PlainSeries>& series_;
  const Computed computed_;
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_RECONCILE_ORACLE_H_
