#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_EVENT_PRINTER_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_EVENT_PRINTER_H_

#include <cstdint>
#include <iosfwd>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::importer {

// Prints serialized events as lines of protobuf's JSON. For Importer::Options::print.
class EventPrinter {
 public:
  // `out` outlives the printer.
  explicit EventPrinter(std::ostream& out) : out_(out) {}
  // INVALID_ARGUMENT: a text of the event is not UTF-8; nothing was printed.
  absl::Status operator()(uint64_t row, std::string_view event) const;

 private:
  std::ostream& out_;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_EVENT_PRINTER_H_
