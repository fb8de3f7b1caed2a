#include "services/ingest/domain/reference_validator.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/base/same_text.h"

namespace tidemark::ingest {
namespace {

using catalog_client::EntityType;
using catalog_client::IdentifierScheme;
using catalog_client::Interval;
using catalog_client::SchemeClass;
using ledger::Absent;

constexpr int kHintsPerBatch = 3;
constexpr int64_t kDayUs = 24ll * 60 * 60 * 1'000'000;

std::string TimeText(int64_t micros) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", absl::FromUnixMicros(micros),
                          absl::UTCTimeZone());
}

// "from 2024-01-01T00:00:00Z" and / or "before ...".
std::string WindowText(const Interval& window) {
  const Interval open;
  std::string text;
  if (window.start_us != open.start_us) text = absl::StrCat("from ", TimeText(window.start_us));
  if (window.end_us != open.end_us) {
    absl::StrAppend(&text, text.empty() ? "" : " ", "before ", TimeText(window.end_us));
  }
  return text;
}

}  // namespace

ReferenceValidator::ReferenceValidator(std::shared_ptr<const catalog_client::CatalogView> view,
                                       OpenCodes* open_codes)
    : view_(std::move(view)),
      open_codes_(open_codes),
      sources_(&view_->sources()),
      consumer_regions_(&view_->regions()),
      provider_regions_(&view_->regions()),
      places_(&view_->regions()),
      categories_(&view_->categories()),
      consumer_schemes_(&view_->schemes()),
      transaction_schemes_(&view_->schemes()),
      known_sources_(view_->sources().size()) {}

void ReferenceValidator::StartBatch(Batch batch) {
  batch_ = std::move(batch);
  day_ = batch_.now_us / kDayUs;
  hints_left_ = kHintsPerBatch;
  source_ = nullptr;
  ++batch_number_;
}

void ReferenceValidator::Resolve(const EventExtras& extras, const ledger::EventRecord& record,
                                 Codes* codes) {
  const auto find = [](auto& memo, std::string_view code) {
    return Absent(code) ? nullptr : memo.Find(code);
  };
  const bool same_source = source_ != nullptr && source_->id == record.source;
  codes->source = same_source ? source_ : sources_.Find(record.source);
  codes->original_source =
      !Absent(record.original_source) && record.original_source != record.source
          ? sources_.Find(record.original_source)
          : codes->source;
  codes->transaction_scheme =
      extras.has_transaction ? transaction_schemes_.Find(record.transaction_scheme) : nullptr;
  codes->consumer_scheme =
      extras.has_consumer ? consumer_schemes_.Find(record.consumer_scheme) : nullptr;
  codes->consumer_region = find(consumer_regions_, record.consumer_region);
  codes->provider_region = find(provider_regions_, record.provider_region);
  codes->place_of_use = find(places_, record.place_of_use);
  codes->category = find(categories_, record.category);
  codes->hashes = {};
  if (codes->source == nullptr) return;
  // The short lists are near anyway.
  for (const auto& [list, code] : {std::pair(OpenList::kProduct, record.product),
                                   std::pair(OpenList::kProvider, record.provider)}) {
    codes->hashes[static_cast<size_t>(list)] = PrefetchCode(*codes->source, list, code);
  }
}

bool ReferenceValidator::Check(const EventExtras& extras, const ledger::EventRecord& record,
                               const Codes& codes, Rejection* out) {
  const int64_t time_us = record.event_time_us;
  return CheckSource(record, codes.source, out) && CheckTime(record, out) &&
         CheckOriginal(record, codes.original_source, out) &&
         (!extras.has_transaction ||
          (CheckMayShareTransaction(out) &&
           CheckScheme(codes.transaction_scheme, record.transaction_scheme, time_us,
                       /*transaction=*/true, Field::kTransactionScheme, out))) &&
         (!extras.has_consumer ||
          CheckScheme(codes.consumer_scheme, record.consumer_scheme, time_us,
                      /*transaction=*/false, Field::kConsumerScheme, out)) &&
         CheckRegion(codes.consumer_region, record.consumer_region, time_us, Field::kConsumerRegion,
                     out) &&
         CheckRegion(codes.provider_region, record.provider_region, time_us, Field::kProviderRegion,
                     out) &&
         CheckRegion(codes.place_of_use, record.place_of_use, time_us, Field::kPlaceOfUse, out) &&
         CheckCategory(codes.category, record.category, time_us, out) && CheckListed(record, out) &&
         CheckCurrency(extras.currency, out) &&
         // Last, as these register what they admit.
         CheckOpenCode(OpenList::kProduct, record.product, codes, Field::kProduct, out) &&
         CheckOpenCode(OpenList::kProvider, record.provider, codes, Field::kProvider, out) &&
         CheckOpenCode(OpenList::kPaymentMethod, record.payment_method, codes,
                       Field::kPaymentMethod, out) &&
         CheckOpenCode(OpenList::kAgeBand, record.age_band, codes, Field::kAgeBand, out) &&
         CheckOpenCode(OpenList::kIncomeBand, record.income_band, codes, Field::kIncomeBand, out);
}

Interval ReferenceValidator::TimesOf(const catalog_client::Source& source) const {
  if (!batch_.may_use_source(source.id)) return {.start_us = 0, .end_us = 0};
  return {.start_us = std::max(view_->observatory()->start_us, source.reports.start_us),
          .end_us = std::min(batch_.now_us + kMaxEarlyUs + 1, source.reports.end_us)};
}

bool ReferenceValidator::TakesAll(const catalog_client::Source* source, int64_t first_us,
                                  int64_t last_us) const {
  if (source == nullptr) return false;
  const Interval times = TimesOf(*source);
  return times.Contains(first_us) && times.Contains(last_us);
}

bool ReferenceValidator::Admits(const catalog_client::Source& source, uint64_t source_key,
                                OpenList list, uint64_t hash) {
  return open_codes_->Admit(source_key, list, OpenCodes::KeyOf(source_key, list, hash), day_,
                            source.new_codes_per_day, batch_.dry_run);
}

bool ReferenceValidator::CheckSource(const ledger::EventRecord& record,
                                     const catalog_client::Source* source, Rejection* out) {
  if (source_ != nullptr && source_ == source) return true;
  if (source != nullptr && known_sources_[source->ordinal].batch == batch_number_) [[likely]] {
    source_ = source;
    source_key_ = SourceKey(*source);
    return true;
  }
  // Scope comes first: a caller learns nothing about sources that are not its own.
  if (!batch_.may_use_source(record.source)) {
    return Reject(out, Reason::kSourceNotAllowed, Field::kSource,
                  absl::StrCat(Quoted(record.source),
                               " is outside the scope of the token; use a token issued for this "
                               "source"));
  }
  if (source == nullptr) {
    return Reject(out, Reason::kUnknownSource, Field::kSource,
                  absl::StrCat(Quoted(record.source), " is not a source of the catalog",
                               Hint(EntityType::kSource, record.source)));
  }
  source_ = source;
  source_key_ = SourceKey(*source);
  known_sources_[source->ordinal].batch = batch_number_;
  return true;
}

bool ReferenceValidator::CheckTime(const ledger::EventRecord& record, Rejection* out) {
  const int64_t time_us = record.event_time_us;
  const int64_t start_us = view_->observatory()->start_us;
  if (time_us < start_us) {
    return Reject(
        out, Reason::kBeforeObservatoryStart, Field::kEventTime,
        absl::StrCat(time_us, " (", TimeText(time_us),
                     ") is before the observatory's start; want from ", TimeText(start_us)));
  }
  if (time_us > batch_.now_us + kMaxEarlyUs) {
    return Reject(
        out, Reason::kTimeInFuture, Field::kEventTime,
        absl::StrCat(time_us, " (", TimeText(time_us), ") is more than 10 minutes after now, ",
                     TimeText(batch_.now_us), "; want microseconds since 1970-01-01T00:00:00Z"));
  }
  if (!source_->reports.Contains(time_us)) {
    return Reject(out, Reason::kOutsideReportingWindow, Field::kEventTime,
                  absl::StrCat(TimeText(time_us), " is outside what source ", Quoted(record.source),
                               " reports; want ", WindowText(source_->reports)));
  }
  return true;
}

bool ReferenceValidator::CheckOriginal(const ledger::EventRecord& record,
                                       const catalog_client::Source* original, Rejection* out) {
  if (Absent(record.original_source) || record.original_source == record.source) return true;
  if (!batch_.may_use_source(record.original_source)) {
    return Reject(out, Reason::kSourceNotAllowed, Field::kOriginalSource,
                  absl::StrCat(Quoted(record.original_source),
                               " is outside the scope of the token; refunds may name events of "
                               "the token's own sources"));
  }
  if (original == nullptr) {
    return Reject(out, Reason::kUnknownSource, Field::kOriginalSource,
                  absl::StrCat(Quoted(record.original_source), " is not a source of the catalog",
                               Hint(EntityType::kSource, record.original_source)));
  }
  if (original->kind == source_->kind) return true;
  // A refund counts where its original does.
  return Reject(out, Reason::kSourceNotAllowed, Field::kOriginalSource,
                absl::StrCat("of ", Quoted(record.source), " and ", Quoted(record.original_source),
                             " one is a TEST source, whose events never count, and one is LIVE"));
}

// What it reports would count instead of another source's event.
bool ReferenceValidator::CheckMayShareTransaction(Rejection* out) {
  if (source_->kind != catalog_client::SourceKind::kTest) return true;
  return Reject(out, Reason::kSourceNotAllowed, Field::kTransaction,
                absl::StrCat("set, but ", Quoted(source_->id),
                             " is a TEST source, whose events must not stand for those of others; "
                             "leave it out"));
}

bool ReferenceValidator::CheckRegion(const catalog_client::Region* region, std::string_view code,
                                     int64_t time_us, Field field, Rejection* out) {
  if (Absent(code)) return true;
  if (region == nullptr) {
    return Reject(out, Reason::kUnknownRegion, field,
                  absl::StrCat(Quoted(code), " is not a region of the catalog",
                               Hint(EntityType::kRegion, code)));
  }
  if (region->valid.Contains(time_us)) [[likely]]
    return true;
  return Reject(out, Reason::kCodeNotValidAtTime, field,
                absl::StrCat("region ", Quoted(code), " is not in force at the event's time, ",
                             TimeText(time_us), "; it is ", WindowText(region->valid)));
}

bool ReferenceValidator::CheckCategory(const catalog_client::Category* category,
                                       std::string_view code, int64_t time_us, Rejection* out) {
  if (Absent(code)) return true;
  if (category == nullptr) {
    return Reject(out, Reason::kUnknownCategory, Field::kCategory,
                  absl::StrCat(Quoted(code), " is not a category of the catalog",
                               Hint(EntityType::kCategory, code)));
  }
  if (category->valid.Contains(time_us)) [[likely]]
    return true;
  return Reject(out, Reason::kCodeNotValidAtTime, Field::kCategory,
                absl::StrCat("category ", Quoted(code), " is not in force at the event's time, ",
                             TimeText(time_us), "; it is ", WindowText(category->valid)));
}

bool ReferenceValidator::CheckScheme(const IdentifierScheme* found, std::string_view code,
                                     int64_t time_us, bool transaction, Field field,
                                     Rejection* out) {
  if (found == nullptr) {
    return Reject(out, Reason::kUnknownScheme, field,
                  absl::StrCat(Quoted(code), " is not an identifier scheme of the catalog",
                               Hint(EntityType::kIdentifierScheme, code)));
  }
  if ((found->scheme_class == SchemeClass::kTransaction) != transaction) {
    return Reject(
        out, Reason::kSchemeWrongClass, field,
        absl::StrCat(Quoted(code), transaction ? " numbers consumers; want a scheme of class "
                                                 "TRANSACTION"
                                               : " numbers transactions; want a scheme of class "
                                                 "PERSON, ACCOUNT or ORGANISATION"));
  }
  if (found->source != catalog_client::kNone && found->source != source_->ordinal) {
    return Reject(out, Reason::kSchemeNotAllowed, field,
                  absl::StrCat(Quoted(code), " may be used by source ",
                               Quoted(view_->sources()[found->source].id), " only"));
  }
  if (found->valid.Contains(time_us)) [[likely]]
    return true;
  return Reject(out, Reason::kCodeNotValidAtTime, field,
                absl::StrCat("scheme ", Quoted(code), " is not in force at the event's time, ",
                             TimeText(time_us), "; it is ", WindowText(found->valid)));
}

// Few events name any, so these are looked up one by one.
bool ReferenceValidator::CheckListed(const ledger::EventRecord& record, Rejection* out) {
  return CheckListedCode(view_->scenarios(), EntityType::kScenario, record.scenario, "scenario",
                         Field::kScenario, record.event_time_us, out) &&
         CheckListedCode(view_->projects(), EntityType::kProject, record.project, "project",
                         Field::kProject, record.event_time_us, out) &&
         CheckListedCode(view_->activities(), EntityType::kActivity, record.activity, "activity",
                         Field::kActivity, record.event_time_us, out);
}

bool ReferenceValidator::CheckListedCode(
    const catalog_client::Table<catalog_client::ListedCode>& table, EntityType type,
    std::string_view code, std::string_view what, Field field, int64_t time_us, Rejection* out) {
  if (Absent(code)) return true;
  const catalog_client::ListedCode* found = table.Find(code);
  if (found == nullptr) {
    return Reject(out, Reason::kUnknownCode, field,
                  absl::StrCat(Quoted(code), " is no ", what, " of the catalog", Hint(type, code)));
  }
  if (found->valid.Contains(time_us)) return true;
  return Reject(out, Reason::kCodeNotValidAtTime, field,
                absl::StrCat(what, " ", Quoted(code), " is not in force at the event's time, ",
                             TimeText(time_us), "; it is ", WindowText(found->valid)));
}

bool ReferenceValidator::CheckCurrency(std::string_view currency, Rejection* out) {
  if (Absent(currency) || currency == view_->observatory()->currency) return true;
  return Reject(out, Reason::kCurrencyMismatch, Field::kCurrency,
                absl::StrCat(Quoted(currency), "; this observatory counts in ",
                             view_->observatory()->currency, " only"));
}

uint64_t ReferenceValidator::SourceKey(const catalog_client::Source& source) {
  KnownSource& known = known_sources_[source.ordinal];
  if (known.key == 0) known.key = open_codes_->SourceKey(source.id);
  return known.key;
}

uint64_t ReferenceValidator::PrefetchCode(const catalog_client::Source& source, OpenList list,
                                          std::string_view code) {
  if (Absent(code)) return 0;
  const uint64_t hash = open_codes_->hash()(code);
  open_codes_->Prefetch(OpenCodes::KeyOf(SourceKey(source), list, hash));
  return hash;
}

bool ReferenceValidator::CheckOpenCode(OpenList list, std::string_view code, const Codes& codes,
                                       Field field, Rejection* out) {
  if (Absent(code)) return true;
  const uint64_t hash = codes.hashes[static_cast<size_t>(list)];
  const uint64_t key = hash != 0 ? OpenCodes::KeyOf(source_key_, list, hash)
                                 : open_codes_->CodeKey(source_key_, list, code);
  if (open_codes_->Admit(source_key_, list, key, day_, source_->new_codes_per_day,
                         batch_.dry_run)) {
    return true;
  }
  return Reject(
      out, Reason::kTooManyNewCodes, field,
      absl::StrCat("source ", Quoted(source_->id), " has brought ", source_->new_codes_per_day,
                   " new codes in this field today, its cap; check what it sends, or raise "
                   "new_codes_per_day of the source in the catalog"));
}

std::string ReferenceValidator::Hint(EntityType type, std::string_view code) {
  if (hints_left_ == 0) return "";
  --hints_left_;
  return view_->NearestHint(type, code);
}

}  // namespace tidemark::ingest
