#ifndef TIDEMARK_COMMON_TESTING_PROTO_MATCHERS_H_
#define TIDEMARK_COMMON_TESTING_PROTO_MATCHERS_H_

#include <gmock/gmock.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace tidemark::testing {

// Text format; a message that does not parse fails the test and comes back empty.
//   auto request = ParseText<SubmitEventsRequest>(R"pb(source: "x")pb");
template <typename T>
T ParseText(const std::string& text) {
  T message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  return message;
}

// Equality of messages, with the differences in the failure's text.
MATCHER_P(EqualsProto, expected, "equals " + expected.ShortDebugString()) {
  google::protobuf::util::MessageDifferencer differencer;
  std::string differences;
  differencer.ReportDifferencesToString(&differences);
  const bool equal = differencer.Compare(expected, arg);
  if (!equal) *result_listener << "with differences: " << differences;
  return equal;
}

// EqualsText(R"pb(accepted: 1)pb")
MATCHER_P(EqualsText, text, "equals " + std::string(text)) {
  std::unique_ptr<google::protobuf::Message> expected(arg.New());
  if (!google::protobuf::TextFormat::ParseFromString(text, expected.get())) {
    *result_listener << "(the expected text does not parse)";
    return false;
  }
  google::protobuf::util::MessageDifferencer differencer;
  std::string differences;
  differencer.ReportDifferencesToString(&differences);
  const bool equal = differencer.Compare(*expected, arg);
  if (!equal) *result_listener << "with differences: " << differences;
  return equal;
}

}  // namespace tidemark::testing

#endif  // TIDEMARK_COMMON_TESTING_PROTO_MATCHERS_H_
