// The end of a run of identities, its checksums right or made right, and pages of one: what is
// accepted is exactly what the writer writes.
#include <cstring>

#include "common/base/crc32c.h"
#include "services/ingest/store/identity_run_format.h"
#include "tests/fuzz/fuzz.h"

namespace tidemark::ingest {
namespace {

void CheckStatus(const absl::Status& status) {
  FUZZ_CHECK(status.ok() || absl::IsDataLoss(status) || absl::IsUnimplemented(status),
             status.ToString());
}

// `end`: directory and footer of a file in which the directory begins at `offset`.
void CheckEnd(std::string_view end, uint64_t offset) {
  if (end.size() < kIdentityRunFooterBytes) return;
  const size_t directory_bytes = end.size() - kIdentityRunFooterBytes;
  const auto footer = DecodeIdentityRunFooter(end.substr(directory_bytes), offset + end.size());
  CheckStatus(footer.status());
  if (!footer.ok() || footer->directory_offset != offset) return;
  const auto directory = DecodeIdentityRunDirectory(end.substr(0, directory_bytes), *footer);
  CheckStatus(directory.status());
  if (!directory.ok()) return;
  for (const IdentityRunPart& part : directory->parts) {
    const uint64_t filter_end = part.filter_offset() + part.filter_bytes() + part.filter_padding();
    FUZZ_CHECK(part.first_page * kIdentityPageBytes <= offset && filter_end <= offset,
               "a part lies before the directory");
  }
  uint64_t pages = 0;
  for (const IdentityRunPart& part : directory->parts) pages += part.pages();
  FUZZ_CHECK(pages == directory->fences.size(), "a fence per page");
  FUZZ_CHECK(directory->entries() <= offset / sizeof(IdentityEntry), "entries have bytes");
  FUZZ_CHECK(EncodeIdentityRunEnd(*directory, offset) == end, "a directory has one encoding");
}

// `end` with the footer that its length and contents ask for.
std::string Forged(std::string_view directory, uint64_t offset) {
  std::string end(directory);
  const auto put = [&end](const auto& value) {
    end.append(reinterpret_cast<const char*>(&value), sizeof(value));
  };
  put(offset);
  put(uint64_t{directory.size()});
  put(base::Crc32c(directory));
  put(base::Crc32c(std::string_view(end).substr(directory.size())));
  end += kIdentityRunMagic;
  return end;
}

void CheckPage(std::string_view bytes, uint64_t number) {
  IdentityPage page;
  std::memset(static_cast<void*>(&page), 0, sizeof(page));
  std::memcpy(static_cast<void*>(&page), bytes.data(), std::min(bytes.size(), sizeof(page)));
  CheckStatus(VerifyPage(page, number));
  SealPage(&page);
  const absl::Status sealed = VerifyPage(page, page.number);
  FUZZ_CHECK(sealed.ok() == (page.count > 0 && page.count <= IdentityPage::kEntries),
             sealed.ToString());
  if (sealed.ok()) FUZZ_CHECK(!VerifyPage(page, page.number + 1).ok(), "in another's place");
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  if (bytes.size() < 8) return;
  // Where the directory begins; the rest is its bytes, with a footer or without.
  uint64_t offset = 0;
  std::memcpy(&offset, bytes.data(), sizeof(offset));
  offset &= (uint64_t{1} << 48) - 1;
  const std::string_view rest = bytes.substr(8);
  CheckEnd(rest, offset);
  CheckEnd(Forged(rest, offset), offset);
  CheckPage(rest, offset);
  if (const auto name = IdentityRunName::Parse(rest)) {
    FUZZ_CHECK(name->ToString() == rest, "a name has one text");
  }
}

}  // namespace tidemark::ingest
