#include "clients/cli/import/resume_state.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "clients/cli/app/text_file.h"
#include "clients/cli/import/byte_source.h"
#include "clients/cpp/ledger/sha256.h"
#include "common/base/hex.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

constexpr uint64_t kMostHead = 64 * 1024;

// Hash of the first `bytes` bytes; the count of those there are.
absl::StatusOr<std::pair<std::string, uint64_t>> HashHead(const std::string& path, uint64_t bytes) {
  TM_ASSIGN_OR_RETURN(auto source, OpenFile(path));
  std::string head(bytes, '\0');
  size_t have = 0;
  while (have < bytes) {
    TM_ASSIGN_OR_RETURN(const size_t got, source->Read(head.data() + have, bytes - have));
    if (got == 0) break;
    have += got;
  }
  const ledger::Hash hash = ledger::Sha256(std::string_view(head).substr(0, have));
  return std::pair(
      base::HexEncode(std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size())),
      static_cast<uint64_t>(have));
}

// A count as Save writes it. nlohmann's own conversion takes any number: what a negative one, a
// fraction or 1e99 becomes is nothing that was counted.
absl::StatusOr<uint64_t> CountAt(const nlohmann::json& json, const char* name) {
  const nlohmann::json& value = json.at(name);
  if (!value.is_number_unsigned()) {
    return absl::DataLossError(absl::StrCat(name, " is no whole number from 0"));
  }
  return value.get<uint64_t>();
}

// Throws nlohmann::json::exception for text that is no JSON, and for a name that is missing or of
// another type.
absl::StatusOr<ResumeState> Parse(const std::string& text) {
  const nlohmann::json json = nlohmann::json::parse(text);
  ResumeState state;
  TM_ASSIGN_OR_RETURN(state.rows, CountAt(json, "rows"));
  state.mapping_fingerprint = json.at("mapping").get<std::string>();
  state.head_hash = json.at("head_hash").get<std::string>();
  TM_ASSIGN_OR_RETURN(state.head_bytes, CountAt(json, "head_bytes"));
  TM_ASSIGN_OR_RETURN(state.rejects_bytes, CountAt(json, "rejects_bytes"));
  return state;
}

absl::StatusOr<ResumeState> ParseOrRefuse(const std::string& state_path, const std::string& text) {
  std::string why;
  try {
    auto state = Parse(text);
    if (state.ok()) return state;
    why = std::string(state.status().message());
  } catch (const nlohmann::json::exception& e) {
    why = e.what();
  }
  return absl::DataLossError(
      absl::StrCat(state_path, " is no state of an import (", why,
                   "); give the name of a new file, or, if this one was damaged, delete it and "
                   "import from the start"));
}

}  // namespace

absl::StatusOr<ResumeState> ResumeState::ForInput(const std::string& path,
                                                  const std::string& mapping_fingerprint) {
  ResumeState state{.mapping_fingerprint = mapping_fingerprint};
  if (path == "-") return state;
  TM_ASSIGN_OR_RETURN(const auto head, HashHead(path, kMostHead));
  state.head_hash = head.first;
  state.head_bytes = head.second;
  return state;
}

absl::StatusOr<ResumeState> ResumeState::Load(const std::string& state_path,
                                              const std::string& path,
                                              const std::string& mapping_fingerprint) {
  std::ifstream file(state_path, std::ios::binary);
  if (!file) return ForInput(path, mapping_fingerprint);
  std::ostringstream text;
  text << file.rdbuf();
  TM_ASSIGN_OR_RETURN(const ResumeState state, ParseOrRefuse(state_path, text.str()));
  if (state.mapping_fingerprint != mapping_fingerprint) {
    return absl::FailedPreconditionError(
        absl::StrCat(state_path,
                     " was written with another mapping; delete it to import from the start "
                     "(what is in the log already comes back as duplicates)"));
  }
  std::string head_hash;
  if (path != "-") {
    TM_ASSIGN_OR_RETURN(const auto head, HashHead(path, std::min(state.head_bytes, kMostHead)));
    head_hash = head.first;
  }
  if (head_hash != state.head_hash) {
    return absl::FailedPreconditionError(
        absl::StrCat(state_path, " belongs to another input than ", path));
  }
  return state;
}

absl::Status ResumeState::Save(const std::string& state_path) const {
  const nlohmann::json json = {{"rows", rows},
                               {"mapping", mapping_fingerprint},
                               {"head_hash", head_hash},
                               {"head_bytes", head_bytes},
                               {"rejects_bytes", rejects_bytes}};
  return cli::WriteTextFile(state_path, json.dump(2) + "\n");
}

}  // namespace tidemark::importer
