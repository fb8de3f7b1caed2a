#include "services/catalog/types/check_codes.h"

#include <map>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/document_message.h"
#include "tidemark/catalog/v1/offers.pb.h"

namespace tidemark::catalog {
namespace {

// No name has such a character.
std::string KeyOf(Type type, std::string_view code) {
  return absl::StrCat(CollectionOf(type).name, "#", code);
}

template <typename T>
void ForEachCodeKeyOf(const Document& document, absl::FunctionRef<void(std::string_view)> visit) {
  T message;
  if (!message.ParseFromString(document.bytes)) return;
  for (const v1::OpenCode& code : message.codes()) visit(KeyOf(document.type, code.code()));
}

// Who has a code, by the source that writes it; "" of all sources.
using Owners = std::map<std::string, std::string>;

// Another owner that stands in the way of `name` having the code for `source`; empty: none.
std::string_view InTheWay(const Owners& owners, const std::string& source, std::string_view name) {
  if (source.empty()) {
    for (const auto& [of, owner] : owners) {
      if (owner != name) return owner;
    }
    return "";
  }
  for (const std::string& of : {source, std::string()}) {
    const auto found = owners.find(of);
    if (found != owners.end() && found->second != name) return found->second;
  }
  return "";
}

template <typename T>
class CodeCheck {
 public:
  CodeCheck(Type type, std::span<const Change> changes, const NewestState& before,
            const ResourceLookup& after, Problems& problems)
      : type_(type), changes_(changes), before_(before), after_(after), problems_(problems) {}

  void Run() {
    if (!CollectChanged()) return;
    absl::flat_hash_set<const Resource*> others;
    for (const auto& [code, owners] : wanted_) {
      before_.ForEachReferrer(type_, KeyOf(type_, code),
                              [&](const Resource& other) { others.insert(&other); });
    }
    for (const Resource* other : others) {
      // What changes has been collected as it will be.
      if (after_.Find(other->name) != other) continue;
      const Resource& resource = *other;
      const auto message = MessageIn<T>(resource);
      if (!message) continue;
      for (const v1::OpenCode& code : message->codes()) {
        const auto found = wanted_.find(code.code());
        if (found == wanted_.end()) continue;
        const std::string_view changed = InTheWay(found->second, code.source(), resource.name);
        if (!changed.empty()) Tell(changed, code.code(), resource.name);
      }
    }
  }

 private:
  // False when nothing that changes has codes.
  bool CollectChanged() {
    for (size_t i = 0; i < changes_.size(); ++i) {
      const Change& change = changes_[i];
      if (change.kind == ChangeKind::kNone || change.after->type() != type_) continue;
      const auto message = MessageIn<T>(*change.after);
      if (!message) continue;
      positions_[change.name] = i;
      for (const v1::OpenCode& code : message->codes()) {
        Owners& owners = wanted_[code.code()];
        const std::string_view other = InTheWay(owners, code.source(), change.name);
        if (!other.empty()) Tell(change.name, code.code(), other);
        owners.emplace(code.source(), change.name);
      }
    }
    return !wanted_.empty();
  }

  void Tell(std::string_view changed, std::string_view code, std::string_view owner) {
    Report report(&problems_, static_cast<int>(positions_.at(changed)), changed,
                  CollectionOf(type_).field);
    report.AddTyped("codes",
                    absl::StrCat(Quoted(code), " is a code of ", owner,
                                 " for the same source or for all; an event's code names one"),
                    "CODE_TAKEN");
  }

  const Type type_;
  const std::span<const Change> changes_;
  const NewestState& before_;
  const ResourceLookup& after_;
  Problems& problems_;
  absl::flat_hash_map<std::string, Owners> wanted_;
  absl::flat_hash_map<std::string, size_t> positions_;
};

}  // namespace

void ForEachCodeKey(const Document& document, absl::FunctionRef<void(std::string_view)> visit) {
  if (document.type == Type::kProvider) ForEachCodeKeyOf<v1::Provider>(document, visit);
  if (document.type == Type::kProduct) ForEachCodeKeyOf<v1::Product>(document, visit);
}

void CheckChangedCodes(std::span<const Change> changes, const NewestState& before,
                       const ResourceLookup& after, Problems& problems) {
  CodeCheck<v1::Provider>(Type::kProvider, changes, before, after, problems).Run();
  CodeCheck<v1::Product>(Type::kProduct, changes, before, after, problems).Run();
}

}  // namespace tidemark::catalog
