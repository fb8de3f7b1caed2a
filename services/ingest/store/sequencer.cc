#include "services/ingest/store/sequencer.h"

#include <pthread.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <limits>
#include <span>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/row_leaves.h"
#include "common/log/log.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/ingest/domain/reference_validator.h"

namespace tidemark::ingest {
namespace {

absl::Status StaleView(uint64_t judged, uint64_t marked) {
  return status::WithReason(
      absl::AbortedError(absl::StrCat("the batch was judged by catalog version ", judged,
                                      ", but version ", marked, " is in force")),
      "STALE_VIEW");
}

absl::Status Stopping() {
  return absl::UnavailableError("the ingest service is shutting down; send the batch again");
}

}  // namespace

Sequencer::Sequencer(Options options)
    : options_(std::move(options)),
      maker_(options_.log_id),
      blocks_(options_.files),
      identity_({.table = options_.table,
                 .waiting = options_.waiting,
                 .blocks = &blocks_,
                 .row_of_group = [this](uint64_t leaf) { return RowOfGroup(leaf); }}),
      head_(options_.head),
      marked_version_(options_.head.marked.version),
      thread_([this] { Run(); }) {}

Sequencer::~Sequencer() { Stop(); }

void Sequencer::Append(AppendBatch* batch) {
  // Here, on the caller's thread: hashing is a good part of the work and needs no order.
  const ledger::EventRows& rows = batch->rows;
  SipHash::Identities identities(*options_.hash);
  SipHash::Identities originals(*options_.hash);
  const std::vector<int64_t>& times = rows.event_times();
  batch->last_event_us = times.empty() ? 0 : *std::max_element(times.begin(), times.end());
  batch->identities.resize(rows.size());
  batch->linked.clear();
  batch->transactions.clear();
  const ledger::DictionaryBuilder& sources = rows.sources();
  // By entry, of those that a row has: others may be of any length.
  std::vector<SipHash::Identities::Prefix> prefixes(sources.entry_count());
  for (uint32_t row = 0; row < rows.size(); ++row) {
    assert(ledger::CheckRecord(rows.Record(row)).ok());
    SipHash::Identities::Prefix& prefix = prefixes[sources.number(row) - 1];
    if (prefix.bytes == 0) prefix = identities.PrefixOf(rows.source(row));
    batch->identities[row] = identities.Of(prefix, rows.id(row));
  }
  for (uint32_t row = 0; rows.has_transactions() && row < rows.size(); ++row) {
    if (ledger::Absent(rows.transaction_id(row))) continue;
    batch->transactions.push_back({.row = row,
                                   .original = originals.OfTransaction(rows.transaction_scheme(row),
                                                                       rows.transaction_id(row))});
  }
  for (uint32_t row = 0; rows.has_originals() && row < rows.size(); ++row) {
    if (ledger::Absent(rows.original_id(row))) continue;
    batch->linked.push_back(
        {.row = row, .original = originals.Of(rows.original_source(row), rows.original_id(row))});
  }
  if (!batch->dry_run) ledger::CommitRows(rows, *options_.salt_key, &batch->commitments);
  absl::Status looked_up = options_.table->LookUpOlder(batch->identities, batch->linked,
                                                       batch->transactions, &batch->older);
  if (!looked_up.ok()) return Answer(batch, {.status = std::move(looked_up)});
  Push(batch);
}

void Sequencer::Mark(const CatalogStamp& stamp) { Push(stamp); }

void Sequencer::Find(const std::string& source, const std::vector<std::string>& ids,
                     FindDone done) {
  auto lookup = std::make_unique<Lookup>();
  SipHash::Identities identities(*options_.hash);
  for (const std::string& id : ids) lookup->identities.push_back(identities.Of(source, id));
  const absl::Status looked_up =
      options_.table->LookUpOlder(lookup->identities, {}, {}, &lookup->older);
  if (!looked_up.ok()) return done(looked_up);
  lookup->done = std::move(done);
  Push(std::move(lookup));
}

void Sequencer::Push(Task task) {
  {
    base::MutexLock lock(mutex_);
    if (!stopping_) {
      tasks_.push_back(std::move(task));
      changed_.NotifyAll();
      return;
    }
  }
  if (auto* batch = std::get_if<AppendBatch*>(&task)) {
    Answer(*batch, {.status = Stopping()});
  } else if (auto* lookup = std::get_if<std::unique_ptr<Lookup>>(&task)) {
    (*lookup)->done(Stopping());
  }
}

void Sequencer::Stop() {
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

void Sequencer::WriteFailed() {
  {
    base::MutexLock lock(mutex_);
    write_failed_ = true;
  }
  changed_.NotifyAll();
}

void Sequencer::WriterRests() {
  // Whoever looked whether it does has begun to wait.
  { base::MutexLock lock(mutex_); }
  changed_.NotifyAll();
}

std::string Sequencer::sealed_reason() const {
  base::MutexLock lock(mutex_);
  return sealed_reason_;
}

void Sequencer::Run() {
  ::pthread_setname_np(::pthread_self(), "log-sequencer");
  std::vector<Task> tasks;
  while (Take(&tasks)) {
    if (options_.writer->failed()) RollBack();
    MakeGroup(tasks);
    tasks.clear();
    options_.writer->WaitForRoom();
  }
  options_.writer->Drain();
  RollBack();
}

bool Sequencer::Take(std::vector<Task>* tasks) {
  base::MutexLock lock(mutex_);
  while (tasks_.empty() && !write_failed_ && !stopping_) changed_.Wait(mutex_);
  write_failed_ = false;
  taken_rows_ = taken_bytes_ = 0;
  TakeUpTo(options_.group_rows, std::numeric_limits<int64_t>::max(), tasks);
  return !tasks->empty() || !stopping_;
}

bool Sequencer::TakeMore(std::vector<Task>* tasks) {
  const size_t enough = std::min(options_.enough_rows, options_.group_rows);
  base::MutexLock lock(mutex_);
  const auto may_wait = [&] {
    return taken_rows_ < enough && taken_bytes_ < options_.group_bytes && !write_failed_ &&
           !stopping_ && !options_.writer->rests();
  };
  while (tasks_.empty() && may_wait()) changed_.Wait(mutex_);
  if (!may_wait()) return false;
  // All events of a group are accepted when it is begun.
  TakeUpTo(enough, accepted_time_us_ + kMaxEarlyUs, tasks);
  return !tasks->empty();
}

void Sequencer::TakeUpTo(size_t rows, int64_t latest_us, std::vector<Task>* tasks) {
  while (!tasks_.empty() && taken_rows_ < rows && taken_bytes_ < options_.group_bytes) {
    if (auto* batch = std::get_if<AppendBatch*>(&tasks_.front())) {
      if ((*batch)->last_event_us > latest_us) return;
      taken_rows_ += (*batch)->rows.size();
      taken_bytes_ += (*batch)->bytes;
    }
    tasks->push_back(std::move(tasks_.front()));
    tasks_.pop_front();
  }
}

void Sequencer::MakeGroup(std::vector<Task>& tasks) {
  const uint64_t durable_size = options_.files->end_leaf();
  blocks_.DropPending(durable_size, /*undone=*/false);
  std::unique_ptr<CommitGroup> group = options_.writer->NewGroup();
  group->before = head_;
  group_first_leaf_ = next_leaf_ = head_.size();
  group_rows_.clear();
  accepted_time_us_ = std::max(head_.accepted_time_us, options_.clock->NowMicros());
  maker_.Start(head_.tree, accepted_time_us_);
  do {
    for (size_t i = 0; i < tasks.size(); ++i) {
      if (AddTask(tasks[i], group.get())) continue;
      // The group is gone; what came behind starts another.
      tasks.erase(tasks.begin(), tasks.begin() + static_cast<ptrdiff_t>(i) + 1);
      return MakeGroup(tasks);
    }
    tasks.clear();
  } while (!group->answers.empty() && TakeMore(&tasks));
  LogHead& after = group->after;
  const absl::Status made = maker_.Finish(&group->blocks, &after.tree);
  if (!made.ok()) return Abandon(*group, made);
  identity_.Forget();
  after.marked = head_.marked;
  after.accepted_time_us = group->blocks.empty() ? head_.accepted_time_us : accepted_time_us_;
  head_ = after;
  for (const CommitGroup::Block& block : group->blocks) blocks_.AddPending(block);
  if (group->answers.empty() && group->blocks.empty()) return;
  options_.writer->Submit(std::move(group));
}

bool Sequencer::AddTask(Task& task, CommitGroup* group) {
  if (auto* lookup = std::get_if<std::unique_ptr<Lookup>>(&task)) {
    AnswerLookup(**lookup);
    return true;
  }
  if (auto* batch = std::get_if<AppendBatch*>(&task)) return AddBatch(*batch, group);
  if (!sealed_.ok()) return true;
  const absl::Status marked = AddMark(std::get<CatalogStamp>(task));
  if (!marked.ok()) Abandon(*group, marked);
  return marked.ok();
}

bool Sequencer::AddBatch(AppendBatch* batch, CommitGroup* group) {
  AppendResult result;
  if (!sealed_.ok() && !batch->dry_run) {
    result.status = sealed_;
  } else if (batch->stamp.version < head_.marked.version) {
    result.status = StaleView(batch->stamp.version, head_.marked.version);
  } else if (batch->dry_run) {
    result.status = identity_.JudgeDry(batch, group_first_leaf_, &result);
  } else {
    absl::Status stored = AddMark(batch->stamp);
    if (stored.ok()) {
      result.status =
          identity_.Judge(batch, group_first_leaf_, next_leaf_, &group->journal, &result);
    }
    if (!stored.ok() || result.status.ok()) {
      group->answers.push_back({batch, std::move(result)});
      if (stored.ok()) stored = StoreRows(batch, &group->answers.back().result);
      if (stored.ok()) stored = CloseDays(batch, group, &group->answers.back().result);
      if (!stored.ok()) Abandon(*group, stored);
      return stored.ok();
    }
  }
  Answer(batch, std::move(result));
  return true;
}

absl::Status Sequencer::AddMark(const CatalogStamp& stamp) {
  if (stamp.version <= head_.marked.version) return absl::OkStatus();
  TM_RETURN_IF_ERROR(maker_.Add(ledger::CatalogMark{.version = stamp.version, .hash = stamp.hash}));
  head_.marked = stamp;
  marked_version_.store(stamp.version, std::memory_order_relaxed);
  group_rows_.push_back({next_leaf_, nullptr});
  ++next_leaf_;
  return absl::OkStatus();
}

absl::Status Sequencer::StoreRows(AppendBatch* batch, AppendResult* result) {
  if (batch->want_leaf_hashes && result->accepted > 0) {
    maker_.WantHashes(next_leaf_, next_leaf_ + result->accepted, &result->leaf_hashes);
  }
  group_rows_.push_back({next_leaf_, batch});
  TM_RETURN_IF_ERROR(maker_.Add({.rows = batch->rows,
                                 .selected = batch->accepted,
                                 .links = batch->links.Sorted(),
                                 .principal = batch->principal,
                                 .commitments = batch->commitments}));
  next_leaf_ += result->accepted;
  return absl::OkStatus();
}

std::optional<ledger::EventRecord> Sequencer::RowOfGroup(uint64_t leaf) const {
  const auto behind =
      std::upper_bound(group_rows_.begin(), group_rows_.end(), leaf,
                       [](uint64_t at, const GroupRows& rows) { return at < rows.first_leaf; });
  const GroupRows& found = *std::prev(behind);
  if (found.batch == nullptr) return std::nullopt;
  return found.batch->rows.Record(found.batch->accepted[leaf - found.first_leaf]);
}

absl::Status Sequencer::CloseDays(AppendBatch* batch, CommitGroup* group, AppendResult* result) {
  for (ledger::SourceDay& day : batch->source_days) {
    const ClosedDays::Close* const last = options_.closed_days->Find(day);
    if (last != nullptr && last->SameTotals(day)) {
      result->source_day_leaves.push_back(last->leaf);
      continue;
    }
    day.principal = batch->principal;
    TM_RETURN_IF_ERROR(maker_.Add(day));
    group->closed.push_back(options_.closed_days->Put(day, next_leaf_));
    group_rows_.push_back({next_leaf_, nullptr});
    result->source_day_leaves.push_back(next_leaf_++);
  }
  return absl::OkStatus();
}

void Sequencer::TakeBack(CommitGroup& group) {
  group.journal.Undo({}, options_.table, options_.waiting);
  options_.closed_days->TakeBack(&group.closed);
}

void Sequencer::AnswerLookup(Lookup& lookup) {
  const uint64_t durable_size = options_.files->end_leaf();
  const absl::Status prepared = options_.table->Prepare(lookup.older, lookup.identities);
  if (!prepared.ok()) return lookup.done(prepared);
  std::vector<FoundEvent> found;
  std::vector<uint64_t> leaves;
  for (uint32_t i = 0; i < lookup.identities.size(); ++i) {
    leaves.clear();
    while (true) {
      const uint64_t leaf = options_.table->Find(lookup.identities[i], leaves);
      if (leaf == IdentityTable::kNotFound) break;
      leaves.push_back(leaf);
      if (leaf < durable_size) found.push_back({i, leaf});
    }
  }
  lookup.done(std::move(found));
}

void Sequencer::RollBack() {
  if (!options_.writer->failed()) return;
  GroupWriter::Failure failure = options_.writer->TakeFailed();
  if (failure.sealed && sealed_.ok()) {
    sealed_ = failure.status;
    base::MutexLock lock(mutex_);
    sealed_reason_ = std::string(failure.status.message());
  }
  if (failure.groups.empty()) return;
  for (auto group = failure.groups.rbegin(); group != failure.groups.rend(); ++group) {
    TakeBack(**group);
  }
  head_ = failure.groups.front()->before;
  marked_version_.store(head_.marked.version, std::memory_order_relaxed);
  blocks_.DropPending(head_.size(), /*undone=*/true);
  for (const auto& group : failure.groups) {
    for (const CommitGroup::Answer& answer : group->answers) {
      Answer(answer.batch, {.status = failure.status});
    }
  }
}

void Sequencer::Abandon(CommitGroup& group, const absl::Status& fault) {
  log::Error("a group could not be made into a block", {{"error", fault}});
  TakeBack(group);
  identity_.Forget();
  head_ = group.before;
  marked_version_.store(head_.marked.version, std::memory_order_relaxed);
  for (const CommitGroup::Answer& answer : group.answers) {
    Answer(answer.batch,
           {.status = absl::InternalError("the batch could not be stored; nothing was written, "
                                          "see the log of the ingest service")});
  }
}

void Sequencer::Answer(AppendBatch* batch, AppendResult result) {
  auto done = std::move(batch->done);
  done(std::move(result));
}

}  // namespace tidemark::ingest
