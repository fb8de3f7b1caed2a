#ifndef TIDEMARK_SERVICES_CATALOG_STORE_SQLITE_SCHEMA_H_
#define TIDEMARK_SERVICES_CATALOG_STORE_SQLITE_SCHEMA_H_

#include "absl/status/status.h"

namespace tidemark::catalog {

class SqliteConnection;

// What PRAGMA user_version says of a file that is up to date.
inline constexpr int kSchemaVersion = 2;
// PRAGMA application_id: "TMCT".
inline constexpr int kApplicationId = 0x544d4354;

// Durability and journal; for every connection, before anything else.
absl::Status ConfigureConnection(SqliteConnection& connection);

// Checks the file as a whole, creates the tables of an empty one, brings older ones up to date.
// DATA_LOSS: damaged. FAILED_PRECONDITION: not ours, or written by a newer release.
absl::Status PrepareSchema(SqliteConnection& connection, const std::string& path);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_STORE_SQLITE_SCHEMA_H_
