#include <algorithm>
#include <bit>
#include <utility>

#include "common/log/log.h"
#include "common/status/status_macros.h"
#include "services/analytics/store/run_store.h"

namespace tidemark::analytics {
namespace {

// Unsorted chunks that become one sorted run in memory at once.
constexpr size_t kChunksPerSort = 4;

std::vector<const RowGroup*> GroupsOf(const RunList& runs) {
  std::vector<const RowGroup*> groups;
  for (const auto& run : runs) {
    for (const RowGroup& group : run->groups()) groups.push_back(&group);
  }
  return groups;
}

}  // namespace

size_t RunStore::TierOf(const Options& options, uint64_t effects) {
  size_t tier = 0;
  // Runs are sealed when they pass a size, so they are a little above it.
  for (uint64_t size = options.seal_effects * options.merge_runs; effects >= size && tier < 32;
       ++tier) {
    size *= options.merge_runs;
  }
  return tier;
}

bool RunStore::FindMerge(const Options& options, const Parts& parts, size_t* first) {
  for (size_t begin = 0; begin + options.merge_runs <= parts.durable_runs; ++begin) {
    const size_t tier = TierOf(options, parts.runs[begin]->effects());
    uint64_t effects = 0;
    bool alike = true;
    for (size_t i = begin; i < begin + options.merge_runs; ++i) {
      effects += parts.runs[i]->effects();
      alike = alike && TierOf(options, parts.runs[i]->effects()) == tier;
    }
    if (!alike || effects > options.max_run_effects) continue;
    *first = begin;
    return true;
  }
  return false;
}

bool RunStore::HasWork() const {
  const auto now = parts();
  size_t first = 0;
  uint64_t unwritten = 0;
  for (size_t i = now->durable_runs; i < now->runs.size(); ++i)
    unwritten += now->runs[i]->effects();
  return now->closed_chunks > 0 || unwritten >= options_.seal_effects ||
         FindMerge(options_, *now, &first);
}

void RunStore::MaintenanceLoop() {
  bool failed = false;
  for (;;) {
    {
      base::MutexLock lock(parts_mutex_);
      if (failed && !stopping_ && parts_->closed_chunks == 0) {
        // Wakes early when there is a chunk to sort; then writing is tried again as well.
        parts_changed_.WaitFor(parts_mutex_, options_.retry_after);
      }
      while (!stopping_) {
        parts_mutex_.Unlock();
        const bool work = HasWork();
        parts_mutex_.Lock();
        if (work || stopping_) break;
        // A change between the two locks is seen at the latest by the next one: chunks keep coming.
        parts_changed_.WaitFor(parts_mutex_, absl::Milliseconds(200));
      }
      if (stopping_) return;
    }
    base::MutexLock lock(maintenance_mutex_);
    const absl::Status status = Maintain();
    if (!status.ok() && !failed) {
      log::Error(
          "statistics could not be written; they are served from memory and writing is tried again",
          {{"folder", options_.dir}, {"reason", status}});
    } else if (status.ok() && failed) {
      log::Info("statistics are written again", {{"folder", options_.dir}});
    }
    failed = !status.ok();
  }
}

absl::Status RunStore::Maintain() {
  TM_RETURN_IF_ERROR(SortChunks());
  const auto now = parts();
  uint64_t unwritten = 0;
  for (size_t i = now->durable_runs; i < now->runs.size(); ++i)
    unwritten += now->runs[i]->effects();
  if (unwritten >= options_.seal_effects) TM_RETURN_IF_ERROR(WriteTail());
  TM_ASSIGN_OR_RETURN(bool merged, MergeOnce());
  while (merged) {
    // Chunks first: Append waits for them.
    TM_RETURN_IF_ERROR(SortChunks());
    TM_ASSIGN_OR_RETURN(merged, MergeOnce());
  }
  return absl::OkStatus();
}

absl::Status RunStore::SortChunks() {
  for (;;) {
    const auto now = parts();
    const size_t n = std::min(now->closed_chunks, kChunksPerSort);
    if (n == 0) return absl::OkStatus();
    std::vector<RowGroup> groups;
    for (size_t i = 0; i < n; ++i) groups.push_back(now->chunks[i]->Rows(UINT64_MAX));
    std::vector<const RowGroup*> inputs;
    for (const RowGroup& group : groups) inputs.push_back(&group);
    RunDirectory directory{.log_id = log_id(),
                           .first_leaf = now->chunks[0]->first_leaf(),
                           .end_leaf = now->chunks[n - 1]->end_leaf(),
                           .dictionary_end = now->chunks[n - 1]->sizes()};
    std::string bytes;
    const auto append = [&](std::string_view more) {
      // A month may come alone or with many others: about what is left, so that growing copies
      // little.
      if (bytes.capacity() - bytes.size() < more.size())
        bytes.reserve(bytes.size() + more.size() + more.size() / 4);
      bytes.append(more);
      return absl::OkStatus();
    };
    TM_RETURN_IF_ERROR(BuildRun(inputs, {}, std::move(directory), chunk_builder_, append));
    TM_ASSIGN_OR_RETURN(auto run, RunImage::FromMemory(std::move(bytes)));
    base::MutexLock lock(parts_mutex_);
    auto changed = std::make_shared<Parts>(*parts_);
    changed->runs.push_back(std::move(run));
    changed->chunks.erase(changed->chunks.begin(),
                          changed->chunks.begin() + static_cast<ptrdiff_t>(n));
    changed->closed_chunks -= n;
    parts_ = std::move(changed);
    parts_changed_.NotifyAll();
  }
}

std::vector<ExtraSection> RunStore::ExtraSections(const RunDirectory& directory,
                                                  const RunList& inputs) const {
  std::vector<ExtraSection> sections;
  const DictionarySizes& begin = directory.dictionary_begin;
  const DictionarySizes& end = directory.dictionary_end;
  for (int f = 0; f < kFieldCount; ++f) {
    if (begin.codes[f] == end.codes[f]) continue;
    sections.push_back({SectionKind::kTexts, static_cast<uint32_t>(f), {}});
    AppendTexts(*Codes(static_cast<Field>(f)), begin.codes[f], end.codes[f],
                &sections.back().bytes);
  }
  const auto add_keys = [&](SectionKind kind, uint32_t from, uint32_t to,
                            IdDictionary Dictionaries::*keys) {
    sections.push_back({kind, 0, {}});
    sections.back().bytes.reserve(size_t{to - from} * sizeof(Key16));
    // A few at a time: Append wants the lock as well.
    for (constexpr uint32_t kStep = 1 << 16; from < to; from += std::min(kStep, to - from)) {
      base::MutexLock lock(dictionary_mutex_);
      ((*dictionaries_).*keys)
          .AppendKeys(from, from + std::min(kStep, to - from), &sections.back().bytes);
    }
  };
  add_keys(SectionKind::kConsumers, begin.consumers, end.consumers, &Dictionaries::consumers);
  add_keys(SectionKind::kOrders, begin.orders, end.orders, &Dictionaries::orders);
  base::MutexLock lock(index_mutex_);
  sections.push_back({SectionKind::kBlocks, 0, {}});
  index_.AppendBlocks(directory.first_leaf, directory.end_leaf, &sections.back().bytes);
  sections.push_back({SectionKind::kMarks, 0, {}});
  index_.AppendMarks(directory.first_leaf, directory.end_leaf, &sections.back().bytes);
  sections.push_back({SectionKind::kNotes, 0, NotesOf(inputs)});
  return sections;
}

std::string RunStore::NotesOf(const RunList& runs) const {
  std::string notes;
  for (const auto& run : runs) {
    if (!run->path().empty()) {
      notes.append(run->Section(SectionKind::kNotes, 0));
      continue;
    }
    for (const BlockNotes& block : tail_notes_) {
      if (block.end_leaf > run->first_leaf() && block.end_leaf <= run->end_leaf())
        notes.append(block.bytes);
    }
  }
  return notes;
}

absl::StatusOr<std::shared_ptr<const RunImage>> RunStore::WriteRun(const RunList& inputs,
                                                                   const DictionarySizes& begin) {
  RunDirectory directory{.log_id = log_id(),
                         .first_leaf = inputs.front()->first_leaf(),
                         .end_leaf = inputs.back()->end_leaf(),
                         .dictionary_begin = begin,
                         .dictionary_end = inputs.back()->directory().dictionary_end};
  const std::vector<const RowGroup*> groups = GroupsOf(inputs);
  const std::vector<ExtraSection> extra = ExtraSections(directory, inputs);
  return folder_->Write(directory.first_leaf, directory.end_leaf, [&](ByteSink sink) {
    MonthBuilder builder;
    return BuildRun(groups, extra, directory, builder, sink);
  });
}

absl::Status RunStore::WriteTail() {
  const auto now = parts();
  const size_t first = now->durable_runs;
  if (first == now->runs.size()) return absl::OkStatus();
  const RunList inputs(now->runs.begin() + static_cast<ptrdiff_t>(first), now->runs.end());
  const DictionarySizes begin =
      first == 0 ? DictionarySizes() : now->runs[first - 1]->directory().dictionary_end;
  TM_ASSIGN_OR_RETURN(auto run, WriteRun(inputs, begin));
  const uint64_t end = run->end_leaf();
  {
    base::MutexLock lock(parts_mutex_);
    auto changed = std::make_shared<Parts>(*parts_);
    changed->runs.resize(first);
    changed->runs.push_back(std::move(run));
    changed->durable_runs = first + 1;
    parts_ = std::move(changed);
  }
  base::MutexLock lock(index_mutex_);
  while (!tail_notes_.empty() && tail_notes_.front().end_leaf <= end) tail_notes_.pop_front();
  return absl::OkStatus();
}

absl::StatusOr<bool> RunStore::MergeOnce() {
  const auto now = parts();
  size_t first = 0;
  if (!FindMerge(options_, *now, &first)) return false;
  const auto begin = now->runs.begin() + static_cast<ptrdiff_t>(first);
  const RunList inputs(begin, begin + static_cast<ptrdiff_t>(options_.merge_runs));
  TM_ASSIGN_OR_RETURN(auto run, WriteRun(inputs, inputs.front()->directory().dictionary_begin));
  {
    base::MutexLock lock(parts_mutex_);
    auto changed = std::make_shared<Parts>(*parts_);
    const auto at = changed->runs.begin() + static_cast<ptrdiff_t>(first);
    *at = std::move(run);
    changed->runs.erase(at + 1, at + static_cast<ptrdiff_t>(options_.merge_runs));
    changed->durable_runs -= options_.merge_runs - 1;
    parts_ = std::move(changed);
  }
  for (const auto& input : inputs) folder_->Remove(*input);
  return true;
}

absl::Status RunStore::Seal() {
  base::MutexLock maintenance(maintenance_mutex_);
  {
    base::MutexLock append(append_mutex_);
    base::MutexLock lock(parts_mutex_);
    auto changed = std::make_shared<Parts>(*parts_);
    changed->closed_chunks = changed->chunks.size();
    parts_ = std::move(changed);
  }
  TM_RETURN_IF_ERROR(SortChunks());
  TM_RETURN_IF_ERROR(WriteTail());
  TM_ASSIGN_OR_RETURN(bool merged, MergeOnce());
  while (merged) {
    TM_ASSIGN_OR_RETURN(merged, MergeOnce());
  }
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
