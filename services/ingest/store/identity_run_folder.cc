#include "services/ingest/store/identity_run_folder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log/log.h"
#include "common/status/status_macros.h"
#include "services/ingest/store/identity_run_cursor.h"

namespace tidemark::ingest {

namespace {

bool Damaged(const absl::Status& status) {
  return absl::IsDataLoss(status) || absl::IsUnimplemented(status) || absl::IsNotFound(status);
}

}  // namespace

absl::Status IdentityRunFolder::Make() { return options_.fs->MakeDirs(options_.dir); }

absl::StatusOr<IdentityRunFolder::Contents> IdentityRunFolder::Read(uint64_t log_end) const {
  TM_ASSIGN_OR_RETURN(const std::vector<std::string> files, options_.fs->List(options_.dir));
  Contents contents;
  std::vector<IdentityRunName> names;
  for (const std::string& file : files) {
    const auto name = IdentityRunName::Parse(file);
    if (name.has_value() && name->end_leaf <= log_end) {
      names.push_back(*name);
    } else if (name.has_value() || file.ends_with(IdentityRunWriter::kUnfinishedSuffix)) {
      contents.useless.push_back(file);
    }
  }
  std::sort(names.begin(), names.end(), [](const IdentityRunName& a, const IdentityRunName& b) {
    return a.begin_leaf != b.begin_leaf ? a.begin_leaf < b.begin_leaf : a.end_leaf > b.end_leaf;
  });
  uint64_t covered = 0;
  for (const IdentityRunName& name : names) {
    // Within another, or, which nothing leaves behind, across another's end.
    if (name.begin_leaf < covered) {
      contents.useless.push_back(name.ToString());
      continue;
    }
    absl::StatusOr<IdentityRunView> view = OpenRun(name);
    if (!view.ok()) {
      // Too many open files, say: the run is good.
      if (!Damaged(view.status())) return view.status();
      contents.problems.emplace_back(view.status().message());
      contents.useless.push_back(name.ToString());
      continue;
    }
    if (covered < name.begin_leaf) contents.gaps.push_back({covered, name.begin_leaf});
    covered = name.end_leaf;
    contents.views.push_back(*std::move(view));
  }
  return contents;
}

absl::Status IdentityRunFolder::RemoveAll(const std::vector<std::string>& names) const {
  if (names.empty()) return absl::OkStatus();
  for (const std::string& name : names) {
    TM_RETURN_IF_ERROR(options_.fs->Remove(fs::JoinPath(options_.dir, name)));
  }
  return options_.fs->SyncDir(options_.dir);
}

void IdentityRunFolder::TryRemove(const std::string& name) const {
  const absl::Status removed = options_.fs->Remove(fs::JoinPath(options_.dir, name));
  // It is in nobody's way, and tried again at the next start.
  if (!removed.ok() && !absl::IsNotFound(removed)) {
    log::Warn("a file of identities that is not needed any more could not be removed",
              {{"error", removed}});
  }
}

absl::StatusOr<IdentityRunView> IdentityRunFolder::OpenRun(const IdentityRunName& name) const {
  TM_ASSIGN_OR_RETURN(auto run,
                      IdentityRun::Open(*options_.fs, options_.dir, name, options_.owner));
  return IdentityRunView::Load(std::move(run));
}

absl::StatusOr<std::unique_ptr<IdentityRunWriter>> IdentityRunFolder::NewWriter(
    const IdentityRunName& name, const IdentityRunWriter::PartSizes& sizes) const {
  return IdentityRunWriter::Create({.fs = options_.fs,
                                    .dir = options_.dir,
                                    .name = name,
                                    .owner = options_.owner,
                                    .part_entries = sizes});
}

absl::StatusOr<IdentityRunView> IdentityRunFolder::Write(const IdentityTable& table,
                                                         const IdentityRunName& name,
                                                         const std::atomic<bool>& stop) const {
  constexpr size_t kSegmentsPerPart = IdentityTable::kSegments / kIdentityRunParts;
  IdentityRunWriter::PartSizes sizes = {};
  for (size_t segment = 0; segment < IdentityTable::kSegments; ++segment) {
    sizes[segment / kSegmentsPerPart] += table.SegmentSize(segment);
  }
  TM_ASSIGN_OR_RETURN(const auto writer, NewWriter(name, sizes));
  std::vector<IdentityEntry> entries;
  for (size_t segment = 0; segment < IdentityTable::kSegments; ++segment) {
    if (stop.load(std::memory_order_relaxed)) return absl::CancelledError("stopping");
    table.SortedSegment(segment, &entries);
    for (const IdentityEntry& entry : entries) TM_RETURN_IF_ERROR(writer->Add(entry));
  }
  TM_RETURN_IF_ERROR(writer->Finish());
  return OpenRun(name);
}

absl::StatusOr<std::shared_ptr<const IdentityRun>> IdentityRunFolder::Merge(
    const std::vector<IdentityRunView>& views, const std::atomic<bool>& stop) const {
  const IdentityRunName name{views.front().run->name().begin_leaf,
                             views.back().run->name().end_leaf};
  IdentityRunWriter::PartSizes sizes = {};
  std::vector<std::unique_ptr<IdentityRunCursor>> cursors;
  for (const IdentityRunView& view : views) {
    for (size_t part = 0; part < kIdentityRunParts; ++part) {
      sizes[part] += view.run->directory().parts[part].entries;
    }
    cursors.push_back(std::make_unique<IdentityRunCursor>(view.run));
    TM_RETURN_IF_ERROR(cursors.back()->Start());
  }
  TM_ASSIGN_OR_RETURN(const auto writer, NewWriter(name, sizes));
  const auto less = [](const auto& a, const auto& b) { return a->entry() < b->entry(); };
  std::erase_if(cursors, [](const auto& cursor) { return cursor->done(); });
  for (uint32_t added = 0; !cursors.empty(); ++added) {
    if (added % 4096 == 0 && stop.load(std::memory_order_relaxed)) {
      return absl::CancelledError("stopping");
    }
    const auto first = std::min_element(cursors.begin(), cursors.end(), less);
    TM_RETURN_IF_ERROR(writer->Add((*first)->entry()));
    TM_RETURN_IF_ERROR((*first)->Advance());
    if ((*first)->done()) cursors.erase(first);
  }
  TM_RETURN_IF_ERROR(writer->Finish());
  return IdentityRun::Open(*options_.fs, options_.dir, name, options_.owner);
}

}  // namespace tidemark::ingest
