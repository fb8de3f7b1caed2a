#ifndef TIDEMARK_CLIENTS_CLI_SIMULATE_DELTA_CODES_H_
#define TIDEMARK_CLIENTS_CLI_SIMULATE_DELTA_CODES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::simulate {

// The codes that events of the world `yangtze-delta` have, with weights that are made up. They are
// those of deploy/samples: regions, taxonomy, yangtze-delta, yangtze-delta-synthetic.

inline constexpr std::string_view kDeltaSource = "synthetic-delta";
inline constexpr std::string_view kDeltaScheme = "local.synthetic-delta";

struct DeltaRegion {
  std::string_view code;
  double weight;
  // Share of its consumers who live in the country, in per cent.
  int rural;
};
const std::vector<DeltaRegion>& DeltaRegions();
// Places in DeltaRegions.
inline constexpr uint16_t kShanghai = 0, kHuangpu = 1, kNanjing = 2, kHangzhou = 3, kNingbo = 4,
                          kHefei = 5, kJiaxing = 6, kXining = 7;

struct DeltaCategory {
  std::string_view code;
  double weight;
  // Median amount of a line before calibration, in yuan.
  double median;
  // Most is sold online, or on the spot.
  bool online;
};
const std::vector<DeltaCategory>& DeltaCategories();
// Neither directly nor indirectly information consumption; the last of DeltaCategories.
uint16_t DeltaOther();

// Products are numbered by category, kProductsOfCategory each; the provider of product p is
// p % kDeltaProviders.
inline constexpr uint32_t kProductsOfCategory = 3;
inline constexpr uint32_t kDeltaProviders = 40;
std::string DeltaProduct(uint32_t product);
std::string DeltaProvider(uint32_t provider);

// Places in the lists; 0: none.
inline constexpr std::string_view kDeltaProjects[] = {"", "ningbo-cloud-hospital", "sea-fresh",
                                                      "china-plastics-online"};
inline constexpr std::string_view kDeltaActivity = "city-tour-2021-ningbo";
inline constexpr std::string_view kDeltaScenario = "one-card-culture-tourism";

}  // namespace tidemark::simulate

#endif  // TIDEMARK_CLIENTS_CLI_SIMULATE_DELTA_CODES_H_
