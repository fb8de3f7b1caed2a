// The bytes of a file of frozen identities (docs/formats/identity-run.md): pages of entries and a
// filter for each of sixteen parts, and a directory at the end.
#ifndef TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_FORMAT_H_
#define TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_FORMAT_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/ledger/record.h"
#include "services/ingest/store/identity_entry.h"
#include "services/ingest/store/run_filter.h"

namespace tidemark::ingest {

inline constexpr std::string_view kIdentityRunMagic = "\xB7TMIDS\r\n";
// Raised with every change of what a reader must know.
inline constexpr uint16_t kIdentityRunFormat = 1;
inline constexpr size_t kIdentityRunParts = 16;
inline constexpr size_t kIdentityRunFooterBytes = 32;

// The first page of a file.
std::string IdentityRunHead();

// One page of a run, as stored.
struct IdentityPage {
  static constexpr size_t kEntries = 255;

  IdentityEntry entries[kEntries];
  uint64_t number = 0;  // from the start of the file
  uint32_t count = 0;
  uint32_t crc = 0;  // of everything before
};
inline constexpr size_t kIdentityPageBytes = sizeof(IdentityPage);
static_assert(kIdentityPageBytes == 4096);

// Fills in the checksum.
void SealPage(IdentityPage* page);
// DATA_LOSS: not a sealed page with this number.
absl::Status VerifyPage(const IdentityPage& page, uint64_t number);

// Which log the entries are of, and under which key their fingerprints were made.
struct IdentityRunOwner {
  ledger::LogId log_id = {};
  Fingerprint key_check;

  static IdentityRunOwner Of(const ledger::LogId& log_id, const SipHash& hash);
  bool operator==(const IdentityRunOwner&) const = default;
};

// The entries whose fingerprints begin with the part's number: its pages, then its filter.
struct IdentityRunPart {
  uint64_t entries = 0;
  uint64_t first_page = 0;  // from the start of the file
  uint64_t filter_blocks = 0;
  uint32_t filter_crc = 0;  // with its padding

  uint64_t pages() const { return (entries + IdentityPage::kEntries - 1) / IdentityPage::kEntries; }
  uint64_t filter_offset() const { return (first_page + pages()) * kIdentityPageBytes; }
  uint64_t filter_bytes() const { return filter_blocks * RunFilter::kBlockBytes; }
  // Zeros up to the next page.
  size_t filter_padding() const {
    return (kIdentityPageBytes - filter_bytes() % kIdentityPageBytes) % kIdentityPageBytes;
  }

  static size_t Of(uint64_t low) { return low >> 60; }
};

struct IdentityRunDirectory {
  IdentityRunOwner owner;
  // The run holds the identities of the leaves [begin_leaf, end_leaf).
  uint64_t begin_leaf = 0;
  uint64_t end_leaf = 0;
  std::array<IdentityRunPart, kIdentityRunParts> parts;
  // The low half of each page's first fingerprint, of all parts in order.
  std::vector<uint64_t> fences;

  uint64_t entries() const;
};

// Directory and footer, to be appended at file offset `offset`.
std::string EncodeIdentityRunEnd(const IdentityRunDirectory& directory, uint64_t offset);

struct IdentityRunFooter {
  uint64_t directory_offset = 0;
  uint64_t directory_bytes = 0;
  uint32_t directory_crc = 0;
};
// `end`: the last kIdentityRunFooterBytes of a file of `file_bytes`. DATA_LOSS.
absl::StatusOr<IdentityRunFooter> DecodeIdentityRunFooter(std::string_view end,
                                                          uint64_t file_bytes);
// DATA_LOSS when anything is wrong: every page and filter lies before the directory, and fences
// ascend. UNIMPLEMENTED: a later format.
absl::StatusOr<IdentityRunDirectory> DecodeIdentityRunDirectory(std::string_view bytes,
                                                                const IdentityRunFooter& footer);

// "00000000000000000000-00000000000012582912.tmi": a run is named by its leaves.
struct IdentityRunName {
  uint64_t begin_leaf = 0;
  uint64_t end_leaf = 0;

  std::string ToString() const;
  static std::optional<IdentityRunName> Parse(std::string_view name);
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_STORE_IDENTITY_RUN_FORMAT_H_
