#include "services/catalog/search/short_name.h"

#include <algorithm>

namespace tidemark::catalog {
namespace {

// Of UTF-8: a Chinese character of the basic plane.
constexpr size_t kCharacter = 3;

// The longer first, where one ends with the other.
constexpr std::string_view kAutonomous[] = {"自治区", "自治州", "自治县", "自治旗"};
constexpr std::string_view kKinds[] = {
    "特别行政区", "市辖区", "新区", "林区", "特区", "矿区", "地区", "街道", "社区", "省",
    "市",         "盟",     "县",   "区",   "旗",   "州",   "乡",   "镇",   "村"};
constexpr std::string_view kPeoples[] = {
    "维吾尔族", "哈萨克族", "柯尔克孜族", "蒙古族", "朝鲜族", "塔吉克族", "土家族",   "傈僳族",
    "拉祜族",   "布依族",   "撒拉族",     "保安族", "东乡族", "裕固族",   "达斡尔族", "鄂温克族",
    "鄂伦春族", "锡伯族",   "仡佬族",     "毛南族", "仫佬族", "布朗族",   "普米族",   "独龙族",
    "哈尼族",   "景颇族",   "各族",       "维吾尔", "哈萨克", "柯尔克孜", "蒙古",     "塔吉克",
    "藏族",     "彝族",     "回族",       "壮族",   "苗族",   "侗族",     "瑶族",     "白族",
    "傣族",     "羌族",     "土族",       "满族",   "黎族",   "畲族",     "水族",     "佤族",
    "怒族",     "京族"};

constexpr std::string_view kForeignKinds[] = {
    "city",  "province",         "county", "district", "prefecture", "municipality",
    "state", "autonomousregion", "region", "town",     "township",   "village"};
constexpr std::string_view kForeignBefore[] = {"cityof",   "stateof",        "provinceof",
                                               "countyof", "municipalityof", "republicof"};

bool StripSuffix(std::string_view* text, std::string_view suffix) {
  if (!text->ends_with(suffix)) return false;
  text->remove_suffix(suffix.size());
  return true;
}

bool StripPeople(std::string_view* name) {
  return std::any_of(std::begin(kPeoples), std::end(kPeoples), [&](std::string_view people) {
    return name->size() >= people.size() + 2 * kCharacter && StripSuffix(name, people);
  });
}

}  // namespace

std::string ShortChineseName(std::string_view name) {
  for (const std::string_view kind : kAutonomous) {
    std::string_view rest = name;
    if (!StripSuffix(&rest, kind)) continue;
    while (StripPeople(&rest)) {
    }
    if (rest.size() >= 2 * kCharacter) return std::string(rest);
  }
  for (const std::string_view kind : kKinds) {
    std::string_view rest = name;
    if (StripSuffix(&rest, kind) && rest.size() >= 2 * kCharacter) {
      return std::string(rest);
    }
  }
  return "";
}

std::string ShortForeignName(const std::vector<Run>& runs) {
  if (runs.size() < 2) return "";
  const std::string joined = Joined(runs);
  std::string_view rest = joined;
  for (const std::string_view kind : kForeignKinds) {
    // The kind is whole words.
    if (runs.back().text != kind && kind != "autonomousregion") continue;
    if (StripSuffix(&rest, kind)) break;
  }
  if (runs.size() > 2 && runs[1].text == "of") {
    for (const std::string_view kind : kForeignBefore) {
      if (!rest.starts_with(kind)) continue;
      rest.remove_prefix(kind.size());
      break;
    }
  }
  return rest.size() == joined.size() ? "" : std::string(rest);
}

}  // namespace tidemark::catalog
