#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_ROW_MAPPER_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_ROW_MAPPER_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cli/import/event_fields.h"
#include "clients/cli/import/expression.h"
#include "clients/cli/import/keyed_table.h"
#include "clients/cli/import/row_context.h"
#include "clients/cli/import/row_reader.h"
#include "clients/cpp/submit/event_writer.h"

namespace tidemark::importer {

// What a row became.
struct Mapped {
  enum class Kind { kEvent, kSkipped, kRejected };
  Kind kind = Kind::kEvent;
  // kEvent: a serialized tidemark.ingest.v1.Event. Valid until the next row.
  std::string_view event;
  // kSkipped: the reason that the mapping gives.
  std::string_view skip_reason;
  // kRejected.
  const Rejection* rejection = nullptr;
};

// A mapping compiled for one input: turns its rows into serialized events. Rows must be given in
// the order of the input, all of them: ids made by row_number_of count equal rows. Not
// thread-safe.
class RowMapper {
 public:
  Mapped Map(const Row& row);
  // Of the last row, which was rejected: an event of nothing but its source, revision and time, as
  // far as they can be read; without the time where the revision cannot. Until the next row.
  std::string_view SourceAndTime();

 private:
  friend class MappingCompiler;

  struct Join {
    std::unique_ptr<KeyedTable> table;
    std::string name;
    TextPtr on;
    bool reject_missing = false;
    // Where the table's columns are in RowContext::extras.
    size_t first_extra = 0;
  };
  // A named text or number, in the mapping's order.
  struct Named {
    size_t slot;
    TextPtr text;
    NumberPtr number;
  };
  // Rows that are skipped, or rejected.
  struct Skip {
    ConditionPtr when;
    std::string reason;
  };

  void ComputeNames();
  void FindJoinedRow(const Join& join);
  Mapped Reject(std::string_view field);

  std::vector<Join> joins_;
  std::vector<Named> named_;
  std::vector<Skip> skips_;
  std::vector<Skip> rejects_;
  std::vector<CompiledField> fields_;
  submit::EventWriter writer_;
  RowContext context_;
  bool damaged_ = false;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_ROW_MAPPER_H_
