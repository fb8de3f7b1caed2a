#include "common/log/log.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace tidemark::log {
namespace {

constexpr int64_t kTime = 1709618828123456;  // 2024-03-05T06:07:08.123456Z

TEST(LogTest, LineHoldsEveryKindOfValue) {
  EXPECT_EQ(FormatLine(Level::kWarn, kTime, "ingest", "disk is filling",
                       {{"path", "/data"},
                        {"free", uint64_t{18446744073709551615u}},
                        {"change", -5},
                        {"ratio", 0.5},
                        {"stopped", false},
                        {"cause", absl::NotFoundError("gone")}}),
            R"({"time":"2024-03-05T06:07:08.123456Z","level":"WARN","process":"ingest",)"
            R"("message":"disk is filling","path":"/data","free":18446744073709551615,)"
            R"("change":-5,"ratio":0.5,"stopped":false,"cause":"NOT_FOUND: gone"})");
}

TEST(LogTest, AnyBytesBecomeOneLineOfJson) {
  std::string nasty = "a\"b\\c\n\t\x01\x7f 消费 \xff\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80 \xe6\xb6";
  nasty.push_back('\0');
  const std::string line = FormatLine(Level::kInfo, kTime, "", nasty, {{nasty, nasty}});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  ASSERT_FALSE(json.is_discarded()) << line;
  EXPECT_NE(json["message"].get<std::string>().find("消费"), std::string::npos);
  EXPECT_FALSE(json.contains("process"));
}

TEST(LogTest, NumbersJsonCannotHoldAreText) {
  const std::string line = FormatLine(Level::kInfo, kTime, "", "m",
                                      {{"x", std::numeric_limits<double>::infinity()},
                                       {"y", std::numeric_limits<double>::quiet_NaN()}});
  const auto json = nlohmann::json::parse(line, nullptr, false);
  ASSERT_FALSE(json.is_discarded()) << line;
  EXPECT_EQ(json["x"], "inf");
}

TEST(LogTest, SinkGetsWholeLinesWithTheirLevel) {
  std::vector<std::string> lines;
  {
    const ScopedSink sink([&](std::string_view line) { lines.emplace_back(line); });
    Info("one");
    Warn("two");
    Error("three", {{"n", 3}});
  }
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_NE(lines[0].find("\"INFO\""), std::string::npos);
  EXPECT_NE(lines[1].find("\"WARN\""), std::string::npos);
  EXPECT_EQ(lines[2].substr(lines[2].find("\"ERROR\"")),
            "\"ERROR\",\"message\":\"three\",\"n\":3}\n");
}

}  // namespace
}  // namespace tidemark::log
