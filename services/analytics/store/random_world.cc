#include "services/analytics/store/random_world.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/analytics/store/utc_month.h"

namespace tidemark::analytics {
namespace {

constexpr int64_t kDayUs = kSecondsPerDay * kMicrosPerSecond;
constexpr char kLogId[] = "0123456789abcdef0123456789abcdef";

// Any hash of a catalog, another for every leaf.
CatalogHash HashOf(uint64_t leaf) {
  CatalogHash hash = {7};
  std::memcpy(hash.data() + 8, &leaf, sizeof(leaf));
  return hash;
}

std::vector<PlainEffect> Numbered(std::vector<PlainEffect> effects, uint64_t first_leaf) {
  for (PlainEffect& effect : effects) effect.leaf = first_leaf++;
  return effects;
}

}  // namespace

template <typename Get>
void OwnedBatch::Fill(Get get, Text* text, TextColumn* column) {
  text->entries.assign(1, {});
  for (const PlainEffect& effect : effects_) {
    const std::string_view value = get(effect);
    uint32_t entry = 0;
    if (!value.empty()) {
      const auto found = std::find(text->entries.begin() + 1, text->entries.end(), value);
      entry = static_cast<uint32_t>(found - text->entries.begin());
      if (found == text->entries.end()) text->entries.push_back(value);
    }
    text->index.push_back(entry);
  }
  if (text->entries.size() == 1) return;  // absent in every row
  // Dictionaries of blocks are in no particular order.
  std::reverse(text->entries.begin() + 1, text->entries.end());
  for (uint32_t& entry : text->index) {
    if (entry != 0) entry = static_cast<uint32_t>(text->entries.size()) - entry;
  }
  column->entries = text->entries;
  column->index = text->index;
  column->constant = std::count(text->index.begin(), text->index.end(), text->index[0]) ==
                     static_cast<ptrdiff_t>(text->index.size());
}

OwnedBatch::OwnedBatch(std::string log_id, uint64_t first_leaf, uint32_t extra_records,
                       std::vector<PlainEffect> effects, int64_t accepted_time_us)
    : OwnedBatch(std::move(log_id), first_leaf,
                 extra_records + static_cast<uint32_t>(effects.size()),
                 Numbered(effects, first_leaf + extra_records), {}, accepted_time_us) {}

OwnedBatch::OwnedBatch(std::string log_id, uint64_t first_leaf, uint32_t records,
                       std::vector<PlainEffect> effects, std::vector<EffectCopy> copies,
                       int64_t accepted_time_us)
    : effects_(std::move(effects)), copies_(std::move(copies)) {
  const size_t n = effects_.size();
  batch_.log_id = std::move(log_id);
  batch_.first_leaf = first_leaf;
  batch_.record_count = records;
  batch_.accepted_time_us = accepted_time_us;
  batch_.size = n;
  for (size_t i = 0; i < n; ++i) {
    const PlainEffect& effect = effects_[i];
    kinds_.push_back(effect.kind);
    effective_.push_back(effect.leaf);
    times_.push_back(effect.time_us);
    amounts_.push_back(effect.amount);
    vouchers_.push_back(effect.voucher);
    quantities_.push_back(effect.quantity);
    pseudonyms_ += effect.pseudonym;
    pseudonym_index_.push_back(
        effect.pseudonym.empty() ? 0 : static_cast<uint32_t>(pseudonyms_.size() / 16));
  }
  batch_.kind = kinds_;
  batch_.copies = copies_;
  if (n < records) batch_.effective_index = effective_;
  batch_.event_time_us = times_;
  batch_.amount = amounts_;
  const auto any = [](const std::vector<int64_t>& values) {
    return std::any_of(values.begin(), values.end(), [](int64_t value) { return value != 0; });
  };
  if (any(vouchers_)) batch_.voucher = vouchers_;
  if (any(quantities_)) batch_.quantity = quantities_;
  if (!pseudonyms_.empty()) {
    batch_.pseudonyms = pseudonyms_;
    batch_.pseudonym_index = pseudonym_index_;
  }
  for (int f = 0; f < kFieldCount; ++f) {
    if (f == static_cast<int>(Field::kKind)) continue;
    Fill([f](const PlainEffect& e) -> std::string_view { return e.fields[f]; }, &fields_[f],
         &batch_.fields[f]);
  }
  Fill([](const PlainEffect& e) -> std::string_view { return e.order; }, &order_, &batch_.order);
}

RandomWorld::RandomWorld(uint64_t seed) : random_(seed) {
  for (uint64_t& size : vocabulary_) size = Chance(25) ? 0 : 1 + Below(Chance(10) ? 300 : 9);
  vocabulary_[static_cast<int>(Field::kSource)] = 1 + Below(3);
  months_ = 1 + Below(Chance(20) ? 40 : 5);
  consumers_ = 1 + Below(Chance(30) ? 4 : 300);
  orders_ = 1 + Below(Chance(30) ? 4 : 200);
  start_us_ = (static_cast<int64_t>(Below(20'000)) - 10'000) * kDayUs;
  const int64_t steps[] = {1, 1000, kMicrosPerSecond, 60 * kMicrosPerSecond, kDayUs};
  step_us_ = steps[Below(5)];
  amounts_ = static_cast<int>(Below(5));
  negative_percent_ = Chance(50) ? 0 : static_cast<int>(Below(30));
  copy_percent_ = Chance(50) ? 0 : static_cast<int>(Below(30));
}

int64_t RandomWorld::RandomTime() {
  const uint64_t range = months_ * 30 * static_cast<uint64_t>(kDayUs);
  return start_us_ + FloorDiv(static_cast<int64_t>(Below(range)), step_us_) * step_us_;
}

int64_t RandomWorld::RandomAmount() {
  switch (amounts_) {
    case 0:
      return 1 + static_cast<int64_t>(Below(5));
    case 1:
      return 1 + static_cast<int64_t>(Below(100'000));
    case 2:
      return static_cast<int64_t>(Below(uint64_t{1} << (1 + Below(50))));
    case 3:
      return Chance(2) ? INT64_MAX - static_cast<int64_t>(Below(3))
                       : static_cast<int64_t>(Below(1000));
    default:
      return static_cast<int64_t>(Below(uint64_t{1} << 62)) -
             (int64_t{1} << (Chance(50) ? 61 : 10));
  }
}

PlainEffect RandomWorld::RandomEffect() {
  PlainEffect effect;
  effect.kind =
      Chance(75) ? EffectKind::kPurchase : static_cast<EffectKind>(Below(kEffectKindCount));
  effect.time_us = RandomTime();
  if (effect.kind != EffectKind::kServiceUse) effect.amount = RandomAmount();
  if (Chance(20)) effect.voucher = 1 + static_cast<int64_t>(Below(50));
  if (Chance(50)) effect.quantity = static_cast<int64_t>(Below(9));
  for (int f = 0; f < kFieldCount; ++f) {
    if (vocabulary_[f] != 0 && !Chance(15))
      effect.fields[f] = absl::StrCat("f", f, "-", Below(vocabulary_[f]));
  }
  if (Chance(60)) effect.order = absl::StrCat("order-", Below(orders_));
  if (Chance(70)) {
    effect.pseudonym = absl::StrCat(Below(consumers_));
    effect.pseudonym.resize(16, '.');
  }
  return effect;
}

// Of two events already met, as another kind and in either's period.
EffectCopy RandomWorld::RandomCopy() {
  return {.effective = leaf_,
          .kind = static_cast<EffectKind>(Below(kEffectKindCount)),
          .event_leaf = own_[Below(own_.size())],
          .fields_leaf = own_[Below(own_.size())],
          .time_of_fields = Chance(50)};
}

std::unique_ptr<OwnedBatch> RandomWorld::NextBlock(size_t max_effects) {
  std::vector<PlainEffect> effects;
  std::vector<EffectCopy> copies;
  const uint64_t first = leaf_;
  const bool mark = Chance(30);
  if (mark) ++leaf_;
  for (size_t i = 0, n = Below(max_effects + 1); i < n; ++i, ++leaf_) {
    if (Chance(copy_percent_) && !own_.empty()) {
      // An own effect with another's fields.
      copies.push_back(RandomCopy());
      EffectCopy& copy = copies.back();
      copy.own = true;
      copy.time_of_fields = false;
      copy.event_leaf = leaf_;
      copy.facts = {RandomTime(), RandomAmount(), static_cast<int64_t>(Below(9)), 3};
    } else if (!Chance(negative_percent_)) {
      effects.push_back(RandomEffect());
      effects.back().leaf = leaf_;
      if (negative_percent_ > 0) {
        open_.push_back({.kind = effects.back().kind, .event_leaf = leaf_, .fields_leaf = leaf_});
      }
    }
    if (((!copies.empty() && copies.back().effective == leaf_) ||
         (!effects.empty() && effects.back().leaf == leaf_))) {
      own_.push_back(leaf_);
    }
    while (!own_.empty() && Chance(copy_percent_)) {
      copies.push_back(RandomCopy());
      open_.push_back(copies.back());
    }
    while (!open_.empty() && Chance(negative_percent_)) {
      const size_t victim = Below(open_.size());
      copies.push_back(open_[victim]);
      copies.back().effective = leaf_;
      copies.back().negative = true;
      open_[victim] = open_.back();
      open_.pop_back();
    }
  }
  if (leaf_ == first) ++leaf_;
  auto block = std::make_unique<OwnedBatch>(kLogId, first, static_cast<uint32_t>(leaf_ - first),
                                            std::move(effects), std::move(copies), accepted_);
  if (mark) block->batch().catalog_marks.push_back({first, 1 + first, HashOf(first)});
  accepted_ += static_cast<int64_t>(Below(3));
  return block;
}

std::vector<TimeSlice> RandomWorld::RandomSlices(uint32_t periods, uint32_t mappings) {
  const int64_t grains[] = {1,
                            kMicrosPerSecond,
                            1000 * kMicrosPerSecond,
                            3600 * kMicrosPerSecond,
                            kDayUs,
                            7 * kDayUs,
                            30 * kDayUs,
                            366 * kDayUs};
  const int64_t grain = grains[Below(8)];
  std::vector<int64_t> bounds;
  for (uint64_t i = 0, n = 2 + Below(Chance(20) ? 80 : 8); i < n; ++i) {
    bounds.push_back(FloorDiv(RandomTime(), grain) * grain);
  }
  if (Chance(30)) bounds.push_back(start_us_ - kDayUs);
  if (Chance(30)) bounds.push_back(start_us_ + 60 * static_cast<int64_t>(months_) * kDayUs);
  if (Chance(30)) bounds.push_back(UtcMonthStart(UtcMonthOf(RandomTime())) * kMicrosPerSecond);
  std::sort(bounds.begin(), bounds.end());
  std::vector<TimeSlice> slices;
  for (size_t i = 1; i < bounds.size(); ++i) {
    if (bounds[i - 1] == bounds[i] || Chance(15)) continue;
    slices.push_back({bounds[i - 1], bounds[i], static_cast<uint32_t>(Below(periods)),
                      static_cast<uint32_t>(Below(mappings))});
  }
  if (slices.empty()) slices.push_back({start_us_, start_us_ + 100 * kDayUs, 0, 0});
  return slices;
}

std::vector<std::shared_ptr<const GroupTable>> RandomWorld::RandomTables(size_t codes,
                                                                         uint32_t groups,
                                                                         uint32_t mappings,
                                                                         int dropped_percent) {
  std::vector<std::shared_ptr<const GroupTable>> tables;
  const auto group = [&] {
    return Chance(dropped_percent) ? kDropped : static_cast<uint32_t>(Below(groups));
  };
  for (uint32_t m = 0; m < mappings; ++m) {
    auto table = std::make_shared<GroupTable>();
    table->beyond = group();
    for (size_t i = 0, n = Chance(20) ? Below(codes + 1) : codes; i < n; ++i)
      table->groups.push_back(group());
    tables.push_back(std::move(table));
  }
  return tables;
}

EngineQuery RandomWorld::Query(const StatStore& store) {
  EngineQuery query;
  query.log_size = Chance(50) ? store.folded_size() : Below(store.folded_size() + 1);
  query.period_count = 1 + static_cast<uint32_t>(Below(Chance(20) ? 60 : 6));
  const uint32_t mappings = 1 + static_cast<uint32_t>(Below(3));
  query.slices = RandomSlices(query.period_count, mappings);
  const auto field = [&] { return static_cast<Field>(Below(kFieldCount)); };
  for (uint64_t i = 0, n = Below(4); i < n; ++i) {
    Grouping grouping{
        .field = field(), .tables = {}, .group_count = 1 + static_cast<uint32_t>(Below(12))};
    grouping.tables = RandomTables(store.Codes(grouping.field)->size(), grouping.group_count,
                                   mappings, Chance(50) ? 0 : 20);
    query.groupings.push_back(std::move(grouping));
  }
  for (uint64_t i = 0, n = Below(3); i < n; ++i) {
    CodeFilter filter{
        .field = Chance(40) ? (Chance(50) ? Field::kConsumerRegion : Field::kCategory) : field(),
        .tables = {}};
    filter.tables =
        RandomTables(store.Codes(filter.field)->size(), 1, mappings, Chance(50) ? 70 : 20);
    query.filters.push_back(std::move(filter));
  }
  if (Chance(20)) {
    OrderFilter filter{.orders = {}, .unknown = Chance(30), .exclude = Chance(40)};
    for (uint64_t i = 0, n = Below(5); i < n; ++i)
      filter.orders.push_back(absl::StrCat("order-", Below(orders_)));
    query.order_filters.push_back(std::move(filter));
  }
  for (int a = 0; a < kAggregateCount; ++a) {
    if (Chance(40)) query.aggregates.push_back(static_cast<Aggregate>(a));
  }
  std::shuffle(query.aggregates.begin(), query.aggregates.end(), random_);
  for (uint64_t i = 0, n = Chance(40) ? 1 + Below(4) : 0; i < n; ++i) {
    query.quantiles.push_back(Chance(20) ? 10'000 : 1 + static_cast<uint32_t>(Below(10'000)));
  }
  for (CodeId source = 1; source < store.Codes(Field::kSource)->size(); ++source) {
    if (Chance(10)) query.unseen_sources.push_back(source);
  }
  for (uint64_t i = 0, n = Chance(25) ? 1 + Below(5) : 0; i < n; ++i)
    query.origin_bounds.push_back(FloorDiv(RandomTime(), kOriginGrainUs) * kOriginGrainUs);
  std::sort(query.origin_bounds.begin(), query.origin_bounds.end());
  query.origin_bounds.erase(std::unique(query.origin_bounds.begin(), query.origin_bounds.end()),
                            query.origin_bounds.end());
  if (Chance(5)) query.max_cells = 1 + Below(20);
  return query;
}

}  // namespace tidemark::analytics
