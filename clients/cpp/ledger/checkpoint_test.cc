#include "clients/cpp/ledger/checkpoint.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "clients/cpp/ledger/base64.h"
#include "clients/cpp/ledger/note_text.h"
#include "common/testing/status_matchers.h"

namespace tidemark::ledger {
namespace {

using ::testing::HasSubstr;
using ::tidemark::testing::IsOkAndHolds;
using ::tidemark::testing::StatusIs;

// Of the documentation of golang.org/x/mod/sumdb/note, where the format comes from.
constexpr std::string_view kGoPrivate =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
constexpr std::string_view kGoPublic =
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kGoText =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
constexpr std::string_view kGoNote =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/"
    "SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

TEST(NoteTest, SignsAndOpensTheNoteOfTheGoDocumentation) {
  ASSERT_OK_AND_ASSIGN(const NoteSigner signer, NoteSigner::FromText(kGoPrivate));
  EXPECT_EQ(signer.verifier().ToText(), kGoPublic);
  EXPECT_EQ(signer.ToText(), kGoPrivate);
  EXPECT_THAT(signer.Sign(kGoText), IsOkAndHolds(std::string(kGoNote)));
  ASSERT_OK_AND_ASSIGN(const NoteVerifier verifier, NoteVerifier::FromText(kGoPublic));
  EXPECT_THAT(verifier.Open(kGoNote), IsOkAndHolds(kGoText));
}

TEST(NoteTest, GeneratedKeysDifferAndComeBackFromText) {
  ASSERT_OK_AND_ASSIGN(const NoteSigner a, NoteSigner::Generate("例/log"));
  ASSERT_OK_AND_ASSIGN(const NoteSigner b, NoteSigner::Generate("例/log"));
  EXPECT_NE(a.ToText(), b.ToText());
  ASSERT_OK_AND_ASSIGN(const NoteSigner again, NoteSigner::FromText(a.ToText()));
  ASSERT_OK_AND_ASSIGN(const std::string note, again.Sign("text\n"));
  EXPECT_THAT(a.verifier().Open(note), IsOkAndHolds(std::string_view("text\n")));
  EXPECT_THAT(b.verifier().Open(note), StatusIs(absl::StatusCode::kUnauthenticated));
}

TEST(NoteTest, EveryFlippedBitIsRefused) {
  ASSERT_OK_AND_ASSIGN(const NoteVerifier verifier, NoteVerifier::FromText(kGoPublic));
  for (size_t bit = 0; bit < kGoNote.size() * 8; ++bit) {
    std::string note(kGoNote);
    note[bit / 8] = static_cast<char>(note[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(verifier.Open(note).ok()) << bit;
  }
  for (size_t size = 0; size < kGoNote.size(); ++size) {
    EXPECT_FALSE(verifier.Open(kGoNote.substr(0, size)).ok()) << size;
  }
}

TEST(NoteTest, CosignaturesAreKeptApart) {
  ASSERT_OK_AND_ASSIGN(const NoteSigner log, NoteSigner::Generate("log"));
  ASSERT_OK_AND_ASSIGN(const NoteSigner witness, NoteSigner::Generate("witness"));
  ASSERT_OK_AND_ASSIGN(const std::string note, log.Sign("a\n\nb\n"));
  ASSERT_OK_AND_ASSIGN(const std::string cosigned, witness.Cosign(note));
  EXPECT_THAT(witness.verifier().Open(note), StatusIs(absl::StatusCode::kUnauthenticated));
  EXPECT_THAT(witness.verifier().Open(cosigned), IsOkAndHolds(std::string_view("a\n\nb\n")));
  EXPECT_THAT(log.verifier().Open(cosigned), IsOkAndHolds(std::string_view("a\n\nb\n")));
  ASSERT_OK_AND_ASSIGN(const ParsedNote parsed, ParseNote(cosigned));
  EXPECT_EQ(parsed.signatures.size(), 2u);
}

TEST(NoteTest, BadKeysAreRefused) {
  for (const std::string_view text :
       {"", "a", "a+b", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+AhpcQcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"}) {
    EXPECT_THAT(NoteVerifier::FromText(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
  EXPECT_THAT(NoteSigner::FromText(kGoPublic), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(NoteSigner::Generate("a b"), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(NoteSigner::Generate(""), StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(NoteSigner::Generate("a\xE3\x80\x80z"), StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(NoteTest, TextsThatCannotBeSignedAreRefused) {
  ASSERT_OK_AND_ASSIGN(const NoteSigner signer, NoteSigner::FromText(kGoPrivate));
  for (const std::string_view text :
       {"", "\n", "no newline", "empty last line\n\n", "tab\t\n", "bad \xff utf-8\n"}) {
    EXPECT_THAT(signer.Sign(text), StatusIs(absl::StatusCode::kInvalidArgument)) << text;
  }
}

TEST(NoteTextTest, Utf8IsShortestForm) {
  EXPECT_TRUE(IsNoteText("宁波 \xF0\x9F\x98\x80\n"));
  for (const std::string_view bad :
       {"\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE5\xAE", "\x80"}) {
    EXPECT_FALSE(IsNoteText(bad));
  }
}

TEST(Base64Test, OnlyTheOneSpellingIsRead) {
  for (const std::string_view text : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    EXPECT_EQ(Base64Decode(Base64Encode(text)), text);
  }
  EXPECT_EQ(Base64Encode("fooba"), "Zm9vYmE=");
  for (const std::string_view bad :
       {"Zg", "Zg=", "Zh==", " Zg==", "Zg==\n", "Z===", "====", "Zm9v!mE="}) {
    EXPECT_FALSE(Base64Decode(bad).has_value()) << bad;
  }
}

TEST(CheckpointTest, TextByteForByte) {
  const Checkpoint checkpoint{
      .origin = "tidemark.example/ledger", .size = 123456789, .accepted_time_us = 1700000000000000};
  EXPECT_THAT(CheckpointText(checkpoint),
              IsOkAndHolds(std::string(
                  "tidemark.example/ledger\n123456789\n"
                  "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\naccepted 1700000000000000\n")));
}

TEST(CheckpointTest, SignedCheckpointsComeBack) {
  ASSERT_OK_AND_ASSIGN(const NoteSigner signer, NoteSigner::Generate("log.example/宁波"));
  Checkpoint checkpoint{
      .origin = "log.example/宁波", .size = UINT64_MAX, .accepted_time_us = INT64_MIN};
  for (size_t i = 0; i < checkpoint.root.size(); ++i)
    checkpoint.root[i] = static_cast<uint8_t>(i * 9);
  ASSERT_OK_AND_ASSIGN(const std::string note, SignCheckpoint(checkpoint, signer));
  EXPECT_THAT(OpenCheckpoint(note, signer.verifier()), IsOkAndHolds(checkpoint));
  checkpoint.origin = "other";
  EXPECT_THAT(SignCheckpoint(checkpoint, signer), StatusIs(absl::StatusCode::kInvalidArgument));
  // Another log's checkpoint signed with this key is not this log's.
  ASSERT_OK_AND_ASSIGN(const std::string text, CheckpointText(checkpoint));
  ASSERT_OK_AND_ASSIGN(const std::string foreign, signer.Sign(text));
  EXPECT_THAT(OpenCheckpoint(foreign, signer.verifier()),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("origin")));
}

TEST(CheckpointTest, ParserIsStrict) {
  const std::string good = *CheckpointText({.origin = "o", .size = 10, .accepted_time_us = 5});
  EXPECT_OK(ParseCheckpointText(good));
  EXPECT_OK(ParseCheckpointText(good + "later extension\n"));
  const auto changed = [&good](std::string_view from, std::string_view to) {
    return absl::StrReplaceAll(good, {{from, to}});
  };
  for (const std::string& bad :
       {std::string(), changed("o\n", "\n"), changed("\n10\n", "\n010\n"),
        changed("\n10\n", "\n+10\n"), changed("\n10\n", "\n-1\n"),
        changed("\n10\n", "\n18446744073709551616\n"), changed("AAA=", "AAB="),
        changed("AAAA=", "A="), changed("accepted 5", "accepted  5"),
        changed("accepted 5", "accepted"), changed("accepted 5", "accepted 05"),
        changed("accepted 5\n", ""), changed("accepted 5\n", "accepted 5"), good + "\n",
        good + "no newline"}) {
    EXPECT_THAT(ParseCheckpointText(bad), StatusIs(absl::StatusCode::kDataLoss)) << bad;
  }
}

}  // namespace
}  // namespace tidemark::ledger
