#include "services/ingest/store/log_folder.h"

#include <openssl/rand.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/hex.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/ingest/store/folder_sums.h"

namespace tidemark::ingest {
namespace {

constexpr std::string_view kMetaFile = "log.meta";
constexpr std::string_view kFormatLine = "tidemark-log 1";
constexpr size_t kKeyBytes = 32;
constexpr std::string_view kRestore =
    "; restore the whole folder from one backup, keys included, or start a new log in an empty "
    "folder";

absl::StatusOr<std::string> RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count)) != 1) {
    return absl::UnavailableError("the system gives no random bytes for new keys");
  }
  return bytes;
}

// Absl's own takes absl::string_view, which is not std::string_view here.
bool ConsumePrefix(std::string_view* text, std::string_view prefix) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

absl::StatusOr<LogMeta> ParseMeta(const std::string& path, std::string_view text) {
  const auto damaged = [&path](std::string_view what) {
    return absl::DataLossError(absl::StrCat(path, ": ", what, kRestore));
  };
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  if (lines[0] != kFormatLine) {
    if (lines[0].starts_with("tidemark-log ")) {
      return absl::UnimplementedError(
          absl::StrCat(path, ": the log has format `", lines[0], "`, this release reads `",
                       kFormatLine, "`; use the release that made it, or a later one"));
    }
    return damaged("is no description of a log");
  }
  if (lines.size() != 5 || !lines[4].empty()) return damaged("does not have four lines");
  LogMeta meta;
  std::string_view id = lines[1];
  std::string_view created = lines[2];
  std::string_view name = lines[3];
  if (!ConsumePrefix(&id, "log_id ") || !ConsumePrefix(&created, "created_us ") ||
      !ConsumePrefix(&name, "name ") || name.empty()) {
    return damaged("wants lines log_id, created_us and name");
  }
  const auto bytes = base::HexDecode(id);
  if (!bytes.has_value() || bytes->size() != meta.log_id.size()) {
    return damaged("log_id is not 32 hexadecimal digits");
  }
  std::memcpy(meta.log_id.data(), bytes->data(), bytes->size());
  if (!absl::SimpleAtoi(created, &meta.created_us)) return damaged("created_us is no number");
  meta.name = std::string(name);
  return meta;
}

absl::StatusOr<std::string> ReadHexKey(fs::FileSystem& fs, const std::string& path, size_t bytes) {
  auto text = fs::ReadFile(fs, path);
  if (!text.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("a key of the log cannot be read: ", text.status().message(), kRestore));
  }
  const auto key = base::HexDecode(absl::StripAsciiWhitespace(*text));
  if (!key.has_value() || key->size() != bytes) {
    return absl::DataLossError(
        absl::StrCat(path, ": want ", 2 * bytes, " hexadecimal digits", kRestore));
  }
  return *key;
}

// A key that is there already (a pseudonym key shared with producers) is kept.
absl::Status MakeHexKey(fs::FileSystem& fs, const std::string& path, size_t bytes) {
  TM_ASSIGN_OR_RETURN(const bool exists, fs.Exists(path));
  if (exists) return absl::OkStatus();
  TM_ASSIGN_OR_RETURN(const std::string key, RandomBytes(bytes));
  return fs::WriteFileAtomically(fs, path, base::HexEncode(key) + "\n");
}

}  // namespace

absl::StatusOr<std::unique_ptr<LogFolder>> LogFolder::Open(const Options& options) {
  auto folder = std::unique_ptr<LogFolder>(new LogFolder(options.fs, options.dir));
  TM_ASSIGN_OR_RETURN(const bool exists, options.fs->Exists(folder->Path(kMetaFile)));
  if (!exists && options.read_only) {
    return absl::NotFoundError(
        absl::StrCat(options.dir, " holds no log; --data wants the folder of an ingest service"));
  }
  if (!options.read_only) TM_RETURN_IF_ERROR(options.fs->MakeDirs(options.dir));
  TM_RETURN_IF_ERROR(folder->Lock(options.read_only));
  if (!exists) TM_RETURN_IF_ERROR(folder->Create(options));
  TM_RETURN_IF_ERROR(folder->Load(options));
  return folder;
}

absl::Status LogFolder::Lock(bool read_only) {
  auto lock = read_only ? fs_->LockShared(Path("LOCK"))
                        : fs_->LockFile(Path("LOCK"),
                                        absl::StrCat("tidemark-ingest, process ", ::getpid()));
  // A folder that no service ever opened, as one restored without its lock.
  if (read_only && absl::IsNotFound(lock.status())) return absl::OkStatus();
  if (absl::IsFailedPrecondition(lock.status())) {
    return status::WithReason(
        absl::FailedPreconditionError(absl::StrCat(
            lock.status().message(),
            ". A log has one owner: to take events in more processes start the others with "
            "--store=grpc://host:port of the owner instead of --data; for another log give "
            "--data a folder of its own")),
        "LOG_IN_USE");
  }
  TM_ASSIGN_OR_RETURN(lock_, std::move(lock));
  return absl::OkStatus();
}

absl::Status LogFolder::Create(const Options& options) {
  TM_RETURN_IF_ERROR(fs_->MakeDirs(blocks_dir()));
  TM_ASSIGN_OR_RETURN(const std::vector<std::string> blocks, fs_->List(blocks_dir()));
  if (!blocks.empty()) {
    return absl::FailedPreconditionError(
        absl::StrCat(dir_, " holds blocks (blocks/", blocks[0], ") but no ", kMetaFile, kRestore));
  }
  TM_ASSIGN_OR_RETURN(const std::string id, RandomBytes(meta_.log_id.size()));
  const std::string name =
      options.name.empty() ? absl::StrCat("tidemark-", base::HexEncode(id)) : options.name;
  TM_RETURN_IF_ERROR(fs_->MakeDirs(Path("keys")));
  // Never kept from an attempt before: it carries the log's name.
  auto signer = ledger::NoteSigner::Generate(name);
  if (!signer.ok()) return status::Prefixed("--log_name", signer.status());
  TM_RETURN_IF_ERROR(
      fs::WriteFileAtomically(*fs_, Path("keys/signing.key"), signer->ToText() + "\n"));
  TM_RETURN_IF_ERROR(MakeHexKey(*fs_, Path("keys/salt.key"), kKeyBytes));
  TM_RETURN_IF_ERROR(MakeHexKey(*fs_, Path("keys/pseudonym.key"), kKeyBytes));
  TM_RETURN_IF_ERROR(MakeHexKey(*fs_, Path("keys/identity.key"), keys_.identity.size()));
  const std::string meta = absl::StrCat(kFormatLine, "\nlog_id ", base::HexEncode(id),
                                        "\ncreated_us ", options.now_us, "\nname ", name, "\n");
  TM_RETURN_IF_ERROR(WriteFolderSums(*fs_, dir_, meta));
  // Last: with it the log is there.
  return fs::WriteFileAtomically(*fs_, Path(kMetaFile), meta);
}

absl::Status LogFolder::Load(const Options& options) {
  TM_ASSIGN_OR_RETURN(const std::string text, fs::ReadFile(*fs_, Path(kMetaFile)));
  TM_ASSIGN_OR_RETURN(meta_, ParseMeta(Path(kMetaFile), text));
  if (!options.name.empty() && options.name != meta_.name) {
    return absl::FailedPreconditionError(
        absl::StrCat("--log_name is \"", options.name, "\", but the log in ", dir_,
                     " was made as \"", meta_.name, "\"; leave the flag out or correct it"));
  }
  TM_RETURN_IF_ERROR(LoadKeys());
  // After they were read, which says more of what is wrong with one.
  const absl::Status sums = CheckFolderSums(*fs_, dir_);
  if (!absl::IsNotFound(sums)) TM_RETURN_IF_ERROR(sums);
  if (absl::IsNotFound(sums) && !options.read_only) {
    TM_RETURN_IF_ERROR(WriteFolderSums(*fs_, dir_, text));
  }
  if (options.read_only) return absl::OkStatus();
  // A process that was killed may have left names that no sync made durable. Without them the
  // blocks that are acknowledged from now on would belong to no log after a power failure.
  TM_RETURN_IF_ERROR(fs_->SyncDir(Path("keys")));
  TM_RETURN_IF_ERROR(fs_->SyncDir(dir_));
  return fs_->MakeDirs(blocks_dir());
}

absl::Status LogFolder::LoadKeys() {
  auto signing = fs::ReadFile(*fs_, Path("keys/signing.key"));
  if (!signing.ok()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the log's signing key cannot be read: ", signing.status().message(), kRestore));
  }
  keys_.signing = std::string(absl::StripAsciiWhitespace(*signing));
  TM_ASSIGN_OR_RETURN(keys_.salt, ReadHexKey(*fs_, Path("keys/salt.key"), kKeyBytes));
  TM_ASSIGN_OR_RETURN(keys_.pseudonym, ReadHexKey(*fs_, Path("keys/pseudonym.key"), kKeyBytes));
  TM_ASSIGN_OR_RETURN(const std::string identity,
                      ReadHexKey(*fs_, Path("keys/identity.key"), keys_.identity.size()));
  std::copy(identity.begin(), identity.end(), keys_.identity.begin());
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> LogFolder::ReadCheckpoint(
    const ledger::NoteVerifier& verifier, ledger::Checkpoint* checkpoint) const {
  TM_ASSIGN_OR_RETURN(const bool exists, fs_->Exists(checkpoint_path()));
  if (!exists) return std::nullopt;
  TM_ASSIGN_OR_RETURN(std::string note, fs::ReadFile(*fs_, checkpoint_path()));
  auto opened = ledger::OpenCheckpoint(note, verifier);
  if (!opened.ok()) {
    return absl::DataLossError(absl::StrCat(
        checkpoint_path(), " is not a checkpoint signed by this log: ", opened.status().message(),
        kRestore));
  }
  *checkpoint = *std::move(opened);
  return note;
}

absl::Status LogFolder::WriteCheckpoint(const std::string& note) const {
  return fs::WriteFileAtomically(*fs_, checkpoint_path(), note);
}

}  // namespace tidemark::ingest
