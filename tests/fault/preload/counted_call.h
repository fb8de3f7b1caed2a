#ifndef TIDEMARK_TESTS_FAULT_PRELOAD_COUNTED_CALL_H_
#define TIDEMARK_TESTS_FAULT_PRELOAD_COUNTED_CALL_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace tidemark::fault {

// What a call wants of the disk, which says whether a full one fails it.
enum class Wants { kNothing, kSpace };

// One file system call on a file below the plan's folder.
struct CountedCall {
  const char* name;
  std::string path;
  Wants wants = Wants::kNothing;
  int64_t offset = 0;
  // Above 0: a read or write of as many bytes, of which a part may be done.
  size_t bytes = 0;
  bool writes = false;
};

// Counts and records the call and makes it, or does what the plan says. `real(bytes)` is the
// system's call: below 0 with errno set when it fails. Returns what the caller gets.
int64_t Make(const CountedCall& call, const std::function<int64_t(size_t)>& real);

// For kPower. A file counts as synced up to the size it had when it was opened first, then up to
// the size it had before its last sync.
void RememberOpened(const std::string& path);
int64_t SizeOf(const std::string& path);
void RememberSynced(const std::string& path, int64_t size);

}  // namespace tidemark::fault

#endif  // TIDEMARK_TESTS_FAULT_PRELOAD_COUNTED_CALL_H_
