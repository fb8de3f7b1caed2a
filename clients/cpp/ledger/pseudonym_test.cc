#include "clients/cpp/ledger/pseudonym.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string>

#include "common/testing/status_matchers.h"

namespace tidemark::ledger {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::tidemark::testing::IsOkAndHolds;
using ::tidemark::testing::StatusIs;

void ExpectNormalised(std::string_view rule, std::string_view id, std::string_view want) {
  ASSERT_OK_AND_ASSIGN(const Normalisation parsed, ParseNormalisation(rule));
  EXPECT_EQ(NormalisationName(parsed), rule);
  EXPECT_THAT(Normalise(parsed, id), IsOkAndHolds(std::string(want))) << rule << " " << id;
}

void ExpectRefused(std::string_view rule, std::string_view id) {
  ASSERT_OK_AND_ASSIGN(const Normalisation parsed, ParseNormalisation(rule));
  EXPECT_THAT(Normalise(parsed, id), StatusIs(absl::StatusCode::kInvalidArgument))
      << rule << " " << id;
}

TEST(NormaliseTest, Rules) {
  ExpectNormalised("none", " Ab ", " Ab ");
  ExpectNormalised("trim", "\t Ab c \r\n", "Ab c");
  ExpectNormalised("lower", " ABC-宁波-Ä ", "abc-宁波-Ä");
  ExpectNormalised("digits-only", "AB 12-34.", "1234");
  ExpectNormalised("e164", "+86 (138) 0013-8000", "+8613800138000");
  ExpectNormalised("e164", "0044 20 7946 0000", "+442079460000");
  ExpectNormalised("cn-resident-id", " 11010519491231002x ", "11010519491231002X");
  ExpectNormalised("cn-resident-id", "440524188001010014", "440524188001010014");
}

TEST(NormaliseTest, IdsThatDoNotFitAreRefused) {
  ExpectRefused("none", "");
  ExpectRefused("trim", "  ");
  ExpectRefused("digits-only", "abc");
  ExpectRefused("e164", "13800138000");
  ExpectRefused("e164", "+0123456789");
  ExpectRefused("e164", "+86abc");
  ExpectRefused("e164", "+123456");
  ExpectRefused("e164", "+1234567890123456");
  ExpectRefused("cn-resident-id", "110105194912310021");
  ExpectRefused("cn-resident-id", "11010519491231002");
  ExpectRefused("cn-resident-id", "1101051949123100XX");
}

TEST(NormaliseTest, ErrorsDoNotShowTheIdentifier) {
  const auto status = Normalise(Normalisation::kCnResidentId, "110105194912310021").status();
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("1101")));
}

TEST(NormaliseTest, UnknownRuleListsTheKnownOnes) {
  EXPECT_THAT(ParseNormalisation("upper"),
              StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("digits-only")));
}

TEST(PseudonymTest, IsTheHmacOfSchemeAndId) {
  const std::string key = "secret", message = std::string("e164") + '\0' + "+8613800138000";
  unsigned char mac[32];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), mac, &size);
  const Pseudonym pseudonym = MakePseudonym(HmacKey(key), "e164", "+8613800138000");
  EXPECT_TRUE(std::equal(pseudonym.begin(), pseudonym.end(), mac));
  EXPECT_NE(pseudonym, MakePseudonym(HmacKey(key), "account", "+8613800138000"));
  EXPECT_NE(pseudonym, MakePseudonym(HmacKey("other"), "e164", "+8613800138000"));
}

}  // namespace
}  // namespace tidemark::ledger
