#ifndef TIDEMARK_SERVICES_CATALOG_STORE_SQLITE_CONNECTION_H_
#define TIDEMARK_SERVICES_CATALOG_STORE_SQLITE_CONNECTION_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tidemark::catalog {

// What to do about a damaged file. A page that could not be read now and then looks the same.
inline constexpr std::string_view kDamagedAdvice =
    "; check the disk and start again; if it is still so, restore the file from a backup, together "
    "with its -wal file";

// One run of a prepared statement; resets it at the end. Parameters are numbered from 1, columns
// from 0. Texts and blobs that are bound must live until the run ends, those read until the next
// Step. Used like this:
//
//   Query query = connection.Start("SELECT name FROM changes WHERE version = ?1");
//   query.Bind(1, int64_t{7});
//   while (query.Step()) use(query.Text(0));
//   TM_RETURN_IF_ERROR(query.status());
class Query {
 public:
  Query(sqlite3_stmt* statement, absl::Status status, const std::string* path)
      : statement_(statement), status_(std::move(status)), path_(path) {}
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& Bind(int index, int64_t value);
  Query& BindText(int index, std::string_view value);
  Query& BindBlob(int index, std::string_view value);
  Query& BindNull(int index);

  // True when there is a row. False at the end and on errors: see status().
  bool Step();
  const absl::Status& status() const { return status_; }

  int64_t Int(int column) const;
  std::string_view Text(int column) const;
  std::string_view Blob(int column) const;
  bool IsNull(int column) const;

 private:
  void Check(int code);

  sqlite3_stmt* statement_;
  absl::Status status_;
  const std::string* path_;
};

// One connection, for one thread at a time. Statements are prepared once, by the address of
// their text: pass literals.
class SqliteConnection {
 public:
  // Creates the file when it is missing. DATA_LOSS when it is no database.
  static absl::StatusOr<std::unique_ptr<SqliteConnection>> Open(const std::string& path);
  ~SqliteConnection();

  Query Start(const char* sql);
  // Statements without parameters and rows, several with `;` between.
  absl::Status Execute(const char* sql);

 private:
  SqliteConnection(sqlite3* db, std::string path) : db_(db), path_(std::move(path)) {}

  sqlite3* const db_;
  const std::string path_;
  absl::flat_hash_map<const char*, sqlite3_stmt*> statements_;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_STORE_SQLITE_CONNECTION_H_
