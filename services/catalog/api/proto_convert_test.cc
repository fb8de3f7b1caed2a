#include "services/catalog/api/proto_convert.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/testing/proto_matchers.h"
#include "common/testing/status_matchers.h"
#include "services/catalog/api/page_token.h"
#include "services/catalog/api/token_secret.h"
#include "services/catalog/domain/canonical.h"
#include "services/catalog/domain/testing_resources.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::catalog {
namespace {

using ::tidemark::testing::EqualsProto;
using ::tidemark::testing::ParseText;
using ::tidemark::testing::StatusIs;

std::string Deterministic(const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

// One of each type with every field set, and one with as few as possible.
std::vector<v1::Resource> Samples() {
  std::vector<v1::Resource> samples;
  for (const char* text : {
           R"pb(name: "observatories/main"
                display_names { key: "zh" value: "宁波" }
                display_names { key: "en" value: "Ningbo" }
                description: "站"
                observatory {
                  time_zone: "Asia/Shanghai"
                  currency: "CNY"
                  scale: 4
                  fiscal_start_month: 12
                  start { year: 2020 month: 1 day: 31 }
                  precedence: REPORTING_ROLE_PAYMENT
                  precedence: REPORTING_ROLE_SELLER_PLATFORM
                })pb",
           R"pb(name: "sources/s"
                source {
                  kind: SOURCE_KIND_TEST
                  reports {
                    start { year: 1 month: 1 day: 1 }
                    end { year: 9999 month: 12 day: 31 }
                  }
                  regions: "regions/a"
                  regions: "regionGroups/b"
                  categories: "categories/c"
                  closes_days: true
                  new_codes_per_day: 4294967295
                  quota { events_per_second: 500 burst: 100000000 }
                  channels: CHANNEL_HYBRID
                  channels: CHANNEL_ONLINE
                  organisation: "organisations/o"
                  synthetic: true
                })pb",
           R"pb(name: "sources/t"
                source { kind: SOURCE_KIND_LIVE })pb",
           R"pb(name: "identifierSchemes/e164"
                identifier_scheme {
                  scheme_class: SCHEME_CLASS_PERSON
                  normalisation: NORMALISATION_E164
                  source: "sources/s"
                  valid { end { year: 2030 month: 1 day: 1 } }
                })pb",
           R"pb(name: "regions/cn"
                region { level: REGION_LEVEL_NATION })pb",
           R"pb(name: "regions/a"
                region {
                  level: REGION_LEVEL_CITY
                  parent: "regions/cn"
                  valid { end { year: 2024 month: 2 day: 29 } }
                  aliases: "甲"
                  aliases: "乙"
                  lowest_level: REGION_LEVEL_COUNTY
                  successors {
                    region: "regions/b"
                    date { year: 2024 month: 2 day: 29 }
                    basis: CROSSWALK_BASIS_POPULATION
                    weight { value: "0.25" }
                  }
                })pb",
           R"pb(name: "regionGroups/empty"
                region_group {})pb",
           R"pb(name: "regionGroups/g"
                region_group {
                  declared_count: 7
                  members {
                    member: "regions/a"
                    valid { start { year: 2014 month: 1 day: 1 } }
                  }
                  members { member: "regions/cn" }
                })pb",
           R"pb(name: "categories/c"
                category {
                  parent: "categories/p"
                  coicop_2018: "08.3.9.2"
                  information_content: INFORMATION_CONTENT_INDIRECT
                  valid { start { year: 2020 month: 5 day: 6 } }
                  aliases: "x"
                  precedence: REPORTING_ROLE_DEPARTMENT
                  codes {
                    classification: CLASSIFICATION_CPC_2_1
                    code: "84110"
                    relation: CODE_RELATION_BROADER
                  }
                  nature: CATEGORY_NATURE_MIXED
                })pb",
           R"pb(name: "tokens/t"
                token {
                  principal: "p"
                  roles: ROLE_ADMIN
                  roles: ROLE_SERVICE
                  sources: "*"
                  region_scope: "regions/a"
                  expire_time_us: 4102444800000000
                  acts_for: "organisations/o"
                })pb",
       }) {
    samples.push_back(ParseText<v1::Resource>(text));
  }
  return samples;
}

TEST(ProtoConvertTest, KeepsEveryField) {
  for (const v1::Resource& sample : Samples()) {
    v1::Resource back;
    ToProto(FromProto(sample).resource, {.etag = false}, &back);
    back.clear_update_time_us();
    EXPECT_THAT(back, EqualsProto(sample));
  }
}

// A field that the two tests below and above do not see could be lost without a word.
TEST(ProtoConvertTest, SamplesHaveEveryField) {
  std::map<const google::protobuf::Descriptor*, std::set<std::string>> met;
  for (const v1::Resource& sample : Samples()) {
    const auto* const content = sample.GetDescriptor()->FindOneofByName("type");
    ASSERT_NE(content, nullptr);
    const auto* const field = sample.GetReflection()->GetOneofFieldDescriptor(sample, content);
    const google::protobuf::Message& message = sample.GetReflection()->GetMessage(sample, field);
    std::vector<const google::protobuf::FieldDescriptor*> set;
    message.GetReflection()->ListFields(message, &set);
    std::set<std::string>& names = met[message.GetDescriptor()];
    for (const auto* one : set) names.insert(one->name());
  }
  for (const auto& [type, names] : met) {
    for (int i = 0; i < type->field_count(); ++i) {
      const std::string name = absl::StrCat(type->name(), ".", type->field(i)->name());
      // The service itself sets these, not who applies.
      if (name == "Observatory.log_id" || name == "Token.secret_hash") continue;
      EXPECT_TRUE(names.contains(type->field(i)->name())) << name;
    }
  }
}

TEST(CanonicalTest, IsTheDeterministicProtobufEncoding) {
  for (const v1::Resource& sample : Samples()) {
    const Resource resource = FromProto(sample).resource;
    EXPECT_EQ(EncodeState(resource), Deterministic(sample)) << sample.ShortDebugString();
    ASSERT_OK_AND_ASSIGN(const Resource decoded, DecodeState(Deterministic(sample)));
    EXPECT_TRUE(SameState(decoded, resource)) << sample.ShortDebugString();
  }
}

TEST(ProtoConvertTest, WatchersGetTheStateAsItIsStored) {
  const StoredChange change = {300,         1704164645000000,
                               "谁",        ChangeKind::kUpdate,
                               "regions/a", "\x0a\x09regions/a\xa2\x06\x03new"};
  v1::Change sent;
  ToProto(change, &sent);
  EXPECT_EQ(sent.version(), 300u);
  EXPECT_EQ(sent.time_us(), 1704164645000000);
  EXPECT_EQ(sent.changed_by(), "谁");
  EXPECT_EQ(sent.kind(), v1::CHANGE_KIND_UPDATE);
  EXPECT_EQ(sent.name(), "regions/a");
  EXPECT_EQ(sent.state(), change.state);
  EXPECT_FALSE(sent.has_after());
}

TEST(ProtoConvertTest, AScaleThatIsLeftOutIsTwoAndZeroIsStored) {
  for (const auto& [text, scale] :
       {std::pair("observatory {}", 2), std::pair("observatory { scale: 0 }", 0)}) {
    const Resource resource =
        FromProto(ParseText<v1::Resource>(absl::StrCat("name: 'observatories/a' ", text))).resource;
    EXPECT_EQ(std::get<Observatory>(resource.content).scale, static_cast<uint32_t>(scale));
    ASSERT_OK_AND_ASSIGN(const Resource stored, DecodeState(EncodeState(resource)));
    EXPECT_EQ(std::get<Observatory>(stored.content).scale, static_cast<uint32_t>(scale));
    v1::Resource proto;
    ASSERT_TRUE(proto.ParseFromString(EncodeState(resource)));
    EXPECT_TRUE(proto.observatory().has_scale());
    v1::Resource shown;
    ToProto(resource, {}, &shown);
    EXPECT_TRUE(shown.observatory().has_scale());
  }
}

TEST(CanonicalTest, RefusesEveryTruncation) {
  for (const v1::Resource& sample : Samples()) {
    const std::string bytes = Deterministic(sample);
    for (size_t length = 0; length < bytes.size(); ++length) {
      const auto decoded = DecodeState(std::string_view(bytes).substr(0, length));
      // Cut between two fields it may still be a message, but never the same.
      if (!decoded.ok()) continue;
      EXPECT_NE(EncodeState(*decoded), bytes);
    }
  }
  EXPECT_THAT(DecodeState("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST(PageTokenTest, ComesBackOnlyWithItsRequest) {
  const std::string text = EncodePageToken({7, "regions/甲"}, "request");
  ASSERT_OK_AND_ASSIGN(const PageToken token, DecodePageToken(text, "request"));
  EXPECT_EQ(token.version, 7u);
  EXPECT_EQ(token.position, "regions/甲");
  EXPECT_THAT(DecodePageToken(text, "another"), StatusIs(absl::StatusCode::kInvalidArgument));
  for (size_t i = 0; i < text.size(); ++i) {
    std::string bad = text;
    bad[i] = bad[i] == 'a' ? 'b' : 'a';
    EXPECT_FALSE(DecodePageToken(text.substr(0, i), "request").ok());
    const auto decoded = DecodePageToken(bad, "request");
    // The last character may hold unused bits.
    if (!decoded.ok()) continue;
    EXPECT_EQ(decoded->position, token.position);
  }
}

TEST(TokenSecretTest, IsLongAndNew) {
  const std::string secret = NewTokenSecret();
  EXPECT_EQ(secret.size(), 46u);
  EXPECT_TRUE(secret.starts_with("tm_"));
  EXPECT_EQ(
      secret.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
      std::string::npos);
  EXPECT_NE(secret, NewTokenSecret());
}

}  // namespace
}  // namespace tidemark::catalog
