// bench_export: writes the events that `tidemark simulate` sends as lines for other engines.
//
//   bench_export lines|orders|texts|messages FILE SHAPE EVENTS SEED FROM TO ZONE CONSUMERS
//   SOURCE,... REGION,... CATEGORY,...
//
// messages: one SubmitEventsRequest with all events. lines: one per event, columns separated by
// tabs, in the order of tests/bench/peer_rows.py: ids as UUIDs, everything that has a code as a
// small number, amounts signed (refunds negative). Codes of regions, categories and sources are
// their place in the arguments; those of payment methods and age bands are in order of appearance
// and printed: column, number, text. orders: lines with one column more, a number of the order that
// is one for every (source, order), 0 without order. texts: the columns of lines with codes as the
// texts that are sent; ids as sent, which are 32 hexadecimal digits; consumers as the hexadecimal
// digits of their pseudonyms, empty without consumer, so for lean events only.
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "tests/bench/generated_events.h"
#include "tidemark/ingest/v1/event.pb.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::bench {
namespace {

using ingest::v1::Event;

// Texts as numbers from 0.
class Codes {
 public:
  explicit Codes(const std::vector<std::string>& known = {}) {
    for (const std::string& text : known) NumberOf(text);
  }
  size_t NumberOf(const std::string& text) {
    return numbers_.try_emplace(text, numbers_.size()).first->second;
  }
  void Print(std::string_view column) const {
    for (const auto& [text, number] : numbers_) {
      std::cout << column << '\t' << number << '\t' << text << '\n';
    }
  }

 private:
  std::unordered_map<std::string, size_t> numbers_;
};

// Ids of simulated events are 32 hexadecimal digits.
std::string Uuid(std::string_view id) {
  return absl::StrCat(id.substr(0, 8), "-", id.substr(8, 4), "-", id.substr(12, 4), "-",
                      id.substr(16, 4), "-", id.substr(20));
}

// The number after the letter of codes like P00042.
uint64_t Number(std::string_view code) {
  uint64_t number = 0;
  if (code.size() < 2 || !absl::SimpleAtoi(code.substr(1), &number)) {
    std::cerr << "code " << code << " is not a letter and a number\n";
    std::exit(1);
  }
  return number;
}

// Of a pseudonym, which is random, 62 bits; never 0, which is nobody.
uint64_t ConsumerNumber(const ingest::v1::Consumer& consumer) {
  if (consumer.prehashed().size() < 8) return 1 + Number(consumer.id());
  uint64_t number = 0;
  std::memcpy(&number, consumer.prehashed().data(), sizeof(number));
  return 1 + (number >> 2);
}

int64_t SignedAmount(const Event& event) {
  return event.kind() == ingest::v1::EVENT_KIND_REFUND ? -event.amount() : event.amount();
}

class Exporter {
 public:
  Exporter(const simulate::GeneratorOptions& options, bool orders, std::ostream& out)
      : sources_(options.sources),
        regions_(options.regions),
        categories_(options.categories),
        orders_(orders),
        out_(out) {}

  void Add(const Event& event) {
    out_ << Uuid(event.id()) << '\t' << sources_.NumberOf(event.source()) << '\t'
         << static_cast<int>(event.kind()) << '\t' << event.event_time_us() << '\t'
         << (event.has_consumer() ? ConsumerNumber(event.consumer()) : 0) << '\t'
         << regions_.NumberOf(event.consumer_region()) << '\t'
         << regions_.NumberOf(event.provider_region()) << '\t'
         << categories_.NumberOf(event.category()) << '\t' << Number(event.product()) << '\t'
         << static_cast<int>(event.segment()) << '\t' << static_cast<int>(event.channel()) << '\t'
         << payments_.NumberOf(event.payment_method()) << '\t' << ages_.NumberOf(event.age_band())
         << '\t' << static_cast<int>(event.area_type()) << '\t' << SignedAmount(event) << '\t'
         << event.quantity();
    if (orders_) out_ << '\t' << OrderNumber(event);
    out_ << '\n';
  }

  void PrintCodes() const {
    payments_.Print("payment");
    ages_.Print("age_band");
  }

 private:
  uint64_t OrderNumber(const Event& event) {
    if (event.order().empty()) return 0;
    return 1 + Number(event.order()) * kMostSources + sources_.NumberOf(event.source());
  }

  static constexpr uint64_t kMostSources = 1'000;
  Codes sources_, regions_, categories_, payments_, ages_;
  bool orders_;
  std::ostream& out_;
};

// Other engines do not judge refunds.
bool ExportLines(const simulate::GeneratorOptions& options, bool orders, std::ostream& out) {
  Exporter exporter(options, orders, out);
  const bool all =
      ForEachCountingEvent(options, [&exporter](const Event& event) { exporter.Add(event); });
  exporter.PrintCodes();
  return all;
}

void WriteTexts(const Event& event, std::ostream& out) {
  out << event.id() << '\t' << event.source() << '\t' << static_cast<int>(event.kind()) << '\t'
      << event.event_time_us() << '\t' << absl::BytesToHexString(event.consumer().prehashed())
      << '\t' << event.consumer_region() << '\t' << event.provider_region() << '\t'
      << event.category() << '\t' << event.product() << '\t' << static_cast<int>(event.segment())
      << '\t' << static_cast<int>(event.channel()) << '\t' << event.payment_method() << '\t'
      << event.age_band() << '\t' << static_cast<int>(event.area_type()) << '\t'
      << SignedAmount(event) << '\t' << event.quantity() << '\n';
}

// Serialized messages one after the other are one message with the repeated fields of all.
bool ExportMessages(const simulate::GeneratorOptions& options, std::ostream& out) {
  ingest::v1::SubmitEventsRequest request;
  return ForEachEvent(options, [&](const Event& event) {
    request.Clear();
    *request.add_events() = event;
    request.SerializeToOstream(&out);
  });
}

}  // namespace
}  // namespace tidemark::bench

int main(int count, char** arguments) {
  using namespace tidemark::bench;
  tidemark::simulate::GeneratorOptions options;
  const std::string_view format = count > 1 ? arguments[1] : "";
  const bool known =
      format == "lines" || format == "orders" || format == "texts" || format == "messages";
  if (count != 3 + kEventArgumentCount || !known || !ReadEventArguments(arguments + 3, &options)) {
    std::cerr << "bench_export lines|orders|texts|messages FILE " << kEventArguments << '\n';
    return 2;
  }
  std::ofstream out(arguments[2], std::ios::binary);
  const bool all =
      format == "messages" ? ExportMessages(options, out)
      : format == "texts"
          ? ForEachCountingEvent(options, [&out](const Event& event) { WriteTexts(event, out); })
          : ExportLines(options, format == "orders", out);
  out.close();
  if (!out) {
    std::cerr << "cannot write " << arguments[2] << ": is the disk full?\n";
    return 1;
  }
  return all ? 0 : 1;
}
