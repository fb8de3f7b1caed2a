// Proofs of inclusion and consistency: any leaf, sizes and hashes are accepted exactly when the
// recursion of RFC 6962 leads from them to the root, and never after a byte was changed.
#include <fuzzer/FuzzedDataProvider.h>

#include "clients/cpp/ledger/merkle.h"
#include "clients/cpp/ledger/merkle_oracle.h"
#include "tests/fuzz/fuzz.h"

namespace tidemark::ledger {
namespace {

// Longer ones are refused by their length; the longest that can be right has 64.
constexpr size_t kMostHashes = 70;

// Hashes that differ in few bytes, so that the input is not all hashes.
Hash TakeHash(FuzzedDataProvider& input) {
  Hash hash = {};
  hash[0] = input.ConsumeIntegral<uint8_t>();
  hash[31] = hash[0];
  return hash;
}

Hash Changed(Hash hash) {
  hash[7] ^= 1;
  return hash;
}

// Small and large numbers, and those next to powers of two.
uint64_t TakeSize(FuzzedDataProvider& input) {
  const auto bits = input.ConsumeIntegralInRange<int>(0, 63);
  const auto offset = static_cast<uint64_t>(input.ConsumeIntegralInRange<int>(-3, 3));
  return input.ConsumeBool() ? (uint64_t{1} << bits) + offset
                             : input.ConsumeIntegral<uint64_t>() >> bits;
}

void CheckRefusal(const absl::Status& status) {
  FUZZ_CHECK(status.ok() || absl::IsInvalidArgument(status), status.ToString());
}

void CheckInclusion(uint64_t index, uint64_t size, const Hash& leaf, std::vector<Hash> proof,
                    const Hash& root, size_t change) {
  const absl::Status any = VerifyInclusion(index, size, leaf, proof, root);
  CheckRefusal(any);
  if (index >= size) return FUZZ_CHECK(!any.ok(), "no such leaf");
  const auto want = RootOfPath(index, size, leaf, proof);
  FUZZ_CHECK(any.ok() == (want == root), any.ToString());
  if (!want) return;
  FUZZ_CHECK(VerifyInclusion(index, size, leaf, proof, *want).ok(), "a good proof");
  FUZZ_CHECK(!VerifyInclusion(index, size, Changed(leaf), proof, *want).ok(), "other leaf");
  FUZZ_CHECK(!VerifyInclusion(index, size, leaf, proof, Changed(*want)).ok(), "other root");
  if (proof.empty()) return;
  proof[change % proof.size()][change % 32] ^= 1;
  FUZZ_CHECK(!VerifyInclusion(index, size, leaf, proof, *want).ok(), "a changed proof");
}

void CheckConsistency(uint64_t old_size, uint64_t new_size, const Hash& old_root,
                      const Hash& new_root, std::vector<Hash> proof, size_t change) {
  const absl::Status any = VerifyConsistency(old_size, new_size, old_root, new_root, proof);
  CheckRefusal(any);
  if (old_size > new_size) return FUZZ_CHECK(!any.ok(), "a log does not shrink");
  if (old_size == 0) {
    FUZZ_CHECK(
        VerifyConsistency(0, new_size, EmptyRoot(), new_size == 0 ? EmptyRoot() : new_root, {})
            .ok(),
        "no leaves are a prefix of any");
    return FUZZ_CHECK(!any.ok() || (proof.empty() && old_root == EmptyRoot()), any.ToString());
  }
  const auto want = RootsOfSubProof(old_size, new_size, true, old_root, proof);
  FUZZ_CHECK(any.ok() == (want && want->first == old_root && want->second == new_root),
             any.ToString());
  if (!want) return;
  FUZZ_CHECK(VerifyConsistency(old_size, new_size, want->first, want->second, proof).ok(),
             "a good proof");
  FUZZ_CHECK(!VerifyConsistency(old_size, new_size, want->first, Changed(want->second), proof).ok(),
             "other new root");
  FUZZ_CHECK(!VerifyConsistency(old_size, new_size, Changed(want->first), want->second, proof).ok(),
             "other old root");
  if (proof.empty()) return;
  proof[change % proof.size()][change % 32] ^= 1;
  FUZZ_CHECK(!VerifyConsistency(old_size, new_size, want->first, want->second, proof).ok(),
             "a changed proof");
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  FuzzedDataProvider input(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  const uint64_t a = TakeSize(input);
  const uint64_t b = TakeSize(input);
  const Hash first = TakeHash(input);
  const Hash second = TakeHash(input);
  const auto change = input.ConsumeIntegral<uint16_t>();
  std::vector<Hash> proof;
  while (input.remaining_bytes() > 0 && proof.size() < kMostHashes) {
    proof.push_back(TakeHash(input));
  }
  CheckInclusion(a, b, first, proof, second, change);
  CheckConsistency(a, b, first, second, proof, change);
  // Any bytes as a compact range: its nodes fit the range, or it is refused.
  const auto range = CompactRange::Create(a < b ? a : b, a < b ? b : a, proof);
  CheckRefusal(range.status());
  if (range.ok()) {
    FUZZ_CHECK(range->nodes().size() == CompactRangeNodes(range->begin(), range->end()).size(),
               "as many nodes as the range has");
    if (range->begin() == 0) (void)range->Root();
  }
}

}  // namespace tidemark::ledger
