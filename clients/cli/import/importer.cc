#include "clients/cli/import/importer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "clients/cli/app/exit_code.h"
#include "clients/cli/app/output_check.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

// How many rows pass between looks at the clock.
constexpr uint64_t kRowsPerLook = 2048;
constexpr int64_t kSaveEveryNs = 1'000'000'000;

}  // namespace

Importer::Importer(const cli::Terminal& terminal, Mapping::Opened input, Options options)
    : terminal_(terminal),
      input_(std::move(input)),
      options_(std::move(options)),
      progress_(terminal, "rows", options_.quiet),
      pending_(/*keep_text=*/options_.rejects != nullptr),
      state_(options_.resume) {
  if (options_.submit.channel == nullptr) return;
  submit::EventSubmitter::Options submit = options_.submit;
  submit.on_batch = [this](const submit::BatchReport& report) { OnBatch(report); };
  submit.on_retry = [this](const absl::Status& failure) {
    progress_.Note(absl::StrCat("trying again: ", failure.message()));
  };
  submit.interrupted = terminal_.interrupted;
  submitter_ = std::make_unique<submit::EventSubmitter>(std::move(submit));
}

Importer::~Importer() = default;

absl::Status Importer::Run() {
  absl::Status status = ReadAll();
  if (submitter_ != nullptr) {
    if (absl::IsCancelled(status)) submitter_->Cancel();
    // What was read before the input broke is sent all the same.
    const absl::Status closed = submitter_->Close();
    if (status.ok()) status = closed;
  }
  progress_.Finish();
  const uint64_t counted = summary_.accepted + summary_.duplicates + summary_.conflicts +
                           summary_.rejected_count() + summary_.skipped_count() + summary_.resumed;
  summary_.unknown = summary_.rows - counted;
  status.Update(SaveState(/*force=*/true));
  if (options_.rejects != nullptr) status.Update(cli::DataError(options_.rejects->Close()));
  return status;
}

absl::Status Importer::ReadAll() {
  while (summary_.rows < options_.limit) {
    auto row = input_.reader->Next();
    if (!row.ok()) return cli::DataError(row.status());
    if (*row == nullptr) return absl::OkStatus();
    ++summary_.rows;
    TM_RETURN_IF_ERROR(Take(**row));
    if (summary_.rows % kRowsPerLook == 0) {
      if (terminal_.interrupted()) return absl::CancelledError("stopped");
      if (submitter_ == nullptr) TM_RETURN_IF_ERROR(cli::CheckOutput(terminal_));
      ShowProgress();
      TM_RETURN_IF_ERROR(SaveState(/*force=*/false));
    }
  }
  return absl::OkStatus();
}

absl::Status Importer::Take(const Row& row) {
  // Rows that an earlier run settled are mapped too: ids may count equal rows.
  const Mapped mapped = input_.mapper->Map(row);
  if (options_.day_totals != nullptr) {
    if (mapped.kind == Mapped::Kind::kEvent) options_.day_totals->Add(mapped.event);
    if (mapped.kind == Mapped::Kind::kRejected) {
      options_.day_totals->AddRejected(input_.mapper->SourceAndTime());
    }
  }
  if (row.number <= options_.resume.rows) {
    ++summary_.resumed;
    pending_.AddSettled(row.number);
    return absl::OkStatus();
  }
  switch (mapped.kind) {
    case Mapped::Kind::kSkipped:
      summary_.AddSkipped(mapped.skip_reason);
      break;
    case Mapped::Kind::kRejected:
      Reject(row.number, "rejected", mapped.rejection->reason, mapped.rejection->field,
             mapped.rejection->message, row.raw);
      break;
    case Mapped::Kind::kEvent:
      if (submitter_ != nullptr) {
        pending_.AddInFlight(row.number, row.raw);
        return submitter_->AddSerialized(row.number, mapped.event);
      }
      if (const absl::Status printed = options_.print(row.number, mapped.event); printed.ok()) {
        ++summary_.accepted;
      } else {
        Reject(row.number, "rejected", "INVALID_UTF8", "", printed.message(), row.raw);
      }
  }
  pending_.AddSettled(row.number);
  return absl::OkStatus();
}

void Importer::Reject(uint64_t row, std::string_view verdict, std::string_view reason,
                      std::string_view field, std::string_view message, std::string_view raw) {
  if (reason.empty()) reason = "REJECTED";
  const bool named = !field.empty() && message.substr(0, field.size()) != field;
  const std::string text = named ? absl::StrCat(field, ": ", message) : std::string(message);
  if (verdict == "rejected") {
    summary_.AddRejected(reason, absl::StrCat("row ", row, ": ", text));
  }
  if (options_.rejects != nullptr) {
    options_.rejects->Add(row, verdict, reason, field, message, raw);
  }
}

void Importer::OnBatch(const submit::BatchReport& report) {
  // Given up: what became of the rows is not known.
  if (!report.status.ok()) return;
  summary_.accepted += report.accepted;
  summary_.duplicates += report.duplicates;
  summary_.conflicts += report.conflicts;
  for (const submit::EventException& exception : report.exceptions) {
    if (exception.verdict == submit::Verdict::kDuplicate) continue;
    const bool conflict = exception.verdict == submit::Verdict::kConflict;
    Reject(exception.record, conflict ? "conflict" : "rejected",
           conflict ? "CONFLICT" : status::ReasonOf(exception.status),
           status::FieldOf(exception.status), exception.status.message(),
           pending_.Text(exception.record));
  }
  for (const uint64_t row : report.records) pending_.Settle(row);
}

void Importer::ShowProgress() {
  const double fraction = options_.input_bytes == 0
                              ? -1.0
                              : static_cast<double>(input_.reader->consumed()) /
                                    static_cast<double>(options_.input_bytes);
  progress_.Update(summary_.rows, fraction);
}

absl::Status Importer::SaveState(bool force) {
  if (options_.state_path.empty()) return absl::OkStatus();
  const int64_t now = terminal_.clock.MonotonicNanos();
  if (!force && now < next_save_ns_) return absl::OkStatus();
  next_save_ns_ = now + kSaveEveryNs;
  // Rows that the state calls settled are not judged again, so what became of them must be kept.
  if (options_.rejects != nullptr) {
    const absl::StatusOr<uint64_t> kept = options_.rejects->Flush();
    if (!kept.ok()) return cli::DataError(kept.status());
    state_.rejects_bytes = *kept;
  }
  // A run that stopped early must not forget what an earlier one did.
  state_.rows = std::max(options_.resume.rows, pending_.settled());
  return cli::DataError(state_.Save(options_.state_path));
}

}  // namespace tidemark::importer
