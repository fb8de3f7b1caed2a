#include "clients/cpp/catalog/version_hash.h"

#include <gtest/gtest.h>

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
    catalog::v1::Resource& after = *update_.mutable_after();
    after.set_name("regions/cn-33");
    (*after.mutable_display_names())["zh"] = "浙江省";
    (*after.mutable_display_names())["en"] = "Zhejiang";
    after.set_version(3);
    after.mutable_region()->set_level(catalog::v1::REGION_LEVEL_PROVINCE);
    after.mutable_region()->set_parent("regions/cn");
    deletion_.set_kind(catalog::v1::CHANGE_KIND_DELETE);
    deletion_.set_name("regionGroups/old");
  }
  std::string Hash() {
    return base::HexEncode(NextVersionHash(ZeroHash(), 3, {&update_, &deletion_}));
  }
  catalog::v1::Change update_;
  catalog::v1::Change deletion_;
};

// Made from the definition in the header by a few lines of Python with hashlib.
constexpr char kVector[] = "b30a5a6a94d75dd9851d5c587f74c2b26fdbab36c9f7f99c3b6fa59d078af195";

TEST_F(VersionHashTest, EqualsTheVector) { EXPECT_EQ(Hash(), kVector); }

TEST_F(VersionHashTest, OrderOfTheChangesMakesNoDifference) {
  EXPECT_EQ(base::HexEncode(NextVersionHash(ZeroHash(), 3, {&deletion_, &update_})), kVector);
}

TEST_F(VersionHashTest, TheStateBeforeIsNotHashed) {
  update_.mutable_before()->set_name("regions/cn-33");
  EXPECT_EQ(Hash(), kVector);
}

TEST_F(VersionHashTest, EverythingElseIs) {
  const std::string zero = ZeroHash();
  EXPECT_NE(NextVersionHash(zero, 4, {&update_}), NextVersionHash(zero, 3, {&update_}));
  EXPECT_NE(NextVersionHash(std::string(32, 'x'), 3, {&update_}),
            NextVersionHash(zero, 3, {&update_}));
  update_.set_changed_by("bob");
  EXPECT_NE(Hash(), kVector);
}

}  // namespace
}  // namespace tidemark::catalog_client
