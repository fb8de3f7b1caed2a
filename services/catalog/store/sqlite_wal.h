#ifndef TIDEMARK_SERVICES_CATALOG_STORE_SQLITE_WAL_H_
#define TIDEMARK_SERVICES_CATALOG_STORE_SQLITE_WAL_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/fs/file_system.h"

namespace tidemark::catalog {

// SQLite reads its WAL up to the first frame that is not right and takes it for the place where a
// crash tore the last write. Damage looks the same to it, and versions behind it would be gone in
// silence. These two tell one from the other, by https://www.sqlite.org/fileformat2.html#walformat.

// `wal` as SQLite may read it: without damage, perhaps torn. The bytes are those given but for a
// counter in the header that SQLite does not need and that a torn restart of the WAL leaves as one
// flipped bit does; either way what follows is whole and may be read again.
// DATA_LOSS, naming `path` and the offset, when something acknowledged may be damaged: a frame or
// the header is one flipped bit away from being right, which a torn write is not; or a transaction
// ends behind the first bad frame and another begins, so that all before it had been synced.
absl::StatusOr<std::string> CheckWal(std::string_view wal, const std::string& path);

// Before SQLite opens the database at `path`: checks its WAL, and makes durable what is in it. A
// process that was killed leaves frames that were written and not synced; once served they must not
// be lost with the machine.
absl::Status RecoverWal(fs::FileSystem& fs, const std::string& path);

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_STORE_SQLITE_WAL_H_
