#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/analytics/store/order_hash.h"
#include "services/analytics/store/run_store.h"

namespace tidemark::analytics {
namespace {

// Unsorted chunks that may wait for the maintenance thread before Append waits for it.
constexpr size_t kMaxClosedChunks = 8;

}  // namespace

uint64_t RunStore::TailEffects(const Parts& parts) {
  uint64_t effects = 0;
  for (size_t i = parts.durable_runs; i < parts.runs.size(); ++i)
    effects += parts.runs[i]->effects();
  for (const auto& chunk : parts.chunks) effects += chunk->rows();
  return effects;
}

absl::Status RunStore::CheckRoom() const {
  base::MutexLock lock(parts_mutex_);
  if (options_.background) {
    while (parts_->closed_chunks > kMaxClosedChunks && !stopping_)
      parts_changed_.Wait(parts_mutex_);
  }
  const uint64_t waiting = TailEffects(*parts_);
  if (waiting < options_.max_tail_effects) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(waiting, " effects wait in memory to be written to ", options_.dir,
                   ": free space on its disk; folding goes on by itself"));
}

RawChunk* RunStore::ChunkFor(const EffectBatch& batch) {
  {
    const auto now = parts();
    if (now->chunks.size() > now->closed_chunks) {
      const auto& chunk = now->chunks.back();
      if (chunk->HasRoom(batch.rows())) return chunk.get();
    }
  }
  auto chunk = std::make_shared<RawChunk>(
      batch.first_leaf, std::max(options_.chunk_effects, batch.rows()), chunk_memory_);
  RawChunk* const raw = chunk.get();
  base::MutexLock lock(parts_mutex_);
  auto changed = std::make_shared<Parts>(*parts_);
  changed->closed_chunks = changed->chunks.size();
  changed->chunks.push_back(std::move(chunk));
  parts_ = std::move(changed);
  parts_changed_.NotifyAll();
  return raw;
}

DictionarySizes RunStore::Sizes() const {
  DictionarySizes sizes;
  for (int f = 0; f < kFieldCount; ++f) sizes.codes[f] = dictionaries_->codes[f].size();
  sizes.consumers = dictionaries_->consumers.size();
  sizes.orders = dictionaries_->orders.size();
  return sizes;
}

void RunStore::AddKinds(const EffectBatch& batch) {
  if (std::find(kind_codes_.begin(), kind_codes_.end(), 0u) == kind_codes_.end()) return;
  const auto add = [this](EffectKind kind) ABSL_EXCLUSIVE_LOCKS_REQUIRED(dictionary_mutex_) {
    if (kind_codes_[static_cast<int>(kind)] != 0) return;
    const CodeId code = dictionaries_->codes[kClassSlot].FindOrAdd(KindText(kind));
    for (int k = 0; k < kEffectKindCount; ++k) {
      if (KindText(static_cast<EffectKind>(k)) == KindText(kind)) kind_codes_[k] = code;
    }
  };
  auto copy = batch.copies.begin();
  for (size_t row = 0; row < batch.size; ++row) {
    for (; copy != batch.copies.end() && copy->effective < batch.effective(row); ++copy)
      add(copy->kind);
    add(batch.kind[row]);
  }
  for (; copy != batch.copies.end(); ++copy) add(copy->kind);
}

// order_scratch_[row] = number of the row's order. Hashes without the lock.
DictionarySizes RunStore::TranslateOrders(const EffectBatch& batch, const CodeId* sources,
                                          const Key16& log_key) {
  const TextColumn& source = batch.fields[static_cast<int>(Field::kSource)];
  const auto source_of = [&](size_t row) {
    return source.entries.empty() ? CodeId{0} : sources[source.index[row]];
  };
  // Runs of rows of one order are common: each is hashed and looked up once.
  std::vector<uint32_t> run_of_row(batch.size);
  key_scratch_.clear();
  uint32_t last_order = 0;
  CodeId last_source = 0;
  for (size_t row = 0; row < batch.size; ++row) {
    const uint32_t order = batch.order.index[row];
    if (order == 0) continue;
    const CodeId code = source_of(row);
    if (key_scratch_.empty() || order != last_order || code != last_source) {
      key_scratch_.push_back(OrderKey(log_key, code, batch.order.entries[order]));
      last_order = order;
      last_source = code;
    }
    run_of_row[row] = static_cast<uint32_t>(key_scratch_.size());
  }
  std::vector<uint32_t> ids(key_scratch_.size() + 1);
  DictionarySizes sizes;
  {
    base::MutexLock lock(dictionary_mutex_);
    dictionaries_->orders.FindOrAdd(key_scratch_.data(), key_scratch_.size(), ids.data() + 1);
    sizes = Sizes();
  }
  order_scratch_.resize(batch.size);
  for (size_t row = 0; row < batch.size; ++row) order_scratch_[row] = ids[run_of_row[row]];
  return sizes;
}

absl::StatusOr<StoredRow> RunStore::OwnRow(const Parts& parts, uint64_t leaf) const {
  const auto run = std::upper_bound(
      parts.runs.begin(), parts.runs.end(), leaf,
      [](uint64_t wanted, const auto& candidate) { return wanted < candidate->end_leaf(); });
  if (run != parts.runs.end()) {
    const std::optional<StoredRow> row = (*run)->OwnRow(leaf);
    return row ? absl::StatusOr<StoredRow>(*row) : NoEventAt(leaf);
  }
  for (auto chunk = parts.chunks.rbegin(); chunk != parts.chunks.rend(); ++chunk) {
    if ((*chunk)->first_leaf() > leaf) continue;
    const std::optional<StoredRow> row = (*chunk)->OwnRow(leaf);
    return row ? absl::StatusOr<StoredRow>(*row) : NoEventAt(leaf);
  }
  return NoEventAt(leaf);
}

absl::StatusOr<std::vector<EventFacts>> RunStore::ReadEvents(
    std::span<const uint64_t> leaves) const {
  const auto now = parts();
  const auto sources = Codes(Field::kSource);
  const auto roles = Codes(Field::kReportingRole);
  const auto categories = Codes(Field::kCategory);
  std::vector<EventFacts> events;
  events.reserve(leaves.size());
  for (const uint64_t leaf : leaves) {
    TM_ASSIGN_OR_RETURN(const StoredRow row, OwnRow(*now, leaf));
    const EffectKind kind = KindOfClass(static_cast<uint32_t>(row[kClassSlot]));
    events.push_back(
        {.purchase = kind == EffectKind::kPurchase,
         .service_use = kind == EffectKind::kServiceUse,
         .event_time_us = row[kTimeSlot],
         .amount = row[kAmountSlot],
         .source = (*sources)[static_cast<size_t>(row[static_cast<int>(Field::kSource)])],
         .reporting_role =
             (*roles)[static_cast<size_t>(row[static_cast<int>(Field::kReportingRole)])],
         .category = (*categories)[static_cast<size_t>(row[static_cast<int>(Field::kCategory)])]});
  }
  return events;
}

absl::Status RunStore::ReadNotes(
    absl::FunctionRef<absl::Status(std::string_view notes)> take) const {
  const auto now = parts();
  uint64_t end = 0;
  for (size_t i = 0; i < now->durable_runs; ++i) {
    end = now->runs[i]->end_leaf();
    TM_RETURN_IF_ERROR(take(now->runs[i]->Section(SectionKind::kNotes, 0)));
  }
  base::MutexLock lock(index_mutex_);
  for (const BlockNotes& notes : tail_notes_) {
    if (notes.end_leaf > end) TM_RETURN_IF_ERROR(take(notes.bytes));
  }
  return absl::OkStatus();
}

absl::Status RunStore::TranslateInto(const EffectBatch& batch, RawChunk* chunk) {
  RawChunk::Ids ids;
  DictionarySizes sizes;
  Key16 log_key;
  {
    base::MutexLock lock(dictionary_mutex_);
    if (batch.first_leaf == 0) log_key_ = LogKey(batch.log_id);
    for (int f = 0; f < kFieldCount; ++f) {
      if (f == kClassSlot || batch.fields[f].entries.empty()) continue;
      dictionaries_->codes[f].Translate(batch.fields[f], batch.size, &code_scratch_[f]);
      ids.codes[f] = code_scratch_[f].data();
    }
    AddKinds(batch);
    if (!batch.pseudonym_index.empty()) {
      const size_t n = batch.pseudonyms.size() / sizeof(Key16);
      key_scratch_.resize(n);
      consumer_scratch_.assign(n + 1, 0);
      if (n > 0) std::memcpy(key_scratch_.data(), batch.pseudonyms.data(), n * sizeof(Key16));
      dictionaries_->consumers.FindOrAdd(key_scratch_.data(), n, consumer_scratch_.data() + 1);
      ids.consumers = consumer_scratch_.data();
    }
    sizes = Sizes();
    log_key = log_key_;
  }
  if (!batch.order.entries.empty()) {
    sizes = TranslateOrders(batch, ids.codes[static_cast<int>(Field::kSource)], log_key);
    ids.orders = order_scratch_.data();
  }
  const auto now = parts();
  return chunk->Append(batch, ids, sizes, [&](uint64_t leaf) { return OwnRow(*now, leaf); });
}

absl::Status RunStore::Append(const EffectBatch& batch) {
  // Before the lock: it may wait for the maintenance thread, and that for Seal(), which takes the
  // lock.
  TM_RETURN_IF_ERROR(CheckRoom());
  {
    base::MutexLock lock(append_mutex_);
    TM_RETURN_IF_ERROR(CheckBatch(batch, folded_size(), log_id()));
    TimeBounds times;
    if (batch.size > 0) {
      const auto [first, last] =
          std::minmax_element(batch.event_time_us.begin(), batch.event_time_us.end());
      times = {*first, *last};
    }
    for (const EffectCopy& copy : batch.copies) {
      // The others repeat times met already.
      if (!copy.own) continue;
      const int64_t time = copy.facts.event_time_us;
      const bool first = times.first_us > times.last_us;
      times = {first ? time : std::min(times.first_us, time),
               first ? time : std::max(times.last_us, time)};
    }
    TM_RETURN_IF_ERROR(TranslateInto(batch, ChunkFor(batch)));
    {
      base::MutexLock index(index_mutex_);
      log_id_ = batch.log_id;
      if (!batch.notes.empty()) tail_notes_.push_back({batch.end_leaf(), std::string(batch.notes)});
      index_.Add(batch.end_leaf(), batch.accepted_time_us, batch.catalog_marks, times);
    }
    folded_.store(batch.end_leaf(), std::memory_order_release);
  }
  if (!options_.background) {
    base::MutexLock lock(maintenance_mutex_);
    // What could not be written stays in memory and is tried again with the next block.
    Maintain().IgnoreError();
  }
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
