#ifndef TIDEMARK_SERVICES_CATALOG_SEARCH_HIT_ORDER_H_
#define TIDEMARK_SERVICES_CATALOG_SEARCH_HIT_ORDER_H_

#include <cstdint>
#include <limits>
#include <optional>

#include "services/catalog/domain/date.h"
#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

// What hits are ordered and told apart by, without a look at the resource.
struct HitOrder {
  // Of the id, its first twelve characters, for an order of names that seldom needs the name.
  uint64_t id_begin = 0;
  uint8_t type = 0;
  // Wider regions have smaller ones; what is no region comes behind.
  uint8_t level = 0;
  // Of the shortest name, in characters.
  uint8_t length = 0;
  // Of collections by name.
  uint8_t collection = 0;
  // Days on which it is valid, as Day makes them; the last is not one of them.
  int32_t valid_start = std::numeric_limits<int32_t>::min();
  int32_t valid_end = std::numeric_limits<int32_t>::max();

  static int32_t Day(const Date& date) { return (date.year * 100 + date.month) * 100 + date.day; }
  bool IsValidOn(int32_t day) const { return valid_start <= day && day < valid_end; }
};

HitOrder OrderOf(const Resource& resource);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_SEARCH_HIT_ORDER_H_
