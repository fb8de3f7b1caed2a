#ifndef TIDEMARK_SERVICES_CATALOG_SEARCH_TERM_TABLE_H_
#define TIDEMARK_SERVICES_CATALOG_SEARCH_TERM_TABLE_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "services/catalog/search/matching.h"
#include "services/catalog/search/posting_list.h"
#include "services/catalog/search/terms.h"

namespace tidemark::catalog {

// Terms, each once whoever has it, and who has it. A term takes its bytes and 16, 6 to 20 for each
// index that it is in, and 4 for each resource that has it. Not thread-safe.
//
// What a word of a query may ask for is found without looking at every term: whole terms by hash,
// beginnings by order, parts of Chinese ones by their pairs of characters, and one edit among the
// terms of about its length, of which those with other letters are told by 64 bits each.
class TermTable {
 public:
  using Id = uint32_t;
  // Most resources: beyond, Add does nothing.
  static constexpr uint32_t kMaxDocs = uint32_t{1} << 27;
  // Of the terms that begin with a word, or hold it, so many are looked at.
  static constexpr size_t kMaxTermsSeen = 100'000;

  TermTable();
  TermTable(const TermTable&) = delete;
  TermTable& operator=(const TermTable&) = delete;

  // Each role of a term once per resource.
  void Add(const Term& term, uint32_t doc);
  void Remove(const Term& term, uint32_t doc);

  using Visit = absl::FunctionRef<void(uint32_t doc, Match match)>;
  // Every resource with a term that the word, as a whole, is found in; a resource more than once.
  void ForEachMatch(const QueryWord& word, Visit visit) const;
  // Those that have exactly this term.
  void ForEachWhole(std::string_view term,
                    absl::FunctionRef<void(uint32_t doc, TermClass role)> visit) const;
  // How many those are, by role; at once.
  size_t CountWhole(std::string_view term) const;

  size_t terms() const { return slots_.size() - dead_; }
  // About what it takes of memory.
  size_t bytes() const;

 private:
  struct Slot {
    uint32_t offset = 0;
    uint32_t size : 30 = 0;
    // Indexes that it is in.
    uint32_t ordered : 1 = false;
    uint32_t near : 1 = false;
    // One posting, or with kMany the index of a list.
    uint32_t postings = kNothing;
    // Of the text, so that a set of millions can grow without a look at every text.
    uint32_t hash = 0;
  };
  static constexpr uint32_t kMany = uint32_t{1} << 31;
  static constexpr uint32_t kNothing = kMany - 1;
  static constexpr Id kNoTerm = ~Id{0};

  struct Hash {
    using is_transparent = void;
    const TermTable* table;
    // The set takes its places by low bits, of which there must be more than of a hash.
    static size_t Spread(uint32_t hash) { return hash * uint64_t{0x9E3779B97F4A7C15} >> 16; }
    size_t operator()(std::string_view text) const { return Spread(HashOf(text)); }
    size_t operator()(Id id) const { return Spread(table->slots_[id].hash); }
  };
  struct Same {
    using is_transparent = void;
    const TermTable* table;
    std::string_view Of(Id id) const { return table->TextOf(id); }
    std::string_view Of(std::string_view text) const { return text; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return Of(a) == Of(b);
    }
  };
  // A term in the order of texts. Its first bytes spare most looks at the text itself.
  struct Ordered {
    uint64_t begin = 0;
    Id id = 0;
  };
  struct Sought {
    uint64_t begin = 0;
    std::string_view text;
  };
  struct Less {
    using is_transparent = void;
    const TermTable* table;
    std::string_view Of(const Ordered& term) const { return table->TextOf(term.id); }
    std::string_view Of(const Sought& sought) const { return sought.text; }
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return a.begin != b.begin ? a.begin < b.begin : Of(a) < Of(b);
    }
  };
  // Terms of one length, with a bit for each letter in them.
  struct Near {
    std::vector<uint64_t> letters;
    std::vector<Id> ids;
  };
  static constexpr size_t kMaxNearLength = 64;

  std::string_view TextOf(Id id) const {
    return std::string_view(arena_).substr(slots_[id].offset, slots_[id].size);
  }
  static uint32_t HashOf(std::string_view text) {
    return static_cast<uint32_t>(absl::Hash<std::string_view>{}(text));
  }
  Id IdOf(std::string_view text);
  void AddPosting(Id id, uint32_t posting);
  bool RemovePosting(Id id, uint32_t posting);
  void AddPairs(Id id);
  void AddNear(Id id);
  template <typename F>
  void ForEachPosting(Id id, F visit) const;
  bool BeginsWith(const Ordered& term, const Sought& sought) const;
  void VisitNear(const QueryWord& word, Id whole, Visit visit) const;
  void VisitParts(const QueryWord& word, Id whole, Visit visit) const;
  // Leaves out terms that nobody has any more.
  void Compact();

  std::string arena_;
  std::vector<Slot> slots_;
  size_t dead_ = 0;
  std::vector<PostingList> lists_;
  std::vector<uint32_t> free_lists_;
  absl::flat_hash_set<Id, Hash, Same> by_text_;
  absl::btree_set<Ordered, Less> by_order_;
  // By two neighbouring Chinese characters; ascending.
  absl::flat_hash_map<uint64_t, std::vector<Id>> by_pair_;
  std::array<Near, kMaxNearLength + 1> near_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_SEARCH_TERM_TABLE_H_
