#include <google/protobuf/util/json_util.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "clients/cli/app/command_host.h"
#include "clients/cli/app/full_name.h"
#include "clients/cli/commands/catalog_access.h"
#include "clients/cli/commands/commands.h"
#include "clients/cli/commands/ingest_access.h"
#include "clients/cli/commands/quarantine_accepted.h"
#include "clients/cli/table/text_table.h"
#include "common/status/status_macros.h"
#include "tidemark/ingest/v1/ingest_service.grpc.pb.h"

namespace tidemark::cli {
namespace {

namespace v1 = ingest::v1;
using Stub = IngestAccess::Stub;

constexpr char kExamples[] = R"(
Rejected events are kept for a while, without identifiers of consumers: see why, mend the catalog, have them judged again.
Needs a token of role producer (own sources), steward or admin. `--source -` stands for events whose source could not be read.

Examples:
  tidemark quarantine stats --source shop-1                    how many, by reason and field
  tidemark quarantine list --source shop-1 --reason UNKNOWN_CATEGORY --limit 20
  tidemark apply -f categories.yaml
  tidemark quarantine resubmit --source shop-1 --dry-run       what would become of them
  tidemark quarantine resubmit --source shop-1 --reason UNKNOWN_CATEGORY
  tidemark quarantine export --source shop-1 > rejected.jsonl  one JSON object a line, for programs
  tidemark quarantine delete --source shop-1 --reason BEFORE_OBSERVATORY_START
  tidemark quarantine delete --source shop-1 --accepted        what was mended and sent again since

A line of `export` is a tidemark.ingest.v1.QuarantinedEvent in protobuf's JSON. `tidemark import` reads the lines with a
mapping that names fields such as `event.id`, `event.category`, `event.amount`; consumers are pseudonyms by then, which it
takes as `prehashed` (docs/import-mapping.md, "An exported quarantine").
)";

constexpr int kPageSize = 1000;
constexpr int kMostTold = 8;  // reasons, where no event fits

struct Flags {
  std::string source;
  std::string reason;
  std::string field;
  std::string since;
  std::string until;
  std::vector<std::string> ids;
  uint64_t limit = 0;
  bool dry_run = false;
  bool all = false;
  bool accepted = false;
};

absl::Status SetTime(std::string_view flag, const std::string& text, int64_t* micros) {
  if (text.empty()) return absl::OkStatus();
  absl::Time time;
  std::string error;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return UsageError(absl::InvalidArgumentError(absl::StrCat(
        flag, ": `", text, "`, want a time such as 2026-03-05T14:00:00+08:00 (", error, ")")));
  }
  *micros = absl::ToUnixMicros(time);
  return absl::OkStatus();
}

absl::StatusOr<v1::QuarantineFilter> FilterOf(const Flags& flags) {
  v1::QuarantineFilter filter;
  filter.set_reason(flags.reason);
  filter.set_field(flags.field);
  int64_t since = 0;
  int64_t until = 0;
  TM_RETURN_IF_ERROR(SetTime("--since", flags.since, &since));
  TM_RETURN_IF_ERROR(SetTime("--until", flags.until, &until));
  filter.set_start_time_us(since);
  filter.set_end_time_us(until);
  return filter;
}

// Calls `use` for each event, over all pages, until there are `flags.limit` (0: no limit).
absl::Status ForEachEvent(CommandHost& host, const Flags& flags,
                          const std::function<void(const v1::QuarantinedEvent&)>& use) {
  TM_ASSIGN_OR_RETURN(IngestAccess ingest, IngestAccess::Connect(host));
  v1::ListQuarantineRequest request;
  request.set_source(IdOf("sources", flags.source));
  TM_ASSIGN_OR_RETURN(*request.mutable_filter(), FilterOf(flags));
  uint64_t left = flags.limit == 0 ? UINT64_MAX : flags.limit;
  do {
    request.set_page_size(static_cast<int>(std::min<uint64_t>(left, kPageSize)));
    TM_ASSIGN_OR_RETURN(const auto page, ingest.Call(&Stub::ListQuarantine, request));
    absl::flat_hash_set<std::string> accepted;
    if (flags.accepted) {
      TM_ASSIGN_OR_RETURN(accepted, AcceptedSince(ingest, request.source(), page));
    }
    for (const v1::QuarantinedEvent& event : page.events()) {
      if (flags.accepted && !accepted.contains(event.id())) continue;
      use(event);
      --left;
    }
    request.set_page_token(page.next_page_token());
    if (host.terminal().interrupted()) return absl::CancelledError("stopped");
  } while (left > 0 && !request.page_token().empty());
  return absl::OkStatus();
}

absl::StatusOr<v1::GetQuarantineStatsResponse> StatsOf(IngestAccess& ingest, const Flags& flags) {
  v1::GetQuarantineStatsRequest request;
  request.set_source(IdOf("sources", flags.source));
  return ingest.Call(&Stub::GetQuarantineStats, request);
}

// To be said where no event fits the filter: a reason may be misspelt.
absl::Status TellWhatIsKept(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(IngestAccess ingest, IngestAccess::Connect(host));
  TM_ASSIGN_OR_RETURN(const auto stats, StatsOf(ingest, flags));
  const std::string source = IdOf("sources", flags.source);
  if (stats.counts().empty()) {
    host.terminal().err << "no rejected event of `" << source
                        << "` is kept; `tidemark list sources` lists the sources\n";
    return absl::OkStatus();
  }
  host.terminal().err << "no event fits; what is kept of `" << source << "`:";
  for (int i = 0; i < std::min(stats.counts_size(), kMostTold); ++i) {
    const v1::QuarantineCount& count = stats.counts(i);
    host.terminal().err << (i == 0 ? " " : ", ") << count.events() << ' ' << count.reason();
    if (!count.field().empty()) host.terminal().err << " (" << count.field() << ')';
  }
  if (stats.counts_size() > kMostTold) host.terminal().err << ", and others";
  host.terminal().err << "; `tidemark quarantine stats` counts them\n";
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> List(CommandHost& host, const Flags& flags) {
  TextTable table({{"id", TextTable::kNumber},
                   {"event"},
                   {"reason"},
                   {"field"},
                   {"message"},
                   {"count", TextTable::kNumber},
                   {"last"},
                   {"resubmittable"}});
  TM_RETURN_IF_ERROR(ForEachEvent(host, flags, [&](const v1::QuarantinedEvent& event) {
    table.AddTexts({event.id(), event.event_id(), event.reason(), event.field(), event.message(),
                    absl::StrCat(event.count()), UtcText(event.last_time_us()),
                    event.resubmittable() ? "yes" : "no"});
  }));
  table.Print(host.output_format(), host.terminal().out);
  if (table.row_count() == 0) TM_RETURN_IF_ERROR(TellWhatIsKept(host, flags));
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Export(CommandHost& host, const Flags& flags) {
  uint64_t events = 0;
  TM_RETURN_IF_ERROR(ForEachEvent(host, flags, [&](const v1::QuarantinedEvent& event) {
    std::string json;
    google::protobuf::util::JsonPrintOptions print;
    print.preserve_proto_field_names = true;
    if (google::protobuf::util::MessageToJsonString(event, &json, print).ok()) {
      host.terminal().out << json << '\n';
      ++events;
    }
  }));
  host.terminal().err << events << " events\n";
  if (events == 0) TM_RETURN_IF_ERROR(TellWhatIsKept(host, flags));
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> Stats(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(IngestAccess ingest, IngestAccess::Connect(host));
  TM_ASSIGN_OR_RETURN(const auto stats, StatsOf(ingest, flags));
  TextTable table({{"reason"},
                   {"field"},
                   {"events", TextTable::kNumber},
                   {"rejections", TextTable::kNumber},
                   {"resubmittable", TextTable::kNumber}});
  for (const v1::QuarantineCount& count : stats.counts()) {
    table.AddTexts({count.reason(), count.field(), absl::StrCat(count.events()),
                    absl::StrCat(count.rejections()), absl::StrCat(count.resubmittable())});
  }
  table.Print(host.output_format(), host.terminal().out);
  host.terminal().err << stats.events() << " of at most " << stats.max_events() << " events, "
                      << stats.bytes() << " of " << stats.max_bytes() << " bytes; "
                      << stats.aged_out() << " aged out, " << stats.dropped() << " dropped";
  if (stats.damaged_parts() > 0) {
    host.terminal().err << "; the file had " << stats.damaged_parts() << " damaged parts";
  }
  host.terminal().err << '\n';
  return ExitCode::kOk;
}

// What became of resubmitted events, over all parts.
struct Outcome {
  uint64_t accepted = 0;
  uint64_t duplicates = 0;
  uint64_t not_resubmittable = 0;
  uint64_t stay = 0;
  std::map<std::pair<std::string, std::string>, uint64_t> refused;

  void Add(const v1::ResubmitQuarantineResponse& part) {
    accepted += part.verdict().accepted();
    not_resubmittable += part.not_resubmittable();
    for (const v1::Exception& exception : part.verdict().exceptions()) {
      duplicates += exception.kind() == v1::EXCEPTION_KIND_DUPLICATE ? 1 : 0;
    }
    for (const v1::ExceptionReason& reason : part.verdict().reasons()) {
      refused[{reason.reason(), reason.field()}] += reason.count();
      stay += reason.count();
    }
  }
  bool empty() const { return accepted + duplicates + not_resubmittable + stay == 0; }
};

absl::StatusOr<ExitCode> Resubmit(CommandHost& host, const Flags& flags) {
  TM_ASSIGN_OR_RETURN(IngestAccess ingest, IngestAccess::Connect(host));
  v1::ResubmitQuarantineRequest request;
  request.set_source(IdOf("sources", flags.source));
  for (const std::string& id : flags.ids) request.add_ids(id);
  TM_ASSIGN_OR_RETURN(*request.mutable_filter(), FilterOf(flags));
  request.set_validate_only(flags.dry_run);
  Outcome outcome;
  do {
    TM_ASSIGN_OR_RETURN(const auto part, ingest.Call(&Stub::ResubmitQuarantine, request));
    outcome.Add(part);
    request.set_page_token(part.next_page_token());
    if (host.terminal().interrupted()) return absl::CancelledError("stopped");
  } while (!request.page_token().empty());
  TextTable table({{"outcome"}, {"reason"}, {"field"}, {"events", TextTable::kNumber}});
  table.AddTexts(
      {flags.dry_run ? "would be accepted" : "accepted", "", "", absl::StrCat(outcome.accepted)});
  table.AddTexts({"duplicate", "", "", absl::StrCat(outcome.duplicates)});
  table.AddTexts({"not resubmittable", "", "", absl::StrCat(outcome.not_resubmittable)});
  for (const auto& [what, events] : outcome.refused) {
    table.AddTexts({"stays", what.first, what.second, absl::StrCat(events)});
  }
  table.Print(host.output_format(), host.terminal().out);
  if (outcome.empty()) TM_RETURN_IF_ERROR(TellWhatIsKept(host, flags));
  return outcome.refused.empty() && outcome.not_resubmittable == 0 ? ExitCode::kOk
                                                                   : ExitCode::kSomeRejected;
}

absl::StatusOr<ExitCode> TellDeleted(CommandHost& host, const Flags& flags, uint64_t deleted) {
  host.terminal().out << "deleted " << deleted << '\n';
  if (deleted == 0) TM_RETURN_IF_ERROR(TellWhatIsKept(host, flags));
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> DeleteAccepted(CommandHost& host, const Flags& flags) {
  std::vector<std::string> ids;
  TM_RETURN_IF_ERROR(ForEachEvent(
      host, flags, [&](const v1::QuarantinedEvent& event) { ids.push_back(event.id()); }));
  TM_ASSIGN_OR_RETURN(IngestAccess ingest, IngestAccess::Connect(host));
  uint64_t deleted = 0;
  for (size_t first = 0; first < ids.size(); first += kPageSize) {
    v1::DeleteQuarantineRequest request;
    request.set_source(IdOf("sources", flags.source));
    for (size_t i = first; i < std::min(ids.size(), first + kPageSize); ++i) {
      request.add_ids(ids[i]);
    }
    TM_ASSIGN_OR_RETURN(const auto answer, ingest.Call(&Stub::DeleteQuarantine, request));
    deleted += answer.deleted();
  }
  return TellDeleted(host, flags, deleted);
}

absl::StatusOr<ExitCode> Delete(CommandHost& host, const Flags& flags) {
  if (flags.accepted) return DeleteAccepted(host, flags);
  const bool chosen = !flags.ids.empty() || flags.all || !flags.reason.empty() ||
                      !flags.field.empty() || !flags.since.empty() || !flags.until.empty();
  if (!chosen) {
    return UsageError(absl::InvalidArgumentError(
        "want the events to remove: --id of those that `quarantine list` shows, a filter such as "
        "--reason, --accepted, or --all of the source"));
  }
  TM_ASSIGN_OR_RETURN(IngestAccess ingest, IngestAccess::Connect(host));
  v1::DeleteQuarantineRequest request;
  request.set_source(IdOf("sources", flags.source));
  for (const std::string& id : flags.ids) request.add_ids(id);
  TM_ASSIGN_OR_RETURN(*request.mutable_filter(), FilterOf(flags));
  request.set_all(flags.all);
  TM_ASSIGN_OR_RETURN(const auto answer, ingest.Call(&Stub::DeleteQuarantine, request));
  return TellDeleted(host, flags, answer.deleted());
}

}  // namespace

void AddQuarantineCommand(CLI::App& app, CommandHost& host) {
  CLI::App* command =
      app.add_subcommand("quarantine", "See, export and resubmit events that were rejected");
  command->footer(kExamples);
  command->require_subcommand(1);
  auto flags = std::make_shared<Flags>();
  using Run = absl::StatusOr<ExitCode> (*)(CommandHost&, const Flags&);
  const auto add = [&](const char* name, const char* what, Run run) {
    CLI::App* sub = command->add_subcommand(name, what);
    sub->add_option("--source", flags->source, "id of the source, or - for unreadable ones")
        ->required();
    sub->callback(
        [&host, flags, run] { host.SetAction([&host, flags, run] { return run(host, *flags); }); });
    return sub;
  };
  const auto add_filter = [&](CLI::App* sub) {
    sub->add_option("--reason", flags->reason, "only those rejected so: UNKNOWN_CATEGORY");
    sub->add_option("--field", flags->field, "only those with this field at fault: category");
    sub->add_option("--since", flags->since, "only those last rejected at or after this time");
    sub->add_option("--until", flags->until, "only those last rejected before this time");
  };
  CLI::App* list = add("list", "List events and why they were rejected", List);
  CLI::App* stats = add("stats", "Count by reason and field, and what was not kept", Stats);
  CLI::App* exported = add("export", "Print the events as JSON lines", Export);
  CLI::App* resubmit = add("resubmit", "Have events judged again", Resubmit);
  CLI::App* removal = add("delete", "Remove events for good", Delete);
  (void)stats;
  for (CLI::App* sub : {list, exported, resubmit, removal}) add_filter(sub);
  for (CLI::App* sub : {list, exported}) {
    sub->add_option("--limit", flags->limit, "at most so many events");
  }
  for (CLI::App* sub : {resubmit, removal}) {
    sub->add_option("--id", flags->ids, "ids that `list` shows, instead of a filter");
  }
  removal->add_flag("--all", flags->all, "everything of the source");
  for (CLI::App* sub : {list, exported, removal}) {
    auto* accepted = sub->add_flag(
        "--accepted", flags->accepted,
        "only those that the log has taken since they were rejected, mended and sent again");
    if (sub == removal) accepted->excludes("--id")->excludes("--all");
  }
  resubmit->add_flag("--dry-run", flags->dry_run, "judge only, change nothing");
}

}  // namespace tidemark::cli
