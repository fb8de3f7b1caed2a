#include "services/catalog/types/check_above.h"

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/types/document_message.h"
#include "services/catalog/types/field_walk.h"

namespace tidemark::catalog {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Bounds the work that one document can cause where several stand above each.
constexpr size_t kMostLooked = 1000;

// What `document` names in fields like `field`, and where the first of them stands.
std::vector<std::string> Above(const Message& document, const FieldDescriptor& field,
                               std::string* path) {
  std::vector<std::string> names;
  ForEachMessageThatSays(document, "", Saying::kMostAbove,
                         [&](const Message& message, const std::string& at) {
                           if (message.GetDescriptor() != field.containing_type()) return;
                           for (int k = 0; k < ElementCount(message, field); ++k) {
                             if (names.empty()) *path = ElementPath(at, field, k);
                             names.push_back(TextAt(message, field, k));
                           }
                         });
  return names;
}

void CheckField(const Message& document, const FieldDescriptor& field, std::string_view name,
                const ResourceLookup& after, Report& report) {
  const uint32_t most = RuleOf(field).most_above();
  std::string path;
  std::vector<std::string> next = Above(document, field, &path);
  absl::flat_hash_set<std::string> seen;
  for (uint32_t height = 1; !next.empty() && seen.size() <= kMostLooked; ++height) {
    if (height > most) {
      return report.AddTyped(
          path,
          absl::StrCat("leads to more than ", most, " one above the other; choose one further up"),
          "TOO_DEEP");
    }
    std::vector<std::string> level;
    level.swap(next);
    for (const std::string& above : level) {
      if (seen.size() > kMostLooked) break;
      if (above == name) {
        return report.AddTyped(
            path, absl::StrCat("leads back to ", name, "; choose one outside of what is below it"),
            "CYCLE");
      }
      if (!seen.insert(above).second) continue;
      const Resource* resource = after.Find(above);
      if (resource == nullptr) continue;
      const auto* stored = std::get_if<Document>(&resource->content);
      if (stored == nullptr || DescriptorOf(stored->type) != document.GetDescriptor()) continue;
      const auto message = MessageOf(*stored);
      if (message == nullptr) continue;
      std::string unused;
      for (std::string& higher : Above(*message, field, &unused)) {
        if (!seen.contains(higher)) next.push_back(std::move(higher));
      }
    }
  }
  if (seen.size() <= kMostLooked) return;
  report.AddTyped(path,
                  absl::StrCat("more than ", kMostLooked, " stand above it; choose one with fewer"),
                  "TOO_DEEP");
}

}  // namespace

void CheckAbove(const Message& document, std::string_view name, const ResourceLookup& after,
                Report& report) {
  absl::flat_hash_set<const FieldDescriptor*> fields;
  ForEachMessageThatSays(
      document, "", Saying::kMostAbove, [&](const Message& message, const std::string&) {
        for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
          const FieldDescriptor* field = message.GetDescriptor()->field(i);
          if (RuleOf(*field).most_above() == 0 || ElementCount(message, *field) == 0) continue;
          if (fields.insert(field).second) CheckField(document, *field, name, after, report);
        }
      });
}

}  // namespace tidemark::catalog
