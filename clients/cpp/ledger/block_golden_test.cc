// tests/data/blocks: stored blocks as the first release wrote them. Readers of every later release
// must read them; a writer may choose other encodings, so they are not compared with what it makes.
// TIDEMARK_UPDATE_GOLDEN=1 writes them anew, which is right only before a release has written any.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "clients/cpp/ledger/column_codec.h"
#include "clients/cpp/ledger/control.h"
#include "clients/cpp/ledger/test_block.h"
#include "clients/cpp/ledger/wire.h"
#include "common/base/hex.h"
#include "common/testing/golden.h"
#include "common/testing/temp_dir.h"

namespace tidemark::ledger {
namespace {

constexpr const char* kNames[] = {"columns", "sparse", "single", "random"};
constexpr int64_t kSecond = 1000000;

std::string PathOf(std::string_view name, std::string_view ending) {
  return absl::StrCat("tests/data/blocks/", name, ending);
}

// One line of a record: every field that is there, texts in hexadecimal where they are not plain.
class Line {
 public:
  void Text(std::string_view name, std::string_view text) {
    if (Absent(text)) return;
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
      return c > ' ' && c <= '~' && c != '"' && c != '\\';
    });
    Put(name, plain ? absl::StrCat("\"", text, "\"") : absl::StrCat("x", base::HexEncode(text)));
  }
  void Number(std::string_view name, const std::optional<int64_t>& value) {
    if (value.has_value()) Put(name, absl::StrCat(*value));
  }
  template <typename Enum>
  void Small(std::string_view name, Enum value) {
    if (value != Enum{}) Put(name, absl::StrCat(static_cast<int>(value)));
  }
  void Link(std::string_view name, uint64_t leaf) {
    if (leaf != kNoLeaf) Put(name, leaf == kWaitingLeaf ? "waiting" : absl::StrCat(leaf));
  }
  void Put(std::string_view name, std::string_view value) {
    absl::StrAppend(&text_, " ", name, "=", value);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

std::string Describe(const EventRecord& r) {
  Line line;
  line.Text("source", r.source);
  line.Text("id", r.id);
  line.Small("revision", r.revision);
  line.Small("kind", r.kind);
  line.Number("event_time", r.event_time_us);
  line.Text("original.source", r.original_source);
  line.Text("original.id", r.original_id);
  line.Text("order", r.order);
  line.Text("transaction.scheme", r.transaction_scheme);
  line.Text("transaction.id", r.transaction_id);
  line.Small("reporting_role", r.reporting_role);
  line.Text("consumer.scheme", r.consumer_scheme);
  line.Text("pseudonym", r.pseudonym);
  line.Small("pseudonym_epoch", r.pseudonym_epoch);
  line.Text("consumer_region", r.consumer_region);
  line.Text("provider_region", r.provider_region);
  line.Text("place_of_use", r.place_of_use);
  line.Text("category", r.category);
  line.Text("product", r.product);
  line.Text("provider", r.provider);
  line.Small("segment", r.segment);
  line.Small("channel", r.channel);
  line.Text("payment_method", r.payment_method);
  line.Text("age_band", r.age_band);
  line.Small("area_type", r.area_type);
  line.Text("income_band", r.income_band);
  line.Text("scenario", r.scenario);
  line.Text("project", r.project);
  line.Text("activity", r.activity);
  line.Number("amount", r.amount);
  line.Number("voucher_amount", r.voucher_amount);
  line.Number("quantity", r.quantity);
  for (const Attribute& attribute : r.attributes) {
    line.Text("attribute", attribute.key);
    line.Text("value", attribute.value);
  }
  line.Text("commitment", r.commitment);
  line.Text("principal", r.principal);
  line.Link("original_leaf", r.original_leaf);
  for (const uint64_t leaf : r.resolves) line.Link("resolves", leaf);
  line.Link("previous_leaf", r.previous_leaf);
  line.Link("transaction_leaf", r.transaction_leaf);
  return absl::StrCat("event", line.text());
}

std::string Describe(const ControlRecord& record) {
  return absl::StrCat("kind ", record.kind, " body=x", base::HexEncode(record.body));
}

std::string Describe(const Hash& hash) {
  return base::HexEncode({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

// The hash alone says that a row is right; the first ones say what is wrong.
constexpr size_t kDescribedRows = 64;

void AppendRow(size_t row, std::string_view description, const Hash& hash, std::string* text) {
  absl::StrAppend(text, row < kDescribedRows ? absl::StrCat(description, " ") : "",
                  "hash=", Describe(hash), "\n");
}

// A block being made, and its text made of what went in.
class GoldenBlock {
 public:
  explicit GoldenBlock(uint64_t first_leaf) : block_(first_leaf) {}

  RecordFactory& factory() { return factory_; }
  uint64_t next_leaf() const { return block_.next_leaf(); }
  void Add(const EventRecord& record) {
    block_.Add(record);
    lines_.push_back(Describe(record));
  }
  void AddControl(uint8_t kind, std::string_view body) {
    block_.AddControl({kind, body});
    lines_.push_back(Describe(ControlRecord{kind, body}));
  }
  std::string Finish(std::string* text) {
    std::string bytes = block_.Finish();
    for (size_t row = 0; row < lines_.size(); ++row) {
      AppendRow(row, lines_[row], LeafHash(block_.leaves().leaf(row)), text);
    }
    return bytes;
  }

 private:
  TestBlock block_;
  RecordFactory factory_{77};
  std::vector<std::string> lines_;
};

EventRecord Base(GoldenBlock& block, std::string id) {
  EventRecord record;
  record.source = "shop";
  record.id = block.factory().Keep(std::move(id));
  record.kind = EventKind::kPurchase;
  record.event_time_us = 1699990000 * kSecond;
  return record;
}

std::string Uuid(size_t i) { return absl::StrFormat("%08x-0123-4567-89ab-%012x", i * 7919, i); }

// Every column in many rows, in the encodings of full and of repeating columns.
void MakeColumns(GoldenBlock& block) {
  const auto keep = [&](std::string text) { return block.factory().Keep(std::move(text)); };
  const std::string_view consumers[] = {keep(std::string(16, 'p')), keep(std::string(16, 'q'))};
  static constexpr Attribute kAttributes[] = {{"", "v"}, {"k", ""}, {"text", "\xE5\xAE\x81"}};
  static constexpr uint64_t kResolves[] = {0, 5, 900};
  for (size_t i = 0; i < 600; ++i) {
    EventRecord r = Base(block, Uuid(i));
    const uint64_t leaf = block.next_leaf();
    r.source = i % 7 == 0 ? "bank" : "shop";
    r.revision = i % 50 == 0 ? static_cast<uint32_t>(i + 1) : 0;
    r.kind = i % 3 == 0 ? EventKind::kRefund : EventKind::kPurchase;
    r.event_time_us += static_cast<int64_t>(i) * kSecond;
    if (i % 3 == 0) {
      r.original_source = i % 7 == 0 ? "bank" : "shop";
      r.original_id = keep(absl::StrFormat("%016x", i * 104729));
      r.original_leaf = i % 2 == 0 ? kWaitingLeaf : leaf - i % 5 - 1;
    }
    r.order = keep(absl::StrCat("order ", i * i));
    r.transaction_scheme = "card";
    r.transaction_id = keep(absl::StrFormat("%020x", i));
    r.transaction_leaf = leaf - 3;
    if (i % 4 == 1) r.previous_leaf = leaf - i;
    r.reporting_role = static_cast<ReportingRole>(1 + i % 4);
    if (i % 5 != 0) {
      r.consumer_scheme = i % 2 == 0 ? "account" : "phone";
      r.pseudonym = consumers[i % 2];
      r.pseudonym_epoch = 1;
    }
    r.consumer_region = keep(absl::StrFormat("region-%05d", i));
    r.provider_region = keep(absl::StrCat("provider region ", i % 300));
    r.place_of_use = i % 2 == 0 ? "home" : "";
    r.category = i % 11 == 0 ? "a" : "category/of/goods";
    r.product = keep(absl::StrCat("a product with a long name that packs well, number ", i));
    r.provider = "provider";
    r.segment = Segment::kPersons;
    r.channel = static_cast<Channel>(i % 4);
    r.area_type = static_cast<AreaType>(i % 3);
    r.payment_method = "cash";
    if (i % 2 == 0) r.age_band = "18-24";
    if (i % 9 == 0) r.income_band = "high";
    r.scenario = "";
    r.project = "p";
    r.activity = i < 300 ? "spring" : "autumn";
    r.amount = i == 0   ? std::numeric_limits<int64_t>::min()
               : i == 1 ? std::numeric_limits<int64_t>::max()
                        : static_cast<int64_t>(i) * 990;
    if (i % 2 == 0) r.voucher_amount = 500;
    r.quantity = 1;
    if (i % 6 == 0) r.attributes = std::span(kAttributes).first(1 + i % 3);
    if (i % 100 == 99) r.resolves = kResolves;
    r.principal = "importer";
    block.Add(r);
  }
}

// Records of all kinds between each other: no column has every row.
void MakeSparse(GoldenBlock& block) {
  const auto keep = [&](std::string text) { return block.factory().Keep(std::move(text)); };
  std::string mark, day, erasure;
  const std::vector<LeafRange> ranges = {{0, 1}, {5, 300}};
  Hash hash;
  hash.fill(0xAB);
  ASSERT_OK(EncodeBody(CatalogMark{.version = 300, .hash = hash}, &mark));
  ASSERT_OK(EncodeBody(SourceDay{.source = "shop", .day = 19000, .events = 2, .gross = -1}, &day));
  ASSERT_OK(EncodeBody(Erasure{.leaves = ranges, .principal = "steward"}, &erasure));
  block.AddControl(2, mark);
  for (size_t i = 0; i < 40; ++i) {
    EventRecord r = Base(block, absl::StrFormat("%010x", i * 65537));
    r.event_time_us = -static_cast<int64_t>(i) * 3600 * kSecond;
    r.order = keep(Uuid(i));
    r.consumer_scheme = "account";
    r.pseudonym = keep(absl::StrFormat("pseudonym %06d", i));
    r.pseudonym_epoch = static_cast<uint32_t>(1 + i / 20);
    r.category = keep(absl::StrFormat("c%03d", i));
    if (i % 8 == 0) {
      r.commitment = keep(std::string(kCommitmentBytes, static_cast<char>(i)));
      r.pseudonym_epoch = 0;
    }
    block.Add(r);
    if (i == 10) block.AddControl(3, day);
    if (i == 20) block.AddControl(4, erasure);
  }
  block.AddControl(77, "of a later release");
}

// Every column that an event can have, constant in every one.
void MakeSingle(GoldenBlock& block) {
  static constexpr Attribute kAttributes[] = {{"k", "v"}};
  static constexpr uint64_t kResolves[] = {1};
  EventRecord r = Base(block, "only");
  r.revision = 3;
  r.original_source = "bank";
  r.original_id = "o";
  r.transaction_scheme = r.transaction_id = "t";
  r.reporting_role = ReportingRole::kPayment;
  r.pseudonym = block.factory().Keep(std::string(16, '\x01'));
  r.pseudonym_epoch = 2;
  for (auto text :
       {&EventRecord::order, &EventRecord::consumer_scheme, &EventRecord::consumer_region,
        &EventRecord::provider_region, &EventRecord::place_of_use, &EventRecord::category,
        &EventRecord::product, &EventRecord::provider, &EventRecord::payment_method,
        &EventRecord::age_band, &EventRecord::income_band, &EventRecord::scenario,
        &EventRecord::project, &EventRecord::activity, &EventRecord::principal}) {
    r.*text = "\xE5\xAE\x81\xE6\xB3\xA2";
  }
  r.segment = Segment::kPublic;
  r.channel = Channel::kHybrid;
  r.area_type = AreaType::kRural;
  r.amount = -5;
  r.voucher_amount = 0;
  r.quantity = std::numeric_limits<int64_t>::max();
  r.attributes = kAttributes;
  r.original_leaf = kWaitingLeaf;
  r.resolves = kResolves;
  r.previous_leaf = 0;
  r.transaction_leaf = 7;
  block.Add(r);
}

void MakeRandom(GoldenBlock& block) {
  for (int i = 0; i < 60; ++i) block.Add(block.factory().Random(block.next_leaf()));
}

void Update() {
  void (*const makers[])(GoldenBlock&) = {MakeColumns, MakeSparse, MakeSingle, MakeRandom};
  uint64_t first_leaf = 1000;
  for (size_t i = 0; i < std::size(kNames); ++i) {
    GoldenBlock block(first_leaf);
    makers[i](block);
    first_leaf = block.next_leaf();
    std::string text;
    std::string bytes = block.Finish(&text);
    // The last two are of one write.
    if (i == 3) {
      const std::string header = HeaderInWrite(bytes, first_leaf - 61);
      bytes.replace(0, header.size(), header);
    }
    testing::ExpectGolden(PathOf(kNames[i], ".tmb"), bytes);
    testing::ExpectGolden(PathOf(kNames[i], ".txt"), text);
  }
}

std::string ReadText(BlockReader& reader) {
  LeafBatch leaves(&SaltKey());
  EXPECT_OK(VerifyLeaves(reader, &leaves));
  std::vector<Hash> hashes;
  leaves.HashLeaves(&hashes);
  std::string text;
  for (size_t row = 0; row < reader.size(); ++row) {
    const absl::StatusOr<uint8_t> kind = reader.Kind(row);
    EXPECT_OK(kind);
    const bool event = kind.ok() && *kind == static_cast<uint8_t>(RecordKind::kEvent);
    AppendRow(row, event ? Describe(*reader.Record(row)) : Describe(*reader.Control(row)),
              hashes[row], &text);
  }
  return text;
}

// "type encoding variant" of every column of a block, from its directory alone.
void CollectEncodings(std::string_view block, std::set<int>* columns, std::set<std::string>* out) {
  std::string_view body = block.substr(LoadLittleEndian<uint32_t>(block, 12));
  uint64_t count = 0;
  ASSERT_TRUE(base::ConsumeVarint(&body, &count));
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t id = 0, streams = 0, size = 0;
    std::string_view encoding, parameters;
    ASSERT_TRUE(base::ConsumeVarint(&body, &id) && wire::ConsumeBytes(&body, 1, &encoding) &&
                wire::ConsumeText(&body, &parameters) && base::ConsumeVarint(&body, &streams));
    columns->insert(static_cast<int>(id));
    const ColumnType type = TypeOf(static_cast<Column>(id));
    std::string name = absl::StrCat(std::vector<std::string>{"text", "integer", "link", "small",
                                                             "fixed"}[static_cast<size_t>(type)],
                                    " ", static_cast<int>(encoding[0]));
    const auto code = static_cast<Encoding>(encoding[0]);
    if (code >= Encoding::kPlain && type != ColumnType::kSmall) {
      absl::StrAppend(&name, parameters[0] == 0 ? " full" : " sparse");
    }
    if (code == Encoding::kPlain && type == ColumnType::kText) {
      absl::StrAppend(&name, parameters[1] == 0 ? " lengths" : " one length");
    }
    if (code == Encoding::kDictionary || code == Encoding::kFrame) {
      absl::StrAppend(&name, " w", static_cast<int>(parameters.back()));
    }
    out->insert(name);
    for (uint64_t s = 0; s < streams; ++s) {
      uint64_t stored = 0;
      ASSERT_TRUE(base::ConsumeVarint(&body, &size));
      ASSERT_TRUE((size & 1) == 0 || base::ConsumeVarint(&body, &stored));
      out->insert((size & 1) != 0 ? "packed" : "as it is");
    }
  }
}

TEST(BlockGoldenTest, StoredBlocksAreReadAsTheyWereWritten) {
  const char* update = std::getenv("TIDEMARK_UPDATE_GOLDEN");
  if (update != nullptr && std::string_view(update) == "1") return Update();
  CompactRange all(1000);
  for (const char* name : kNames) {
    SCOPED_TRACE(name);
    const std::string bytes = testing::ReadFileOrDie(testing::RepositoryPath(PathOf(name, ".tmb")));
    ASSERT_OK_AND_ASSIGN(BlockReader reader, BlockReader::Open(bytes));
    EXPECT_EQ(reader.header().format, 1);
    EXPECT_EQ(reader.header().leaf_version, 1u);
    EXPECT_EQ(reader.header().log_id, LogId{7});
    EXPECT_EQ(reader.header().accepted_time_us, kAccepted);
    EXPECT_EQ(reader.header().write_first_leaf,
              std::string_view(name) == "random" ? all.end() - 1 : all.end());
    ASSERT_OK(all.Append(reader.header().range()));
    testing::ExpectGolden(PathOf(name, ".txt"), ReadText(reader));
  }
  EXPECT_EQ(all.end(), 1000u + 600 + 44 + 1 + 60);
}

TEST(BlockGoldenTest, TheyCoverTheFormat) {
  std::set<int> columns;
  std::set<std::string> encodings;
  for (const char* name : kNames) {
    CollectEncodings(testing::ReadFileOrDie(testing::RepositoryPath(PathOf(name, ".tmb"))),
                     &columns, &encodings);
  }
  for (int id = 1; id < static_cast<int>(kColumnCount); ++id) {
    EXPECT_TRUE(columns.contains(id)) << NameOf(static_cast<Column>(id));
  }
  for (const char* want : {"text 1",
                           "integer 1",
                           "link 1",
                           "small 1",
                           "fixed 1",
                           "text 2 w1",
                           "text 2 w2",
                           "fixed 2 w1",
                           "text 3 full lengths",
                           "text 3 full one length",
                           "text 3 sparse lengths",
                           "text 3 sparse one length",
                           "fixed 3 sparse",
                           "small 3",
                           "text 4 full",
                           "text 4 sparse",
                           "text 5 full",
                           "text 5 sparse",
                           "integer 6 full w2",
                           "integer 6 full w8",
                           "integer 6 sparse w0",
                           "integer 6 sparse w1",
                           "link 6 sparse w1",
                           "packed",
                           "as it is"}) {
    EXPECT_TRUE(encodings.contains(want)) << want;
  }
}

}  // namespace
}  // namespace tidemark::ledger
