#ifndef TIDEMARK_CLIENTS_CLI_IMPORT_IMPORTER_H_
#define TIDEMARK_CLIENTS_CLI_IMPORT_IMPORTER_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "clients/cli/app/progress.h"
#include "clients/cli/app/terminal.h"
#include "clients/cli/import/day_totals.h"
#include "clients/cli/import/import_summary.h"
#include "clients/cli/import/mapping.h"
#include "clients/cli/import/pending_rows.h"
#include "clients/cli/import/rejects_file.h"
#include "clients/cli/import/resume_state.h"
#include "clients/cpp/submit/event_submitter.h"

namespace tidemark::importer {

// Reads rows, maps them and submits the events; counts what became of each row.
//
//   Importer importer(terminal, std::move(opened), {...});
//   absl::Status status = importer.Run();
//   ... importer.summary() ...
class Importer {
 public:
  struct Options {
    // on_batch, on_retry and interrupted are set by the Importer. Without a channel the events
    // go to `print` instead.
    submit::EventSubmitter::Options submit;
    // Gets each event's row and bytes; not OK rejects the row.
    std::function<absl::Status(uint64_t row, std::string_view event)> print;
    // Gets every event of the file, those included that an earlier run settled; may be null. Not
    // owned.
    DayTotals* day_totals = nullptr;
    uint64_t limit = std::numeric_limits<uint64_t>::max();
    // Bytes of the input as stored, for progress; 0: unknown.
    uint64_t input_bytes = 0;
    // May be null.
    std::unique_ptr<RejectsFile> rejects;
    // Where the state is kept; empty: nowhere. `resume` says where to start.
    std::string state_path;
    ResumeState resume;
    bool quiet = false;
  };
  Importer(const cli::Terminal& terminal, Mapping::Opened input, Options options);
  ~Importer();

  // CANCELLED: the user wanted to stop. Otherwise the input cannot be read on, or the service
  // refused a batch. The summary stands in each case.
  absl::Status Run();
  const ImportSummary& summary() const { return summary_; }
  double elapsed_seconds() const { return progress_.elapsed_seconds(); }

 private:
  absl::Status ReadAll();
  absl::Status Take(const Row& row);
  void Reject(uint64_t row, std::string_view verdict, std::string_view reason,
              std::string_view field, std::string_view message, std::string_view raw);
  void OnBatch(const submit::BatchReport& report);
  void ShowProgress();
  absl::Status SaveState(bool force);

  const cli::Terminal& terminal_;
  Mapping::Opened input_;
  Options options_;
  cli::Progress progress_;
  ImportSummary summary_;
  PendingRows pending_;
  ResumeState state_;
  int64_t next_save_ns_ = 0;
  std::unique_ptr<submit::EventSubmitter> submitter_;
};

}  // namespace tidemark::importer

#endif  // TIDEMARK_CLIENTS_CLI_IMPORT_IMPORTER_H_
