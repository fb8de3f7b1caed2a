#ifndef TIDEMARK_SERVICES_INGEST_APP_FLAGS_H_
#define TIDEMARK_SERVICES_INGEST_APP_FLAGS_H_

#include <string>

#include "services/ingest/app/ingest_app.h"

namespace tidemark::ingest {

// What the flags say; without a clock.
IngestApp::Options OptionsFromFlags();
// --check was given.
bool CheckWanted();
// --checkpoint.
std::string KeptCheckpoint();

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_APP_FLAGS_H_
