#ifndef TIDEMARK_CLIENTS_CPP_CATALOG_TABLE_H_
#define TIDEMARK_CLIENTS_CPP_CATALOG_TABLE_H_

#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "clients/cpp/catalog/entities.h"

namespace tidemark::catalog_client {

// All entities of one type, by ordinal and by id. Immutable; views share the tables that did not
// change between them.
template <typename T>
class Table {
 public:
  Table() = default;
  // `items[i].ordinal` must be i.
  explicit Table(std::vector<T> items) : items_(std::move(items)) {
    by_id_.reserve(items_.size());
    for (const T& item : items_) by_id_.emplace(item.id, item.ordinal);
  }
  // The index points into the items.
  Table(const Table&) = delete;
  Table& operator=(const Table&) = delete;

  // One hash and one comparison; null when there is none.
  const T* Find(std::string_view id) const {
    const auto it = by_id_.find(id);
    return it == by_id_.end() ? nullptr : &items_[it->second];
  }
  const T& operator[](Ordinal ordinal) const { return items_[ordinal]; }
  absl::Span<const T> items() const { return items_; }
  size_t size() const { return items_.size(); }

 private:
  std::vector<T> items_;
  absl::flat_hash_map<std::string_view, Ordinal> by_id_;
};

}  // namespace tidemark::catalog_client

#endif  // TIDEMARK_CLIENTS_CPP_CATALOG_TABLE_H_
