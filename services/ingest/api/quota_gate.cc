#include "services/ingest/api/quota_gate.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/error.h"
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

// Events by source, of sources that have a quota.
std::map<std::string_view, uint64_t> CountEvents(
    std::string_view request, const absl::flat_hash_map<std::string, SourceQuota>& quotas) {
  std::map<std::string_view, uint64_t> counts;
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
                             std::string_view request,
                             const std::function<bool(std::string_view)>& may_use_source) {
  const std::shared_ptr<const Quotas> quotas = QuotasOf(view);
  if (quotas->empty()) return absl::OkStatus();
  std::vector<std::string_view> sources;
  std::vector<std::string> names;
  std::vector<base::TokenBuckets::Take> takes;
  for (const auto& [source, events] : CountEvents(request, *quotas)) {
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
