#ifndef TIDEMARK_TESTS_FAULT_MEMORY_TALLY_H_
#define TIDEMARK_TESTS_FAULT_MEMORY_TALLY_H_

#include <array>
#include <cstdint>
#include <string>

#include "common/testing/fault_file_system.h"

namespace tidemark::fault {

// What a campaign did, for its report.
struct Tally {
  using Fault = testing::FaultFileSystem::Fault;
  static constexpr int kFaults = 5;

  void Count(Fault fault) { ++faults[static_cast<size_t>(fault)]; }
  Tally& operator+=(const Tally& other);

  // Each a life of a store from nothing to its last check.
  uint64_t points = 0;
  // Faults that happened, by FaultFileSystem::Fault.
  std::array<uint64_t, kFaults> faults = {};
  // Times the disk was full for a while; bits flipped; jumps of the wall clock.
  uint64_t full_disks = 0, flips = 0, clock_jumps = 0;
  // Between changes: the machine's power is cut; the process alone is killed.
  uint64_t power_cuts = 0, kills = 0;
  // A store was opened after a fault and everything was checked.
  uint64_t cases = 0;
  // Of the flips: how they were found, or that they changed nothing that is served.
  uint64_t refused_at_open = 0, found_by_check = 0, found_on_read = 0, made_again = 0, harmless = 0;
  // Acknowledged things that the last check of each point found in place.
  uint64_t kept = 0;
  // Points where something did not hold.
  uint64_t losses = 0;
};

// "crash before", ...
const char* NameOf(Tally::Fault fault);
// One line.
std::string ToText(const Tally& tally);

}  // namespace tidemark::fault

#endif  // TIDEMARK_TESTS_FAULT_MEMORY_TALLY_H_
