#include "services/ingest/store/quarantine_book.h"

#include <algorithm>

#include "common/base/varint.h"

namespace tidemark::ingest {
namespace {

// Of the maps and strings around an entry's texts.
constexpr size_t kEntryOverhead = 512;
// Sources without entries, whose counters are kept, at most, once there are so many.
constexpr size_t kMaxSources = 4096;

}  // namespace

std::string QuarantineBook::KeyOf(const QuarantineEntry& entry) {
  std::string key;
  for (const std::string_view text :
       {std::string_view(entry.event_id), std::string_view(entry.reason),
        std::string_view(entry.field)}) {
    base::AppendVarint(text.size(), &key);
    key.append(text);
  }
  base::AppendVarint(entry.revision, &key);
  if (entry.event_id.empty()) {
    // Nothing names it but its place: a batch that is sent again brings it there again.
    base::AppendVarint(entry.position, &key);
    base::AppendVarint(entry.size_bytes, &key);
  }
  return key;
}

size_t QuarantineBook::BytesOf(const QuarantineEntry& e) {
  return kEntryOverhead + e.source.size() + 2 * e.event_id.size() + 2 * e.reason.size() +
         2 * e.field.size() + e.message.size() + e.event.size() + e.raw_event.size() +
         e.principal.size();
}

const QuarantineBook::SourceBook* QuarantineBook::Find(std::string_view source) const {
  const auto found = sources_.find(source);
  return found == sources_.end() ? nullptr : found->second.get();
}

const QuarantineEntry* QuarantineBook::FindSame(const QuarantineEntry& entry) const {
  const SourceBook* book = Find(entry.source);
  if (book == nullptr) return nullptr;
  const auto found = book->by_key.find(KeyOf(entry));
  return found == book->by_key.end() ? nullptr : &book->entries.at(found->second);
}

void QuarantineBook::ForEachSource(const std::function<void(const SourceBook&)>& use) const {
  for (const auto& [source, book] : sources_) use(*book);
}

template <typename Change>
void QuarantineBook::Resize(SourceBook& book, Change change) {
  by_bytes_.erase({book.bytes, &book});
  bytes_ -= book.bytes;
  change();
  bytes_ += book.bytes;
  if (!book.entries.empty()) by_bytes_.insert({book.bytes, &book});
}

QuarantineBook::SourceBook& QuarantineBook::At(std::string_view source) {
  const auto found = sources_.find(source);
  if (found != sources_.end()) return *found->second;
  if (sources_.size() >= kMaxSources) {
    const auto empty = std::find_if(sources_.begin(), sources_.end(), [](const auto& entry) {
      return entry.second->entries.empty();
    });
    if (empty != sources_.end()) sources_.erase(empty);
  }
  auto& book = sources_[std::string(source)];
  book = std::make_unique<SourceBook>();
  book->source = source;
  return *book;
}

void QuarantineBook::Erase(SourceBook& book, std::map<uint64_t, QuarantineEntry>::iterator entry) {
  Resize(book, [&] {
    book.bytes -= BytesOf(entry->second);
    book.by_key.erase(KeyOf(entry->second));
    by_number_.erase(entry->first);
    book.entries.erase(entry);
  });
}

void QuarantineBook::Put(QuarantineEntry entry) {
  Remove(entry.number);
  SourceBook& book = At(entry.source);
  std::string key = KeyOf(entry);
  const auto same = book.by_key.find(key);
  if (same != book.by_key.end()) Erase(book, book.entries.find(same->second));
  RaiseNextNumber(entry.number + 1);
  Resize(book, [&] {
    book.bytes += BytesOf(entry);
    book.by_key[std::move(key)] = entry.number;
    by_number_[entry.number] = &book;
    book.entries.emplace(entry.number, std::move(entry));
  });
}

bool QuarantineBook::Remove(std::string_view source, uint64_t number) {
  const auto found = by_number_.find(number);
  if (found == by_number_.end() || found->second->source != source) return false;
  Erase(*found->second, found->second->entries.find(number));
  return true;
}

void QuarantineBook::Remove(uint64_t number) {
  const auto found = by_number_.find(number);
  if (found != by_number_.end()) Erase(*found->second, found->second->entries.find(number));
}

void QuarantineBook::Again(uint64_t number, uint64_t count, int64_t last_us) {
  const auto found = by_number_.find(number);
  if (found == by_number_.end()) return;
  QuarantineEntry& entry = found->second->entries.at(number);
  entry.count = count;
  entry.last_us = last_us;
}

void QuarantineBook::AddDropped(std::string_view source, uint64_t events) {
  At(source).counters.dropped += events;
}

void QuarantineBook::SetCounters(std::string_view source, Counters counters) {
  At(source).counters = counters;
}

void QuarantineBook::RaiseNextNumber(uint64_t number) {
  next_number_ = std::max(next_number_, number);
}

void QuarantineBook::AgeOut(const std::function<void(const SourceBook&, uint64_t number)>& gone) {
  const auto age = [&](SourceBook& book) {
    const auto oldest = book.entries.begin();
    const uint64_t number = oldest->first;
    Erase(book, oldest);
    ++book.counters.aged_out;
    gone(book, number);
  };
  for (auto& [source, book] : sources_) {
    while (book->entries.size() > limits_.max_source_events ||
           book->bytes > limits_.max_source_bytes) {
      age(*book);
    }
  }
  while (by_number_.size() > limits_.max_events || bytes_ > limits_.max_bytes) {
    age(*by_bytes_.rbegin()->second);
  }
}

}  // namespace tidemark::ingest
