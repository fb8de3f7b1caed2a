#include "services/ingest/domain/pseudonymiser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "clients/cpp/ledger/pseudonym.h"

namespace tidemark::ingest {
namespace {

catalog_client::IdentifierScheme Scheme(std::string id, catalog_client::Normalisation rule) {
  catalog_client::IdentifierScheme scheme;
  scheme.id = std::move(id);
  scheme.normalisation = rule;
  return scheme;
}

std::string Expected(const ledger::HmacKey& key, std::string_view scheme, std::string_view id) {
  const ledger::Pseudonym p = ledger::MakePseudonym(key, scheme, id);
  return std::string(p.begin(), p.end());
}

TEST(PseudonymiserTest, MakesWhatProducersMakeThemselves) {
  const ledger::HmacKey key("a shared key");
  const auto plain = Scheme("plain", catalog_client::Normalisation::kNone);
  const auto phone = Scheme("e164", catalog_client::Normalisation::kE164);
  const auto lower = Scheme("mail", catalog_client::Normalisation::kLower);
  Pseudonymiser pseudonymiser(&key);
  Arena arena;
  Rejection rejection;
  std::vector<std::string_view> pseudonyms(6);
  ASSERT_TRUE(pseudonymiser.Add(0, plain, " A ", &arena, &rejection));
  ASSERT_TRUE(pseudonymiser.Add(1, plain, " A ", &arena, &rejection));
  ASSERT_TRUE(pseudonymiser.Add(2, phone, "0086 138-0013-8000", &arena, &rejection));
  ASSERT_TRUE(pseudonymiser.Add(4, lower, " Me@X.org", &arena, &rejection));
  ASSERT_TRUE(pseudonymiser.Add(5, plain, " A ", &arena, &rejection));
  pseudonymiser.Finish(
      &arena, [&](uint32_t row, std::string_view pseudonym) { pseudonyms[row] = pseudonym; });
  EXPECT_EQ(pseudonyms[0], Expected(key, "plain", " A "));
  EXPECT_EQ(pseudonyms[1], pseudonyms[0]);
  EXPECT_EQ(pseudonyms[2], Expected(key, "e164", "+8613800138000"));
  EXPECT_TRUE(ledger::Absent(pseudonyms[3]));
  EXPECT_EQ(pseudonyms[4], Expected(key, "mail", "me@x.org"));
  EXPECT_EQ(pseudonyms[5], pseudonyms[0]);
}

TEST(PseudonymiserTest, AnIdentifierThatDoesNotFitIsNotRepeatedInTheMessage) {
  const ledger::HmacKey key("k");
  const auto resident = Scheme("cn-resident-id", catalog_client::Normalisation::kCnResidentId);
  Pseudonymiser pseudonymiser(&key);
  Arena arena;
  Rejection rejection;
  EXPECT_FALSE(pseudonymiser.Add(0, resident, "110105194912310020", &arena, &rejection));
  EXPECT_EQ(rejection.reason, Reason::kIdentifierInvalid);
  EXPECT_EQ(rejection.field, Field::kConsumerId);
  EXPECT_THAT(rejection.message, ::testing::Not(::testing::HasSubstr("110105")));
  // The same again is refused again, not taken for a repetition.
  EXPECT_FALSE(pseudonymiser.Add(1, resident, "110105194912310020", &arena, &rejection));
}

}  // namespace
}  // namespace tidemark::ingest
