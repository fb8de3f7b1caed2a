// Run files of analytics, their checksums right or made right: whatever the directory says lies in
// the file, and every column, index and dictionary can be read without leaving it.
#include <cstring>
#include <vector>

#include "common/base/crc32c.h"
#include "services/analytics/store/code_dictionary.h"
#include "services/analytics/store/id_dictionary.h"
#include "services/analytics/store/order_hash.h"
#include "services/analytics/store/run_image.h"
#include "services/analytics/store/snapshot_index.h"
#include "tests/fuzz/fuzz.h"

namespace tidemark::analytics {
namespace {

// What one input may make us decode.
constexpr size_t kMostRows = 1 << 16;

void CheckStatus(const absl::Status& status) {
  FUZZ_CHECK(status.ok() || absl::IsDataLoss(status) || absl::IsUnimplemented(status) ||
                 absl::IsFailedPrecondition(status),
             status.ToString());
}

void CheckColumn(const ColumnView& column, size_t rows) {
  std::vector<int64_t> wide(rows);
  std::vector<uint32_t> narrow(rows);
  Decode64(column, 0, rows, wide.data());
  Decode32(column, 0, rows, narrow.data());
  for (size_t row = 0; row < rows; ++row) {
    FUZZ_CHECK(wide[row] == column.At(row), "Decode64");
    FUZZ_CHECK(narrow[row] == static_cast<uint32_t>(column.At(row)), "Decode32");
  }
  // Rows by number, as a filter leaves them over.
  std::vector<uint16_t> picked;
  for (size_t row = 0; row < rows && row < 0x10000; row += 3) {
    picked.push_back(static_cast<uint16_t>(row));
  }
  Decode64(column, 0, picked.data(), picked.size(), wide.data());
  Decode32(column, 0, picked.data(), picked.size(), narrow.data());
  for (size_t i = 0; i < picked.size(); ++i) {
    FUZZ_CHECK(wide[i] == column.At(picked[i]), "Decode64 of picked rows");
    FUZZ_CHECK(narrow[i] == static_cast<uint32_t>(column.At(picked[i])), "Decode32 of picked rows");
  }
  FUZZ_CHECK(LowerBound(column, 0, rows, column.min) <= rows, "LowerBound");
}

// What a checksum vouches for is taken as it is, so times that no writer writes are left alone.
uint64_t TimeAt(const RowGroup& group, size_t row) {
  constexpr int64_t kMostSeconds = int64_t{1} << 40;
  const int64_t seconds = group.columns[kTimeSlot].At(row);
  const bool possible = group.month > -100'000 && group.month < 100'000 &&
                        seconds > -kMostSeconds && seconds < kMostSeconds &&
                        group.columns[kMicroSlot].At(row) < kMostSeconds &&
                        group.columns[kMicroSlot].At(row) > -kMostSeconds;
  return possible ? static_cast<uint64_t>(group.TimeAt(row)) : 0;
}

void CheckGroup(const RowGroup& group, size_t* budget) {
  if (group.rows > *budget) return;
  *budget -= group.rows;
  uint64_t sum = 0;
  for (int slot = 0; slot < kSlotCount; ++slot) {
    CheckColumn(group.columns[slot], group.rows);
    for (const uint32_t value : group.zones[slot].min) sum += value;
    for (const uint32_t value : group.zones[slot].max) sum += value;
  }
  for (const uint32_t code : group.region_codes) sum += code;
  for (const uint32_t start : group.region_starts) sum += start;
  for (size_t row = 0; row < group.rows; ++row) sum += TimeAt(group, row);
  [[maybe_unused]] static volatile uint64_t sink;  // keeps the reads above
  sink = sum;
}

// As RunStore loads them.
void CheckSections(const RunImage& run) {
  for (int field = 0; field < kFieldCount; ++field) {
    CodeDictionary codes;
    const std::string_view bytes = run.Section(SectionKind::kTexts, static_cast<uint32_t>(field));
    if (!codes.Load(bytes)) continue;
    std::string again;
    AppendTexts(*codes.List(), 0, codes.size(), &again);
    FUZZ_CHECK(again == bytes, "texts loaded and written again");
  }
  for (const SectionKind kind : {SectionKind::kConsumers, SectionKind::kOrders}) {
    IdDictionary ids;
    const std::string_view bytes = run.Section(kind, 0);
    if (!ids.Load(bytes)) continue;
    std::string again;
    ids.AppendKeys(0, ids.size(), &again);
    FUZZ_CHECK(again == bytes, "keys loaded and written again");
  }
  SnapshotIndex index;
  const std::string_view blocks = run.Section(SectionKind::kBlocks, 0);
  const std::string_view marks = run.Section(SectionKind::kMarks, 0);
  if (!index.Load(blocks, marks, run.end_leaf())) return;
  std::string again;
  index.AppendBlocks(0, run.end_leaf(), &again);
  FUZZ_CHECK(again == blocks, "blocks loaded and written again");
  again.clear();
  index.AppendMarks(0, run.end_leaf(), &again);
  FUZZ_CHECK(again == marks, "marks loaded and written again");
  FUZZ_CHECK(index.At(run.end_leaf()).log_size == run.end_leaf(), "snapshot");
}

void CheckFile(std::string_view file) {
  const auto directory = DecodeRunDirectory(file);
  CheckStatus(directory.status());
  if (!directory.ok()) return;
  for (const RunSection& section : directory->sections) {
    FUZZ_CHECK(section.offset <= file.size() && section.length <= file.size() - section.offset,
               "a section lies in the file");
  }
  CheckStatus(VerifyRunSections(*directory, file));
  // Where the directory begins the file says at its end.
  uint64_t offset = 0;
  std::memcpy(&offset, file.data() + file.size() - kRunFooterBytes, sizeof(offset));
  FUZZ_CHECK(EncodeRunEnd(*directory, offset) == file.substr(offset),
             "a directory has one encoding");
  const auto run = RunImage::FromMemory(std::string(file));
  FUZZ_CHECK(run.ok(), run.status().ToString());
  size_t budget = kMostRows;
  for (const RowGroup& group : (*run)->groups()) CheckGroup(group, &budget);
  CheckSections(**run);
  (void)LogKey(directory->log_id);
}

// The file with magic and checksum of the directory made right; none where it has no footer.
std::string Forged(std::string_view bytes) {
  if (bytes.size() < kRunMagic.size() + kRunFooterBytes) return {};
  std::string file(bytes);
  file.replace(0, kRunMagic.size(), kRunMagic);
  file.replace(file.size() - kRunMagic.size(), kRunMagic.size(), kRunMagic);
  const size_t footer = file.size() - kRunFooterBytes;
  uint64_t offset = 0;
  std::memcpy(&offset, file.data() + footer, sizeof(offset));
  if (offset > footer) return {};
  const auto length = static_cast<uint32_t>(footer - offset);
  const uint32_t crc = base::Crc32c(std::string_view(file).substr(offset, length));
  std::memcpy(file.data() + footer + 8, &length, sizeof(length));
  std::memcpy(file.data() + footer + 12, &crc, sizeof(crc));
  return file;
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  CheckFile(bytes);
  const std::string forged = Forged(bytes);
  if (!forged.empty() && forged != bytes) CheckFile(forged);
}

}  // namespace tidemark::analytics
