#include "services/ingest/store/identity_run_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/ingest/store/identity_run_cursor.h"

namespace tidemark::ingest {
namespace {

constexpr std::string_view kMadeAgain = "; it is made again from the log at the next start";

bool Holds(const IdentityTable& table, const IdentityEntry& entry) {
  std::vector<uint64_t> others;
  while (true) {
    const uint64_t leaf = table.Find(entry.key(), others);
    if (leaf == IdentityTable::kNotFound || leaf == entry.leaf()) return leaf == entry.leaf();
    others.push_back(leaf);
  }
}

absl::Status CheckEntry(const IdentityRunView& view, const IdentityEntry& entry,
                        const IdentityTable* log) {
  const IdentityRunName name = view.run->name();
  const auto bad = [&](std::string_view what) {
    return absl::DataLossError(absl::StrCat(view.run->path(), ": leaf ", entry.leaf(), " ", what));
  };
  if (entry.leaf() < name.begin_leaf || entry.leaf() >= name.end_leaf) {
    return bad("is not of the run");
  }
  if (!view.filters[IdentityRunPart::Of(entry.low)]->MayContain(entry.key())) {
    return bad("does not pass the filter");
  }
  if (log != nullptr && !Holds(*log, entry)) return bad("has another identity in the log");
  return absl::OkStatus();
}

absl::Status CheckRun(const IdentityRunView& view, const IdentityTable* log) {
  IdentityRunCursor cursor(view.run);
  IdentityRunWriter::PartSizes sizes = {};
  TM_RETURN_IF_ERROR(cursor.Start());
  while (!cursor.done()) {
    TM_RETURN_IF_ERROR(CheckEntry(view, cursor.entry(), log));
    ++sizes[IdentityRunPart::Of(cursor.entry().low)];
    TM_RETURN_IF_ERROR(cursor.Advance());
  }
  for (size_t part = 0; part < kIdentityRunParts; ++part) {
    if (sizes[part] == view.run->directory().parts[part].entries) continue;
    return absl::DataLossError(absl::StrCat(view.run->path(), ": part ", part, " has ", sizes[part],
                                            " entries, not ",
                                            view.run->directory().parts[part].entries));
  }
  return absl::OkStatus();
}

// How many entries of `log` each run should hold.
std::vector<uint64_t> CountOf(const IdentityTable& log, const std::vector<IdentityRunView>& views) {
  std::vector<uint64_t> counts(views.size());
  std::vector<IdentityEntry> entries;
  for (size_t segment = 0; segment < IdentityTable::kSegments; ++segment) {
    log.SortedSegment(segment, &entries);
    for (const IdentityEntry& entry : entries) {
      const auto after = std::upper_bound(
          views.begin(), views.end(), entry.leaf(),
          [](uint64_t leaf, const auto& view) { return leaf < view.run->name().begin_leaf; });
      if (after == views.begin()) continue;
      const auto at = static_cast<size_t>(after - views.begin() - 1);
      if (entry.leaf() < views[at].run->name().end_leaf) ++counts[at];
    }
  }
  return counts;
}

}  // namespace

IdentityRunReport CheckIdentityRuns(const IdentityRunFolder& folder, uint64_t log_end,
                                    const IdentityTable* log) {
  IdentityRunReport report;
  const auto contents = folder.Read(log_end);
  if (absl::IsNotFound(contents.status())) return report;
  if (!contents.ok()) {
    report.problems.emplace_back(contents.status().message());
    return report;
  }
  for (const std::string& problem : contents->problems) {
    report.problems.push_back(absl::StrCat(problem, kMadeAgain));
  }
  for (const IdentityRunName& gap : contents->gaps) {
    // Damaged, which was said, or lost.
    if (!contents->problems.empty()) break;
    report.problems.push_back(absl::StrCat("a run of the identities of leaves ", gap.begin_leaf,
                                           " to ", gap.end_leaf, " is missing", kMadeAgain));
  }
  const std::vector<uint64_t> counts =
      log == nullptr ? std::vector<uint64_t>() : CountOf(*log, contents->views);
  for (size_t i = 0; i < contents->views.size(); ++i) {
    const IdentityRunView& view = contents->views[i];
    ++report.runs;
    report.entries += view.run->entries();
    absl::Status good = CheckRun(view, log);
    if (good.ok() && log != nullptr && counts[i] != view.run->entries()) {
      good = absl::DataLossError(absl::StrCat(view.run->path(), ": ", view.run->entries(),
                                              " entries, but the log has ", counts[i]));
    }
    if (good.ok()) continue;
    report.problems.push_back(
        absl::StrCat(std::string_view(good.message()),
                     "; remove the file, and it is made again from the log at the next start"));
  }
  return report;
}

}  // namespace tidemark::ingest
