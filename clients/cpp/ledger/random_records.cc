#include "clients/cpp/ledger/random_records.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace tidemark::ledger {
namespace {

constexpr std::string_view EventRecord::*kOptionalTexts[] = {
    &EventRecord::order,           &EventRecord::consumer_scheme, &EventRecord::consumer_region,
    &EventRecord::provider_region, &EventRecord::place_of_use,    &EventRecord::category,
    &EventRecord::product,         &EventRecord::provider,        &EventRecord::payment_method,
    &EventRecord::age_band,        &EventRecord::income_band,     &EventRecord::scenario,
    &EventRecord::project,         &EventRecord::activity,        &EventRecord::principal,
};

bool Same(std::string_view a, std::string_view b) { return Absent(a) == Absent(b) && a == b; }

}  // namespace

std::string_view RecordFactory::Keep(std::string text) {
  texts_.push_back(std::move(text));
  return texts_.back();
}

uint64_t RecordFactory::Skewed(uint64_t n) {
  const double u = std::ldexp(static_cast<double>(random_() >> 11), -53);
  return static_cast<uint64_t>(static_cast<double>(n) * u * u * u);
}

std::string RecordFactory::Bytes(size_t size) {
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random_());
  return out;
}

std::string_view RecordFactory::Text(size_t max_bytes) {
  static constexpr std::string_view kTexts[] = {"",  "gbt2260-330200", "宁波市", "网络购物",
                                                "a", "\x01\x02"};
  switch (Below(8)) {
    case 0:
      return Keep(std::string(kTexts[0]));
    case 1:
      return Keep(Bytes(max_bytes));
    case 2:
      return Keep(Bytes(Below(max_bytes + 1)));
    default:
      return Keep(std::string(kTexts[Below(6)]));
  }
}

int64_t RecordFactory::Integer() {
  switch (Below(8)) {
    case 0:
      return std::numeric_limits<int64_t>::min();
    case 1:
      return std::numeric_limits<int64_t>::max();
    case 2:
      return static_cast<int64_t>(random_());
    case 3:
      return 0;
    default:
      return static_cast<int64_t>(Below(1000)) - 10;
  }
}

void RecordFactory::RandomTexts(EventRecord* record) {
  for (const auto text : kOptionalTexts) {
    if (Below(2) == 0) record->*text = Text(kMaxTextBytes);
  }
  if (Below(2) == 0) {
    record->original_source = Text(kMaxTextBytes);
    record->original_id = Text(kMaxTextBytes);
  }
  if (Below(2) == 0) {
    record->transaction_scheme = Text(kMaxTextBytes);
    record->transaction_id = Text(kMaxTextBytes);
  }
}

void RecordFactory::RandomPrivate(EventRecord* record) {
  if (Below(2) == 0) {
    record->pseudonym = Keep(Bytes(kPseudonymBytes));
    record->pseudonym_epoch = static_cast<uint32_t>(Below(3) == 0 ? random_() : 0);
  }
  if (Below(8) == 0) record->commitment = Keep(Bytes(kCommitmentBytes));
  if (Below(2) == 0) {
    std::vector<Attribute>& list = attributes_.emplace_back();
    const size_t count = 1 + Below(kMaxAttributes);
    for (size_t i = 0; i < count; ++i) {
      list.push_back(
          {Keep(absl::StrCat(Below(100))), Below(3) == 0 ? Keep("") : Keep(Bytes(Below(50)))});
    }
    std::sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.key < b.key; });
    list.erase(std::unique(list.begin(), list.end(),
                           [](const auto& a, const auto& b) { return a.key == b.key; }),
               list.end());
    record->attributes = list;
  }
}

void RecordFactory::RandomLinks(uint64_t leaf, EventRecord* record) {
  const uint64_t choice = Below(3);
  if (choice == 0) record->original_leaf = kWaitingLeaf;
  if (leaf == 0) return;
  if (choice == 1) record->original_leaf = Below(leaf);
  if (Below(4) == 0) record->previous_leaf = Below(leaf);
  if (Below(4) == 0) record->transaction_leaf = Below(leaf);
  if (Below(4) != 0) return;
  std::vector<uint64_t>& list = leaves_.emplace_back();
  for (size_t i = Below(10) + 1; i > 0; --i) list.push_back(Below(leaf));
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  record->resolves = list;
}

EventRecord RecordFactory::Random(uint64_t leaf) {
  EventRecord r;
  r.source = Keep(absl::StrCat("source-", Below(5)));
  r.id = Keep(Below(8) == 0 ? Bytes(kMaxIdentityBytes) : absl::StrCat("id-", random_()));
  r.revision = Below(3) == 0 ? static_cast<uint32_t>(random_()) : 0;
  r.kind = static_cast<EventKind>(1 + Below(4));
  r.event_time_us = Integer();
  RandomTexts(&r);
  r.reporting_role = static_cast<ReportingRole>(Below(5));
  r.segment = static_cast<Segment>(Below(4));
  r.channel = static_cast<Channel>(Below(4));
  r.area_type = static_cast<AreaType>(Below(3));
  if (Below(3) > 0) r.amount = Integer();
  if (Below(3) == 0) r.voucher_amount = Integer();
  if (Below(2) == 0) r.quantity = Integer();
  RandomPrivate(&r);
  r.accepted_time_us = Integer();
  RandomLinks(leaf, &r);
  return r;
}

EventRecord RecordFactory::Realistic(uint64_t leaf) {
  EventRecord r;
  const std::string b = Bytes(16);
  const auto u = [&b](size_t i) { return static_cast<uint8_t>(b[i]); };
  r.source = Keep(absl::StrCat("platform-", Below(8)));
  r.id = Keep(absl::StrFormat(
      "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", u(0), u(1), u(2),
      u(3), u(4), u(5), u(6), u(7), u(8), u(9), u(10), u(11), u(12), u(13), u(14), u(15)));
  r.kind = Below(100) < 3 ? EventKind::kRefund : EventKind::kPurchase;
  // Two events a second, each up to some hours late.
  r.event_time_us =
      (1704067200 + static_cast<int64_t>(leaf / 2) - static_cast<int64_t>(Skewed(40000))) * 1000000;
  if (r.kind == EventKind::kRefund && leaf > 0) {
    r.original_source = r.source;
    r.original_id = Keep(absl::StrCat("original-", random_()));
    r.original_leaf = Below(10) == 0 ? kWaitingLeaf : Below(leaf);
  }
  r.consumer_scheme = "account";
  std::mt19937_64 consumer(Skewed(2000000));
  std::string pseudonym(16, '\0');
  for (char& c : pseudonym) c = static_cast<char>(consumer());
  r.pseudonym = Keep(pseudonym);
  r.consumer_region = Keep(absl::StrCat("gbt2260-", 110100 + Skewed(350) * 100));
  r.provider_region =
      Below(4) > 0 ? r.consumer_region : Keep(absl::StrCat("gbt2260-", 110100 + Skewed(350) * 100));
  r.category = Keep(absl::StrCat("category-", Skewed(60)));
  r.product = Keep(absl::StrCat("p", Skewed(100000)));
  r.segment = static_cast<Segment>(1 + Skewed(3));
  r.channel = static_cast<Channel>(1 + Skewed(3));
  r.payment_method = Keep(absl::StrCat("method-", Skewed(6)));
  r.age_band = Keep(absl::StrCat("band-", Skewed(7)));
  r.area_type = static_cast<AreaType>(1 + Skewed(2));
  r.amount =
      100 + static_cast<int64_t>(std::exp(8.5 + static_cast<double>(Below(4000)) / 1000 - 2));
  r.quantity = static_cast<int64_t>(1 + Skewed(5));
  r.principal = "tokens/platform";
  return r;
}

EventRecord RecordFactory::Own(const EventRecord& record) {
  EventRecord r = record;
  const auto own = [this](std::string_view* text) {
    if (!Absent(*text)) *text = Keep(std::string(*text));
  };
  for (const auto text : kOptionalTexts) own(&(r.*text));
  for (std::string_view* text :
       {&r.source, &r.id, &r.original_source, &r.original_id, &r.transaction_scheme,
        &r.transaction_id, &r.pseudonym, &r.commitment}) {
    own(text);
  }
  r.resolves = leaves_.emplace_back(record.resolves.begin(), record.resolves.end());
  std::vector<Attribute>& list =
      attributes_.emplace_back(record.attributes.begin(), record.attributes.end());
  for (Attribute& attribute : list) {
    attribute = {Keep(std::string(attribute.key)), Keep(std::string(attribute.value))};
  }
  r.attributes = list;
  return r;
}

std::string_view FirstFieldThatDiffers(const EventRecord& a, const EventRecord& b) {
  if (!Same(a.commitment, b.commitment)) return "commitment";
  if (!Same(a.pseudonym, b.pseudonym) || a.pseudonym_epoch != b.pseudonym_epoch) return "pseudonym";
  if (!std::equal(a.attributes.begin(), a.attributes.end(), b.attributes.begin(),
                  b.attributes.end())) {
    return "attributes";
  }
  if (a.accepted_time_us != b.accepted_time_us) return "accepted_time";
  if (!Same(a.principal, b.principal)) return "principal";
  if (a.original_leaf != b.original_leaf) return "original_leaf";
  if (!std::equal(a.resolves.begin(), a.resolves.end(), b.resolves.begin(), b.resolves.end())) {
    return "resolves";
  }
  if (a.previous_leaf != b.previous_leaf) return "previous_leaf";
  if (a.transaction_leaf != b.transaction_leaf) return "transaction_leaf";
  return FirstDifference(a, b);
}

}  // namespace tidemark::ledger
