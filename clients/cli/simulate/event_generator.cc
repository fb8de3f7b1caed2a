#include "clients/cli/simulate/event_generator.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace tidemark::simulate {
namespace {

using submit::EventField;
using submit::EventWriter;

constexpr std::string_view kPayments[] = {"wallet", "card", "transfer", "cash", "credit"};
constexpr std::string_view kAges[] = {"0-17", "18-29", "30-44", "45-59", "60+"};
constexpr size_t kAmountQuantiles = 4096;
constexpr size_t kDelayQuantiles = 1024;
// Mean delay as a share of the time range.
constexpr double kMeanDelay = 0.0003;
// How far back a refund or a repetition reaches, in events.
constexpr uint64_t kReach = 100'000;
// Median amount in units of the scale, and spread of its logarithm.
constexpr double kMedianAmount = 4'900;
constexpr double kSigma = 1.15;

// The standard normal quantile, by bisection of erfc.
double NormalQuantile(double probability) {
  double low = -8, high = 8;
  for (int step = 0; step < 60; ++step) {
    const double middle = (low + high) / 2;
    (0.5 * std::erfc(-middle / std::sqrt(2.0)) < probability ? low : high) = middle;
  }
  return low;
}

// `value` in decimal, at least `width` digits, at `at`; the end.
char* PutNumber(char* at, uint64_t value, int width) {
  char digits[20];
  int count = 0;
  while (value > 0 || count < width) {
    digits[count++] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
  while (count > 0) *at++ = digits[--count];
  return at;
}

// Depends on all that shapes an event: with other options the same number means another event,
// which would be in conflict with the first under the same id.
uint64_t IdKey(const GeneratorOptions& options) {
  uint64_t key = Mix(options.seed);
  const auto add = [&key](uint64_t value) { key = Mix(key ^ value); };
  const auto add_text = [&add](std::string_view text) {
    add(text.size());
    for (const char c : text) add(static_cast<uint8_t>(c));
  };
  for (const uint64_t value :
       {options.events, static_cast<uint64_t>(options.from_us),
        static_cast<uint64_t>(options.to_us), options.consumers,
        static_cast<uint64_t>(options.prehashed), static_cast<uint64_t>(options.label),
        std::bit_cast<uint64_t>(options.duplicates), std::bit_cast<uint64_t>(options.bad)}) {
    add(value);
  }
  if (options.lean) add_text("lean");
  add_text(options.zone.name());
  add_text(options.consumer_scheme);
  for (const auto* codes : {&options.sources, &options.regions, &options.categories}) {
    add(codes->size());
    for (const std::string& code : *codes) add_text(code);
  }
  return key;
}

std::string_view Code(char* buffer, char letter, uint64_t value, int width) {
  buffer[0] = letter;
  return {buffer, static_cast<size_t>(PutNumber(buffer + 1, value, width) - buffer)};
}

}  // namespace

EventGenerator::EventGenerator(GeneratorOptions options)
    : options_(std::move(options)),
      id_key_(IdKey(options_)),
      season_(options_.from_us, options_.to_us, options_.zone),
      region_table_(ZipfWeights(options_.regions.size(), 0.9)),
      product_table_(ZipfWeights(kProducts, 0.9)),
      segment_table_({8, 1.5, 0.5}),
      channel_table_({6, 3, 1}),
      payment_table_({5, 3, 1, 0.7, 0.3}),
      age_table_({0.5, 3, 3.5, 2, 1}),
      category_of_(kProducts),
      provider_of_(kProducts),
      amounts_(kAmountQuantiles),
      levels_(options_.categories.size()),
      delays_(kDelayQuantiles) {
  const AliasTable categories(ZipfWeights(options_.categories.size(), 0.8));
  const AliasTable providers(ZipfWeights(kProviders, 0.8));
  FastRandom random(options_.seed, 0);
  for (uint32_t product = 0; product < kProducts; ++product) {
    category_of_[product] = static_cast<uint16_t>(categories.Draw(random.Next()));
    provider_of_[product] = static_cast<uint16_t>(providers.Draw(random.Next()));
  }
  for (float& level : levels_) level = static_cast<float>(0.3 + 3 * random.Unit());
  for (size_t i = 0; i < kAmountQuantiles; ++i) {
    const double quantile = (static_cast<double>(i) + 0.5) / kAmountQuantiles;
    amounts_[i] = static_cast<float>(kMedianAmount * std::exp(kSigma * NormalQuantile(quantile)));
  }
  for (size_t i = 0; i < kDelayQuantiles; ++i) {
    const double quantile = (static_cast<double>(i) + 0.5) / kDelayQuantiles;
    delays_[i] = static_cast<float>(-kMeanDelay * std::log(1 - quantile));
  }
}

void EventGenerator::IdOf(uint64_t index, char* id) const {
  constexpr char kHex[] = "0123456789abcdef";
  const uint64_t words[] = {Mix(index ^ id_key_), Mix(index + Mix(~id_key_))};
  for (const uint64_t word : words) {
    for (int shift = 60; shift >= 0; shift -= 4) *id++ = kHex[(word >> shift) & 15];
  }
}

EventGenerator::Line EventGenerator::DrawLine(uint64_t index) const {
  FastRandom random(options_.seed, index * 2 + 1);
  Line line;
  line.index = index;
  const uint64_t bits = random.Next();
  const double position = (static_cast<double>(index) + 0.5) / static_cast<double>(options_.events);
  line.time_us = season_.At(position - delays_[bits % kDelayQuantiles]);
  line.product = product_table_.Draw(random.Next());
  const float level = levels_[category_of_[line.product]];
  // The table's steps are smoothed by up to five per cent.
  const float spread = 0.95f + 0.1f * static_cast<float>((bits >> 32) & 1023) / 1024;
  line.amount =
      1 + static_cast<int64_t>(amounts_[(bits >> 10) % kAmountQuantiles] * level * spread);
  // 1 far more often than 5.
  line.quantity = 1 + static_cast<uint32_t>(((bits >> 44) & 7) * ((bits >> 47) & 7) / 10);
  return line;
}

EventGenerator::Order EventGenerator::DrawOrder(uint64_t index) const {
  Order order;
  order.number = index / 2;
  FastRandom random(options_.seed, order.number * 2);
  const uint64_t bits = random.Next();
  order.source = static_cast<uint32_t>((bits & 0xffff) * options_.sources.size() >> 16);
  order.identified = ((bits >> 16) & 0xff) < 218;
  // Few consumers buy much: the square of a uniform number.
  const double unit = random.Unit();
  order.consumer = static_cast<uint64_t>(unit * unit * static_cast<double>(options_.consumers));
  // A consumer lives in one place.
  FastRandom person(options_.seed, ~order.consumer);
  order.consumer_region = region_table_.Draw(person.Next());
  const uint64_t traits = person.Next();
  order.age = static_cast<uint8_t>(age_table_.Draw(traits));
  order.segment = static_cast<uint8_t>(segment_table_.Draw(Mix(traits)));
  order.area = static_cast<uint8_t>((traits >> 7) % 100 < 68 ? 1 : 2);
  // Three of four orders stay in the region.
  order.provider_region =
      ((bits >> 24) & 3) != 0 ? order.consumer_region : region_table_.Draw(random.Next());
  const uint64_t ways = random.Next();
  order.channel = static_cast<uint8_t>(channel_table_.Draw(ways));
  order.payment = static_cast<uint8_t>(payment_table_.Draw(Mix(ways)));
  return order;
}

bool EventGenerator::FindOriginal(uint64_t index, FastRandom& random, uint64_t* original) const {
  if (index == 0 || (random.Next() & 1) != 0) return false;
  *original = index - 1 - random.Below(std::min(index, kReach));
  return !IsRefund(*original);
}

void EventGenerator::Write(uint64_t index, EventWriter& writer) const {
  writer.Clear();
  Put(index, writer);
}

void EventGenerator::Append(uint64_t index, submit::ColumnBatch& batch) const {
  batch.BeginEvent();
  Put(index, batch);
}

template <typename Writer>
void EventGenerator::Put(uint64_t index, Writer& writer) const {
  FastRandom random(~options_.seed, index);
  if (options_.duplicates > 0 && index > 0 && random.Chance(options_.duplicates)) {
    index -= 1 + random.Below(std::min<uint64_t>(index, 1000));
    // What is repeated may be a repetition itself; as its own event it is still one.
  } else if (options_.bad > 0 && random.Chance(options_.bad)) {
    return PutBad(index, random, writer);
  }
  FastRandom refund_random(options_.seed ^ 0x5bd1e995, index);
  const bool refund = IsRefund(index);
  Line line = DrawLine(index);
  uint64_t original = 0;
  const bool linked = refund && FindOriginal(index, refund_random, &original);
  if (linked) {
    const Line bought = DrawLine(original);
    line.product = bought.product;
    line.quantity = bought.quantity;
    // Never before the purchase; half of them give all of it back.
    line.time_us = std::max(line.time_us, bought.time_us);
    line.amount = (refund_random.Next() & 1) != 0 ? bought.amount : (bought.amount + 1) / 2;
  }
  PutEvent(line, DrawOrder(linked ? original : index), refund, original, linked, writer);
}

template <typename Writer>
void EventGenerator::PutEvent(const Line& line, const Order& order, bool refund, uint64_t original,
                              bool linked, Writer& writer) const {
  char id[32];
  char code[32];
  IdOf(line.index, id);
  writer.Text(EventField::kSource, options_.sources[order.source]);
  writer.Text(EventField::kId, {id, sizeof(id)});
  writer.Number(EventField::kKind, refund ? 2 : 1);
  writer.Number(EventField::kEventTimeUs, line.time_us);
  if (linked && !options_.lean) {
    IdOf(original, id);
    writer.Pair(EventField::kOriginal, "", {id, sizeof(id)});
  }
  if (!options_.lean) writer.Text(EventField::kOrder, Code(code, 'O', order.number, 8));
  if (order.identified) {
    if (options_.prehashed) {
      const uint64_t words[] = {Mix(order.consumer ^ options_.seed), Mix(~order.consumer)};
      std::memcpy(code, words, sizeof(words));
      writer.Pair(EventField::kConsumer, options_.consumer_scheme, {code, sizeof(words)}, 3);
    } else {
      writer.Pair(EventField::kConsumer, options_.consumer_scheme,
                  Code(code, 'C', order.consumer, 8));
    }
  }
  writer.Text(EventField::kConsumerRegion, options_.regions[order.consumer_region]);
  writer.Text(EventField::kProviderRegion, options_.regions[order.provider_region]);
  writer.Text(EventField::kCategory, options_.categories[category_of_[line.product]]);
  writer.Text(EventField::kProduct, Code(code, 'P', line.product, 5));
  if (!options_.lean) {
    writer.Text(EventField::kProvider, Code(code, 'S', provider_of_[line.product], 4));
  }
  writer.Number(EventField::kSegment, order.segment + 1);
  writer.Number(EventField::kChannel, order.channel + 1);
  writer.Text(EventField::kPaymentMethod, kPayments[order.payment]);
  writer.Text(EventField::kAgeBand, kAges[order.age]);
  writer.Number(EventField::kAreaType, order.area);
  writer.Number(EventField::kAmount, line.amount);
  writer.Number(EventField::kQuantity, line.quantity);
  if (options_.label) writer.Pair(EventField::kAttributes, "synthetic", "true");
}

template <typename Writer>
void EventGenerator::PutBad(uint64_t index, FastRandom& random, Writer& writer) const {
  char id[32];
  IdOf(index, id);
  const uint64_t fault = random.Below(6);
  writer.Text(EventField::kSource, options_.sources[0]);
  // No valid UTF-8.
  if (fault == 0) id[7] = '\xff';
  writer.Text(EventField::kId, {id, fault == 1 ? 0 : sizeof(id)});
  if (fault != 2) writer.Number(EventField::kKind, 1);
  writer.Number(EventField::kEventTimeUs, options_.from_us);
  writer.Text(EventField::kConsumerRegion, fault == 3 ? "synthetic-nowhere" : options_.regions[0]);
  writer.Text(EventField::kCategory, fault == 4 ? "synthetic-nothing" : options_.categories[0]);
  writer.Number(EventField::kAmount, fault == 5 ? 0 : 100);
}

}  // namespace tidemark::simulate
