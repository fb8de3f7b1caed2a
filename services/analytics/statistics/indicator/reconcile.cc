#include "services/analytics/statistics/indicator/reconcile.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/enum_word.h"
#include "clients/cpp/catalog/period_text.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/query/period_range.h"
#include "services/analytics/query/table_builder.h"
#include "services/analytics/statistics/indicator/figures.h"
#include "services/analytics/statistics/indicator/followed.h"
#include "services/analytics/statistics/indicator/levels.h"
#include "services/analytics/statistics/indicator/named_periods.h"
#include "services/analytics/statistics/indicator/unit_scale.h"

namespace tidemark::analytics {
namespace {

namespace pb = catalog::v1;

// As an answer without pages holds.
constexpr size_t kMostFigures = 20'000;

using SeriesByName = std::map<std::string, const pb::ObservationSeries*>;

struct Row {
  std::string series, region, period, form, unit, computed_from, reason, vintage;
  std::optional<base::Rational> published;
  ExactNumber computed;
  ValueStatus status = ValueStatus::kNormal;
  ValueFlags flags = 0;
};

Number ToNumber(const ExactNumber& number) {
  if (number.null != NullReason::kNone) return {0, number.null};
  return {number.value.ToDouble()};
}

class Reconciler {
 public:
  Reconciler(const StatisticContext& context, const ReconcileQuestion& question)
      : context_(context), question_(question) {}

  absl::StatusOr<Reconciliation> Run() {
    TM_RETURN_IF_ERROR(ReadCatalog());
    TM_RETURN_IF_ERROR(ChooseFigures());
    const bool adds_up = indicator_->indicator().additivity() != pb::ADDITIVITY_NONE;
    PublishedLevels published(context_, adds_up, series_, *observations_);
    std::optional<FormulaBook> book;
    std::optional<ComputedLevels> computed;
    if (indicator_->indicator().has_formula()) {
      TM_ASSIGN_OR_RETURN(book, FormulaBook::Read(context_, question_.indicator));
      computed.emplace(context_, *book);
      for (const pb::Observation* const figure : chosen_)
        Follow(context_, *series_.at(figure->series()), *figure, &*computed);
      TM_RETURN_IF_ERROR(computed->Prepare());
    }
    for (const pb::Observation* const figure : chosen_) {
      if (context_.stop) TM_RETURN_IF_ERROR(context_.stop());
      if (computed) FromEvents(*figure, &*computed);
      FromLevels(*figure, &published);
      FromRateAndLevel(*figure, &published);
    }
    Reconciliation made;
    if (computed) {
      TM_RETURN_IF_ERROR(computed->status());
      made.effects_scanned = computed->effects_scanned();
    }
    made.figures = MakeTable();
    if (computed) made.figures.notes = computed->notes();
    return made;
  }

 private:
  absl::Status ReadCatalog() {
    const uint64_t version = context_.snapshot.catalog_version;
    TM_ASSIGN_OR_RETURN(indicator_, context_.catalog->Get(question_.indicator, version));
    TM_ASSIGN_OR_RETURN(
        resources_,
        context_.catalog->List("observationSeries",
                               absl::StrCat("indicator = \"", question_.indicator, "\""), version));
    for (const pb::Resource& resource : *resources_) {
      if (resource.observation_series().indicator() == question_.indicator)
        series_[resource.name()] = &resource.observation_series();
    }
    // All of them: bases lie before the range, and wholes in other places.
    pb::ObservationFilter filter;
    filter.set_indicator(question_.indicator);
    TM_ASSIGN_OR_RETURN(observations_, context_.catalog->ListObservations(filter, version));
    return absl::OkStatus();
  }

  absl::Status ChooseFigures() {
    std::set<std::string> series, regions;
    for (size_t i = 0; i < question_.series.size(); ++i) {
      series.insert(question_.series[i]);
      if (series_.contains(question_.series[i])) continue;
      return status::InvalidArgument(absl::StrCat("series[", i, "]"),
                                     absl::StrCat("`", question_.series[i].substr(0, 256),
                                                  "` is no series of ", question_.indicator),
                                     "OTHER_INDICATOR");
    }
    EvaluatedPlaces places(context_);
    for (size_t i = 0; i < question_.regions.size(); ++i) {
      const auto place = places.NumberOf(question_.regions[i]);
      if (!place.ok()) {
        return status::WithFieldViolation(place.status(), absl::StrCat("regions[", i, "]"),
                                          place.status().message());
      }
      regions.insert(question_.regions[i]);
    }
    TM_ASSIGN_OR_RETURN(const TimeRange range, ParsePeriodRange(*context_.calendar, "range",
                                                                question_.first, question_.last));
    for (const pb::Observation& figure : *observations_) {
      const Period period = PeriodOf(*context_.calendar, figure.period());
      if (!figure.has_value() || !series_.contains(figure.series()) ||
          (!series.empty() && !series.contains(figure.series())) ||
          (!regions.empty() && !regions.contains(figure.region())) ||
          period.start_us < range.start_us || period.end_us > range.end_us)
        continue;
      chosen_.push_back(&figure);
    }
    if (chosen_.size() <= kMostFigures) return absl::OkStatus();
    return status::WithReason(absl::ResourceExhaustedError(absl::StrCat(
                                  chosen_.size(), " figures; want at most ", kMostFigures,
                                  "; name series or places, or a shorter range")),
                              "TOO_MANY_ROWS");
  }

  Row RowOf(const pb::Observation& figure) const {
    const pb::ObservationSeries& series = *series_.at(figure.series());
    const NodeValue published = ValueOfFigure(figure);
    Row row;
    row.series = figure.series();
    row.region = figure.region();
    row.period = catalog_client::PeriodText(figure.period()).value_or("");
    row.form = catalog_client::EnumWord(*pb::SeriesForm_descriptor(), series.form());
    row.unit = UnitName(series.unit());
    row.vintage = figure.vintage();
    row.published = PublishedValue(figure);
    row.status = published.status;
    row.flags = published.flags;
    return row;
  }

  void Add(const pb::Observation& figure, const Followed& followed, bool from_levels) {
    const pb::ObservationSeries& series = *series_.at(figure.series());
    Row row = RowOf(figure);
    row.computed_from = from_levels ? "LEVELS" : "EVENTS";
    row.computed = {followed.node.value / ScaleOf(series.unit()), followed.node.null};
    row.reason = std::string(ReasonOf(series, figure, followed, from_levels));
    row.status = std::max(row.status, followed.node.status);
    row.flags |= followed.node.flags;
    rows_.push_back(std::move(row));
  }

  void FromEvents(const pb::Observation& figure, ComputedLevels* computed) {
    const pb::ObservationSeries& series = *series_.at(figure.series());
    Add(figure, Follow(context_, series, figure, computed), /*from_levels=*/false);
  }

  void FromLevels(const pb::Observation& figure, PublishedLevels* published) {
    const pb::ObservationSeries& series = *series_.at(figure.series());
    if (series.form() == pb::SERIES_FORM_LEVEL) return;
    published->Prefer(series);
    const Followed followed = Follow(context_, series, figure, published);
    // Without a level of its period there is no computation at all.
    if (followed.has_level) Add(figure, followed, /*from_levels=*/true);
  }

  void FromRateAndLevel(const pb::Observation& figure, PublishedLevels* published) {
    const pb::ObservationSeries& series = *series_.at(figure.series());
    published->Prefer(series);
    const std::optional<ImpliedBase> base = BaseOf(context_, series, figure, published);
    if (!base) return;
    Row row = RowOf(figure);
    row.period = PeriodName(*context_.calendar, base->period);
    row.form = catalog_client::EnumWord(*pb::SeriesForm_descriptor(), pb::SERIES_FORM_LEVEL);
    row.unit = UnitName(published->unit());
    row.computed_from = "RATE_AND_LEVEL";
    row.published.reset();
    row.computed = {base->node.value / ScaleOf(published->unit()), base->node.null};
    row.status = std::max(row.status, base->node.status);
    row.flags |= base->node.flags;
    rows_.push_back(std::move(row));
  }

  Table MakeTable() const {
    TableBuilder builder(rows_.size());
    const auto texts = [&](const char* name, ColumnKind kind, std::string Row::*text) {
      std::vector<Member> members;
      for (const Row& row : rows_) members.push_back({row.*text});
      builder.AddTexts(name, kind, nullptr, members);
    };
    texts("series", ColumnKind::kDimension, &Row::series);
    texts("region", ColumnKind::kDimension, &Row::region);
    texts("period", ColumnKind::kPeriod, &Row::period);
    texts("form", ColumnKind::kStatistic, &Row::form);
    texts("unit", ColumnKind::kStatistic, &Row::unit);
    Column& published = builder.AddDoubles("published", ColumnKind::kStatistic, "");
    Column& computed = builder.AddDoubles("computed", ColumnKind::kStatistic, "");
    Column& difference = builder.AddDoubles("difference", ColumnKind::kStatistic, "");
    for (size_t i = 0; i < rows_.size(); ++i) {
      const Row& row = rows_[i];
      ExactNumber stated{row.published.value_or(base::Rational()),
                         row.published ? NullReason::kNone : NullReason::kNoData};
      SetNumber(&published, i, ToNumber(stated));
      SetNumber(&computed, i, ToNumber(row.computed));
      if (stated.null == NullReason::kNone) stated.null = row.computed.null;
      stated.value -= row.computed.value;
      SetNumber(&difference, i, ToNumber(stated));
    }
    texts("computed_from", ColumnKind::kStatistic, &Row::computed_from);
    texts("reason", ColumnKind::kStatistic, &Row::reason);
    texts("vintage", ColumnKind::kStatistic, &Row::vintage);
    std::vector<Member> statuses, flags;
    for (const Row& row : rows_) {
      statuses.push_back({std::string(StatusLetter(row.status))});
      flags.push_back({FlagsText(row.flags)});
    }
    builder.AddTexts("status", ColumnKind::kStatus, nullptr, statuses);
    builder.AddTexts("flags", ColumnKind::kFlags, nullptr, flags);
    return std::move(builder).Build();
  }

  const StatisticContext& context_;
  const ReconcileQuestion& question_;
  std::shared_ptr<const pb::Resource> indicator_;
  CatalogReader::Resources resources_;
  CatalogReader::Observations observations_;
  SeriesByName series_;
  std::vector<const pb::Observation*> chosen_;
  std::vector<Row> rows_;
};

}  // namespace

absl::StatusOr<Reconciliation> Reconcile(const StatisticContext& context,
                                         const ReconcileQuestion& question) {
  return Reconciler(context, question).Run();
}

}  // namespace tidemark::analytics
