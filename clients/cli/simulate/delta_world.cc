#include "clients/cli/simulate/delta_world.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "clients/cli/simulate/alias_table.h"
#include "clients/cli/simulate/delta_calibration.h"
#include "clients/cli/simulate/delta_codes.h"
#include "clients/cli/simulate/fast_random.h"
#include "clients/cli/simulate/season.h"

namespace tidemark::simulate {
namespace {

using submit::EventField;

constexpr uint8_t kPurchase = 1, kRefund = 2, kServiceUse = 3;
constexpr uint8_t kOnline = 1, kOffline = 2, kHybrid = 3;
constexpr std::string_view kPayments[] = {"wallet", "card", "transfer", "cash"};
constexpr std::string_view kAges[] = {"", "0-17", "18-29", "30-44", "45-59", "60+"};
constexpr std::string_view kIncomes[] = {"", "low", "middle", "high"};
constexpr double kSigma = 1.1;
// How far back a refund reaches, in events.
constexpr uint64_t kReach = 5'000;

// Totals in fen at one to a million: 10^8 yuan are 10^4 fen.
constexpr uint8_t kNation = 0, kXiningLevel = 1;
const std::vector<CalibratedTotal>& Totals() {
  static const auto* totals = new std::vector<CalibratedTotal>{{205'440'000, kNation},
                                                               {193'450'000, kNation},
                                                               {655'200, kXiningLevel},
                                                               {546'000, kXiningLevel}};
  return *totals;
}

int64_t Start(int year, int month, int day, absl::TimeZone zone) {
  return absl::ToUnixMicros(absl::FromCivil(absl::CivilDay(year, month, day), zone));
}

struct Span {
  int64_t from_us, to_us;
  bool Has(int64_t time_us) const { return from_us <= time_us && time_us < to_us; }
};

// A standard normal number (Box and Muller).
double Normal(FastRandom& random) {
  const double radius = std::sqrt(-2 * std::log(1 - random.Unit()));
  return radius * std::cos(2 * std::numbers::pi * random.Unit());
}

std::vector<double> Weights(const auto& entries) {
  std::vector<double> weights;
  for (const auto& entry : entries) weights.push_back(entry.weight);
  return weights;
}

bool IsIn(std::string_view category, std::initializer_list<std::string_view> list) {
  return std::find(list.begin(), list.end(), category) != list.end();
}

}  // namespace

// Draws events one after the other.
class DeltaWorld::Maker {
 public:
  Maker(const DeltaWorldOptions& options, absl::TimeZone zone)
      : options_(options),
        season_(Start(2012, 1, 1, zone), Start(2025, 1, 1, zone), zone),
        tour_{Start(2021, 10, 16, zone), Start(2021, 10, 18, zone)},
        one_card_us_(Start(2023, 11, 9, zone)),
        projects_us_(Start(2019, 1, 1, zone)),
        regions_(Weights(DeltaRegions())),
        categories_(Weights(DeltaCategories())),
        ages_({0.5, 0.8, 3, 3.3, 2, 1.2}),
        incomes_({1, 2.5, 4, 2}),
        payments_({6, 2, 1, 0.4}) {}

  Item Make(uint64_t index, const std::vector<Item>& before) const {
    FastRandom random(options_.seed, index);
    Item item;
    const double position =
        (static_cast<double>(index) + 0.5) / static_cast<double>(options_.events);
    item.time_us = season_.At(position);
    if (random.Chance(0.03)) {
      if (GiveBack(random, before, item)) return item;
      item.kind = kRefund;
      item.original = kUnlinked;
    } else if (random.Chance(0.03)) {
      item.kind = kServiceUse;
    }
    DrawConsumer(random, item);
    DrawPlaces(random, item);
    DrawProduct(random, item);
    AddOccasions(random, item);
    return item;
  }

 private:
  // A refund of an earlier purchase, which it agrees with in everything but kind and time.
  bool GiveBack(FastRandom& random, const std::vector<Item>& before, Item& item) const {
    if (before.empty() || random.Chance(0.4)) return false;
    const uint64_t back = 1 + random.Below(std::min<uint64_t>(before.size(), kReach));
    const auto original = static_cast<uint32_t>(before.size() - back);
    const Item& bought = before[original];
    // One refund each: two could give back more than was paid.
    if (bought.kind != kPurchase || bought.refunded_percent != 0) return false;
    const int64_t time_us = item.time_us;
    item = bought;
    item.kind = kRefund;
    item.time_us = time_us;
    item.original = original;
    item.voucher = false;
    item.refunded_percent = static_cast<uint8_t>(20 + random.Below(76));
    return true;
  }

  // Few consumers buy much; one has one home, age and income.
  void DrawConsumer(FastRandom& random, Item& item) const {
    const double unit = random.Unit();
    const auto pool = static_cast<double>(options_.events / 6);
    item.consumer = static_cast<uint32_t>(unit * unit * pool);
    FastRandom person(~options_.seed, item.consumer);
    item.home = static_cast<uint16_t>(regions_.Draw(person.Next()));
    item.area = person.Below(100) < static_cast<uint64_t>(DeltaRegions()[item.home].rural) ? 2 : 1;
    item.age = static_cast<uint8_t>(ages_.Draw(person.Next()));
    item.income = static_cast<uint8_t>(incomes_.Draw(person.Next()));
    const uint64_t kind = person.Below(100);
    item.segment = kind < 82 ? 1 : kind < 95 ? 2 : 3;
    if (item.segment != 1) item.age = item.income = 0;
  }

  void DrawPlaces(FastRandom& random, Item& item) const {
    item.seller =
        random.Chance(0.45) ? static_cast<uint16_t>(regions_.Draw(random.Next())) : item.home;
    item.place =
        random.Chance(0.12) ? static_cast<uint16_t>(regions_.Draw(random.Next())) : item.home;
  }

  void DrawProduct(FastRandom& random, Item& item) const {
    item.category = static_cast<uint16_t>(categories_.Draw(random.Next()));
    const DeltaCategory& category = DeltaCategories()[item.category];
    // The first of the three sells best.
    const uint64_t which = random.Below(100);
    item.product = static_cast<uint16_t>(item.category * kProductsOfCategory + (which < 55   ? 0
                                                                                : which < 85 ? 1
                                                                                             : 2));
    const uint64_t way = random.Below(100);
    item.channel = way < 8 ? kHybrid : (way < 83) == category.online ? kOnline : kOffline;
    item.payment = static_cast<uint8_t>(payments_.Draw(random.Next()));
    if (item.channel == kOnline && item.payment == 3) item.payment = 0;
    item.quantity = static_cast<uint8_t>(1 + random.Below(4) * random.Below(4) / 4);
    const double level = category.median * (item.segment == 1 ? 1 : 4) *
                         (item.income == 3   ? 1.8
                          : item.income == 1 ? 0.7
                                             : 1);
    if (item.kind != kServiceUse) {
      item.amount = 1 + static_cast<int64_t>(100 * level * std::exp(kSigma * Normal(random)));
    }
  }

  void AddOccasions(FastRandom& random, Item& item) const {
    const std::string_view category = DeltaCategories()[item.category].code;
    if (tour_.Has(item.time_us) && random.Chance(0.6)) {
      item.place = kNingbo;
      item.activity = true;
      item.voucher = item.kind == kPurchase && random.Chance(0.5);
    }
    if (item.time_us >= one_card_us_ &&
        IsIn(category, {"museums", "performances", "tickets", "accommodation"})) {
      constexpr uint16_t kAdopters[] = {kHuangpu, kNanjing, kHangzhou, kHefei};
      item.scenario = random.Chance(0.5);
      if (item.scenario) item.place = kAdopters[random.Below(4)];
    }
    if (item.time_us >= projects_us_ && item.seller == kNingbo && random.Chance(0.5)) {
      if (IsIn(category, {"online-consultation", "online-pharmacy"})) item.project = 1;
      if (category == "fresh-food") item.project = 2;
      if (category == "online-goods" && item.segment == 2) item.project = 3;
    }
  }

  const DeltaWorldOptions options_;
  const Season season_;
  const Span tour_;
  const int64_t one_card_us_, projects_us_;
  const AliasTable regions_, categories_, ages_, incomes_, payments_;
};

absl::StatusOr<std::unique_ptr<DeltaWorld>> DeltaWorld::Make(const DeltaWorldOptions& options) {
  if (options.events < kFewestDeltaEvents || options.events > kMostDeltaEvents) {
    return absl::InvalidArgumentError(absl::StrCat("--events: ", options.events, ", want ",
                                                   kFewestDeltaEvents, " to ", kMostDeltaEvents,
                                                   " for this world"));
  }
  absl::TimeZone zone;
  if (!absl::LoadTimeZone("Asia/Shanghai", &zone)) {
    return absl::InternalError("the time zone Asia/Shanghai is unknown here; install tzdata");
  }
  std::unique_ptr<DeltaWorld> world(new DeltaWorld(options));
  const Maker maker(options, zone);
  std::vector<Item>& items = world->items_;
  items.reserve(options.events);
  for (uint64_t index = 0; index < options.events; ++index) {
    items.push_back(maker.Make(index, items));
    const Item& made = items.back();
    if (made.kind == kRefund && made.original != kUnlinked) {
      items[made.original].refunded_percent = made.refunded_percent;
    }
  }
  for (uint32_t product = 0; product < DeltaCategories().size() * kProductsOfCategory; ++product) {
    world->products_.push_back(DeltaProduct(product));
  }
  for (uint32_t i = 0; i < kDeltaProviders; ++i) world->providers_.push_back(DeltaProvider(i));
  const absl::Status calibrated = world->CalibrateAmounts(zone);
  if (!calibrated.ok()) return calibrated;
  return world;
}

absl::Status DeltaWorld::CalibrateAmounts(absl::TimeZone zone) {
  const Span online[] = {{Start(2023, 1, 1, zone), Start(2023, 3, 1, zone)},
                         {Start(2022, 1, 1, zone), Start(2022, 3, 1, zone)}};
  const Span xining[] = {{Start(2013, 1, 1, zone), Start(2013, 10, 1, zone)},
                         {Start(2012, 1, 1, zone), Start(2012, 10, 1, zone)}};
  std::vector<CalibratedLine> lines(items_.size());
  for (size_t i = 0; i < items_.size(); ++i) {
    const Item& item = items_[i];
    const bool in_xining = item.home == kXining;
    lines[i] = {.amount = item.amount,
                .refund = item.kind == kRefund,
                .original = item.original,
                .refunded_percent = item.refunded_percent,
                .level = in_xining ? kXiningLevel : kNation,
                .total = kNoTotal};
    for (uint8_t k = 0; k < 2; ++k) {
      if (item.channel == kOnline && online[k].Has(item.time_us)) lines[i].total = k;
      if (in_xining && item.category != DeltaOther() && xining[k].Has(item.time_us)) {
        lines[i].total = static_cast<uint8_t>(2 + k);
      }
    }
  }
  const absl::Status calibrated = Calibrate(Totals(), lines);
  for (size_t i = 0; i < items_.size(); ++i) items_[i].amount = lines[i].amount;
  return calibrated;
}

void DeltaWorld::Write(uint64_t index, submit::EventWriter& writer) const {
  writer.Clear();
  Put(index, writer);
}

void DeltaWorld::Append(uint64_t index, submit::ColumnBatch& batch) const {
  batch.BeginEvent();
  Put(index, batch);
}

template <typename Writer>
void DeltaWorld::Put(uint64_t index, Writer& writer) const {
  const Item& item = items_[index];
  // Other options, another event: it must not have the same id.
  const uint64_t key = Mix(options_.seed ^ Mix(options_.events * 2 + (options_.label ? 1 : 0)));
  const auto id = [key](uint64_t event) {
    return absl::StrFormat("delta-%016x%06x", Mix(event ^ key), event);
  };
  writer.Text(EventField::kSource, kDeltaSource);
  writer.Text(EventField::kId, id(index));
  writer.Number(EventField::kKind, item.kind);
  writer.Number(EventField::kEventTimeUs, item.time_us);
  if (item.kind == kRefund && item.original != kUnlinked) {
    writer.Pair(EventField::kOriginal, "", id(item.original));
  }
  writer.Pair(EventField::kConsumer, kDeltaScheme, absl::StrFormat("D%07d", item.consumer));
  writer.Text(EventField::kConsumerRegion, DeltaRegions()[item.home].code);
  writer.Text(EventField::kProviderRegion, DeltaRegions()[item.seller].code);
  writer.Text(EventField::kPlaceOfUse, DeltaRegions()[item.place].code);
  writer.Text(EventField::kCategory, DeltaCategories()[item.category].code);
  writer.Text(EventField::kProduct, products_[item.product]);
  writer.Text(EventField::kProvider, providers_[item.product % kDeltaProviders]);
  writer.Number(EventField::kSegment, item.segment);
  writer.Number(EventField::kChannel, item.channel);
  if (item.kind != kServiceUse) writer.Text(EventField::kPaymentMethod, kPayments[item.payment]);
  if (item.age != 0) writer.Text(EventField::kAgeBand, kAges[item.age]);
  writer.Number(EventField::kAreaType, item.area);
  if (item.income != 0) writer.Text(EventField::kIncomeBand, kIncomes[item.income]);
  if (item.scenario) writer.Text(EventField::kScenario, kDeltaScenario);
  if (item.project != 0) writer.Text(EventField::kProject, kDeltaProjects[item.project]);
  if (item.activity) writer.Text(EventField::kActivity, kDeltaActivity);
  if (item.kind != kServiceUse) {
    writer.Number(EventField::kAmount, item.amount);
    if (item.voucher) writer.Number(EventField::kVoucherAmount, item.amount / 10);
  }
  writer.Number(EventField::kQuantity, item.quantity);
  if (options_.label) writer.Pair(EventField::kAttributes, "synthetic", "true");
}

}  // namespace tidemark::simulate
