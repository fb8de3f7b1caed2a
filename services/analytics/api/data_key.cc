#include "services/analytics/api/data_key.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/sha256.h"

namespace tidemark::analytics {
namespace {

using catalog_client::EntityType;
using catalog_client::EntityTypes;
using catalog_client::TypeBit;

EntityTypes TypeOf(const DimensionWord& word) {
  switch (word.codes) {
    case CodeKind::kRegions:
      return TypeBit(EntityType::kRegion);
    case CodeKind::kCategories:
      return TypeBit(EntityType::kCategory);
    case CodeKind::kSchemes:
      return TypeBit(EntityType::kIdentifierScheme);
    default:
      return 0;
  }
}

void AppendNumber(int64_t value, std::string* bytes) {
  bytes->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void AppendText(std::string_view text, std::string* bytes) {
  AppendNumber(static_cast<int64_t>(text.size()), bytes);
  bytes->append(text);
}

// What comparisons depend on besides the periods: parts of them, and whose events are compared.
void AppendComparisons(const Plan& plan, std::string* bytes) {
  for (const PlannedPanel& panel : plan.panels) {
    for (const PlannedPeriod& part : panel.periods) {
      AppendNumber(part.geography, bytes);
      AppendNumber(part.start_us, bytes);
      AppendNumber(part.end_us, bytes);
      bytes->push_back(part.coverage.partial ? 1 : 0);
      bytes->push_back(part.coverage.reported ? 1 : 0);
    }
  }
  if (plan.panel != Panel::kMatched) return;
  // Pairs with the same sources share one list; each is written where it comes first.
  absl::flat_hash_map<const void*, int64_t> lists;
  for (const PlannedPeriod& period : plan.periods) {
    for (const PlannedPair* pair : {&period.prev_pair, &period.yoy_pair, &period.ytd_yoy_pair}) {
      AppendNumber(pair->panel, bytes);
      bytes->push_back(pair->partial ? 1 : 0);
      if (pair->sources == nullptr) {
        AppendNumber(-1, bytes);
        continue;
      }
      const auto [list, is_new] =
          lists.try_emplace(pair->sources.get(), static_cast<int64_t>(lists.size()));
      AppendNumber(list->second, bytes);
      if (!is_new) continue;
      AppendNumber(static_cast<int64_t>(pair->sources->size()), bytes);
      for (const std::string& source : *pair->sources) AppendText(source, bytes);
    }
  }
}

// What the coverage of a source in the plan's periods depends on of the time: the day, whether it
// has begun (windows begin with their days), and which of the periods have begun and are over. Past
// the last period nothing changes any more.
void AppendNow(const Plan& plan, std::string* bytes) {
  const int64_t now_us =
      std::min(plan.snapshot.accepted_time_us, plan.periods.back().period.end_us);
  const int64_t day = plan.calendar->DayOf(now_us);
  AppendNumber(day, bytes);
  bytes->push_back(now_us > plan.calendar->StartOfDay(day) ? 1 : 0);
  int64_t begun = 0, over = 0;
  for (const PlannedPeriod& period : plan.periods) {
    begun += period.asked_start_us < now_us ? 1 : 0;
    over += period.period.end_us <= now_us ? 1 : 0;
  }
  AppendNumber(begun, bytes);
  AppendNumber(over, bytes);
}

// The span of time whose effects the plan reads.
StatStore::TimeBounds SpanRead(const Plan& plan, const StatStore& store) {
  StatStore::TimeBounds span = {plan.periods.front().start_us, plan.periods.back().end_us};
  if (plan.reads_all_time) {
    span = store.EventTimes(plan.snapshot.log_size);
    ++span.last_us;
  }
  // Years to date reach beyond the periods.
  for (const PlannedPanel& panel : plan.panels) {
    if (panel.periods.empty()) continue;
    span.first_us = std::min(span.first_us, panel.periods.front().start_us);
    span.last_us = std::max(span.last_us, panel.periods.back().end_us);
  }
  return span;
}

// With the dimension `source` each has a coverage of its own.
void AppendSources(const Plan& plan, std::string* bytes) {
  if (plan.SourceDimension() < 0 || plan.periods.empty()) return;
  AppendNow(plan, bytes);
  int64_t start_us = plan.periods.front().period.start_us;
  int64_t end_us = plan.periods.back().period.end_us;
  for (const PlannedPanel& panel : plan.panels) {
    if (panel.periods.empty()) continue;
    start_us = std::min(start_us, panel.periods.front().period.start_us);
    end_us = std::max(end_us, panel.periods.back().period.end_us);
  }
  const int64_t first = plan.calendar->DayOf(start_us);
  const int64_t end = plan.calendar->DayOf(end_us - 1) + 1;
  for (const PlannedSource& source : plan.sources) {
    AppendText(source.id, bytes);
    AppendText(source.coverage->Fingerprint(first, end), bytes);
  }
}

// The accepted time enters answers through these facts only.
std::string CoverageHash(const Plan& plan) {
  std::string bytes;
  bytes.reserve(plan.periods.size() * 34);
  for (const PlannedPeriod& period : plan.periods) {
    AppendNumber(period.period.start_us, &bytes);
    AppendNumber(period.period.end_us, &bytes);
    AppendNumber(period.coverage.complete, &bytes);
    AppendNumber(period.coverage.expected, &bytes);
    bytes.push_back(period.coverage.partial ? 1 : 0);
    bytes.push_back(period.coverage.reported ? 1 : 0);
    // Of a period that is not over they are those of the snapshot's day.
    if (plan.geography == Geography::kPeriodEnd) AppendNumber(period.fixed_us.value_or(0), &bytes);
  }
  AppendComparisons(plan, &bytes);
  AppendSources(plan, &bytes);
  // They are part of the answer, and may say more of coverage than its numbers.
  for (const PlanNote& note : plan.notes) {
    AppendText(note.code, &bytes);
    AppendText(note.message, &bytes);
  }
  const ledger::Hash hash = ledger::Sha256(bytes);
  return std::string(reinterpret_cast<const char*>(hash.data()), hash.size());
}

}  // namespace

EntityTypes TypesRead(const Plan& plan) {
  EntityTypes types = TypeBit(EntityType::kObservatory) | TypeBit(EntityType::kSource);
  for (const PlannedDimension& dimension : plan.dimensions) types |= TypeOf(*dimension.word);
  for (const PlannedFilter& filter : plan.filters) {
    if (filter.word != nullptr) types |= TypeOf(*filter.word);
    if (!filter.groups.empty()) types |= TypeBit(EntityType::kRegionGroup);
  }
  return types;
}

uint64_t DataVersionOf(const Plan& plan, const StatStore& store) {
  if (!plan.has_effects && plan.panels.empty()) return 0;
  const StatStore::TimeBounds read = SpanRead(plan, store);
  return store.DataVersion(read.first_us, read.last_us, plan.snapshot.log_size);
}

std::string DataKey(const Plan& plan, const StatStore& store, std::string_view canonical_text,
                    std::string_view region_scope, uint64_t last_change,
                    std::string_view catalog_hash) {
  const uint64_t data_version = DataVersionOf(plan, store);
  // Of a log that lost its end in a restore and grew again, an index says nothing; when its block
  // was accepted does.
  const absl::StatusOr<SnapshotInfo> at = store.Snapshot(data_version);
  const int64_t accepted_us = at.ok() ? at->accepted_time_us : 0;
  // Lengths go first, so that no two lists of parts run together alike.
  return absl::StrCat("answer ", kAnswerVersion, "\n", store.log_id(), "\n", data_version, "\n",
                      accepted_us, "\n", last_change, "\n",
                      absl::BytesToHexString({catalog_hash.data(), catalog_hash.size()}), "\n",
                      region_scope.size(), " ", canonical_text.size(), "\n", region_scope,
                      canonical_text, CoverageHash(plan));
}

}  // namespace tidemark::analytics
