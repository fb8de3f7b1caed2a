#include "clients/cpp/ledger/merkle.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "clients/cpp/ledger/merkle_oracle.h"
#include "clients/cpp/ledger/sha256.h"
#include "common/base/hex.h"
#include "common/testing/status_matchers.h"

namespace tidemark::ledger {
namespace {

using ::tidemark::testing::StatusIs;

std::vector<Hash> Leaves(size_t count, uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  std::vector<Hash> leaves(count);
  for (Hash& leaf : leaves) {
    for (uint8_t& byte : leaf) byte = static_cast<uint8_t>(random());
  }
  return leaves;
}

class OracleSource : public NodeSource {
 public:
  explicit OracleSource(std::span<const Hash> leaves) : leaves_(leaves) {}
  absl::Status Nodes(std::span<const NodeId> ids, std::span<Hash> hashes) const override {
    for (size_t i = 0; i < ids.size(); ++i) {
      const uint64_t begin = ids[i].index << ids[i].level;
      const uint64_t count = uint64_t{1} << ids[i].level;
      if (begin + count > leaves_.size()) return absl::InternalError("node outside of the tree");
      hashes[i] = OracleRoot(leaves_.subspan(begin, count));
    }
    return absl::OkStatus();
  }

 private:
  std::span<const Hash> leaves_;
};

Hash FromHex(std::string_view hex) {
  const std::string bytes = base::HexDecode(hex).value();
  Hash hash;
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

// The test tree of the certificate-transparency and trillian projects.
TEST(MerkleTest, KnownRootsOfCertificateTransparency) {
  const std::string_view data[] = {"",
                                   "00",
                                   "10",
                                   "2021",
                                   "3031",
                                   "40414243",
                                   "5051525354555657",
                                   "606162636465666768696a6b6c6d6e6f"};
  const std::string_view roots[] = {
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
      "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
      "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
      "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
      "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
      "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  CompactRange range;
  EXPECT_EQ(range.Root(),
            FromHex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  for (size_t i = 0; i < 8; ++i) {
    const std::string leaf = base::HexDecode(data[i]).value();
    const std::string_view view = leaf;
    Hash hash;
    HashMany({&view, 1}, 0x00, {&hash, 1});
    range.Append({&hash, 1});
    EXPECT_EQ(range.Root(), FromHex(roots[i])) << i + 1;
  }
}

TEST(CompactRangeTest, RootEqualsOracleForAllSmallSizes) {
  const std::vector<Hash> leaves = Leaves(70);
  for (size_t n = 0; n <= 70; ++n) {
    const auto part = std::span(leaves).first(n);
    CompactRange batch, single;
    batch.Append(part);
    for (const Hash& leaf : part) single.Append({&leaf, 1});
    EXPECT_EQ(batch.Root(), OracleRoot(part)) << n;
    EXPECT_EQ(single.Root(), OracleRoot(part)) << n;
  }
}

TEST(CompactRangeTest, NodesAreTheLargestPerfectSubtrees) {
  const std::vector<Hash> leaves = Leaves(70);
  for (uint64_t begin = 0; begin <= 70; ++begin) {
    for (uint64_t end = begin; end <= 70; ++end) {
      CompactRange range(begin);
      range.Append(std::span(leaves).subspan(begin, end - begin));
      const std::vector<NodeId> ids = CompactRangeNodes(begin, end);
      ASSERT_EQ(range.nodes().size(), ids.size());
      for (size_t i = 0; i < ids.size(); ++i) {
        const uint64_t size = uint64_t{1} << ids[i].level;
        ASSERT_EQ(range.nodes()[i],
                  OracleRoot(std::span(leaves).subspan(ids[i].index * size, size)));
      }
    }
  }
}

TEST(CompactRangeTest, AppendingRangesEqualsAppendingLeaves) {
  std::mt19937_64 random(7);
  const std::vector<Hash> leaves = Leaves(3000);
  for (int round = 0; round < 100; ++round) {
    CompactRange tree;
    const size_t total = random() % leaves.size();
    while (tree.end() < total) {
      const size_t count =
          std::min<size_t>(1 + random() % (round % 2 == 0 ? 40 : 900), total - tree.end());
      CompactRange block(tree.end());
      block.Append(std::span(leaves).subspan(tree.end(), count));
      ASSERT_OK_AND_ASSIGN(const CompactRange stored,
                           CompactRange::Create(block.begin(), block.end(), block.nodes()));
      ASSERT_OK(tree.Append(stored));
    }
    ASSERT_EQ(tree.Root(), OracleRoot(std::span(leaves).first(total)));
  }
}

TEST(CompactRangeTest, RefusesGapsAndWrongNodeCounts) {
  CompactRange tree;
  EXPECT_THAT(tree.Append(CompactRange(1)), StatusIs(absl::StatusCode::kInvalidArgument));
  const std::vector<Hash> nodes(2);
  EXPECT_THAT(CompactRange::Create(0, 4, nodes), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(CompactRange::Create(4, 3, {}), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(ProofTest, InclusionProofsEqualOracleAndVerify) {
  const std::vector<Hash> leaves = Leaves(70);
  for (uint64_t size = 1; size <= 70; ++size) {
    const auto part = std::span(leaves).first(size);
    const OracleSource source(part);
    const Hash root = OracleRoot(part);
    for (uint64_t index = 0; index < size; ++index) {
      ASSERT_OK_AND_ASSIGN(const std::vector<Hash> proof, InclusionProof(index, size, source));
      ASSERT_EQ(proof, OraclePath(index, part)) << index << "/" << size;
      ASSERT_OK(VerifyInclusion(index, size, leaves[index], proof, root));
    }
    EXPECT_THAT(InclusionProof(size, size, source), StatusIs(absl::StatusCode::kOutOfRange));
  }
}

TEST(ProofTest, ConsistencyProofsEqualOracleAndVerify) {
  const std::vector<Hash> leaves = Leaves(70);
  for (uint64_t to = 1; to <= 70; ++to) {
    const auto part = std::span(leaves).first(to);
    const OracleSource source(part);
    for (uint64_t from = 0; from <= to; ++from) {
      ASSERT_OK_AND_ASSIGN(const std::vector<Hash> proof, ConsistencyProof(from, to, source));
      if (from > 0) {
        ASSERT_EQ(proof, OracleSubProof(from, part, true)) << from << "/" << to;
      }
      ASSERT_OK(VerifyConsistency(from, to, OracleRoot(part.first(from)), OracleRoot(part), proof));
    }
    EXPECT_THAT(ConsistencyProof(to + 1, to, source), StatusIs(absl::StatusCode::kOutOfRange));
  }
}

TEST(ProofTest, LargeRandomSizes) {
  std::mt19937_64 random(9);
  const std::vector<Hash> leaves = Leaves(4000);
  for (int round = 0; round < 20; ++round) {
    const uint64_t to = 1 + random() % leaves.size();
    const uint64_t from = 1 + random() % to;
    const uint64_t index = random() % to;
    const auto part = std::span(leaves).first(to);
    const OracleSource source(part);
    const Hash root = OracleRoot(part);
    ASSERT_OK_AND_ASSIGN(const std::vector<Hash> path, InclusionProof(index, to, source));
    ASSERT_OK(VerifyInclusion(index, to, leaves[index], path, root));
    ASSERT_OK_AND_ASSIGN(const std::vector<Hash> proof, ConsistencyProof(from, to, source));
    ASSERT_OK(VerifyConsistency(from, to, OracleRoot(part.first(from)), root, proof));
  }
}

// Every way to alter a claim has to be refused.
TEST(ProofTest, AlteredClaimsAreRefused) {
  const std::vector<Hash> leaves = Leaves(40);
  for (uint64_t size = 2; size <= 40; ++size) {
    const auto part = std::span(leaves).first(size);
    const OracleSource source(part);
    const Hash root = OracleRoot(part);
    const uint64_t index = (size * 7) % size == 0 ? size / 3 : (size * 7) % size;
    ASSERT_OK_AND_ASSIGN(std::vector<Hash> path, InclusionProof(index, size, source));
    EXPECT_FALSE(VerifyInclusion(index ^ 1, size, leaves[index], path, root).ok());
    EXPECT_FALSE(VerifyInclusion(index, size, leaves[(index + 1) % size], path, root).ok());
    EXPECT_FALSE(VerifyInclusion(size, size, leaves[index], path, root).ok());
    for (size_t i = 0; i < path.size(); ++i) {
      path[i][5] ^= 1;
      EXPECT_FALSE(VerifyInclusion(index, size, leaves[index], path, root).ok());
      path[i][5] ^= 1;
    }
    path.push_back(root);
    EXPECT_FALSE(VerifyInclusion(index, size, leaves[index], path, root).ok());
    for (uint64_t from = 1; from < size; ++from) {
      ASSERT_OK_AND_ASSIGN(std::vector<Hash> proof, ConsistencyProof(from, size, source));
      Hash old_root = OracleRoot(part.first(from));
      for (size_t i = 0; i < proof.size(); ++i) {
        proof[i][0] ^= 0x80;
        EXPECT_FALSE(VerifyConsistency(from, size, old_root, root, proof).ok());
        proof[i][0] ^= 0x80;
      }
      old_root[31] ^= 1;
      EXPECT_FALSE(VerifyConsistency(from, size, old_root, root, proof).ok());
      old_root[31] ^= 1;
      proof.pop_back();
      EXPECT_FALSE(VerifyConsistency(from, size, old_root, root, proof).ok());
    }
  }
  EXPECT_FALSE(VerifyConsistency(5, 5, leaves[0], leaves[1], {}).ok());
  EXPECT_FALSE(VerifyConsistency(6, 5, leaves[0], leaves[0], {}).ok());
}

}  // namespace
}  // namespace tidemark::ledger
