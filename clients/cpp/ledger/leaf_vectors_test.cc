// tests/data/leaf_vectors.txt: one JSON object a line, the first with the salt key.
// TIDEMARK_UPDATE_GOLDEN=1 writes it anew; leaf_vectors_oracle.py encodes it again from
// docs/formats/leaf.md alone.
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/control.h"
#include "clients/cpp/ledger/leaf.h"
#include "common/base/hex.h"
#include "common/testing/golden.h"
#include "common/testing/status_matchers.h"

namespace tidemark::ledger {
namespace {

constexpr std::string_view kSaltKey = "tidemark leaf vectors: salt key!";

std::string Hex(std::string_view bytes) { return base::HexEncode(bytes); }
std::string Hex(const Hash& hash) {
  return base::HexEncode({reinterpret_cast<const char*>(hash.data()), 32});
}

// The values of the vectors need no escapes.
class JsonLine {
 public:
  void Text(std::string_view name, std::string_view value) {
    absl::StrAppend(&line_, line_.empty() ? "{" : ",", "\"", name, "\":\"", value, "\"");
  }
  void Optional(std::string_view name, std::string_view value) {
    if (!Absent(value)) Text(name, value);
  }
  template <typename T>
  void Number(std::string_view name, const T& value) {
    Text(name, absl::StrCat(value));
  }
  void Optional(std::string_view name, const std::optional<int64_t>& value) {
    if (value.has_value()) Number(name, *value);
  }
  template <typename Enum>
  void Small(std::string_view name, Enum value) {
    if (value != Enum{}) Number(name, static_cast<int>(value));
  }
  void Link(std::string_view name, uint64_t leaf) {
    if (leaf != kNoLeaf) Text(name, leaf == kWaitingLeaf ? "waiting" : absl::StrCat(leaf));
  }
  std::string Done() { return line_ + "}\n"; }

 private:
  std::string line_;
};

void AddInputs(const EventRecord& r, JsonLine* json) {
  json->Number("accepted_time", r.accepted_time_us);
  json->Text("source", r.source);
  json->Text("id", r.id);
  json->Number("revision", r.revision);
  json->Small("kind", r.kind);
  json->Number("event_time", r.event_time_us);
  json->Optional("original_source", r.original_source);
  json->Optional("original_id", r.original_id);
  json->Optional("order", r.order);
  json->Optional("transaction_scheme", r.transaction_scheme);
  json->Optional("transaction_id", r.transaction_id);
  json->Small("reporting_role", r.reporting_role);
  json->Optional("consumer_scheme", r.consumer_scheme);
  if (!Absent(r.pseudonym)) {
    json->Text("pseudonym", Hex(r.pseudonym));
    json->Number("pseudonym_epoch", r.pseudonym_epoch);
  }
  json->Optional("consumer_region", r.consumer_region);
  json->Optional("provider_region", r.provider_region);
  json->Optional("place_of_use", r.place_of_use);
  json->Optional("category", r.category);
  json->Optional("product", r.product);
  json->Optional("provider", r.provider);
  json->Small("segment", r.segment);
  json->Small("channel", r.channel);
  json->Optional("payment_method", r.payment_method);
  json->Optional("age_band", r.age_band);
  json->Small("area_type", r.area_type);
  json->Optional("income_band", r.income_band);
  json->Optional("scenario", r.scenario);
  json->Optional("project", r.project);
  json->Optional("activity", r.activity);
  json->Optional("amount", r.amount);
  json->Optional("voucher_amount", r.voucher_amount);
  json->Optional("quantity", r.quantity);
  for (const Attribute& attribute : r.attributes) {
    json->Text(absl::StrCat("attribute:", attribute.key), attribute.value);
  }
  if (!Absent(r.commitment)) json->Text("commitment", Hex(r.commitment));
  json->Optional("principal", r.principal);
  json->Link("original_leaf", r.original_leaf);
  if (!r.resolves.empty()) {
    std::string list;
    for (const uint64_t leaf : r.resolves) absl::StrAppend(&list, list.empty() ? "" : " ", leaf);
    json->Text("resolves", list);
  }
  json->Link("previous_leaf", r.previous_leaf);
  json->Link("transaction_leaf", r.transaction_leaf);
}

class Vectors {
 public:
  Vectors() : key_(kSaltKey) { text_ = absl::StrCat("{\"salt_key\":\"", Hex(kSaltKey), "\"}\n"); }

  void Event(std::string_view name, const EventRecord& record) {
    JsonLine json;
    json.Text("name", name);
    AddInputs(record, &json);
    std::string leaf;
    ASSERT_OK(EncodeLeaf(record, key_, &leaf));
    Finish(leaf, &json);
    ASSERT_OK_AND_ASSIGN(const DecodedLeaf decoded, DecodeLeaf(leaf));
    EXPECT_EQ(decoded.event.id, record.id);
  }
  void Control(std::string_view name, uint8_t kind, std::string_view body, JsonLine json) {
    json.Text("name", name);
    json.Number("record_kind", static_cast<int>(kind));
    json.Number("accepted_time", 1700000000000000);
    LeafBatch batch(&key_);
    ASSERT_OK(batch.AddControl({kind, body}, 1700000000000000));
    Finish(std::string(batch.leaf(0)), &json);
  }
  size_t count() const { return count_; }
  const std::string& text() const { return text_; }

 private:
  void Finish(const std::string& leaf, JsonLine* json) {
    json->Text("leaf", Hex(leaf));
    json->Text("leaf_hash", Hex(LeafHash(leaf)));
    text_ += json->Done();
    ++count_;
  }
  HmacKey key_;
  std::string text_;
  size_t count_ = 0;
};

EventRecord Base() {
  EventRecord r;
  r.source = "uk-online-retail";
  r.id = "536365-1";
  r.kind = EventKind::kPurchase;
  r.event_time_us = 1291191960000000;
  r.accepted_time_us = 1700000000000000;
  return r;
}

EventRecord Full() {
  static const std::vector<Attribute> attributes = {{"备注", "赠品"}, {"门店", ""}};
  static const std::vector<uint64_t> resolves = {3, 4, 1000000};
  EventRecord r = Base();
  r.source = "宁波-平台";
  r.id = "订单-2024-0001";
  r.revision = 2;
  r.original_source = "宁波-平台";
  r.original_id = "订单-2023-0009";
  r.order = "2024-0001";
  r.transaction_scheme = "unionpay";
  r.transaction_id = "T1";
  r.reporting_role = ReportingRole::kSellerPlatform;
  r.consumer_scheme = "cn-resident-id";
  r.pseudonym = "0123456789abcdef";
  r.pseudonym_epoch = 1;
  r.consumer_region = "gbt2260-330200";
  r.provider_region = "gbt2260-310000";
  r.place_of_use = "gbt2260-330212";
  r.category = "信息消费";
  r.product = "p-1";
  r.provider = "v-1";
  r.segment = Segment::kPersons;
  r.channel = Channel::kHybrid;
  r.payment_method = "wallet";
  r.age_band = "18-29";
  r.area_type = AreaType::kRural;
  r.income_band = "low";
  r.scenario = "smart-home";
  r.project = "cloud-hospital";
  r.activity = "experience-day";
  r.amount = 1234;
  r.voucher_amount = 234;
  r.quantity = 2;
  r.attributes = attributes;
  r.principal = "tokens/ningbo";
  r.original_leaf = 41;
  r.resolves = resolves;
  r.previous_leaf = 7;
  r.transaction_leaf = 0;
  return r;
}

// One optional field at a time, as given and, for texts, empty.
void AddSingleFields(Vectors* vectors) {
  struct Field {
    std::string_view name;
    std::string_view EventRecord::*text;
  };
  static constexpr Field kFields[] = {
      {"order", &EventRecord::order},
      {"consumer_scheme", &EventRecord::consumer_scheme},
      {"consumer_region", &EventRecord::consumer_region},
      {"provider_region", &EventRecord::provider_region},
      {"place_of_use", &EventRecord::place_of_use},
      {"category", &EventRecord::category},
      {"product", &EventRecord::product},
      {"provider", &EventRecord::provider},
      {"payment_method", &EventRecord::payment_method},
      {"age_band", &EventRecord::age_band},
      {"income_band", &EventRecord::income_band},
      {"scenario", &EventRecord::scenario},
      {"project", &EventRecord::project},
      {"activity", &EventRecord::activity},
      {"principal", &EventRecord::principal},
  };
  const EventRecord full = Full();
  for (const Field& field : kFields) {
    EventRecord r = Base();
    r.*field.text = full.*field.text;
    vectors->Event(absl::StrCat("only ", field.name), r);
    r.*field.text = "";
    vectors->Event(absl::StrCat("empty ", field.name), r);
  }
}

void AddOtherFields(Vectors* vectors) {
  const EventRecord full = Full();
  const auto one = [&](std::string_view name, auto change) {
    EventRecord r = Base();
    change(r);
    vectors->Event(name, r);
  };
  static constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  static constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  one("revision", [](EventRecord& r) { r.revision = std::numeric_limits<uint32_t>::max(); });
  one("refund", [](EventRecord& r) { r.kind = EventKind::kRefund; });
  one("service use", [](EventRecord& r) { r.kind = EventKind::kServiceUse; });
  one("void", [](EventRecord& r) { r.kind = EventKind::kVoid; });
  one("original", [](EventRecord& r) { r.original_source = "a", r.original_id = "b"; });
  one("transaction", [](EventRecord& r) { r.transaction_scheme = "a", r.transaction_id = ""; });
  one("reporting role", [](EventRecord& r) { r.reporting_role = ReportingRole::kDepartment; });
  one("segment", [](EventRecord& r) { r.segment = Segment::kPublic; });
  one("channel", [](EventRecord& r) { r.channel = Channel::kOffline; });
  one("area type", [](EventRecord& r) { r.area_type = AreaType::kUrban; });
  one("amount 0", [](EventRecord& r) { r.amount = 0; });
  one("amount max", [](EventRecord& r) { r.amount = kMax; });
  one("amount min", [](EventRecord& r) { r.amount = kMin; });
  one("voucher", [](EventRecord& r) { r.voucher_amount = 64; });
  one("quantity", [](EventRecord& r) { r.quantity = -1; });
  one("year 1", [](EventRecord& r) { r.event_time_us = -62135596800000000; });
  one("last time", [](EventRecord& r) { r.event_time_us = kMax, r.accepted_time_us = kMin; });
  one("pseudonym only", [&](EventRecord& r) { r.pseudonym = full.pseudonym; });
  one("pseudonym of epoch 300",
      [&](EventRecord& r) { r.pseudonym = full.pseudonym, r.pseudonym_epoch = 300; });
  one("attributes only", [&](EventRecord& r) { r.attributes = full.attributes; });
  one("erased", [&](EventRecord& r) { r.commitment = "0123456789abcdef0123456789abcdef"; });
  one("waiting original", [](EventRecord& r) { r.original_leaf = kWaitingLeaf; });
  one("original leaf 0", [](EventRecord& r) { r.original_leaf = 0; });
  one("original leaf max", [](EventRecord& r) { r.original_leaf = kMaxLeaf - 1; });
  one("resolves", [&](EventRecord& r) { r.resolves = full.resolves; });
  one("previous leaf", [](EventRecord& r) { r.previous_leaf = 127; });
  one("transaction leaf", [](EventRecord& r) { r.transaction_leaf = 128; });
}

void AddControls(Vectors* vectors) {
  std::string body;
  CatalogMark mark{.version = 300};
  mark.hash.fill(0xAB);
  ASSERT_OK(EncodeBody(mark, &body));
  JsonLine mark_line;
  mark_line.Number("version", mark.version);
  mark_line.Text("hash", Hex(mark.hash));
  vectors->Control("catalog mark", 2, body, mark_line);

  for (const bool with_principal : {false, true}) {
    body.clear();
    SourceDay day{
        .source = "宁波-平台", .day = 19782, .events = 1000, .gross = 123456, .refunds = 0};
    if (with_principal) day.principal = "tokens/ningbo";
    ASSERT_OK(EncodeBody(day, &body));
    JsonLine line;
    line.Text("source", day.source);
    line.Number("day", day.day);
    line.Number("events", day.events);
    line.Number("gross", day.gross);
    line.Number("refunds", day.refunds);
    line.Optional("principal", day.principal);
    vectors->Control("source day", 3, body, line);
  }

  body.clear();
  const std::vector<LeafRange> ranges = {{0, 1}, {5, 300}, {301, kMaxLeaf}};
  Erasure erasure{.leaves = ranges, .principal = ""};
  erasure.group_id.fill(0x5A);
  ASSERT_OK(EncodeBody(erasure, &body));
  JsonLine line;
  line.Text("group_id", Hex({reinterpret_cast<const char*>(erasure.group_id.data()), 16}));
  line.Text("ranges", absl::StrCat("0-1 5-300 301-", kMaxLeaf));
  line.Text("principal", "");
  vectors->Control("erasure", 4, body, line);

  JsonLine unknown;
  unknown.Text("body", Hex("later"));
  vectors->Control("a kind of a later version", 100, "later", unknown);
}

TEST(LeafVectorsTest, AreByteForByteWhatIsPublished) {
  Vectors vectors;
  vectors.Event("smallest", Base());
  vectors.Event("full", Full());
  AddSingleFields(&vectors);
  AddOtherFields(&vectors);
  AddControls(&vectors);
  EXPECT_GE(vectors.count(), 50u);
  testing::ExpectGolden("tests/data/leaf_vectors.txt", vectors.text());
}

}  // namespace
}  // namespace tidemark::ledger
