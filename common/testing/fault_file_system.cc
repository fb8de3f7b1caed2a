#include "common/testing/fault_file_system.h"

#include <utility>

#include "common/status/status_macros.h"
#include "common/testing/fault_disk.h"

namespace tidemark::testing {
namespace {

// A copy: the file may change below it, which a test that maps a sealed file does not need.
class CopyMapping final : public fs::Mapping {
 public:
  explicit CopyMapping(std::string data) : copy_(std::move(data)) { data_ = copy_; }

 private:
  const std::string copy_;
};

}  // namespace

class FaultFileSystem::OpenFile final : public fs::File {
 public:
  OpenFile(std::shared_ptr<Disk> disk, Disk::Handle handle, uint64_t append_offset)
      : disk_(std::move(disk)), handle_(std::move(handle)), append_offset_(append_offset) {}

  absl::Status Append(std::string_view data) override {
    TM_RETURN_IF_ERROR(disk_->Write(handle_, append_offset_, data));
    append_offset_ += data.size();
    return absl::OkStatus();
  }
  absl::Status PWrite(uint64_t offset, std::string_view data) override {
    return disk_->Write(handle_, offset, data);
  }
  absl::StatusOr<size_t> PRead(uint64_t offset, size_t length, char* buffer) const override {
    return disk_->Read(handle_, offset, length, buffer);
  }
  absl::Status Sync() override { return disk_->Sync(handle_); }
  absl::StatusOr<uint64_t> Size() const override { return disk_->Size(handle_); }
  absl::Status Truncate(uint64_t size) override {
    TM_RETURN_IF_ERROR(disk_->Truncate(handle_, size));
    append_offset_ = size;
    return absl::OkStatus();
  }
  absl::Status Close() override { return absl::OkStatus(); }

 private:
  const std::shared_ptr<Disk> disk_;
  const Disk::Handle handle_;
  uint64_t append_offset_;
};

class FaultFileSystem::Lock final : public fs::FileLock {
 public:
  Lock(std::shared_ptr<Disk> disk, std::string path, uint64_t life)
      : disk_(std::move(disk)), path_(std::move(path)), life_(life) {}
  ~Lock() override { disk_->Unlock(path_, life_); }

 private:
  const std::shared_ptr<Disk> disk_;
  const std::string path_;
  const uint64_t life_;
};

FaultFileSystem::FaultFileSystem() : disk_(std::make_shared<Disk>()) {}
FaultFileSystem::~FaultFileSystem() = default;

void FaultFileSystem::Crash() { disk_->Crash(); }
void FaultFileSystem::Kill() { disk_->Kill(); }
void FaultFileSystem::KeepSomeAtCrash(uint64_t seed) { disk_->KeepSomeAtCrash(seed); }
void FaultFileSystem::FailReads(const std::string& path, uint64_t offset) {
  disk_->FailReads(path, offset);
}
void FaultFileSystem::FailChange(uint64_t nth, Fault fault) { disk_->FailChange(nth, fault); }
void FaultFileSystem::ClearFaults() { disk_->ClearFaults(); }
void FaultFileSystem::SetDiskFull(bool full) { disk_->SetDiskFull(full); }
uint64_t FaultFileSystem::changes() const { return disk_->changes(); }

absl::Status FaultFileSystem::Corrupt(const std::string& path, uint64_t offset,
                                      std::string_view bytes) {
  return disk_->Corrupt(path, offset, bytes);
}

absl::Status FaultFileSystem::TruncateFile(const std::string& path, uint64_t size) {
  return disk_->TruncateFile(path, size);
}

absl::StatusOr<std::unique_ptr<fs::File>> FaultFileSystem::OpenAppend(const std::string& path) {
  TM_ASSIGN_OR_RETURN(Disk::Handle handle, disk_->Open(path, /*create=*/true));
  TM_ASSIGN_OR_RETURN(const uint64_t size, disk_->Size(handle));
  return std::make_unique<OpenFile>(disk_, std::move(handle), size);
}

absl::StatusOr<std::unique_ptr<fs::File>> FaultFileSystem::OpenRead(const std::string& path) {
  TM_ASSIGN_OR_RETURN(Disk::Handle handle, disk_->Open(path, /*create=*/false));
  TM_ASSIGN_OR_RETURN(const uint64_t size, disk_->Size(handle));
  return std::make_unique<OpenFile>(disk_, std::move(handle), size);
}

absl::StatusOr<std::unique_ptr<fs::Mapping>> FaultFileSystem::MapReadOnly(const std::string& path) {
  TM_ASSIGN_OR_RETURN(std::string data, disk_->Copy(path));
  return std::make_unique<CopyMapping>(std::move(data));
}

absl::Status FaultFileSystem::Rename(const std::string& from, const std::string& to) {
  return disk_->Rename(from, to);
}

absl::Status FaultFileSystem::Remove(const std::string& path) { return disk_->Remove(path); }

absl::StatusOr<std::vector<std::string>> FaultFileSystem::List(const std::string& dir) {
  return disk_->List(dir);
}

absl::Status FaultFileSystem::MakeDirs(const std::string& dir) { return disk_->MakeDirs(dir); }
absl::Status FaultFileSystem::SyncDir(const std::string& dir) { return disk_->SyncDir(dir); }
absl::StatusOr<bool> FaultFileSystem::Exists(const std::string& path) {
  return disk_->Exists(path);
}

absl::StatusOr<std::unique_ptr<fs::FileLock>> FaultFileSystem::LockFile(const std::string& path,
                                                                        std::string_view owner) {
  TM_ASSIGN_OR_RETURN(const uint64_t life, disk_->Lock(path, owner));
  return std::make_unique<Lock>(disk_, path, life);
}

absl::StatusOr<std::unique_ptr<fs::FileLock>> FaultFileSystem::LockShared(const std::string& path) {
  TM_ASSIGN_OR_RETURN(const uint64_t life, disk_->LockShared(path));
  return std::make_unique<Lock>(disk_, path, life);
}

}  // namespace tidemark::testing
