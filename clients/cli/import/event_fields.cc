#include "clients/cli/import/event_fields.h"

#include <algorithm>
#include <span>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/app/nearest.h"
#include "clients/cli/import/expression.h"
#include "common/status/status_macros.h"

namespace tidemark::importer {
namespace {

using submit::EventField;
using submit::EventWriter;

// Names of an enum's values from 1 on; 0 is "unspecified" and written by leaving the field out.
struct EnumNames {
  std::string_view prefix;
  std::span<const std::string_view> names;

  // The number, or 0.
  int Find(std::string_view text) const {
    if (absl::StartsWithIgnoreCase(text, prefix)) text.remove_prefix(prefix.size());
    for (size_t i = 0; i < names.size(); ++i) {
      if (absl::EqualsIgnoreCase(text, names[i])) return static_cast<int>(i) + 1;
    }
    return 0;
  }
  std::string Hint(std::string_view text) const {
    return absl::StrCat(
        Quoted(text), cli::NearestHint(text, std::vector<std::string>(names.begin(), names.end())));
  }
};

constexpr std::string_view kKinds[] = {"PURCHASE", "REFUND", "SERVICE_USE", "VOID"};
constexpr std::string_view kRoles[] = {"SELLER_PLATFORM", "PAYMENT", "LOGISTICS", "DEPARTMENT"};
constexpr std::string_view kSegments[] = {"PERSONS", "ENTERPRISES", "PUBLIC"};
constexpr std::string_view kChannels[] = {"ONLINE", "OFFLINE", "HYBRID"};
constexpr std::string_view kAreas[] = {"URBAN", "RURAL"};

enum class FieldType {
  kText,
  kEnum,
  kAmount,
  kWhole,
  kTime,
  kId,
  kReference,
  kTransaction,
  kConsumer,
  kAttributes
};

struct FieldSpec {
  std::string_view name;
  EventField number;
  FieldType type;
  EnumNames names = {};
};

// In the order of the wire format.
const FieldSpec kFields[] = {
    {"source", EventField::kSource, FieldType::kText},
    {"id", EventField::kId, FieldType::kId},
    {"revision", EventField::kRevision, FieldType::kWhole},
    {"kind", EventField::kKind, FieldType::kEnum, {"EVENT_KIND_", kKinds}},
    {"event_time", EventField::kEventTimeUs, FieldType::kTime},
    {"original", EventField::kOriginal, FieldType::kReference},
    {"order", EventField::kOrder, FieldType::kText},
    {"transaction", EventField::kTransaction, FieldType::kTransaction},
    {"reporting_role", EventField::kReportingRole, FieldType::kEnum, {"REPORTING_ROLE_", kRoles}},
    {"consumer", EventField::kConsumer, FieldType::kConsumer},
    {"consumer_region", EventField::kConsumerRegion, FieldType::kText},
    {"provider_region", EventField::kProviderRegion, FieldType::kText},
    {"place_of_use", EventField::kPlaceOfUse, FieldType::kText},
    {"category", EventField::kCategory, FieldType::kText},
    {"product", EventField::kProduct, FieldType::kText},
    {"provider", EventField::kProvider, FieldType::kText},
    {"segment", EventField::kSegment, FieldType::kEnum, {"SEGMENT_", kSegments}},
    {"channel", EventField::kChannel, FieldType::kEnum, {"CHANNEL_", kChannels}},
    {"payment_method", EventField::kPaymentMethod, FieldType::kText},
    {"age_band", EventField::kAgeBand, FieldType::kText},
    {"area_type", EventField::kAreaType, FieldType::kEnum, {"AREA_TYPE_", kAreas}},
    {"income_band", EventField::kIncomeBand, FieldType::kText},
    {"scenario", EventField::kScenario, FieldType::kText},
    {"project", EventField::kProject, FieldType::kText},
    {"activity", EventField::kActivity, FieldType::kText},
    {"amount", EventField::kAmount, FieldType::kAmount},
    {"voucher_amount", EventField::kVoucherAmount, FieldType::kAmount},
    {"quantity", EventField::kQuantity, FieldType::kWhole},
    {"attributes", EventField::kAttributes, FieldType::kAttributes},
    {"currency", EventField::kCurrency, FieldType::kText},
};
constexpr std::string_view kRequired[] = {"source", "id", "kind", "event_time"};

bool IsRequired(std::string_view name) {
  return std::find(std::begin(kRequired), std::end(kRequired), name) != std::end(kRequired);
}

class TextField final : public EventFieldWriter {
 public:
  TextField(EventField field, bool required, TextPtr text)
      : field_(field), required_(required), text_(std::move(text)) {}
  bool Write(RowContext& context, EventWriter& writer) override {
    std::string_view text;
    if (!text_->Eval(context, &text)) return false;
    if (text.data() != nullptr) {
      writer.Text(field_, text);
    } else if (required_) {
      return context.Reject("MISSING_VALUE", "the row has no value for it");
    }
    return true;
  }

 private:
  const EventField field_;
  const bool required_;
  const TextPtr text_;
};

class EnumField final : public EventFieldWriter {
 public:
  EnumField(const FieldSpec& spec, TextPtr text)
      : spec_(spec), required_(IsRequired(spec.name)), text_(std::move(text)) {}
  bool Write(RowContext& context, EventWriter& writer) override {
    std::string_view text;
    if (!text_->Eval(context, &text)) return false;
    if (text.data() == nullptr) {
      return !required_ || context.Reject("MISSING_VALUE", "the row has no value for it");
    }
    const int number = spec_.names.Find(text);
    if (number == 0) return context.Reject("UNKNOWN_VALUE", spec_.names.Hint(text));
    writer.Number(spec_.number, number);
    return true;
  }

 private:
  const FieldSpec& spec_;
  const bool required_;
  const TextPtr text_;
};

class ScaledField final : public EventFieldWriter {
 public:
  ScaledField(EventField field, int scale, Rounding rounding, NumberPtr number)
      : field_(field), scale_(scale), rounding_(rounding), number_(std::move(number)) {}
  bool Write(RowContext& context, EventWriter& writer) override {
    std::optional<Decimal> number;
    if (!number_->Eval(context, &number)) return false;
    if (!number.has_value()) return true;
    const Scaled scaled = ToScale(*number, scale_, rounding_);
    if (scaled.result == Scaled::Result::kNotExact) {
      return context.Reject("TOO_MANY_DECIMALS",
                            absl::StrCat(DecimalText(*number), " has more than ", scale_,
                                         " decimal places; set `rounding` to allow it"));
    }
    if (scaled.result == Scaled::Result::kOverflow) {
      return context.Reject("NUMBER_OUT_OF_RANGE",
                            absl::StrCat(DecimalText(*number), " does not fit 64 bits"));
    }
    writer.Number(field_, scaled.value);
    return true;
  }

 private:
  const EventField field_;
  const int scale_;
  const Rounding rounding_;
  const NumberPtr number_;
};

// EventRef and TransactionRef: left out when the second text is absent.
class PairField final : public EventFieldWriter {
 public:
  PairField(EventField field, TextPtr first, TextPtr second)
      : field_(field), first_(std::move(first)), second_(std::move(second)) {}
  bool Write(RowContext& context, EventWriter& writer) override {
    std::string_view first, second;
    if (!second_->Eval(context, &second)) return false;
    if (second.data() == nullptr) return true;
    if (first_ != nullptr && !first_->Eval(context, &first)) return false;
    writer.Pair(field_, first, second);
    return true;
  }

 private:
  const EventField field_;
  const TextPtr first_;
  const TextPtr second_;
};

class AttributesField final : public EventFieldWriter {
 public:
  explicit AttributesField(std::vector<std::pair<std::string, TextPtr>> entries)
      : entries_(std::move(entries)) {}
  bool Write(RowContext& context, EventWriter& writer) override {
    for (const auto& [key, expression] : entries_) {
      std::string_view text;
      if (!expression->Eval(context, &text)) return false;
      if (text.data() != nullptr) writer.Pair(EventField::kAttributes, key, text);
    }
    return true;
  }

 private:
  const std::vector<std::pair<std::string, TextPtr>> entries_;
};

absl::StatusOr<EventFieldPtr> CompileEnum(const FieldSpec& spec, const ConfigNode& node,
                                          CompileScope& scope) {
  TM_ASSIGN_OR_RETURN(TextPtr text, CompileText(node, scope));
  const auto constant = text->constant();
  if (constant.has_value() && spec.names.Find(*constant) == 0) {
    return node.Error(spec.names.Hint(*constant));
  }
  return std::make_unique<EnumField>(spec, std::move(text));
}

absl::StatusOr<EventFieldPtr> CompileScaled(const FieldSpec& spec, const ConfigNode& node,
                                            const Units& units, CompileScope& scope) {
  Rounding rounding = Rounding::kExact;
  ConfigNode number_node = node;
  if (node.IsMap() && node.Has("rounding")) {
    TM_RETURN_IF_ERROR(node.CheckKeys({"rounding", "number"}));
    TM_ASSIGN_OR_RETURN(const int choice,
                        node.ChoiceOf("rounding", {"exact", "half_even", "half_up"}, 0));
    rounding = static_cast<Rounding>(choice);
    number_node = node.Get("number");
  }
  TM_ASSIGN_OR_RETURN(NumberPtr number, CompileNumber(number_node, scope));
  const int scale = spec.type == FieldType::kAmount ? units.scale : 0;
  return std::make_unique<ScaledField>(spec.number, scale, rounding, std::move(number));
}

absl::StatusOr<EventFieldPtr> CompilePair(const FieldSpec& spec, const ConfigNode& node,
                                          CompileScope& scope) {
  const char* const first_key = spec.type == FieldType::kReference ? "source" : "scheme";
  TextPtr first;
  // A refund's original may be given by its id alone.
  if (spec.type == FieldType::kReference && node.IsScalar()) {
    TM_ASSIGN_OR_RETURN(TextPtr id, CompileText(node, scope));
    return std::make_unique<PairField>(spec.number, nullptr, std::move(id));
  }
  TM_RETURN_IF_ERROR(node.CheckKeys({first_key, "id"}));
  if (node.Has(first_key) || spec.type != FieldType::kReference) {
    TM_ASSIGN_OR_RETURN(first, CompileText(node.Get(first_key), scope));
  }
  TM_ASSIGN_OR_RETURN(TextPtr id, CompileText(node.Get("id"), scope));
  return std::make_unique<PairField>(spec.number, std::move(first), std::move(id));
}

absl::StatusOr<EventFieldPtr> CompileAttributes(const ConfigNode& node, CompileScope& scope) {
  TM_ASSIGN_OR_RETURN(auto nodes, node.Entries());
  // Equal rows must give equal bytes, whatever the order in the mapping.
  std::sort(nodes.begin(), nodes.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::pair<std::string, TextPtr>> entries;
  for (const auto& [key, value] : nodes) {
    TM_ASSIGN_OR_RETURN(TextPtr text, CompileText(value, scope));
    entries.emplace_back(key, std::move(text));
  }
  return std::make_unique<AttributesField>(std::move(entries));
}

absl::StatusOr<EventFieldPtr> CompileField(const FieldSpec& spec, const ConfigNode& node,
                                           const Units& units, CompileScope& scope) {
  switch (spec.type) {
    case FieldType::kEnum:
      return CompileEnum(spec, node, scope);
    case FieldType::kAmount:
    case FieldType::kWhole:
      return CompileScaled(spec, node, units, scope);
    case FieldType::kTime:
      return CompileTimeField(node, units, scope);
    case FieldType::kId:
      return CompileIdField(node, scope);
    case FieldType::kReference:
    case FieldType::kTransaction:
      return CompilePair(spec, node, scope);
    case FieldType::kConsumer:
      return CompileConsumerField(node, scope);
    case FieldType::kAttributes:
      return CompileAttributes(node, scope);
    default:
      break;
  }
  TM_ASSIGN_OR_RETURN(TextPtr text, CompileText(node, scope));
  return std::make_unique<TextField>(spec.number, IsRequired(spec.name), std::move(text));
}

}  // namespace

const std::vector<std::string>& EventFieldKeys() {
  static const auto* const kKeys = [] {
    auto* keys = new std::vector<std::string>();
    for (const FieldSpec& spec : kFields) keys->emplace_back(spec.name);
    return keys;
  }();
  return *kKeys;
}

absl::StatusOr<std::vector<CompiledField>> CompileEventFields(const ConfigNode& node,
                                                              const Units& units,
                                                              CompileScope& scope) {
  TM_RETURN_IF_ERROR(node.CheckKeys(EventFieldKeys()));
  std::vector<CompiledField> fields;
  for (const FieldSpec& spec : kFields) {
    if (!node.Has(spec.name)) {
      if (IsRequired(spec.name)) return node.Get(spec.name).Error("missing; every event has one");
      continue;
    }
    TM_ASSIGN_OR_RETURN(EventFieldPtr writer,
                        CompileField(spec, node.Get(spec.name), units, scope));
    fields.push_back({std::string(spec.name), std::move(writer)});
  }
  return fields;
}

}  // namespace tidemark::importer
