#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "services/catalog/types/dates.h"
#include "services/catalog/types/type_rules.h"

namespace tidemark::catalog {
namespace {

constexpr int64_t kMostWeight = 1'000'000'000;
constexpr Date kEver = {0, 0, 0};

}  // namespace

void CheckOneAtATime(std::vector<DatedEntry> entries, std::string_view what, Report& report) {
  const auto start = [](const DatedEntry& entry) {
    return FromProto(*entry.valid).start.value_or(kEver);
  };
  std::stable_sort(entries.begin(), entries.end(),
                   [&](const DatedEntry& a, const DatedEntry& b) { return start(a) < start(b); });
  // None overlaps before, so the one before ends last.
  for (size_t i = 1; i < entries.size(); ++i) {
    const Validity before = FromProto(*entries[i - 1].valid);
    const Validity valid = FromProto(*entries[i].valid);
    if (!Overlap(before, valid)) continue;
    return report.AddTyped(absl::StrCat(entries[i].path, ".valid"),
                           absl::StrCat(what, " holds already in ", ToString(before), " (",
                                        entries[i - 1].path, "); give one of them an end"),
                           "VALIDITIES_OVERLAP");
  }
}

void CheckRights(const google::protobuf::RepeatedPtrField<v1::RightsShare>& rights,
                 Report& report) {
  std::map<std::string_view, std::vector<DatedEntry>> holders;
  // By how much the weights of a day differ from those of the day before.
  std::map<Date, int64_t> changes;
  for (int i = 0; i < rights.size(); ++i) {
    holders[rights[i].holder()].push_back({&rights[i].valid(), absl::StrCat("rights[", i, "]")});
    const Validity valid = FromProto(rights[i].valid());
    changes[valid.start.value_or(kEver)] += rights[i].weight();
    if (valid.end) changes[*valid.end] -= rights[i].weight();
  }
  for (auto& [holder, entries] : holders) CheckOneAtATime(std::move(entries), holder, report);
  int64_t weight = 0;
  for (const auto& [day, change] : changes) {
    weight += change;
    if (weight <= kMostWeight) continue;
    return report.AddTyped("rights", absl::StrCat("the weights of ", ToString(day), " add up to ",
                                                  weight, ", want at most ", kMostWeight));
  }
}

}  // namespace tidemark::catalog
