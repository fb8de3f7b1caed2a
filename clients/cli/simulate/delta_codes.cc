#include "clients/cli/simulate/delta_codes.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tidemark::simulate {

const std::vector<DeltaRegion>& DeltaRegions() {
  static const auto* regions = new std::vector<DeltaRegion>{
      {"cn-31", 13, 10},    {"cn-310101", 2, 0},  {"cn-3201", 7, 13},   {"cn-3301", 8, 16},
      {"cn-3302", 6, 21},   {"cn-3401", 5, 16},   {"cn-3304", 3, 28},   {"cn-6301", 2, 20},
      {"cn-3202", 4, 17},   {"cn-3204", 3, 22},   {"cn-3205", 8, 18},   {"cn-3206", 3.5, 29},
      {"cn-3203", 2.5, 34}, {"cn-3210", 2, 29},   {"cn-3303", 4, 27},   {"cn-3306", 2.5, 28},
      {"cn-3307", 3, 31},   {"cn-3310", 2.5, 37}, {"cn-3305", 1.5, 34}, {"cn-3402", 1.5, 27},
      {"cn-3412", 1, 56},   {"cn-3408", 0.8, 44}, {"cn-11", 3, 13},     {"cn-44", 6, 25},
      {"cn-37", 3, 36},     {"cn-41", 2.5, 42},   {"cn-51", 2.5, 41},   {"cn-42", 2, 35}};
  return *regions;
}

const std::vector<DeltaCategory>& DeltaCategories() {
  static const auto* categories =
      new std::vector<DeltaCategory>{{"video-streaming", 7, 22, true},
                                     {"music-streaming", 4, 13, true},
                                     {"games", 6, 35, true},
                                     {"e-books", 2, 18, true},
                                     {"live-streaming", 3, 28, true},
                                     {"collectibles", 0.5, 60, true},
                                     {"virtual-experience", 0.6, 75, false},
                                     {"mobile-communication", 8, 55, true},
                                     {"internet-access", 4, 95, true},
                                     {"mobile-phones", 2, 2300, true},
                                     {"computers", 1.2, 4100, true},
                                     {"wearables", 1.5, 480, true},
                                     {"packaged-software", 1.2, 160, true},
                                     {"cloud-services", 1.5, 350, true},
                                     {"online-goods", 18, 110, true},
                                     {"livestream-commerce", 8, 85, true},
                                     {"fresh-food", 7, 62, true},
                                     {"food-delivery", 10, 34, true},
                                     {"online-consultation", 2, 45, true},
                                     {"online-pharmacy", 2.5, 70, true},
                                     {"online-courses", 2, 260, true},
                                     {"ride-hailing", 5, 26, true},
                                     {"tickets", 3, 180, true},
                                     {"accommodation", 2, 330, true},
                                     {"museums", 1.5, 48, false},
                                     {"performances", 1, 210, false},
                                     {"elder-care", 0.8, 240, false},
                                     {"public-service-fees", 3, 90, true},
                                     {"other", 6, 70, false}};
  return *categories;
}

uint16_t DeltaOther() { return static_cast<uint16_t>(DeltaCategories().size() - 1); }

std::string DeltaProduct(uint32_t product) {
  return absl::StrCat("synthetic-", DeltaCategories()[product / kProductsOfCategory].code, "-",
                      product % kProductsOfCategory + 1);
}

std::string DeltaProvider(uint32_t provider) {
  return absl::StrFormat("synthetic-provider-%02d", provider + 1);
}

}  // namespace tidemark::simulate
