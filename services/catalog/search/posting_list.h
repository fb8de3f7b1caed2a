#ifndef TIDEMARK_SERVICES_CATALOG_SEARCH_POSTING_LIST_H_
#define TIDEMARK_SERVICES_CATALOG_SEARCH_POSTING_LIST_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/btree_set.h"

namespace tidemark::catalog {

// Numbers, each once. A few stand in a row; many are a tree, in which a number is found without
// looking at all: a word that every resource has must not make a change of one dear.
class PostingList {
 public:
  // Not there yet.
  void Add(uint32_t posting) {
    if (many_ != nullptr) {
      many_->insert(posting);
      return;
    }
    few_.push_back(posting);
    if (few_.size() <= kFew) return;
    many_ = std::make_unique<Tree>(few_.begin(), few_.end());
    few_ = {};
  }

  // False when it is not there.
  bool Remove(uint32_t posting) {
    if (many_ != nullptr) {
      if (many_->erase(posting) == 0) return false;
      if (many_->size() > kFew / 2) return true;
      few_.assign(many_->begin(), many_->end());
      many_ = nullptr;
      return true;
    }
    const auto found = std::find(few_.begin(), few_.end(), posting);
    if (found == few_.end()) return false;
    *found = few_.back();
    few_.pop_back();
    return true;
  }

  size_t size() const { return many_ != nullptr ? many_->size() : few_.size(); }
  // Of a list that is not empty: some number of it.
  uint32_t front() const { return many_ != nullptr ? *many_->begin() : few_.front(); }

  // In no order.
  template <typename F>
  void ForEach(F visit) const {
    if (many_ != nullptr) {
      for (const uint32_t posting : *many_) visit(posting);
    } else {
      for (const uint32_t posting : few_) visit(posting);
    }
  }

  // About what it takes of memory beside itself: nodes of a tree that grew in order are full.
  size_t bytes() const {
    return many_ != nullptr ? many_->size() * 5 : few_.capacity() * sizeof(uint32_t);
  }

 private:
  using Tree = absl::btree_set<uint32_t>;
  static constexpr size_t kFew = 128;

  std::vector<uint32_t> few_;
  std::unique_ptr<Tree> many_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_SEARCH_POSTING_LIST_H_
