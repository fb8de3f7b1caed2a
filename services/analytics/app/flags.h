#ifndef TIDEMARK_SERVICES_ANALYTICS_APP_FLAGS_H_
#define TIDEMARK_SERVICES_ANALYTICS_APP_FLAGS_H_

#include "services/analytics/app/analytics_app.h"

namespace tidemark::analytics {

// What the flags say; without a clock.
AnalyticsApp::Options OptionsFromFlags();

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_APP_FLAGS_H_
