#include "clients/cpp/ledger/sha256.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "clients/cpp/ledger/sha256_lanes.h"
#include "common/base/hex.h"

namespace tidemark::ledger {
namespace {

std::string Hex(const Hash& hash) {
  return base::HexEncode({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

Hash OpenSslSha256(std::string_view message) {
  Hash out;
  unsigned size = 0;
  EVP_Digest(message.data(), message.size(), out.data(), &size, EVP_sha256(), nullptr);
  return out;
}

Hash OpenSslHmac(std::string_view key, std::string_view message) {
  Hash out;
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), out.data(), &size);
  return out;
}

std::string RandomBytes(size_t size, std::mt19937_64& random) {
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

TEST(Sha256Test, KnownAnswers) {
  EXPECT_EQ(Hex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sha256(std::string(1000000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, PaddableMessagesOfEveryLengthEqualOpenSsl) {
  std::mt19937_64 random(2);
  std::vector<std::string> texts;
  for (size_t size = 0; size <= 300; ++size) texts.push_back(RandomBytes(size, random));
  std::shuffle(texts.begin(), texts.end(), random);
  // Each in memory of its own, that a write outside of it is found.
  std::vector<std::vector<uint8_t>> memory;
  std::vector<PaddableMessage> messages;
  for (const std::string& text : texts) {
    std::vector<uint8_t>& bytes = memory.emplace_back(text.begin(), text.end());
    bytes.resize(text.size() + kSha256PaddingBytes, 0xA7);
    messages.push_back({bytes.data(), text.size()});
  }
  std::vector<Hash> out(messages.size());
  HashPaddable(messages, out);
  for (size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(out[i], OpenSslSha256(texts[i])) << i;
  HashPaddable({}, {});
}

TEST(Sha256Test, EveryLengthAroundBlockBordersEqualsOpenSsl) {
  std::mt19937_64 random(1);
  std::vector<std::string> texts;
  for (size_t size = 0; size <= 300; ++size) texts.push_back(RandomBytes(size, random));
  const std::vector<std::string_view> messages(texts.begin(), texts.end());
  std::vector<Hash> plain(messages.size()), prefixed(messages.size());
  HashMany(messages, plain);
  HashMany(messages, 0xA7, prefixed);
  for (size_t i = 0; i < texts.size(); ++i) {
    EXPECT_EQ(plain[i], OpenSslSha256(texts[i])) << i;
    EXPECT_EQ(prefixed[i], OpenSslSha256("\xA7" + texts[i])) << i;
  }
}

TEST(Sha256Test, RandomMixesOfLengthsEqualOpenSsl) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> texts(random() % 12);
    for (std::string& text : texts)
      text = RandomBytes(random() % (round % 10 == 0 ? 5000 : 400), random);
    const std::vector<std::string_view> messages(texts.begin(), texts.end());
    std::vector<Hash> out(messages.size());
    HashMany(messages, 0x00, out);
    for (size_t i = 0; i < texts.size(); ++i) {
      ASSERT_EQ(out[i], OpenSslSha256(std::string(1, '\0') + texts[i])) << round << " " << i;
    }
  }
}

TEST(Sha256Test, PortableEqualsInterleaved) {
  std::mt19937_64 random(3);
  for (size_t size = 0; size < 200; ++size) {
    const std::string text = RandomBytes(size, random);
    Hash portable, expected = OpenSslSha256("x" + text);
    const internal::Sha256Message message = {internal::kSha256Initial, 0, true, 'x', text,
                                             portable.data()};
    internal::HashPortable({&message, 1});
    ASSERT_EQ(portable, expected) << size;
  }
}

TEST(Sha256Test, NodesEqualOpenSslAlsoInPlace) {
  std::mt19937_64 random(4);
  for (size_t pairs = 0; pairs < 20; ++pairs) {
    std::vector<Hash> children(2 * pairs);
    for (Hash& hash : children) {
      for (uint8_t& byte : hash) byte = static_cast<uint8_t>(random());
    }
    std::vector<Hash> expected(pairs), parents(pairs);
    for (size_t i = 0; i < pairs; ++i) {
      std::string text = "\x01";
      text.append(reinterpret_cast<const char*>(children[2 * i].data()), 64);
      expected[i] = OpenSslSha256(text);
    }
    HashNodes(children, parents);
    EXPECT_EQ(parents, expected);
    HashNodes(children, std::span<Hash>(children).first(pairs));
    children.resize(pairs);
    EXPECT_EQ(children, expected);
  }
}

TEST(HmacKeyTest, Rfc4231Case2) {
  EXPECT_EQ(Hex(HmacKey("Jefe").Mac("what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(HmacKeyTest, EqualsOpenSslForAllKeyAndMessageLengths) {
  std::mt19937_64 random(5);
  for (size_t key_size : {0, 1, 16, 32, 63, 64, 65, 200}) {
    const std::string key = RandomBytes(key_size, random);
    const HmacKey hmac(key);
    std::vector<std::string> texts;
    for (size_t i = 0; i < 150; ++i) texts.push_back(RandomBytes(i * 3, random));
    const std::vector<std::string_view> messages(texts.begin(), texts.end());
    std::vector<Hash> out(messages.size());
    hmac.MacMany(messages, out);
    for (size_t i = 0; i < texts.size(); ++i) {
      ASSERT_EQ(out[i], OpenSslHmac(key, texts[i])) << key_size << " " << i;
    }
  }
}

}  // namespace
}  // namespace tidemark::ledger
