#include "services/ingest/store/identity_run_set.h"

#include <algorithm>

#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

// Far enough for memory to arrive, near enough to still be cached.
constexpr size_t kAhead = 16;

}  // namespace

absl::StatusOr<IdentityRunView> IdentityRunView::Load(std::shared_ptr<const IdentityRun> run) {
  IdentityRunView view;
  for (size_t part = 0; part < kIdentityRunParts; ++part) {
    TM_ASSIGN_OR_RETURN(view.filters[part], run->ReadFilter(part));
  }
  view.run = std::move(run);
  return view;
}

IdentityRunSet::IdentityRunSet(std::vector<IdentityRunView> views) : views_(std::move(views)) {
  for (const IdentityRunView& view : views_) {
    end_leaf_ = std::max(end_leaf_, view.run->directory().end_leaf);
    memory_ += view.run->memory();
    for (size_t part = 0; part < kIdentityRunParts; ++part) {
      if (view.filters[part] == nullptr) continue;
      entries_ += view.run->directory().parts[part].entries;
      memory_ += view.filters[part]->memory();
    }
  }
}

absl::Status IdentityRunSet::LookUp(std::span<const Fingerprint> keys, uint64_t from_leaf,
                                    std::vector<OlderLeaves::Entry>* found,
                                    std::shared_ptr<const IdentityRun>* failed) const {
  if (keys.empty()) return absl::OkStatus();
  std::vector<Candidate> passed;
  for (const IdentityRunView& view : views_) {
    if (view.run->directory().end_leaf > from_leaf) Sieve(view, keys, &passed);
  }
  // All of them wait for the disk together.
  if (passed.size() > 1) {
    for (const Candidate& candidate : passed) candidate.run->WillNeed(candidate.pages.begin);
  }
  for (const Candidate& candidate : passed) {
    absl::Status read = Read(candidate, found);
    if (read.ok()) continue;
    for (const IdentityRunView& view : views_) {
      if (view.run.get() == candidate.run) *failed = view.run;
    }
    return read;
  }
  return absl::OkStatus();
}

void IdentityRunSet::Sieve(const IdentityRunView& view, std::span<const Fingerprint> keys,
                           std::vector<Candidate>* passed) {
  for (size_t i = 0; i < keys.size(); ++i) {
    if (i + kAhead < keys.size()) {
      const Fingerprint& later = keys[i + kAhead];
      const RunFilter* filter = view.filters[IdentityRunPart::Of(later.low)].get();
      if (filter != nullptr) filter->Prefetch(later);
    }
    const RunFilter* filter = view.filters[IdentityRunPart::Of(keys[i].low)].get();
    if (filter == nullptr || !filter->MayContain(keys[i])) continue;
    passed->push_back({view.run.get(), &keys[i], view.run->PagesOf(keys[i])});
  }
}

absl::Status IdentityRunSet::Read(const Candidate& candidate,
                                  std::vector<OlderLeaves::Entry>* found) {
  IdentityPage page;
  for (uint64_t at = candidate.pages.begin; at < candidate.pages.end; ++at) {
    TM_RETURN_IF_ERROR(candidate.run->ReadPages(at, 1, &page));
    const IdentityEntry* const begin = page.entries;
    const IdentityEntry* const end = begin + page.count;
    const IdentityEntry* entry = std::lower_bound(begin, end, IdentityEntry::Of(*candidate.key, 0));
    for (; entry != end && entry->Is(*candidate.key); ++entry) {
      found->push_back({*candidate.key, entry->leaf()});
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::ingest
