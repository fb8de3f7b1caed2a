#include "services/ingest/api/quota_gate.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/ingest/api/event_columns.h"
#include "services/ingest/api/event_peek.h"
#include "services/ingest/api/event_splitter.h"
#include "services/ingest/domain/rejection.h"

namespace tidemark::ingest {
namespace {

using catalog_client::CatalogView;
using catalog_client::SourceQuota;

std::string QuotaText(std::string_view source, const SourceQuota& quota, uint64_t events) {
  return absl::StrCat("source: ", Quoted(source), " may send ", quota.events_per_second,
                      " events a second, ", quota.burst,
                      " at once, by its quota in the catalog; "
                      "the batch has ",
                      events, " of it");
}

absl::Status TooLarge(std::string_view source, const SourceQuota& quota, uint64_t events) {
  return status::WithReason(
      absl::ResourceExhaustedError(absl::StrCat(QuotaText(source, quota, events), "; send at most ",
                                                quota.burst, " in one batch")),
      "QUOTA_BATCH_TOO_LARGE", {{"max_events", absl::StrCat(quota.burst)}});
}

absl::Status Exceeded(std::string_view source, const SourceQuota& quota, uint64_t events,
                      absl::Duration wait) {
  return status::WithRetryAfter(status::WithReason(absl::ResourceExhaustedError(absl::StrCat(
                                                       QuotaText(source, quota, events),
                                                       "; nothing was judged, send it again in ",
                                                       absl::FormatDuration(wait))),
                                                   "QUOTA_EXCEEDED"),
                                wait);
}

using Counts = std::map<std::string_view, uint64_t>;

// Events by source, of sources that have a quota.
Counts CountRows(std::string_view request,
                 const absl::flat_hash_map<std::string, SourceQuota>& quotas) {
  Counts counts;
  std::string_view last_source;
  uint64_t* last_count = nullptr;
  EventCursor cursor(request);
  for (std::string_view event; cursor.Next(&event);) {
    const std::string_view source = PeekAt(event).source;
    if (last_source.data() == nullptr || source != last_source) {
      last_source = source;
      last_count = quotas.contains(source) ? &counts[source] : nullptr;
    }
    if (last_count != nullptr) ++*last_count;
  }
  return counts;
}

// Likewise, of a batch by columns.
absl::StatusOr<Counts> CountColumns(std::string_view bytes, size_t events,
                                    const absl::flat_hash_map<std::string, SourceQuota>& quotas) {
  CodeColumn sources;
  TM_RETURN_IF_ERROR(ReadSources(bytes, events, &sources));
  Counts counts;
  if (sources.empty()) return counts;
  std::vector<uint64_t> by_number(sources.values().size() + 1);
  for (size_t row = 0; row < events; ++row) ++by_number[sources.number(row)];
  for (uint32_t number = 1; number < by_number.size(); ++number) {
    const std::string_view source = sources.text(number);
    if (by_number[number] > 0 && quotas.contains(source)) counts[source] += by_number[number];
  }
  return counts;
}

}  // namespace

std::shared_ptr<const QuotaGate::Quotas> QuotaGate::QuotasOf(
    const std::shared_ptr<const CatalogView>& view) {
  base::MutexLock lock(mutex_);
  if (view_ != view) {
    auto quotas = std::make_shared<Quotas>();
    for (const catalog_client::Source& source : view->sources().items()) {
      if (source.quota) quotas->emplace(source.id, *source.quota);
    }
    view_ = view;
    quotas_ = std::move(quotas);
  }
  return quotas_;
}

absl::Status QuotaGate::Take(const std::shared_ptr<const CatalogView>& view,
                             std::string_view request, const BatchEnvelope& envelope,
                             const std::function<bool(std::string_view)>& may_use_source) {
  const std::shared_ptr<const Quotas> quotas = QuotasOf(view);
  if (quotas->empty()) return absl::OkStatus();
  Counts counts;
  if (envelope.columns.data() == nullptr) {
    counts = CountRows(request, *quotas);
  } else {
    TM_ASSIGN_OR_RETURN(counts, CountColumns(envelope.columns, envelope.events, *quotas));
  }
  std::vector<std::string_view> sources;
  std::vector<std::string> names;
  std::vector<base::TokenBuckets::Take> takes;
  for (const auto& [source, events] : counts) {
    if (!may_use_source(source)) continue;
    const SourceQuota& quota = quotas->at(source);
    if (events > quota.burst) return TooLarge(source, quota, events);
    sources.push_back(source);
    names.push_back(absl::StrCat(log_id_, "/", source));
    takes.push_back({.count = events, .per_second = quota.events_per_second, .burst = quota.burst});
  }
  if (takes.empty()) return absl::OkStatus();
  for (size_t i = 0; i < takes.size(); ++i) takes[i].name = names[i];
  const auto refused = buckets_->TryTake(takes);
  if (!refused) return absl::OkStatus();
  const std::string_view source = sources[refused->index];
  return Exceeded(source, quotas->at(source), takes[refused->index].count, refused->wait);
}

}  // namespace tidemark::ingest
