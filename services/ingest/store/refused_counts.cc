#include "services/ingest/store/refused_counts.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/crc32c.h"
#include "common/log/log.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

constexpr std::string_view kFirstLine = "tidemark-refused 1\n";

// CRC-32C of the rest, then source, day, "a" or "e", reason, field and count; between tabs, which
// are in none of them.
void AppendLine(const RefusedCount& count, std::string* lines) {
  const std::string text =
      absl::StrCat(count.source, "\t", count.day, "\t", count.by_arrival ? "a" : "e", "\t",
                   count.reason, "\t", count.field, "\t", count.count);
  absl::StrAppend(lines, absl::Hex(base::Crc32c(text), absl::kZeroPad8), "\t", text, "\n");
}

bool ParseLine(std::string_view line, RefusedCount* count) {
  if (line.size() < 9 || line[8] != '\t') return false;
  const std::string_view text = line.substr(9);
  if (line.substr(0, 8) !=
      std::string_view(absl::StrCat(absl::Hex(base::Crc32c(text), absl::kZeroPad8)))) {
    return false;
  }
  const std::vector<std::string> parts = absl::StrSplit(text, '\t');
  if (parts.size() != 6) return false;
  count->source = parts[0];
  count->by_arrival = parts[2] == "a";
  count->reason = parts[3];
  count->field = parts[4];
  return absl::SimpleAtoi(parts[1], &count->day) && absl::SimpleAtoi(parts[5], &count->count);
}

}  // namespace

absl::StatusOr<std::unique_ptr<RefusedCounts>> RefusedCounts::Open(Options options) {
  auto counts = std::unique_ptr<RefusedCounts>(new RefusedCounts(std::move(options)));
  TM_RETURN_IF_ERROR(counts->Load());
  if (counts->options_.interval > absl::ZeroDuration()) {
    counts->ticker_.emplace(counts->options_.interval, [c = counts.get()] { (void)c->Write(); });
  }
  return counts;
}

RefusedCounts::~RefusedCounts() {
  ticker_.reset();
  (void)Write();
}

absl::Status RefusedCounts::Load() {
  TM_ASSIGN_OR_RETURN(const bool exists, options_.fs->Exists(options_.path));
  if (!exists) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const std::string text, fs::ReadFile(*options_.fs, options_.path));
  base::MutexLock writing(writing_);
  base::MutexLock lock(mutex_);
  file_bytes_ = compact_bytes_ = text.size();
  torn_ = !text.ends_with('\n') || !text.starts_with(kFirstLine);
  size_t damaged = torn_ ? 1 : 0;
  size_t begin = std::min(text.size(), kFirstLine.size());
  while (begin < text.size()) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    RefusedCount count;
    if (ParseLine(std::string_view(text).substr(begin, end - begin), &count)) {
      counts_[Key(count.source, count.day, count.by_arrival)][{count.reason, count.field}] =
          count.count;
    } else {
      ++damaged;
    }
    begin = end + 1;
  }
  if (damaged > 0) {
    torn_ = true;
    log::Warn(
        "counts of refused events are lost: lines that cannot be read; statements may tell "
        "too few duplicates, conflicts and rejections",
        {{"file", options_.path}, {"lines", damaged}});
  }
  return absl::OkStatus();
}

void RefusedCounts::Add(const std::vector<RefusedCount>& counts) {
  base::MutexLock lock(mutex_);
  for (const RefusedCount& count : counts) {
    Key key(count.source, count.day, count.by_arrival);
    counts_[key][{count.reason, count.field}] += count.count;
    changed_.insert(std::move(key));
  }
}

std::vector<RefusedCount> RefusedCounts::Of(const std::string& source, int32_t day) const {
  std::vector<RefusedCount> found;
  base::MutexLock lock(mutex_);
  for (const bool by_arrival : {false, true}) {
    const auto it = counts_.find(Key(source, day, by_arrival));
    if (it == counts_.end()) continue;
    AppendTo(*it, &found);
  }
  return found;
}

void RefusedCounts::AppendTo(const Counts::value_type& entry, std::vector<RefusedCount>* out) {
  const auto& [source, day, by_arrival] = entry.first;
  for (const auto& [reason, count] : entry.second) {
    out->push_back({.source = source,
                    .day = day,
                    .by_arrival = by_arrival,
                    .reason = reason.first,
                    .field = reason.second,
                    .count = count});
  }
}

absl::Status RefusedCounts::Write() {
  base::MutexLock writing(writing_);
  std::vector<RefusedCount> cells;
  absl::flat_hash_set<Key> changed;
  bool anew = torn_ || file_bytes_ > std::max<uint64_t>(2 * compact_bytes_, options_.rewrite_bytes);
  {
    base::MutexLock lock(mutex_);
    if (changed_.empty()) return absl::OkStatus();
    changed.swap(changed_);
    if (anew) {
      for (const auto& entry : counts_) AppendTo(entry, &cells);
    } else {
      for (const Key& key : changed) AppendTo(*counts_.find(key), &cells);
    }
  }
  std::string lines(anew ? kFirstLine : "");
  for (const RefusedCount& cell : cells) AppendLine(cell, &lines);
  absl::Status written = anew ? WriteAnew(lines) : Append(lines);
  if (written.ok()) {
    failing_ = false;
    return written;
  }
  torn_ = true;
  // Once for a full disk, not every few seconds.
  if (!failing_) log::Warn("counts of refused events cannot be written", {{"error", written}});
  failing_ = true;
  base::MutexLock lock(mutex_);
  changed_.merge(changed);
  return written;
}

absl::Status RefusedCounts::WriteAnew(const std::string& lines) {
  TM_RETURN_IF_ERROR(fs::WriteFileAtomically(*options_.fs, options_.path, lines));
  file_bytes_ = compact_bytes_ = lines.size();
  torn_ = false;
  return absl::OkStatus();
}

absl::Status RefusedCounts::Append(const std::string& lines) {
  TM_ASSIGN_OR_RETURN(const auto file, options_.fs->OpenAppend(options_.path));
  TM_RETURN_IF_ERROR(file->Append(lines));
  TM_RETURN_IF_ERROR(file->Sync());
  file_bytes_ += lines.size();
  return file->Close();
}

}  // namespace tidemark::ingest
