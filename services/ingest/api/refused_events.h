#ifndef TIDEMARK_SERVICES_INGEST_API_REFUSED_EVENTS_H_
#define TIDEMARK_SERVICES_INGEST_API_REFUSED_EVENTS_H_

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "clients/cpp/catalog/catalog_view.h"
#include "services/ingest/api/submission.h"
#include "services/ingest/domain/log_store.h"

namespace tidemark::ingest {

// By what a batch is counted for statements.
struct RefusedEventsContext {
  const catalog_client::CatalogView* view = nullptr;  // not owned
  int64_t now_us = 0;                                 // of arrival
  std::function<bool(std::string_view source)> may_use_source;
};

// Counts the events of a batch that were not accepted, by source, day, reason and field: each by
// the day of its arrival, and by its own where that can be said. A source that the caller may not
// use or the catalog does not have counts as unknown, so that nobody adds to the statements of
// others. `result` is an answer to `submission`.
std::vector<RefusedCount> CountRefusedEvents(const Submission& submission,
                                             const AppendResult& result,
                                             const RefusedEventsContext& context);

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_API_REFUSED_EVENTS_H_
