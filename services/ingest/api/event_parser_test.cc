#include "services/ingest/api/event_parser.h"

#include <gmock/gmock.h>
#include <google/protobuf/arena.h>
#include <google/protobuf/message.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <utility>

#include "services/ingest/testing/event_facts.h"
#include "tidemark/ingest/v1/event.pb.h"

namespace tidemark::ingest {
namespace {

// True when both accepted the bytes.
bool ExpectAgreement(const std::string& bytes) {
  const google::protobuf::LogSilencer quiet;
  v1::Event event;
  const bool want = event.ParseFromString(bytes);
  ledger::EventRecord record;
  EventExtras extras;
  Rejection rejection;
  const bool got = ParseEvent(bytes, &record, &extras, &rejection);
  EXPECT_EQ(got, want) << testing::PrintToString(bytes) << " " << rejection.message;
  if (!want || !got) return false;
  Facts facts;
  AddFacts(event, "", &facts);
  EXPECT_EQ(FactsOf(record, extras), facts) << testing::PrintToString(bytes);
  return true;
}

// ---- Random messages ----

class Maker {
 public:
  explicit Maker(uint64_t seed) : random_(seed) {}

  uint64_t Below(uint64_t n) { return random_() % n; }

  std::string Text() {
    static const char* const kPieces[] = {"a", "1", "-", "é", "中", "😀", "\n", "long text "};
    std::string text;
    for (uint64_t i = Below(6); i > 0; --i) text += kPieces[Below(8)];
    return text;
  }
  int64_t Number() {
    const int64_t value = static_cast<int64_t>(random_() >> Below(64));
    return Below(4) == 0 ? -value : value;
  }

  v1::Event Event() {
    v1::Event event;
    Fill(&event);
    return event;
  }

  // Bytes that are almost, or not quite, a message.
  std::string Mutate(std::string bytes) {
    for (uint64_t changes = 1 + Below(3); changes > 0 && !bytes.empty(); --changes) {
      const size_t at = Below(bytes.size());
      switch (Below(6)) {
        case 0:
          bytes[at] = static_cast<char>(random_());
          break;
        case 1:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << Below(8)));
          break;
        case 2:
          bytes.resize(at);
          break;
        case 3:
          bytes.insert(at, 1, static_cast<char>(random_()));
          break;
        case 4:
          bytes.erase(at, 1);
          break;
        case 5: {
          // A varint or tag at its widest.
          std::string wide(1 + Below(11), '\xFF');
          wide.back() = static_cast<char>(Below(128));
          bytes.insert(at, wide);
          break;
        }
      }
    }
    return bytes;
  }

 private:
  void Fill(google::protobuf::Message* message) {
    const auto* reflection = message->GetReflection();
    const auto* descriptor = message->GetDescriptor();
    for (int i = 0; i < descriptor->field_count(); ++i) {
      const auto* field = descriptor->field(i);
      using Type = google::protobuf::FieldDescriptor;
      if (Below(3) == 0) continue;
      if (field->is_map()) {
        for (uint64_t n = Below(4); n > 0; --n) {
          auto* entry = reflection->AddMessage(message, field);
          Fill(entry);
        }
      } else if (field->cpp_type() == Type::CPPTYPE_MESSAGE) {
        Fill(reflection->MutableMessage(message, field));
      } else if (field->cpp_type() == Type::CPPTYPE_STRING) {
        reflection->SetString(message, field, Text());
      } else if (field->cpp_type() == Type::CPPTYPE_ENUM) {
        reflection->SetEnumValue(message, field, static_cast<int>(Number()));
      } else if (field->cpp_type() == Type::CPPTYPE_UINT32) {
        reflection->SetUInt32(message, field, static_cast<uint32_t>(Number()));
      } else {
        reflection->SetInt64(message, field, Number());
      }
    }
  }

  std::mt19937_64 random_;
};

TEST(EventParserTest, AgreesWithGeneratedParserOnRandomMessages) {
  Maker maker(1);
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(ExpectAgreement(maker.Event().SerializeAsString()));
  }
}

TEST(EventParserTest, AgreesWithGeneratedParserOnConcatenatedMessages) {
  // Concatenation is merging: last scalars count, submessages and maps grow together.
  Maker maker(2);
  for (int i = 0; i < 20'000; ++i) {
    ASSERT_TRUE(
        ExpectAgreement(maker.Event().SerializeAsString() + maker.Event().SerializeAsString()));
  }
}

TEST(EventParserTest, AgreesWithGeneratedParserOnMutatedMessages) {
  Maker maker(3);
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < 200'000; ++i) {
    (ExpectAgreement(maker.Mutate(maker.Event().SerializeAsString())) ? accepted : refused)++;
    if (HasFailure()) break;
  }
  // The test is worth something only when it sees both.
  EXPECT_GT(accepted, 20'000);
  EXPECT_GT(refused, 20'000);
}

TEST(EventParserTest, AgreesWithGeneratedParserOnNoise) {
  Maker maker(4);
  for (int i = 0; i < 100'000; ++i) {
    std::string noise(maker.Below(24), '\0');
    for (char& c : noise) c = static_cast<char>(maker.Below(256));
    ExpectAgreement(noise);
    if (HasFailure()) break;
  }
}

TEST(EventParserTest, AgreesOnEveryFieldWithEveryWireType) {
  for (uint32_t number = 0; number < 40; ++number) {
    for (uint32_t type = 0; type < 8; ++type) {
      for (const std::string& value :
           {std::string("\x01"), std::string("\x01z"), std::string(8, '\x01'), std::string(4, 'a'),
            std::string("\x08\x01", 2) + static_cast<char>(number << 3 | 4)}) {
        std::string tag;
        for (uint32_t rest = number << 3 | type;; rest >>= 7) {
          if (rest < 0x80) {
            tag += static_cast<char>(rest);
            break;
          }
          tag += static_cast<char>(rest | 0x80);
        }
        ExpectAgreement(tag + value);
      }
    }
  }
}

TEST(EventParserTest, AgreesOnNestedUnknownGroups) {
  for (const int depth : {1, 50, 99, 100, 101, 150}) {
    std::string bytes;
    for (int i = 0; i < depth; ++i) bytes += "\xC3\x3E";  // start of group 1000
    for (int i = 0; i < depth; ++i) bytes += "\xC4\x3E";
    ExpectAgreement(bytes);
    ExpectAgreement(bytes.substr(0, bytes.size() - 1));
  }
}

TEST(EventParserTest, NamesTheFieldThatIsNotUtf8) {
  const std::pair<std::string, Field> cases[] = {
      {std::string("\x0A\x01\xFF"), Field::kSource},
      {std::string("\x12\x02\xC3\x28"), Field::kId},
      {std::string("\x72\x03\xED\xA0\x80"), Field::kCategory},        // surrogate
      {std::string("\x52\x04\x12\x02\xC0\x80"), Field::kConsumerId},  // overlong
      {std::string("\xEA\x01\x04\x0A\x02\xF5\x80"), Field::kAttributes},
  };
  for (const auto& [bytes, field] : cases) {
    ledger::EventRecord record;
    EventExtras extras;
    Rejection rejection;
    EXPECT_FALSE(ParseEvent(bytes, &record, &extras, &rejection));
    EXPECT_EQ(rejection.reason, Reason::kInvalidUtf8);
    EXPECT_EQ(rejection.field, field);
  }
}

TEST(EventParserTest, FindsControlCharactersWhereverTheyAre) {
  for (const std::string& bad : {std::string(1, '\0'), std::string("\x1F"), std::string("\x7F"),
                                 std::string("\xC2\x80"), std::string("\xC2\x9F")}) {
    for (size_t before = 0; before < 20; ++before) {
      for (size_t after = 0; after < 10; ++after) {
        v1::Event event;
        event.set_id(std::string(before, 'x') + bad + std::string(after, 'y'));
        event.set_order("中 é ~");
        const std::string bytes = event.SerializeAsString();
        ledger::EventRecord record;
        EventExtras extras;
        Rejection rejection;
        ASSERT_TRUE(ParseEvent(bytes, &record, &extras, &rejection));
        EXPECT_EQ(extras.control_characters, uint64_t{1} << static_cast<int>(Field::kId));
      }
    }
  }
}

TEST(EventParserTest, KeepsFewOfVeryManyAttributes) {
  std::string bytes;
  for (int i = 0; i < 5000; ++i) bytes += std::string("\xEA\x01\x00", 3);
  ledger::EventRecord record;
  EventExtras extras;
  Rejection rejection;
  ASSERT_TRUE(ParseEvent(bytes, &record, &extras, &rejection));
  EXPECT_EQ(extras.attributes.size(), kMaxAttributeEntries);
  EXPECT_EQ(extras.attribute_entries, 5000u);
}

}  // namespace
}  // namespace tidemark::ingest
