#ifndef TIDEMARK_TESTS_FAULT_MEMORY_SUBJECT_H_
#define TIDEMARK_TESTS_FAULT_MEMORY_SUBJECT_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "tests/fault/memory/tally.h"

namespace tidemark::fault {

// A store under a campaign. Every point starts on an empty disk and depends on its number alone,
// so that it can be repeated. An error says what did not hold.
class Subject {
 public:
  virtual ~Subject() = default;

  // Changes of the disk that the scripted run makes when nothing fails.
  virtual uint64_t ScriptChanges() = 0;
  // The scripted run with `fault` at its `nth` change, from 1 on; then power off, open, check.
  virtual absl::Status Script(uint64_t nth, Tally::Fault fault, Tally* tally) = 0;
  // A random run over several lives with faults of all kinds.
  virtual absl::Status Random(uint64_t seed, Tally* tally) = 0;
  // Bits that can be flipped one at a time: all of the files of a small store.
  virtual uint64_t Flips() = 0;
  // Flips bit `nth` of them, from 0 on, on a disk of its own.
  virtual absl::Status Flip(uint64_t nth, Tally* tally) = 0;
};

std::unique_ptr<Subject> NewLogSubject();
std::unique_ptr<Subject> NewCatalogSubject();
std::unique_ptr<Subject> NewAnalyticsSubject();

}  // namespace tidemark::fault

#endif  // TIDEMARK_TESTS_FAULT_MEMORY_SUBJECT_H_
