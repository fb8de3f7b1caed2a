#include "services/analytics/store/distinct_count.h"

#include <algorithm>
#include <atomic>
#include <bit>

namespace tidemark::analytics {
namespace {

class Counter {
 public:
  Counter(const ParallelScan& scan, const WantedIds& wanted,
          std::vector<std::unique_ptr<DistinctSink>>& sinks)
      : scan_(scan),
        wanted_(wanted),
        sinks_(sinks),
        options_(sinks[0]->options()),
        control_(*options_.control) {
    counts_.all.resize(options_.cells);
    if (wanted.group_of_id != nullptr) counts_.wanted.resize(options_.cells);
  }

  DistinctCounts Count() {
    SettleContested();
    const auto has_bitmaps = [](const auto& sink) { return sink->has_bitmaps(); };
    if (std::any_of(sinks_.begin(), sinks_.end(), has_bitmaps)) {
      scan_.Each(sinks_.size(), sinks_.size(), control_, [&](size_t sink) {
        if (!sinks_[sink]->has_bitmaps()) sinks_[sink]->MakeBitmaps();
      });
      scan_.Each(sinks_.size(), options_.cells, control_, [&](size_t cell) { CountBitmaps(cell); });
    } else {
      CountLists();
    }
    return std::move(counts_);
  }

 private:
  // Those of which signs sum to more than 0 join the others.
  void SettleContested() {
    std::vector<DistinctSink::Signed>& all = sinks_[0]->contested();
    for (size_t i = 1; i < sinks_.size(); ++i) {
      const std::vector<DistinctSink::Signed>& more = sinks_[i]->contested();
      if (!control_.Take(more.size() * sizeof(more[0]))) return;
      all.insert(all.end(), more.begin(), more.end());
    }
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    for (size_t begin = 0; begin < all.size();) {
      const uint64_t key = all[begin].key;
      int64_t sum = 0;
      for (; begin < all.size() && all[begin].key == key; ++begin) sum += all[begin].sign;
      if (sum > 0) sinks_[0]->AddKey(key);
    }
  }

  bool IsWanted(uint32_t id, size_t cell) const {
    return (*wanted_.group_of_id)[options_.below + id] == wanted_.group_of_cell[cell];
  }

  void CountBitmaps(size_t cell) {
    std::vector<const uint64_t*> bitmaps;
    for (const auto& sink : sinks_) {
      if (sink->bitmap(cell) != nullptr) bitmaps.push_back(sink->bitmap(cell));
    }
    if (bitmaps.empty()) return;
    int64_t count = 0, wanted = 0;
    for (size_t i = 0; i < sinks_[0]->words(); ++i) {
      uint64_t word = bitmaps[0][i];
      for (size_t b = 1; b < bitmaps.size(); ++b) word |= bitmaps[b][i];
      if (i == 0) word &= ~uint64_t{1};
      count += std::popcount(word);
      if (wanted_.group_of_id == nullptr) continue;
      for (; word != 0; word &= word - 1) {
        const auto id = static_cast<uint32_t>(64 * i) + std::countr_zero(word);
        wanted += IsWanted(id, cell) ? 1 : 0;
      }
    }
    counts_.all[cell] = count;
    if (wanted_.group_of_id != nullptr) counts_.wanted[cell] = wanted;
  }

  void CountLists() {
    scan_.Each(sinks_.size(), sinks_.size(), control_,
               [&](size_t sink) { sinks_[sink]->list().SortByCell(); });
    if (control_.failed()) return;
    const size_t parts = std::min<size_t>(options_.cells, 16 * sinks_.size());
    std::atomic<size_t> next = 0;
    scan_.Together(sinks_.size(), [&](size_t) {
      const uint64_t bytes = sinks_[0]->words() * sizeof(uint64_t);
      size_t part = next++;
      if (part >= parts) return;
      const TakenMemory taken(control_, bytes);
      if (control_.failed()) return;
      std::vector<uint64_t> seen(sinks_[0]->words());
      for (; part < parts && control_.Continue(); part = next++) {
        for (size_t cell = options_.cells * part / parts;
             cell < options_.cells * (part + 1) / parts; ++cell)
          CountLists(cell, &seen);
      }
    });
  }

  // `seen`: all zeros, before and after.
  void CountLists(size_t cell, std::vector<uint64_t>* seen) {
    int64_t count = 0, wanted = 0;
    for (const auto& sink : sinks_) {
      for (const uint32_t id : sink->list().Of(cell)) {
        uint64_t& word = (*seen)[id >> 6];
        const uint64_t bit = word >> (id & 63) & 1;
        word |= uint64_t{1} << (id & 63);
        count += static_cast<int64_t>(1 - bit);
        if (wanted_.group_of_id != nullptr && bit == 0) wanted += IsWanted(id, cell) ? 1 : 0;
      }
    }
    for (const auto& sink : sinks_) {
      for (const uint32_t id : sink->list().Of(cell)) (*seen)[id >> 6] = 0;
    }
    counts_.all[cell] = count;
    if (wanted_.group_of_id != nullptr) counts_.wanted[cell] = wanted;
  }

  const ParallelScan& scan_;
  const WantedIds& wanted_;
  std::vector<std::unique_ptr<DistinctSink>>& sinks_;
  const DistinctOptions& options_;
  QueryControl& control_;
  DistinctCounts counts_;
};

}  // namespace

DistinctCounts CountDistinct(const ParallelScan& scan, const WantedIds& wanted,
                             std::vector<std::unique_ptr<DistinctSink>>* sinks) {
  return Counter(scan, wanted, *sinks).Count();
}

}  // namespace tidemark::analytics
