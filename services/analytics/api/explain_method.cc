#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/sha256.h"
#include "clients/cpp/query/canonical.h"
#include "common/base/hex.h"
#include "common/status/error.h"
#include "common/status/field_prefix.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/data_key.h"
#include "services/analytics/api/note_titles.h"
#include "services/analytics/api/query_convert.h"
#include "services/analytics/api/statistic_methods.h"
#include "services/analytics/api/vocabulary_texts.h"
#include "services/analytics/query/answer_steps.h"
#include "services/analytics/statistics/denominators/load_denominators.h"
#include "tidemark/analytics/v1/explain.pb.h"

namespace tidemark::analytics {
namespace {

void WriteWords(const Plan& plan, const AnswerSteps& steps, const std::string& language,
                v1::ExplainResponse* out) {
  for (const PlannedMeasure& measure : plan.measures) {
    v1::ExplainedMeasure& told = *out->add_measures();
    told.set_column(measure.column);
    told.set_definition(std::string(DefinitionOf(measure.word->measure, language)));
    told.set_unit(std::string(UnitNameOf(measure.word->unit)));
    told.set_quotient(measure.word->quotient);
    told.set_added(measure.added);
  }
  for (size_t d = 0; d < plan.dimensions.size(); ++d) {
    const PlannedDimension& dimension = plan.dimensions[d];
    v1::ExplainedDimension& told = *out->add_dimensions();
    told.set_name(std::string(dimension.word->name));
    if (dimension.level != 0) {
      told.set_level(dimension.word->codes == CodeKind::kRegions
                         ? std::string(RegionLevelNames()[static_cast<size_t>(dimension.level)])
                         : absl::StrCat(dimension.level));
    }
    told.set_groups(steps.groups[d]);
  }
  for (const PlannedFilter& filter : plan.filters) {
    v1::ExplainedFilter& told = *out->add_filters();
    told.set_dimension(filter.word == nullptr ? "order" : std::string(filter.word->name));
    told.set_exclude(filter.exclude);
    told.set_unknown(filter.unknown);
    told.set_codes(
        static_cast<uint32_t>(filter.codes.size() + filter.roots.size() + filter.groups.size()));
    told.set_groups(static_cast<uint32_t>(filter.groups.size()));
  }
}

// Of all that is read.
std::pair<int64_t, int64_t> TimesOf(const Plan& plan) {
  int64_t start = kEndOfTime, end = kBeginningOfTime;
  const auto add = [&](const std::vector<PlannedPeriod>& periods) {
    if (periods.empty()) return;
    start = std::min(start, periods.front().start_us);
    end = std::max(end, periods.back().end_us);
  };
  add(plan.periods);
  for (const PlannedPanel& panel : plan.panels) add(panel.periods);
  return {start, end};
}

void WritePeriods(const Plan& plan, v1::ExplainedPeriods* out) {
  const auto shown = std::count_if(plan.periods.begin(), plan.periods.end(),
                                   [](const PlannedPeriod& period) { return period.shown; });
  out->set_shown(static_cast<uint32_t>(shown));
  out->set_bases(static_cast<uint32_t>(plan.periods.size() - static_cast<size_t>(shown)));
  out->set_panels(static_cast<uint32_t>(plan.panels.size()));
  if (!plan.has_effects && plan.panels.empty()) return;
  const auto [start, end] = TimesOf(plan);
  out->set_start_us(start);
  out->set_end_us(end);
}

void WriteStages(int64_t plan_nanos, const AnswerSteps& steps, v1::ExplainResponse* out) {
  const auto add = [out](const char* name, int64_t nanos) {
    v1::ExplainedStage& stage = *out->add_stages();
    stage.set_name(name);
    stage.set_elapsed_us(static_cast<uint64_t>(nanos) / 1000);
  };
  add("plan", plan_nanos);
  add("tables", steps.tables_nanos);
  add("panels", steps.panels_nanos);
  add("engine", steps.engine_nanos);
  add("answer", steps.answer_nanos);
}

// How complete each source is in the range of the query.
absl::Status WriteSources(const StatisticCall& call, const Query& query, v1::ExplainResponse* out) {
  Query by_source;
  by_source.measures = {{.name = "events", .column = "events"}};
  by_source.dimensions = {{.name = "source"}};
  by_source.filters = query.filters;
  by_source.first = query.first;
  by_source.last = query.last;
  TM_ASSIGN_OR_RETURN(const Plan plan, PlanQuery(call.context, by_source));
  if (plan.periods.empty()) return absl::OkStatus();
  const PlannedPeriod& range = plan.periods.front();
  for (const PlannedSource& source : plan.sources) {
    const PeriodCoverage coverage =
        source.coverage->Judge(range.period, range.asked_start_us, range.asked_end_us);
    if (coverage.expected == 0) continue;
    v1::ExplainedSource& told = *out->add_sources();
    told.set_source(source.id);
    told.set_complete_days(static_cast<uint64_t>(coverage.complete));
    told.set_expected_days(static_cast<uint64_t>(coverage.expected));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Explain(const StatisticRunner& runner, const StatisticCall& call,
                     const v1::ExplainRequest& request, v1::ExplainResponse* response) {
  v1::QueryRequest asked;
  if (request.has_query()) *asked.mutable_query() = request.query();
  TM_RETURN_IF_ERROR(runner.queries().Check(call.call->caller, asked).status());
  const Query query = FromProto(request.query());
  const int64_t begun = runner.clock().MonotonicNanos();
  absl::StatusOr<Plan> plan = PlanQuery(call.context, query);
  if (!plan.ok()) return status::WithFieldPrefix(plan.status(), "", "query.");
  TM_RETURN_IF_ERROR(LoadDenominators(call.context.catalog, &*plan));
  const int64_t plan_nanos = runner.clock().MonotonicNanos() - begun;
  AnswerSteps steps;
  TM_ASSIGN_OR_RETURN(const Table table, AnswerInSteps(*plan, *call.context.store, runner.clock(),
                                                       call.context.stop, &steps));
  WriteWords(*plan, steps, call.label_language, response);
  WritePeriods(*plan, response->mutable_periods());
  v1::ExplainedRead& read = *response->mutable_read();
  const StoreStats stats = call.context.store->Stats();
  read.set_time_slices(static_cast<uint32_t>(steps.time_slices));
  read.set_effects_held(stats.effects);
  read.set_effects_scanned(table.effects_scanned);
  read.set_runs_held(stats.runs);
  read.set_parts_read(steps.parts_read);
  read.set_cells(steps.cells);
  const std::string text = tidemark::query::CanonicalText(request.query());
  TM_ASSIGN_OR_RETURN(const QueryHandler::Identity identity,
                      runner.queries().IdentityOf(*plan, text, call.context.region_scope));
  v1::ExplainedCache& cache = *response->mutable_cache();
  const ledger::Hash hash = ledger::Sha256(identity.key);
  cache.set_key(base::HexEncode({reinterpret_cast<const char*>(hash.data()), hash.size()}));
  cache.set_data_version(DataVersionOf(*plan, *call.context.store));
  cache.set_catalog_version(identity.catalog_version);
  TM_RETURN_IF_ERROR(WriteSources(call, query, response));
  WriteStages(plan_nanos, steps, response);
  WriteNotes(table.notes, call.label_language, response->mutable_notes());
  runner.WriteMeta(call, table.effects_scanned, table.row_count, response->mutable_meta());
  response->mutable_meta()->set_canonical_query(text);
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
