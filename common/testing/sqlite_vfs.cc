#include "common/testing/sqlite_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <cstring>
#include <ctime>
#include <map>
#include <new>
#include <random>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/testing/fault_file_system.h"
#include "common/testing/sqlite_node.h"

namespace tidemark::testing {

struct SqliteVfs::State {
  explicit State(fs::FileSystem& fs) : fs(fs) {}

  fs::FileSystem& fs;
  // Files without a name.
  FaultFileSystem temporary;
  std::mt19937_64 random{1};
  std::map<std::string, std::weak_ptr<SqliteNode>> nodes;
  sqlite3_vfs vfs = {};
};

namespace {

using State = SqliteVfs::State;

// What SQLite allocates for an open file; `methods` first, as it wants.
struct OpenFile {
  sqlite3_file base;
  State* state;
  fs::FileSystem* fs;
  std::unique_ptr<fs::File> file;
  std::string path;
  std::shared_ptr<SqliteNode> node;
  SqliteNode::Holder holder;
  // The folder must be synced with the file: it is a new journal.
  bool sync_folder;
  bool delete_on_close;
};

OpenFile& Of(sqlite3_file* file) { return *reinterpret_cast<OpenFile*>(file); }
State& Of(sqlite3_vfs* vfs) { return *static_cast<State*>(vfs->pAppData); }

int Close(sqlite3_file* file) {
  OpenFile& open = Of(file);
  open.node->Forget(&open.holder);
  open.file.reset();
  // As SQLite's own, which does not look at the result either.
  if (open.delete_on_close) open.fs->Remove(open.path).IgnoreError();
  open.~OpenFile();
  return SQLITE_OK;
}

int Read(sqlite3_file* file, void* buffer, int amount, sqlite3_int64 offset) {
  auto* bytes = static_cast<char*>(buffer);
  const auto wanted = static_cast<size_t>(amount);
  const auto read = Of(file).file->PRead(static_cast<uint64_t>(offset), wanted, bytes);
  if (!read.ok()) return SQLITE_IOERR_READ;
  if (*read == wanted) return SQLITE_OK;
  std::memset(bytes + *read, 0, wanted - *read);
  return SQLITE_IOERR_SHORT_READ;
}

int Write(sqlite3_file* file, const void* bytes, int amount, sqlite3_int64 offset) {
  const absl::Status written =
      Of(file).file->PWrite(static_cast<uint64_t>(offset),
                            {static_cast<const char*>(bytes), static_cast<size_t>(amount)});
  if (written.ok()) return SQLITE_OK;
  return absl::IsResourceExhausted(written) ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

int Truncate(sqlite3_file* file, sqlite3_int64 size) {
  return Of(file).file->Truncate(static_cast<uint64_t>(size)).ok() ? SQLITE_OK
                                                                   : SQLITE_IOERR_TRUNCATE;
}

int Sync(sqlite3_file* file, int /*flags*/) {
  OpenFile& open = Of(file);
  if (!open.file->Sync().ok()) return SQLITE_IOERR_FSYNC;
  if (open.sync_folder) {
    // SQLite's own goes on when the folder cannot be opened, and fails when it cannot be synced.
    if (!open.fs->SyncDir(fs::DirName(open.path)).ok()) return SQLITE_IOERR_DIR_FSYNC;
    open.sync_folder = false;
  }
  return SQLITE_OK;
}

int FileSize(sqlite3_file* file, sqlite3_int64* size) {
  const auto found = Of(file).file->Size();
  if (!found.ok()) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(*found);
  return SQLITE_OK;
}

int Lock(sqlite3_file* file, int level) { return Of(file).node->Lock(&Of(file).holder, level); }
int Unlock(sqlite3_file* file, int level) {
  Of(file).node->Unlock(&Of(file).holder, level);
  return SQLITE_OK;
}
int CheckReservedLock(sqlite3_file* file, int* reserved) {
  *reserved = Of(file).node->IsReserved() ? 1 : 0;
  return SQLITE_OK;
}
int FileControl(sqlite3_file* /*file*/, int /*op*/, void* /*arg*/) { return SQLITE_NOTFOUND; }
int SectorSize(sqlite3_file* /*file*/) { return 4096; }
int DeviceCharacteristics(sqlite3_file* /*file*/) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

int ShmMap(sqlite3_file* file, int region, int bytes, int extend, void volatile** memory) {
  *memory =
      Of(file).node->Region(static_cast<size_t>(region), static_cast<size_t>(bytes), extend != 0);
  return SQLITE_OK;
}
int ShmLock(sqlite3_file* file, int first, int count, int flags) {
  return Of(file).node->LockIndex(&Of(file).holder, first, count, flags);
}
// One thread.
void ShmBarrier(sqlite3_file* /*file*/) {}
int ShmUnmap(sqlite3_file* file, int /*remove*/) {
  Of(file).node->UnlockIndex(&Of(file).holder);
  return SQLITE_OK;
}

const sqlite3_io_methods kMethods = {
    .iVersion = 2,
    .xClose = Close,
    .xRead = Read,
    .xWrite = Write,
    .xTruncate = Truncate,
    .xSync = Sync,
    .xFileSize = FileSize,
    .xLock = Lock,
    .xUnlock = Unlock,
    .xCheckReservedLock = CheckReservedLock,
    .xFileControl = FileControl,
    .xSectorSize = SectorSize,
    .xDeviceCharacteristics = DeviceCharacteristics,
    .xShmMap = ShmMap,
    .xShmLock = ShmLock,
    .xShmBarrier = ShmBarrier,
    .xShmUnmap = ShmUnmap,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

std::shared_ptr<SqliteNode> NodeOf(State& state, const std::string& path) {
  std::weak_ptr<SqliteNode>& known = state.nodes[path];
  std::shared_ptr<SqliteNode> node = known.lock();
  if (node == nullptr) known = node = std::make_shared<SqliteNode>();
  return node;
}

int Open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* flags_out) {
  State& state = Of(vfs);
  // Without methods SQLite does not close a file that did not open.
  file->pMethods = nullptr;
  const bool temporary = name == nullptr;
  fs::FileSystem& fs = temporary ? static_cast<fs::FileSystem&>(state.temporary) : state.fs;
  const std::string path = temporary ? std::to_string(state.random()) : name;
  const auto existed = fs.Exists(path);
  if (!existed.ok()) return SQLITE_CANTOPEN;
  const bool writes = (flags & SQLITE_OPEN_READWRITE) != 0;
  const bool creates = (flags & SQLITE_OPEN_CREATE) != 0;
  if (!*existed && !creates) return SQLITE_CANTOPEN;
  auto opened = writes ? fs.OpenAppend(path) : fs.OpenRead(path);
  if (!opened.ok()) return SQLITE_CANTOPEN;
  constexpr int kJournals = SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
  new (file) OpenFile{.base = {.pMethods = &kMethods},
                      .state = &state,
                      .fs = &fs,
                      .file = *std::move(opened),
                      .path = path,
                      .node = NodeOf(state, path),
                      .holder = {},
                      .sync_folder = creates && (flags & kJournals) != 0,
                      .delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0};
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

int Delete(sqlite3_vfs* vfs, const char* name, int sync_folder) {
  fs::FileSystem& fs = Of(vfs).fs;
  const absl::Status removed = fs.Remove(name);
  if (absl::IsNotFound(removed)) return SQLITE_IOERR_DELETE_NOENT;
  if (!removed.ok()) return SQLITE_IOERR_DELETE;
  if (sync_folder == 0 || fs.SyncDir(fs::DirName(name)).ok()) return SQLITE_OK;
  return SQLITE_IOERR_DIR_FSYNC;
}

// As SQLite's own, an empty journal counts as none.
int Access(sqlite3_vfs* vfs, const char* name, int flags, int* result) {
  *result = 0;
  fs::FileSystem& fs = Of(vfs).fs;
  const auto exists = fs.Exists(name);
  if (!exists.ok()) return SQLITE_IOERR_ACCESS;
  if (!*exists) return SQLITE_OK;
  *result = 1;
  if (flags != SQLITE_ACCESS_EXISTS) return SQLITE_OK;
  const auto content = fs.OpenRead(name);
  if (!content.ok()) return SQLITE_IOERR_ACCESS;
  const auto size = (*content)->Size();
  if (!size.ok()) return SQLITE_IOERR_ACCESS;
  *result = *size > 0 ? 1 : 0;
  return SQLITE_OK;
}

int FullPathname(sqlite3_vfs* /*vfs*/, const char* name, int bytes, char* out) {
  if (std::strlen(name) >= static_cast<size_t>(bytes)) return SQLITE_CANTOPEN;
  std::strcpy(out, name);
  return SQLITE_OK;
}

int Randomness(sqlite3_vfs* vfs, int bytes, char* out) {
  std::generate_n(out, bytes, [vfs] { return static_cast<char>(Of(vfs).random()); });
  return bytes;
}

int Sleep(sqlite3_vfs* /*vfs*/, int micros) { return micros; }

// Milliseconds since noon of -4713-11-24, as SQLite counts; of no weight here.
int CurrentTimeInt64(sqlite3_vfs* /*vfs*/, sqlite3_int64* now) {
  constexpr sqlite3_int64 kUnixEpoch = 210866760000000;
  *now = kUnixEpoch + static_cast<sqlite3_int64>(std::time(nullptr)) * 1000;
  return SQLITE_OK;
}

int GetLastError(sqlite3_vfs* /*vfs*/, int /*bytes*/, char* /*out*/) { return 0; }

}  // namespace

SqliteVfs::SqliteVfs(fs::FileSystem& fs) : state_(std::make_unique<State>(fs)) {
  sqlite3_vfs& vfs = state_->vfs;
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(OpenFile);
  vfs.mxPathname = 512;
  vfs.zName = "tidemark-testing";
  vfs.pAppData = state_.get();
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  vfs.xAccess = Access;
  vfs.xFullPathname = FullPathname;
  vfs.xRandomness = Randomness;
  vfs.xSleep = Sleep;
  vfs.xCurrentTimeInt64 = CurrentTimeInt64;
  vfs.xGetLastError = GetLastError;
  sqlite3_vfs_register(&vfs, /*makeDflt=*/1);
}

SqliteVfs::~SqliteVfs() { sqlite3_vfs_unregister(&state_->vfs); }

}  // namespace tidemark::testing
