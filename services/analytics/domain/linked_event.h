#ifndef TIDEMARK_SERVICES_ANALYTICS_DOMAIN_LINKED_EVENT_H_
#define TIDEMARK_SERVICES_ANALYTICS_DOMAIN_LINKED_EVENT_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "clients/cpp/ledger/record.h"

namespace tidemark::analytics {

// An event whose effects hang together with those of others: it names, or is named by, another one.
struct LinkedEvent {
  uint64_t leaf = 0;
  ledger::EventKind kind = ledger::EventKind::kPurchase;
  uint32_t revision = 0;
  int64_t event_time_us = 0;
  int64_t amount = 0;  // 0 where absent
  ledger::ReportingRole role = ledger::ReportingRole::kUnspecified;
  std::string_view source;
  // As it was sent; empty: none.
  std::string_view category;
  std::string_view id;
  // Of a refund: whether it names an original, and a leaf of that; kWaitingLeaf: not in the log.
  bool names_original = false;
  uint64_t original_leaf = ledger::kNoLeaf;
  // Another record of the same event; kNoLeaf: this is the first.
  uint64_t previous_leaf = ledger::kNoLeaf;
  // The first record of its transaction, which may be this one; kNoLeaf: it has none.
  uint64_t transaction_leaf = ledger::kNoLeaf;
  // Refunds that wait for this event.
  std::span<const uint64_t> resolves;
};

// An event met before as one that hung together with none: its source has sent no other revision.
struct SingleEvent {
  uint64_t leaf = 0;
  ledger::EventKind kind = ledger::EventKind::kPurchase;  // never VOID
  int64_t event_time_us = 0;
  int64_t amount = 0;
  ledger::ReportingRole role = ledger::ReportingRole::kUnspecified;
  std::string_view source;
  std::string_view category;
};

// Notes: what LinkedEvents has learnt, so that a restart need not read the log again. Written and
// read by this process only, in files that are checksummed.
void AppendNote(const SingleEvent& event, std::string* notes);
void AppendNote(const LinkedEvent& event, std::string* notes);
// Of something else (day_notes.h).
void AppendOtherNote(std::string_view note, std::string* notes);

// Calls one of the three for every note, in order. DATA_LOSS: these are no notes.
absl::Status ReadNotes(std::string_view notes,
                       absl::FunctionRef<absl::Status(const SingleEvent&)> single,
                       absl::FunctionRef<absl::Status(const LinkedEvent&)> linked,
                       absl::FunctionRef<absl::Status(std::string_view note)> other);

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_DOMAIN_LINKED_EVENT_H_
