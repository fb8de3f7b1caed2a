// ReportUse; ListUse is in use_listing.cc.
#include "services/catalog/api/use_handlers.h"

#include <set>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/api/attempt.h"
#include "services/catalog/domain/catalog.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/domain/use_book.h"
#include "services/catalog/types/dates.h"
#include "services/catalog/types/document_message.h"
#include "tidemark/catalog/v1/grant_use.pb.h"

namespace tidemark::catalog {
namespace {

constexpr int kMaxUses = 10'000;
constexpr uint64_t kMaxUnits = 1'000'000'000'000;
constexpr int32_t kOldestDay = 366;

absl::Status CheckGrantName(const std::string& field, const std::string& name) {
  const auto parsed = ParseName(name);
  if (parsed && parsed->type == Type::kGrant) return absl::OkStatus();
  return status::InvalidArgument(field, absl::StrCat(Quoted(name), ", want grants/ID"),
                                 "INVALID_NAME");
}

absl::Status CheckSizes(const v1::ReportUseRequest& request) {
  if (!IsValidId(request.reporter())) {
    return status::InvalidArgument(
        "reporter",
        absl::StrCat(Quoted(request.reporter()),
                     ": want 1 to 63 characters of a-z, 0-9, '.' and '-'"),
        "INVALID_NAME");
  }
  if (request.uses_size() > kMaxUses || request.totals_of_size() > kMaxUses) {
    const bool uses = request.uses_size() > kMaxUses;
    return status::InvalidArgument(
        uses ? "uses" : "totals_of",
        absl::StrCat(uses ? request.uses_size() : request.totals_of_size(), ", want at most ",
                     kMaxUses),
        "INVALID_BATCH_SIZE");
  }
  const bool numbered = request.batch() > 0 && request.batch() <= INT64_MAX;
  if (request.uses_size() > 0 && !numbered) {
    return status::InvalidArgument(
        "batch", absl::StrCat(request.batch(), ", want a number from 1 on, ascending"),
        "INVALID_BATCH");
  }
  return absl::OkStatus();
}

absl::StatusOr<UseSum> SumOf(const Catalog& catalog, const v1::GrantUse& use,
                             const std::string& field, int32_t today) {
  const std::string grant_field = absl::StrCat(field, ".grant");
  TM_RETURN_IF_ERROR(CheckGrantName(grant_field, use.grant()));
  TM_RETURN_IF_ERROR(catalog.Get(grant_field, use.grant(), catalog.head().version).status());
  const Date date = FromProto(use.day());
  const std::string day_field = absl::StrCat(field, ".day");
  if (!IsRealDay(date)) {
    return status::InvalidArgument(day_field, absl::StrCat(ToString(date), " is no day"),
                                   "INVALID_DATE");
  }
  const int32_t day = DayNumber(date);
  if (day < today - kOldestDay || day > today + 1) {
    return status::InvalidArgument(
        day_field,
        absl::StrCat(ToString(date), ", want a day of the last ", kOldestDay, " or tomorrow"),
        "DAY_OUT_OF_RANGE");
  }
  if (!type::v1::Purpose_IsValid(use.purpose()) || use.purpose() == type::v1::PURPOSE_UNSPECIFIED) {
    return status::InvalidArgument(absl::StrCat(field, ".purpose"),
                                   "missing or unknown; want one such as PURPOSE_RESEARCH",
                                   "INVALID_PURPOSE");
  }
  if (use.units() < 1 || use.units() > kMaxUnits) {
    return status::InvalidArgument(absl::StrCat(field, ".units"),
                                   absl::StrCat(use.units(), ", want 1 to ", kMaxUnits),
                                   "INVALID_UNITS");
  }
  return UseSum{use.grant(), day, use.purpose(), use.units()};
}

absl::StatusOr<UseBatch> BatchOf(const Catalog& catalog, const v1::ReportUseRequest& request,
                                 int64_t now_us) {
  UseBatch batch = {.reporter = request.reporter(), .number = request.batch(), .time_us = now_us};
  const int32_t today = static_cast<int32_t>(
      absl::ToCivilDay(absl::FromUnixMicros(now_us), absl::UTCTimeZone()) - absl::CivilDay());
  std::set<std::tuple<std::string_view, int32_t, int32_t>> seen;
  Fingerprint fingerprint;
  for (int i = 0; i < request.uses_size(); ++i) {
    const v1::GrantUse& use = request.uses(i);
    const std::string field = absl::StrCat("uses[", i, "]");
    TM_ASSIGN_OR_RETURN(UseSum sum, SumOf(catalog, use, field, today));
    if (!seen.emplace(use.grant(), sum.day, sum.purpose).second) {
      return status::InvalidArgument(
          field, absl::StrCat(use.grant(), " occurs twice with that day and purpose; add them up"),
          "DUPLICATE");
    }
    fingerprint.Add(CanonicalBytes(use));
    batch.sums.push_back(std::move(sum));
  }
  batch.fingerprint = fingerprint.Finish();
  return batch;
}

}  // namespace

absl::Status UseHandlers::Report(const rpc::CallContext&, const v1::ReportUseRequest& request,
                                 v1::ReportUseResponse* response) const {
  TM_RETURN_IF_ERROR(CheckSizes(request));
  std::set<std::string> grants;
  for (int i = 0; i < request.totals_of_size(); ++i) {
    const std::string& name = request.totals_of(i);
    TM_RETURN_IF_ERROR(CheckGrantName(absl::StrCat("totals_of[", i, "]"), name));
    // Not by Get, which looks for names near each that it does not find.
    TM_ASSIGN_OR_RETURN(const ResourcePtr grant, catalog_->FindAt(name, catalog_->head().version));
    if (grant == nullptr) continue;
    grants.insert(name);
  }
  if (request.uses_size() > 0) {
    TM_ASSIGN_OR_RETURN(const UseBatch batch, BatchOf(*catalog_, request, clock_->NowMicros()));
    TM_ASSIGN_OR_RETURN(const UseOutcome outcome, uses_->Add(batch));
    if (outcome == UseOutcome::kOtherBatch) {
      return status::InvalidArgument(
          "batch",
          absl::StrCat(request.batch(), " was reported by ", request.reporter(),
                       " with other uses; give each batch a number of its own"),
          "BATCH_REUSED");
    }
    response->set_repeated_batch(outcome == UseOutcome::kRepeated);
    for (const UseSum& sum : batch.sums) grants.insert(sum.grant);
  }
  for (const std::string& grant : grants) {
    TM_ASSIGN_OR_RETURN(const uint64_t units, uses_->TotalOf(grant));
    v1::GrantTotal& total = *response->add_totals();
    total.set_grant(grant);
    total.set_units(units);
  }
  return absl::OkStatus();
}

}  // namespace tidemark::catalog
