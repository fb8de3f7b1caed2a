#ifndef TIDEMARK_TESTS_FAULT_PRELOAD_PLAN_H_
#define TIDEMARK_TESTS_FAULT_PRELOAD_PLAN_H_

#include <cstdint>
#include <string>
#include <string_view>

// What the preloaded library does to the process it is in, from the environment:
//
//   TIDEMARK_FAULT_DIR            folder, absolute; only calls on files below it are counted
//   TIDEMARK_FAULT                ACTION@N: at the N-th counted call, from 1; unset: only counts
//   TIDEMARK_FAULT_LIFT           file; once it exists `full` ends
//   TIDEMARK_FAULT_JOURNAL        file that gets a line per call (journal.h)
//   TIDEMARK_FAULT_SENDS          1: what is sent on sockets goes to the journal, too
//   TIDEMARK_FAULT_SYNC_DELAY_US  how much longer every fsync and fdatasync takes
namespace tidemark::fault {

enum class Action {
  kNone,
  kEio,    // the call fails once with EIO, nothing is done
  kFull,   // it and every later call that wants space fail with ENOSPC until lifted
  kShort,  // a write writes half of its bytes and says so, once
  kKill,   // SIGKILL before the call
  kTorn,   // a write writes half of its bytes, then SIGKILL; else as kKill
  kPower,  // bytes that files grew by since their last sync are cut off, then SIGKILL
};

struct Plan {
  std::string dir;
  Action action = Action::kNone;
  uint64_t at = 0;
  std::string lift;
  std::string journal;
  bool sends = false;
  uint64_t sync_delay_us = 0;

  bool Covers(std::string_view path) const;
};

// Read once; a plan that is not understood ends the process, as a test without it proves nothing.
const Plan& ThePlan();

}  // namespace tidemark::fault

#endif  // TIDEMARK_TESTS_FAULT_PRELOAD_PLAN_H_
