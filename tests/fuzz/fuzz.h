// What every fuzzer is made of. A target says what must hold for any bytes:
//
//   TIDEMARK_FUZZER(std::string_view input) {
//     const auto leaf = ledger::DecodeLeaf(input);
//     if (!leaf.ok()) return;
//     FUZZ_CHECK(Encode(*leaf) == input, "a leaf has one encoding");
//   }
//
// A check that fails stops the process; libFuzzer then keeps the input.
#ifndef TIDEMARK_TESTS_FUZZ_FUZZ_H_
#define TIDEMARK_TESTS_FUZZ_FUZZ_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::fuzz {

[[noreturn]] inline void Fail(const char* file, int line, const char* condition,
                              const std::string& message) {
  std::fprintf(stderr, "%s:%d: does not hold: %s\n  %s\n", file, line, condition, message.c_str());
  std::abort();
}

// Calls `test` with a copy of the bytes that ends where the input ends, so that the address
// sanitizer sees the first byte that is read too far. A text of no bytes is empty, not absent.
template <typename Test>
int Run(const uint8_t* data, size_t size, Test test) {
  const std::unique_ptr<char[]> copy(new char[size > 0 ? size : 1]);
  if (size > 0) std::copy(data, data + size, copy.get());
  test(std::string_view(copy.get(), size));
  return 0;
}

// True when the status says that the bytes are wrong, which is never our own fault.
inline bool BlamesInput(const absl::Status& status) {
  return status.code() != absl::StatusCode::kInternal &&
         status.code() != absl::StatusCode::kUnknown && !status.message().empty();
}

}  // namespace tidemark::fuzz

// `message` is made only when it is needed.
#define FUZZ_CHECK(condition, message) \
  ((condition) ? void() : ::tidemark::fuzz::Fail(__FILE__, __LINE__, #condition, message))

#define TIDEMARK_FUZZER(parameter)                                          \
  static void TestOneInput(parameter);                                      \
  extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) { \
    return ::tidemark::fuzz::Run(data, size, TestOneInput);                 \
  }                                                                         \
  static void TestOneInput(parameter)

#endif  // TIDEMARK_TESTS_FUZZ_FUZZ_H_
