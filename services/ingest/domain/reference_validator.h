#ifndef TIDEMARK_SERVICES_INGEST_DOMAIN_REFERENCE_VALIDATOR_H_
#define TIDEMARK_SERVICES_INGEST_DOMAIN_REFERENCE_VALIDATOR_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "clients/cpp/catalog/catalog_view.h"
#include "clients/cpp/ledger/record.h"
#include "services/ingest/domain/code_memo.h"
#include "services/ingest/domain/open_codes.h"
#include "services/ingest/domain/parsed_event.h"
#include "services/ingest/domain/rejection.h"

namespace tidemark::ingest {

inline constexpr int64_t kMaxEarlyUs = 10ll * 60 * 1'000'000;

// Judges events of good shape against one catalog view: closed codes at the event's time, the
// source's window, who may send for it, schemes, currency, times, caps of open codes.
//
//   ReferenceValidator validator(view, &open_codes);
//   validator.StartBatch({.now_us = now, .may_use_source = ...});
//   ReferenceValidator::Codes codes;
//   for (...) {
//     validator.Resolve(extras, record, &codes);
//     if (!validator.Check(extras, record, codes, &rejection)) ...
//   }
//
// Remembers what it looked up, so keep one per thread of work and view. Not thread-safe.
class ReferenceValidator {
 public:
  struct Batch {
    // Time of acceptance as far as it is known, microseconds since 1970-01-01T00:00:00Z.
    int64_t now_us = 0;
    // Whether the caller may send for a source, by id.
    std::function<bool(std::string_view source)> may_use_source;
    // Judge only: no open code is registered.
    bool dry_run = false;
  };

  // `view` must hold an observatory; `open_codes` is not owned.
  ReferenceValidator(std::shared_ptr<const catalog_client::CatalogView> view,
                     OpenCodes* open_codes);

  const std::shared_ptr<const catalog_client::CatalogView>& view() const { return view_; }

  void StartBatch(Batch batch);

  // What the closed codes of an event stand for in the view; null where there is no such code, or
  // the event does not have the field.
  struct Codes {
    const catalog_client::Source* source = nullptr;
    const catalog_client::Source* original_source = nullptr;
    const catalog_client::IdentifierScheme* transaction_scheme = nullptr;
    const catalog_client::IdentifierScheme* consumer_scheme = nullptr;
    const catalog_client::Region* consumer_region = nullptr;
    const catalog_client::Region* provider_region = nullptr;
    const catalog_client::Region* place_of_use = nullptr;
    const catalog_client::Category* category = nullptr;
    // By OpenList: OpenCodes::hash() of the event's code, where whoever calls knows it; 0: not
    // known.
    std::array<uint64_t, kOpenListCount> hashes = {};
  };

  // Looks the codes of an event up that comes by itself, and fetches the memory that Check will
  // look at: best some events before it.
  void Resolve(const EventExtras& extras, const ledger::EventRecord& record, Codes* codes);
  // The times of the events of `source` that Check's words on source and time are good for; empty
  // where the caller may not send for it.
  catalog_client::Interval TimesOf(const catalog_client::Source& source) const;
  // Whether all times between the two, and these, are of them. Null: no source of the catalog.
  bool TakesAll(const catalog_client::Source* source, int64_t first_us, int64_t last_us) const;
  // As Check of an open code, which it registers. `hash`: OpenCodes::hash() of it.
  bool Admits(const catalog_client::Source& source, uint64_t source_key, OpenList list,
              uint64_t hash);
  // False with `rejection` set: the first fault found. `codes` are of this event and view.
  bool Check(const EventExtras& extras, const ledger::EventRecord& record, const Codes& codes,
             Rejection* rejection);

 private:
  bool CheckSource(const ledger::EventRecord& record, const catalog_client::Source* source,
                   Rejection* out);
  bool CheckTime(const ledger::EventRecord& record, Rejection* out);
  bool CheckMayShareTransaction(Rejection* out);
  bool CheckOriginal(const ledger::EventRecord& record, const catalog_client::Source* original,
                     Rejection* out);
  bool CheckRegion(const catalog_client::Region* region, std::string_view code, int64_t time_us,
                   Field field, Rejection* out);
  bool CheckCategory(const catalog_client::Category* category, std::string_view code,
                     int64_t time_us, Rejection* out);
  bool CheckScheme(const catalog_client::IdentifierScheme* found, std::string_view code,
                   int64_t time_us, bool transaction, Field field, Rejection* out);
  bool CheckListed(const ledger::EventRecord& record, Rejection* out);
  bool CheckListedCode(const catalog_client::Table<catalog_client::ListedCode>& table,
                       catalog_client::EntityType type, std::string_view code,
                       std::string_view what, Field field, int64_t time_us, Rejection* out);
  bool CheckCurrency(std::string_view currency, Rejection* out);
  bool CheckOpenCode(OpenList list, std::string_view code, const Codes& codes, Field field,
                     Rejection* out);
  // What stands for a source of the view in open_codes_.
  uint64_t SourceKey(const catalog_client::Source& source);
  // OpenCodes::hash() of a code, whose place there is fetched; 0: the event has none.
  uint64_t PrefetchCode(const catalog_client::Source& source, OpenList list, std::string_view code);
  // "; nearest: a, b" for the first few unknown codes of a batch: looking for them is slow.
  std::string Hint(catalog_client::EntityType type, std::string_view code);

  const std::shared_ptr<const catalog_client::CatalogView> view_;
  OpenCodes* const open_codes_;
  CodeMemo<catalog_client::Source> sources_;
  CodeMemo<catalog_client::Region> consumer_regions_;
  CodeMemo<catalog_client::Region> provider_regions_;
  CodeMemo<catalog_client::Region> places_;
  CodeMemo<catalog_client::Category> categories_;
  CodeMemo<catalog_client::IdentifierScheme> consumer_schemes_;
  CodeMemo<catalog_client::IdentifierScheme> transaction_schemes_;

  Batch batch_;
  int64_t day_ = 0;
  int hints_left_ = 0;
  // The source of the last event, if the caller may send for it.
  const catalog_client::Source* source_ = nullptr;
  uint64_t source_key_ = 0;
  struct KnownSource {
    uint64_t key = 0;    // OpenCodes::SourceKey; 0: not asked for yet
    uint64_t batch = 0;  // the last one whose caller was found to be allowed to send for it
  };
  std::vector<KnownSource> known_sources_;  // by ordinal
  uint64_t batch_number_ = 0;
};

}  // namespace tidemark::ingest

#endif  // TIDEMARK_SERVICES_INGEST_DOMAIN_REFERENCE_VALIDATOR_H_
