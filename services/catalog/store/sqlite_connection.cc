#include "services/catalog/store/sqlite_connection.h"

#include <sqlite3.h>

#include <cerrno>
#include <system_error>

#include "absl/strings/str_cat.h"

namespace tidemark::catalog {
namespace {

constexpr int kBusyTimeoutMillis = 5000;

// SQLite's own texts say too little: a full disk may be "disk I/O error", a bad one "unable to open
// database file". `db` knows the system's error, though not always the one that counts: after a
// file could not be made SQLite tries to open it. It may be null.
absl::Status SystemFailure(sqlite3* db, const std::string& message) {
  const int error = db == nullptr ? 0 : sqlite3_system_errno(db);
  const std::string told =
      error == 0 ? message : absl::StrCat(message, ": ", std::system_category().message(error));
  switch (error) {
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(
          absl::StrCat(told, "; nothing was written, free some disk space"));
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::FailedPreconditionError(
          absl::StrCat(told, "; the folder and its files must be writable"));
    default:
      return absl::DataLossError(
          absl::StrCat(told, "; check that the disk works and has space left"));
  }
}

absl::Status ToStatus(int code, sqlite3* db, const std::string& path) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return absl::OkStatus();
  const std::string message =
      absl::StrCat(path, ": ", db == nullptr ? sqlite3_errstr(code) : sqlite3_errmsg(db));
  switch (code & 0xff) {
    case SQLITE_FULL:
      return absl::ResourceExhaustedError(
          absl::StrCat(message, "; nothing was written, free some disk space"));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::DataLossError(absl::StrCat(message, kDamagedAdvice));
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
      return SystemFailure(db, message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::UnavailableError(
          absl::StrCat(message, "; another program has the file open, close it"));
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return absl::FailedPreconditionError(
          absl::StrCat(message, "; the folder and its files must be writable"));
    default:
      return absl::InternalError(message);
  }
}

}  // namespace

Query::~Query() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Query::Check(int code) {
  if (!status_.ok()) return;
  status_ = ToStatus(code, sqlite3_db_handle(statement_), *path_);
}

Query& Query::Bind(int index, int64_t value) {
  if (status_.ok()) Check(sqlite3_bind_int64(statement_, index, value));
  return *this;
}

Query& Query::BindText(int index, std::string_view value) {
  if (!status_.ok()) return *this;
  // Null data would bind NULL.
  const char* data = value.data() == nullptr ? "" : value.data();
  Check(sqlite3_bind_text(statement_, index, data, static_cast<int>(value.size()), SQLITE_STATIC));
  return *this;
}

Query& Query::BindBlob(int index, std::string_view value) {
  if (!status_.ok()) return *this;
  const char* data = value.data() == nullptr ? "" : value.data();
  Check(sqlite3_bind_blob(statement_, index, data, static_cast<int>(value.size()), SQLITE_STATIC));
  return *this;
}

Query& Query::BindNull(int index) {
  if (status_.ok()) Check(sqlite3_bind_null(statement_, index));
  return *this;
}

bool Query::Step() {
  if (!status_.ok()) return false;
  const int code = sqlite3_step(statement_);
  Check(code);
  return code == SQLITE_ROW;
}

int64_t Query::Int(int column) const { return sqlite3_column_int64(statement_, column); }

std::string_view Query::Text(int column) const {
  const auto* text = sqlite3_column_text(statement_, column);
  return {reinterpret_cast<const char*>(text),
          static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Query::Blob(int column) const {
  const void* blob = sqlite3_column_blob(statement_, column);
  return {static_cast<const char*>(blob),
          static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

bool Query::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

absl::StatusOr<std::unique_ptr<SqliteConnection>> SqliteConnection::Open(const std::string& path) {
  sqlite3* db = nullptr;
  // Each connection serves one thread at a time, so SQLite's own locks are left out.
  const int code = sqlite3_open_v2(
      path.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (code != SQLITE_OK) {
    absl::Status status = ToStatus(code, db, path);
    sqlite3_close(db);
    return status;
  }
  auto connection = std::unique_ptr<SqliteConnection>(new SqliteConnection(db, path));
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, kBusyTimeoutMillis);
  return connection;
}

SqliteConnection::~SqliteConnection() {
  for (const auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(db_);
}

Query SqliteConnection::Start(const char* sql) {
  sqlite3_stmt*& statement = statements_[sql];
  if (statement != nullptr) return Query(statement, absl::OkStatus(), &path_);
  const int code = sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  return Query(statement, ToStatus(code, db_, path_), &path_);
}

absl::Status SqliteConnection::Execute(const char* sql) {
  const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
  return ToStatus(code, db_, path_);
}

}  // namespace tidemark::catalog
