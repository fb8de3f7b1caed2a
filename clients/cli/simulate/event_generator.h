#ifndef TIDEMARK_CLIENTS_CLI_SIMULATE_EVENT_GENERATOR_H_
#define TIDEMARK_CLIENTS_CLI_SIMULATE_EVENT_GENERATOR_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "clients/cli/simulate/alias_table.h"
#include "clients/cli/simulate/event_stream.h"
#include "clients/cli/simulate/fast_random.h"
#include "clients/cli/simulate/season.h"
#include "clients/cpp/submit/column_batch.h"
#include "clients/cpp/submit/event_writer.h"

namespace tidemark::simulate {

struct GeneratorOptions {
  uint64_t seed = 1;
  // Events altogether; spreads them over the time range.
  uint64_t events = 1;
  // Event times, in microseconds since 1970-01-01T00:00:00Z; `to_us` is exclusive.
  int64_t from_us = 0;
  int64_t to_us = 0;
  absl::TimeZone zone;
  // Each at least one id. Earlier regions and categories get more events.
  std::vector<std::string> sources;
  std::vector<std::string> regions;
  std::vector<std::string> categories;
  std::string consumer_scheme;
  uint64_t consumers = 1'000'000;
  // Send pseudonyms of 16 bytes instead of identifiers.
  bool prehashed = false;
  // Give every event the attribute synthetic=true.
  bool label = true;
  // Leave out the order, the seller and the original of refunds.
  bool lean = false;
  // Shares of events that repeat an earlier one, or that are wrong in some way.
  double duplicates = 0;
  double bad = 0;
};

// Makes synthetic events: event number i is a pure function of the options and i, so any part can
// be made anywhere and made again. Other options give other ids. Amounts are lognormal around a
// level per category, products, regions and providers follow Zipf's law, three per cent are refunds
// (half of them linked to an earlier purchase), events come in order of time but for an exponential
// delay, two lines make one order. Immutable after construction, so thread-safe; allocates nothing
// per event.
class EventGenerator : public EventStream {
 public:
  static constexpr uint32_t kProducts = 20'000;
  static constexpr uint32_t kProviders = 2'000;

  explicit EventGenerator(GeneratorOptions options);

  uint64_t events() const override { return options_.events; }
  void Write(uint64_t index, submit::EventWriter& writer) const override;
  void Append(uint64_t index, submit::ColumnBatch& batch) const override;
  const GeneratorOptions& options() const { return options_; }

 private:
  // What one purchase is, before it is written.
  struct Line {
    uint64_t index;
    int64_t time_us;
    int64_t amount;
    uint32_t product;
    uint32_t quantity;
  };
  // What the lines of one order share.
  struct Order {
    uint64_t number;
    uint64_t consumer;
    uint32_t source, consumer_region, provider_region;
    uint8_t segment, channel, payment, age, area;
    bool identified;
  };

  bool IsRefund(uint64_t index) const { return Mix(options_.seed ^ Mix(~index)) % 100 < 3; }
  Line DrawLine(uint64_t index) const;
  Order DrawOrder(uint64_t index) const;
  // An earlier purchase for a refund to give back; false: it stays unlinked.
  bool FindOriginal(uint64_t index, FastRandom& random, uint64_t* original) const;
  // The three of an EventWriter or a ColumnBatch.
  template <typename Writer>
  void Put(uint64_t index, Writer& writer) const;
  template <typename Writer>
  void PutEvent(const Line& line, const Order& order, bool refund, uint64_t original, bool linked,
                Writer& writer) const;
  template <typename Writer>
  void PutBad(uint64_t index, FastRandom& random, Writer& writer) const;
  // 32 hexadecimal digits.
  void IdOf(uint64_t index, char* id) const;

  const GeneratorOptions options_;
  const uint64_t id_key_;
  const Season season_;
  const AliasTable region_table_;
  const AliasTable product_table_;
  const AliasTable segment_table_;
  const AliasTable channel_table_;
  const AliasTable payment_table_;
  const AliasTable age_table_;
  // By product.
  std::vector<uint16_t> category_of_;
  std::vector<uint16_t> provider_of_;
  // Amounts of a category of level 1 at 4,096 quantiles; levels by category.
  std::vector<float> amounts_;
  std::vector<float> levels_;
  // Delays in shares of the range at 1,024 quantiles.
  std::vector<float> delays_;
};

}  // namespace tidemark::simulate

#endif  // TIDEMARK_CLIENTS_CLI_SIMULATE_EVENT_GENERATOR_H_
