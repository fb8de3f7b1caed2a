#include "clients/cli/commands/quarantine_accepted.h"

#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "common/status/status_macros.h"

namespace tidemark::cli {

namespace v1 = ingest::v1;

absl::StatusOr<absl::flat_hash_set<std::string>> AcceptedSince(
    IngestAccess& ingest, const std::string& source, const v1::ListQuarantineResponse& page) {
  absl::flat_hash_set<std::string> accepted;
  v1::BatchGetEventsRequest request;
  request.set_source(source);
  absl::flat_hash_set<std::string_view> asked;
  for (const v1::QuarantinedEvent& event : page.events()) {
    if (!event.event_id().empty() && asked.insert(event.event_id()).second) {
      request.add_ids(event.event_id());
    }
  }
  // Of events whose source could not be read nobody can tell.
  if (request.ids().empty() || source == "-") return accepted;
  TM_ASSIGN_OR_RETURN(const auto found, ingest.Call(&IngestAccess::Stub::BatchGetEvents, request));
  absl::flat_hash_map<std::string_view, const v1::StoredEvent*> stored;
  for (const v1::StoredEvent& event : found.events()) stored[event.event().id()] = &event;
  for (const v1::QuarantinedEvent& event : page.events()) {
    const auto it = stored.find(event.event_id());
    if (it == stored.end() || it->second->event().revision() < event.revision()) continue;
    if (it->second->accepted_time_us() >= event.last_time_us()) accepted.insert(event.id());
  }
  return accepted;
}

}  // namespace tidemark::cli
