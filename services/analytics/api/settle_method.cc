#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "clients/cpp/access/rpc_access.h"
#include "clients/cpp/catalog/entities.h"
#include "common/status/error.h"
#include "common/status/status_macros.h"
#include "services/analytics/api/query_convert.h"
#include "services/analytics/api/result_page.h"
#include "services/analytics/api/statistic_methods.h"
#include "services/analytics/statistics/settle/settle.h"
#include "tidemark/analytics/v1/settle.pb.h"

namespace tidemark::analytics {
namespace {

constexpr int kMaxNames = 10'000;

absl::Status CheckCount(const char* field, int count) {
  if (count <= kMaxNames) return absl::OkStatus();
  return status::InvalidArgument(
      field, absl::StrCat(count, " names; want at most ", kMaxNames, " in one call"), "TOO_MANY");
}

absl::Status CheckCurrency(const std::string& code) {
  if (code.empty() ||
      (code.size() == 3 && std::all_of(code.begin(), code.end(), absl::ascii_isupper)))
    return absl::OkStatus();
  return status::InvalidArgument(
      "currency",
      absl::StrCat("`", code.substr(0, 256), "`; want an ISO 4217 code such as CNY, or nothing"),
      "INVALID_CURRENCY");
}

// Use is read as a service, so what the caller may see of it is decided here, as the catalog would
// of ListUse by role; whoever sees the own grants only is not told what all together owe.
absl::Status CheckMaySeeUse(const rpc::Caller& caller, const v1::SettleRequest& request) {
  for (int i = 0; i < request.subjects_size(); ++i) {
    if (!IsAsset(request.subjects(i))) continue;
    const std::string field = absl::StrCat("subjects[", i, "]");
    if (!access::MaySeeGrants(caller)) {
      return status::WithReason(
          absl::PermissionDeniedError(absl::StrCat(
              field,
              " is a data asset: what its use owes is told to the roles steward, auditor, "
              "admin and service only; ask for products alone")),
          "GRANTS_HIDDEN");
    }
    if (!caller.region_scope.empty()) {
      return status::WithReason(
          absl::PermissionDeniedError(absl::StrCat(
              field, " is a data asset: its use is of no region, and the token may read only ",
              caller.region_scope, "; ask for products alone")),
          "REGION_SCOPE");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<SettleQuestion> MakeQuestion(const v1::SettleRequest& request) {
  for (const bool first : {true, false}) {
    if (!(first ? request.range().first() : request.range().last()).empty()) continue;
    return status::InvalidArgument(first ? "range.first" : "range.last",
                                   "missing; want the name of a period: a settlement has both ends",
                                   "PERIOD_INVALID");
  }
  TM_RETURN_IF_ERROR(CheckCount("subjects", request.subjects_size()));
  TM_RETURN_IF_ERROR(CheckCount("holders", request.holders_size()));
  TM_RETURN_IF_ERROR(CheckCurrency(request.currency()));
  v1::Query query;
  *query.mutable_filters() = request.filters();
  *query.mutable_range() = request.range();
  SettleQuestion question;
  question.query = FromProto(query);
  question.subjects.assign(request.subjects().begin(), request.subjects().end());
  question.holders.assign(request.holders().begin(), request.holders().end());
  question.currency = request.currency();
  return question;
}

// What people call subjects and holders, which the catalog view does not have.
class NameLabels {
 public:
  absl::Status Read(const StatisticCall& call) {
    for (const char* collection : {"products", "dataAssets", "organisations", "providers"}) {
      TM_ASSIGN_OR_RETURN(
          const CatalogReader::Resources resources,
          call.context.catalog->List(collection, "", call.context.snapshot.catalog_version));
      for (const catalog::v1::Resource& resource : *resources) {
        if (resource.display_names().empty()) continue;
        catalog_client::Entity entity;
        const std::map<std::string, std::string> sorted(resource.display_names().begin(),
                                                        resource.display_names().end());
        entity.display_names.assign(sorted.begin(), sorted.end());
        labels_.emplace(resource.name(), catalog_client::DisplayName(entity, call.label_language));
      }
    }
    return absl::OkStatus();
  }

  void Write(v1::Result* page) const {
    for (v1::Column& column : *page->mutable_columns()) {
      if (!column.has_dictionary()) continue;
      for (v1::Member& member : *column.mutable_dictionary()->mutable_members()) {
        const auto found = labels_.find(member.code());
        if (found != labels_.end()) member.set_label(found->second);
      }
    }
  }

 private:
  std::map<std::string, std::string, std::less<>> labels_;
};

absl::StatusOr<LabelWriter> MakeLabelWriter(const StatisticCall& call) {
  if (call.label_language.empty()) return LabelWriter();
  const auto labels = std::make_shared<NameLabels>();
  TM_RETURN_IF_ERROR(labels->Read(call));
  return [labels](v1::Result* page) { labels->Write(page); };
}

absl::Status WriteTable(const StatisticCall& call, const Table& table, std::string_view what,
                        const LabelWriter& labels, v1::Result* result) {
  return WriteWholeTable(
      call, table, what, result, labels,
      "leave the parts out, or name some of the subjects, or of the holders: what they get does "
      "not depend on whom else you ask for");
}

}  // namespace

absl::Status SettleRevenue(const StatisticRunner& runner, const StatisticCall& call,
                           const v1::SettleRequest& request, v1::SettleResponse* response) {
  TM_ASSIGN_OR_RETURN(const SettleQuestion question, MakeQuestion(request));
  TM_RETURN_IF_ERROR(CheckMaySeeUse(call.call->caller, request));
  TM_ASSIGN_OR_RETURN(const Settlement settled,
                      ComputeSettlement(call.context, runner.grant_use(), question));
  TM_ASSIGN_OR_RETURN(const LabelWriter labels, MakeLabelWriter(call));
  TM_RETURN_IF_ERROR(
      WriteTable(call, settled.holders, "holders", labels, response->mutable_holders()));
  if (!request.without_parts()) {
    TM_RETURN_IF_ERROR(WriteTable(call, settled.parts, "parts", labels, response->mutable_parts()));
  }
  TM_RETURN_IF_ERROR(
      WriteTable(call, settled.subjects, "subjects", labels, response->mutable_subjects()));
  runner.WriteMeta(call, settled.effects_scanned, settled.holders.row_count,
                   response->mutable_meta());
  return absl::OkStatus();
}

}  // namespace tidemark::analytics
