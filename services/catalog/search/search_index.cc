#include "services/catalog/search/search_index.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <mutex>
#include <utility>

#include "services/catalog/search/resource_texts.h"

namespace tidemark::catalog {
namespace {

constexpr uint8_t kNotFound = static_cast<uint8_t>(Match::kNone);
constexpr uint8_t kNoRegion = 200;
constexpr size_t kMaxLength = 255;

// Ids are of [a-z0-9.-]; so many of their characters fit into 64 bits.
constexpr uint64_t kIdCharacters = 39;
constexpr size_t kIdBegin = 12;

// Ascending as the characters do; 0 is left for the end.
uint64_t IdCharacter(char c) {
  if (c == '-') return 1;
  if (c == '.') return 2;
  if (c <= '9') return 3 + static_cast<uint64_t>(c - '0');
  return 13 + static_cast<uint64_t>(c - 'a');
}

uint8_t CollectionOrder(Type type) {
  const std::string_view name = CollectionOf(type).name;
  uint8_t before = 0;
  for (const Collection& other : Collections()) before += other.name < name ? 1 : 0;
  return before;
}

size_t CharactersOf(std::string_view utf8) {
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

// What to add and what to take out.
struct TermChange {
  std::vector<Term> added;
  std::vector<Term> removed;
};

TermChange TermsOf(const Change& change) {
  const std::vector<Term> none;
  const std::vector<Term> before = change.before ? TermsOf(*change.before) : none;
  const std::vector<Term> after = change.after ? TermsOf(*change.after) : none;
  TermChange terms;
  std::set_difference(after.begin(), after.end(), before.begin(), before.end(),
                      std::back_inserter(terms.added));
  std::set_difference(before.begin(), before.end(), after.begin(), after.end(),
                      std::back_inserter(terms.removed));
  return terms;
}

}  // namespace

SearchIndex::Doc SearchIndex::DocOf(const Resource& resource) {
  Doc doc;
  const std::string_view id = std::string_view(resource.name).substr(resource.name.find('/') + 1);
  for (size_t i = 0; i < kIdBegin; ++i) {
    doc.id_begin = doc.id_begin * kIdCharacters + (i < id.size() ? IdCharacter(id[i]) : 0);
  }
  doc.type = static_cast<uint8_t>(resource.type());
  const auto* region = std::get_if<Region>(&resource.content);
  doc.level = region != nullptr ? static_cast<uint8_t>(region->level) : kNoRegion;
  size_t length = kMaxLength;
  for (const auto& [language, name] : resource.display_names) {
    length = std::min(length, CharactersOf(name));
  }
  doc.length = static_cast<uint8_t>(length);
  doc.collection = CollectionOrder(resource.type());
  return doc;
}

void SearchIndex::Changed(std::span<const Change> changes, uint64_t version) {
  // The dear part; nobody waits for it.
  std::vector<TermChange> terms;
  terms.reserve(changes.size());
  for (const Change& change : changes) {
    const bool token = ParseName(change.name)->type == Type::kToken;
    terms.push_back(token ? TermChange{} : TermsOf(change));
  }
  base::MutexLock gate(gate_);
  std::unique_lock lock(mutex_);
  for (size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    if (ParseName(change.name)->type == Type::kToken) continue;
    if (change.after != nullptr) {
      Put(change.after, terms[i].added, terms[i].removed);
    } else {
      Remove(change.name, terms[i].removed);
    }
  }
  version_ = version;
}

void SearchIndex::Put(const ResourcePtr& resource, const std::vector<Term>& added,
                      const std::vector<Term>& removed) {
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
    docs_.emplace_back();
  }
  resources_[doc] = resource;
  docs_[doc] = DocOf(*resource);
  by_name_.emplace(resource->name, doc);
  for (const Term& term : removed) terms_.Remove(term, doc);
  for (const Term& term : added) terms_.Add(term, doc);
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

void SearchIndex::CollectWord(const QueryWord& word, std::vector<uint8_t>* matches) const {
  terms_.ForEachMatch(word, [&](uint32_t doc, Match match) {
    (*matches)[doc] = std::min((*matches)[doc], static_cast<uint8_t>(match));
  });
}

std::vector<uint8_t> SearchIndex::Collect(const ParsedQuery& query) const {
  const size_t count = resources_.size();
  // By resource, as each word is found in it.
  std::vector<uint8_t> worst(count, 0), whole(count), part(count), parts;
  for (const QueryWord& word : query.words) {
    std::fill(whole.begin(), whole.end(), kNotFound);
    CollectWord(word, &whole);
    if (!word.parts_of_it.empty()) {
      parts.assign(count, 0);
      for (const QueryWord& one : word.parts_of_it) {
        std::fill(part.begin(), part.end(), kNotFound);
        CollectWord(one, &part);
        for (size_t i = 0; i < count; ++i) parts[i] = std::max(parts[i], part[i]);
      }
      for (size_t i = 0; i < count; ++i) whole[i] = std::min(whole[i], parts[i]);
    }
    for (size_t i = 0; i < count; ++i) worst[i] = std::max(worst[i], whole[i]);
  }
  if (!query.phrase.key.empty()) CollectWord(query.phrase, &worst);
  return worst;
}

bool SearchIndex::IsWanted(uint32_t doc, const SearchQuery& query) const {
  if ((query.types & TypeBit(static_cast<Type>(docs_[doc].type))) == 0) return false;
  if (!query.valid_on) return true;
  const Validity valid = ValidityOf(*resources_[doc]);
  return (!valid.start || *valid.start <= *query.valid_on) &&
         (!valid.end || *query.valid_on < *valid.end);
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

  void Offer(uint32_t doc, uint8_t match) {
    const Doc& d = index_.docs_[doc];
    const Ranked ranked = {static_cast<uint32_t>(match) << 24 | uint32_t{d.level} << 16 |
                               uint32_t{d.length} << 8 | d.collection,
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
    const std::vector<uint8_t> matches = Collect(query.query);
    Best best(*this, query.skip + query.count + 1);
    for (uint32_t doc = 0; doc < matches.size(); ++doc) {
      if (matches[doc] == kNotFound || resources_[doc] == nullptr) continue;
      if (IsWanted(doc, query)) best.Offer(doc, matches[doc]);
    }
    const std::vector<Ranked> ranked = best.Take();
    const size_t end = std::min(ranked.size(), query.skip + query.count);
    for (size_t i = query.skip; i < end; ++i) {
      result.hits.push_back({resources_[ranked[i].doc], {}});
    }
    result.more = ranked.size() > query.skip + query.count;
  });
  for (SearchHit& hit : result.hits) hit.matches = ExplainAll(*hit.resource, query.query);
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
    if (index_.docs_[doc].type == static_cast<uint8_t>(type)) visit(index_.resources_[doc], role);
  });
}

size_t SearchIndex::size() const {
  const std::shared_lock lock(mutex_);
  return by_name_.size();
}

size_t SearchIndex::bytes() const {
  const std::shared_lock lock(mutex_);
  return terms_.bytes() + resources_.capacity() * sizeof(ResourcePtr) +
         docs_.capacity() * sizeof(Doc) +
         by_name_.capacity() * (sizeof(std::string_view) + sizeof(uint64_t) + 1);
}

}  // namespace tidemark::catalog
