#include "services/catalog/search/search_index.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "services/catalog/search/index_changes.h"

namespace tidemark::catalog {
namespace {

// How much longer it takes to look for a word in a resource than in the index, by its size.
constexpr size_t kDearness = 4000;

}  // namespace
void SearchIndex::Changed(std::span<const Change> changes, uint64_t version) {
  // The dear part; nobody waits for it.
  IndexChanges worked_out(changes);
  base::MutexLock gate(gate_);
  std::unique_lock lock(mutex_);
  worked_out.ForEach([this](const IndexChange& change) {
    if (change.change->after != nullptr) {
      Put(change);
    } else {
      Remove(change.change->name, change.removed);
    }
  });
  version_ = version;
}

void SearchIndex::Put(const IndexChange& change) {
  const ResourcePtr& resource = change.change->after;
  uint32_t doc;
  const auto found = by_name_.find(resource->name);
  if (found != by_name_.end()) {
    doc = found->second;
    // Its key lives in the state that goes.
    by_name_.erase(found);
  } else if (!free_.empty()) {
    doc = free_.back();
    free_.pop_back();
  } else {
    doc = static_cast<uint32_t>(resources_.size());
    resources_.emplace_back();
    orders_.emplace_back();
  }
  resources_[doc] = resource;
  orders_[doc] = change.order;
  by_name_.emplace(resource->name, doc);
  for (const Term& term : change.removed) terms_.Remove(term, doc);
  for (const Term& term : change.added) terms_.Add(term, doc);
}

void SearchIndex::Remove(const std::string& name, const std::vector<Term>& removed) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return;
  const uint32_t doc = found->second;
  by_name_.erase(found);
  for (const Term& term : removed) terms_.Remove(term, doc);
  resources_[doc] = nullptr;
  free_.push_back(doc);
}

void SearchIndex::CollectWord(const QueryWord& word, const Found* among, Found* found) const {
  if (among == nullptr) {
    terms_.ForEachMatch(word, [&](uint32_t doc, Match match) { found->Offer(doc, match); });
    return;
  }
  terms_.ForEachMatch(word, [&](uint32_t doc, Match match) {
    if (among->At(doc) != Match::kNone) found->Offer(doc, match);
  });
}

void SearchIndex::CollectAll(std::span<const QueryWord> words, Found* all) const {
  // The rarest word first: what it is not found in need not be kept for the others.
  std::vector<std::pair<size_t, const QueryWord*>> order;
  for (const QueryWord& word : words) order.emplace_back(terms_.CountWhole(word.key), &word);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (size_t i = 0; i < order.size(); ++i) {
    if (i == 0) {
      CollectWholeOrParts(*order[i].second, nullptr, all);
      continue;
    }
    const QueryWord& word = *order[i].second;
    if (all->docs().size() * kDearness < resources_.size()) {
      all->Keep([&](uint32_t doc) { return Explain(*resources_[doc], word).match; });
      continue;
    }
    FoundPool::Lease found(found_pool_, resources_.size());
    CollectWholeOrParts(word, all, &*found);
    all->Keep([&](uint32_t doc) { return found->At(doc); });
  }
}

void SearchIndex::CollectWholeOrParts(const QueryWord& word, const Found* among,
                                      Found* found) const {
  CollectWord(word, among, found);
  if (word.parts_of_it.empty()) return;
  FoundPool::Lease parts(found_pool_, resources_.size());
  CollectAll(word.parts_of_it, &*parts);
  for (const uint32_t doc : parts->docs()) {
    if (among == nullptr || among->At(doc) != Match::kNone) found->Offer(doc, parts->At(doc));
  }
}

bool SearchIndex::IsWanted(uint32_t doc, const SearchQuery& query) const {
  const HitOrder& order = orders_[doc];
  if ((query.types & TypeBit(static_cast<Type>(order.type))) == 0) return false;
  return !query.valid_on || order.IsValidOn(HitOrder::Day(*query.valid_on));
}

struct SearchIndex::Ranked {
  uint32_t order = 0;
  uint64_t id_begin = 0;
  uint32_t doc = 0;
};

// The best of many, worst on top.
class SearchIndex::Best {
 public:
  Best(const SearchIndex& index, size_t most) : index_(index), most_(most) {}

  // Whether one of that match may be among them.
  bool MayTake(Match match) const {
    return heap_.size() < most_ || (most_ > 0 && Byte(match) <= heap_.front().order >> 24);
  }

  void Offer(uint32_t doc, Match match) {
    const HitOrder& d = index_.orders_[doc];
    const Ranked ranked = {
        Byte(match) << 24 | uint32_t{d.level} << 16 | uint32_t{d.length} << 8 | d.collection,
        d.id_begin, doc};
    if (heap_.size() < most_) {
      heap_.push_back(ranked);
      std::push_heap(heap_.begin(), heap_.end(), less_);
    } else if (most_ > 0 && less_(ranked, heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end(), less_);
      heap_.back() = ranked;
      std::push_heap(heap_.begin(), heap_.end(), less_);
    }
  }
  std::vector<Ranked> Take() {
    std::sort_heap(heap_.begin(), heap_.end(), less_);
    return std::move(heap_);
  }

 private:
  static uint32_t Byte(Match match) { return static_cast<uint32_t>(match); }

  struct Less {
    const SearchIndex& index;
    bool operator()(const Ranked& a, const Ranked& b) const {
      if (a.order != b.order) return a.order < b.order;
      if (a.id_begin != b.id_begin) return a.id_begin < b.id_begin;
      return index.resources_[a.doc]->name < index.resources_[b.doc]->name;
    }
  };
  const SearchIndex& index_;
  const size_t most_;
  const Less less_{index_};
  std::vector<Ranked> heap_;
};

SearchResult SearchIndex::Search(const SearchQuery& query) const {
  SearchResult result;
  Look([&](const View&) {
    result.version = version_;
    if (query.query.words.empty()) return;
    FoundPool::Lease found(found_pool_, resources_.size());
    CollectAll(query.query.words, &*found);
    if (!query.query.phrase.key.empty()) CollectWord(query.query.phrase, nullptr, &*found);
    Best best(*this, query.skip + query.count + 1);
    for (const uint32_t doc : found->docs()) {
      const Match match = found->At(doc);
      if (best.MayTake(match) && IsWanted(doc, query)) best.Offer(doc, match);
    }
    const std::vector<Ranked> ranked = best.Take();
    const size_t end = std::min(ranked.size(), query.skip + query.count);
    for (size_t i = query.skip; i < end; ++i) {
      const uint32_t doc = ranked[i].doc;
      result.hits.push_back({resources_[doc], found->At(doc), {}});
    }
    result.more = ranked.size() > query.skip + query.count;
  });
  if (query.explain) {
    for (SearchHit& hit : result.hits) hit.matches = ExplainAll(*hit.resource, query.query);
  }
  return result;
}

void SearchIndex::Look(absl::FunctionRef<void(const View&)> look) const {
  { base::MutexLock gate(gate_); }
  const std::shared_lock lock(mutex_);
  look(View(*this));
}

const ResourcePtr& SearchIndex::View::Find(std::string_view name) const {
  static const ResourcePtr none;
  const auto found = index_.by_name_.find(name);
  return found == index_.by_name_.end() ? none : index_.resources_[found->second];
}

void SearchIndex::View::ForEachWhole(
    Type type, std::string_view term,
    absl::FunctionRef<void(const ResourcePtr&, TermClass)> visit) const {
  index_.terms_.ForEachWhole(term, [&](uint32_t doc, TermClass role) {
    if (index_.orders_[doc].type == static_cast<uint8_t>(type)) visit(index_.resources_[doc], role);
  });
}

size_t SearchIndex::size() const {
  const std::shared_lock lock(mutex_);
  return by_name_.size();
}

size_t SearchIndex::bytes() const {
  const std::shared_lock lock(mutex_);
  return terms_.bytes() + resources_.capacity() * sizeof(ResourcePtr) +
         orders_.capacity() * sizeof(HitOrder) +
         by_name_.capacity() * (sizeof(std::string_view) + sizeof(uint64_t) + 1);
}

}  // namespace tidemark::catalog
