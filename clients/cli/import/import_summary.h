#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_IMPORT_SUMMARY_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_IMPORT_SUMMARY_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace tidemark::importer {

// Counts of what became of the rows; they add up to the rows read.
struct ImportSummary {
  uint64_t rows = 0;
  uint64_t accepted = 0;
  uint64_t duplicates = 0;
  uint64_t conflicts = 0;
  // Settled by an earlier run (--resume).
  uint64_t resumed = 0;
  // In flight when the run ended early.
  uint64_t unknown = 0;
  // By reason.
  std::map<std::string, uint64_t, std::less<>> skipped;
  struct Rejected {
    uint64_t count = 0;
    // What the first one was.
    std::string example;
  };
  std::map<std::string, Rejected, std::less<>> rejected;

  void AddSkipped(std::string_view reason) {
    ++skipped.try_emplace(std::string(reason)).first->second;
  }
  void AddRejected(std::string_view reason, std::string_view example);
  uint64_t rejected_count() const;
  uint64_t skipped_count() const;

  // Several lines, the last without a line end. `verb` is what accepted events are called.
  std::string Text(std::string_view verb) const;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_IMPORT_SUMMARY_H_
