// For tests: RFC 6962 section 2.1 word for word, and what a proof says by the same recursion.
#ifndef TIDEMARK_CLIENTS_CPP_LEDGER_MERKLE_ORACLE_H_
#define TIDEMARK_CLIENTS_CPP_LEDGER_MERKLE_ORACLE_H_

#include <bit>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "clients/cpp/ledger/record.h"
#include "clients/cpp/ledger/sha256.h"

namespace tidemark::ledger {

// The largest power of two below n; n is at least 2.
inline uint64_t LargestPowerBelow(uint64_t n) { return std::bit_floor(n - 1); }
inline Hash Join(const Hash& left, const Hash& right) {
  std::string text = "\x01";
  text.append(left.begin(), left.end()).append(right.begin(), right.end());
  return Sha256(text);
}
inline Hash OracleRoot(std::span<const Hash> d) {
  if (d.empty()) return Sha256("");
  if (d.size() == 1) return d[0];
  const uint64_t k = LargestPowerBelow(d.size());
  return Join(OracleRoot(d.first(k)), OracleRoot(d.subspan(k)));
}
inline std::vector<Hash> OraclePath(uint64_t m, std::span<const Hash> d) {
  if (d.size() <= 1) return {};
  const uint64_t k = LargestPowerBelow(d.size());
  const bool left = m < k;
  std::vector<Hash> path = left ? OraclePath(m, d.first(k)) : OraclePath(m - k, d.subspan(k));
  path.push_back(OracleRoot(left ? d.subspan(k) : d.first(k)));
  return path;
}
inline std::vector<Hash> OracleSubProof(uint64_t m, std::span<const Hash> d, bool whole) {
  if (m == d.size()) return whole ? std::vector<Hash>{} : std::vector<Hash>{OracleRoot(d)};
  const uint64_t k = LargestPowerBelow(d.size());
  const bool left = m <= k;
  std::vector<Hash> proof =
      left ? OracleSubProof(m, d.first(k), whole) : OracleSubProof(m - k, d.subspan(k), false);
  proof.push_back(OracleRoot(left ? d.subspan(k) : d.first(k)));
  return proof;
}

// The root that PATH(m, D[n]) = `path` gives from leaf m; none when it has not the right length.
// m is below n.
inline std::optional<Hash> RootOfPath(uint64_t m, uint64_t n, const Hash& leaf,
                                      std::span<const Hash> path) {
  if (n == 1) return path.empty() ? std::optional(leaf) : std::nullopt;
  if (path.empty()) return std::nullopt;
  const uint64_t k = LargestPowerBelow(n);
  const bool left = m < k;
  const auto below = left ? RootOfPath(m, k, leaf, path.first(path.size() - 1))
                          : RootOfPath(m - k, n - k, leaf, path.first(path.size() - 1));
  if (!below) return std::nullopt;
  return left ? Join(*below, path.back()) : Join(path.back(), *below);
}

// The old and the new root that SUBPROOF(m, D[n], whole) = `proof` gives; `old_root` is what the
// verifier takes for the old tree where it is a subtree as it stands. 0 < m <= n.
inline std::optional<std::pair<Hash, Hash>> RootsOfSubProof(uint64_t m, uint64_t n, bool whole,
                                                            const Hash& old_root,
                                                            std::span<const Hash> proof) {
  if (m == n) {
    if (proof.size() != (whole ? 0u : 1u)) return std::nullopt;
    const Hash& root = whole ? old_root : proof[0];
    return std::pair(root, root);
  }
  if (proof.empty()) return std::nullopt;
  const uint64_t k = LargestPowerBelow(n);
  const Hash& last = proof.back();
  const std::span<const Hash> rest = proof.first(proof.size() - 1);
  if (m <= k) {
    const auto below = RootsOfSubProof(m, k, whole, old_root, rest);
    if (!below) return std::nullopt;
    return std::pair(below->first, Join(below->second, last));
  }
  const auto below = RootsOfSubProof(m - k, n - k, false, old_root, rest);
  if (!below) return std::nullopt;
  return std::pair(Join(last, below->first), Join(last, below->second));
}

}  // namespace tidemark::ledger

#endif  // TIDEMARK_CLIENTS_CPP_LEDGER_MERKLE_ORACLE_H_
