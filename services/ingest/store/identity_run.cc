#include "services/ingest/store/identity_run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/crc32c.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::ingest {
namespace {

absl::Status ReadExactly(const fs::File& file, uint64_t offset, size_t bytes, char* out) {
  TM_ASSIGN_OR_RETURN(const size_t got, file.PRead(offset, bytes, out));
  if (got == bytes) return absl::OkStatus();
  return absl::DataLossError("no good run of identities: it is cut off");
}

absl::StatusOr<IdentityRunDirectory> ReadDirectory(const fs::File& file) {
  TM_ASSIGN_OR_RETURN(const uint64_t size, file.Size());
  if (size < kIdentityRunFooterBytes) {
    return absl::DataLossError("no good run of identities: it is cut off");
  }
  std::string head(kIdentityPageBytes, '\0');
  TM_RETURN_IF_ERROR(ReadExactly(file, 0, head.size(), head.data()));
  if (head != IdentityRunHead()) {
    return absl::DataLossError("no good run of identities: it does not begin as one");
  }
  std::string bytes(kIdentityRunFooterBytes, '\0');
  TM_RETURN_IF_ERROR(ReadExactly(file, size - bytes.size(), bytes.size(), bytes.data()));
  TM_ASSIGN_OR_RETURN(const IdentityRunFooter footer, DecodeIdentityRunFooter(bytes, size));
  bytes.resize(footer.directory_bytes);
  TM_RETURN_IF_ERROR(ReadExactly(file, footer.directory_offset, bytes.size(), bytes.data()));
  return DecodeIdentityRunDirectory(bytes, footer);
}

}  // namespace

absl::StatusOr<std::shared_ptr<const IdentityRun>> IdentityRun::Open(
    fs::FileSystem& fs, const std::string& dir, const IdentityRunName& name,
    const IdentityRunOwner& owner) {
  std::string path = fs::JoinPath(dir, name.ToString());
  TM_ASSIGN_OR_RETURN(std::unique_ptr<fs::File> file, fs.OpenRead(path));
  auto directory = ReadDirectory(*file);
  if (!directory.ok()) return status::Prefixed(path, directory.status());
  if (directory->owner != owner) {
    return absl::DataLossError(absl::StrCat(path, ": the run is of another log or key"));
  }
  if (directory->begin_leaf != name.begin_leaf || directory->end_leaf != name.end_leaf) {
    return absl::DataLossError(absl::StrCat(path, ": the run is of other leaves than its name"));
  }
  return std::shared_ptr<const IdentityRun>(
      new IdentityRun(std::move(path), std::move(file), *std::move(directory)));
}

IdentityRun::IdentityRun(std::string path, std::unique_ptr<fs::File> file,
                         IdentityRunDirectory directory)
    : path_(std::move(path)),
      file_(std::move(file)),
      directory_(std::move(directory)),
      entries_(directory_.entries()) {
  for (size_t p = 0; p < kIdentityRunParts; ++p) {
    first_pages_[p + 1] = first_pages_[p] + directory_.parts[p].pages();
  }
}

absl::Status IdentityRun::Read(uint64_t offset, size_t bytes, char* out) const {
  const absl::Status read = ReadExactly(*file_, offset, bytes, out);
  return read.ok() ? read : status::Prefixed(path_, read);
}

absl::StatusOr<std::shared_ptr<const RunFilter>> IdentityRun::ReadFilter(size_t part) const {
  const IdentityRunPart& stored = directory_.parts[part];
  auto filter = std::make_shared<RunFilter>(stored.filter_blocks);
  const std::span<char> bytes = filter->bytes();
  std::string padding(stored.filter_padding(), '\0');
  const uint64_t offset = stored.filter_offset();
  TM_RETURN_IF_ERROR(Read(offset, bytes.size(), bytes.data()));
  TM_RETURN_IF_ERROR(Read(offset + bytes.size(), padding.size(), padding.data()));
  const uint32_t crc = base::Crc32c({bytes.data(), bytes.size()});
  if (base::ExtendCrc32c(crc, padding) != stored.filter_crc) {
    return absl::DataLossError(
        absl::StrCat(path_, ", offset ", offset, ": a filter has a wrong checksum"));
  }
  return filter;
}

IdentityRun::PageRange IdentityRun::PagesOf(const Fingerprint& key) const {
  const size_t part = IdentityRunPart::Of(key.low);
  const auto begin = directory_.fences.begin() + static_cast<ptrdiff_t>(first_pages_[part]);
  const auto end = directory_.fences.begin() + static_cast<ptrdiff_t>(first_pages_[part + 1]);
  // The first page that begins at or behind the key; entries of the key may begin in the one
  // before.
  auto first = std::lower_bound(begin, end, key.low);
  auto last = first;
  while (last != end && *last == key.low) ++last;
  if (first != begin) --first;
  return {static_cast<uint64_t>(first - directory_.fences.begin()),
          static_cast<uint64_t>(last - directory_.fences.begin())};
}

size_t IdentityRun::PartOfPage(uint64_t page) const {
  return static_cast<size_t>(std::upper_bound(first_pages_.begin(), first_pages_.end(), page) -
                             first_pages_.begin() - 1);
}

uint64_t IdentityRun::PagesLeftInPart(uint64_t page) const {
  return first_pages_[PartOfPage(page) + 1] - page;
}

uint64_t IdentityRun::NumberOf(uint64_t page) const {
  const size_t part = PartOfPage(page);
  return directory_.parts[part].first_page + page - first_pages_[part];
}

void IdentityRun::WillNeed(uint64_t page) const {
  file_->WillNeed(NumberOf(page) * kIdentityPageBytes, kIdentityPageBytes);
}

absl::Status IdentityRun::ReadPages(uint64_t page, size_t count, IdentityPage* out) const {
  const uint64_t number = NumberOf(page);
  TM_RETURN_IF_ERROR(
      Read(number * kIdentityPageBytes, count * kIdentityPageBytes, reinterpret_cast<char*>(out)));
  for (size_t i = 0; i < count; ++i) {
    absl::Status good = VerifyPage(out[i], number + i);
    // What the fences say is how entries are found.
    if (good.ok() && out[i].entries[0].low != directory_.fences[page + i]) {
      good = absl::DataLossError("no good run of identities: a page is not where fences say");
    }
    if (!good.ok()) {
      return status::Prefixed(absl::StrCat(path_, ", offset ", (number + i) * kIdentityPageBytes),
                              good);
    }
  }
  return absl::OkStatus();
}

}  // namespace tidemark::ingest
