#include "services/analytics/testing/world.h"

#include <algorithm>
#include <array>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "services/analytics/domain/effect_batch.h"
#include "services/analytics/query/vocabulary.h"

namespace tidemark::analytics::testing {
namespace {

constexpr int64_t kDay = 86'400'000'000;

class Maker {
 public:
  Maker(uint64_t seed, const std::string& zone) : random_(seed), calendar_(zone) {
    world_.zone = zone;
    world_.log_id = absl::StrFormat("%032x", seed);
    world_.currency = Chance(50) ? "CNY" : "GBP";
    world_.scale = static_cast<int>(Below(5));
    constexpr int kFiscalStarts[] = {1, 4, 7, 11};
    world_.fiscal_start_month = kFiscalStarts[seed % 4];
    // Where the tables of the naive calendar are complete.
    world_.observatory_start = {zone == "Pacific/Apia" ? 2011 : 2015, 1, 1};
    if (zone == "Pacific/Apia") world_.observatory_start = {2011, 6, 1};
  }

  World Make(size_t events) {
    span_days_ = world_.zone == "Pacific/Apia" ? 700 : 1500;
    MakeCatalog();
    const int64_t start = calendar_.StartOfDay(DayNumber(world_.observatory_start));
    // Events are accepted up to some point; sources and periods go on after it.
    const int64_t last = start + span_days_ * kDay;
    world_.accepted_us = {start + kDay};
    for (size_t i = 0; i < events; ++i) {
      AddEvent(start, last);
      if (Chance(3)) TakeBack();
    }
    // The log was accepted in the last part of the span and a little beyond.
    const int64_t first_accepted = last - 200 * kDay;
    const auto leaves = static_cast<int64_t>(world_.accepted_us.size());
    for (uint64_t leaf = 0; leaf < world_.accepted_us.size();) {
      const uint64_t end = std::min<uint64_t>(world_.accepted_us.size(), leaf + 1 + Below(64));
      const int64_t accepted = first_accepted + static_cast<int64_t>(leaf) * 250 * (kDay / leaves);
      for (; leaf < end; ++leaf) world_.accepted_us[leaf] = accepted;
      world_.block_ends.push_back(end);
    }
    return std::move(world_);
  }

 private:
  uint64_t Below(uint64_t n) { return random_() % n; }
  bool Chance(uint64_t percent) { return Below(100) < percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& list) {
    return list[Below(list.size())];
  }

  NaiveDate Later(int days) { return DateOf(DayNumber(world_.observatory_start) + days); }

  void MakeCatalog() {
    world_.regions = {{"earth", 1, ""},
                      {"europe", 2, "earth"},
                      {"cn", 3, "earth"},
                      {"gb", 3, "europe"},
                      // A municipality: a province and a city.
                      {"cn-31", 4, "cn", "", {}, 5},
                      {"cn-32", 4, "cn"},
                      {"cn-33", 4, "cn"},
                      {"cn-3201", 5, "cn-32"},
                      {"cn-3301", 5, "cn-33"},
                      {"cn-3302", 5, "cn-33"},
                      {"cn-330102", 6, "cn-3301"},
                      {"cn-330106", 6, "cn-3301"},
                      // A county right below its province.
                      {"cn-339001", 6, "cn-33"},
                      {"cn-330282", 6, "cn-3302"},
                      {"cn-310115", 6, "cn-31"},
                      {"cn-330282-01", 7, "cn-330282"},
                      // A city and its county that became others, one after the other.
                      {"cn-3309", 5, "cn-33", "cn-3302", Later(180)},
                      {"cn-330901", 6, "cn-3309", "cn-330902", Later(90)},
                      {"cn-330902", 6, "cn-3309", "cn-330282", Later(320)},
                      {"cn-330903", 6, "cn-3309"}};
    world_.groups = {
        {"delta", {{"regions/cn-31", {}, {}}, {"regions/cn-3302", Later(200), {}}}, 0},
        {"pilots",
         {{"regions/cn-330106", Later(100), Later(500)},
          {"regions/cn-3201", {}, Later(400)},
          {"regions/gb", Later(350), Later(351)},
          {"regions/cn-3309", Later(50), Later(260)}},
         9},
        {"nested",
         {{"regionGroups/pilots", Later(300), {}}, {"regions/cn-3301", {}, Later(450)}},
         0}};
    world_.categories = {{"goods", "", "goods"},
                         {"services", "", "services"},
                         {"food", "goods", "goods"},
                         {"clothes", "goods", "mixed"},
                         {"travel", "services", "services"},
                         {"fruit", "food", "goods"},
                         {"tea", "food", ""},
                         {"green-tea", "tea", "goods"}};
    world_.providers = {
        {"seller-0", {{"", "seller 0"}}, {{"providers/great", Later(100), Later(300)}}, ""},
        {"seller-1",
         {{"shop-a", "seller 1"}},
         {{"organisations/union", {}, Later(200)}, {"providers/great", Later(200), {}}},
         ""},
        // What another shop calls so is somebody else.
        {"seller-2", {{"shop-b", "seller 1"}, {"", "seller 2"}}, {}, ""},
        {"great", {}, {{"organisations/union", Later(400), {}}}, "organisations/great"}};
    world_.sources = {{"shop-a", true, world_.observatory_start, Later(900)},
                      {"shop-b", true, Later(150), {}},
                      {"shop-c", true, Later(40), Later(41 + static_cast<int>(Below(300)))},
                      // After shop-c with a gap.
                      {"shop-d", true, Later(span_days_ * 2 / 3), Later(span_days_ * 2 / 3 + 80)},
                      {"trial", false, world_.observatory_start, {}}};
  }

  // Shared by all sources: some are seen first in the TEST one.
  std::string Pseudonym() { return absl::StrFormat("consumer%08d", Below(40)); }

  void AddFields(WorldEvent* event) {
    const auto set = [&](const char* name, uint64_t percent, std::string code) {
      if (Chance(percent)) event->fields[name] = std::move(code);
    };
    set("consumer_region", 90, Pick(world_.regions).id);
    set("provider_region", 70, Pick(world_.regions).id);
    set("place_of_use", 30, Pick(world_.regions).id);
    set("category", 85, Pick(world_.categories).id);
    set("product", 80, absl::StrCat("p", Below(12)));
    set("provider", 80, Chance(10) ? "商家" : absl::StrCat("seller ", Below(4)));
    set("payment_method", 60, Pick<std::string>({"card", "wallet", "unknown", "a\"b"}));
    set("age_band", 60, Pick<std::string>({"0-17", "18-59", "60+"}));
    set("income_band", 20, Pick<std::string>({"low", "high"}));
    set("scenario", 20, Pick<std::string>({"smart-home", "travel"}));
    set("project", 10, "demo-1");
    set("activity", 15, Pick<std::string>({"double-11", "618"}));
    for (const char* name : {"segment", "channel", "area_type", "reporting_role"}) {
      const auto values = FindDimension(name)->values;
      set(name, 75, std::string(values[Below(values.size())]));
    }
  }

  int64_t Time(int64_t start, int64_t last) {
    // Crowds around a few days, so that cells repeat and hours and weeks have neighbours.
    static constexpr int kCrowds = 7;
    if (crowds_.empty()) {
      for (int i = 0; i < kCrowds; ++i)
        crowds_.push_back(static_cast<int64_t>(Below(static_cast<uint64_t>(span_days_))));
      // The last days of the years and 29 February.
      for (const NaiveDate date : {NaiveDate{2015, 12, 31}, NaiveDate{2016, 2, 29},
                                   NaiveDate{2016, 12, 31}, NaiveDate{2011, 12, 30}}) {
        crowds_.push_back(
            std::max<int64_t>(0, DayNumber(date) - DayNumber(world_.observatory_start)));
      }
    }
    if (Chance(40)) return start + static_cast<int64_t>(Below(static_cast<uint64_t>(last - start)));
    int64_t time = start + Pick(crowds_) * kDay + static_cast<int64_t>(Below(3 * kDay));
    if (Chance(30)) time += 365 * kDay;
    if (Chance(5))
      time = calendar_.StartOfDay(calendar_.DayAt(time)) - static_cast<int64_t>(Below(2));
    return std::clamp(time, start, last - 1);
  }

  void AddEvent(int64_t start, int64_t last) {
    WorldEvent event;
    event.leaf = world_.accepted_us.size();
    world_.accepted_us.push_back(0);
    const uint64_t kind = Below(100);
    event.kind = kind < 70   ? WorldKind::kPurchase
                 : kind < 76 ? WorldKind::kLinkedRefund
                 : kind < 78 ? WorldKind::kPendingRefund
                 : kind < 80 ? WorldKind::kVoidRefund
                 : kind < 88 ? WorldKind::kUnlinkedRefund
                             : WorldKind::kUse;
    event.time_us = Time(start, last);
    if (event.kind != WorldKind::kUse) {
      event.amount = static_cast<int64_t>(Chance(20) ? 500 : 1 + Below(100'000));
      event.voucher =
          Chance(20) ? static_cast<int64_t>(Below(static_cast<uint64_t>(event.amount))) : 0;
    }
    event.quantity = Chance(70) ? static_cast<int64_t>(Below(5)) : 0;
    const std::string source = Pick(world_.sources).id;
    event.fields["source"] = source;
    event.fields["kind"] = event.kind == WorldKind::kPurchase ? "purchase"
                           : event.kind == WorldKind::kUse    ? "service_use"
                                                              : "refund";
    if (Chance(70)) event.order = absl::StrCat("o", Below(60));
    if (Chance(75)) {
      event.pseudonym = Pseudonym();
      event.fields["consumer_scheme"] = Chance(50) ? "account" : "e164";
    }
    AddFields(&event);
    world_.events.push_back(std::move(event));
    if (world_.events.back().kind == WorldKind::kLinkedRefund) AddCohort();
  }

  // Of the last event.
  void AddCohort() {
    WorldEvent& refund = world_.events.back();
    WorldEvent& original = world_.events[Below(world_.events.size())];
    if (original.kind != WorldKind::kPurchase || original.taken_back) return;
    original.has_refund = true;
    // It takes every dimension and its consumer from its original.
    refund.original = original.leaf;
    refund.fields = original.fields;
    refund.fields["kind"] = "refund";
    refund.order = original.order;
    refund.pseudonym = original.pseudonym;
    WorldEvent cohort = original;
    cohort.kind = WorldKind::kCohort;
    cohort.fields["kind"] = "refund";
    cohort.leaf = refund.leaf;
    cohort.original = original.leaf;
    cohort.amount = refund.amount;
    world_.events.push_back(std::move(cohort));
  }

  void TakeBack() {
    const size_t at = Below(world_.events.size());
    WorldEvent& event = world_.events[at];
    if (event.taken_back || event.has_refund || event.kind == WorldKind::kCohort) return;
    event.taken_back = world_.accepted_us.size();
    const bool has_cohort =
        at + 1 < world_.events.size() && world_.events[at + 1].leaf == event.leaf;
    if (has_cohort) world_.events[at + 1].taken_back = event.taken_back;
    world_.accepted_us.push_back(0);
  }

  std::mt19937_64 random_;
  const NaiveCalendar calendar_;
  World world_;
  std::vector<int64_t> crowds_;
  int span_days_ = 0;
};

void SetValidity(const std::optional<NaiveDate>& start, const std::optional<NaiveDate>& end,
                 type::v1::Validity* validity) {
  if (start)
    catalog_client::SetDate({start->year, start->month, start->day}, validity->mutable_start());
  if (end) catalog_client::SetDate({end->year, end->month, end->day}, validity->mutable_end());
}

// One record of the log that carries an effect.
struct Row {
  uint64_t leaf;
  const WorldEvent* event;
  int8_t sign;
};

// The columns of a block.
class BlockMaker {
 public:
  BlockMaker(const World& world, uint64_t first, uint64_t end) : world_(world) {
    batch_.log_id = world.log_id;
    batch_.first_leaf = first;
    batch_.record_count = static_cast<uint32_t>(end - first);
    batch_.accepted_time_us = world.accepted_us[end - 1];
    if (first == 0) batch_.catalog_marks.push_back({0, 1});
  }

  void Add(const Row& row) {
    const WorldEvent& event = *row.event;
    static constexpr EffectKind kKinds[] = {EffectKind::kPurchase,       EffectKind::kRefund,
                                            EffectKind::kUnlinkedRefund, EffectKind::kServiceUse,
                                            EffectKind::kPendingRefund,  EffectKind::kVoidRefund,
                                            EffectKind::kCohortRefund};
    const EffectKind kind = kKinds[static_cast<int>(event.kind)];
    const bool cohort = event.kind == WorldKind::kCohort;
    const bool own = event.original != 0 && !cohort && row.sign > 0;
    if (row.sign < 0 || cohort || own) {
      copies_.push_back({.effective = row.leaf,
                         .kind = kind,
                         .negative = row.sign < 0,
                         .own = own,
                         .event_leaf = event.leaf,
                         .fields_leaf = event.original != 0 ? event.original : event.leaf,
                         .time_of_fields = cohort});
      if (own) {
        copies_.back().facts = {.event_time_us = event.time_us,
                                .amount = event.amount,
                                .voucher = event.voucher,
                                .quantity = event.quantity};
      }
      return;
    }
    leaf_.push_back(row.leaf);
    kind_.push_back(kind);
    time_.push_back(event.time_us);
    amount_.push_back(event.amount);
    voucher_.push_back(event.voucher);
    quantity_.push_back(event.quantity);
    for (const DimensionWord& word : DimensionWords()) {
      if (word.field == Field::kKind) continue;
      const auto it = event.fields.find(std::string(word.name));
      Column& column = fields_[static_cast<int>(word.field)];
      column.Add(it == event.fields.end() ? nullptr : &it->second);
    }
    order_.Add(event.order ? &*event.order : nullptr);
    pseudonym_.push_back(
        event.pseudonym.empty() ? 0 : 1 + static_cast<uint32_t>(pseudonyms_.size() / 16));
    pseudonyms_ += event.pseudonym;
  }

  const EffectBatch& Finish() {
    batch_.size = kind_.size();
    batch_.effective_index = leaf_;
    batch_.copies = copies_;
    batch_.kind = kind_;
    batch_.event_time_us = time_;
    batch_.amount = amount_;
    batch_.voucher = voucher_;
    batch_.quantity = quantity_;
    for (int f = 0; f < kFieldCount; ++f) {
      if (static_cast<Field>(f) != Field::kKind) batch_.fields[f] = fields_[f].View();
    }
    batch_.order = order_.View();
    batch_.pseudonyms = pseudonyms_;
    batch_.pseudonym_index = pseudonym_;
    return batch_;
  }

 private:
  struct Column {
    std::vector<std::string_view> entries = {""};
    std::vector<uint32_t> index;
    void Add(const std::string* text) {
      index.push_back(text == nullptr ? 0 : static_cast<uint32_t>(entries.size()));
      if (text != nullptr) entries.push_back(*text);
    }
    TextColumn View() const { return {entries, index}; }
  };
  const World& world_;
  EffectBatch batch_;
  std::vector<uint64_t> leaf_;
  std::vector<EffectCopy> copies_;
  std::vector<EffectKind> kind_;
  std::vector<int64_t> time_, amount_, voucher_, quantity_;
  std::array<Column, kFieldCount> fields_;
  Column order_;
  std::string pseudonyms_;
  std::vector<uint32_t> pseudonym_;
};

}  // namespace

World WithoutSuccessors(World world) {
  for (WorldRegion& region : world.regions) {
    region.successor.clear();
    region.succeeded.reset();
  }
  return world;
}

World WithoutChanges(World world) {
  for (WorldGroup& group : world.groups) {
    for (WorldMember& member : group.members) {
      member.start.reset();
      member.end.reset();
    }
  }
  return WithoutSuccessors(std::move(world));
}

World MakeWorld(uint64_t seed, size_t events, const std::string& zone) {
  return Maker(seed, zone).Make(events);
}

// By WorldRegion::level.
constexpr catalog_client::RegionLevel kRegionLevels[] = {
    catalog_client::RegionLevel::kUnspecified,   catalog_client::RegionLevel::kWorld,
    catalog_client::RegionLevel::kSupranational, catalog_client::RegionLevel::kNation,
    catalog_client::RegionLevel::kProvince,      catalog_client::RegionLevel::kCity,
    catalog_client::RegionLevel::kCounty,        catalog_client::RegionLevel::kTownship};

void WriteCatalog(const World& world, catalog_client::CatalogBuilder* catalog) {
  const NaiveDate start = world.observatory_start;
  catalog
      ->Observatory(world.zone, {start.year, start.month, start.day}, world.currency,
                    static_cast<uint32_t>(world.scale))
      .set_fiscal_start_month(static_cast<uint32_t>(world.fiscal_start_month));
  for (const WorldRegion& region : world.regions) {
    auto& made = catalog->Region(region.id, kRegionLevels[region.level], region.parent);
    made.set_lowest_level(
        static_cast<catalog::v1::RegionLevel>(kRegionLevels[region.lowest_level]));
    if (region.successor.empty()) continue;
    auto& successor = *made.add_successors();
    successor.set_region("regions/" + region.successor);
    successor.mutable_date()->set_year(region.succeeded->year);
    successor.mutable_date()->set_month(region.succeeded->month);
    successor.mutable_date()->set_day(region.succeeded->day);
    successor.set_basis(catalog::v1::CROSSWALK_BASIS_WHOLE);
  }
  for (const WorldCategory& category : world.categories) {
    catalog->Category(category.id, category.parent)
        .set_nature(category.nature == "goods"      ? catalog::v1::CATEGORY_NATURE_GOODS
                    : category.nature == "services" ? catalog::v1::CATEGORY_NATURE_SERVICES
                    : category.nature == "mixed"    ? catalog::v1::CATEGORY_NATURE_MIXED
                                                    : catalog::v1::CATEGORY_NATURE_UNSPECIFIED);
  }
  for (const WorldProvider& provider : world.providers) {
    catalog::v1::Provider& made = *catalog->Put("providers/" + provider.id).mutable_provider();
    made.set_organisation(provider.organisation);
    for (const WorldProviderCode& code : provider.codes) {
      auto& added = *made.add_codes();
      if (!code.source.empty()) added.set_source("sources/" + code.source);
      added.set_code(code.code);
    }
    for (const WorldMember& holding : provider.holdings) {
      auto& added = *made.add_holdings();
      added.set_holding(holding.member);
      SetValidity(holding.start, holding.end, added.mutable_valid());
    }
  }
  for (const WorldGroup& group : world.groups) {
    auto& made = catalog->Group(group.id);
    made.set_declared_count(group.declared_count);
    for (const WorldMember& member : group.members) {
      auto& added = *made.add_members();
      added.set_member(member.member);
      SetValidity(member.start, member.end, added.mutable_valid());
    }
  }
  for (const WorldSource& source : world.sources) {
    auto& made = catalog->Source(source.id, source.live ? catalog_client::SourceKind::kLive
                                                        : catalog_client::SourceKind::kTest);
    SetValidity(source.start, source.end, made.mutable_reports());
  }
  for (const char* scheme : {"account", "e164"}) {
    catalog->Scheme(scheme, catalog_client::SchemeClass::kAccount,
                    catalog_client::Normalisation::kNone);
  }
  catalog->Commit();
}

absl::Status FoldInto(const World& world, uint64_t log_size, StatStore* store) {
  std::vector<Row> rows;
  for (const WorldEvent& event : world.events) {
    rows.push_back({event.leaf, &event, 1});
    if (event.taken_back) rows.push_back({*event.taken_back, &event, -1});
  }
  std::stable_sort(rows.begin(), rows.end(),
                   [](const Row& a, const Row& b) { return a.leaf < b.leaf; });
  size_t row = 0;
  uint64_t first = 0;
  for (const uint64_t end : world.block_ends) {
    if (end > log_size) break;
    BlockMaker block(world, first, end);
    for (; row < rows.size() && rows[row].leaf < end; ++row) block.Add(rows[row]);
    if (first >= store->folded_size()) {
      const absl::Status status = store->Append(block.Finish());
      if (!status.ok()) return status;
    }
    first = end;
  }
  return absl::OkStatus();
}

}  // namespace tidemark::analytics::testing
