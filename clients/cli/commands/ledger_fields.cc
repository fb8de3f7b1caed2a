#include "clients/cli/commands/ledger_fields.h"

#include <optional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "clients/cli/commands/catalog_access.h"
#include "clients/cli/table/text_table.h"
#include "clients/cpp/catalog/enum_word.h"
#include "common/base/hex.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::cli {
namespace {

namespace v1 = ingest::v1;

std::string Hex(const auto& bytes) {
  return base::HexEncode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

// Leaves out what is absent.
class FieldList {
 public:
  void Text(const char* name, std::string_view text) {
    if (!ledger::Absent(text)) fields_.emplace_back(name, text);
  }
  void Word(const char* name, const google::protobuf::EnumDescriptor* type, int number) {
    if (number != 0) fields_.emplace_back(name, catalog_client::EnumWord(*type, number));
  }
  void Number(const char* name, const auto& number) {
    if (number) fields_.emplace_back(name, absl::StrCat(*number));
  }
  void Time(const char* name, int64_t micros) { fields_.emplace_back(name, UtcText(micros)); }
  void Leaf(const char* name, uint64_t leaf) {
    if (leaf == ledger::kNoLeaf) return;
    fields_.emplace_back(
        name, leaf == ledger::kWaitingLeaf ? "not in the log by then" : absl::StrCat(leaf));
  }
  Fields Take() && { return std::move(fields_); }

 private:
  Fields fields_;
};

void AddEvent(const ledger::EventRecord& event, FieldList* list) {
  list->Text("source", event.source);
  list->Text("id", event.id);
  list->Number("revision", std::optional(event.revision));
  list->Word("kind", v1::EventKind_descriptor(), static_cast<int>(event.kind));
  list->Time("event_time", event.event_time_us);
  list->Number("amount", event.amount);
  list->Number("voucher_amount", event.voucher_amount);
  list->Number("quantity", event.quantity);
  list->Text("original_source", event.original_source);
  list->Text("original_id", event.original_id);
  list->Text("order", event.order);
  list->Text("transaction_scheme", event.transaction_scheme);
  list->Text("transaction_id", event.transaction_id);
  list->Word("reporting_role", v1::ReportingRole_descriptor(),
             static_cast<int>(event.reporting_role));
  list->Text("consumer_scheme", event.consumer_scheme);
  list->Text("consumer_region", event.consumer_region);
  list->Text("provider_region", event.provider_region);
  list->Text("place_of_use", event.place_of_use);
  list->Text("category", event.category);
  list->Text("product", event.product);
  list->Text("provider", event.provider);
  list->Word("segment", v1::Segment_descriptor(), static_cast<int>(event.segment));
  list->Word("channel", v1::Channel_descriptor(), static_cast<int>(event.channel));
  list->Text("payment_method", event.payment_method);
  list->Text("age_band", event.age_band);
  list->Word("area_type", v1::AreaType_descriptor(), static_cast<int>(event.area_type));
  list->Text("income_band", event.income_band);
  list->Text("scenario", event.scenario);
  list->Text("project", event.project);
  list->Text("activity", event.activity);
  list->Text("principal", event.principal);
  list->Leaf("original_leaf", event.original_leaf);
  list->Leaf("previous_leaf", event.previous_leaf);
  list->Leaf("transaction_leaf", event.transaction_leaf);
  // Of pseudonym and attributes, which the leaf does not show.
  if (!ledger::Absent(event.commitment)) list->Text("private_commitment", Hex(event.commitment));
}

}  // namespace

Fields CheckpointFields(const ledger::Checkpoint& checkpoint) {
  return {{"log", checkpoint.origin},
          {"records", absl::StrCat(checkpoint.size)},
          {"root", Hex(checkpoint.root)},
          {"accepted_time", UtcText(checkpoint.accepted_time_us)}};
}

Fields LeafFields(const ledger::DecodedLeaf& leaf) {
  FieldList list;
  if (leaf.kind == static_cast<uint8_t>(ledger::RecordKind::kEvent)) {
    AddEvent(leaf.event, &list);
  } else {
    list.Number("record_kind", std::optional(static_cast<int>(leaf.kind)));
    list.Text("body", Hex(leaf.control.body));
  }
  list.Time("accepted_time", leaf.accepted_time_us);
  return std::move(list).Take();
}

void PrintFields(CommandHost& host, const Fields& fields) {
  if (host.output_format() == OutputFormat::kTable) {
    TextTable table({{"field"}, {"value"}});
    for (const auto& [name, value] : fields) table.AddTexts({name, value});
    return table.Print(host.output_format(), host.terminal().out);
  }
  std::vector<TextTable::Column> columns;
  std::vector<std::string> values;
  for (const auto& [name, value] : fields) {
    columns.push_back({name});
    values.push_back(value);
  }
  TextTable table(std::move(columns));
  table.AddTexts(values);
  table.Print(host.output_format(), host.terminal().out);
}

}  // namespace tidemark::cli
