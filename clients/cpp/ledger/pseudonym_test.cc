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

void ExpectNormalised(Normalisation rule, std::string_view id, std::string_view want) {
  EXPECT_THAT(Normalise(rule, id), IsOkAndHolds(std::string(want))) << id;
}

void ExpectRefused(Normalisation rule, std::string_view id) {
  EXPECT_THAT(Normalise(rule, id), StatusIs(absl::StatusCode::kInvalidArgument)) << id;
}

TEST(NormaliseTest, Rules) {
  ExpectNormalised(Normalisation::kNone, " Ab ", " Ab ");
  ExpectNormalised(Normalisation::kTrim, "\t Ab c \r\n", "Ab c");
  ExpectNormalised(Normalisation::kLower, " ABC-宁波-Ä ", "abc-宁波-Ä");
  ExpectNormalised(Normalisation::kDigitsOnly, "AB 12-34.", "1234");
  ExpectNormalised(Normalisation::kE164, "+86 (138) 0013-8000", "+8613800138000");
  ExpectNormalised(Normalisation::kE164, "0044 20 7946 0000", "+442079460000");
  ExpectNormalised(Normalisation::kCnResidentId, " 11010519491231002x ", "11010519491231002X");
  ExpectNormalised(Normalisation::kCnResidentId, "440524188001010014", "440524188001010014");
}

TEST(NormaliseTest, IdsThatDoNotFitAreRefused) {
  ExpectRefused(Normalisation::kNone, "");
  ExpectRefused(Normalisation::kTrim, "  ");
  ExpectRefused(Normalisation::kDigitsOnly, "abc");
  ExpectRefused(Normalisation::kE164, "13800138000");
  ExpectRefused(Normalisation::kE164, "+0123456789");
  ExpectRefused(Normalisation::kE164, "+86abc");
  ExpectRefused(Normalisation::kE164, "+123456");
  ExpectRefused(Normalisation::kE164, "+1234567890123456");
  ExpectRefused(Normalisation::kCnResidentId, "110105194912310021");
  ExpectRefused(Normalisation::kCnResidentId, "11010519491231002");
  ExpectRefused(Normalisation::kCnResidentId, "1101051949123100XX");
}

TEST(NormaliseTest, ErrorsDoNotShowTheIdentifier) {
  const auto status = Normalise(Normalisation::kCnResidentId, "110105194912310021").status();
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("1101")));
}

TEST(PseudonymTest, IsTheHmacOfSchemeAndId) {
  const std::string key = "secret", message("e164\0+8613800138000", 19);
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
