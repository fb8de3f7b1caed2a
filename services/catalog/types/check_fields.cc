#include "services/catalog/types/check_fields.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/text.h"
#include "services/catalog/types/field_walk.h"

namespace tidemark::catalog {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr size_t kMaxTextBytes = 200;
constexpr int kMaxItems = 1000;

bool IsHttpAddress(std::string_view text) {
  const size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  return scheme != 0 && text.size() > scheme && text[scheme] != '/' &&
         text.find(' ') == std::string_view::npos;
}

bool IsCurrency(std::string_view text) {
  return text.size() == 3 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// What is wanted; empty when `text` has the form.
std::string_view FormProblem(std::string_view text, v1::TextForm form) {
  switch (form) {
    case v1::TEXT_FORM_ID:
      return IsValidId(text) ? "" : "want 1 to 63 characters of a-z, 0-9, '.' and '-'";
    case v1::TEXT_FORM_URI:
      return IsHttpAddress(text) ? "" : "want an absolute http or https address";
    case v1::TEXT_FORM_CURRENCY:
      return IsCurrency(text) ? "" : "want the ISO 4217 code of a currency, such as CNY";
    case v1::TEXT_FORM_LANGUAGE:
      return IsLanguageTag(text) ? "" : "want a BCP 47 language tag, such as zh or en";
    default:
      return "";
  }
}

void CheckText(std::string_view text, const v1::Rule& rule, const std::string& path,
               Report& report) {
  const size_t most = rule.max_bytes() == 0 ? kMaxTextBytes : rule.max_bytes();
  if (text.size() > most) {
    return report.AddTyped(path, absl::StrCat(Bytes(text.size()), ", want at most ", most));
  }
  const bool controls = rule.form() == v1::TEXT_FORM_LINES ? HasControlCharacterInLines(text)
                                                           : HasControlCharacter(text);
  if (!IsUtf8(text) || controls) {
    return report.AddTyped(path,
                           absl::StrCat(Quoted(text), " must be UTF-8 without control characters"));
  }
  if (const std::string_view problem = FormProblem(text, rule.form()); !problem.empty()) {
    report.AddTyped(path, absl::StrCat(Quoted(text), ": ", problem));
  }
}

void CheckBytes(std::string_view bytes, const v1::Rule& rule, const std::string& path,
                Report& report) {
  constexpr size_t kSha256Bytes = 32;
  if (rule.form() == v1::TEXT_FORM_SHA256 && bytes.size() != kSha256Bytes) {
    return report.AddTyped(path, absl::StrCat(Bytes(bytes.size()), ", want the 32 of a SHA-256"));
  }
  const size_t most = rule.max_bytes() == 0 ? kMaxTextBytes : rule.max_bytes();
  if (bytes.size() > most) {
    report.AddTyped(path, absl::StrCat(Bytes(bytes.size()), ", want at most ", most));
  }
}

// "ENTERPRISE, PUBLIC_BODY or CREATOR"
std::string ValueNames(const google::protobuf::EnumDescriptor& type) {
  std::vector<std::string> names;
  for (int i = 0; i < type.value_count(); ++i) {
    if (type.value(i)->number() != 0) names.push_back(type.value(i)->name());
  }
  return absl::StrJoin(names, ", ");
}

void CheckInteger(int64_t value, const v1::Rule& rule, const std::string& path, Report& report) {
  const bool low = rule.has_min() && value < rule.min();
  const bool high = rule.has_max() && value > rule.max();
  if (!low && !high) return;
  const std::string wanted = !rule.has_max()   ? absl::StrCat("at least ", rule.min())
                             : !rule.has_min() ? absl::StrCat("at most ", rule.max())
                                               : absl::StrCat(rule.min(), " to ", rule.max());
  report.AddTyped(path, absl::StrCat(value, ", want ", wanted));
}

void CheckElement(const Message& message, const FieldDescriptor& field, int index,
                  const std::string& path, Report& report) {
  const v1::Rule& rule = RuleOf(field);
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = TextAt(message, field, index);
      if (field.type() == FieldDescriptor::TYPE_BYTES) return CheckBytes(text, rule, path, report);
      if (field.is_repeated() && text.empty()) return report.AddTyped(path, "must not be empty");
      if (rule.refers_to().empty()) CheckText(text, rule, path, report);
      return;
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = EnumAt(message, field, index);
      const bool known = field.enum_type()->FindValueByNumber(number) != nullptr;
      if (known && (number != 0 || !field.is_repeated())) return;
      return report.AddTyped(path, absl::StrCat(number, ", want ", ValueNames(*field.enum_type())));
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
    case FieldDescriptor::CPPTYPE_BOOL:
      return;
    default:
      return CheckInteger(IntegerAt(message, field, index), rule, path, report);
  }
}

// What tells an element from the others of its list.
std::string KeyOf(const Message& message, const FieldDescriptor& field, int index) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return TextAt(message, field, index);
    case FieldDescriptor::CPPTYPE_ENUM:
      return absl::StrCat(EnumAt(message, field, index));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
    default:
      return absl::StrCat(IntegerAt(message, field, index));
  }
  const Message& element = MessageAt(message, field, index);
  std::string key;
  for (int i = 0; i < element.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& part = *element.GetDescriptor()->field(i);
    if (!RuleOf(part).key()) continue;
    for (int k = 0; k < ElementCount(element, part); ++k) {
      const std::string value = part.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE
                                    ? MessageAt(element, part, k).SerializeAsString()
                                    : KeyOf(element, part, k);
      absl::StrAppend(&key, part.number(), ":", value.size(), ":", value);
    }
  }
  return key;
}

void CheckUnique(const Message& message, const FieldDescriptor& field, const std::string& path,
                 Report& report) {
  absl::flat_hash_map<std::string, int> first;
  for (int k = 0; k < ElementCount(message, field); ++k) {
    const auto [at, is_new] = first.try_emplace(KeyOf(message, field, k), k);
    if (is_new) continue;
    report.AddTyped(
        ElementPath(path, field, k),
        absl::StrCat("is the same as ", ElementPath(path, field, at->second), "; keep one"),
        "DUPLICATE");
  }
}

// Texts by language.
void CheckMap(const Message& message, const FieldDescriptor& field, const std::string& path,
              Report& report) {
  const FieldDescriptor& key = *field.message_type()->map_key();
  const FieldDescriptor& value = *field.message_type()->map_value();
  for (int k = 0; k < ElementCount(message, field); ++k) {
    const Message& entry = MessageAt(message, field, k);
    const std::string language = TextAt(entry, key, 0);
    const std::string at = absl::StrCat(Join(path, field.name()), "[", Quoted(language), "]");
    const std::string text = TextAt(entry, value, 0);
    if (!IsLanguageTag(language)) {
      report.AddTyped(at, "the key must be a BCP 47 language tag, such as zh or en");
    } else if (text.empty()) {
      report.AddTyped(at, "must not be empty");
    } else {
      CheckText(text, RuleOf(field), at, report);
    }
  }
}

}  // namespace

void CheckFields(const Message& message, const std::string& path, Report& report) {
  const auto* descriptor = message.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor& field = *descriptor->field(i);
    const v1::Rule& rule = RuleOf(field);
    const int count = ElementCount(message, field);
    const std::string name = Join(path, field.name());
    if (rule.required() && count == 0) {
      const std::string wanted = field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM
                                     ? absl::StrCat("; want ", ValueNames(*field.enum_type()))
                                     : "";
      report.AddTyped(name, absl::StrCat("missing", wanted));
      continue;
    }
    const int most = rule.max_items() == 0 ? kMaxItems : static_cast<int>(rule.max_items());
    if (field.is_repeated() && count > most) {
      report.AddTyped(name, absl::StrCat(count, " elements, want at most ", most));
      continue;
    }
    if (field.is_map()) {
      CheckMap(message, field, path, report);
      continue;
    }
    for (int k = 0; k < count; ++k) {
      CheckElement(message, field, k, ElementPath(path, field, k), report);
    }
    // A number of 0 that is not optional looks absent, yet it may be below the least.
    const bool number = field.cpp_type() <= FieldDescriptor::CPPTYPE_UINT64;
    if (number && count == 0 && !field.is_repeated() && !field.has_presence()) {
      CheckInteger(0, rule, name, report);
    }
    if (rule.unique()) CheckUnique(message, field, path, report);
  }
}

}  // namespace tidemark::catalog
