#include "services/analytics/store/run_folder.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/log/log.h"
#include "common/status/status_macros.h"

namespace tidemark::analytics {
namespace {

constexpr char kSuffix[] = ".run";
constexpr char kTempSuffix[] = ".run.tmp";

std::string NameOf(uint64_t first_leaf, uint64_t end_leaf) {
  return absl::StrFormat("%016x-%016x%s", first_leaf, end_leaf, kSuffix);
}

bool ParseName(const std::string& name, uint64_t* first_leaf, uint64_t* end_leaf) {
  unsigned long long first = 0, end = 0;
  if (std::sscanf(name.c_str(), "%16llx-%16llx", &first, &end) != 2) return false;
  *first_leaf = first;
  *end_leaf = end;
  return NameOf(first, end) == name;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RunFolder>> RunFolder::Create(fs::FileSystem& fs, std::string dir) {
  TM_RETURN_IF_ERROR(fs.MakeDirs(dir));
  std::unique_ptr<RunFolder> folder(new RunFolder(fs, std::move(dir)));
  auto lock = fs.LockFile(fs::JoinPath(folder->dir_, "LOCK"),
                          absl::StrCat("tidemark-analytics, process ", ::getpid()));
  if (absl::IsFailedPrecondition(lock.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat(lock.status().message(),
                     " (each replica folds into a folder of its own, --data names it)"));
  }
  TM_ASSIGN_OR_RETURN(folder->lock_, std::move(lock));
  return folder;
}

absl::StatusOr<std::vector<RunFolder::Name>> RunFolder::List() {
  TM_ASSIGN_OR_RETURN(const std::vector<std::string> names, fs_.List(dir_));
  std::vector<Name> found;
  for (const std::string& name : names) {
    Name parsed{.name = name};
    if (ParseName(name, &parsed.first_leaf, &parsed.end_leaf)) {
      found.push_back(std::move(parsed));
    } else if (name.ends_with(kTempSuffix)) {
      TM_RETURN_IF_ERROR(fs_.Remove(fs::JoinPath(dir_, name)));
    }
  }
  // At each leaf the longest first: what a merge made comes before what it was made of.
  std::sort(found.begin(), found.end(), [](const Name& a, const Name& b) {
    return std::pair(a.first_leaf, ~a.end_leaf) < std::pair(b.first_leaf, ~b.end_leaf);
  });
  return found;
}

absl::StatusOr<std::shared_ptr<const RunImage>> RunFolder::OpenOne(const Name& name,
                                                                   const RunImage* previous) {
  const std::string path = fs::JoinPath(dir_, name.name);
  TM_ASSIGN_OR_RETURN(auto mapping, fs_.MapReadOnly(path));
  TM_ASSIGN_OR_RETURN(auto run, RunImage::FromFile(std::move(mapping), path));
  const DictionarySizes begin =
      previous == nullptr ? DictionarySizes() : previous->directory().dictionary_end;
  if (run->first_leaf() != name.first_leaf || run->end_leaf() != name.end_leaf ||
      !(run->directory().dictionary_begin == begin) ||
      (previous != nullptr && run->directory().log_id != previous->directory().log_id)) {
    return absl::DataLossError("run file: it does not continue the one before it");
  }
  return run;
}

absl::StatusOr<RunList> RunFolder::Open() {
  TM_ASSIGN_OR_RETURN(const std::vector<Name> names, List());
  RunList runs;
  uint64_t position = 0;
  for (const Name& name : names) {
    const std::string path = fs::JoinPath(dir_, name.name);
    absl::Status status = absl::FailedPreconditionError("it does not follow the runs before it");
    const bool follows = name.first_leaf == position;
    if (follows) {
      auto run = OpenOne(name, runs.empty() ? nullptr : runs.back().get());
      if (run.ok()) {
        position = name.end_leaf;
        runs.push_back(*std::move(run));
        continue;
      }
      status = run.status();
      if (absl::IsUnimplemented(status)) {
        return absl::FailedPreconditionError(
            absl::StrCat(path, ": ", std::string(status.message()),
                         ": written by a later release; start that one, or remove the folder to "
                         "fold the log again"));
      }
      // Damaged, or of an earlier format: made again from the log. Else it is the disk's fault.
      if (!absl::IsDataLoss(status) && !absl::IsFailedPrecondition(status)) return status;
    }
    if (follows || name.first_leaf > position) {
      log::Warn("statistics file discarded, its part of the log will be folded again",
                {{"file", path}, {"reason", status}});
    }
    TM_RETURN_IF_ERROR(fs_.Remove(path));
  }
  TM_RETURN_IF_ERROR(fs_.SyncDir(dir_));
  return runs;
}

absl::Status RunFolder::Clear() {
  TM_ASSIGN_OR_RETURN(const std::vector<Name> names, List());
  for (const Name& name : names) TM_RETURN_IF_ERROR(fs_.Remove(fs::JoinPath(dir_, name.name)));
  return fs_.SyncDir(dir_);
}

absl::StatusOr<std::shared_ptr<const RunImage>> RunFolder::Write(
    uint64_t first_leaf, uint64_t end_leaf, absl::FunctionRef<absl::Status(ByteSink)> build) {
  const std::string path = fs::JoinPath(dir_, NameOf(first_leaf, end_leaf));
  const std::string temp = path + ".tmp";
  const auto write = [&]() -> absl::Status {
    TM_ASSIGN_OR_RETURN(const bool left_over, fs_.Exists(temp));
    if (left_over) TM_RETURN_IF_ERROR(fs_.Remove(temp));
    TM_ASSIGN_OR_RETURN(const std::unique_ptr<fs::File> file, fs_.OpenAppend(temp));
    TM_RETURN_IF_ERROR(build([&](std::string_view bytes) { return file->Append(bytes); }));
    TM_RETURN_IF_ERROR(file->Sync());
    TM_RETURN_IF_ERROR(file->Close());
    TM_RETURN_IF_ERROR(fs_.Rename(temp, path));
    return fs_.SyncDir(dir_);
  };
  if (absl::Status status = write(); !status.ok()) {
    // Best effort: what is left is removed before the next try and by Open().
    fs_.Remove(temp).IgnoreError();
    return status;
  }
  TM_ASSIGN_OR_RETURN(auto mapping, fs_.MapReadOnly(path));
  return RunImage::FromFile(std::move(mapping), path);
}

void RunFolder::Remove(const RunImage& run) { fs_.Remove(run.path()).IgnoreError(); }

}  // namespace tidemark::analytics
