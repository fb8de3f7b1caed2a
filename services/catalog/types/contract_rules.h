#ifndef TIDEMARK_SERVICES_CATALOG_TYPES_CONTRACT_RULES_H_
#define TIDEMARK_SERVICES_CATALOG_TYPES_CONTRACT_RULES_H_

#include "services/catalog/domain/document_rules.h"

namespace tidemark::catalog {

// Judges documents by the contract: by the rules that stand at its fields (rules.proto), by what
// its messages for days, periods, numbers and units say, and by the rules between fields of a type,
// which have a file each (check_*.cc).
class ContractRules final : public DocumentRules {
 public:
  void Check(const Document& document, Report& report) const override;
  void CheckChange(const Document& before, const Document& after, Report& report) const override;
  void CheckTogether(const Resource& resource, const ResourceLookup& after,
                     Report& report) const override;
  void CheckChanges(std::span<const Change> changes, const NewestState& before,
                    const ResourceLookup& after, Problems& problems) const override;
  void CheckCitations(const std::vector<std::string>& citations, Report& report) const override;
  void ForEachCited(const std::vector<std::string>& citations,
                    absl::FunctionRef<void(const Reference&)> visit) const override;
  void ForEachReference(const Document& document,
                        absl::FunctionRef<void(const Reference&)> visit) const override;
  void ForEachKey(const Document& document,
                  absl::FunctionRef<void(std::string_view)> visit) const override;
  Document Normalised(const Document& wanted, const Document* stored,
                      const ResourceLookup& given) const override;
  std::optional<std::vector<std::string>> Values(const Document& document,
                                                 std::string_view field) const override;
  std::vector<std::string> Fields(Type type) const override;
};

// For the whole process; it has no state.
const DocumentRules* RulesOfContract();

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_TYPES_CONTRACT_RULES_H_
