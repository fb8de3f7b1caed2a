#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_EVENT_FIELDS_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_EVENT_FIELDS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cli/import/compile_scope.h"
#include "clients/cli/import/config_node.h"
#include "clients/cli/import/local_time.h"
#include "clients/cli/import/row_context.h"
#include "clients/cpp/submit/event_writer.h"

namespace tidemark::importer {

// What a mapping assumes about amounts and times; from the mapping, else from the catalog.
struct Units {
  // Decimal places of amounts.
  int scale = 2;
  absl::TimeZone zone;
  LocalTime::Gap gap = LocalTime::Gap::kReject;
  LocalTime::Overlap overlap = LocalTime::Overlap::kEarlier;
};

// Writes one field of the event from a row. False: the row is rejected.
class EventFieldWriter {
 public:
  virtual ~EventFieldWriter() = default;
  virtual bool Write(RowContext& context, submit::EventWriter& writer) = 0;
};
using EventFieldPtr = std::unique_ptr<EventFieldWriter>;

// Keys of `event`.
const std::vector<std::string>& EventFieldKeys();

struct CompiledField {
  std::string name;
  EventFieldPtr writer;
};
// The fields that `node` (the mapping's `event`) gives, in the order of the wire format.
// INVALID_ARGUMENT when one is wrong or a required one is missing.
absl::StatusOr<std::vector<CompiledField>> CompileEventFields(const ConfigNode& node,
                                                              const Units& units,
                                                              CompileScope& scope);

// `event_time`: a template, read as ISO 8601, or {value, format(s), zone, gap, overlap}.
absl::StatusOr<EventFieldPtr> CompileTimeField(const ConfigNode& node, const Units& units,
                                               CompileScope& scope);
// `consumer`: {scheme, id} or {scheme, prehashed}.
absl::StatusOr<EventFieldPtr> CompileConsumerField(const ConfigNode& node, CompileScope& scope);
// `id`: a text, or {row_number_of: [columns]}.
absl::StatusOr<EventFieldPtr> CompileIdField(const ConfigNode& node, CompileScope& scope);

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_EVENT_FIELDS_H_
