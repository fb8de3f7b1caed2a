#include "services/catalog/search/hit_order.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "services/catalog/domain/names.h"
#include "services/catalog/search/resource_texts.h"

namespace tidemark::catalog {
namespace {

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
  static const std::array<uint8_t, kTypeCount> orders = [] {
    std::array<uint8_t, kTypeCount> made = {};
    for (const Collection& one : Collections()) {
      for (const Collection& other : Collections()) {
        made[static_cast<size_t>(one.type)] += other.name < one.name ? 1 : 0;
      }
    }
    return made;
  }();
  return orders[static_cast<size_t>(type)];
}

size_t CharactersOf(std::string_view utf8) {
  return static_cast<size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace

HitOrder OrderOf(const Resource& resource) {
  HitOrder order;
  const std::string_view id = std::string_view(resource.name).substr(resource.name.find('/') + 1);
  for (size_t i = 0; i < kIdBegin; ++i) {
    order.id_begin = order.id_begin * kIdCharacters + (i < id.size() ? IdCharacter(id[i]) : 0);
  }
  order.type = static_cast<uint8_t>(resource.type());
  const auto* region = std::get_if<Region>(&resource.content);
  order.level = region != nullptr ? static_cast<uint8_t>(region->level) : kNoRegion;
  size_t length = kMaxLength;
  for (const auto& [language, name] : resource.display_names) {
    length = std::min(length, CharactersOf(name));
  }
  order.length = static_cast<uint8_t>(length);
  order.collection = CollectionOrder(resource.type());
  const Validity valid = ValidityOf(resource);
  if (valid.start) order.valid_start = HitOrder::Day(*valid.start);
  if (valid.end) order.valid_end = HitOrder::Day(*valid.end);
  return order;
}

}  // namespace tidemark::catalog
