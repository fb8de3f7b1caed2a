#include "services/ingest/store/day_revisions.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

using ledger::Column;

constexpr auto kVoid = static_cast<uint8_t>(ledger::EventKind::kVoid);

absl::Status NoEvent(uint64_t leaf) {
  return absl::DataLossError(absl::StrCat("leaf ", leaf,
                                          " is named as an earlier revision of an event and is "
                                          "none; run tidemark-ingest --check on the log"));
}

}  // namespace

void DayRevisions::Add(const Revision& revision) {
  revisions_.push_back(revision);
  sorted_ = false;
}

absl::Status DayRevisions::SettleBlock(catalog_client::LocalDays& local) {
  if (!sorted_) {
    std::sort(revisions_.begin(), revisions_.end(), [](const Revision& a, const Revision& b) {
      return a.previous_leaf > b.previous_leaf;
    });
    sorted_ = true;
  }
  TM_ASSIGN_OR_RETURN(ledger::BlockReader * reader,
                      blocks_.BlockOf(revisions_.back().previous_leaf));
  TM_ASSIGN_OR_RETURN(const ledger::SmallColumn kinds, reader->Small(Column::kKind));
  TM_ASSIGN_OR_RETURN(const ledger::IntegerColumn numbers, reader->Integers(Column::kRevision));
  TM_ASSIGN_OR_RETURN(const ledger::IntegerColumn times, reader->Integers(Column::kEventTime));
  TM_ASSIGN_OR_RETURN(const ledger::IntegerColumn amounts, reader->Integers(Column::kAmount));
  const uint64_t first_leaf = reader->header().first_leaf;
  const uint64_t end_leaf = reader->header().end_leaf();
  for (; !revisions_.empty() && revisions_.back().previous_leaf < end_leaf; revisions_.pop_back()) {
    const Revision& revision = revisions_.back();
    const size_t row = revision.previous_leaf - first_leaf;
    if (kinds.values[row] == 0) return NoEvent(revision.previous_leaf);
    // A lower revision that came late.
    if (revision.revision < numbers.values[row]) continue;
    EventDays& days = *revision.days;
    if (kinds.values[row] != kVoid) {
      days[local.DayOf(times.values[row])].standing.Remove(kinds.values[row], amounts.values[row]);
    }
    if (revision.kind != kVoid) days[revision.day].standing.Add(revision.kind, revision.amount);
  }
  return absl::OkStatus();
}

}  // namespace tidemark::ingest
