#include <utility>

#include "common/base/varint.h"
#include "services/catalog/domain/canonical.h"
#include "services/catalog/domain/names.h"

namespace tidemark::catalog {
namespace {

struct Field {
  int number = 0;
  bool block = false;
  uint64_t value = 0;
  std::string_view bytes;
};

// Takes fields off the front; after the last, or the first that is damaged, Next is false.
class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool Next(Field* field) {
    if (rest_.empty() || !good_) return false;
    uint64_t key = 0;
    good_ = base::ConsumeVarint(&rest_, &key) && (key >> 3) > 0 && (key >> 3) < (1u << 29);
    if (!good_) return false;
    field->number = static_cast<int>(key >> 3);
    field->block = (key & 7) == 2;
    uint64_t value = 0;
    good_ = (field->block || (key & 7) == 0) && base::ConsumeVarint(&rest_, &value);
    if (!good_) return false;
    field->value = value;
    if (!field->block) return true;
    good_ = value <= rest_.size();
    if (!good_) return false;
    field->bytes = rest_.substr(0, value);
    rest_.remove_prefix(value);
    return true;
  }
  bool good() const { return good_; }

 private:
  std::string_view rest_;
  bool good_ = true;
};

// Calls `visit` for each field; false when the bytes are damaged or `visit` says so.
template <typename Visit>
bool Read(std::string_view bytes, Visit visit) {
  Reader reader(bytes);
  Field field;
  while (reader.Next(&field)) {
    if (!visit(field)) return false;
  }
  return reader.good();
}

bool Take(const Field& field, std::string* out) {
  if (field.block) out->assign(field.bytes);
  return field.block;
}
bool Take(const Field& field, std::vector<std::string>* out) {
  if (field.block) out->emplace_back(field.bytes);
  return field.block;
}
bool Take(const Field& field, uint32_t* out) {
  *out = static_cast<uint32_t>(field.value);
  return !field.block && field.value <= UINT32_MAX;
}
bool Take(const Field& field, int64_t* out) {
  *out = static_cast<int64_t>(field.value);
  return !field.block;
}
bool Take(const Field& field, int32_t* out) {
  *out = static_cast<int32_t>(field.value);
  return !field.block;
}
bool Take(const Field& field, bool* out) {
  *out = field.value != 0;
  return !field.block;
}
template <typename Enum>
requires std::is_enum_v<Enum>
bool Take(const Field& field, Enum* out) {
  *out = static_cast<Enum>(static_cast<int>(field.value));
  return !field.block;
}
bool Take(const Field& field, std::optional<Date>* out) {
  Date date;
  const bool good = field.block && Read(field.bytes, [&](const Field& f) {
                      return f.number == 1   ? Take(f, &date.year)
                             : f.number == 2 ? Take(f, &date.month)
                             : f.number == 3 ? Take(f, &date.day)
                                             : true;
                    });
  *out = date;
  return good;
}
bool Take(const Field& field, Validity* out) {
  return field.block && Read(field.bytes, [&](const Field& f) {
           return f.number == 1 ? Take(f, &out->start) : f.number == 2 ? Take(f, &out->end) : true;
         });
}
bool Take(const Field& field, std::optional<SourceQuota>* out) {
  SourceQuota& quota = out->emplace();
  return field.block && Read(field.bytes, [&](const Field& f) {
           return f.number == 1   ? Take(f, &quota.events_per_second)
                  : f.number == 2 ? Take(f, &quota.burst)
                                  : true;
         });
}
bool Take(const Field& field, std::vector<RegionGroupMember>* out) {
  RegionGroupMember& member = out->emplace_back();
  return field.block && Read(field.bytes, [&](const Field& f) {
           return f.number == 1   ? Take(f, &member.member)
                  : f.number == 2 ? Take(f, &member.valid)
                                  : true;
         });
}
bool TakeDecimal(const Field& field, std::optional<std::string>* out) {
  std::string& digits = out->emplace();
  return field.block &&
         Read(field.bytes, [&](const Field& f) { return f.number == 1 ? Take(f, &digits) : true; });
}
bool Take(const Field& field, std::vector<RegionSuccessor>* out) {
  RegionSuccessor& successor = out->emplace_back();
  return field.block && Read(field.bytes, [&](const Field& f) {
           return f.number == 1   ? Take(f, &successor.region)
                  : f.number == 2 ? Take(f, &successor.date)
                  : f.number == 3 ? Take(f, &successor.basis)
                  : f.number == 4 ? TakeDecimal(f, &successor.weight)
                                  : true;
         });
}
bool Take(const Field& field, std::vector<ClassificationCode>* out) {
  ClassificationCode& code = out->emplace_back();
  return field.block && Read(field.bytes, [&](const Field& f) {
           return f.number == 1   ? Take(f, &code.classification)
                  : f.number == 2 ? Take(f, &code.code)
                  : f.number == 3 ? Take(f, &code.relation)
                                  : true;
         });
}
template <typename Enum>
requires std::is_enum_v<Enum>
bool Take(const Field& field, std::vector<Enum>* out) {
  if (!field.block) return false;
  std::string_view packed = field.bytes;
  while (!packed.empty()) {
    uint64_t number = 0;
    if (!base::ConsumeVarint(&packed, &number)) return false;
    out->push_back(static_cast<Enum>(static_cast<int>(number)));
  }
  return true;
}
// Keys ascend, each once: a state has one encoding.
bool Take(const Field& field, std::vector<std::pair<std::string, std::string>>* out) {
  std::pair<std::string, std::string> entry;
  const bool good = field.block && Read(field.bytes, [&](const Field& f) {
                      return f.number == 1   ? Take(f, &entry.first)
                             : f.number == 2 ? Take(f, &entry.second)
                                             : true;
                    });
  if (!good || (!out->empty() && out->back().first >= entry.first)) return false;
  out->push_back(std::move(entry));
  return true;
}

bool TakeField(const Field& f, Observatory* out) {
  switch (f.number) {
    case 1:
      return Take(f, &out->time_zone);
    case 2:
      return Take(f, &out->currency);
    case 3:
      return Take(f, &out->scale);
    case 4:
      return Take(f, &out->fiscal_start_month);
    case 5:
      return Take(f, &out->start);
    case 6:
      return Take(f, &out->log_id);
    case 7:
      return Take(f, &out->precedence);
    default:
      return true;
  }
}
bool TakeField(const Field& f, Source* out) {
  switch (f.number) {
    case 1:
      return Take(f, &out->kind);
    case 2:
      return Take(f, &out->reports);
    case 3:
      return Take(f, &out->regions);
    case 4:
      return Take(f, &out->categories);
    case 5:
      return Take(f, &out->closes_days);
    case 6:
      return Take(f, &out->new_codes_per_day);
    case 7:
      return Take(f, &out->quota);
    case 8:
      return Take(f, &out->channels);
    case 9:
      return Take(f, &out->organisation);
    case 10:
      return Take(f, &out->synthetic);
    default:
      return true;
  }
}
bool TakeField(const Field& f, IdentifierScheme* out) {
  switch (f.number) {
    case 1:
      return Take(f, &out->scheme_class);
    case 2:
      return Take(f, &out->normalisation);
    case 3:
      return Take(f, &out->source);
    case 4:
      return Take(f, &out->valid);
    default:
      return true;
  }
}
bool TakeField(const Field& f, Region* out) {
  switch (f.number) {
    case 1:
      return Take(f, &out->level);
    case 2:
      return Take(f, &out->parent);
    case 3:
      return Take(f, &out->valid);
    case 4:
      return Take(f, &out->aliases);
    case 5:
      return Take(f, &out->successors);
    case 6:
      return Take(f, &out->lowest_level);
    default:
      return true;
  }
}
bool TakeField(const Field& f, RegionGroup* out) {
  switch (f.number) {
    case 1:
      return Take(f, &out->members);
    case 2:
      return Take(f, &out->declared_count);
    default:
      return true;
  }
}
bool TakeField(const Field& f, Category* out) {
  switch (f.number) {
    case 1:
      return Take(f, &out->parent);
    case 2:
      return Take(f, &out->coicop_2018);
    case 3:
      return Take(f, &out->information_content);
    case 4:
      return Take(f, &out->valid);
    case 5:
      return Take(f, &out->aliases);
    case 6:
      return Take(f, &out->precedence);
    case 7:
      return Take(f, &out->codes);
    case 8:
      return Take(f, &out->nature);
    default:
      return true;
  }
}
bool TakeField(const Field& f, Token* out) {
  switch (f.number) {
    case 1:
      return Take(f, &out->principal);
    case 2:
      return Take(f, &out->roles);
    case 3:
      return Take(f, &out->sources);
    case 4:
      return Take(f, &out->region_scope);
    case 5:
      return Take(f, &out->expire_time_us);
    case 6:
      return Take(f, &out->secret_hash);
    case 7:
      return Take(f, &out->acts_for);
    default:
      return true;
  }
}

template <typename T>
bool TakeContent(const Field& field, Content* content) {
  T value;
  // Absent on the wire is 0, which for this field alone is not our default.
  if constexpr (std::is_same_v<T, Observatory>) value.fiscal_start_month = 0;
  const bool good =
      field.block && Read(field.bytes, [&](const Field& f) { return TakeField(f, &value); });
  *content = std::move(value);
  return good;
}

bool TakeDocument(const Field& field, Content* content) {
  const int type = field.number - FieldNumber(Type::kNone);
  // A type of a newer release.
  if (type < static_cast<int>(kFirstDocument) || type >= kTypeCount) return true;
  *content = Document{static_cast<Type>(type), std::string(field.bytes)};
  return field.block;
}

bool TakeResourceField(const Field& f, Resource* out) {
  switch (f.number) {
    case 1:
      return Take(f, &out->name);
    case 2:
      return Take(f, &out->display_names);
    case 3:
      return Take(f, &out->description);
    case 8:
      return Take(f, &out->citations);
    case 9:
      return Take(f, &out->search_terms);
    case 20:
      return TakeContent<Observatory>(f, &out->content);
    case 21:
      return TakeContent<Source>(f, &out->content);
    case 22:
      return TakeContent<IdentifierScheme>(f, &out->content);
    case 23:
      return TakeContent<Region>(f, &out->content);
    case 24:
      return TakeContent<RegionGroup>(f, &out->content);
    case 25:
      return TakeContent<Category>(f, &out->content);
    case 26:
      return TakeContent<Token>(f, &out->content);
    default:
      return TakeDocument(f, &out->content);
  }
}

}  // namespace

absl::StatusOr<Resource> DecodeState(std::string_view bytes) {
  Resource resource;
  if (!Read(bytes, [&](const Field& f) { return TakeResourceField(f, &resource); }) ||
      resource.type() == Type::kNone || resource.name.empty()) {
    return absl::DataLossError("stored bytes are no resource");
  }
  return resource;
}

}  // namespace tidemark::catalog
