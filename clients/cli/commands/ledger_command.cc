#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/app/full_name.h"
#include "clients/cli/app/text_file.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/ingest_access.h"
#include "clients/cli/commands/ledger_fields.h"
#include "clients/cli/commands/ledger_files.h"
#include "clients/cpp/ledger/leaf.h"
#include "clients/cpp/ledger/merkle.h"
#include "clients/cpp/ledger/tlog_proof.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::cli {
namespace {

namespace v1 = ingest::v1;
using Stub = IngestAccess::Stub;

constexpr char kExamples[] = R"(
Checks the signed, append-only log behind all figures, without trust in the service. A checkpoint is the log's signature
of all its records up to a size. Keep one, and the log's key, outside of the service: nothing before it can be changed or
removed then without notice. A proof shows without any service that a record is in the log, and what it says.

Examples:
  tidemark ledger checkpoint                               of all that is in the log now, with its key
  tidemark ledger checkpoint --out 2026-11.checkpoint      to be kept
  tidemark ledger checkpoint --since 2026-10.checkpoint --key "$KEY"
                                                           that what was there then is there now, unchanged
  tidemark ledger prove shop-1 order-4711-1 --out order.tlog-proof
  tidemark ledger verify order.tlog-proof --key "$KEY"     offline; exit code 0: the record is in the log, as shown
  tidemark ledger verify 2026-11.checkpoint --key "$KEY"
  tidemark ledger prove shop-1 order-4711-1 --checkpoint 2026-11.checkpoint --out order.tlog-proof
  tidemark ledger verify order.tlog-proof --checkpoint 2026-11.checkpoint --key "$KEY"
                                                           by the checkpoint that was kept

The key is a C2SP verifier key, NAME+HASH+KEY, or the name of a file that holds it. Without --key the one that the service
tells is used, which shows only that the service agrees with itself.
)";

// The log signs once a second.
constexpr int kCheckpointTries = 100;
constexpr auto kCheckpointPause = std::chrono::milliseconds(100);

struct Flags {
  std::string key;
  std::string since;
  std::string kept;
  std::string out;
  std::string source;
  std::string id;
  std::string file;
};

absl::StatusOr<ledger::Hash> HashOf(const std::string& bytes) {
  ledger::Hash hash;
  if (bytes.size() != hash.size()) {
    return absl::DataLossError(
        absl::StrCat("the service sent a hash of ", bytes.size(), " bytes; want ", hash.size()));
  }
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return hash;
}

absl::StatusOr<std::vector<ledger::Hash>> HashesOf(
    const google::protobuf::RepeatedPtrField<std::string>& path) {
  std::vector<ledger::Hash> hashes;
  for (const std::string& node : path) {
    TM_ASSIGN_OR_RETURN(hashes.emplace_back(), HashOf(node));
  }
  return hashes;
}

// The key of --key, else `told`, what the service says.
absl::StatusOr<ledger::NoteVerifier> KeyOf(const Flags& flags, const std::string& told) {
  if (flags.key.empty() && told.empty()) {
    return UsageError(absl::InvalidArgumentError("--key: empty; want the verifier key of the log"));
  }
  if (flags.key.empty()) return ledger::NoteVerifier::FromText(told);
  auto key = ledger::NoteVerifier::FromText(absl::StripAsciiWhitespace(flags.key));
  if (key.ok()) return key;
  const auto text = ReadTextFile(flags.key);
  if (!text.ok()) {
    return UsageError(absl::InvalidArgumentError(absl::StrCat(
        "--key: neither a verifier key nor a file that can be read; ", key.status().message())));
  }
  key = ledger::NoteVerifier::FromText(absl::StripAsciiWhitespace(*text));
  return key.ok() ? key : DataError(status::Prefixed(flags.key, key.status()));
}

// Not OK: what was there at `old` is not what is there at `now`.
absl::Status CheckGrowth(IngestAccess& ingest, const ledger::Checkpoint& old,
                         const ledger::Checkpoint& now) {
  if (old.size > now.size) {
    return absl::DataLossError(absl::StrCat("the log signed ", old.size, " records then and has ",
                                            now.size, " now: records are gone"));
  }
  if (old.size == 0) return absl::OkStatus();
  v1::GetConsistencyProofRequest request;
  request.set_old_size(old.size);
  request.set_new_size(now.size);
  TM_ASSIGN_OR_RETURN(const auto proof, ingest.Call(&Stub::GetConsistencyProof, request));
  TM_ASSIGN_OR_RETURN(const std::vector<ledger::Hash> path, HashesOf(proof.path()));
  const absl::Status grown =
      ledger::VerifyConsistency(old.size, now.size, old.root, now.root, path);
  if (grown.ok()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the first ", old.size,
                                          " records are not those of then, or the service cannot "
                                          "show that they are: ",
                                          grown.message()));
}

// The newest checkpoint, once it covers so many records; after a while the newest there is, as a
// log whose storage failed signs no more.
absl::StatusOr<v1::GetCheckpointResponse> CheckpointOf(CommandHost& host, IngestAccess& ingest,
                                                       uint64_t records) {
  for (int i = 0;; ++i) {
    TM_ASSIGN_OR_RETURN(auto newest, ingest.Call(&Stub::GetCheckpoint, v1::GetCheckpointRequest()));
    if (newest.checkpoint().log_size() >= records || i == kCheckpointTries) return newest;
    if (host.terminal().interrupted()) return absl::CancelledError("stopped");
    std::this_thread::sleep_for(kCheckpointPause);
  }
}

absl::StatusOr<ExitCode> ShowCheckpoint(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(IngestAccess ingest, IngestAccess::Connect(host));
  TM_ASSIGN_OR_RETURN(const auto log, ingest.Call(&Stub::GetLogStatus, v1::GetLogStatusRequest()));
  TM_ASSIGN_OR_RETURN(const auto newest, CheckpointOf(host, ingest, log.log_size()));
  TM_ASSIGN_OR_RETURN(const ledger::NoteVerifier key, KeyOf(flags, newest.verifier_key()));
  const std::string& note = newest.checkpoint().note();
  TM_ASSIGN_OR_RETURN(const ledger::Checkpoint checkpoint, ledger::OpenCheckpoint(note, key));
  Fields fields = CheckpointFields(checkpoint);
  fields.emplace_back("key", key.ToText());
  if (checkpoint.size < log.log_size()) {
    host.terminal().err << "the last " << log.log_size() - checkpoint.size
                        << " records are not signed; `tidemark status` tells why\n";
  }
  if (!flags.since.empty()) {
    TM_ASSIGN_OR_RETURN(const KeptCheckpoint old, ReadKept(flags.since, key));
    TM_RETURN_IF_ERROR(CheckGrowth(ingest, old.checkpoint, checkpoint));
    fields.emplace_back("unchanged_since",
                        absl::StrCat(old.checkpoint.size, " records of ", flags.since));
  }
  if (!flags.out.empty()) {
    TM_RETURN_IF_ERROR(status::Prefixed("--out", WriteTextFile(flags.out, note)));
  }
  PrintFields(host, fields);
  return ExitCode::kOk;
}

absl::StatusOr<uint64_t> FindLeaf(IngestAccess& ingest, const Flags& flags) {
  v1::BatchGetEventsRequest request;
  request.set_source(IdOf("sources", flags.source));
  request.add_ids(flags.id);
  TM_ASSIGN_OR_RETURN(const auto found, ingest.Call(&Stub::BatchGetEvents, request));
  if (found.events_size() == 1) return found.events(0).receipt().leaf();
  return absl::NotFoundError(
      absl::StrCat("the log has no event `", flags.id, "` of source `", request.source(), "`"));
}

// What the proof is to be against: the checkpoint that was kept, else the newest that covers the
// leaf.
absl::StatusOr<KeptCheckpoint> CheckpointToProve(CommandHost& host, IngestAccess& ingest,
                                                 const Flags& flags, uint64_t leaf,
                                                 std::optional<ledger::NoteVerifier>& key) {
  const bool against_newest = flags.kept.empty();
  TM_ASSIGN_OR_RETURN(const auto newest, CheckpointOf(host, ingest, against_newest ? leaf + 1 : 0));
  TM_ASSIGN_OR_RETURN(key, KeyOf(flags, newest.verifier_key()));
  if (against_newest && newest.checkpoint().log_size() <= leaf) {
    return absl::UnavailableError(absl::StrCat("no checkpoint covers record ", leaf, " yet"));
  }
  if (against_newest) return OpenKept("the service", newest.checkpoint().note(), *key);
  TM_ASSIGN_OR_RETURN(KeptCheckpoint kept, ReadKept(flags.kept, *key));
  if (leaf < kept.checkpoint.size) return kept;
  return absl::NotFoundError(absl::StrCat(
      flags.kept, " covers the first ", kept.checkpoint.size, " records; this one came later, as ",
      leaf, "; without --checkpoint the proof is against the newest one"));
}

absl::StatusOr<ExitCode> Prove(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(IngestAccess ingest, IngestAccess::Connect(host));
  TM_ASSIGN_OR_RETURN(const uint64_t leaf, FindLeaf(ingest, flags));
  std::optional<ledger::NoteVerifier> key;
  TM_ASSIGN_OR_RETURN(KeptCheckpoint against, CheckpointToProve(host, ingest, flags, leaf, key));
  v1::GetInclusionProofRequest request;
  request.set_leaf(leaf);
  request.set_tree_size(against.checkpoint.size);
  TM_ASSIGN_OR_RETURN(const auto shown, ingest.Call(&Stub::GetInclusionProof, request));
  ledger::TlogProof proof{
      .extra = shown.leaf(), .index = leaf, .checkpoint = std::move(against.note)};
  TM_ASSIGN_OR_RETURN(proof.path, HashesOf(shown.path()));
  TM_RETURN_IF_ERROR(ledger::VerifyTlogProof(proof, ledger::LeafHash(proof.extra), *key).status());
  const std::string text = ledger::TlogProofText(proof);
  if (flags.out.empty()) {
    host.terminal().out << text;
  } else {
    TM_RETURN_IF_ERROR(status::Prefixed("--out", WriteTextFile(flags.out, text)));
  }
  host.terminal().err << "leaf " << leaf << " of " << request.tree_size() << "; verified with "
                      << key->ToText() << '\n';
  return ExitCode::kOk;
}

// Not OK: the two are not the same.
absl::Status CheckSame(const ledger::Checkpoint& proved, const ledger::Checkpoint& kept,
                       const std::string& file) {
  if (proved.size != kept.size) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the proof is against a checkpoint of ", proved.size, " records, ", file, " is of ",
        kept.size, "; have one written against it: tidemark ledger prove --checkpoint ", file));
  }
  if (proved.root == kept.root) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat("the log signed the proof's checkpoint and ", file,
                                          ", both of ", kept.size,
                                          " records, which differ: it has shown two histories"));
}

absl::StatusOr<Fields> VerifyProof(const Flags& flags, const std::string& text,
                                   const ledger::NoteVerifier& key) {
  TM_ASSIGN_OR_RETURN(const ledger::TlogProof proof, ParseProof(text));
  TM_ASSIGN_OR_RETURN(const ledger::Checkpoint checkpoint,
                      ledger::VerifyTlogProof(proof, ledger::LeafHash(proof.extra), key));
  Fields fields = {{"verified", "the record is in the log"},
                   {"log", checkpoint.origin},
                   {"leaf", absl::StrCat(proof.index)},
                   {"log_size", absl::StrCat(checkpoint.size)}};
  if (!flags.kept.empty()) {
    TM_ASSIGN_OR_RETURN(const KeptCheckpoint kept, ReadKept(flags.kept, key));
    TM_RETURN_IF_ERROR(CheckSame(checkpoint, kept.checkpoint, flags.kept));
    fields.emplace_back("checkpoint", absl::StrCat("that of ", flags.kept));
  }
  const absl::StatusOr<ledger::DecodedLeaf> leaf = ledger::DecodeLeaf(proof.extra);
  // The proof holds whatever the record says.
  if (absl::IsUnimplemented(leaf.status())) {
    fields.emplace_back("record", leaf.status().message());
    return fields;
  }
  TM_RETURN_IF_ERROR(leaf.status());
  for (auto& field : LeafFields(*leaf)) fields.push_back(std::move(field));
  return fields;
}

absl::StatusOr<ExitCode> Verify(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(const ledger::NoteVerifier key, KeyOf(flags, ""));
  TM_ASSIGN_OR_RETURN(std::string text, ReadTextFile(flags.file));
  if (IsProof(text)) {
    const auto verified = VerifyProof(flags, text, key);
    if (!verified.ok()) return DataError(status::Prefixed(flags.file, verified.status()));
    PrintFields(host, *verified);
    host.terminal().err << "amounts are in the smallest unit of the observatory\n";
    return ExitCode::kOk;
  }
  if (!flags.kept.empty()) {
    return UsageError(absl::InvalidArgumentError(
        absl::StrCat("--checkpoint: ", flags.file, " is no proof, which would be against one")));
  }
  TM_ASSIGN_OR_RETURN(const KeptCheckpoint opened, OpenKept(flags.file, std::move(text), key));
  Fields fields = CheckpointFields(opened.checkpoint);
  fields.emplace(fields.begin(), "verified", "the log signed this checkpoint");
  PrintFields(host, fields);
  return ExitCode::kOk;
}

}  // namespace

void AddLedgerCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command = app.add_subcommand("ledger", "Check the log: checkpoints, proofs");
  command->footer(kExamples);
  command->require_subcommand(1);
  auto flags = std::make_shared<Flags>();
  using Run = absl::StatusOr<ExitCode> (*)(CommandHost&, const Flags&);
  const auto add = [&](const char* name, const char* what, Run run) {
    CLI::App* sub = command->add_subcommand(name, what);
    sub->callback(
        [&host, flags, run] { host.SetAction([&host, flags, run] { return run(host, *flags); }); });
    return sub;
  };
  CLI::App* checkpoint = add("checkpoint", "Verify the newest checkpoint", ShowCheckpoint);
  CLI::App* prove = add("prove", "Write a proof that an event is in the log", Prove);
  CLI::App* verify = add("verify", "Verify a proof or a checkpoint of a file, offline", Verify);
  checkpoint->add_option("--key", flags->key, "verifier key of the log, or a file that holds it");
  checkpoint->add_option("--since", flags->since,
                         "an older checkpoint: nothing before it may have changed");
  checkpoint->add_option("--out", flags->out, "file to write the checkpoint to");
  prove->add_option("SOURCE", flags->source, "id of the source")->required();
  prove->add_option("ID", flags->id, "id of the event")->required();
  prove->add_option("--key", flags->key, "verifier key of the log, or a file that holds it");
  prove->add_option("--checkpoint", flags->kept,
                    "a checkpoint that was kept: the proof is to be against it");
  prove->add_option("--out", flags->out, "file to write the proof to");
  verify->add_option("FILE", flags->file, "the proof or checkpoint")->required();
  verify->add_option("--key", flags->key, "verifier key of the log, or a file that holds it")
      ->required();
  verify->add_option("--checkpoint", flags->kept,
                     "a checkpoint that was kept: the proof must be against it");
}

}  // namespace tidemark::cli
