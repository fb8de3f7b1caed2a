#include "services/analytics/statistics/flows/place_sums.h"

#include "gtest/gtest.h"
#include "services/analytics/query/table_builder.h"

namespace tidemark::analytics {
namespace {

constexpr MemberKind kUnknown = MemberKind::kUnknown;
constexpr MemberKind kUnallocated = MemberKind::kUnallocated;

struct Flow {
  Member from;
  Member to;
  int64_t gross;
};

Table FlowsOf(const std::vector<Flow>& flows) {
  std::vector<Member> from, to;
  for (const Flow& flow : flows) {
    from.push_back(flow.from);
    to.push_back(flow.to);
  }
  TableBuilder builder(flows.size());
  builder.AddTexts("from", ColumnKind::kDimension, nullptr, from);
  builder.AddTexts("to", ColumnKind::kDimension, nullptr, to);
  Column& gross = builder.AddIntegers("gross", ColumnKind::kMeasure, "CNY");
  for (size_t i = 0; i < flows.size(); ++i) gross.integers[i] = flows[i].gross;
  return std::move(builder).Build();
}

PlaceSums SumsOf(const Places& places, const std::string& code, MemberKind kind) {
  for (const auto& [key, sums] : places.sums()) {
    const Member& member = places.members()[key.second];
    if (member.code == code && member.kind == kind) return sums;
  }
  ADD_FAILURE() << code;
  return {};
}

TEST(PlaceSumsTest, WhatLeavesOnePlaceComesToAnother) {
  const Places places(
      FlowsOf({{{"a"}, {"a"}, 70}, {{"a"}, {"b"}, 20}, {{"b"}, {"a"}, 5}, {{"b"}, {"c"}, 8}}));
  const PlaceSums a = SumsOf(places, "a", MemberKind::kCode);
  EXPECT_EQ(a.total, 90);
  EXPECT_EQ(a.own, 70);
  EXPECT_EQ(a.out, 20);
  EXPECT_EQ(a.in, 5);
  EXPECT_EQ(a.served, 75);
  const PlaceSums c = SumsOf(places, "c", MemberKind::kCode);
  EXPECT_EQ(c.total, 0);
  EXPECT_EQ(c.in, 8);
  const PlaceSums all = places.totals().at(0);
  EXPECT_EQ(all.total, 103);
  EXPECT_EQ(all.out, 33);
  EXPECT_EQ(all.in, 33);
}

TEST(PlaceSumsTest, WithoutAPlaceAtOneEndNothingMoves) {
  const Places places(FlowsOf({{{"a"}, {"", kUnknown}, 1},
                               {{"p", kUnallocated}, {"a"}, 2},
                               {{"p", kUnallocated}, {"p", kUnallocated}, 4},
                               {{"", kUnknown}, {"", kUnknown}, 8}}));
  const PlaceSums a = SumsOf(places, "a", MemberKind::kCode);
  EXPECT_EQ(a.total, 1);
  EXPECT_EQ(a.total_unplaced, 1);
  EXPECT_EQ(a.served_unplaced, 2);
  const PlaceSums p = SumsOf(places, "p", kUnallocated);
  EXPECT_EQ(p.total_unplaced, 6);
  EXPECT_EQ(p.own, 0);
  const PlaceSums all = places.totals().at(0);
  EXPECT_EQ(all.total, 15);
  EXPECT_EQ(all.total_unplaced, 15);
  for (const auto& [key, sums] : places.sums()) {
    EXPECT_EQ(sums.total, sums.own + sums.out + sums.total_unplaced);
    EXPECT_EQ(sums.served, sums.own + sums.in + sums.served_unplaced);
  }
}

}  // namespace
}  // namespace tidemark::analytics
