#include "clients/cpp/catalog/version_hash.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/base/hex.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::catalog_client {
namespace {

class VersionHashTest : public ::testing::Test {
 protected:
  VersionHashTest() {
    update_.set_version(3);
    update_.set_time_us(1'700'000'000'000'000);
    update_.set_changed_by("ann");
    deletion_ = update_;
    update_.set_kind(catalog::v1::CHANGE_KIND_CREATE);
    update_.set_name("regions/cn-33");
    update_.set_state(absl::HexStringToBytes(
        "0a0d726567696f6e732f636e2d3333120e0a02656e12085a68656a69616e67120f0a"
        "027a681209e6b599e6b19fe79c81ba010e0828120a726567696f6e732f636e"));
    deletion_.set_kind(catalog::v1::CHANGE_KIND_DELETE);
    deletion_.set_name("regionGroups/old");
  }
  std::string Hash() {
    return base::HexEncode(NextVersionHash(ZeroHash(), {&update_, &deletion_}));
  }
  catalog::v1::Change update_;
  catalog::v1::Change deletion_;
};

// Made from the definition in the header by a few lines of Python with hashlib.
constexpr char kVector[] = "adb136900d6975ce90a9d9c9615de0100fb1109f89f93fb2b4825c210d8e2e5a";

TEST_F(VersionHashTest, EqualsTheVector) { EXPECT_EQ(Hash(), kVector); }

TEST_F(VersionHashTest, OrderOfTheChangesMakesNoDifference) {
  EXPECT_EQ(base::HexEncode(NextVersionHash(ZeroHash(), {&deletion_, &update_})), kVector);
}

TEST_F(VersionHashTest, StatesBeforeAndAfterAreNotHashed) {
  update_.mutable_before()->set_name("regions/cn-33");
  update_.mutable_after()->set_name("regions/cn-33");
  EXPECT_EQ(Hash(), kVector);
}

TEST_F(VersionHashTest, EverythingElseIs) {
  EXPECT_NE(base::HexEncode(NextVersionHash(std::string(32, 'x'), {&update_, &deletion_})),
            kVector);
  EXPECT_NE(base::HexEncode(NextVersionHash(ZeroHash(), {&update_})), kVector);
  const catalog::v1::Change good = update_;
  for (const auto& edit : std::vector<std::function<void(catalog::v1::Change&)>>{
           [](auto& c) { c.set_version(4); }, [](auto& c) { c.set_time_us(1); },
           [](auto& c) { c.set_changed_by("bob"); },
           [](auto& c) { c.set_kind(catalog::v1::CHANGE_KIND_UPDATE); },
           [](auto& c) { c.set_name("regions/cn-34"); },
           [](auto& c) { c.mutable_state()->back() ^= 1; }}) {
    update_ = good;
    edit(update_);
    // The version's own fields are those of its first change by name.
    deletion_.set_version(update_.version());
    deletion_.set_time_us(update_.time_us());
    deletion_.set_changed_by(update_.changed_by());
    EXPECT_NE(Hash(), kVector) << update_.ShortDebugString();
  }
}

// A field of a newer release, before and after those known: the bytes count, not what is parsed.
TEST_F(VersionHashTest, FieldsThatAreNotKnownSurviveAMessageAndCount) {
  update_.set_state(absl::StrCat("\x4a\x03new", update_.state(), "\xa2\x06\x03new"));
  const std::string hash = Hash();
  EXPECT_NE(hash, kVector);
  catalog::v1::Change received;
  ASSERT_TRUE(received.ParseFromString(update_.SerializeAsString()));
  update_ = received;
  EXPECT_EQ(Hash(), hash);
}

}  // namespace
}  // namespace tidemark::catalog_client
