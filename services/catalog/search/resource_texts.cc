#include "services/catalog/search/resource_texts.h"

#include <google/protobuf/message.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/types/dates.h"
#include "services/catalog/types/document_message.h"
#include "services/catalog/types/field_walk.h"

namespace tidemark::catalog {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

class Collector {
 public:
  void Add(TextRole role, std::string field, std::string_view text, std::string pinyin = "") {
    if (text.empty()) return;
    if (role == TextRole::kText) {
      size_t most = kMaxSearchedText - std::min(kMaxSearchedText, texts_bytes_);
      // No character is cut in two: what is found is shown.
      while (most < text.size() && most > 0 && (text[most] & 0xc0) == 0x80) --most;
      text = text.substr(0, most);
      texts_bytes_ += text.size();
      if (text.empty()) return;
    }
    texts_.push_back({role, std::move(field), std::string(text), std::move(pinyin)});
  }

  void AddAll(TextRole role, std::string_view field, const std::vector<std::string>& texts) {
    for (size_t i = 0; i < texts.size(); ++i) {
      Add(role, absl::StrCat(field, "[", i, "]"), texts[i]);
    }
  }

  void AddMessage(const Message& message, const std::string& path) {
    const auto& descriptor = *message.GetDescriptor();
    for (int i = 0; i < descriptor.field_count(); ++i) {
      const FieldDescriptor& field = *descriptor.field(i);
      const int count = ElementCount(message, field);
      for (int k = 0; k < count && texts_bytes_ < kMaxSearchedText; ++k) {
        if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
          // Days, periods and numbers are no texts.
          if (absl::StartsWith(field.message_type()->full_name(), "tidemark.type.")) break;
          AddMessage(MessageAt(message, field, k), ElementPath(path, field, k));
        } else if (IsSearched(field)) {
          Add(RoleOf(field), ElementPath(path, field, k), TextAt(message, field, k));
        }
      }
    }
  }

  std::vector<ResourceText> Take() { return std::move(texts_); }

 private:
  static bool IsSearched(const FieldDescriptor& field) {
    if (field.type() != FieldDescriptor::TYPE_STRING) return false;
    // Keys of texts by language.
    if (field.containing_type()->options().map_entry() && field.number() == 1) return false;
    const v1::Rule& rule = RuleOf(field);
    return rule.refers_to().empty() && rule.form() != v1::TEXT_FORM_URI &&
           rule.form() != v1::TEXT_FORM_CURRENCY && rule.form() != v1::TEXT_FORM_LANGUAGE;
  }

  static TextRole RoleOf(const FieldDescriptor& field) {
    const std::string& name = field.name();
    return name == "code" || name == "codes" || absl::EndsWith(name, "_code") ? TextRole::kCode
                                                                              : TextRole::kText;
  }

  std::vector<ResourceText> texts_;
  size_t texts_bytes_ = 0;
};

std::string PinyinOf(const Resource& resource, std::string_view language) {
  // Of Chinese in whatever script; what is no Chinese has no use for it.
  if (language != "zh" && !absl::StartsWith(language, "zh-H")) return "";
  for (const auto& [tag, name] : resource.display_names) {
    if (tag == "zh-Latn" || absl::StartsWith(tag, "zh-Latn-")) return name;
  }
  return "";
}

void AddCategory(const Category& category, Collector* texts) {
  texts->AddAll(TextRole::kAlias, "category.aliases", category.aliases);
  texts->Add(TextRole::kCode, "category.coicop_2018", category.coicop_2018);
  for (size_t i = 0; i < category.codes.size(); ++i) {
    texts->Add(TextRole::kCode, absl::StrCat("category.codes[", i, "].code"),
               category.codes[i].code);
  }
}

}  // namespace

std::vector<ResourceText> TextsOf(const Resource& resource) {
  Collector texts;
  texts.Add(TextRole::kId, "name", resource.name.substr(resource.name.find('/') + 1));
  for (const auto& [language, name] : resource.display_names) {
    texts.Add(TextRole::kName, absl::StrCat("display_names[", language, "]"), name,
              PinyinOf(resource, language));
  }
  if (const auto* region = std::get_if<Region>(&resource.content)) {
    texts.AddAll(TextRole::kAlias, "region.aliases", region->aliases);
  } else if (const auto* category = std::get_if<Category>(&resource.content)) {
    AddCategory(*category, &texts);
  }
  texts.AddAll(TextRole::kAlias, "search_terms", resource.search_terms);
  texts.Add(TextRole::kText, "description", resource.description);
  if (const auto* document = std::get_if<Document>(&resource.content)) {
    const std::unique_ptr<Message> message = MessageOf(*document);
    if (message != nullptr) {
      texts.AddMessage(*message, std::string(CollectionOf(document->type).field));
    }
  }
  return texts.Take();
}

Validity ValidityOf(const Resource& resource) {
  if (const auto* region = std::get_if<Region>(&resource.content)) return region->valid;
  if (const auto* category = std::get_if<Category>(&resource.content)) return category->valid;
  if (const auto* scheme = std::get_if<IdentifierScheme>(&resource.content)) return scheme->valid;
  if (const auto* source = std::get_if<Source>(&resource.content)) return source->reports;
  const auto* document = std::get_if<Document>(&resource.content);
  if (document == nullptr) return {};
  const auto& descriptor = *DescriptorOf(document->type);
  const FieldDescriptor* field = descriptor.FindFieldByName("valid");
  if (field == nullptr) field = descriptor.FindFieldByName("held");
  if (field == nullptr || field->is_repeated() ||
      field->message_type() != type::v1::Validity::descriptor()) {
    return {};
  }
  const std::unique_ptr<Message> message = MessageOf(*document);
  if (message == nullptr || ElementCount(*message, *field) == 0) return {};
  return FromProto(static_cast<const type::v1::Validity&>(MessageAt(*message, *field, 0)));
}

}  // namespace tidemark::catalog
