// Load rate, size and the eight questions of a year of dashboards over synthetic events, engine
// only.
//
//   engine_benchmark [effects] [folder] [repetitions]
//
// The events follow the generator that peers were measured with: 350 cities in 81 provinces
// (zipf 1.0), 60 categories, 2 M consumers, 100 k products, 24 months in order of arrival, 3 %
// refunds, lognormal amounts.
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <functional>
#include <memory>
#include <numeric>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/fs/file_system.h"
#include "services/analytics/store/run_store.h"
#include "services/analytics/store/utc_month.h"

namespace tidemark::analytics {
namespace {

constexpr int kCities = 350, kProvinces = 81, kCategories = 60, kProducts = 100'000,
              kBlock = 10'000;
constexpr uint64_t kConsumers = 2'000'000;
constexpr int32_t kFirstMonth = (2024 - 1970) * 12;

double Now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// CPU seconds of the calling thread, or of the process.
double CpuSeconds(clockid_t clock) {
  timespec time;
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Texts of a field and which of them each row has; as in a block, only those that occur are in the
// dictionary.
struct Texts {
  Texts(const char* prefix, int n) : position(n + 1), index(kBlock) {
    for (int i = 0; i < n; ++i) owned.push_back(absl::StrCat(prefix, i));
  }
  void Bind(TextColumn* column) {
    std::fill(position.begin(), position.end(), 0);
    entries.assign(1, {});
    for (uint32_t& text : index) {
      if (position[text] == 0) {
        position[text] = static_cast<uint32_t>(entries.size());
        entries.push_back(owned[text - 1]);
      }
      text = position[text];
    }
    *column = {entries, index};
  }
  std::vector<std::string> owned;
  std::vector<uint32_t> position;
  std::vector<std::string_view> entries;
  std::vector<uint32_t> index;  // 1 + number of the text; position in entries once bound
};

class Generator {
 public:
  explicit Generator(uint64_t effects) : effects_(effects) {
    std::vector<double> weights;
    for (int city = 0; city < kCities; ++city) weights.push_back(1.0 / (city + 1));
    city_ = std::discrete_distribution<uint32_t>(weights.begin(), weights.end());
    kinds_.resize(kBlock);
    times_.resize(kBlock);
    amounts_.resize(kBlock);
    quantities_.resize(kBlock);
    pseudonyms_.resize(kBlock * 16);
    pseudonym_index_.resize(kBlock);
    std::iota(pseudonym_index_.begin(), pseudonym_index_.end(), 1u);
  }

  const EffectBatch& Next(uint64_t first) {
    const int64_t start = UtcMonthStart(kFirstMonth) * kMicrosPerSecond;
    const int64_t end = UtcMonthStart(kFirstMonth + 24) * kMicrosPerSecond;
    const double span = static_cast<double>(end - start);
    for (int i = 0; i < kBlock; ++i) {
      const double arrival = span * static_cast<double>(first + i) / static_cast<double>(effects_);
      const int64_t late = static_cast<int64_t>(late_(random_) * 3600e6);
      times_[i] = std::max(start, start + static_cast<int64_t>(arrival) - late) / kMicrosPerSecond *
                  kMicrosPerSecond;
      kinds_[i] = Below(100) < 3 ? EffectKind::kUnlinkedRefund : EffectKind::kPurchase;
      amounts_[i] = std::max<int64_t>(1, std::llround(std::exp(amount_(random_))));
      quantities_[i] = 1 + Below(4);
      const uint64_t consumer = Below(kConsumers);
      const uint64_t key[2] = {consumer * 0x9E3779B97F4A7C15u, ~consumer * 0xD6E8FEB86659FD93u};
      std::memcpy(pseudonyms_.data() + 16 * i, key, 16);
      source_.index[i] = 1 + Below(8);
      const uint32_t city = city_(random_);
      region_.index[i] = 1 + city;
      provider_region_.index[i] = 1 + (Below(3) == 0 ? city_(random_) : city);
      category_.index[i] = 1 + Below(kCategories);
      product_.index[i] = 1 + Below(kProducts);
      age_.index[i] = 1 + Below(7);
      area_.index[i] = 1 + Below(2);
      channel_.index[i] = 1 + Below(3);
      payment_.index[i] = 1 + Below(6);
    }
    batch_.log_id = "0123456789abcdef0123456789abcdef";
    batch_.first_leaf = first;
    batch_.record_count = kBlock;
    batch_.accepted_time_us = static_cast<int64_t>(first);
    batch_.size = kBlock;
    batch_.kind = kinds_;
    batch_.event_time_us = times_;
    batch_.amount = amounts_;
    batch_.quantity = quantities_;
    batch_.pseudonyms = pseudonyms_;
    batch_.pseudonym_index = pseudonym_index_;
    const auto bind = [&](Texts& texts, Field field) {
      texts.Bind(&batch_.fields[static_cast<int>(field)]);
    };
    bind(source_, Field::kSource);
    bind(region_, Field::kConsumerRegion);
    bind(provider_region_, Field::kProviderRegion);
    bind(category_, Field::kCategory);
    bind(product_, Field::kProduct);
    bind(age_, Field::kAgeBand);
    bind(area_, Field::kAreaType);
    bind(channel_, Field::kChannel);
    bind(payment_, Field::kPaymentMethod);
    return batch_;
  }

 private:
  uint32_t Below(uint64_t n) { return static_cast<uint32_t>(random_() % n); }

  const uint64_t effects_;
  std::mt19937_64 random_{1};
  std::discrete_distribution<uint32_t> city_;
  std::exponential_distribution<double> late_{1.0 / 6};
  std::normal_distribution<double> amount_{8.5, 1.0};
  Texts source_{"source-", 8}, region_{"city-", kCities}, provider_region_{"city-", kCities},
      category_{"category-", kCategories}, product_{"product-", kProducts}, age_{"age-", 7},
      area_{"area-", 2}, channel_{"channel-", 3}, payment_{"payment-", 6};
  std::vector<EffectKind> kinds_;
  std::vector<int64_t> times_, amounts_, quantities_;
  std::string pseudonyms_;
  std::vector<uint32_t> pseudonym_index_;
  EffectBatch batch_;
};

// A table from the number in the text after the last dash to a group.
std::shared_ptr<const GroupTable> Table(const RunStore& store, Field field,
                                        const std::function<uint32_t(int)>& group) {
  auto table = std::make_shared<GroupTable>();
  const auto codes = store.Codes(field);
  for (const std::string& text : *codes) {
    table->groups.push_back(
        text.empty() ? kDropped : group(std::atoi(text.substr(text.rfind('-') + 1).c_str())));
  }
  return table;
}

Grouping By(const RunStore& store, Field field, uint32_t groups,
            const std::function<uint32_t(int)>& group) {
  return {field, {Table(store, field, group)}, groups};
}

CodeFilter Only(const RunStore& store, Field field, int wanted) {
  return {field, {Table(store, field, [wanted](int n) { return n == wanted ? 0 : kDropped; })}};
}

EngineQuery Months(const RunStore& store, int per_period) {
  EngineQuery query;
  query.log_size = store.folded_size();
  for (int32_t m = 0; m < 24; ++m) {
    query.slices.push_back({UtcMonthStart(kFirstMonth + m) * kMicrosPerSecond,
                            UtcMonthStart(kFirstMonth + m + 1) * kMicrosPerSecond,
                            static_cast<uint32_t>(m / per_period), 0});
  }
  query.period_count = static_cast<uint32_t>(23 / per_period + 1);
  query.aggregates = {Aggregate::kGross, Aggregate::kRefunds, Aggregate::kEvents};
  return query;
}

struct Question {
  const char* name;
  double target_ms;
  EngineQuery query;
};

std::vector<Question> Questions(const RunStore& store) {
  const auto same = [](int n) { return static_cast<uint32_t>(n); };
  const auto province = [](int n) { return static_cast<uint32_t>(n % kProvinces); };
  std::vector<Question> questions;
  EngineQuery q1 = Months(store, 1);
  q1.filters = {Only(store, Field::kConsumerRegion, 10)};
  questions.push_back({"Q1 by month, one region", 3, q1});
  q1.filters = {Only(store, Field::kConsumerRegion, 0)};
  questions.push_back({"Q1 by month, the largest region", 3, q1});
  EngineQuery q2 = Months(store, 12);
  q2.groupings = {By(store, Field::kCategory, kCategories, same)};
  questions.push_back({"Q2 by category, two years", 25, q2});
  EngineQuery q3 = Months(store, 24);
  q3.groupings = {By(store, Field::kConsumerRegion, kCities, same)};
  questions.push_back({"Q3 by region", 20, q3});
  EngineQuery q4 = Months(store, 24);
  q4.groupings = {By(store, Field::kConsumerRegion, kProvinces, province),
                  By(store, Field::kProviderRegion, kProvinces, province)};
  questions.push_back({"Q4 province x province", 35, q4});
  EngineQuery q5 = Months(store, 1);
  q5.groupings = {By(store, Field::kAreaType, 2, same)};
  q5.aggregates = {Aggregate::kConsumers};
  questions.push_back({"Q5 consumers by month, area", 150, q5});
  EngineQuery q6 = Months(store, 24);
  q6.groupings = {By(store, Field::kCategory, kCategories, same)};
  q6.aggregates = {};
  q6.quantiles = {5000, 9500};
  questions.push_back({"Q6 median, p95 by category", 70, q6});
  EngineQuery q7 = Months(store, 3);
  q7.groupings = {By(store, Field::kAgeBand, 7, same), By(store, Field::kAreaType, 2, same)};
  questions.push_back({"Q7 by quarter, age, area", 40, q7});
  EngineQuery q8 = Months(store, 24);
  const int64_t day = (UtcMonthStart(kFirstMonth + 14) + 9 * kSecondsPerDay) * kMicrosPerSecond;
  q8.slices = {{day, day + kSecondsPerDay * kMicrosPerSecond, 0, 0}};
  q8.filters = {Only(store, Field::kConsumerRegion, 10), Only(store, Field::kCategory, 7)};
  questions.push_back({"Q8 one region, category, day", 0.1, q8});
  EngineQuery days = Months(store, 24);
  days.slices.clear();
  for (int d = 0; d < 731; ++d) {
    const int64_t start = (UtcMonthStart(kFirstMonth) + d * kSecondsPerDay) * kMicrosPerSecond;
    days.slices.push_back(
        {start, start + kSecondsPerDay * kMicrosPerSecond, static_cast<uint32_t>(d), 0});
  }
  days.period_count = 731;
  questions.push_back({"-- by day", 0, days});
  days.groupings = {By(store, Field::kConsumerRegion, kCities, same)};
  questions.push_back({"-- by day, region", 0, days});
  EngineQuery products = Months(store, 24);
  products.groupings = {By(store, Field::kProduct, kProducts, same)};
  questions.push_back({"-- by product", 0, products});
  EngineQuery consumers = Months(store, 1);
  consumers.groupings = q3.groupings;
  consumers.aggregates = {Aggregate::kConsumers};
  questions.push_back({"-- consumers by month, region", 0, consumers});
  EngineQuery fresh = Months(store, 1);
  fresh.aggregates = {Aggregate::kNewConsumers};
  questions.push_back({"-- new consumers by month", 0, fresh});
  q7.log_size = q7.log_size * 2 / 3;
  questions.push_back({"-- Q7 as of two thirds", 0, q7});
  return questions;
}

void Ask(const RunStore& store, int repetitions) {
  for (const Question& question : Questions(store)) {
    std::vector<double> times;
    size_t cells = 0;
    for (int i = 0; i <= repetitions; ++i) {
      const double start = Now();
      const auto result = store.Run(question.query);
      if (i > 0) times.push_back(1e3 * (Now() - start));
      if (!result.ok()) {
        std::printf("%s: %s\n", question.name, result.status().ToString().c_str());
        return;
      }
      cells = result->period.size();
    }
    std::sort(times.begin(), times.end());
    std::printf("  %-34s %9.3f ms (%.3f-%.3f), target %.4g, %zu cells\n", question.name,
                times[times.size() / 2], times.front(), times.back(), question.target_ms, cells);
  }
}

void PrintSize(const RunStore& store) {
  const StoreStats stats = store.Stats();
  const double effects = static_cast<double>(stats.effects);
  std::printf("effects %llu, tail %llu, runs %u, disk %.1f B/effect, memory %.1f B/effect\n",
              static_cast<unsigned long long>(stats.effects),
              static_cast<unsigned long long>(stats.tail_effects), stats.runs,
              static_cast<double>(stats.run_bytes) / effects,
              static_cast<double>(stats.memory_bytes) / effects);
}

int Run(uint64_t effects, const std::string& dir, int repetitions) {
  std::filesystem::remove_all(dir);
  const auto fs = fs::NewPosixFileSystem();
  RunStore::Options options{.fs = fs.get(), .dir = dir};
  auto opened = RunStore::Open(options);
  if (!opened.ok()) {
    std::printf("%s\n", opened.status().ToString().c_str());
    return 1;
  }
  Generator generator(effects);
  double wall = 0, cpu = 0;
  for (uint64_t first = 0; first < effects; first += kBlock) {
    const EffectBatch& batch = generator.Next(first);
    const double start = Now(), cpu_start = CpuSeconds(CLOCK_THREAD_CPUTIME_ID);
    const absl::Status status = (*opened)->Append(batch);
    wall += Now() - start;
    cpu += CpuSeconds(CLOCK_THREAD_CPUTIME_ID) - cpu_start;
    if (!status.ok()) {
      std::printf("%s\n", status.ToString().c_str());
      return 1;
    }
  }
  const double background =
      CpuSeconds(CLOCK_PROCESS_CPUTIME_ID) - CpuSeconds(CLOCK_THREAD_CPUTIME_ID);
  const double scale = 1e9 / static_cast<double>(effects);
  std::printf(
      "append, ns each: %.0f waiting included, %.0f CPU, %.0f CPU of sorting and writing behind "
      "it\n",
      scale * wall, scale * cpu, scale * background);
  PrintSize(**opened);
  Ask(**opened, repetitions);
  double start = Now();
  if (const absl::Status status = (*opened)->Seal(); !status.ok()) return 1;
  std::printf("seal %.2f s\n", Now() - start);
  opened->reset();
  start = Now();
  opened = RunStore::Open(options);
  if (!opened.ok()) return 1;
  std::printf("reopen %.2f s\n", Now() - start);
  PrintSize(**opened);
  Ask(**opened, repetitions);
  opened->reset();
  std::filesystem::remove_all(dir);
  return 0;
}

}  // namespace
}  // namespace tidemark::analytics

int main(int argc, char** argv) {
  const uint64_t effects = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::string dir =
      argc > 2 ? argv[2]
               : (std::filesystem::temp_directory_path() / "tidemark-engine-benchmark").string();
  return tidemark::analytics::Run(effects, dir, argc > 3 ? std::max(1, std::atoi(argv[3])) : 7);
}
