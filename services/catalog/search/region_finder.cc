#include "services/catalog/search/region_finder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "services/catalog/domain/decimal.h"
#include "services/catalog/domain/region_levels.h"
#include "services/catalog/search/resource_texts.h"

namespace tidemark::catalog {
namespace {

// Of one text.
constexpr size_t kMaxLookedAt = 1000;
constexpr int kMaxAbove = 64;
constexpr int kMaxSuccessions = 64;

bool IsValidOn(const Validity& valid, const Date& day) {
  return (!valid.start || *valid.start <= day) && (!valid.end || day < *valid.end);
}

bool IsWhole(const RegionSuccessor& successor) {
  if (successor.basis == CrosswalkBasis::kWhole) return true;
  const auto weight = successor.weight ? ParseDecimal(*successor.weight) : std::nullopt;
  return weight && weight->AtFullScale() == Decimal{.unscaled = 1}.AtFullScale();
}

bool Names(TermClass role) {
  return role == TermClass::kCode || role == TermClass::kName || role == TermClass::kAlias ||
         role == TermClass::kShort || role == TermClass::kPinyin;
}

// Whether `text` is a row of the keys.
bool IsRowOf(std::string_view text, const std::vector<std::string>& keys) {
  std::vector<bool> reached(text.size() + 1);
  reached[0] = true;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!reached[i]) continue;
    for (const std::string& key : keys) {
      if (!key.empty() && absl::StartsWith(text.substr(i), key)) reached[i + key.size()] = true;
    }
  }
  return reached[text.size()];
}

bool StartsCharacter(std::string_view text, size_t at) {
  return (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80;
}

}  // namespace

absl::flat_hash_set<std::string> WithinOf(const SearchIndex::View& view,
                                          const RegionQuestion& question) {
  absl::flat_hash_set<std::string> within;
  if (question.within.empty()) return within;
  within.insert(question.within);
  std::vector<std::string> open = {question.within};
  while (!open.empty()) {
    const ResourcePtr& resource = view.Find(open.back());
    open.pop_back();
    const auto* group = resource ? std::get_if<RegionGroup>(&resource->content) : nullptr;
    if (group == nullptr) continue;
    for (const RegionGroupMember& member : group->members) {
      if (question.valid_on && !IsValidOn(member.valid, *question.valid_on)) continue;
      if (within.insert(member.member).second) open.push_back(member.member);
    }
  }
  return within;
}

const std::vector<std::string>& RegionFinder::KeysOf(const Resource& region) {
  const auto [it, added] = keys_.try_emplace(region.name);
  if (!added) return it->second;
  for (Term& term : TermsOf(region)) {
    if (Names(term.role) && term.role != TermClass::kCode) {
      it->second.push_back(std::move(term.text));
    }
  }
  return it->second;
}

bool RegionFinder::IsWithin(const Resource& region) const {
  const Resource* at = &region;
  for (int i = 0; i < kMaxAbove; ++i) {
    if (within_.contains(at->name)) return true;
    const ResourcePtr& above = view_.Find(std::get<Region>(at->content).parent);
    if (above == nullptr) return false;
    at = above.get();
  }
  return false;
}

bool RegionFinder::IsAbout(const Resource& region) const {
  const Region& content = std::get<Region>(region.content);
  const auto& levels = question_.levels;
  const auto has = [&](RegionLevel level) { return IsOfLevel(content, level); };
  if (!levels.empty() && std::none_of(levels.begin(), levels.end(), has)) return false;
  return within_.empty() || IsWithin(region);
}

void RegionFinder::Lead(const ResourcePtr& region, Match match,
                        std::vector<NamedRegion>* out) const {
  std::vector<ResourcePtr> open = {region};
  absl::flat_hash_set<std::string_view> seen = {std::string_view(region->name)};
  for (int i = 0; i < kMaxSuccessions && !open.empty(); ++i) {
    const ResourcePtr at = open.back();
    open.pop_back();
    const Region& content = std::get<Region>(at->content);
    if (!question_.valid_on || IsValidOn(content.valid, *question_.valid_on)) {
      if (IsAbout(*at)) out->push_back({at, match, at == region ? "" : region->name});
      continue;
    }
    for (const RegionSuccessor& successor : content.successors) {
      // What came later than the day asked for is not its successor yet.
      if (!IsWhole(successor) || *question_.valid_on < *successor.date) continue;
      const ResourcePtr& next = view_.Find(successor.region);
      if (next != nullptr && seen.insert(next->name).second) open.push_back(next);
    }
  }
}

bool RegionFinder::IsNamedBy(std::string_view rest, const Resource& region) {
  std::vector<std::string> keys;
  const Resource* at = &region;
  for (int i = 0; i < kMaxAbove; ++i) {
    const ResourcePtr& above = view_.Find(std::get<Region>(at->content).parent);
    if (above == nullptr) break;
    at = above.get();
    const std::vector<std::string>& names = KeysOf(*at);
    keys.insert(keys.end(), names.begin(), names.end());
  }
  return IsRowOf(rest, keys);
}

void RegionFinder::AddWhole(std::string_view key, std::string_view rest, size_t* budget,
                            std::vector<NamedRegion>* out) {
  // By their match, the best of several roles.
  absl::flat_hash_map<ResourcePtr, Match> found;
  view_.ForEachWhole(Type::kRegion, key, [&](const ResourcePtr& region, TermClass role) {
    // A code does not stand beside names.
    if (!Names(role) || (!rest.empty() && role == TermClass::kCode)) return;
    if (*budget == 0 && !found.contains(region)) return;
    const auto [it, added] = found.try_emplace(region, Match::kNone);
    if (added) --*budget;
    Match& match = it->second;
    match = std::min(match, WholeMatch(role));
  });
  for (const auto& [region, match] : found) {
    if (rest.empty() || IsNamedBy(rest, *region)) Lead(region, match, out);
  }
}

void RegionFinder::AddHomophones(const QueryWord& text, std::vector<NamedRegion>* out) const {
  size_t count = 0;
  view_.ForEachWhole(Type::kRegion, text.sound, [&](const ResourcePtr& region, TermClass role) {
    if (role == TermClass::kPinyin && ++count <= kMaxLookedAt) Lead(region, Match::kPinyin, out);
  });
}

std::vector<NamedRegion> RegionFinder::Named(const QueryWord& text, bool homophones) {
  std::vector<NamedRegion> found;
  size_t budget = kMaxLookedAt;
  const std::string_view key = text.key;
  AddWhole(key, "", &budget, &found);
  if (homophones && !text.sound.empty()) AddHomophones(text, &found);
  for (size_t i = 1; found.empty() && i < key.size(); ++i) {
    if (!StartsCharacter(key, i)) continue;
    AddWhole(key.substr(i), key.substr(0, i), &budget, &found);
    AddWhole(key.substr(0, i), key.substr(i), &budget, &found);
  }
  // Each region once: the best match, then the one that the text names itself.
  std::sort(found.begin(), found.end(), [](const NamedRegion& a, const NamedRegion& b) {
    if (a.region->name != b.region->name) return a.region->name < b.region->name;
    if (a.match != b.match) return a.match < b.match;
    return a.successor_of < b.successor_of;
  });
  found.erase(std::unique(found.begin(), found.end(),
                          [](const NamedRegion& a, const NamedRegion& b) {
                            return a.region->name == b.region->name;
                          }),
              found.end());
  return found;
}

}  // namespace tidemark::catalog
