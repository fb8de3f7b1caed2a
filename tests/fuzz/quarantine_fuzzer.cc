// The quarantine's file, and entries from a front. The input is read as an entry, as the whole
// file, and as changes whose checksums are right, parted by lines `=====`.
#include "common/testing/fault_file_system.h"
#include "services/ingest/domain/quarantine_codec.h"
#include "services/ingest/store/quarantine_store.h"
#include "tests/fuzz/fuzz.h"

namespace tidemark::ingest {
namespace {

constexpr std::string_view kParting = "\n=====\n";
constexpr char kDir[] = "/quarantine";
constexpr char kFile[] = "/quarantine/entries.tmq";
constexpr std::string_view kHeader = "tidemark-quarantine 1\n";

void CheckEntry(std::string_view input) {
  QuarantineEntry entry;
  if (!DecodeEntry(input, &entry)) return;
  std::string bytes;
  EncodeEntry(entry, &bytes);
  FUZZ_CHECK(input.starts_with(bytes), "an entry has one encoding");
}

// Whatever the file holds it is opened, stays within the limits, takes another entry, and holds
// the same after the next start.
void CheckFile(std::string_view content) {
  testing::FaultFileSystem files;
  FUZZ_CHECK(files.MakeDirs(kDir).ok(), "a folder");
  FUZZ_CHECK(fs::WriteFileAtomically(files, kFile, content).ok(), "a file");
  const QuarantineStore::Options options = {
      .fs = &files, .dir = kDir, .limits = {.max_events = 5, .max_source_events = 3}};
  std::vector<QuarantineEntry> entries;
  {
    QuarantineStore store(options);
    store.Add({{.source = "s", .event_id = "fuzz", .reason = "R", .field = "f"}}, {});
    entries = store.List("s", {}, 0, 100, SIZE_MAX).entries;
    FUZZ_CHECK(!entries.empty() && entries.size() <= 3, "the entry is there, within the limits");
  }
  const QuarantineStore again(options);
  FUZZ_CHECK(again.Stats("s").damaged_parts == 0, "what is written is whole");
  FUZZ_CHECK(again.List("s", {}, 0, 100, SIZE_MAX).entries == entries, "the same after a start");
}

}  // namespace

TIDEMARK_FUZZER(std::string_view input) {
  CheckEntry(input);
  CheckFile(input);
  CheckFile(std::string(kHeader).append(input));
  std::string framed(kHeader);
  for (std::string_view rest = input; true;) {
    const size_t end = rest.find(kParting);
    QuarantineFile::Frame(rest.substr(0, end), &framed);
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + kParting.size());
  }
  CheckFile(framed);
}

}  // namespace tidemark::ingest
