// Documents of the catalog, the bytes or the text of a message behind a byte that says of which
// type, and the numbers in them: whatever the contract's rules say of one, they say it again, and
// what they accept keeps to what the rest relies on.
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "services/catalog/domain/decimal.h"
#include "services/catalog/domain/names.h"
#include "services/catalog/domain/newest_state.h"
#include "services/catalog/domain/references.h"
#include "services/catalog/search/hit_order.h"
#include "services/catalog/search/terms.h"
#include "services/catalog/types/contract_rules.h"
#include "services/catalog/types/dates.h"
#include "services/catalog/types/document_message.h"
#include "services/catalog/types/field_walk.h"
#include "tests/fuzz/fuzz.h"
#include "tidemark/type/v1/period.pb.h"

namespace tidemark::catalog {
namespace {

using google::protobuf::Message;

const DocumentRules& Rules() { return *RulesOfContract(); }

size_t ProblemsOf(const Document& document) {
  Problems problems;
  Report report(&problems, 0, "", CollectionOf(document.type).field);
  Rules().Check(document, report);
  return problems.count();
}

// Text that has the one form of a number, written again.
std::string TextOf(const Decimal& number) {
  std::string digits = absl::StrCat(number.unscaled < 0 ? -number.unscaled : number.unscaled);
  const auto scale = static_cast<size_t>(number.scale);
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - scale, ".");
  return (number.unscaled < 0 ? "-" : "") + digits;
}

void CheckNumber(std::string_view text) {
  const auto number = ParseDecimal(text);
  if (!number) return;
  FUZZ_CHECK(number->scale >= 0 && number->scale <= 18, std::string(text));
  FUZZ_CHECK(number->unscaled == 0 || TextOf(*number) == text, std::string(text));
  FUZZ_CHECK(SameNumber(*number, *number), std::string(text));
}

void CheckPeriod(const type::v1::Period& period) {
  const DaySpan days = SpanOf(period);
  FUZZ_CHECK(days.first < days.end, period.ShortDebugString());
  const type::v1::Period named = PeriodOf(days);
  FUZZ_CHECK(SpanOf(named) == days,
             period.ShortDebugString() + " is named " + named.ShortDebugString());
}

// Of a document without references, which would have to exist.
void CheckTogether(const Document& document) {
  Resource resource;
  resource.name = absl::StrCat(CollectionOf(document.type).name, "/x");
  resource.content = document;
  bool refers = false;
  Rules().ForEachReference(document, [&](const Reference&) { refers = true; });
  if (refers) return;
  const NewestState nothing(&Rules());
  Overlay after(nothing);
  after.Put(resource);
  Problems problems;
  Report report(&problems, 0, resource.name, CollectionOf(document.type).field);
  Rules().CheckTogether(resource, after, report);
  Change change;
  change.kind = ChangeKind::kCreate;
  change.name = resource.name;
  change.after = std::make_shared<Resource>(resource);
  Rules().CheckChanges(std::span(&change, 1), nothing, after, problems);
}

void CheckFound(const Document& document) {
  Resource resource;
  resource.name = absl::StrCat(CollectionOf(document.type).name, "/x");
  resource.content = document;
  const std::vector<Term> terms = TermsOf(resource);
  FUZZ_CHECK(std::is_sorted(terms.begin(), terms.end()), "terms ascend");
  for (const Term& term : terms) FUZZ_CHECK(!term.text.empty(), "a term of nothing");
  const HitOrder order = OrderOf(resource);
  FUZZ_CHECK(order.valid_start <= order.valid_end || ProblemsOf(document) > 0, "days of validity");
}

void CheckDocument(const Document& document) {
  const size_t problems = ProblemsOf(document);
  FUZZ_CHECK(ProblemsOf(document) == problems, "judged twice");
  for (const std::string& field : Rules().Fields(document.type)) {
    FUZZ_CHECK(Rules().Values(document, field).has_value(), field);
  }
  Rules().ForEachKey(document, [](std::string_view key) {
    FUZZ_CHECK(!ParseName(key).has_value(), "a key is no name: " + std::string(key));
  });
  CheckFound(document);
  if (problems > 0) return;
  const auto message = MessageOf(document);
  ForEachMessage(*message, "", [](const Message& part, const std::string&) {
    if (const auto* period = As<type::v1::Period>(part)) CheckPeriod(*period);
  });
  const NewestState nothing(&Rules());
  const Document stored = Rules().Normalised(document, nullptr, nothing);
  FUZZ_CHECK(Rules().Normalised(stored, nullptr, nothing) == stored, "normalised twice");
  Problems changed;
  Report report(&changed, 0, "", CollectionOf(document.type).field);
  Rules().CheckChange(stored, stored, report);
  FUZZ_CHECK(changed.empty(), "what stays as it is has not changed");
  CheckTogether(stored);
}

void CheckMessage(Type type, const Message& message) {
  const Document document = DocumentOf(type, message);
  const auto again = MessageOf(document);
  // Texts that are no UTF-8 come from no request.
  if (again == nullptr) return;
  FUZZ_CHECK(DocumentOf(type, *again) == document, "a document has one form");
  CheckDocument(document);
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  static const google::protobuf::LogSilencer quiet;
  CheckNumber(bytes);
  if (bytes.empty()) return;
  const int first = static_cast<int>(kFirstDocument);
  const auto choice = static_cast<unsigned char>(bytes[0]);
  const auto type = static_cast<Type>(first + choice % (kTypeCount - first));
  const std::string rest(bytes.substr(1));
  if (const auto message = MessageOf(Document{type, rest})) CheckMessage(type, *message);
  const auto message = MessageOf(Document{type, ""});
  google::protobuf::TextFormat::Parser parser;
  parser.SetRecursionLimit(100);
  if (parser.ParseFromString(rest, message.get())) CheckMessage(type, *message);
}

}  // namespace tidemark::catalog
