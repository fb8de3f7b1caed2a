#ifndef TIDEMARK_CLIENTS_CLI_SIMULATE_ALIAS_TABLE_H_
#define TIDEMARK_CLIENTS_CLI_SIMULATE_ALIAS_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tidemark::simulate {

// Draws places of a list by weight in constant time (Walker's alias method).
class AliasTable {
 public:
  // At least one weight, all positive.
  explicit AliasTable(const std::vector<double>& weights);

  uint32_t Draw(uint64_t random) const {
    const auto place = static_cast<uint32_t>(((random >> 32) * entries_.size()) >> 32);
    const Entry& entry = entries_[place];
    return static_cast<uint32_t>(random) < entry.threshold ? place : entry.other;
  }
  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    uint32_t threshold;
    uint32_t other;
  };
  std::vector<Entry> entries_;
};

// 1 / rank^exponent for ranks 1 to count.
std::vector<double> ZipfWeights(size_t count, double exponent);

}  // namespace tidemark::simulate

#endif  // TIDEMARK_CLIENTS_CLI_SIMULATE_ALIAS_TABLE_H_
