// What becomes of an engine's answer until a page of it is ready to be sent: cells sorted, rows
// without events, measures, comparisons, order, texts, the page and its bytes. The engine's part is
// made up and not measured.
//
//   answer_benchmark [question [repetitions]]
//
// Prints per question the rows, the CPU milliseconds of the quickest of the repetitions, how often
// it was looked whether the caller is still there, the longest CPU time between two looks of any
// repetition, that after the last one, what giving the memory back took, and the checksum of all
// pages.
#include <time.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/testing/catalog_builder.h"
#include "common/base/crc32c.h"
#include "common/base/huge_blocks.h"
#include "services/analytics/api/result_page.h"
#include "services/analytics/query/answer.h"
#include "services/analytics/query/result.h"
#include "services/analytics/testing/made_up_store.h"
#include "tidemark/analytics/v1/result.pb.h"

namespace tidemark::analytics::testing {
namespace {

constexpr int kProvinces = 30, kCitiesEach = 12, kCategories = 60, kProducts = 5'000;

double CpuMs() {
  timespec time;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) * 1e-6;
}

struct World {
  World() {
    using catalog_client::RegionLevel;
    catalog_client::CatalogBuilder catalog;
    catalog.Observatory("Asia/Shanghai", {2020, 1, 1});
    catalog.Source("shop");
    catalog.Region("cn", RegionLevel::kNation);
    for (int p = 0; p < kProvinces; ++p) {
      const std::string province = absl::StrCat("cn-", 100 + p);
      catalog.Region(province, RegionLevel::kProvince, "cn");
      for (int c = 0; c < kCitiesEach; ++c) {
        codes[Field::kConsumerRegion].push_back(absl::StrCat(province, "-", 10 + c));
        catalog.Region(codes[Field::kConsumerRegion].back(), RegionLevel::kCity, province);
      }
    }
    for (int c = 0; c < kCategories; ++c) {
      codes[Field::kCategory].push_back(absl::StrCat("c-", 10 + c));
      catalog.Category(codes[Field::kCategory].back());
    }
    for (int p = 0; p < kProducts; ++p)
      codes[Field::kProduct].push_back(absl::StrCat("product-", 10'000 + p * 7));
    codes[Field::kChannel] = {"online", "offline"};
    view = catalog.View();
    calendar.emplace(view->observatory()->time_zone);
  }

  std::map<Field, std::vector<std::string>> codes;
  std::shared_ptr<const catalog_client::CatalogView> view;
  std::optional<Calendar> calendar;
};

struct Question {
  const char* name;
  uint32_t percent;
  Query query;
};

std::vector<Question> Questions() {
  const std::vector<Query::MeasureRef> four = {{"gross", 0, "gross"},
                                               {"net", 0, "net"},
                                               {"events", 0, "events"},
                                               {"average_line", 0, "average_line"}};
  const Query small{
      .measures = four,
      .dimensions = {{"consumer_region", "province"}, {"category", ""}, {"channel", ""}},
      .first = "2024-03",
      .last = "2024-03",
      .grain = Grain::kMonth};
  Query compared = small;
  compared.comparisons = {Comparison::kPrev, Comparison::kYoy};
  Query to_date = small;
  to_date.comparisons = {Comparison::kYtd, Comparison::kYtdYoy};
  Query standing = small;
  standing.shares = {{"gross", "consumer_region", "", "share"}};
  standing.ranks = {{"net", false, "rank"}};
  Query top = small;
  top.order_by = {{"net", true}};
  top.limit = 20;
  Query ordered = small;
  ordered.order_by = {{"category", false}, {"net", true}};
  const Query large{.measures = {{"gross", 0, "gross"}, {"events", 0, "events"}},
                    .dimensions = {{"product", ""}, {"consumer_region", ""}},
                    .first = "2024-01-01",
                    .last = "2024-01-31",
                    .grain = Grain::kDay};
  Query large_compared = large;
  large_compared.comparisons = {Comparison::kPrev};
  Query large_standing = large;
  large_standing.shares = {{"gross", "consumer_region", "", "share"}};
  large_standing.ranks = {{"gross", false, "rank"}};
  Query large_ordered = large;
  large_ordered.order_by = {{"gross", true}};
  Query large_top = large_ordered;
  large_top.limit = 20;
  Query large_to_date = large;
  large_to_date.grain = Grain::kMonth;
  large_to_date.first = "2024-01";
  large_to_date.last = "2024-06";
  large_to_date.comparisons = {Comparison::kYtd};
  return {{"small", 100, small},
          {"small_compared", 80, compared},
          {"small_to_date", 80, to_date},
          {"small_standing", 100, standing},
          {"small_top", 100, top},
          {"small_ordered", 100, ordered},
          {"large", 3, large},
          {"large_compared", 1, large_compared},
          {"large_standing", 3, large_standing},
          {"large_ordered", 3, large_ordered},
          {"large_top", 3, large_top},
          {"large_to_date", 8, large_to_date}};
}

// Kept out of line, so that profilers can tell it from the rest.
[[gnu::noinline]] absl::StatusOr<std::string> MakePage(const Plan& plan,
                                                       const EnginePlan& engine_plan,
                                                       EngineResult result,
                                                       const std::vector<PanelAnswer>& panels,
                                                       uint64_t* rows, double* made_ms) {
  absl::StatusOr<Table> table = MakeTable(plan, engine_plan, std::move(result), panels);
  if (!table.ok()) return table.status();
  *rows = table->row_count;
  v1::Result page;
  WritePage(*table, *plan.view, 0, 10'000, "", &page);
  std::string bytes = page.SerializeAsString();
  *made_ms = CpuMs();
  return bytes;
}

uint32_t ChecksumOf(const Table& table, const catalog_client::CatalogView& view) {
  std::string pages;
  v1::Result page;
  for (uint64_t row = 0; row < table.row_count;) {
    row += WritePage(table, view, row, 100'000, "en", &page);
    page.AppendToString(&pages);
  }
  return base::Crc32c(pages);
}

absl::Status Measure(const World& world, const Question& question, int times) {
  MadeUpStore store(question.percent, world.codes);
  const auto at = [&world](const char* day) { return world.calendar->Parse(day)->start_us; };
  store.SetTimes(at("2022-01-01"), at("2024-12-31"));
  absl::StatusOr<Plan> plan = MakePlan(question.query, {.view = world.view,
                                                        .calendar = &*world.calendar,
                                                        .snapshot = *store.Snapshot(1000),
                                                        .event_times = store.EventTimes(1000)});
  if (!plan.ok()) return plan.status();
  absl::StatusOr<EnginePlan> engine_plan = MakeEnginePlan(*plan, store);
  if (!engine_plan.ok()) return engine_plan.status();
  double looked = 0, longest = 0;
  uint64_t looks = 0;
  engine_plan->query.stop = [&] {
    const double now = CpuMs();
    longest = std::max(longest, now - looked);
    looked = now;
    ++looks;
    return absl::OkStatus();
  };
  looked = CpuMs();
  const absl::StatusOr<std::vector<PanelAnswer>> panels =
      AskPanels(*plan, engine_plan->query, store);
  if (!panels.ok()) return panels.status();
  const absl::StatusOr<EngineResult> cells = AskStore(*plan, *engine_plan, store);
  if (!cells.ok()) return cells.status();
  double best = 1e9, last = 0, freed = 0;
  uint64_t rows = 0;
  longest = 0;
  for (int i = 0; i < times; ++i) {
    EngineResult result = *cells;
    looks = 0;
    const double begun = looked = CpuMs();
    double made = 0;
    const absl::StatusOr<std::string> page =
        MakePage(*plan, *engine_plan, std::move(result), *panels, &rows, &made);
    if (!page.ok()) return page.status();
    best = std::min(best, made - begun);
    last = std::max(last, made - looked);
    freed = std::max(freed, CpuMs() - made);
  }
  const double longest_of_all = longest;
  const absl::StatusOr<Table> table = MakeTable(*plan, *engine_plan, *cells, *panels);
  if (!table.ok()) return table.status();
  std::printf(
      "%-16s %8lu rows %9.3f ms %6lu looks, longest %7.2f ms, last %6.2f ms, free %6.2f ms, %08x\n",
      question.name, static_cast<unsigned long>(rows), best, static_cast<unsigned long>(looks),
      longest_of_all, last, freed, ChecksumOf(*table, *plan->view));
  return absl::OkStatus();
}

int Run(int count, char** arguments) {
  const World world;
  for (const Question& question : Questions()) {
    if (count > 1 && std::string_view(arguments[1]) != question.name) continue;
    const bool large = std::string_view(question.name).starts_with("large");
    const int times = count > 2 ? std::atoi(arguments[2]) : large ? 3 : 200;
    const absl::Status measured = Measure(world, question, times);
    if (measured.ok()) continue;
    std::fprintf(stderr, "%s: %s\n", question.name, std::string(measured.message()).c_str());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace tidemark::analytics::testing

int main(int count, char** arguments) {
  // As the service does.
  tidemark::base::UseHugePagesFrom(tidemark::base::kHugeBlockBytes);
  return tidemark::analytics::testing::Run(count, arguments);
}
