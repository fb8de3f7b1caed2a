#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/analytics/domain/effect_batch.h"
#include "services/analytics/domain/stat_store.h"

namespace tidemark::analytics {
namespace {

absl::Status CheckText(const TextColumn& column, size_t rows, const char* name) {
  if (column.entries.empty()) return absl::OkStatus();
  if (column.index.size() != rows) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, ": ", column.index.size(), " rows, want ", rows));
  }
  for (uint32_t entry : column.index) {
    if (entry >= column.entries.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat(name, ": entry ", entry, " of ", column.entries.size()));
    }
  }
  return absl::OkStatus();
}

bool Fits(size_t length, size_t rows) { return length == 0 || length == rows; }

absl::Status CheckRows(const EffectBatch& batch) {
  const size_t rows = batch.size;
  if (batch.kind.size() != rows || batch.event_time_us.size() != rows ||
      !Fits(batch.effective_index.size(), rows) || !Fits(batch.amount.size(), rows) ||
      !Fits(batch.voucher.size(), rows) || !Fits(batch.quantity.size(), rows) ||
      !Fits(batch.pseudonym_index.size(), rows) || batch.pseudonyms.size() % 16 != 0) {
    return absl::InvalidArgumentError("the columns of the batch differ in length");
  }
  if (batch.effective_index.empty() && rows > batch.record_count) {
    return absl::InvalidArgumentError("more effects than records without effective indexes");
  }
  uint64_t previous = batch.first_leaf;
  for (uint64_t index : batch.effective_index) {
    if (index < previous || index >= batch.end_leaf()) {
      return absl::InvalidArgumentError(
          absl::StrCat("effective index ", index, " is outside the block or descends"));
    }
    previous = index;
  }
  for (EffectKind kind : batch.kind) {
    if (static_cast<int>(kind) >= kEffectKindCount)
      return absl::InvalidArgumentError("unknown effect kind");
  }
  previous = batch.first_leaf;
  for (const EffectCopy& copy : batch.copies) {
    if (copy.effective < previous || copy.effective >= batch.end_leaf() ||
        copy.event_leaf > copy.effective || copy.fields_leaf > copy.effective ||
        (copy.own && (copy.event_leaf != copy.effective || copy.negative))) {
      return absl::InvalidArgumentError(absl::StrCat("the copy at ", copy.effective,
                                                     " is outside the block, descends, or "
                                                     "repeats what comes later"));
    }
    previous = copy.effective;
  }
  const size_t pseudonyms = batch.pseudonyms.size() / 16;
  for (uint32_t index : batch.pseudonym_index) {
    if (index > pseudonyms)
      return absl::InvalidArgumentError("pseudonym index is beyond the pseudonyms");
  }
  for (const TextColumn& field : batch.fields) TM_RETURN_IF_ERROR(CheckText(field, rows, "field"));
  return CheckText(batch.order, rows, "order");
}

template <typename Tables>
absl::Status CheckTables(const Tables& tables, uint32_t mapping, const char* what) {
  if (mapping < tables.size() && tables[mapping] != nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(what, ": no table for mapping ", mapping));
}

absl::Status CheckGroups(const Grouping& grouping) {
  const auto good = [&](uint32_t group) {
    return group == kDropped || group < grouping.group_count;
  };
  for (const auto& table : grouping.tables) {
    if (table == nullptr) continue;
    bool all_good = good(table->beyond);
    for (uint32_t group : table->groups) all_good = all_good && good(group);
    if (!all_good) return absl::InvalidArgumentError("grouping: a group is not below group_count");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckBatch(const EffectBatch& batch, uint64_t folded_size, std::string_view log_id) {
  if (!log_id.empty() && batch.log_id != log_id) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the statistics were folded from log ", std::string(log_id), ", the block is of log ",
        batch.log_id, ": follow the first log, or rebuild the statistics from the other one"));
  }
  if (batch.log_id.empty()) return absl::InvalidArgumentError("the block names no log");
  if (batch.first_leaf != folded_size) {
    return absl::FailedPreconditionError(
        absl::StrCat("the block starts at leaf ", batch.first_leaf, ", want ", folded_size));
  }
  if (batch.record_count == 0) return absl::InvalidArgumentError("the block has no records");
  uint64_t next = batch.first_leaf;
  for (const EffectBatch::Mark& mark : batch.catalog_marks) {
    if (mark.leaf < next || mark.leaf >= batch.end_leaf()) {
      return absl::InvalidArgumentError(
          absl::StrCat("catalog mark at leaf ", mark.leaf, " is outside the block"));
    }
    next = mark.leaf + 1;
  }
  return CheckRows(batch);
}

absl::Status NoEventAt(uint64_t leaf) {
  return absl::NotFoundError(absl::StrCat("no event with an effect is at leaf ", leaf));
}

absl::Status CheckQuery(const EngineQuery& query, uint64_t folded_size) {
  if (query.log_size > folded_size) {
    return absl::OutOfRangeError(absl::StrCat("log_size: ", query.log_size, " is above the ",
                                              folded_size, " records folded so far"));
  }
  if (query.slices.empty()) return absl::InvalidArgumentError("slices: empty");
  for (const Grouping& grouping : query.groupings) TM_RETURN_IF_ERROR(CheckGroups(grouping));
  const TimeSlice* previous = nullptr;
  for (const TimeSlice& slice : query.slices) {
    if (slice.start_us >= slice.end_us || slice.period >= query.period_count ||
        (previous != nullptr && slice.start_us < previous->end_us)) {
      return absl::InvalidArgumentError(
          "slices: must ascend without overlap, not be empty and name a period");
    }
    previous = &slice;
    for (const Grouping& grouping : query.groupings) {
      TM_RETURN_IF_ERROR(CheckTables(grouping.tables, slice.mapping, "grouping"));
    }
    for (const CodeFilter& filter : query.filters) {
      TM_RETURN_IF_ERROR(CheckTables(filter.tables, slice.mapping, "filter"));
    }
  }
  for (size_t i = 0; i < query.origin_bounds.size(); ++i) {
    const int64_t bound = query.origin_bounds[i];
    if (bound % kOriginGrainUs != 0 || (i > 0 && bound <= query.origin_bounds[i - 1])) {
      return absl::InvalidArgumentError(
          absl::StrCat("origin_bounds: ", bound, ", want ascending quarters of an hour, in µs"));
    }
  }
  for (uint32_t quantile : query.quantiles) {
    if (quantile < 1 || quantile > 10'000) {
      return absl::InvalidArgumentError(
          absl::StrCat("quantile: ", quantile, ", want 1 to 10000 ten-thousandths"));
    }
  }
  return absl::OkStatus();
}

uint64_t CellNumber(const EngineQuery& query, uint32_t period, std::span<const uint32_t> groups) {
  uint64_t number = period;
  for (size_t i = 0; i < query.groupings.size(); ++i)
    number = number * query.groupings[i].group_count + groups[i];
  return number;
}

uint32_t PeriodOfCell(const EngineQuery& query, uint64_t cell, std::span<uint32_t> groups) {
  for (size_t i = query.groupings.size(); i-- > 0;) {
    groups[i] = static_cast<uint32_t>(cell % query.groupings[i].group_count);
    cell /= query.groupings[i].group_count;
  }
  return static_cast<uint32_t>(cell);
}

absl::Status CheckCellNumbers(const EngineQuery& query) {
  if (!query.origin_bounds.empty()) {
    return absl::InvalidArgumentError("origin_bounds: consumers are not told by origin time");
  }
  unsigned __int128 numbers = query.period_count;
  for (const Grouping& grouping : query.groupings) {
    numbers *= std::max<uint32_t>(grouping.group_count, 1);
    if (numbers > uint64_t{1} << 62) {
      return absl::ResourceExhaustedError(
          "more than 2^62 cells are possible: take fewer dimensions or a higher level of them");
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
