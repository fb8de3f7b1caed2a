#include "services/ingest/store/quarantine_store.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/varint.h"
#include "common/log/log.h"
#include "common/status/error.h"
#include "services/ingest/domain/quarantine_codec.h"

namespace tidemark::ingest {
namespace {

// The first byte of a change: docs/formats/quarantine.md.
enum Kind : char { kPut = 1, kAgain = 2, kRemoval = 3, kCounters = 4, kNextNumber = 5 };

// Below it the file is not worth a new one.
constexpr uint64_t kSmallFile = uint64_t{4} << 20;
// Of changes that wait for a disk that fails; then the file is written anew.
constexpr size_t kMaxPending = size_t{1} << 20;

std::string Numbers(Kind kind, std::initializer_list<uint64_t> numbers) {
  std::string payload(1, kind);
  for (const uint64_t number : numbers) base::AppendVarint(number, &payload);
  return payload;
}

std::string PutOf(const QuarantineEntry& entry) {
  std::string payload(1, kPut);
  EncodeEntry(entry, &payload);
  return payload;
}

std::string RemovalOf(std::span<const uint64_t> numbers) {
  std::string payload(1, kRemoval);
  for (const uint64_t number : numbers) base::AppendVarint(number, &payload);
  return payload;
}

std::string CountersOf(const QuarantineBook::SourceBook& book) {
  std::string payload =
      Numbers(kCounters, {book.counters.aged_out, book.counters.dropped, book.source.size()});
  return payload + book.source;
}

// The same rejection of the same event, again.
bool SameContent(const QuarantineEntry& a, const QuarantineEntry& b) {
  return a.event == b.event && a.raw_event == b.raw_event && a.message == b.message &&
         a.code == b.code && a.position == b.position && a.principal == b.principal &&
         a.size_bytes == b.size_bytes && a.resubmittable == b.resubmittable;
}

absl::Status NotRemoved(const absl::Status& status) {
  const bool full = absl::IsResourceExhausted(status);
  absl::Status told(full ? absl::StatusCode::kResourceExhausted : absl::StatusCode::kUnavailable,
                    absl::StrCat("nothing was removed from the quarantine: its file cannot be "
                                 "written (",
                                 status.message(), "); ", full ? "free space" : "check the disk",
                                 ", then try again"));
  return status::WithRetryAfter(
      status::WithReason(std::move(told), full ? "DISK_FULL" : "QUARANTINE_NOT_WRITABLE"),
      absl::Seconds(1));
}

}  // namespace

QuarantineStore::QuarantineStore(Options options)
    : options_(std::move(options)), file_(options_.fs, options_.dir), book_(options_.limits) {
  ReadFile();
}

void QuarantineStore::ReadFile() {
  base::MutexLock writing(writer_);
  base::MutexLock lock(mutex_);
  const std::string path = fs::JoinPath(options_.dir, "entries.tmq");
  const absl::Status read = file_.Read(
      [this](std::string_view payload) { TakeChange(payload); },
      [&](const QuarantineFile::Damage& damage) {
        if (!damage.torn) ++damaged_parts_;
        log::Warn(damage.torn ? "quarantine: the last write was torn; what it held is lost"
                              : "quarantine: damaged; the rejected events in this part are lost",
                  {{"file", path}, {"offset", damage.offset}, {"bytes", damage.bytes}});
      });
  if (!read.ok()) {
    ++damaged_parts_;
    log::Error("quarantine: cannot be read; it begins anew, empty",
               {{"file", path}, {"error", read}});
  }
  AgeOut();
}

void QuarantineStore::TakeChange(std::string_view payload) {
  if (payload.empty()) return;
  const char kind = payload.front();
  payload.remove_prefix(1);
  uint64_t a = 0;
  uint64_t b = 0;
  uint64_t c = 0;
  const auto take = [&](uint64_t* number) { return base::ConsumeVarint(&payload, number); };
  switch (kind) {
    case kPut: {
      QuarantineEntry entry;
      if (DecodeEntry(payload, &entry) && entry.number != 0) book_.Put(std::move(entry));
      return;
    }
    case kAgain:
      if (take(&a) && take(&b) && take(&c)) book_.Again(a, b, static_cast<int64_t>(c));
      return;
    case kRemoval:
      while (take(&a)) book_.Remove(a);
      return;
    case kCounters:
      if (take(&a) && take(&b) && take(&c) && c <= payload.size()) {
        book_.SetCounters(payload.substr(0, c), {.aged_out = a, .dropped = b});
      }
      return;
    case kNextNumber:
      if (take(&a)) book_.RaiseNextNumber(a);
      return;
    default:  // of a later release
      return;
  }
}

void QuarantineStore::EmitAll(const QuarantineFile::Emit& emit) const {
  emit(Numbers(kNextNumber, {book_.next_number()}));
  book_.ForEachSource([&](const QuarantineBook::SourceBook& book) {
    if (book.counters.aged_out != 0 || book.counters.dropped != 0) emit(CountersOf(book));
    for (const auto& [number, entry] : book.entries) emit(PutOf(entry));
  });
}

absl::Status QuarantineStore::Write(const std::string& frames) {
  const uint64_t live = kSmallFile + 2 * book_.bytes();
  absl::Status status;
  if (rewrite_ || file_.must_rewrite() || file_.bytes() == 0 || file_.bytes() > live) {
    status = file_.Rewrite([this](const QuarantineFile::Emit& emit) { EmitAll(emit); });
    // The book is in the new file, and so is what was pending.
    if (status.ok()) pending_.clear();
    rewrite_ &= !status.ok();
  }
  if (status.ok() && (!frames.empty() || !pending_.empty())) {
    status = file_.Append(pending_ + frames);
    if (status.ok()) pending_.clear();
  }
  if (status.ok() == failing_) {
    failing_ = !status.ok();
    if (failing_) {
      log::Warn("quarantine: cannot be written, rejected events are not kept",
                {{"dir", options_.dir}, {"error", status}});
    } else {
      log::Info("quarantine: written again", {{"dir", options_.dir}});
    }
  }
  return status;
}

void QuarantineStore::AddPending(std::string_view payload) {
  if (rewrite_) return;
  QuarantineFile::Frame(payload, &pending_);
  if (pending_.size() <= kMaxPending) return;
  pending_.clear();
  rewrite_ = true;
}

void QuarantineStore::AgeOut() {
  std::vector<uint64_t> numbers;
  std::set<const QuarantineBook::SourceBook*> changed;
  book_.AgeOut([&](const QuarantineBook::SourceBook& book, uint64_t number) {
    numbers.push_back(number);
    changed.insert(&book);
  });
  constexpr size_t kPerRemoval = 10'000;
  for (size_t i = 0; i < numbers.size(); i += kPerRemoval) {
    AddPending(RemovalOf(std::span(numbers).subspan(i, std::min(kPerRemoval, numbers.size() - i))));
  }
  for (const QuarantineBook::SourceBook* book : changed) AddPending(CountersOf(*book));
}

void QuarantineStore::Drop(const std::vector<QuarantineDrop>& drops) {
  for (const QuarantineDrop& drop : drops) {
    book_.AddDropped(drop.source, drop.events);
    AddPending(CountersOf(*book_.Find(drop.source)));
  }
}

void QuarantineStore::Add(std::vector<QuarantineEntry> entries, std::vector<QuarantineDrop> drops) {
  if (options_.limits.max_events == 0) {
    // Nothing is kept, not even for a moment.
    for (const QuarantineEntry& entry : entries) drops.push_back({entry.source, entry.count});
    entries.clear();
  }
  if (entries.empty() && drops.empty()) return;
  base::MutexLock writing(writer_);
  // The book is changed when the disk has taken it. Until then: entries of this call by key, to
  // find those that come twice in it.
  absl::flat_hash_map<std::string, size_t> planned;
  std::vector<QuarantineEntry> puts;
  std::vector<std::tuple<uint64_t, uint64_t, int64_t>> agains;
  uint64_t next = book_.next_number();
  for (QuarantineEntry& entry : entries) {
    std::string key = QuarantineBook::KeyOf(entry);
    key.append(entry.source);
    const auto [at, is_new] = planned.try_emplace(std::move(key), puts.size());
    const QuarantineEntry* same = is_new ? book_.FindSame(entry) : &puts[at->second];
    entry.number = same != nullptr ? same->number : next++;
    if (same != nullptr) {
      entry.first_us = same->first_us;
      entry.count += same->count;
    }
    if (is_new) {
      puts.push_back(std::move(entry));
    } else {
      puts[at->second] = std::move(entry);
    }
  }
  std::string frames;
  for (const QuarantineEntry& put : puts) {
    const QuarantineEntry* same = book_.FindSame(put);
    if (same != nullptr && SameContent(*same, put)) {
      QuarantineFile::Frame(
          Numbers(kAgain, {put.number, put.count, static_cast<uint64_t>(put.last_us)}), &frames);
    } else {
      QuarantineFile::Frame(PutOf(put), &frames);
    }
  }
  const absl::Status written = Write(frames);
  base::MutexLock lock(mutex_);
  if (!written.ok()) {
    absl::flat_hash_map<std::string, uint64_t> lost;
    for (const QuarantineEntry& put : puts) {
      const QuarantineEntry* same = book_.FindSame(put);
      lost[put.source] += put.count - (same != nullptr ? same->count : 0);
    }
    for (const auto& [source, events] : lost) drops.push_back({source, events});
  } else {
    for (QuarantineEntry& put : puts) book_.Put(std::move(put));
    AgeOut();
  }
  Drop(drops);
}

bool QuarantineStore::AddTo(const QuarantineEntry& entry, size_t max_entries, size_t max_bytes,
                            size_t* bytes, Page* page) {
  const size_t more = QuarantineBook::BytesOf(entry);
  page->more =
      !page->entries.empty() && (page->entries.size() >= max_entries || *bytes + more > max_bytes);
  if (page->more) return false;
  *bytes += more;
  page->entries.push_back(entry);
  return true;
}

Quarantine::Page QuarantineStore::List(std::string_view source, const QuarantineFilter& filter,
                                       uint64_t after, size_t max_entries, size_t max_bytes) const {
  base::MutexLock lock(mutex_);
  Page page;
  const QuarantineBook::SourceBook* book = book_.Find(source);
  if (book == nullptr) return page;
  size_t bytes = 0;
  for (auto it = book->entries.upper_bound(after); it != book->entries.end(); ++it) {
    if (!filter.Matches(it->second)) continue;
    if (!AddTo(it->second, max_entries, max_bytes, &bytes, &page)) break;
  }
  return page;
}

Quarantine::Page QuarantineStore::Find(std::string_view source, std::span<const uint64_t> numbers,
                                       uint64_t after, size_t max_entries, size_t max_bytes) const {
  base::MutexLock lock(mutex_);
  Page page;
  const QuarantineBook::SourceBook* book = book_.Find(source);
  if (book == nullptr) return page;
  size_t bytes = 0;
  for (const uint64_t number : numbers) {
    const auto it = book->entries.find(number);
    if (number <= after || it == book->entries.end()) continue;
    if (!AddTo(it->second, max_entries, max_bytes, &bytes, &page)) break;
  }
  return page;
}

QuarantineStats QuarantineStore::Stats(std::string_view source) const {
  base::MutexLock lock(mutex_);
  QuarantineStats stats;
  stats.max_events = std::min(options_.limits.max_source_events, options_.limits.max_events);
  stats.max_bytes = std::min(options_.limits.max_source_bytes, options_.limits.max_bytes);
  stats.damaged_parts = damaged_parts_;
  const QuarantineBook::SourceBook* book = book_.Find(source);
  if (book == nullptr) return stats;
  stats.events = book->entries.size();
  stats.bytes = book->bytes;
  stats.aged_out = book->counters.aged_out;
  stats.dropped = book->counters.dropped;
  std::map<std::pair<std::string_view, std::string_view>, QuarantineCount> counts;
  for (const auto& [number, entry] : book->entries) {
    QuarantineCount& count = counts[{entry.reason, entry.field}];
    ++count.events;
    count.rejections += entry.count;
    count.resubmittable += entry.resubmittable ? 1 : 0;
  }
  for (auto& [key, count] : counts) {
    count.reason = key.first;
    count.field = key.second;
    stats.counts.push_back(std::move(count));
  }
  std::stable_sort(stats.counts.begin(), stats.counts.end(),
                   [](const auto& x, const auto& y) { return x.events > y.events; });
  return stats;
}

absl::StatusOr<uint64_t> QuarantineStore::Remove(std::string_view source,
                                                 std::span<const uint64_t> numbers) {
  base::MutexLock writing(writer_);
  std::vector<uint64_t> there;
  const QuarantineBook::SourceBook* book = book_.Find(source);
  for (const uint64_t number : numbers) {
    if (book != nullptr && book->entries.contains(number)) there.push_back(number);
  }
  if (there.empty()) return 0;
  std::string frames;
  QuarantineFile::Frame(RemovalOf(there), &frames);
  if (const absl::Status written = Write(frames); !written.ok()) return NotRemoved(written);
  base::MutexLock lock(mutex_);
  uint64_t removed = 0;
  for (const uint64_t number : there) removed += book_.Remove(source, number) ? 1 : 0;
  return removed;
}

void QuarantineStore::Settle(std::string_view source, std::span<const uint64_t> gone,
                             std::vector<QuarantineEntry> refused) {
  if (gone.empty() && refused.empty()) return;
  base::MutexLock writing(writer_);
  {
    base::MutexLock lock(mutex_);
    for (const uint64_t number : gone) book_.Remove(source, number);
    if (!gone.empty()) AddPending(RemovalOf(gone));
    for (QuarantineEntry& entry : refused) {
      // It may have aged out or been deleted meanwhile.
      const QuarantineBook::SourceBook* book = book_.Find(source);
      if (book == nullptr || !book->entries.contains(entry.number)) continue;
      AddPending(PutOf(entry));
      book_.Put(std::move(entry));
    }
  }
  // A failure is told there; the file is written anew when it can be.
  (void)Write("");
}

}  // namespace tidemark::ingest
