#include "tests/bench/recount_tables.h"

#include <algorithm>

#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::bench {
namespace {

using ingest::v1::Event;

constexpr int64_t kHourUs = 3'600'000'000;

// Every part is below 2^21: codes, area types, months and quarters since year 0.
uint64_t Key(uint64_t first, uint64_t second, uint64_t third = 0) {
  return first << 42 | second << 21 | third;
}
uint64_t Part(uint64_t key, int number) { return key >> (42 - 21 * number) & 0x1fffff; }

std::string MonthName(uint64_t month) {
  return absl::StrFormat("%04d-%02d", month / 12, month % 12 + 1);
}
std::string QuarterName(uint64_t quarter) {
  return absl::StrFormat("%04d-Q%d", quarter / 4, quarter % 4 + 1);
}
const char* AreaName(uint64_t area) {
  return area == 0 ? "UNKNOWN" : area == 1 ? "urban" : "rural";
}

// Nearest rank: number ceil(q * n / 10,000), from 1.
int64_t Quantile(const std::vector<int64_t>& sorted, uint64_t ten_thousandths) {
  return sorted[(ten_thousandths * sorted.size() + 9'999) / 10'000 - 1];
}

void Count(Cell* cell, int64_t amount) {
  cell->amount += amount;
  ++cell->events;
}

}  // namespace

RecountTables::RecountTables(absl::TimeZone zone, absl::CivilDay day, std::string region)
    : zone_(zone),
      day_(static_cast<int32_t>(day - absl::CivilDay(1970, 1, 1))),
      region_(NumberOf(region)) {}

uint32_t RecountTables::NumberOf(const std::string& text) {
  const auto [it, added] = numbers_.try_emplace(text, static_cast<uint32_t>(texts_.size()));
  if (added) texts_.push_back(text);
  return it->second;
}

const RecountTables::Hour& RecountTables::HourOf(int64_t time_us) {
  const auto [it, added] = hours_.try_emplace(time_us / kHourUs);
  if (added) {
    const auto civil = absl::ToCivilDay(absl::FromUnixMicros(time_us), zone_);
    const auto year = static_cast<int32_t>(civil.year());
    it->second = {static_cast<int32_t>(civil - absl::CivilDay(1970, 1, 1)),
                  year * 12 + civil.month() - 1, year * 4 + (civil.month() - 1) / 3, year};
  }
  return it->second;
}

void RecountTables::Add(const Event& event) {
  const Hour& hour = HourOf(event.event_time_us());
  const bool refund = event.kind() == ingest::v1::EVENT_KIND_REFUND;
  const int64_t amount = refund ? -event.amount() : event.amount();
  const uint64_t region = NumberOf(event.consumer_region());
  const uint64_t category = NumberOf(event.category());
  ++events_;
  Count(refund ? &refunds_ : &gross_, event.amount());
  Count(&by_month_region_[Key(hour.month, region)], amount);
  Count(&by_year_category_[Key(hour.year, category)], amount);
  Count(&by_flow_[Key(region, NumberOf(event.provider_region()))], amount);
  if (hour.day == day_ && region == region_) Count(&day_by_category_[category], amount);
  if (!refund) AddPurchaseLine(event, hour, category);
}

void RecountTables::AddPurchaseLine(const Event& event, const Hour& hour, uint64_t category) {
  amounts_[category].push_back(event.amount());
  Count(&by_line_[Key(hour.quarter, NumberOf(event.age_band()), event.area_type())],
        event.amount());
  if (!event.has_consumer()) return;
  const auto [it, added] = consumer_numbers_.try_emplace(
      event.consumer().id(), static_cast<uint32_t>(consumer_numbers_.size()));
  auto& [met, count] = consumers_[Key(hour.month, event.area_type())];
  if (it->second >= met.size()) met.resize(it->second + 1 + met.size());
  if (!met[it->second]) ++count;
  met[it->second] = true;
}

void RecountTables::PrintQuantiles(std::ostream& out) {
  for (auto& [category, amounts] : amounts_) {
    std::sort(amounts.begin(), amounts.end());
    out << "quantiles\t" << texts_[category] << '\t' << Quantile(amounts, 5'000) << '\t'
        << Quantile(amounts, 9'500) << '\n';
  }
}

void RecountTables::Print(std::ostream& out) {
  const auto end = [&out](const Cell& cell) {
    out << '\t' << cell.amount << '\t' << cell.events << '\n';
  };
  out << "events\t" << events_ << "\ngross\t" << gross_.amount << "\npurchases\t" << gross_.events
      << "\nrefunds\t" << refunds_.amount << '\n';
  for (const auto& [key, cell] : by_month_region_) {
    out << "month_region\t" << MonthName(Part(key, 0)) << '\t' << texts_[Part(key, 1)];
    end(cell);
  }
  for (const auto& [key, cell] : by_year_category_) {
    out << "year_category\t" << Part(key, 0) << '\t' << texts_[Part(key, 1)];
    end(cell);
  }
  for (const auto& [key, cell] : by_flow_) {
    out << "flow\t" << texts_[Part(key, 0)] << '\t' << texts_[Part(key, 1)];
    end(cell);
  }
  for (const auto& [key, cell] : by_line_) {
    out << "line\t" << QuarterName(Part(key, 0)) << '\t' << texts_[Part(key, 1)] << '\t'
        << AreaName(Part(key, 2));
    end(cell);
  }
  for (const auto& [category, cell] : day_by_category_) {
    out << "day\t" << texts_[category];
    end(cell);
  }
  for (const auto& [key, met] : consumers_) {
    out << "consumers\t" << MonthName(Part(key, 0)) << '\t' << AreaName(Part(key, 1)) << '\t'
        << met.second << '\n';
  }
  PrintQuantiles(out);
}

}  // namespace tidemark::bench
