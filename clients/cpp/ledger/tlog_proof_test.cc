#include "clients/cpp/ledger/tlog_proof.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "clients/cpp/ledger/merkle.h"
#include "clients/cpp/ledger/merkle_oracle.h"
#include "common/testing/status_matchers.h"

namespace tidemark::ledger {
namespace {

using ::testing::HasSubstr;
using ::tidemark::testing::StatusIs;

class TlogProofTest : public ::testing::Test {
 protected:
  TlogProofTest() {
    for (int i = 0; i < 13; ++i)
      hashes_.push_back(Sha256(absl::StrCat(std::string(1, '\0'), "leaf ", i)));
  }

  TlogProof ProofOf(uint64_t index) {
    const Checkpoint checkpoint{
        .origin = "example.org/log", .size = hashes_.size(), .root = OracleRoot(hashes_)};
    return {.extra = absl::StrCat("leaf ", index),
            .index = index,
            .path = OraclePath(index, hashes_),
            .checkpoint = *SignCheckpoint(checkpoint, signer_)};
  }

  const NoteSigner signer_ = *NoteSigner::FromSeed("example.org/log", {7});
  std::vector<Hash> hashes_;
};

TEST_F(TlogProofTest, ReadsWhatItWroteAndShowsThatTheLeafIsThere) {
  for (uint64_t index = 0; index < hashes_.size(); ++index) {
    const TlogProof proof = ProofOf(index);
    ASSERT_OK_AND_ASSIGN(const TlogProof read, ParseTlogProof(TlogProofText(proof)));
    EXPECT_EQ(read, proof);
    ASSERT_OK_AND_ASSIGN(const Checkpoint checkpoint,
                         VerifyTlogProof(read, hashes_[index], signer_.verifier()));
    EXPECT_EQ(checkpoint.size, hashes_.size());
  }
}

// The text of the specification's example, with shorter parts.
TEST_F(TlogProofTest, IsTheTextOfTheSpecification) {
  TlogProof proof = ProofOf(12);
  proof.extra = "age";
  const std::string text = TlogProofText(proof);
  EXPECT_THAT(text, ::testing::StartsWith("c2sp.org/tlog-proof@v1\nextra YWdl\nindex 12\n"));
  EXPECT_THAT(text, HasSubstr("=\n\nexample.org/log\n13\n"));
  proof.extra.clear();
  EXPECT_THAT(TlogProofText(proof), ::testing::StartsWith("c2sp.org/tlog-proof@v1\nindex 12\n"));
  // A log of one leaf.
  const TlogProof alone{.index = 0, .checkpoint = "x"};
  EXPECT_EQ(TlogProofText(alone), "c2sp.org/tlog-proof@v1\nindex 0\n\nx");
  ASSERT_OK_AND_ASSIGN(const TlogProof read, ParseTlogProof(TlogProofText(alone)));
  EXPECT_EQ(read, alone);
}

TEST_F(TlogProofTest, AnyChangedByteIsFound) {
  const std::string text = TlogProofText(ProofOf(5));
  for (size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto proof = ParseTlogProof(changed);
    if (!proof.ok()) {
      EXPECT_THAT(proof.status(), StatusIs(absl::StatusCode::kDataLoss));
      continue;
    }
    // The extra data are the leaf here, so a change of them is one of the hash.
    const Hash hash = Sha256(absl::StrCat(std::string(1, '\0'), proof->extra));
    EXPECT_FALSE(VerifyTlogProof(*proof, hash, signer_.verifier()).ok()) << i << ": " << text[i];
  }
}

TEST_F(TlogProofTest, WhatIsWrongIsNamed) {
  const std::string text = TlogProofText(ProofOf(5));
  const auto error = [&](std::vector<std::pair<std::string, std::string>> change) {
    return std::string(ParseTlogProof(absl::StrReplaceAll(text, change)).status().message());
  };
  EXPECT_THAT(error({{"@v1", "@v2"}}), HasSubstr("line 1"));
  EXPECT_THAT(error({{"extra ", "extra !"}}), HasSubstr("the extra line"));
  EXPECT_THAT(error({{"index 5", "index 05"}}), HasSubstr("the index line"));
  EXPECT_THAT(error({{"\n\nexample", "\nexample"}}), HasSubstr("hash 5"));
  EXPECT_THAT(std::string(ParseTlogProof("c2sp.org/tlog-proof@v1\nindex 0\n").status().message()),
              HasSubstr("an empty line and a checkpoint"));
  EXPECT_THAT(VerifyTlogProof(ProofOf(5), hashes_[6], signer_.verifier()).status(),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("not shown to be in the log")));
  const NoteSigner other = *NoteSigner::FromSeed("example.org/log", {8});
  EXPECT_THAT(VerifyTlogProof(ProofOf(5), hashes_[5], other.verifier()).status(),
              StatusIs(absl::StatusCode::kUnauthenticated));
}

}  // namespace
}  // namespace tidemark::ledger
