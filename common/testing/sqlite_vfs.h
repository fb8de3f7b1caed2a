#ifndef TIDEMARK_COMMON_TESTING_SQLITE_VFS_H_
#define TIDEMARK_COMMON_TESTING_SQLITE_VFS_H_

#include <memory>

#include "common/fs/file_system.h"

namespace tidemark::testing {

// SQLite's files on a FileSystem of ours while it lives, for every database that the process opens
// without naming a VFS; so a store meets the faults of a FaultFileSystem without knowing. One at a
// time, and every database must be closed before it ends.
//
//   FaultFileSystem disk;
//   SqliteVfs vfs(disk);
//   ... open the store, fail writes, close the store ...
//
// It does what SQLite's own VFS for Unix does with the disk, so that what it proves holds there:
// the folder is synced with the first sync of a new journal, not of a new database; a failed sync
// is SQLITE_IOERR_FSYNC whatever failed; a write without space is SQLITE_FULL; a write of one
// sector leaves others alone (powersafe overwrite). Locks and the index of the WAL are shared among
// the connections of this process and are gone with the last of them, as after a crash.
class SqliteVfs {
 public:
  // `fs` must outlive it. For one thread: nobody ever waits for a lock.
  explicit SqliteVfs(fs::FileSystem& fs);
  ~SqliteVfs();
  SqliteVfs(const SqliteVfs&) = delete;
  SqliteVfs& operator=(const SqliteVfs&) = delete;

  // See sqlite_vfs.cc.
  struct State;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace tidemark::testing

#endif  // TIDEMARK_COMMON_TESTING_SQLITE_VFS_H_
