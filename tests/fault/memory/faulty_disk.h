#ifndef TIDEMARK_TESTS_FAULT_MEMORY_FAULTY_DISK_H_
#define TIDEMARK_TESTS_FAULT_MEMORY_FAULTY_DISK_H_

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "common/testing/fault_file_system.h"
#include "tests/fault/memory/tally.h"

namespace tidemark::fault {

// Bytes by path.
using Files = std::map<std::string, std::string>;

// Every file below `dir`.
Files ReadFiles(fs::FileSystem& fs, const std::string& dir);
// Makes a durable copy of them, with their folders.
void WriteFiles(const Files& files, testing::FaultFileSystem* fs);

// Bits of files, numbered through.
class FlippableBits {
 public:
  explicit FlippableBits(Files files);
  uint64_t count() const { return 8 * bytes_; }
  // The files with bit `nth` flipped; `path` and `offset` say where.
  Files Flip(uint64_t nth, std::string* path, uint64_t* offset) const;
  const Files& files() const { return files_; }

 private:
  const Files files_;
  uint64_t bytes_ = 0;
};

// Faults of one life: which, and when.
class FaultPlan {
 public:
  // One to three faults within the next `changes` changes.
  FaultPlan(std::mt19937_64& random, uint64_t changes, testing::FaultFileSystem* fs);
  // Counts those that have happened and forgets the others.
  void End(Tally* tally);

 private:
  testing::FaultFileSystem* const fs_;
  const uint64_t begin_;
  std::map<uint64_t, Tally::Fault> faults_;
};

// The end of a process under way: killed, with the machine, or (nothing happens here) stopped.
void EndLife(std::mt19937_64& random, testing::FaultFileSystem* fs, Tally* tally);

}  // namespace tidemark::fault

#endif  // TIDEMARK_TESTS_FAULT_MEMORY_FAULTY_DISK_H_
