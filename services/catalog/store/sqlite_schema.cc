#include "services/catalog/store/sqlite_schema.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/catalog/store/sqlite_connection.h"

namespace tidemark::catalog {
namespace {

// kMigrations[n] leads from user_version n to n + 1. docs/formats/catalog-store.md.
constexpr const char* kMigrations[kSchemaVersion] = {
    R"sql(
      CREATE TABLE versions (
        version INTEGER PRIMARY KEY,
        time_us INTEGER NOT NULL,
        principal TEXT NOT NULL,
        change_count INTEGER NOT NULL,
        hash BLOB NOT NULL
      );
      CREATE TABLE changes (
        version INTEGER NOT NULL,
        name TEXT NOT NULL,
        kind INTEGER NOT NULL,
        state BLOB,
        PRIMARY KEY (version, name)
      ) WITHOUT ROWID;
      CREATE UNIQUE INDEX changes_by_name ON changes (name, version);
      CREATE TABLE requests (
        principal TEXT NOT NULL,
        method TEXT NOT NULL,
        request_id TEXT NOT NULL,
        fingerprint BLOB NOT NULL,
        version INTEGER NOT NULL,
        made_version INTEGER NOT NULL,
        time_us INTEGER NOT NULL,
        PRIMARY KEY (principal, method, request_id)
      ) WITHOUT ROWID;
      CREATE INDEX requests_by_time ON requests (time_us);
    )sql",
    R"sql(
      CREATE TABLE uses (
        grant_name TEXT NOT NULL,
        day INTEGER NOT NULL,
        purpose INTEGER NOT NULL,
        units INTEGER NOT NULL,
        seal INTEGER NOT NULL,
        PRIMARY KEY (grant_name, day, purpose)
      ) WITHOUT ROWID;
      CREATE TABLE use_reporters (
        reporter TEXT PRIMARY KEY,
        batch INTEGER NOT NULL,
        fingerprint BLOB NOT NULL,
        time_us INTEGER NOT NULL,
        seal INTEGER NOT NULL
      ) WITHOUT ROWID;
    )sql",
};

absl::StatusOr<int64_t> ReadPragma(SqliteConnection& connection, const char* sql) {
  Query query = connection.Start(sql);
  const bool row = query.Step();
  TM_RETURN_IF_ERROR(query.status());
  return row ? query.Int(0) : 0;
}

// With the indexes, by which resources and requests are found: a replay would not notice one that
// does not fit its table.
absl::Status CheckPages(SqliteConnection& connection, const std::string& path) {
  Query query = connection.Start("PRAGMA integrity_check(1)");
  const bool row = query.Step();
  TM_RETURN_IF_ERROR(query.status());
  if (row && query.Text(0) == "ok") return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat(path, " is damaged: ", row ? query.Text(0) : "no answer", kDamagedAdvice));
}

}  // namespace

absl::Status ConfigureConnection(SqliteConnection& connection) {
  return connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
}

absl::Status PrepareSchema(SqliteConnection& connection, const std::string& path) {
  TM_RETURN_IF_ERROR(CheckPages(connection, path));
  TM_ASSIGN_OR_RETURN(const int64_t application, ReadPragma(connection, "PRAGMA application_id"));
  TM_ASSIGN_OR_RETURN(const int64_t version, ReadPragma(connection, "PRAGMA user_version"));
  TM_ASSIGN_OR_RETURN(const int64_t tables,
                      ReadPragma(connection, "SELECT count(*) FROM sqlite_master"));
  if (application != kApplicationId && (application != 0 || tables != 0)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is a database of another program; name another data folder"));
  }
  if (version > kSchemaVersion) {
    return absl::FailedPreconditionError(absl::StrCat(path, " has format ", version,
                                                      ", this release reads up to ", kSchemaVersion,
                                                      "; run the newer release"));
  }
  for (int64_t step = version; step < kSchemaVersion; ++step) {
    const std::string sql = absl::StrCat("BEGIN IMMEDIATE;", kMigrations[step],
                                         "PRAGMA application_id = ", kApplicationId,
                                         "; PRAGMA user_version = ", step + 1, "; COMMIT;");
    if (absl::Status status = connection.Execute(sql.c_str()); !status.ok()) {
      // The first error says more than what the rollback may add to it.
      connection.Execute("ROLLBACK").IgnoreError();
      return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::catalog
