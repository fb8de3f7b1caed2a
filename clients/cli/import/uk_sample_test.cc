// The sample that the product ships, against the reference figures of the data set (its README)
// and against a recount that shares nothing with the importer but zlib.
#include <gtest/gtest.h>
#include <zlib.h>

#include <algorithm>
#include <map>
#include <random>
#include <sstream>

#include "absl/container/flat_hash_set.h"
#include "clients/cli/import/mapping_testing.h"
#include "common/testing/status_matchers.h"

namespace tidemark::importer {
namespace {

const std::string kSample = std::string(TIDEMARK_REPOSITORY) + "/deploy/samples/uk-online-retail/";

std::string Unpacked() {
  std::string text;
  gzFile file = gzopen((kSample + "online_retail.csv.gz").c_str(), "rb");
  std::vector<char> buffer(1 << 20);
  int got = 0;
  while ((got = gzread(file, buffer.data(), static_cast<unsigned>(buffer.size()))) > 0) {
    text.append(buffer.data(), got);
  }
  gzclose(file);
  return text;
}

const std::string& Text() {
  static const auto* const kText = new std::string(Unpacked());
  return *kText;
}

// The lines, header first; the file has no line ends inside of quotes.
std::vector<std::string_view> Lines() {
  std::vector<std::string_view> lines;
  std::string_view rest = Text();
  while (!rest.empty()) {
    const size_t end = rest.find('\n');
    lines.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end, rest.size() - 1) + 1);
  }
  return lines;
}

struct Totals {
  int64_t rows = 0, purchases = 0, refunds = 0, skipped = 0, rejected = 0;
  int64_t gross = 0, refunded = 0;
  std::map<std::string, int64_t> net_by_region;
  friend bool operator==(const Totals&, const Totals&) = default;
};

// Thousandths of a number with at most three decimals.
int64_t Mils(std::string_view text) {
  const bool negative = text[0] == '-';
  int64_t value = 0;
  int decimals = -1;
  for (const char c : text.substr(negative ? 1 : 0)) {
    if (c == '.') {
      decimals = 0;
    } else {
      value = value * 10 + (c - '0');
      if (decimals >= 0) ++decimals;
    }
  }
  for (int i = std::max(decimals, 0); i < 3; ++i) value *= 10;
  return negative ? -value : value;
}

// From the end of the line, where no quotes are: Quantity, InvoiceDate, UnitPrice, CustomerID,
// Country.
Totals Recount(const std::vector<std::string_view>& lines) {
  Totals totals;
  for (const std::string_view line : lines) {
    std::vector<std::string_view> fields;
    std::string_view rest = line;
    for (int i = 0; i < 5; ++i) {
      const size_t comma = rest.rfind(',');
      fields.push_back(rest.substr(comma + 1));
      rest = rest.substr(0, comma);
    }
    ++totals.rows;
    const int64_t amount = Mils(fields[4]) / 1000 * Mils(fields[2]);
    if (amount == 0) {
      ++totals.skipped;
      continue;
    }
    ++(amount > 0 ? totals.purchases : totals.refunds);
    (amount > 0 ? totals.gross : totals.refunded) += std::abs(amount);
    if (fields[0] == "United Kingdom") totals.net_by_region["gb"] += amount;
    if (fields[0] == "Unspecified") totals.net_by_region[""] += amount;
    if (fields[0] == "EIRE") totals.net_by_region["ie"] += amount;
  }
  return totals;
}

Totals Import(const std::string& text, absl::flat_hash_set<std::string>* ids) {
  Totals totals;
  const auto mapping = Mapping::Load(kSample + "mapping.yaml", "online_retail.csv");
  EXPECT_OK(mapping);
  auto opened = mapping->Open(SourceOf(text), {});
  EXPECT_OK(opened);
  while (true) {
    const auto row = opened->reader->Next();
    EXPECT_OK(row);
    if (!row.ok() || *row == nullptr) break;
    ++totals.rows;
    const Mapped mapped = opened->mapper->Map(**row);
    totals.skipped += mapped.kind == Mapped::Kind::kSkipped;
    totals.rejected += mapped.kind == Mapped::Kind::kRejected;
    EXPECT_THAT(mapped.skip_reason, ::testing::AnyOf("", "ZERO_AMOUNT"));
    if (mapped.kind != Mapped::Kind::kEvent) continue;
    ingest::v1::Event event;
    EXPECT_TRUE(event.ParseFromArray(mapped.event.data(), static_cast<int>(mapped.event.size())));
    const bool refund = event.kind() == ingest::v1::EVENT_KIND_REFUND;
    ++(refund ? totals.refunds : totals.purchases);
    (refund ? totals.refunded : totals.gross) += event.amount();
    const std::string& region = event.consumer_region();
    if (region == "gb" || region.empty() || region == "ie") {
      totals.net_by_region[region] += refund ? -event.amount() : event.amount();
    }
    ids->insert(event.id());
  }
  return totals;
}

TEST(UkSampleTest, GivesThePublishedFigures) {
  absl::flat_hash_set<std::string> ids;
  const Totals totals = Import(Text(), &ids);
  EXPECT_EQ(totals.rows, 541'909);
  EXPECT_EQ(totals.skipped, 2'515);
  EXPECT_EQ(totals.rejected, 0);
  EXPECT_EQ(totals.purchases + totals.refunds, 539'394);
  EXPECT_EQ(totals.gross, 10'666'684'544);
  EXPECT_EQ(totals.refunded, 918'936'610);
  EXPECT_EQ(totals.gross - totals.refunded, 9'747'747'934);
  EXPECT_EQ(totals.net_by_region.at("gb"), 8'187'806'364);
  // Equal rows are not lost.
  EXPECT_EQ(ids.size(), 539'394u);
}

TEST(UkSampleTest, WithoutSomeRowsAndShuffledEqualsARecountAndKeepsTheIds) {
  absl::flat_hash_set<std::string> all_ids;
  const Totals all = Import(Text(), &all_ids);
  std::vector<std::string_view> lines = Lines();
  ASSERT_EQ(lines.size(), 541'910u);
  const std::string_view header = lines[0];
  lines.erase(lines.begin());
  EXPECT_EQ(Recount(lines), all);

  std::random_device device;
  const uint64_t seed = device();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  std::shuffle(lines.begin(), lines.end(), random);
  lines.resize(lines.size() - 1000);
  std::string text(header);
  text += '\n';
  for (const std::string_view line : lines) {
    text += line;
    text += '\n';
  }
  absl::flat_hash_set<std::string> ids;
  EXPECT_EQ(Import(text, &ids), Recount(lines));
  EXPECT_TRUE(std::all_of(ids.begin(), ids.end(),
                          [&](const std::string& id) { return all_ids.contains(id); }));
}

TEST(UkSampleTest, TextsAreAsTheIssueSays) {
  const std::string header =
      "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";
  const auto one = [&](const std::string& line) {
    const auto mapping = Mapping::Load(kSample + "mapping.yaml", "online_retail.csv");
    auto opened = mapping->Open(SourceOf(header + line), {});
    return Mapper{*std::move(opened)}.Rest()[0].event;
  };
  const auto sale = one("536365,85123A,X,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n");
  EXPECT_EQ(sale.source(), "uk-online-retail");
  EXPECT_EQ(sale.order(), "536365");
  EXPECT_EQ(sale.consumer().scheme(), "local.uk-online-retail");
  EXPECT_EQ(sale.consumer().id(), "17850");
  EXPECT_EQ(sale.category(), "products");
  EXPECT_EQ(sale.amount(), 15'300);
  EXPECT_EQ(sale.event_time_us(), 1'291'191'960'000'000);
  const auto cancelled = one("C1,gift_0001_20,X,-2,2011-07-01 08:00:00,0.001,,Unspecified\n");
  EXPECT_EQ(cancelled.kind(), ingest::v1::EVENT_KIND_REFUND);
  EXPECT_EQ(cancelled.amount(), 2);
  EXPECT_EQ(cancelled.quantity(), 2);
  EXPECT_FALSE(cancelled.has_consumer());
  EXPECT_FALSE(cancelled.has_consumer_region());
  EXPECT_FALSE(cancelled.has_original());
  EXPECT_EQ(cancelled.category(), "fees-and-adjustments");
  // Summer time.
  EXPECT_EQ(cancelled.event_time_us(), 1'309'503'600'000'000);
  for (const char* code : {"POST", "DOT", "M", "m", "C2", "D", "S", "BANK CHARGES", "AMAZONFEE",
                           "CRUK", "B", "PADS"}) {
    EXPECT_EQ(one(std::string("1,") + code + ",X,1,2011-07-01 08:00:00,1,,EIRE\n").category(),
              "fees-and-adjustments")
        << code;
  }
  EXPECT_EQ(one("1,DCGS0003,X,1,2011-07-01 08:00:00,1,,EIRE\n").category(), "products");
}

}  // namespace
}  // namespace tidemark::importer
