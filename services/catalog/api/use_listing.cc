// ListUse.
#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "clients/cpp/access/rpc_access.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/api/page_size.h"
#include "services/catalog/api/page_token.h"
#include "services/catalog/api/use_handlers.h"
#include "services/catalog/domain/catalog.h"
#include "services/catalog/domain/decimal.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/domain/use_book.h"
#include "services/catalog/types/dates.h"
#include "services/catalog/types/document_message.h"
#include "tidemark/catalog/v1/grant_use.pb.h"
#include "tidemark/catalog/v1/rights.pb.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kUsualPage = 500;
constexpr size_t kMaxPage = 5000;
// A page ends when it has cost so much, whatever it found.
constexpr size_t kMaxGrantsLookedAt = 20'000;
constexpr size_t kMaxSumsRead = 200'000;
constexpr size_t kChunk = 4096;

// Grants to go through by name; nothing: all that have use.
using Names = std::optional<std::vector<std::string>>;

struct Listing {
  bool by_day = false;
  int32_t first_day = std::numeric_limits<int32_t>::min() + 1;
  int32_t last_day = std::numeric_limits<int32_t>::max();
  size_t page_size = 0;
  // Where the page before ended: after all of a grant, or inside it.
  std::string grant;
  UsePosition inside;
  size_t sums_read = 0;

  UsePosition Start() const { return std::max(inside, UsePosition{first_day - 1, INT32_MAX}); }
};

std::string PagesKey(const rpc::Caller& caller, const v1::ListUseRequest& request) {
  v1::ListUseRequest same = request;
  same.clear_page_size();
  same.clear_page_token();
  return absl::StrCat("use/", access::MaySeeGrants(caller) ? "*" : caller.acts_for, "/",
                      CanonicalBytes(same));
}

absl::StatusOr<int32_t> DayIn(std::string_view field, const type::v1::Date& date) {
  if (IsRealDay(FromProto(date))) return DayNumber(FromProto(date));
  return status::InvalidArgument(
      field, absl::StrCat(ToString(FromProto(date)), " is no day of the years 1 to 9999"),
      "INVALID_DATE");
}

absl::Status CheckName(std::string_view field, const std::string& name, Types allowed,
                       std::string_view wanted) {
  if (name.empty()) return absl::OkStatus();
  const auto parsed = ParseName(name);
  if (parsed && (TypeBit(parsed->type) & allowed) != 0) return absl::OkStatus();
  return status::InvalidArgument(field, absl::StrCat(Quoted(name), ", want ", wanted),
                                 "INVALID_NAME");
}

absl::Status CheckNames(const v1::ListUseRequest& request) {
  TM_RETURN_IF_ERROR(CheckName("grant", request.grant(), TypeBit(Type::kGrant), "grants/ID"));
  TM_RETURN_IF_ERROR(
      CheckName("asset", request.asset(), TypeBit(Type::kDataAsset), "dataAssets/ID"));
  return CheckName("grantee", request.grantee(),
                   TypeBit(Type::kOrganisation) | TypeBit(Type::kProvider),
                   "organisations/ID or providers/ID");
}

absl::Status ReadPosition(const std::string& token, std::string_view pages_key, Listing* listing) {
  TM_ASSIGN_OR_RETURN(const PageToken page, DecodePageToken(token, pages_key));
  const std::vector<std::string> parts = absl::StrSplit(page.position, ' ');
  if (parts.size() == 3 && absl::SimpleAtoi(parts[1], &listing->inside.day) &&
      absl::SimpleAtoi(parts[2], &listing->inside.purpose)) {
    listing->grant = parts[0];
    return absl::OkStatus();
  }
  return status::InvalidArgument("page_token", "is not one that ListUse gave",
                                 "INVALID_PAGE_TOKEN");
}

absl::StatusOr<Listing> ListingOf(const v1::ListUseRequest& request, std::string_view pages_key) {
  Listing listing;
  TM_RETURN_IF_ERROR(CheckNames(request));
  if (!v1::UseDetail_IsValid(request.detail())) {
    return status::InvalidArgument("detail", "unknown; want GRANT or DAY", "INVALID_DETAIL");
  }
  listing.by_day = request.detail() == v1::USE_DETAIL_DAY;
  if (request.has_first()) {
    TM_ASSIGN_OR_RETURN(listing.first_day, DayIn("first", request.first()));
  }
  if (request.has_last()) {
    TM_ASSIGN_OR_RETURN(listing.last_day, DayIn("last", request.last()));
  }
  TM_ASSIGN_OR_RETURN(listing.page_size, PageSize(request.page_size(), kUsualPage, kMaxPage));
  if (!request.page_token().empty()) {
    TM_RETURN_IF_ERROR(ReadPosition(request.page_token(), pages_key, &listing));
  }
  return listing;
}

// The shortest list that holds all that can be asked for and seen.
Names NamesOf(const Catalog& catalog, const rpc::Caller& caller,
              const v1::ListUseRequest& request) {
  if (!request.grant().empty()) return std::vector<std::string>{request.grant()};
  if (!request.grantee().empty()) return catalog.Referrers(Type::kGrant, request.grantee());
  if (!request.asset().empty()) return catalog.Referrers(Type::kGrant, request.asset());
  if (access::MaySeeGrants(caller)) return std::nullopt;
  if (caller.acts_for.empty()) return std::vector<std::string>();
  std::vector<std::string> names = catalog.Referrers(Type::kGrant, caller.acts_for);
  for (const std::string& asset : catalog.Referrers(Type::kDataAsset, caller.acts_for)) {
    const std::vector<std::string> of_asset = catalog.Referrers(Type::kGrant, asset);
    names.insert(names.end(), of_asset.begin(), of_asset.end());
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

absl::StatusOr<std::optional<std::string>> NextName(const Names& names, const UseStore& store,
                                                    const std::string& after) {
  if (!names) return store.GrantWithUseAfter(after);
  const auto next = std::upper_bound(names->begin(), names->end(), after);
  if (next == names->end()) return std::nullopt;
  return *next;
}

// The grant, when it was asked for and the caller may see its use.
absl::StatusOr<std::optional<v1::Grant>> VisibleGrant(const Catalog& catalog,
                                                      const rpc::Caller& caller,
                                                      const v1::ListUseRequest& request,
                                                      const std::string& name) {
  const uint64_t version = catalog.head().version;
  TM_ASSIGN_OR_RETURN(const ResourcePtr resource, catalog.FindAt(name, version));
  if (resource == nullptr) return std::nullopt;
  auto grant = MessageIn<v1::Grant>(*resource);
  if (!grant) return std::nullopt;
  if (!request.asset().empty() && grant->asset() != request.asset()) return std::nullopt;
  if (!request.grantee().empty() && grant->grantee() != request.grantee()) return std::nullopt;
  if (access::MaySeeGrants(caller)) return grant;
  if (caller.acts_for.empty()) return std::nullopt;
  if (grant->grantee() == caller.acts_for) return grant;
  TM_ASSIGN_OR_RETURN(const ResourcePtr asset, catalog.FindAt(grant->asset(), version));
  const auto owned = asset == nullptr ? std::nullopt : MessageIn<v1::DataAsset>(*asset);
  return owned && owned->owner() == caller.acts_for ? std::move(grant) : std::nullopt;
}

void AddRow(const std::string& name, const v1::Grant& grant, uint64_t units, v1::UseRow* row) {
  row->set_grant(name);
  row->set_asset(grant.asset());
  row->set_grantee(grant.grantee());
  row->set_units(units);
  const auto price = ParseDecimal(grant.unit_price().value());
  if (!grant.has_unit_price() || !price) return;
  row->set_amount(TextOfProduct(*price, units));
  row->set_currency(grant.currency());
}

void SetDay(int32_t number, type::v1::Date* day) {
  const Date date = DateOfNumber(number);
  day->set_year(date.year);
  day->set_month(date.month);
  day->set_day(date.day);
}

// Its sums from listing.inside on, as many rows as fit; false: there is more of it.
absl::StatusOr<bool> AddRowsOf(const std::string& name, const v1::Grant& grant,
                               const UseStore& store, Listing& listing,
                               v1::ListUseResponse* response) {
  uint64_t units = 0;
  UsePosition after = listing.Start();
  for (;;) {
    const size_t room = listing.page_size - static_cast<size_t>(response->rows_size());
    const size_t wanted = listing.by_day ? std::min(kChunk, room) : kChunk;
    TM_ASSIGN_OR_RETURN(const auto sums, store.UseOf(name, after, listing.last_day, wanted));
    listing.sums_read += sums.size();
    for (const UseSum& sum : sums) {
      // Of days and purposes each within its bound: this sum is too.
      units = std::min(units + sum.units, kMostUnits);
      after = {sum.day, sum.purpose};
      if (!listing.by_day) continue;
      v1::UseRow* row = response->add_rows();
      AddRow(name, grant, sum.units, row);
      SetDay(sum.day, row->mutable_day());
      row->set_purpose(static_cast<type::v1::Purpose>(sum.purpose));
    }
    if (sums.size() < wanted) break;
    if (listing.by_day && static_cast<size_t>(response->rows_size()) >= listing.page_size) {
      listing.inside = after;
      return false;
    }
  }
  if (!listing.by_day && units > 0) AddRow(name, grant, units, response->add_rows());
  return true;
}

}  // namespace

absl::Status UseHandlers::List(const rpc::CallContext& call, const v1::ListUseRequest& request,
                               v1::ListUseResponse* response) const {
  const std::string pages_key = PagesKey(call.caller, request);
  TM_ASSIGN_OR_RETURN(Listing listing, ListingOf(request, pages_key));
  if (!request.grant().empty() && access::MaySeeGrants(call.caller)) {
    TM_RETURN_IF_ERROR(catalog_->Get("grant", request.grant(), catalog_->head().version).status());
  }
  const Names names = NamesOf(*catalog_, call.caller, request);
  const UseStore& store = uses_->store();
  const UsePosition start;
  std::optional<std::string> name = listing.grant;
  const bool inside = !listing.grant.empty() && listing.inside != start;
  if (!inside) {
    TM_ASSIGN_OR_RETURN(name, NextName(names, store, listing.grant));
  }
  bool more = false;
  for (size_t looked_at = 0; name; ++looked_at) {
    if (call.cancelled()) return absl::CancelledError("the caller is gone");
    more = static_cast<size_t>(response->rows_size()) >= listing.page_size ||
           looked_at >= kMaxGrantsLookedAt || listing.sums_read >= kMaxSumsRead;
    if (more) break;
    TM_ASSIGN_OR_RETURN(const auto grant, VisibleGrant(*catalog_, call.caller, request, *name));
    listing.grant = *name;
    if (grant) {
      TM_ASSIGN_OR_RETURN(const bool done, AddRowsOf(*name, *grant, store, listing, response));
      more = !done;
      if (more) break;
    }
    listing.inside = start;
    TM_ASSIGN_OR_RETURN(name, NextName(names, store, *name));
  }
  if (more) {
    response->set_next_page_token(EncodePageToken(
        {0, absl::StrCat(listing.grant, " ", listing.inside.day, " ", listing.inside.purpose)},
        pages_key));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::catalog
