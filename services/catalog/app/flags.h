#ifndef TIDEMARK_SERVICES_CATALOG_APP_FLAGS_H_
#define TIDEMARK_SERVICES_CATALOG_APP_FLAGS_H_

#include "services/catalog/app/catalog_app.h"

namespace tidemark::catalog {

// The process's flags as options; parse them before. The clock is left to the caller.
CatalogApp::Options OptionsFromFlags();

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_APP_FLAGS_H_
