// The texts of fields whose values are enumerations of the contract: lower-case names by proto
// number. [0] stands for absent.
#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_ENUMERATIONS_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_ENUMERATIONS_H_

#include <string_view>

namespace tidemark::analytics {

inline constexpr std::string_view kSegmentNames[] = {"", "persons", "enterprises", "public"};
inline constexpr std::string_view kChannelNames[] = {"", "online", "offline", "hybrid"};
inline constexpr std::string_view kAreaTypeNames[] = {"", "urban", "rural"};
inline constexpr std::string_view kReportingRoleNames[] = {"", "seller_platform", "payment",
                                                           "logistics", "department"};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_ENUMERATIONS_H_
