#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_CODE_LIST_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_CODE_LIST_H_

#include <cstddef>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::analytics {

// The texts of one field: list[id] for id >= 1; list[0] is empty. A prefix of any later list of the
// same field. Immutable and thread-safe: its texts are shared with the lists before and after it,
// so that taking one copies no text, and stay where they are while any of these lists lives.
class CodeList {
 public:
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = std::string;
    using difference_type = std::ptrdiff_t;
    using pointer = const std::string*;
    using reference = const std::string&;

    Iterator() = default;
    Iterator(const CodeList* list, size_t at) : list_(list), at_(at) {}
    reference operator*() const { return (*list_)[at_]; }
    pointer operator->() const { return &(*list_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++at_;
      return before;
    }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    const CodeList* list_ = nullptr;
    size_t at_ = 0;
  };
  using value_type = std::string;
  using const_iterator = Iterator;
  using iterator = Iterator;

  size_t size() const { return size_; }
  const std::string& operator[](size_t i) const {
    return chunks_[i / kChunkTexts].get()[i % kChunkTexts];
  }
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size_}; }
  bool operator==(const CodeList& other) const {
    if (size_ != other.size_) return false;
    for (size_t i = 0; i < size_; ++i) {
      if ((*this)[i] != other[i]) return false;
    }
    return true;
  }

 private:
  friend class CodeListBuilder;
  static constexpr size_t kChunkTexts = 1024;

  std::vector<std::shared_ptr<std::string[]>> chunks_;
  size_t size_ = 0;
};

// Appends texts. Copies of list() do not grow with it. One writer; who takes a copy while it writes
// needs a lock, who reads one does not.
class CodeListBuilder {
 public:
  // Holds the empty text of code 0.
  CodeListBuilder() { Append({}); }
  CodeListBuilder(const CodeListBuilder&) = delete;
  CodeListBuilder& operator=(const CodeListBuilder&) = delete;

  const CodeList& list() const { return list_; }
  void Append(std::string_view text) {
    const size_t at = list_.size_ % CodeList::kChunkTexts;
    if (at == 0) {
      list_.chunks_.push_back(
          std::shared_ptr<std::string[]>(new std::string[CodeList::kChunkTexts]));
    }
    list_.chunks_.back().get()[at] = text;
    ++list_.size_;
  }

 private:
  CodeList list_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_CODE_LIST_H_
