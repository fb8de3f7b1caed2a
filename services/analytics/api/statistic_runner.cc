#include "services/analytics/api/statistic_runner.h"

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/field_prefix.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/label_language.h"
#include "services/analytics/api/result_page.h"
#include "tidemark/analytics/v1/analytics_service.pb.h"
#include "tidemark/analytics/v1/read_options.pb.h"

namespace tidemark::analytics {
namespace {

absl::Status InRead(const absl::Status& status) {
  return status::WithFieldPrefix(status, "", "read.");
}

}  // namespace

StatisticRunner::StatisticRunner(Options options)
    : options_(std::move(options)),
      gate_({.resolver = &options_.queries->resolver(),
             .waiter = options_.waiter,
             .clock = options_.clock,
             .executor = options_.executor,
             .patience = options_.patience}) {}

v1::QueryRequest StatisticRunner::SnapshotRequest(const v1::ReadOptions& read) {
  v1::QueryRequest snapshot;
  if (read.has_as_of()) *snapshot.mutable_as_of() = read.as_of();
  snapshot.set_min_log_size(read.min_log_size());
  snapshot.set_log_id(read.log_id());
  return snapshot;
}

absl::Status StatisticRunner::Check(const v1::ReadOptions& read) const {
  absl::Status checked = CheckLabelLanguage(read.label_language());
  if (checked.ok()) {
    checked = options_.queries->resolver().Check(SnapshotRequest(read), std::nullopt);
  }
  return checked.ok() ? checked : InRead(checked);
}

void StatisticRunner::Start(const rpc::CallContext& call, const v1::ReadOptions& read,
                            absl::AnyInvocable<void(absl::StatusOr<StatisticCall>)> go) const {
  const absl::Status checked = Check(read);
  if (!checked.ok()) return go(checked);
  const v1::QueryRequest snapshot = SnapshotRequest(read);
  gate_.Pass(call, snapshot,
             [this, &call, snapshot, language = read.label_language(),
              go = std::move(go)](absl::Status passed) mutable {
               if (!passed.ok()) return go(passed);
               go(Prepare(call, snapshot, language));
             });
}

absl::StatusOr<StatisticCall> StatisticRunner::Prepare(const rpc::CallContext& call,
                                                       const v1::QueryRequest& snapshot,
                                                       const std::string& label_language) const {
  StatisticCall statistic{.call = &call,
                          .begun_nanos = options_.clock->MonotonicNanos(),
                          .label_language = label_language};
  StatisticContext& context = statistic.context;
  absl::StatusOr<SnapshotInfo> resolved =
      options_.queries->resolver().Resolve(snapshot, std::nullopt);
  if (!resolved.ok()) return InRead(resolved.status());
  context.snapshot = *resolved;
  TM_ASSIGN_OR_RETURN(context.view, options_.queries->CatalogAt(context.snapshot));
  TM_ASSIGN_OR_RETURN(context.calendar, options_.queries->CalendarAt(*context.view));
  context.store = options_.store;
  context.source_days = options_.source_days;
  context.catalog = options_.catalog;
  context.region_scope = call.caller.region_scope;
  context.stop = [&call] {
    return call.cancelled() ? absl::CancelledError("the caller is gone") : absl::OkStatus();
  };
  return statistic;
}

void StatisticRunner::WriteMeta(const StatisticCall& call, uint64_t effects_scanned, uint64_t rows,
                                v1::QueryMeta* meta) const {
  options_.queries->WriteReplicaMeta(call.context.snapshot, meta);
  meta->set_total_row_count(rows);
  meta->set_cache(v1::CACHE_STATE_BYPASSED);
  meta->set_effects_scanned(effects_scanned);
  meta->set_elapsed_us(static_cast<uint64_t>(options_.clock->MonotonicNanos() - call.begun_nanos) /
                       1000);
}

absl::Status WriteWholeTable(const StatisticCall& call, const Table& table, std::string_view what,
                             v1::Result* result, const LabelWriter& labels,
                             std::string_view narrow) {
  if (call.streamed != nullptr) {
    call.streamed->push_back({.field = result, .table = table, .labels = labels});
    return absl::OkStatus();
  }
  const uint64_t written =
      WritePage(table, *call.context.view, 0, table.row_count, call.label_language, result);
  if (labels) labels(result);
  if (written == table.row_count && (!labels || result->ByteSizeLong() <= kMaxPageBytes)) {
    return absl::OkStatus();
  }
  return status::WithReason(
      absl::ResourceExhaustedError(
          absl::StrCat(what, " has ", table.row_count, " rows, which do not fit one answer; ",
                       narrow, "; or ask by StreamStatistic, which has no such limit")),
      "TOO_MANY_ROWS");
}

}  // namespace tidemark::analytics
