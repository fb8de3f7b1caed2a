#include "common/testing/fault_disk.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace tidemark::testing {
namespace {

using Inode = FaultFileSystem::Disk::Inode;

void WriteBytes(Inode& inode, uint64_t offset, std::string_view data) {
  if (data.empty()) return;
  const uint64_t end = offset + data.size();
  // A gap below `offset` is zeroes, which are new bytes as well.
  const uint64_t begin = std::min<uint64_t>(offset, inode.data.size());
  if (inode.data.size() < end) inode.data.resize(end);
  inode.data.replace(offset, data.size(), data);
  inode.dirty_begin = std::min(inode.dirty_begin, begin);
  inode.dirty_end = std::max(inode.dirty_end, end);
}

absl::Status InUse(const std::string& path, std::string_view owner) {
  return absl::FailedPreconditionError(
      absl::StrCat(path, " is in use by ", owner, "; stop it first"));
}

void MarkClean(Inode& inode) {
  inode.dirty_begin = UINT64_MAX;
  inode.dirty_end = 0;
}

void MakeDurable(Inode& inode) {
  inode.durable.resize(inode.data.size());
  const uint64_t end = std::min<uint64_t>(inode.dirty_end, inode.data.size());
  if (inode.dirty_begin < end) {
    inode.durable.replace(inode.dirty_begin, end - inode.dirty_begin, inode.data, inode.dirty_begin,
                          end - inode.dirty_begin);
  }
  MarkClean(inode);
}

// A random part of what is not durable becomes it.
void KeepSome(Inode& inode, std::mt19937_64& random) {
  constexpr uint64_t kSector = 512;
  std::string& durable = inode.durable;
  const std::string& data = inode.data;
  const uint64_t low = std::min(durable.size(), data.size());
  const uint64_t high = std::max(durable.size(), data.size());
  // A longer file may have any of the sizes between; a shorter one was cut or was not.
  if (data.size() > durable.size()) {
    durable.resize(low + random() % (high - low + 1));
  } else if (random() % 2 == 0) {
    durable.resize(data.size());
  }
  const uint64_t end = std::min({inode.dirty_end, data.size(), durable.size()});
  const uint64_t chance = 1 + random() % 9;  // of ten sectors
  for (uint64_t begin = inode.dirty_begin; begin < end;) {
    const uint64_t next = std::min(end, (begin / kSector + 1) * kSector);
    if (random() % 10 < chance) durable.replace(begin, next - begin, data, begin, next - begin);
    begin = next;
  }
}

void CutTo(Inode& inode, uint64_t size) {
  if (size > inode.data.size()) return WriteBytes(inode, size - 1, std::string_view("", 1));
  inode.data.resize(size);
  // What is written above `size` later is new, even where it equals the old bytes.
  inode.dirty_begin = std::min(inode.dirty_begin, size);
  inode.dirty_end = std::max(inode.dirty_end, size);
}

}  // namespace

absl::Status FaultFileSystem::Disk::BeginChange(const std::string& path, bool* half, bool* torn) {
  ++changes_;
  if (full_) {
    return absl::ResourceExhaustedError(absl::StrCat(path, ": No space left on device"));
  }
  const auto found = faults_.find(changes_);
  if (found == faults_.end()) return absl::OkStatus();
  const Fault fault = found->second;
  faults_.erase(found);
  switch (fault) {
    case Fault::kIoError:
      return absl::DataLossError(absl::StrCat(path, ": Input/output error"));
    case Fault::kDiskFull:
      if (half != nullptr) *half = true;
      return absl::ResourceExhaustedError(absl::StrCat(path, ": No space left on device"));
    case Fault::kTornCrash:
      if (torn != nullptr) {
        *half = *torn = true;
      } else {
        CrashLocked();
      }
      break;
    case Fault::kCrashBefore:
      CrashLocked();
      break;
    case Fault::kNoFiles:
      return absl::UnavailableError(absl::StrCat(path, ": Too many open files"));
  }
  return absl::UnavailableError(absl::StrCat(path, ": the machine crashed"));
}

absl::Status FaultFileSystem::Disk::CheckAlive(const Handle& handle) const {
  if (handle.life == life_) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat(handle.path, ": opened before the crash"));
}

absl::StatusOr<std::shared_ptr<Inode>> FaultFileSystem::Disk::Find(const std::string& path) const {
  const auto found = names_.find(path);
  if (found != names_.end()) return found->second;
  return absl::NotFoundError(absl::StrCat(path, ": No such file or directory"));
}

void FaultFileSystem::Disk::CrashLocked() {
  ++life_;
  if (keep_some_.has_value()) KeepNames(*keep_some_);
  names_ = durable_names_;
  for (const auto& [path, inode] : names_) {
    if (keep_some_.has_value()) KeepSome(*inode, *keep_some_);
    inode->data = inode->durable;
    MarkClean(*inode);
  }
  locks_.clear();
}

void FaultFileSystem::Disk::KeepNames(std::mt19937_64& random) {
  for (const std::string& folder : folders_) {
    if (random() % 2 == 0) SyncNames(folder);
  }
}

void FaultFileSystem::Disk::KeepSomeAtCrash(uint64_t seed) {
  base::MutexLock lock(mutex_);
  keep_some_.emplace(seed);
}

void FaultFileSystem::Disk::FailReads(const std::string& path, uint64_t offset) {
  base::MutexLock lock(mutex_);
  bad_sectors_[path] = offset;
}

void FaultFileSystem::Disk::Crash() {
  base::MutexLock lock(mutex_);
  CrashLocked();
}

void FaultFileSystem::Disk::Kill() {
  base::MutexLock lock(mutex_);
  ++life_;
  locks_.clear();
}

void FaultFileSystem::Disk::FailChange(uint64_t nth, Fault fault) {
  base::MutexLock lock(mutex_);
  faults_[changes_ + nth] = fault;
}

void FaultFileSystem::Disk::ClearFaults() {
  base::MutexLock lock(mutex_);
  faults_.clear();
}

void FaultFileSystem::Disk::SetDiskFull(bool full) {
  base::MutexLock lock(mutex_);
  full_ = full;
}

uint64_t FaultFileSystem::Disk::changes() const {
  base::MutexLock lock(mutex_);
  return changes_;
}

absl::Status FaultFileSystem::Disk::Corrupt(const std::string& path, uint64_t offset,
                                            std::string_view bytes) {
  base::MutexLock lock(mutex_);
  TM_ASSIGN_OR_RETURN(const std::shared_ptr<Inode> inode, Find(path));
  if (offset + bytes.size() > inode->data.size()) {
    return absl::OutOfRangeError(absl::StrCat(path, " ends at ", inode->data.size()));
  }
  WriteBytes(*inode, offset, bytes);
  MakeDurable(*inode);
  return absl::OkStatus();
}

absl::Status FaultFileSystem::Disk::TruncateFile(const std::string& path, uint64_t size) {
  base::MutexLock lock(mutex_);
  TM_ASSIGN_OR_RETURN(const std::shared_ptr<Inode> inode, Find(path));
  CutTo(*inode, size);
  MakeDurable(*inode);
  return absl::OkStatus();
}

absl::StatusOr<FaultFileSystem::Disk::Handle> FaultFileSystem::Disk::Open(const std::string& path,
                                                                          bool create) {
  base::MutexLock lock(mutex_);
  auto inode = Find(path);
  if (!inode.ok()) {
    if (!create) return inode.status();
    if (!folders_.contains(fs::DirName(path))) return inode.status();
    TM_RETURN_IF_ERROR(BeginChange(path));
    inode = std::make_shared<Inode>();
    names_[path] = *inode;
  }
  return Handle{path, *inode, life_};
}

absl::Status FaultFileSystem::Disk::Write(const Handle& handle, uint64_t offset,
                                          std::string_view data) {
  base::MutexLock lock(mutex_);
  TM_RETURN_IF_ERROR(CheckAlive(handle));
  bool half = false;
  bool torn = false;
  absl::Status status = BeginChange(handle.path, &half, &torn);
  if (!status.ok() && !half) return status;
  WriteBytes(*handle.inode, offset, half ? data.substr(0, data.size() / 2) : data);
  if (torn) {
    MakeDurable(*handle.inode);
    CrashLocked();
  }
  return status;
}

absl::StatusOr<size_t> FaultFileSystem::Disk::Read(const Handle& handle, uint64_t offset,
                                                   size_t length, char* buffer) const {
  base::MutexLock lock(mutex_);
  TM_RETURN_IF_ERROR(CheckAlive(handle));
  const auto bad = bad_sectors_.find(handle.path);
  if (bad != bad_sectors_.end() && offset <= bad->second && bad->second < offset + length) {
    return absl::DataLossError(absl::StrCat("read ", handle.path, ": Input/output error"));
  }
  const std::string& data = handle.inode->data;
  if (offset >= data.size()) return 0;
  return data.copy(buffer, length, offset);
}

absl::StatusOr<uint64_t> FaultFileSystem::Disk::Size(const Handle& handle) const {
  base::MutexLock lock(mutex_);
  TM_RETURN_IF_ERROR(CheckAlive(handle));
  return handle.inode->data.size();
}

absl::Status FaultFileSystem::Disk::Truncate(const Handle& handle, uint64_t size) {
  base::MutexLock lock(mutex_);
  TM_RETURN_IF_ERROR(CheckAlive(handle));
  TM_RETURN_IF_ERROR(BeginChange(handle.path));
  CutTo(*handle.inode, size);
  return absl::OkStatus();
}

absl::Status FaultFileSystem::Disk::Sync(const Handle& handle) {
  base::MutexLock lock(mutex_);
  TM_RETURN_IF_ERROR(CheckAlive(handle));
  absl::Status status = BeginChange(handle.path);
  if (status.ok()) {
    MakeDurable(*handle.inode);
  } else if (status.code() == absl::StatusCode::kDataLoss) {
    // As Linux does: the pages count as clean, and the next sync reports success without them.
    MarkClean(*handle.inode);
  }
  return status;
}

absl::StatusOr<std::string> FaultFileSystem::Disk::Copy(const std::string& path) const {
  base::MutexLock lock(mutex_);
  TM_ASSIGN_OR_RETURN(const std::shared_ptr<Inode> inode, Find(path));
  return inode->data;
}

absl::Status FaultFileSystem::Disk::Rename(const std::string& from, const std::string& to) {
  base::MutexLock lock(mutex_);
  TM_ASSIGN_OR_RETURN(std::shared_ptr<Inode> inode, Find(from));
  TM_RETURN_IF_ERROR(BeginChange(from));
  names_.erase(from);
  names_[to] = std::move(inode);
  // The bytes are elsewhere on the disk than those of the file before.
  bad_sectors_.erase(to);
  return absl::OkStatus();
}

absl::Status FaultFileSystem::Disk::Remove(const std::string& path) {
  base::MutexLock lock(mutex_);
  TM_RETURN_IF_ERROR(Find(path).status());
  TM_RETURN_IF_ERROR(BeginChange(path));
  names_.erase(path);
  bad_sectors_.erase(path);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> FaultFileSystem::Disk::List(const std::string& dir) const {
  base::MutexLock lock(mutex_);
  if (!folders_.contains(dir)) {
    return absl::NotFoundError(absl::StrCat(dir, ": No such file or directory"));
  }
  const std::string prefix = fs::JoinPath(dir, "");
  std::set<std::string> listed;
  const auto add = [&](const std::string& path) {
    if (path.size() <= prefix.size() || !absl::StartsWith(path, prefix)) return;
    listed.insert(path.substr(prefix.size(), path.find('/', prefix.size()) - prefix.size()));
  };
  for (const auto& [path, inode] : names_) add(path);
  for (const std::string& folder : folders_) add(folder);
  return std::vector<std::string>(listed.begin(), listed.end());
}

absl::Status FaultFileSystem::Disk::MakeDirs(const std::string& dir) {
  base::MutexLock lock(mutex_);
  for (std::string folder = dir; folders_.insert(folder).second; folder = fs::DirName(folder)) {
  }
  return absl::OkStatus();
}

absl::Status FaultFileSystem::Disk::SyncDir(const std::string& dir) {
  base::MutexLock lock(mutex_);
  if (!folders_.contains(dir)) {
    return absl::NotFoundError(absl::StrCat(dir, ": No such file or directory"));
  }
  TM_RETURN_IF_ERROR(BeginChange(dir));
  SyncNames(dir);
  return absl::OkStatus();
}

void FaultFileSystem::Disk::SyncNames(const std::string& dir) {
  for (auto name = durable_names_.begin(); name != durable_names_.end();) {
    const bool gone = fs::DirName(name->first) == dir && !names_.contains(name->first);
    name = gone ? durable_names_.erase(name) : std::next(name);
  }
  for (const auto& [path, inode] : names_) {
    if (fs::DirName(path) == dir) durable_names_[path] = inode;
  }
}

bool FaultFileSystem::Disk::Exists(const std::string& path) const {
  base::MutexLock lock(mutex_);
  return names_.contains(path) || folders_.contains(path);
}

absl::StatusOr<uint64_t> FaultFileSystem::Disk::Lock(const std::string& path,
                                                     std::string_view owner) {
  base::MutexLock lock(mutex_);
  lock_files_.insert(path);
  Held& held = locks_[path];
  if (held.count > 0) return InUse(path, held.owner);
  held = {.owner = std::string(owner), .count = 1, .shared = false};
  return life_;
}

absl::StatusOr<uint64_t> FaultFileSystem::Disk::LockShared(const std::string& path) {
  base::MutexLock lock(mutex_);
  if (!lock_files_.contains(path)) {
    return absl::NotFoundError(absl::StrCat(path, ": No such file or directory"));
  }
  Held& held = locks_[path];
  if (held.count > 0 && !held.shared) return InUse(path, held.owner);
  held = {.owner = "another process", .count = held.count + 1, .shared = true};
  return life_;
}

void FaultFileSystem::Disk::Unlock(const std::string& path, uint64_t life) {
  base::MutexLock lock(mutex_);
  if (life == life_ && --locks_[path].count == 0) locks_.erase(path);
}

}  // namespace tidemark::testing
