// The query language: a text that parses has a canonical text, which parses to the same question
// and is its own canonical text. The bytes are also read as a Query of the contract, for questions
// that no text leads to.
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/util/message_differencer.h>

#include "clients/cpp/query/canonical.h"
#include "clients/cpp/query/lexer.h"
#include "clients/cpp/query/parse.h"
#include "tests/fuzz/fuzz.h"
#include "tidemark/analytics/v1/query.pb.h"

namespace tidemark::query {
namespace {

using google::protobuf::util::MessageDifferencer;

// Names of measures and columns stand in the text as they are; the service knows none that is not
// a word, so that what a message holds beside them is refused whatever its text looks like.
bool NamesAreWords(const analytics::v1::Query& query) {
  const auto word = [](const std::string& name) { return QuotedCode(name) == name; };
  for (const auto& measure : query.measures()) {
    if (!word(measure.name())) return false;
  }
  for (const auto& rank : query.ranks()) {
    if (!word(rank.column())) return false;
  }
  for (const auto& order : query.order_by()) {
    if (!word(order.column())) return false;
  }
  return true;
}

// `asked`: the question comes from a text. A message need not be one: it may measure nothing, or
// hold what the language has no words for or other words, so its text is not read back.
void CheckQuery(const analytics::v1::Query& query, bool asked) {
  const analytics::v1::Query normalised = Normalised(query);
  const std::string text = CanonicalText(query);
  FUZZ_CHECK(MessageDifferencer::Equals(Normalised(normalised), normalised),
             "normalised once and for all: " + text);
  FUZZ_CHECK(CanonicalText(normalised) == text, text);
  if (!asked && !NamesAreWords(normalised)) return;
  FUZZ_CHECK(text.find('\n') == std::string::npos, "one line: " + text);
  if (!asked) return;
  const auto parsed = ParseQuery(text);
  FUZZ_CHECK(parsed.ok(), text + "\n  " + parsed.status().ToString());
  FUZZ_CHECK(MessageDifferencer::Equals(Normalised(*parsed), normalised),
             text + "\n  is read as " + parsed->ShortDebugString() + "\n  not as " +
                 normalised.ShortDebugString());
}

void CheckText(std::string_view text) {
  const auto tokens = Tokenize(text);
  if (tokens.ok()) {
    FUZZ_CHECK(!tokens->empty() && tokens->back().kind == Token::kEnd, "ends");
    for (const Token& token : *tokens) {
      FUZZ_CHECK(token.position <= text.size(), "a token lies in its text");
    }
  }
  const auto query = ParseQuery(text);
  if (!query.ok()) {
    FUZZ_CHECK(absl::IsInvalidArgument(query.status()), query.status().ToString());
    return;
  }
  FUZZ_CHECK(tokens.ok(), "parsed without tokens");
  CheckQuery(*query, true);
}

void CheckCode(std::string_view code) {
  const auto tokens = Tokenize(QuotedCode(code));
  FUZZ_CHECK(tokens.ok() && tokens->size() == 2 && (*tokens)[0].text == code,
             "a code as it stands in a text: " + QuotedCode(code));
}

}  // namespace

TIDEMARK_FUZZER(std::string_view bytes) {
  static const google::protobuf::LogSilencer quiet;
  CheckText(bytes);
  CheckCode(bytes);
  analytics::v1::Query query;
  if (query.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    query.DiscardUnknownFields();
    CheckQuery(query, false);
  }
}

}  // namespace tidemark::query
