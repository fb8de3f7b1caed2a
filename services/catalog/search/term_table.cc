#include "services/catalog/search/term_table.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

#include "absl/strings/match.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kMinDead = 4096;
// More than any text of a resource has.
constexpr size_t kMaxTermBytes = size_t{1} << 22;

constexpr uint32_t PostingOf(uint32_t doc, TermClass role) {
  return doc << kTermClassBits | static_cast<uint32_t>(role);
}
constexpr uint32_t DocOf(uint32_t posting) { return posting >> kTermClassBits; }
constexpr TermClass RoleOf(uint32_t posting) {
  return static_cast<TermClass>(posting & ((1U << kTermClassBits) - 1));
}

uint64_t LettersOf(std::u32string_view text) {
  uint64_t letters = 0;
  for (const char32_t c : text) letters |= uint64_t{1} << (c * 0x9E3779B1U >> 26);
  return letters;
}

// The first bytes, in an order that is that of texts where they differ.
uint64_t BeginOf(std::string_view text) {
  uint64_t begin = 0;
  for (size_t i = 0; i < sizeof(begin); ++i) {
    begin = begin << 8 | (i < text.size() ? static_cast<unsigned char>(text[i]) : 0);
  }
  return begin;
}

constexpr size_t kNearAtOnce = 256;

// Which of `count` terms may be one edit away: that brings at most one letter and takes at most
// one. Without a branch for each, of which few would be foreseen.
size_t LikelyNear(uint64_t letters, const uint64_t* terms, size_t count, uint32_t* likely) {
  size_t found = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint64_t brought = terms[i] & ~letters;
    const uint64_t taken = letters & ~terms[i];
    likely[found] = static_cast<uint32_t>(i);
    found += ((brought & (brought - 1)) | (taken & (taken - 1))) == 0 ? 1 : 0;
  }
  return found;
}

// Of every two neighbouring Chinese characters.
template <typename F>
void ForEachPair(std::u32string_view text, F visit) {
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    if (IsHan(text[i]) && IsHan(text[i + 1])) visit(uint64_t{text[i]} << 32 | text[i + 1]);
  }
}

}  // namespace

TermTable::TermTable() : by_text_(0, Hash{this}, Same{this}), by_order_(Less{this}) {}

TermTable::Id TermTable::IdOf(std::string_view text) {
  const Id id = static_cast<Id>(slots_.size());
  const auto place = by_text_.lazy_emplace(text, [&](const auto& make) {
    slots_.push_back({.offset = static_cast<uint32_t>(arena_.size()),
                      .size = static_cast<uint32_t>(text.size()),
                      .hash = HashOf(text)});
    arena_ += text;
    make(id);
  });
  if (slots_.size() == id) return *place;
  AddPairs(id);
  // Counted as dead until somebody has it.
  ++dead_;
  return id;
}

void TermTable::AddPairs(Id id) {
  ForEachPair(ToCodePoints(TextOf(id)), [&](uint64_t pair) {
    std::vector<Id>& ids = by_pair_[pair];
    if (ids.empty() || ids.back() != id) ids.push_back(id);
  });
}

void TermTable::AddNear(Id id) {
  slots_[id].near = true;
  const std::u32string text = ToCodePoints(TextOf(id));
  if (text.size() > kMaxNearLength) return;
  near_[text.size()].letters.push_back(LettersOf(text));
  near_[text.size()].ids.push_back(id);
}

void TermTable::Add(const Term& term, uint32_t doc) {
  // The arena is addressed by 32 bits.
  if (doc >= kMaxDocs - 1 || term.text.size() > kMaxTermBytes ||
      term.text.size() > std::numeric_limits<uint32_t>::max() - arena_.size())
    return;
  const Id id = IdOf(term.text);
  AddPosting(id, PostingOf(doc, term.role));
  if (!slots_[id].ordered && PrefixMatch(term.role) != Match::kNone) {
    slots_[id].ordered = true;
    by_order_.insert({BeginOf(TextOf(id)), id});
  }
  if (!slots_[id].near && Editable(term.role)) AddNear(id);
}

void TermTable::AddPosting(Id id, uint32_t posting) {
  uint32_t& postings = slots_[id].postings;
  if (postings == kNothing) {
    postings = posting;
    --dead_;
    return;
  }
  if ((postings & kMany) == 0) {
    uint32_t list = static_cast<uint32_t>(lists_.size());
    if (free_lists_.empty()) {
      lists_.emplace_back();
    } else {
      list = free_lists_.back();
      free_lists_.pop_back();
    }
    lists_[list].Add(postings);
    postings = kMany | list;
  }
  lists_[postings & ~kMany].Add(posting);
}

bool TermTable::RemovePosting(Id id, uint32_t posting) {
  uint32_t& postings = slots_[id].postings;
  if ((postings & kMany) == 0) {
    if (postings != posting) return false;
    postings = kNothing;
    ++dead_;
    return true;
  }
  const uint32_t at = postings & ~kMany;
  PostingList& list = lists_[at];
  if (!list.Remove(posting)) return false;
  if (list.size() > 1) return true;
  postings = list.front();
  list = {};
  free_lists_.push_back(at);
  return true;
}

void TermTable::Remove(const Term& term, uint32_t doc) {
  const auto found = by_text_.find(std::string_view(term.text));
  if (found == by_text_.end() || !RemovePosting(*found, PostingOf(doc, term.role))) return;
  if (dead_ > kMinDead && dead_ > slots_.size() / 2) Compact();
}

void TermTable::Compact() {
  TermTable fresh;
  for (Id id = 0; id < slots_.size(); ++id) {
    ForEachPosting(id, [&](uint32_t posting) {
      fresh.Add({std::string(TextOf(id)), RoleOf(posting)}, DocOf(posting));
    });
  }
  // Both sets look into their own table.
  arena_ = std::move(fresh.arena_);
  slots_ = std::move(fresh.slots_);
  dead_ = fresh.dead_;
  lists_ = std::move(fresh.lists_);
  free_lists_ = std::move(fresh.free_lists_);
  by_pair_ = std::move(fresh.by_pair_);
  near_ = std::move(fresh.near_);
  by_text_.clear();
  by_order_.clear();
  for (Id id = 0; id < slots_.size(); ++id) {
    by_text_.insert(id);
    if (slots_[id].ordered) by_order_.insert({BeginOf(TextOf(id)), id});
  }
}

template <typename F>
void TermTable::ForEachPosting(Id id, F visit) const {
  const uint32_t postings = slots_[id].postings;
  if (postings == kNothing) return;
  if ((postings & kMany) == 0) return visit(postings);
  lists_[postings & ~kMany].ForEach(visit);
}

void TermTable::ForEachWhole(std::string_view term,
                             absl::FunctionRef<void(uint32_t, TermClass)> visit) const {
  const auto found = by_text_.find(term);
  if (found == by_text_.end()) return;
  ForEachPosting(*found, [&](uint32_t posting) { visit(DocOf(posting), RoleOf(posting)); });
}

size_t TermTable::CountWhole(std::string_view term) const {
  const auto found = by_text_.find(term);
  if (found == by_text_.end()) return 0;
  const uint32_t postings = slots_[*found].postings;
  if (postings == kNothing) return 0;
  return (postings & kMany) == 0 ? 1 : lists_[postings & ~kMany].size();
}

void TermTable::ForEachMatch(const QueryWord& word, Visit visit) const {
  if (word.key.empty()) return;
  ForEachWhole(word.key, [&](uint32_t doc, TermClass role) { visit(doc, WholeMatch(role)); });
  // What it is found in as a whole it is found in no better otherwise.
  const auto found = by_text_.find(word.key);
  const Id whole = found == by_text_.end() ? kNoTerm : *found;
  if (!word.sound.empty()) {
    ForEachWhole(word.sound, [&](uint32_t doc, TermClass role) {
      if (role == TermClass::kPinyin) visit(doc, Match::kPinyin);
    });
  }
  if (word.prefixes) {
    const Sought sought = {BeginOf(word.key), word.key};
    size_t seen = 0;
    for (auto it = by_order_.lower_bound(sought);
         it != by_order_.end() && BeginsWith(*it, sought) && seen < kMaxTermsSeen; ++it, ++seen) {
      if (it->id == whole) continue;
      ForEachPosting(it->id, [&](uint32_t posting) {
        const Match match = PrefixMatch(RoleOf(posting));
        if (match != Match::kNone) visit(DocOf(posting), match);
      });
    }
  }
  if (word.parts) VisitParts(word, whole, visit);
  if (word.edits) VisitNear(word, whole, visit);
}

bool TermTable::BeginsWith(const Ordered& term, const Sought& sought) const {
  const size_t compared = std::min(sought.text.size(), sizeof(sought.begin));
  if ((term.begin ^ sought.begin) >> 8 * (sizeof(sought.begin) - compared) != 0) return false;
  // No term holds a zero byte, which the end is taken as.
  return compared == sought.text.size() || absl::StartsWith(TextOf(term.id), sought.text);
}

void TermTable::VisitParts(const QueryWord& word, Id whole, Visit visit) const {
  const std::vector<Id>* rarest = nullptr;
  bool all = true;
  ForEachPair(word.letters, [&](uint64_t pair) {
    const auto found = by_pair_.find(pair);
    if (found == by_pair_.end()) {
      all = false;
    } else if (rarest == nullptr || found->second.size() < rarest->size()) {
      rarest = &found->second;
    }
  });
  if (!all || rarest == nullptr) return;
  const size_t most = std::min(rarest->size(), kMaxTermsSeen);
  for (size_t i = 0; i < most; ++i) {
    const Id id = (*rarest)[i];
    if (id == whole) continue;
    if (word.letters.size() > 2 && !absl::StrContains(TextOf(id), word.key)) continue;
    ForEachPosting(id, [&](uint32_t posting) {
      const Match match = PartMatch(RoleOf(posting));
      if (match != Match::kNone) visit(DocOf(posting), match);
    });
  }
}

void TermTable::VisitNear(const QueryWord& word, Id whole, Visit visit) const {
  const uint64_t letters = LettersOf(word.letters);
  const size_t length = word.letters.size();
  for (size_t near = length - 1; near <= std::min(length + 1, kMaxNearLength); ++near) {
    const Near& terms = near_[near];
    for (size_t begin = 0; begin < terms.ids.size(); begin += kNearAtOnce) {
      const size_t count = std::min(kNearAtOnce, terms.ids.size() - begin);
      std::array<uint32_t, kNearAtOnce> likely;
      const size_t found = LikelyNear(letters, &terms.letters[begin], count, likely.data());
      for (size_t i = 0; i < found; ++i) {
        const Id id = terms.ids[begin + likely[i]];
        if (id == whole) continue;
        if (!WithinOneEdit(word.letters, ToCodePoints(TextOf(id)))) continue;
        ForEachPosting(id, [&](uint32_t posting) {
          if (Editable(RoleOf(posting))) visit(DocOf(posting), Match::kOneEdit);
        });
      }
    }
  }
}

size_t TermTable::bytes() const {
  size_t bytes = arena_.capacity() + slots_.capacity() * sizeof(Slot) +
                 lists_.capacity() * sizeof(lists_[0]) + by_text_.capacity() * (sizeof(Id) + 1) +
                 by_order_.size() * 20;
  for (const PostingList& list : lists_) bytes += list.bytes();
  bytes += by_pair_.capacity() * (sizeof(uint64_t) + sizeof(std::vector<Id>) + 1);
  for (const auto& [pair, ids] : by_pair_) bytes += ids.capacity() * sizeof(Id);
  for (const Near& near : near_) {
    bytes += near.ids.capacity() * sizeof(Id) + near.letters.capacity() * sizeof(uint64_t);
  }
  return bytes;
}

}  // namespace tidemark::catalog
