// Small files that a restart trusts: the description, keys and checkpoint of a log's folder, and
// what an import that goes on remembers. The input is their contents, parted by lines `=====`;
// those left out are good ones. Whatever they hold is read or refused with what to do.
#include <array>

#include "clients/cli/import/resume_state.h"
#include "clients/cpp/ledger/checkpoint.h"
#include "common/testing/fault_file_system.h"
#include "services/ingest/store/log_folder.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/memory_file.h"

namespace tidemark {
namespace {

constexpr std::string_view kParting = "\n=====\n";
constexpr std::string_view kDir = "/log";

struct StateFile {
  std::string_view name;
  std::string good;
};

std::array<StateFile, 6> GoodFiles() {
  static const ledger::NoteSigner signer = *ledger::NoteSigner::FromSeed("fuzz/log", {1});
  static const std::string hex(64, '5');
  return {{{"log.meta",
            "tidemark-log 1\nlog_id 00112233445566778899aabbccddeeff\ncreated_us 17\n"
            "name fuzz/log\n"},
           {"keys/signing.key", signer.ToText()},
           {"keys/salt.key", hex},
           {"keys/pseudonym.key", hex},
           {"keys/identity.key", hex.substr(0, 32)},
           {"checkpoint", *ledger::SignCheckpoint({.origin = "fuzz/log"}, signer)}}};
}

void CheckRefusal(const absl::Status& status) {
  FUZZ_CHECK(absl::IsDataLoss(status) || absl::IsUnimplemented(status) ||
                 absl::IsFailedPrecondition(status),
             status.ToString());
  FUZZ_CHECK(!status.message().empty(), "a refusal says why");
}

void CheckFolder(fs::FileSystem& files) {
  const auto folder =
      ingest::LogFolder::Open({.fs = &files, .dir = std::string(kDir), .read_only = true});
  if (!folder.ok()) return CheckRefusal(folder.status());
  FUZZ_CHECK(!(*folder)->meta().name.empty(), "a log has a name");
  FUZZ_CHECK((*folder)->keys().salt.size() == 32 && (*folder)->keys().pseudonym.size() == 32,
             "whole keys");
  const auto signer = ledger::NoteSigner::FromText((*folder)->keys().signing);
  if (!signer.ok()) return;
  ledger::Checkpoint checkpoint;
  const auto note = (*folder)->ReadCheckpoint(signer->verifier(), &checkpoint);
  if (!note.ok()) return CheckRefusal(note.status());
  FUZZ_CHECK(note->has_value() && checkpoint.origin == signer->verifier().name(),
             "a checkpoint of this log");
}

void CheckResume(std::string_view text) {
  const fuzz::MemoryFile file(text);
  const auto state = importer::ResumeState::Load(file.path(), "-", "mapping");
  if (!state.ok()) return CheckRefusal(state.status());
  FUZZ_CHECK(state->mapping_fingerprint == "mapping" && state->head_hash.empty(), "of this import");
}

}  // namespace

TIDEMARK_FUZZER(std::string_view input) {
  CheckResume(input);
  testing::FaultFileSystem files;
  if (!files.MakeDirs("/log/keys").ok()) std::abort();
  bool more = true;
  for (const StateFile& file : GoodFiles()) {
    std::string_view content = file.good;
    if (more) {
      const size_t parting = input.find(kParting);
      more = parting != std::string_view::npos;
      const std::string_view given = input.substr(0, parting);
      if (!given.empty()) content = given;
      if (more) input.remove_prefix(parting + kParting.size());
    }
    const std::string path = fs::JoinPath(std::string(kDir), file.name);
    if (!fs::WriteFileAtomically(files, path, content).ok()) std::abort();
  }
  CheckFolder(files);
}

}  // namespace tidemark
