#include "absl/strings/str_cat.h"
#include "services/catalog/domain/checks.h"

namespace tidemark::catalog {
namespace {

std::string_view KindName(SourceKind kind) { return kind == SourceKind::kLive ? "LIVE" : "TEST"; }

void CheckQuota(const SourceQuota& quota, Report& report) {
  constexpr uint32_t kMaxRate = 10'000'000;
  constexpr uint32_t kMaxBurst = 100'000'000;
  if (quota.events_per_second < 1 || quota.events_per_second > kMaxRate) {
    report.AddTyped("quota.events_per_second",
                    absl::StrCat(quota.events_per_second, ", want 1 to ", kMaxRate,
                                 "; leave `quota` out for a source without a limit"));
  }
  if (quota.burst > kMaxBurst) {
    report.AddTyped("quota.burst", absl::StrCat(quota.burst, ", want 1 to ", kMaxBurst,
                                                ", or leave it out for the events of ten seconds"));
  }
}

void CheckChannels(const std::vector<Channel>& channels, Report& report) {
  constexpr std::string_view kNames[] = {"ONLINE", "OFFLINE", "HYBRID"};
  CheckValues(channels, kNames,
              "CHANNEL_ONLINE, CHANNEL_OFFLINE or CHANNEL_HYBRID; leave `channels` out for all",
              "channels", report);
}

}  // namespace

void CheckSource(const Source& source, Report& report) {
  if (source.kind != SourceKind::kLive && source.kind != SourceKind::kTest) {
    report.AddTyped("kind", absl::StrCat(static_cast<int>(source.kind),
                                         ", want SOURCE_KIND_LIVE or "
                                         "SOURCE_KIND_TEST"));
  }
  CheckValidity(source.reports, "reports", report);
  CheckNoDuplicates(source.regions, "regions", report);
  CheckNoDuplicates(source.categories, "categories", report);
  if (source.quota) CheckQuota(*source.quota, report);
  CheckChannels(source.channels, report);
}

void CheckSourceChange(const Source& before, const Source& after, Report& report) {
  if (before.kind == after.kind) return;
  report.AddTyped("kind",
                  absl::StrCat("cannot change; it is ", KindName(before.kind),
                               ". Apply a source with another id, and retire this one by "
                               "reports.end"),
                  "IMMUTABLE_FIELD");
}

}  // namespace tidemark::catalog
