#ifndef TIDEMARK_TESTS_FAULT_PRELOAD_JOURNAL_H_
#define TIDEMARK_TESTS_FAULT_PRELOAD_JOURNAL_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

// What the process did, in the order in which it did it. A line per call, fields separated by
// tabs:
//
//   entered, left    places in one order of all calls of the process: taken before the call was
//                    made and after it had returned
//   number           of the counted call, from 1; 0 for a send
//   name             open, pwrite, fdatasync, send, ...
//   result           what the caller got; below 0: minus errno
//   fault            what was done to it: none, eio, ...
//   offset, bytes    of reads, writes and truncations; of a send: its descriptor, its bytes
//   object           the path; for a send the bytes in hexadecimal
//
// A call that ends the process leaves a line as well. Lines may stand out of order; `entered` and
// `left` are the order.
namespace tidemark::fault {

struct Line {
  uint64_t entered = 0;
  uint64_t left = 0;
  uint64_t number = 0;
  const char* name = "";
  int64_t result = 0;
  const char* fault = "none";
  int64_t offset = 0;
  uint64_t bytes = 0;
  std::string_view object;
};

// The next place in the order.
uint64_t NextPlace();
// Keeps errno.
void Write(const Line& line);

}  // namespace tidemark::fault

#endif  // TIDEMARK_TESTS_FAULT_PRELOAD_JOURNAL_H_
