#ifndef TIDEMARK_CLIENTS_CLI_SIMULATE_DELTA_WORLD_H_
#define TIDEMARK_CLIENTS_CLI_SIMULATE_DELTA_WORLD_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cli/simulate/event_stream.h"

namespace tidemark::simulate {

struct DeltaWorldOptions {
  uint64_t seed = 1;
  // kFewestDeltaEvents to kMostDeltaEvents.
  uint64_t events = 200'000;
  // Give every event the attribute synthetic=true.
  bool label = true;
};
inline constexpr uint64_t kFewestDeltaEvents = 50'000;
inline constexpr uint64_t kMostDeltaEvents = 2'000'000;

// Synthetic consumption on the real regions of the Yangtze delta, 2012 to 2024, in the codes of
// delta_codes.h: amounts lognormal around a level per category, more in some months and on
// weekends, growing; refunds, linked and not; uses without payment; consumers who buy and use away
// from where they live. A yuan of an event stands for a million. At this scale these published
// figures come out exactly, as net:
//
//   Xining, without category `other`, 2013-Q1..Q3      6,552.00 (6.552 billion)
//   channel online, 2023-01..02                    2,054,400.00 (2,054.4 billion)
//
// and with them the growth published beside: the same of 2012 is 5,460.00 (+20 %), of 2022-01..02
// 1,934,500.00 (+6.2 %).
//
// A pure function of the options. Holds about 80 bytes per event. Immutable, so thread-safe.
class DeltaWorld : public EventStream {
 public:
  static absl::StatusOr<std::unique_ptr<DeltaWorld>> Make(const DeltaWorldOptions& options);

  uint64_t events() const override { return items_.size(); }
  void Write(uint64_t index, submit::EventWriter& writer) const override;
  void Append(uint64_t index, submit::ColumnBatch& batch) const override;

 private:
  // An event before it is written; enumerations as in ingest.v1.Event, lists as places.
  struct Item {
    int64_t time_us = 0;
    int64_t amount = 0;
    uint32_t consumer = 0;
    uint32_t original = 0;
    uint16_t home = 0, seller = 0, place = 0, product = 0, category = 0;
    uint8_t kind = 1, segment = 1, channel = 1, payment = 0, age = 0, area = 0, income = 0;
    uint8_t project = 0, quantity = 1, refunded_percent = 0;
    bool scenario = false, activity = false, voucher = false;
  };
  class Maker;

  explicit DeltaWorld(const DeltaWorldOptions& options) : options_(options) {}
  absl::Status CalibrateAmounts(absl::TimeZone zone);
  template <typename Writer>
  void Put(uint64_t index, Writer& writer) const;

  const DeltaWorldOptions options_;
  std::vector<Item> items_;
  std::vector<std::string> products_, providers_;
};

}  // namespace tidemark::simulate

#endif  // TIDEMARK_CLIENTS_CLI_SIMULATE_DELTA_WORLD_H_
