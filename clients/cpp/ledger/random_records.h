// For tests and benchmarks: random records, and records that own what they point to.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_RANDOM_RECORDS_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_RANDOM_RECORDS_H_

#include <deque>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cpp/ledger/record.h"

namespace tidemark::ledger {

// Makes records that live as long as the factory.
class RecordFactory {
 public:
  explicit RecordFactory(uint64_t seed) : random_(seed) {}

  // Every field present, absent, empty, Chinese or extreme at random. Links point below `leaf`.
  EventRecord Random(uint64_t leaf);
  // What a platform sends: 8 sources, UUIDs, 350 cities, 60 categories, 100,000 products, 2 M
  // consumers, seconds in order.
  EventRecord Realistic(uint64_t leaf);
  // A copy that does not point into what `record` points to.
  EventRecord Own(const EventRecord& record);

  std::string_view Keep(std::string text);
  std::mt19937_64& random() { return random_; }

 private:
  uint64_t Below(uint64_t n) { return random_() % n; }
  uint64_t Skewed(uint64_t n);  // small numbers more often
  std::string_view Text(size_t max_bytes);
  std::string Bytes(size_t size);
  int64_t Integer();
  void RandomTexts(EventRecord* record);
  void RandomPrivate(EventRecord* record);
  void RandomLinks(uint64_t leaf, EventRecord* record);

  std::mt19937_64 random_;
  std::deque<std::string> texts_;
  std::deque<std::vector<Attribute>> attributes_;
  std::deque<std::vector<uint64_t>> leaves_;
};

// Name of the first field, of all, in which the two differ; empty when they are equal.
std::string_view FirstFieldThatDiffers(const EventRecord& a, const EventRecord& b);

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_RANDOM_RECORDS_H_
