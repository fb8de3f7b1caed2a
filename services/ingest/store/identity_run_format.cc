#include "services/ingest/store/identity_run_format.h"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/base/crc32c.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

// Entries are stored as they are in memory.
static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kSuffix = ".tmi";
constexpr size_t kDigits = 20;

template <typename T>
void Put(const T& value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

// Zeros once the bytes are used up.
template <typename T>
T Take(std::string_view* in) {
  T value = {};
  if (in->size() < sizeof(T)) {
    *in = {};
    return value;
  }
  std::memcpy(&value, in->data(), sizeof(T));
  in->remove_prefix(sizeof(T));
  return value;
}

constexpr size_t kPartBytes = 3 * sizeof(uint64_t) + sizeof(uint32_t);
constexpr size_t kFixedBytes = 2 * sizeof(uint16_t) + sizeof(IdentityRunOwner) +
                               2 * sizeof(uint64_t) + kIdentityRunParts * kPartBytes;

absl::Status Bad(std::string_view what) {
  return absl::DataLossError(absl::StrCat("no good run of identities: ", what));
}

uint32_t CrcOf(const IdentityPage& page) {
  return base::Crc32c({reinterpret_cast<const char*>(&page), offsetof(IdentityPage, crc)});
}

// Parts follow each other, whole pages each, and end at `end`.
absl::Status CheckParts(const IdentityRunDirectory& directory, uint64_t end) {
  // A part has no more entries than that many bytes can hold, so nothing below overflows.
  uint64_t page = 1;
  for (const IdentityRunPart& part : directory.parts) {
    if (part.entries > end / sizeof(IdentityEntry) || part.first_page != page ||
        part.filter_blocks != RunFilter::BlocksFor(part.entries)) {
      return Bad("a part has a wrong place or size");
    }
    page += part.pages() + (part.filter_bytes() + part.filter_padding()) / kIdentityPageBytes;
  }
  if (page * kIdentityPageBytes != end) return Bad("its parts do not end where they should");
  return absl::OkStatus();
}

absl::Status CheckFences(const IdentityRunDirectory& directory) {
  size_t at = 0;
  for (size_t p = 0; p < kIdentityRunParts; ++p) {
    const uint64_t pages = directory.parts[p].pages();
    for (uint64_t i = 0; i < pages; ++i, ++at) {
      const bool falls = at > 0 && directory.fences[at] < directory.fences[at - 1];
      if (falls || IdentityRunPart::Of(directory.fences[at]) != p)
        return Bad("fences do not ascend");
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string IdentityRunHead() {
  std::string head(kIdentityRunMagic);
  head.resize(kIdentityPageBytes, '\0');
  return head;
}

void SealPage(IdentityPage* page) { page->crc = CrcOf(*page); }

absl::Status VerifyPage(const IdentityPage& page, uint64_t number) {
  if (page.crc != CrcOf(page)) return Bad("a page has a wrong checksum");
  if (page.number != number || page.count == 0 || page.count > IdentityPage::kEntries) {
    return Bad("a page is in another's place");
  }
  return absl::OkStatus();
}

IdentityRunOwner IdentityRunOwner::Of(const ledger::LogId& log_id, const SipHash& hash) {
  return {.log_id = log_id,
          .key_check = hash.Hash({reinterpret_cast<const char*>(log_id.data()), log_id.size()})};
}

uint64_t IdentityRunDirectory::entries() const {
  uint64_t sum = 0;
  for (const IdentityRunPart& part : parts) sum += part.entries;
  return sum;
}

std::string EncodeIdentityRunEnd(const IdentityRunDirectory& directory, uint64_t offset) {
  std::string out;
  out.reserve(kFixedBytes + 8 * directory.fences.size() + kIdentityRunFooterBytes);
  Put(kIdentityRunFormat, &out);
  Put(static_cast<uint16_t>(kIdentityRunParts), &out);
  Put(directory.owner, &out);
  Put(directory.begin_leaf, &out);
  Put(directory.end_leaf, &out);
  for (const IdentityRunPart& part : directory.parts) {
    Put(part.entries, &out);
    Put(part.first_page, &out);
    Put(part.filter_blocks, &out);
    Put(part.filter_crc, &out);
  }
  for (const uint64_t fence : directory.fences) Put(fence, &out);
  const uint64_t bytes = out.size();
  const uint32_t crc = base::Crc32c(out);
  Put(offset, &out);
  Put(bytes, &out);
  Put(crc, &out);
  // Footers are checked by themselves: a wrong length must not be believed.
  Put(base::Crc32c(std::string_view(out).substr(bytes)), &out);
  out += kIdentityRunMagic;
  return out;
}

absl::StatusOr<IdentityRunFooter> DecodeIdentityRunFooter(std::string_view end,
                                                          uint64_t file_bytes) {
  if (end.size() != kIdentityRunFooterBytes || !end.ends_with(kIdentityRunMagic)) {
    return Bad("it does not end as one");
  }
  const uint32_t crc = base::Crc32c(end.substr(0, 20));
  IdentityRunFooter footer;
  footer.directory_offset = Take<uint64_t>(&end);
  footer.directory_bytes = Take<uint64_t>(&end);
  footer.directory_crc = Take<uint32_t>(&end);
  if (Take<uint32_t>(&end) != crc) return Bad("its end has a wrong checksum");
  if (footer.directory_offset > file_bytes ||
      file_bytes - footer.directory_offset < kIdentityRunFooterBytes ||
      footer.directory_bytes != file_bytes - footer.directory_offset - kIdentityRunFooterBytes) {
    return Bad("it is cut off");
  }
  return footer;
}

absl::StatusOr<IdentityRunDirectory> DecodeIdentityRunDirectory(std::string_view bytes,
                                                                const IdentityRunFooter& footer) {
  if (base::Crc32c(bytes) != footer.directory_crc) return Bad("its directory has a wrong checksum");
  const size_t size = bytes.size();
  const auto format = Take<uint16_t>(&bytes);
  if (format > kIdentityRunFormat) {
    return absl::UnimplementedError(absl::StrCat("a run of identities of format ", format,
                                                 "; this release reads ", kIdentityRunFormat,
                                                 ": use the release that made it, or a later one"));
  }
  if (format != kIdentityRunFormat || Take<uint16_t>(&bytes) != kIdentityRunParts ||
      size < kFixedBytes) {
    return Bad("its directory is not of this format");
  }
  IdentityRunDirectory directory;
  directory.owner = Take<IdentityRunOwner>(&bytes);
  directory.begin_leaf = Take<uint64_t>(&bytes);
  directory.end_leaf = Take<uint64_t>(&bytes);
  for (IdentityRunPart& part : directory.parts) {
    part.entries = Take<uint64_t>(&bytes);
    part.first_page = Take<uint64_t>(&bytes);
    part.filter_blocks = Take<uint64_t>(&bytes);
    part.filter_crc = Take<uint32_t>(&bytes);
  }
  if (directory.begin_leaf >= directory.end_leaf) return Bad("it covers no leaves");
  TM_RETURN_IF_ERROR(CheckParts(directory, footer.directory_offset));
  uint64_t pages = 0;
  for (const IdentityRunPart& part : directory.parts) pages += part.pages();
  if (bytes.size() != pages * sizeof(uint64_t)) return Bad("fences are missing");
  directory.fences.resize(pages);
  std::memcpy(directory.fences.data(), bytes.data(), bytes.size());
  TM_RETURN_IF_ERROR(CheckFences(directory));
  return directory;
}

std::string IdentityRunName::ToString() const {
  return absl::StrFormat("%020d-%020d%s", begin_leaf, end_leaf, kSuffix);
}

std::optional<IdentityRunName> IdentityRunName::Parse(std::string_view name) {
  IdentityRunName parsed;
  if (name.size() != 2 * kDigits + 1 + kSuffix.size()) return std::nullopt;
  if (!absl::SimpleAtoi(name.substr(0, kDigits), &parsed.begin_leaf) ||
      !absl::SimpleAtoi(name.substr(kDigits + 1, kDigits), &parsed.end_leaf)) {
    return std::nullopt;
  }
  if (parsed.begin_leaf >= parsed.end_leaf || parsed.ToString() != name) return std::nullopt;
  return parsed;
}

}  // namespace tidemark::ingest
