#include "services/catalog/types/contract_rules.h"

#include "absl/strings/str_cat.h"
#include "clients/cpp/catalog/enum_word.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/references.h"
#include "services/catalog/types/check_above.h"
#include "services/catalog/types/check_codes.h"
#include "services/catalog/types/check_fields.h"
#include "services/catalog/types/check_indicators.h"
#include "services/catalog/types/check_observations.h"
#include "services/catalog/types/check_parts.h"
#include "services/catalog/types/document_message.h"
#include "services/catalog/types/field_walk.h"
#include "services/catalog/types/programme_life.h"
#include "services/catalog/types/type_checks.h"
#include "tidemark/catalog/v1/common.pb.h"

namespace tidemark::catalog {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

Types TypesOf(const google::protobuf::RepeatedPtrField<std::string>& collections) {
  Types types = 0;
  for (const std::string& name : collections) {
    if (const Collection* collection = FindCollection(name)) types |= TypeBit(collection->type);
  }
  return types;
}

void ForEachReferenceOf(const Message& message, const std::string& path, bool shared,
                        absl::FunctionRef<void(const Reference&)> visit) {
  ForEachMessageThatSays(
      message, path, Saying::kRefersTo, [&](const Message& part, const std::string& at) {
        for (int i = 0; i < part.GetDescriptor()->field_count(); ++i) {
          const FieldDescriptor& field = *part.GetDescriptor()->field(i);
          const v1::Rule& rule = RuleOf(field);
          if (rule.refers_to().empty()) continue;
          const Types allowed = TypesOf(rule.refers_to());
          for (int k = 0; k < ElementCount(part, field); ++k) {
            const std::string target = TextAt(part, field, k);
            const std::string where = ElementPath(at, field, k);
            visit({.target = target, .allowed = allowed, .field = where, .shared = shared});
          }
        }
      });
}

constexpr size_t kMaxCitations = 50;

bool IsFilterable(const FieldDescriptor& field) {
  return field.type() == FieldDescriptor::TYPE_STRING ||
         field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
}

}  // namespace

const DocumentRules* RulesOfContract() {
  static const ContractRules rules;
  return &rules;
}

void ContractRules::Check(const Document& document, Report& report) const {
  const auto message = MessageOf(document);
  if (message == nullptr) return report.AddTyped("", "its bytes cannot be read");
  // Ignored as input, so not judged either.
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->field(i);
    if (RuleOf(*field).output_only()) message->GetReflection()->ClearField(message.get(), field);
  }
  const size_t before = report.count();
  ForEachMessage(*message, "", [&](const Message& part, const std::string& path) {
    CheckFields(part, path, report);
    CheckValue(part, path, report);
  });
  if (report.count() == before) CheckTypeRules(*message, report);
}

void ContractRules::CheckChange(const Document& before, const Document& after,
                                Report& report) const {
  const auto was = MessageOf(before);
  const auto is = MessageOf(after);
  if (was == nullptr || is == nullptr) return;
  for (int i = 0; i < is->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *is->GetDescriptor()->field(i);
    if (!RuleOf(field).fixed() || SameField(*was, *is, field)) continue;
    report.AddTyped(field.name(), "cannot change; apply a resource with another id",
                    "IMMUTABLE_FIELD");
  }
  CheckTypeChange(*was, *is, report);
}

void ContractRules::CheckChanges(std::span<const Change> changes, const NewestState& before,
                                 const ResourceLookup& after, Problems& problems) const {
  CheckChangedIndicators(changes, before, after, problems);
  CheckChangedSeries(changes, before, after, problems);
  CheckChangedCodes(changes, before, after, problems);
  CheckRemovedParts(changes, after, problems);
}

void ContractRules::CheckTogether(const Resource& resource, const ResourceLookup& after,
                                  Report& report) const {
  const auto message = MessageOf(std::get<Document>(resource.content));
  if (message == nullptr) return;
  CheckAbove(*message, resource.name, after, report);
  CheckTypeRulesTogether(*message, after, report);
  CheckProgrammeLife(resource, *message, after, report);
}

void ContractRules::CheckCitations(const std::vector<std::string>& citations,
                                   Report& report) const {
  if (citations.size() > kMaxCitations) {
    return report.Add("citations",
                      absl::StrCat(citations.size(), " elements, want at most ", kMaxCitations));
  }
  Report shared = report.Shared();
  v1::Citation citation;
  for (size_t i = 0; i < citations.size(); ++i) {
    const std::string path = absl::StrCat("citations[", i, "]");
    if (!citation.ParseFromString(citations[i])) {
      report.Add(path, "its bytes cannot be read");
      continue;
    }
    ForEachMessage(citation, path, [&](const Message& part, const std::string& at) {
      CheckFields(part, at, shared);
      CheckValue(part, at, shared);
    });
  }
}

void ContractRules::ForEachCited(const std::vector<std::string>& citations,
                                 absl::FunctionRef<void(const Reference&)> visit) const {
  v1::Citation citation;
  for (size_t i = 0; i < citations.size(); ++i) {
    if (!citation.ParseFromString(citations[i])) continue;
    ForEachReferenceOf(citation, absl::StrCat("citations[", i, "]"), true, visit);
  }
}

void ContractRules::ForEachReference(const Document& document,
                                     absl::FunctionRef<void(const Reference&)> visit) const {
  if (!SaysBelow(*DescriptorOf(document.type), Saying::kRefersTo)) return;
  const auto message = MessageOf(document);
  if (message == nullptr) return;
  ForEachReferenceOf(*message, "", false, visit);
}

void ContractRules::ForEachKey(const Document& document,
                               absl::FunctionRef<void(std::string_view)> visit) const {
  ForEachCodeKey(document, visit);
}

Document ContractRules::Normalised(const Document& wanted, const Document* stored,
                                   const ResourceLookup& given) const {
  const auto message = MessageOf(wanted);
  if (message == nullptr) return wanted;
  const auto kept = stored == nullptr ? nullptr : MessageOf(*stored);
  KeepProgrammeLife(kept.get(), given, message.get());
  for (int i = 0; i < message->GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message->GetDescriptor()->field(i);
    if (!RuleOf(*field).output_only()) continue;
    message->GetReflection()->ClearField(message.get(), field);
    if (kept == nullptr || ElementCount(*kept, *field) == 0) continue;
    // Of the stored message nothing else is needed.
    message->GetReflection()->SwapFields(message.get(), kept.get(), {field});
  }
  return DocumentOf(wanted.type, *message);
}

std::optional<std::vector<std::string>> ContractRules::Values(const Document& document,
                                                              std::string_view field) const {
  const FieldDescriptor* found = DescriptorOf(document.type)->FindFieldByName(std::string(field));
  if (found == nullptr || !IsFilterable(*found)) return std::nullopt;
  std::vector<std::string> values;
  const auto message = MessageOf(document);
  if (message == nullptr) return values;
  for (int k = 0; k < ElementCount(*message, *found); ++k) {
    values.push_back(
        found->cpp_type() == FieldDescriptor::CPPTYPE_ENUM
            ? catalog_client::EnumWord(*found->enum_type(), EnumAt(*message, *found, k))
            : TextAt(*message, *found, k));
  }
  return values;
}

std::vector<std::string> ContractRules::Fields(Type type) const {
  std::vector<std::string> names;
  for (int i = 0; i < DescriptorOf(type)->field_count(); ++i) {
    const FieldDescriptor& field = *DescriptorOf(type)->field(i);
    if (IsFilterable(field)) names.push_back(field.name());
  }
  return names;
}

}  // namespace tidemark::catalog
