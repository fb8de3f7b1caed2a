#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_MADE_UP_STORE_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_MADE_UP_STORE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/analytics/domain/stat_store.h"

namespace tidemark::analytics::testing {

// MadeUpStore: an engine without events that answers any query with cells made up from their
// numbers, so that what is done with large answers can be tried without a log of millions. It never
// asks EngineQuery::stop. Equal queries have equal answers. Filters drop nothing.
class MadeUpStore final : public StatStore {
 public:
  // Of the cells that a query could have, so many in a hundred are there. `codes`: the codes of
  // fields; fields that are not among them have none.
  MadeUpStore(uint32_t percent, const std::map<Field, std::vector<std::string>>& codes);

  // Events lie in these times; the snapshot is taken at the end.
  void SetTimes(int64_t first_us, int64_t last_us) { times_ = {first_us, last_us}; }

  absl::StatusOr<EngineResult> Run(const EngineQuery& query) const override;
  absl::StatusOr<uint64_t> EachConsumer(
      const EngineQuery&,
      absl::FunctionRef<absl::Status(std::span<const Consumption>)>) const override {
    return absl::UnimplementedError("made up");
  }

  uint64_t folded_size() const override { return kLogSize; }
  std::string log_id() const override { return "made-up"; }
  absl::StatusOr<SnapshotInfo> Snapshot(uint64_t log_size) const override {
    return SnapshotInfo{
        .log_size = log_size, .catalog_version = 1, .accepted_time_us = times_.last_us};
  }
  uint64_t LogSizeAt(int64_t) const override { return kLogSize; }
  std::shared_ptr<const CodeList> Codes(Field field) const override;
  bool HasCode(Field, std::string_view, uint64_t) const override { return true; }
  bool HasOrder(std::string_view, uint64_t) const override { return true; }
  TimeBounds EventTimes(uint64_t) const override { return times_; }
  uint64_t DataVersion(int64_t, int64_t, uint64_t) const override { return kLogSize; }
  StoreStats Stats() const override { return {}; }
  absl::Status Append(const EffectBatch&) override { return absl::UnimplementedError("made up"); }
  absl::StatusOr<std::vector<EventFacts>> ReadEvents(std::span<const uint64_t>) const override {
    return absl::UnimplementedError("made up");
  }
  absl::Status ReadNotes(absl::FunctionRef<absl::Status(std::string_view)>) const override {
    return absl::OkStatus();
  }

 private:
  static constexpr uint64_t kLogSize = 1000;

  bool Has(uint64_t cell) const;

  const uint32_t percent_;
  std::map<Field, std::shared_ptr<const CodeList>> codes_;
  TimeBounds times_;
};

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_MADE_UP_STORE_H_
