#include "tests/bench/catalog_resources.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tidemark/catalog/v1/resource.pb.h"

namespace tidemark::bench {
namespace {

using catalog::v1::Resource;

constexpr uint32_t kBlock = 200;
constexpr size_t kCharacter = 3;  // of UTF-8

// Of names of places and firms.
constexpr std::string_view kCharacters =
    "安白宝北昌长成城川春大丹德东丰凤福阜高广桂海汉和河鹤红湖华淮黄惠吉济佳嘉江金锦晋景九康昆兰乐丽"
    "连辽林临灵龙"
    "隆泸洛马梅绵明牡南宁盘平萍莆普齐青清庆泉日荣三沙山汕商上韶绍邵深石十双四松苏随遂台泰唐天铁同铜"
    "通万威潍温文"
    "乌无武西锡仙咸湘襄孝新信兴许宣延盐阳宜义益银鹰营永榆玉岳云运枣湛张昭肇镇郑中舟周株珠驻资淄自"
    "遵";
constexpr std::array<std::string_view, 8> kTopics = {
    "智慧医疗", "数字教育", "移动支付", "直播电商", "信息消费", "云端服务", "数字藏品", "智能家居"};
constexpr std::array<std::string_view, 8> kTopicWords = {
    "smart health",         "digital learning", "mobile payment",       "live commerce",
    "information services", "cloud services",   "digital collectibles", "smart home"};

uint32_t Mixed(uint32_t number, uint32_t salt) {
  uint32_t x = number * 2654435761U + salt * 40503U;
  x ^= x >> 15;
  x *= 2246822519U;
  return x ^ x >> 13;
}

struct Kind {
  uint32_t first;  // within a block
  uint32_t count;
  std::string_view id;
  std::string_view zh;
  std::string_view en;
};
constexpr Kind kCategory = {0, 1, "categories/c-", "类", "Goods"};
constexpr Kind kRegion = {1, 30, "regions/cn-", "镇", "Town"};
constexpr Kind kProvider = {31, 40, "providers/p-", "科技有限公司", "Technology"};
constexpr Kind kOrganisation = {71, 20, "organisations/o-", "协会", "Association"};
constexpr Kind kProduct = {91, 60, "products/g-", "服务", "Service"};
constexpr Kind kProject = {151, 20, "projects/j-", "示范项目", "Project"};
constexpr Kind kActivity = {171, 15, "activities/a-", "博览会", "Expo"};
constexpr Kind kVenue = {186, 10, "venues/v-", "体验中心", "Centre"};
constexpr Kind kApp = {196, 4, "digitalApps/d-", "应用", "App"};
constexpr const Kind* kKinds[] = {&kCategory, &kRegion,   &kProvider, &kOrganisation, &kProduct,
                                  &kProject,  &kActivity, &kVenue,    &kApp};

const Kind& KindOf(uint32_t at) {
  return **std::find_if(std::begin(kKinds), std::end(kKinds), [at](const Kind* kind) {
    return at >= kind->first && at < kind->first + kind->count;
  });
}

std::string NameOf(const Kind& kind, uint32_t n) { return absl::StrCat(kind.id, 100'000'000 + n); }

// One of those of a kind that there are when block `block` is applied.
std::string SomeOf(const Kind& kind, uint32_t block, uint32_t mixed) {
  return NameOf(kind, mixed % ((block + 1) * kind.count));
}

std::string ChineseName(uint32_t number) {
  std::string name;
  for (uint32_t k = 0; k < 3; ++k) {
    const size_t at = Mixed(number, k) % (kCharacters.size() / kCharacter);
    name += kCharacters.substr(at * kCharacter, kCharacter);
  }
  return name;
}

std::string EnglishName(uint32_t number) {
  std::string name;
  for (uint32_t k = 0; k < 4; ++k) {
    const uint32_t mixed = Mixed(number, 10 + k);
    name += "bcdfghklmnprst"[mixed % 14];
    name += "aeiou"[mixed / 14 % 5];
  }
  name[0] = absl::ascii_toupper(static_cast<unsigned char>(name[0]));
  return name;
}

// A nation, 30 provinces, 300 cities, 3,000 counties, and the towns in them.
void MakeRegion(uint32_t n, catalog::v1::Region* region) {
  if (n == 0) return region->set_level(catalog::v1::REGION_LEVEL_NATION);
  struct Level {
    uint32_t first;
    uint32_t above;  // the first of those above, and their number
    uint32_t parents;
    catalog::v1::RegionLevel level;
  };
  constexpr Level kLevels[] = {{3331, 331, 3000, catalog::v1::REGION_LEVEL_TOWNSHIP},
                               {331, 31, 300, catalog::v1::REGION_LEVEL_COUNTY},
                               {31, 1, 30, catalog::v1::REGION_LEVEL_CITY},
                               {1, 0, 1, catalog::v1::REGION_LEVEL_PROVINCE}};
  const Level& level = *std::find_if(std::begin(kLevels), std::end(kLevels),
                                     [n](const Level& l) { return n >= l.first; });
  region->set_level(level.level);
  region->set_parent(NameOf(kRegion, level.above + n % level.parents));
}

void MakeType(const Kind& kind, uint32_t n, uint32_t block, Resource* resource) {
  const auto some = [&](const Kind& of, uint32_t salt) {
    return SomeOf(of, block, Mixed(block * kBlock + kind.first + n, salt));
  };
  if (&kind == &kCategory) {
    constexpr uint32_t kRoots = 10;
    auto* category = resource->mutable_category();
    if (n >= kRoots) category->set_parent(NameOf(kCategory, n % kRoots));
    category->set_information_content(catalog::v1::INFORMATION_CONTENT_DIRECT);
  } else if (&kind == &kRegion) {
    MakeRegion(n, resource->mutable_region());
  } else if (&kind == &kProvider) {
    auto* provider = resource->mutable_provider();
    provider->set_kind(catalog::v1::PROVIDER_KIND_ENTERPRISE);
    provider->set_organisation(some(kOrganisation, 20));
    provider->set_region(some(kRegion, 21));
    provider->add_codes()->set_code(absl::StrCat("91330", 100'000'000 + n, "X"));
    provider->add_sizes()->set_size_class(catalog::v1::SIZE_CLASS_SMALL);
  } else if (&kind == &kOrganisation) {
    auto* organisation = resource->mutable_organisation();
    organisation->set_kind(catalog::v1::ORGANISATION_KIND_ASSOCIATION);
    organisation->set_region(some(kRegion, 22));
  } else if (&kind == &kProduct) {
    auto* product = resource->mutable_product();
    product->set_kind(catalog::v1::PRODUCT_KIND_SERVICE);
    product->add_providers(some(kProvider, 23));
    product->set_category(some(kCategory, 24));
    product->add_regions(some(kRegion, 25));
    product->mutable_valid()->mutable_start()->set_year(2015 + static_cast<int32_t>(n % 10));
    product->mutable_valid()->mutable_start()->set_month(1);
    product->mutable_valid()->mutable_start()->set_day(1);
  } else if (&kind == &kProject) {
    auto* project = resource->mutable_project();
    project->set_kind(catalog::v1::PROJECT_KIND_DEMONSTRATION);
    project->add_regions(some(kRegion, 26));
    project->add_categories(some(kCategory, 27));
    auto* party = project->add_parties();
    party->set_party(some(kOrganisation, 28));
    party->set_role(catalog::v1::PARTY_ROLE_LEAD);
    project->set_status(catalog::v1::WORK_STATUS_ACTIVE);
  } else if (&kind == &kActivity) {
    auto* activity = resource->mutable_activity();
    activity->add_kinds(catalog::v1::ACTIVITY_KIND_EXPO);
    activity->add_regions(some(kRegion, 29));
    activity->add_venues(some(kVenue, 30));
  } else if (&kind == &kVenue) {
    auto* venue = resource->mutable_venue();
    venue->set_kind(catalog::v1::VENUE_KIND_EXPERIENCE_CENTRE);
    venue->set_region(some(kRegion, 31));
    venue->set_address(absl::StrCat(ChineseName(n), "路", 1 + n % 900, "号"));
  } else {
    auto* app = resource->mutable_digital_app();
    app->add_regions(some(kRegion, 32));
    app->add_categories(some(kCategory, 33));
  }
}

Resource Observatory() {
  Resource resource;
  resource.set_name("observatories/main");
  auto* observatory = resource.mutable_observatory();
  observatory->set_time_zone("Asia/Shanghai");
  observatory->set_currency("CNY");
  observatory->mutable_start()->set_year(2015);
  observatory->mutable_start()->set_month(1);
  observatory->mutable_start()->set_day(1);
  return resource;
}

}  // namespace

Resource ResourceOf(uint32_t number) {
  if (number == 0) return Observatory();
  const uint32_t block = (number - 1) / kBlock;
  const uint32_t at = (number - 1) % kBlock;
  const Kind& kind = KindOf(at);
  const uint32_t n = block * kind.count + at - kind.first;
  Resource resource;
  resource.set_name(NameOf(kind, n));
  const size_t topic = Mixed(number, 40) % kTopics.size();
  const bool plain = &kind == &kRegion || &kind == &kProvider;
  (*resource.mutable_display_names())["zh"] =
      absl::StrCat(ChineseName(number), plain ? "" : kTopics[topic], kind.zh);
  (*resource.mutable_display_names())["en"] = absl::StrCat(EnglishName(number), " ", kind.en);
  if (!plain && number % 2 == 0) {
    resource.set_description(absl::StrCat("面向居民的", kTopics[topic], "，由", ChineseName(n),
                                          "等地共同推进。 On ", kTopicWords[topic], "."));
  }
  MakeType(kind, n, block, &resource);
  return resource;
}

uint32_t ProductFrom(uint32_t number) {
  while (number == 0 || &KindOf((number - 1) % kBlock) != &kProduct) ++number;
  return number;
}

}  // namespace tidemark::bench
