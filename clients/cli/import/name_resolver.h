#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_NAME_RESOLVER_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_NAME_RESOLVER_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tidemark::importer {

enum class NameKind { kRegion, kCategory };

// Finds the catalog's id for a name as people write it: an id, an alias or a display name,
// without regard to ASCII case and outer blanks.
class NameResolver {
 public:
  virtual ~NameResolver() = default;
  // Reads the names of one kind. An error of the catalog: it cannot be asked.
  virtual absl::Status Prepare(NameKind kind) = 0;
  // After Prepare(kind). NOT_FOUND with the nearest names; FAILED_PRECONDITION when several have
  // that name.
  virtual absl::StatusOr<std::string> Resolve(NameKind kind, std::string_view name) = 0;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_NAME_RESOLVER_H_
