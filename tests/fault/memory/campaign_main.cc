// Crashes, failing disks and flipped bits for the stores of all services, in memory.
// docs/fault-tests.md
#include <chrono>
#include <cstdint>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/log/log.h"
#include "tests/fault/memory/subject.h"

ABSL_FLAG(std::string, store, "all", "log, catalog, analytics or all.");
ABSL_FLAG(std::string, part, "all",
          "script: every kind of fault at every change of a scripted run. random: random runs, "
          "faults, crashes. flips: bits of every file, one at a time. Or all.");
ABSL_FLAG(uint64_t, first, 0, "Number of the first point: a seed, or a place in the script.");
ABSL_FLAG(
    uint64_t, points, 1000,
    "Points of random and flips, where 0 means every bit; of script too when --first is given.");

namespace tidemark::fault {
namespace {

// More say nothing new.
constexpr uint64_t kMaxLosses = 20;

struct Points {
  uint64_t first = 0, count = 0;
};

class Campaign {
 public:
  Campaign(std::string store, Subject* subject) : store_(std::move(store)), subject_(subject) {}

  // False when something was lost, or nothing done.
  bool Run(const std::string& part, Points points) {
    const auto start = std::chrono::steady_clock::now();
    Tally tally;
    if (part == "script") points = OfScript(points);
    if (part == "flips") points = OfFlips(points);
    for (uint64_t i = 0; i < points.count && tally.losses < kMaxLosses; ++i) {
      const uint64_t point = points.first + i * stride_;
      ++tally.points;
      const absl::Status status = RunPoint(part, point, &tally);
      if (status.ok()) continue;
      ++tally.losses;
      std::cout << "LOSS " << store_ << " " << part << " " << point << ": " << status
                << "\n     again: fault_campaign --store " << store_ << " --part " << part
                << " --first " << point << " --points 1" << std::endl;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::cout << absl::StrFormat("%-9s %-6s  ", store_, part) << ToText(tally)
              << absl::StrFormat(", %.1f s", took.count()) << std::endl;
    return tally.losses == 0 && tally.cases > 0;
  }

 private:
  Points OfScript(Points points) {
    const uint64_t all = subject_->ScriptChanges() * Tally::kFaults;
    return points.count == 0 ? Points{0, all} : points;
  }
  // Spread over all bits.
  Points OfFlips(Points points) {
    const uint64_t all = subject_->Flips();
    if (points.count == 0 || points.count > all) return {0, all};
    // Odd, so that every bit of a byte has its turn.
    if (points.count > 1) stride_ = (all / points.count) | 1;
    if (points.count > 1 && stride_ * (points.count - 1) >= all) points.count = all / stride_;
    return points;
  }
  absl::Status RunPoint(const std::string& part, uint64_t point, Tally* tally) {
    if (part == "random") return subject_->Random(point, tally);
    if (part == "flips") return subject_->Flip(point, tally);
    return subject_->Script(point / Tally::kFaults + 1,
                            static_cast<Tally::Fault>(point % Tally::kFaults), tally);
  }

  const std::string store_;
  Subject* const subject_;
  uint64_t stride_ = 1;
};

int Main() {
  const std::string store = absl::GetFlag(FLAGS_store), part = absl::GetFlag(FLAGS_part);
  const Points points = {absl::GetFlag(FLAGS_first), absl::GetFlag(FLAGS_points)};
  // Refusals are wanted here; their log lines are noise.
  const log::ScopedSink quiet([](std::string_view) {});
  const std::pair<const char*, std::unique_ptr<Subject> (*)()> stores[] = {
      {"log", NewLogSubject}, {"catalog", NewCatalogSubject}, {"analytics", NewAnalyticsSubject}};
  int ran = 0;
  bool good = true;
  for (const auto& [name, make] : stores) {
    if (store != "all" && store != name) continue;
    const std::unique_ptr<Subject> subject = make();
    for (const std::string known : {"script", "random", "flips"}) {
      if (part != "all" && part != known) continue;
      // The script has its own length unless one point of it is asked for.
      const bool whole = known == "script" && part != "script";
      good = Campaign(name, subject.get()).Run(known, whole ? Points{} : points) && good;
      ++ran;
    }
  }
  if (ran == 0) {
    std::cerr << "nothing to do for --store=" << store << " --part=" << part << "; see --help\n";
    return 2;
  }
  std::cout << (good ? "good" : "LOSSES") << std::endl;
  return good ? 0 : 1;
}

}  // namespace
}  // namespace tidemark::fault

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("crashes, failing disks and flipped bits for the stores, in memory");
  absl::ParseCommandLine(argc, argv);
  return tidemark::fault::Main();
}
