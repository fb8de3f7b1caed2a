#ifndef TIDEMARK_SERVICES_ANALYTICS_TESTING_STATISTIC_CAMPAIGN_H_
#define TIDEMARK_SERVICES_ANALYTICS_TESTING_STATISTIC_CAMPAIGN_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/testing/status_matchers.h"
#include "services/analytics/statistics/statistic_context.h"
#include "services/analytics/testing/folded_world.h"
#include "services/analytics/testing/naive_calendar.h"
#include "services/analytics/testing/plain_rows.h"

// Campaigns of random questions about random worlds, and what all askers of them share.
namespace tidemark::analytics::testing {

// How often something was met: `settle.parts rows`, `divide.groups.per_head null 11`.
using CampaignCounters = std::map<std::string, int64_t>;

// Times what a run in CI does: 1, or what the environment says, for campaigns by hand.
inline int CampaignTimes() {
  int times = 1;
  const char* const text = std::getenv("TIDEMARK_RECOUNT_TIMES");
  return text != nullptr && absl::SimpleAtoi(text, &times) && times > 0 ? times : 1;
}

// Asks about one world, of both engines.
class StatisticAsker {
 public:
  StatisticAsker(FoldedWorld* folded, std::mt19937_64* random, CampaignCounters* counters)
      : folded_(*folded),
        random_(*random),
        counters_(*counters),
        calendar_(std::make_shared<const Calendar>(
            folded->history().Newest()->observatory()->time_zone)) {}

  int cases() const { return cases_; }

 protected:
  uint64_t Below(uint64_t n) { return random_() % n; }
  bool Chance(uint64_t percent) { return random_() % 100 < percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& list) {
    return list[random_() % list.size()];
  }

  void ChooseSnapshot(uint64_t earlier_percent) {
    const World& world = folded_.world;
    size_ = Chance(earlier_percent) ? 1 + random_() % world.log_size() : world.log_size();
    if (size_ < world.log_size()) ++counters_["as of an earlier size"];
  }
  void ChooseScope(uint64_t percent) {
    scope_ = Chance(percent) ? (Chance(50) ? "regions/cn-33" : "regionGroups/pilots") : "";
    if (!scope_.empty()) ++counters_["region scope"];
  }

  // Of every engine in turn.
  template <typename Body>
  void EachEngine(Body body) {
    ++cases_;
    for (const StatStore* store : folded_.stores()) {
      ASSERT_OK_AND_ASSIGN(const SnapshotInfo snapshot, store->Snapshot(size_));
      ASSERT_OK_AND_ASSIGN(auto view, folded_.history().ViewAt(snapshot.catalog_version));
      StatisticContext context;
      context.snapshot = snapshot;
      context.view = std::move(view);
      context.calendar = calendar_;
      context.store = store;
      context.catalog = catalog_;
      context.region_scope = scope_;
      context.stop = [] { return absl::OkStatus(); };
      body(context);
    }
  }

  // With `with_marks` status and flags too; every flag met is counted.
  void Compare(const std::string& table, const PlainTable& want, const Table& got,
               bool with_marks = false) {
    CompareRows(table, want, RowsOf(got, with_marks));
  }
  void CompareRows(const std::string& table, const PlainTable& want, const PlainTable& got) {
    EXPECT_EQ(FirstDifference(want, got), "") << table;
    counters_[table + " rows"] += static_cast<int64_t>(want.size());
    for (const PlainRow& row : want) {
      for (const auto& [name, value] : row) {
        if (value.null != NullReason::kNone)
          ++counters_[absl::StrCat(table, ".", name, " null ", static_cast<int>(value.null))];
        if (value.null == NullReason::kNone && value.real)
          ++counters_[absl::StrCat(table, ".", name, " there")];
        if (name != "flags") continue;
        for (const std::string_view flag : absl::StrSplit(value.text, ' ', absl::SkipEmpty()))
          ++counters_[absl::StrCat(table, " flag ", flag)];
      }
    }
  }

  FoldedWorld& folded_;
  std::mt19937_64& random_;
  CampaignCounters& counters_;
  const std::shared_ptr<const Calendar> calendar_;
  // What the view does not hold; not owned.
  CatalogReader* catalog_ = nullptr;
  uint64_t size_ = 0;
  std::string scope_;
  int cases_ = 0;
};

// Makes `worlds` in every time zone by Asker::MakeWorld(seed, zone) and asks `questions` times
// about each (Asker::Ask), all that as often as CampaignTimes says. Returns the number of cases.
// Ends with the first failure.
template <typename Asker>
int AskWorlds(uint64_t seed, int worlds, int questions, CampaignCounters* counters) {
  std::mt19937_64 random(seed);
  uint64_t world_seed = seed;
  int cases = 0;
  for (int times = CampaignTimes(); times > 0; --times) {
    for (const std::string& zone : NaiveCalendar::ZoneNames()) {
      for (int w = 0; w < worlds; ++w) {
        FoldedWorld folded(Asker::MakeWorld(++world_seed, zone));
        Asker asker(&folded, &random, counters);
        for (int q = 0; q < questions && !::testing::Test::HasFailure(); ++q) asker.Ask();
        cases += asker.cases();
        if (!::testing::Test::HasFailure()) continue;
        ADD_FAILURE() << "world " << world_seed << " of " << zone;
        return cases;
      }
    }
  }
  std::cout << cases << " cases about worlds of the seeds " << seed + 1 << " to " << world_seed
            << "\n";
  return cases;
}

// Nothing of what is named was left out.
inline void ExpectMet(const CampaignCounters& counters, const std::vector<std::string>& named) {
  for (const std::string& what : named) {
    const auto found = counters.find(what);
    EXPECT_TRUE(found != counters.end() && found->second > 0) << "never met: " << what;
  }
  if (std::getenv("TIDEMARK_RECOUNT_COUNTERS") == nullptr) return;
  for (const auto& [what, times] : counters) std::cout << what << ": " << times << "\n";
}

inline std::string NullOf(const std::string& column, NullReason why) {
  return absl::StrCat(column, " null ", static_cast<int>(why));
}

}  // namespace tidemark::analytics::testing

#endif  // TIDEMARK_SERVICES_ANALYTICS_TESTING_STATISTIC_CAMPAIGN_H_
