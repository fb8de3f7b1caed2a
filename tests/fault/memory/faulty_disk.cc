#include "tests/fault/memory/faulty_disk.h"

#include <iterator>

namespace tidemark::fault {
namespace {

using Fault = Tally::Fault;

// Crashes are the most part: an error that is only reported is the easier case.
constexpr Fault kMix[] = {Fault::kCrashBefore, Fault::kCrashBefore, Fault::kCrashBefore,
                          Fault::kTornCrash,   Fault::kTornCrash,   Fault::kTornCrash,
                          Fault::kIoError,     Fault::kIoError,     Fault::kDiskFull,
                          Fault::kNoFiles};

}  // namespace

Files ReadFiles(fs::FileSystem& fs, const std::string& dir) {
  Files files;
  const auto names = fs.List(dir);
  if (!names.ok()) return files;
  for (const std::string& name : *names) {
    const std::string path = fs::JoinPath(dir, name);
    if (auto content = fs::ReadFile(fs, path); content.ok()) {
      files[path] = *std::move(content);
    } else {
      files.merge(ReadFiles(fs, path));
    }
  }
  return files;
}

void WriteFiles(const Files& files, testing::FaultFileSystem* fs) {
  for (const auto& [path, content] : files) {
    // A disk in memory without faults refuses nothing.
    fs->MakeDirs(fs::DirName(path)).IgnoreError();
    fs::WriteFileAtomically(*fs, path, content).IgnoreError();
  }
}

FlippableBits::FlippableBits(Files files) : files_(std::move(files)) {
  for (const auto& [path, content] : files_) bytes_ += content.size();
}

Files FlippableBits::Flip(uint64_t nth, std::string* path, uint64_t* offset) const {
  Files flipped = files_;
  uint64_t byte = nth / 8;
  for (auto& [name, content] : flipped) {
    if (byte >= content.size()) {
      byte -= content.size();
      continue;
    }
    content[byte] = static_cast<char>(content[byte] ^ (1 << (nth % 8)));
    *path = name;
    *offset = byte;
    break;
  }
  return flipped;
}

FaultPlan::FaultPlan(std::mt19937_64& random, uint64_t changes, testing::FaultFileSystem* fs)
    : fs_(fs), begin_(fs->changes()) {
  for (uint64_t n = 1 + random() % 3; n > 0; --n) {
    const uint64_t nth = 1 + random() % changes;
    const Fault fault = kMix[random() % std::size(kMix)];
    faults_[nth] = fault;
    fs_->FailChange(nth, fault);
  }
}

void FaultPlan::End(Tally* tally) {
  for (const auto& [nth, fault] : faults_) {
    if (begin_ + nth <= fs_->changes()) tally->Count(fault);
  }
  fs_->ClearFaults();
  fs_->SetDiskFull(false);
}

void EndLife(std::mt19937_64& random, testing::FaultFileSystem* fs, Tally* tally) {
  const uint64_t end = random() % 5;
  if (end == 0) return;
  if (end < 3) {
    fs->Kill();
    ++tally->kills;
  } else {
    fs->Crash();
    ++tally->power_cuts;
  }
}

}  // namespace tidemark::fault
