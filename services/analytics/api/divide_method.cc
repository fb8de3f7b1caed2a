#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/statistic_methods.h"
#include "services/analytics/api/statistic_question.h"
#include "services/analytics/query/open_codes.h"
#include "services/analytics/statistics/divide/divide.h"
#include "tidemark/analytics/v1/divide.pb.h"

namespace tidemark::analytics {
namespace {

constexpr int kMaxDimensions = 4, kMaxPopulations = 10'000, kMaxPairs = 100;
constexpr uint64_t kMaxPopulation = 1'000'000'000'000;
constexpr size_t kMaxSourceBytes = 500, kMaxNameBytes = 100;
constexpr std::string_view kDimensions[] = {"age_band", "area_type", "income_band",
                                            "consumer_region"};

absl::Status CheckDimensions(const v1::DivideRequest& request) {
  if (request.dimensions().empty() || request.dimensions_size() > kMaxDimensions) {
    return status::InvalidArgument(
        "dimensions",
        absl::StrCat(request.dimensions_size(), " dimensions; want 1 to ", kMaxDimensions, " of ",
                     absl::StrJoin(kDimensions, ", ")),
        request.dimensions().empty() ? "MISSING" : "TOO_MANY");
  }
  for (int i = 0; i < request.dimensions_size(); ++i) {
    const std::string& name = request.dimensions(i).name();
    if (std::find(std::begin(kDimensions), std::end(kDimensions), name) != std::end(kDimensions))
      continue;
    return status::InvalidArgument(
        absl::StrCat("dimensions[", i, "].name"),
        absl::StrCat("`", name.substr(0, 256), "` makes no groups of people; want ",
                     absl::StrJoin(kDimensions, ", ")),
        "NOT_OF_CONSUMERS");
  }
  return absl::OkStatus();
}

// A code that no event can have would be a group that consumes nothing.
absl::Status CheckCode(const catalog_client::CatalogView& view, const v1::Dimension& dimension,
                       const std::string& code, const std::string& field) {
  const DimensionWord* const word = FindDimension(dimension.name());
  std::string hint;
  bool good = !code.empty();
  if (word->codes == CodeKind::kRegions) {
    const auto* const region = view.regions().Find(code);
    const int level = FindLevel(*word, dimension.level());
    good = region != nullptr &&
           (level == 0 ||
            view.RegionAtLevel(region->ordinal, RegionLevelAt(level)) == region->ordinal);
    // A region of another level is itself the nearest.
    if (region == nullptr) hint = view.NearestHint(catalog_client::EntityType::kRegion, code);
  } else if (word->codes == CodeKind::kEnumeration) {
    good = std::find(word->values.begin(), word->values.end(), code) != word->values.end();
    if (!good) hint = NearestWords(code, {word->values.begin(), word->values.end()});
  }
  if (good) return absl::OkStatus();
  return status::InvalidArgument(
      field,
      absl::StrCat("`", code.substr(0, 256), "` is not a code of ", dimension.name(),
                   dimension.level().empty() ? "" : "@", dimension.level(), hint),
      "UNKNOWN_CODE");
}

// Without digits and what stands between them: bands of ages and incomes are alike but for these.
std::string LettersOf(std::string_view code) {
  std::string letters;
  for (const char c : code) {
    if (absl::ascii_isalpha(static_cast<unsigned char>(c)) || (c & 0x80) != 0) letters.push_back(c);
  }
  return letters;
}

// Codes that no catalog lists are those that events have. A group that no event knows may consume
// nothing; where one that is called much the same is known and has no population, it is the same
// one, and what is made of the two is wrong. Any other is noted.
absl::Status CheckOpenCodes(const StatisticContext& context, const v1::DivideRequest& request,
                            DivideQuestion* question) {
  if (!context.region_scope.empty()) return absl::OkStatus();
  for (int d = 0; d < request.dimensions_size(); ++d) {
    const DimensionWord& word = *FindDimension(request.dimensions(d).name());
    if (word.codes != CodeKind::kOpen) continue;
    const std::vector<std::string> met =
        MetCodes(word.field, context.snapshot.log_size, *context.store);
    std::set<std::string_view> unstated(met.begin(), met.end());
    for (const v1::GroupPopulation& group : request.populations()) unstated.erase(group.codes(d));
    if (unstated.empty()) continue;
    std::set<std::string> noted;
    for (int i = 0; i < request.populations_size(); ++i) {
      const std::string& code = request.populations(i).codes(d);
      if (std::find(met.begin(), met.end(), code) != met.end()) continue;
      const std::string what = absl::StrCat("`", code.substr(0, 256),
                                            "`: no event at this snapshot has that ", word.name);
      const std::vector<std::string_view> near =
          NearWords(code, {unstated.begin(), unstated.end()});
      if (!near.empty() && LettersOf(near.front()) != LettersOf(code)) {
        return status::InvalidArgument(
            absl::StrCat("populations[", i, "].codes[", d, "]"),
            absl::StrCat(what, "; events have `", near.front(),
                         "`, of which no population is stated: is it that?"),
            "UNKNOWN_CODE");
      }
      if (!noted.insert(code).second) continue;
      question->notes.push_back(
          {"GROUP_NOT_MET", absl::StrCat(what, "; events have `", *unstated.begin(), "`",
                                         unstated.size() > 1 ? " and others" : "",
                                         ", of which no population is stated.")});
    }
  }
  return absl::OkStatus();
}

absl::Status StatePopulations(const StatisticContext& context, const v1::DivideRequest& request,
                              DivideQuestion* question) {
  const catalog_client::CatalogView& view = *context.view;
  if (request.populations_size() > kMaxPopulations) {
    return status::InvalidArgument(
        "populations",
        absl::StrCat(request.populations_size(), " groups; want at most ", kMaxPopulations),
        "TOO_MANY");
  }
  if (request.has_population_basis()) {
    return status::InvalidArgument(
        "population_basis",
        "says which population of the catalog is meant, but the request states populations; leave "
        "one of both out",
        "NOT_WITH_POPULATIONS");
  }
  std::map<std::vector<std::string>, GroupSize> sizes;
  for (int i = 0; i < request.populations_size(); ++i) {
    const v1::GroupPopulation& group = request.populations(i);
    const std::string path = absl::StrCat("populations[", i, "]");
    if (group.codes_size() != request.dimensions_size()) {
      return status::InvalidArgument(path + ".codes",
                                     absl::StrCat(group.codes_size(),
                                                  " codes; want one per "
                                                  "dimension, ",
                                                  request.dimensions_size()),
                                     "WRONG_COUNT");
    }
    for (int d = 0; d < group.codes_size(); ++d) {
      TM_RETURN_IF_ERROR(CheckCode(view, request.dimensions(d), group.codes(d),
                                   absl::StrCat(path, ".codes[", d, "]")));
    }
    if (group.population() < 1 || group.population() > kMaxPopulation) {
      return status::InvalidArgument(
          path + ".population", absl::StrCat(group.population(), "; want 1 to ", kMaxPopulation),
          "OUT_OF_RANGE");
    }
    if (!sizes
             .emplace(std::vector<std::string>(group.codes().begin(), group.codes().end()),
                      GroupSize{static_cast<int64_t>(group.population())})
             .second) {
      return status::InvalidArgument(path, "a group that is there before", "DUPLICATE");
    }
  }
  TM_RETURN_IF_ERROR(CheckOpenCodes(context, request, question));
  question->populations = std::make_shared<const StatedPopulations>(std::move(sizes));
  question->population_source = request.population_source();
  if (!question->population_source.empty() &&
      question->population_source.size() <= kMaxSourceBytes) {
    return absl::OkStatus();
  }
  return status::InvalidArgument("population_source",
                                 absl::StrCat("want 1 to ", kMaxSourceBytes,
                                              " bytes that say where the populations come from"),
                                 question->population_source.empty() ? "MISSING" : "TOO_LONG");
}

absl::Status FindPopulations(const StatisticContext& context, const v1::DivideRequest& request,
                             DivideQuestion* question) {
  if (!request.population_source().empty()) {
    return status::InvalidArgument("population_source",
                                   "given without populations; those of the catalog say themselves "
                                   "where they come from",
                                   "NOT_WITHOUT_POPULATIONS");
  }
  namespace pb = catalog::v1;
  const pb::PopulationBasis& basis = request.population_basis();
  if (!pb::PopulationKind_IsValid(basis.kind()) || !pb::PopulationTime_IsValid(basis.time())) {
    return status::InvalidArgument(
        "population_basis",
        "this release does not know it; want RESIDENT or REGISTERED, and MID_YEAR or YEAR_END",
        "UNKNOWN_POPULATION");
  }
  DenominatorKind kind{.role = pb::DENOMINATOR_ROLE_POPULATION};
  if (basis.kind() != pb::POPULATION_KIND_UNSPECIFIED) kind.people = basis.kind();
  if (basis.time() != pb::POPULATION_TIME_UNSPECIFIED) kind.time = basis.time();
  TM_ASSIGN_OR_RETURN(question->populations, ReadPopulations(context, question->query, kind));
  return absl::OkStatus();
}

absl::Status AddPairs(const v1::DivideRequest& request, DivideQuestion* question) {
  if (request.pairs_size() > kMaxPairs) {
    return status::InvalidArgument(
        "pairs", absl::StrCat(request.pairs_size(), " pairs; want at most ", kMaxPairs),
        "TOO_MANY");
  }
  std::set<std::string> names;
  for (int i = 0; i < request.pairs_size(); ++i) {
    const v1::DividePair& pair = request.pairs(i);
    const std::string path = absl::StrCat("pairs[", i, "]");
    if (pair.name().empty() || pair.name().size() > kMaxNameBytes) {
      return status::InvalidArgument(path + ".name",
                                     absl::StrCat("want 1 to ", kMaxNameBytes, " bytes"),
                                     pair.name().empty() ? "MISSING" : "TOO_LONG");
    }
    if (!names.insert(pair.name()).second)
      return status::InvalidArgument(path + ".name", "a second pair of this name", "DUPLICATE");
    DivideQuestion::Pair made{
        pair.name(), {pair.of().begin(), pair.of().end()}, {pair.to().begin(), pair.to().end()}};
    for (const bool of : {true, false}) {
      if (question->populations->Has(of ? made.of : made.to)) continue;
      return status::InvalidArgument(
          path + (of ? ".of" : ".to"),
          absl::StrCat("`", absl::StrJoin(of ? made.of : made.to, ", ").substr(0, 256),
                       "` is no group of the populations"),
          "UNKNOWN_GROUP");
    }
    question->pairs.push_back(std::move(made));
  }
  return absl::OkStatus();
}

absl::StatusOr<DivideQuestion> MakeQuestion(const StatisticContext& context,
                                            const v1::DivideRequest& request) {
  DivideQuestion question;
  TM_ASSIGN_OR_RETURN(question.query, QueryOf(request));
  TM_RETURN_IF_ERROR(CheckDimensions(request));
  for (const v1::Dimension& dimension : request.dimensions())
    question.query.dimensions.push_back({dimension.name(), dimension.level()});
  TM_RETURN_IF_ERROR(request.populations().empty() ? FindPopulations(context, request, &question)
                                                   : StatePopulations(context, request, &question));
  TM_RETURN_IF_ERROR(AddPairs(request, &question));
  if (request.decompose_by().empty()) return question;
  for (int d = 0; d < request.dimensions_size(); ++d) {
    if (request.dimensions(d).name() == request.decompose_by()) question.decompose_by = d;
  }
  if (question.decompose_by < 0) {
    return status::InvalidArgument(
        "decompose_by",
        absl::StrCat("`", request.decompose_by().substr(0, 256), "` is none of the dimensions"),
        "UNKNOWN_DIMENSION");
  }
  return question;
}

}  // namespace

absl::Status GetDivide(const StatisticRunner& runner, const StatisticCall& call,
                       const v1::DivideRequest& request, v1::DivideResponse* response) {
  TM_ASSIGN_OR_RETURN(const DivideQuestion question, MakeQuestion(call.context, request));
  TM_ASSIGN_OR_RETURN(const Divide divide, ComputeDivide(call.context, question));
  TM_RETURN_IF_ERROR(WriteWholeTable(call, divide.groups, "groups", response->mutable_groups()));
  TM_RETURN_IF_ERROR(WriteWholeTable(call, divide.indices, "indices", response->mutable_indices()));
  TM_RETURN_IF_ERROR(WriteWholeTable(call, divide.pairs, "pairs", response->mutable_pairs()));
  runner.WriteMeta(call, divide.effects_scanned, divide.groups.row_count, response->mutable_meta());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
