#ifndef TIDEMARK_SERVICES_CATALOG_DOMAIN_DOCUMENT_RULES_H_
#define TIDEMARK_SERVICES_CATALOG_DOMAIN_DOCUMENT_RULES_H_

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "services/catalog/domain/problems.h"
#include "services/catalog/domain/resource.h"

namespace tidemark::catalog {

struct Reference;
class NewestState;
class ResourceLookup;

// Judges documents and finds what they refer to, so that the domain need not know their messages.
// Thread-safe.
class DocumentRules {
 public:
  virtual ~DocumentRules() = default;

  // What a document must be by itself.
  virtual void Check(const Document& document, Report& report) const = 0;

  // Fields that cannot change.
  virtual void CheckChange(const Document& before, const Document& after, Report& report) const = 0;

  // What it must be beside others: `after` is the catalog as it would be. Every reference has been
  // found to exist.
  virtual void CheckTogether(const Resource& resource, const ResourceLookup& after,
                             Report& report) const = 0;

  // What all changes of a request must be together, beyond what each must be.
  virtual void CheckChanges(std::span<const Change> changes, const NewestState& before,
                            const ResourceLookup& after, Problems& problems) const = 0;

  // Of the citations of any resource, in their byte form.
  virtual void CheckCitations(const std::vector<std::string>& citations, Report& report) const = 0;
  virtual void ForEachCited(const std::vector<std::string>& citations,
                            absl::FunctionRef<void(const Reference&)> visit) const = 0;

  // In order of fields; absent ones are left out.
  virtual void ForEachReference(const Document& document,
                                absl::FunctionRef<void(const Reference&)> visit) const = 0;

  // Texts by which others that have the same are found, as referrers of them are
  // (NewestState::ForEachReferrer); none is a name.
  virtual void ForEachKey(const Document& document,
                          absl::FunctionRef<void(std::string_view key)> visit) const = 0;

  // The document to store: output-only fields kept from the stored one. `given` is the catalog as
  // all wanted states give it.
  virtual Document Normalised(const Document& wanted, const Document* stored,
                              const ResourceLookup& given) const = 0;

  // Values of a field of the document by its name, as text: of a text itself, of an enum its name
  // without prefix, of a list each. Nothing when documents of the type have no such field.
  virtual std::optional<std::vector<std::string>> Values(const Document& document,
                                                         std::string_view field) const = 0;
  // Names of the fields that Values knows for a type.
  virtual std::vector<std::string> Fields(Type type) const = 0;
};

}  // namespace tidemark::catalog

#endif  // TIDEMARK_SERVICES_CATALOG_DOMAIN_DOCUMENT_RULES_H_
