#include "services/catalog/api/search_handlers.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/catalog/api/page_size.h"
#include "services/catalog/api/page_token.h"
#include "services/catalog/api/visibility.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/region_levels.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/search/region_resolver.h"
#include "services/catalog/search/search_index.h"
#include "services/catalog/types/dates.h"
#include "tidemark/catalog/v1/search.pb.h"

namespace tidemark::catalog {
namespace {

constexpr size_t kMaxQueryBytes = 256;
constexpr size_t kMaxHits = 1000;
constexpr size_t kUsualPage = 20;
constexpr size_t kMaxPage = 100;
// Each costs a look at all terms of about its length.
constexpr size_t kMaxWords = 12;
constexpr int kMaxTexts = 1000;
constexpr size_t kMaxTextBytes = 200;
constexpr size_t kUsualCandidates = 5;
constexpr size_t kMaxCandidates = 20;

absl::Status CheckText(std::string_view field, std::string_view text, size_t most) {
  if (text.size() > most) {
    return status::InvalidArgument(
        field, absl::StrCat(Bytes(text.size()), ", want at most ", most, "; give fewer words"),
        "TEXT_TOO_LONG");
  }
  if (!IsUtf8(text)) return status::InvalidArgument(field, "is not UTF-8", "INVALID_TEXT");
  return absl::OkStatus();
}

absl::StatusOr<Types> TypesOf(const rpc::Caller& caller,
                              const v1::SearchResourcesRequest& request) {
  if (request.collections().empty()) {
    Types all = 0;
    for (const Collection& collection : Collections()) all |= TypeBit(collection.type);
    return all & ~(TypeBit(Type::kVintage) | TypeBit(Type::kAssessment) | TypeBit(Type::kGrant) |
                   TypeBit(Type::kToken));
  }
  Types types = 0;
  for (int i = 0; i < request.collections_size(); ++i) {
    const Collection* collection = FindCollection(request.collections(i));
    if (collection == nullptr || collection->type == Type::kToken) {
      return status::InvalidArgument(absl::StrCat("collections[", i, "]"),
                                     absl::StrCat(Quoted(request.collections(i)), ", want one of ",
                                                  CollectionNames(), "; tokens are never found"),
                                     "INVALID_NAME");
    }
    TM_RETURN_IF_ERROR(CheckMaySee(caller, request.collections(i)));
    types |= TypeBit(collection->type);
  }
  return types;
}

template <typename Request>
absl::StatusOr<std::optional<Date>> DayOf(const Request& request) {
  if (!request.has_valid_on()) return std::nullopt;
  const Date day = FromProto(request.valid_on());
  if (!IsRealDay(day)) {
    return status::InvalidArgument("valid_on",
                                   absl::StrCat(ToString(day), " is no day of the years 1 to 9999"),
                                   "INVALID_DATE");
  }
  return day;
}

// What must be the same on all pages, as text without ambiguity.
std::string PagesKey(const v1::SearchResourcesRequest& request) {
  v1::SearchResourcesRequest same = request;
  same.clear_page_size();
  same.clear_page_token();
  same.clear_min_version();
  return absl::StrCat("search/", same.SerializeAsString());
}

void ToProto(const Evidence& evidence, v1::SearchMatch* proto) {
  proto->set_kind(static_cast<v1::MatchKind>(evidence.match));
  proto->set_field(evidence.field);
  proto->set_text(evidence.text);
}

template <typename Proto>
void AddNames(const Resource& resource, Proto* proto) {
  for (const auto& [language, name] : resource.display_names) {
    (*proto->mutable_display_names())[language] = name;
  }
}

absl::Status FillQuestion(const v1::ResolveRegionsRequest& request, RegionQuestion* question) {
  question->within = request.within();
  for (int i = 0; i < request.levels_size(); ++i) {
    const auto level = static_cast<RegionLevel>(request.levels(i));
    if (NameOf(level).empty()) {
      return status::InvalidArgument(
          absl::StrCat("levels[", i, "]"),
          absl::StrCat(static_cast<int>(request.levels(i)), " is no level of regions"),
          "INVALID_LEVEL");
    }
    question->levels.push_back(level);
  }
  TM_ASSIGN_OR_RETURN(question->valid_on, DayOf(request));
  TM_ASSIGN_OR_RETURN(question->max_candidates, PageSize(request.max_candidates(), kUsualCandidates,
                                                         kMaxCandidates, "max_candidates"));
  return absl::OkStatus();
}

}  // namespace

absl::Status SearchHandlers::CheckReached(uint64_t min_version) const {
  const absl::Status reached = catalog_->ResolveVersion(min_version).status();
  return reached.ok() ? reached : status::Prefixed("min_version", reached);
}

absl::Status SearchHandlers::CheckWithin(const std::string& within) const {
  if (within.empty()) return absl::OkStatus();
  const auto name = ParseName(within);
  if (!name || (name->type != Type::kRegion && name->type != Type::kRegionGroup)) {
    return status::InvalidArgument(
        "within", absl::StrCat(Quoted(within), ", want regions/... or regionGroups/..."),
        "INVALID_NAME");
  }
  return catalog_->Get("within", within, catalog_->head().version).status();
}

absl::Status SearchHandlers::Search(const rpc::CallContext& call,
                                    const v1::SearchResourcesRequest& request,
                                    v1::SearchResourcesResponse* response) const {
  TM_RETURN_IF_ERROR(CheckText("query", request.query(), kMaxQueryBytes));
  SearchQuery query;
  query.query = ParseQuery(request.query());
  if (query.query.words.empty()) {
    return status::InvalidArgument(
        "query", "holds no letter, digit or character; give a word to search for", "EMPTY_QUERY");
  }
  if (query.query.words.size() > kMaxWords) {
    return status::InvalidArgument(
        "query",
        absl::StrCat(query.query.words.size(), " words, want at most ", kMaxWords, "; give fewer"),
        "TEXT_TOO_LONG");
  }
  TM_ASSIGN_OR_RETURN(query.types, TypesOf(call.caller, request));
  TM_ASSIGN_OR_RETURN(query.valid_on, DayOf(request));
  TM_ASSIGN_OR_RETURN(query.count, PageSize(request.page_size(), kUsualPage, kMaxPage));
  TM_RETURN_IF_ERROR(CheckReached(request.min_version()));
  const std::string pages_key = PagesKey(request);
  if (!request.page_token().empty()) {
    TM_ASSIGN_OR_RETURN(const PageToken token, DecodePageToken(request.page_token(), pages_key));
    uint64_t skip = 0;
    if (!absl::SimpleAtoi(token.position, &skip)) {
      return status::InvalidArgument("page_token", "is not one that SearchResources gave",
                                     "INVALID_PAGE_TOKEN");
    }
    query.skip = std::min<size_t>(skip, kMaxHits);
  }
  query.count = std::min(query.count, kMaxHits - query.skip);
  const SearchResult result = index_->Search(query);
  for (const SearchHit& hit : result.hits) {
    v1::SearchHit* proto = response->add_hits();
    proto->set_name(hit.resource->name);
    AddNames(*hit.resource, proto);
    for (const Evidence& evidence : hit.matches) ToProto(evidence, proto->add_matches());
  }
  response->set_version(result.version);
  const size_t next = query.skip + query.count;
  if (result.more && next < kMaxHits) {
    response->set_next_page_token(EncodePageToken({result.version, absl::StrCat(next)}, pages_key));
  }
  return absl::OkStatus();
}

absl::Status SearchHandlers::Resolve(const rpc::CallContext& call,
                                     const v1::ResolveRegionsRequest& request,
                                     v1::ResolveRegionsResponse* response) const {
  if (request.texts().empty() || request.texts_size() > kMaxTexts) {
    return status::InvalidArgument(
        "texts", absl::StrCat(request.texts_size(), " texts, want 1 to ", kMaxTexts),
        "INVALID_BATCH_SIZE");
  }
  for (int i = 0; i < request.texts_size(); ++i) {
    TM_RETURN_IF_ERROR(CheckText(absl::StrCat("texts[", i, "]"), request.texts(i), kMaxTextBytes));
  }
  RegionQuestion question;
  TM_RETURN_IF_ERROR(FillQuestion(request, &question));
  TM_RETURN_IF_ERROR(CheckReached(request.min_version()));
  TM_RETURN_IF_ERROR(CheckWithin(request.within()));
  question.cancelled = [&call] { return call.cancelled(); };
  const std::vector<std::string> texts(request.texts().begin(), request.texts().end());
  const RegionAnswers answers = ResolveRegions(*index_, texts, question);
  if (answers.answers.size() < texts.size()) return absl::CancelledError("the caller is gone");
  for (const RegionAnswer& answer : answers.answers) {
    v1::RegionResolution* proto = response->add_resolutions();
    proto->set_outcome(static_cast<v1::ResolutionOutcome>(answer.outcome));
    for (const RegionCandidate& candidate : answer.candidates) {
      v1::RegionCandidate* shown = proto->add_candidates();
      shown->set_region(candidate.region->name);
      AddNames(*candidate.region, shown);
      ToProto(candidate.match, shown->mutable_match());
      shown->set_successor_of(candidate.successor_of);
    }
  }
  response->set_version(answers.version);
  return absl::OkStatus();
}

}  // namespace tidemark::catalog
