#include "tests/fault/memory/tally.h"

#include <string_view>

#include "absl/strings/str_cat.h"

namespace tidemark::fault {

const char* NameOf(Tally::Fault fault) {
  switch (fault) {
    case Tally::Fault::kIoError:
      return "EIO";
    case Tally::Fault::kDiskFull:
      return "ENOSPC";
    case Tally::Fault::kTornCrash:
      return "torn crash";
    case Tally::Fault::kCrashBefore:
      return "crash";
    case Tally::Fault::kNoFiles:
      return "EMFILE";
  }
  return "?";
}

Tally& Tally::operator+=(const Tally& other) {
  points += other.points;
  for (size_t i = 0; i < faults.size(); ++i) faults[i] += other.faults[i];
  full_disks += other.full_disks;
  flips += other.flips;
  clock_jumps += other.clock_jumps;
  power_cuts += other.power_cuts;
  kills += other.kills;
  cases += other.cases;
  refused_at_open += other.refused_at_open;
  found_by_check += other.found_by_check;
  found_on_read += other.found_on_read;
  made_again += other.made_again;
  harmless += other.harmless;
  kept += other.kept;
  losses += other.losses;
  return *this;
}

std::string ToText(const Tally& tally) {
  std::string text = absl::StrCat(tally.points, " points");
  const auto add = [&text](uint64_t count, std::string_view what) {
    if (count > 0) absl::StrAppend(&text, ", ", count, " ", what);
  };
  for (int i = 0; i < Tally::kFaults; ++i) {
    add(tally.faults[static_cast<size_t>(i)], NameOf(static_cast<Tally::Fault>(i)));
  }
  add(tally.power_cuts, "power cuts");
  add(tally.kills, "kills");
  add(tally.full_disks, "full disks");
  add(tally.clock_jumps, "clock jumps");
  add(tally.flips, "flipped bits");
  add(tally.refused_at_open, "refused at open");
  add(tally.found_by_check, "found by the check");
  add(tally.found_on_read, "found on read");
  add(tally.made_again, "made again");
  add(tally.harmless, "harmless");
  add(tally.kept, "acknowledged and in place");
  return absl::StrCat(text, ", ", tally.cases, " cases, ", tally.losses, " losses");
}

}  // namespace tidemark::fault
