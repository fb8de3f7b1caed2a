// The bytes of a run file (docs/formats/run.md): a magic, sections, and a directory at the end that
// says where they are.
#ifndef TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_FORMAT_H_
#define TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_FORMAT_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/analytics/store/columns.h"
#include "services/analytics/store/raw_chunk.h"

namespace tidemark::analytics {

inline constexpr std::string_view kRunMagic = "\xB7TMRUN\r\n";
// Raised with every change of what a reader must know, a new column (Field) among them.
inline constexpr uint16_t kRunFormat = 4;
// Directory offset (8), directory length (4), directory CRC (4), magic (8).
inline constexpr size_t kRunFooterBytes = 24;

enum class SectionKind : uint8_t {
  kGroup = 1,      // rows of one month; argument: position in RunDirectory::groups
  kTexts = 2,      // new texts of one field; argument: the field
  kConsumers = 3,  // new pseudonyms, 16 bytes each
  kOrders = 4,     // new order keys, 16 bytes each
  kBlocks = 5,     // end leaf and accepted time of each block
  kMarks = 6,      // leaf, version and hash of each catalog mark
  kNotes = 7,      // EffectBatch::notes of each block, one after the other
  // Per leaf 1 + the row of its event's own effect, counted through the groups; 0: there is none.
  // As many bytes each as RunDirectory::effects needs.
  kOwnRows = 8,
};

struct RunSection {
  SectionKind kind = SectionKind::kGroup;
  uint32_t argument = 0;
  uint64_t offset = 0;  // in the file, a multiple of 8
  uint64_t length = 0;
  uint32_t crc = 0;  // CRC-32C
};

struct RunColumn {
  uint8_t width = 0;
  bool zones = false;
  int64_t min = 0;  // also the base
  int64_t max = 0;
  uint64_t offset = 0;        // in the section, a multiple of 8
  uint64_t zones_offset = 0;  // smallest value per zone, then largest, 4 bytes each
};

struct RunGroup {
  int32_t month = 0;
  uint32_t rows = 0;
  bool has_negative = false;
  int64_t min_time_us = 0;
  int64_t max_time_us = 0;
  std::array<RunColumn, kSlotCount> columns;
  uint32_t regions = 0;
  uint64_t regions_offset = 0;  // codes, then first rows and the number of rows, 4 bytes each
};

struct RunDirectory {
  std::string log_id;
  uint64_t first_leaf = 0;
  uint64_t end_leaf = 0;
  uint64_t effects = 0;
  DictionarySizes dictionary_begin;  // sizes before the run
  DictionarySizes dictionary_end;
  std::vector<RunGroup> groups;  // ascending by month
  std::vector<RunSection> sections;
};

// Directory and footer, to be appended at file offset `offset`.
std::string EncodeRunEnd(const RunDirectory& directory, uint64_t offset);

// Reads the directory of a whole file. DATA_LOSS when anything but section contents is wrong: every
// offset in the result lies in its section and every section in the file. FAILED_PRECONDITION: an
// earlier format; what it holds is to be made again from the log. UNIMPLEMENTED: a later format.
absl::StatusOr<RunDirectory> DecodeRunDirectory(std::string_view file);

// Checks every section's CRC.
absl::Status VerifyRunSections(const RunDirectory& directory, std::string_view file);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_STORE_RUN_FORMAT_H_
