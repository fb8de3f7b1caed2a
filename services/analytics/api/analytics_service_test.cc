#include "services/analytics/api/analytics_service.h"

#include <cstring>
#include <set>
#include <thread>

#include "services/analytics/api/service_fixture_test.h"

namespace tidemark::analytics {
namespace {

TEST_F(AnalyticsServiceTest, AnswersAndSaysFromWhere) {
  ASSERT_OK_AND_ASSIGN(const v1::QueryResponse response, Ask(Query(kMonthly)));
  const auto query = ParseText<v1::Query>(kMonthly);
  const testing::RecountTable recount = testing::Recount(world_, query, world_.log_size());
  EXPECT_EQ(testing::Difference(recount, 0, response.result()), "");
  const v1::QueryMeta& meta = response.meta();
  EXPECT_EQ(meta.snapshot().log_id(), world_.log_id);
  EXPECT_EQ(meta.snapshot().log_size(), world_.log_size());
  EXPECT_EQ(meta.snapshot().catalog_version(), 1u);
  EXPECT_EQ(meta.canonical_query(),
            "net, consumers by month, consumer_region@province compare prev");
  EXPECT_EQ(meta.replica(), "replica-1");
  EXPECT_EQ(meta.total_row_count(), recount.rows.size());
  EXPECT_EQ(meta.folded_size(), world_.log_size());
  EXPECT_TRUE(meta.log_reachable());
  EXPECT_TRUE(meta.catalog_reachable());
  EXPECT_EQ(response.result().region_role(), v1::REGION_ROLE_BUYER_RESIDENCE);
  reachable_ = false;
  catalog_reachable_ = false;
  EXPECT_FALSE(Ask(Query(kMonthly))->meta().log_reachable());
  EXPECT_FALSE(Ask(Query(kMonthly))->meta().catalog_reachable());
}

TEST_F(AnalyticsServiceTest, CacheDoesNotChangeABit) {
  ASSERT_OK_AND_ASSIGN(const auto computed, Ask(Query(kMonthly)));
  EXPECT_EQ(computed.meta().cache(), v1::CACHE_STATE_MISS);
  ASSERT_OK_AND_ASSIGN(const auto cached, Ask(Query(kMonthly)));
  EXPECT_EQ(cached.meta().cache(), v1::CACHE_STATE_HIT);
  ASSERT_OK_AND_ASSIGN(const auto anew, Ask(Query(kMonthly, "bypass_cache: true")));
  EXPECT_EQ(anew.meta().cache(), v1::CACHE_STATE_BYPASSED);
  EXPECT_EQ(computed.result().SerializeAsString(), cached.result().SerializeAsString());
  EXPECT_EQ(computed.result().SerializeAsString(), anew.result().SerializeAsString());
  cache_.Poison();
  ASSERT_OK_AND_ASSIGN(const auto poisoned, Ask(Query(kMonthly)));
  EXPECT_EQ(poisoned.meta().cache(), v1::CACHE_STATE_MISS);
  EXPECT_EQ(computed.result().SerializeAsString(), poisoned.result().SerializeAsString());
}

TEST_F(AnalyticsServiceTest, AnswersSayWhereTheyComeFrom) {
  const auto state = [&](const std::string& rest) {
    const auto answer = Ask(Query(kMonthly, rest));
    EXPECT_OK(answer);
    next_ = answer->meta().next_page_token();
    return answer->meta().cache();
  };
  EXPECT_EQ(state("page_size: 3"), v1::CACHE_STATE_MISS);
  // Cut from the table that was computed for the first page.
  const std::string second = "page_size: 3 page_token: '" + next_ + "'";
  EXPECT_EQ(state(second), v1::CACHE_STATE_LOCAL);
  EXPECT_EQ(state(second), v1::CACHE_STATE_HIT);
  EXPECT_EQ(state(second + " bypass_cache: true"), v1::CACHE_STATE_BYPASSED);
  EXPECT_EQ(handler_->cache_hits(), 2u);
  EXPECT_EQ(handler_->cache_misses(), 2u);
  // With the cache away memory still helps, and what is computed says that it was not asked.
  cache_.GoAway();
  EXPECT_EQ(state(second), v1::CACHE_STATE_LOCAL);
  EXPECT_EQ(Ask(Query("measures { name: 'net' }"))->meta().cache(), v1::CACHE_STATE_BYPASSED);
}

TEST_F(AnalyticsServiceTest, WhatIsQuicklyComputedLeavesTheCacheAlone) {
  ASSERT_OK_AND_ASSIGN(const auto computed, Ask(Query(kMonthly)));
  cache_from_ = absl::Milliseconds(2);
  Serve({.token_name = "t", .principal = "p"});
  cache_.Poison();
  for (const char* rest : {"", "bypass_cache: true"}) {
    ASSERT_OK_AND_ASSIGN(const auto quick, Ask(Query(kMonthly, rest)));
    EXPECT_EQ(quick.meta().cache(), v1::CACHE_STATE_BYPASSED);
    EXPECT_EQ(quick.result().SerializeAsString(), computed.result().SerializeAsString());
  }
  // Days and regions are more cells than a moment is enough for.
  const auto large =
      Ask(Query("measures { name: 'net' } dimensions { name: 'consumer_region' level: 'city' } "
                "dimensions { name: 'provider_region' level: 'city' } grain: GRAIN_DAY"));
  ASSERT_OK(large);
  EXPECT_EQ(large->meta().cache(), v1::CACHE_STATE_MISS);
}

TEST_F(AnalyticsServiceTest, OneNamedPeriodIsComparedWithTheYearBefore) {
  int compared = 0;
  for (int year = 2010; year < 2022; ++year) {
    for (const char* rest : {"", "-01..02", "-Q1..Q3", "-H1", "-W53", "-02-29"}) {
      const std::string name = absl::StrCat(year, rest);
      const std::string text = absl::StrCat(
          "measures { name: 'net' } measures { name: 'consumers' } comparisons: COMPARISON_YOY "
          "range { first: '",
          name, "' last: '", name, "' }");
      const auto response = Ask(Query(text));
      if (absl::IsInvalidArgument(response.status())) continue;  // no such week or day
      ASSERT_OK(response);
      const auto query = ParseText<v1::Query>(text);
      EXPECT_EQ(testing::Difference(testing::Recount(world_, query, world_.log_size()), 0,
                                    response->result()),
                "")
          << name;
      const v1::Column& period = response->result().columns(0);
      EXPECT_EQ(period.name(), "period");
      ASSERT_EQ(period.dictionary().members_size(), 1);
      EXPECT_EQ(period.dictionary().members(0).code(), name);
      for (const v1::Column& column : response->result().columns()) {
        if (column.name() != "yoy(net)") continue;
        compared += column.null_reasons().empty() ? 1 : 0;
      }
    }
  }
  EXPECT_GT(compared, 0);
}

TEST_F(AnalyticsServiceTest, SharesAreRatiosAndLocationQuotientsNumbers) {
  const auto response = Ask(Query(R"pb(
    measures { name: "gross" }
    dimensions { name: "consumer_region" }
    dimensions { name: "category" }
    shares { measure: "gross" }
    location_quotients { measure: "gross" dimension: "consumer_region" }
  )pb"));
  ASSERT_OK(response);
  std::map<std::string, std::string> units;
  for (const v1::Column& column : response->result().columns())
    units[column.name()] = column.unit();
  EXPECT_EQ(units["share(gross)"], "ratio");
  EXPECT_EQ(units["location_quotient(gross of consumer_region)"], "number");
}

TEST_F(AnalyticsServiceTest, CodesNobodyReportedAreUnknown) {
  // A product, and an order, that come late.
  const auto late = [&](const std::string& field) {
    std::map<std::string, uint64_t> first;
    for (const auto& event : world_.events) {
      const auto found = event.fields.find(field);
      const std::string code = field == "order"              ? event.order.value_or("")
                               : found == event.fields.end() ? ""
                                                             : found->second;
      if (code.empty()) continue;
      const auto [it, fresh] = first.emplace(code, event.leaf);
      if (!fresh) it->second = std::min(it->second, event.leaf);
    }
    return *std::max_element(first.begin(), first.end(),
                             [](const auto& a, const auto& b) { return a.second < b.second; });
  };
  for (const std::string field : {"product", "order"}) {
    const auto [code, leaf] = late(field);
    const auto at = [&, leaf = leaf](const std::string& asked, uint64_t size) {
      return Ask(Query(
          "measures { name: 'net' } filters { dimension: '" + field + "' codes: '" + asked + "' }",
          absl::StrCat("as_of { log_size: ", size, "}")));
    };
    ASSERT_GT(leaf, 1u);
    EXPECT_OK(at(code, leaf + 1));
    EXPECT_OK(at(code, world_.log_size()));
    // The replica has met it since, but the snapshot has not.
    const auto unknown = at(code, leaf);
    EXPECT_THAT(unknown, AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(code)),
                               ReasonIs("UNKNOWN_CODE")));
    EXPECT_EQ(status::FieldOf(unknown.status()), "query.filters[0].codes[0]");
    const char* hint = field == "order" ? "has that order" : "nearest: ";
    EXPECT_THAT(at(code + "x", world_.log_size()),
                AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr(hint)),
                      ReasonIs("UNKNOWN_CODE")));
  }
}

TEST_F(AnalyticsServiceTest, CacheHitsWhileTheLogGrowsInOtherMonthsOnly) {
  const std::string old = R"pb(measures { name: "net" }
                               range { last: "2015-06" })pb";
  const auto query = ParseText<v1::Query>(old);
  // A snapshot whose months up to June 2015 got nothing more afterwards, and one before.
  uint64_t last = 0;
  for (const auto& event : world_.events) {
    if (event.time_us >= 1'435'680'000'000'000) continue;  // 2015-07-01 in Shanghai is earlier
    last = std::max({last, event.leaf + 1, event.taken_back.value_or(0) + 1});
  }
  ASSERT_LT(last, world_.log_size());
  const auto at = [](uint64_t size) { return absl::StrCat("as_of { log_size: ", size, "}"); };
  EXPECT_EQ(Ask(Query(old, at(last)))->meta().cache(), v1::CACHE_STATE_MISS);
  for (const uint64_t size : {last + 1, world_.log_size()}) {
    ASSERT_OK_AND_ASSIGN(const auto response, Ask(Query(old, at(size))));
    EXPECT_EQ(testing::Difference(testing::Recount(world_, query, size), 0, response.result()), "");
    EXPECT_EQ(response.meta().snapshot().log_size(), size);
  }
  EXPECT_EQ(Ask(Query(old))->meta().cache(), v1::CACHE_STATE_HIT);
  EXPECT_EQ(Ask(Query(old, at(last - 1)))->meta().cache(), v1::CACHE_STATE_MISS);
}

TEST_F(AnalyticsServiceTest, PagesFollowEachOtherAtTheSnapshotOfTheFirst) {
  const auto query = ParseText<v1::Query>(kMonthly);
  const testing::RecountTable recount = testing::Recount(world_, query, world_.log_size() - 40);
  auto request = ParseText<v1::QueryRequest>(Query(kMonthly, "page_size: 7"));
  request.mutable_as_of()->set_log_size(world_.log_size() - 40);
  uint64_t offset = 0;
  do {
    ASSERT_OK_AND_ASSIGN(const auto page, Ask(request));
    EXPECT_LE(page.result().row_count(), 7u);
    EXPECT_EQ(testing::Difference(recount, offset, page.result()), "");
    EXPECT_EQ(page.meta().snapshot().log_size(), world_.log_size() - 40);
    offset += page.result().row_count();
    request.clear_as_of();
    request.set_page_token(page.meta().next_page_token());
    request.set_page_size(7);
  } while (!request.page_token().empty());
  EXPECT_EQ(offset, recount.rows.size());
}

TEST_F(AnalyticsServiceTest, TamperedAndForeignTokensAreRefused) {
  ASSERT_OK_AND_ASSIGN(const auto first, Ask(Query(kMonthly, "page_size: 3")));
  const std::string token = first.meta().next_page_token();
  ASSERT_NE(token, "");
  for (size_t i = 0; i < token.size(); ++i) {
    std::string tampered = token;
    tampered[i] = tampered[i] == 'A' ? 'B' : 'A';
    const auto answer = Ask(Query(kMonthly, "page_token: '" + tampered + "'"));
    // The last character of base64 has bits that do not count.
    if (i + 1 == token.size() && answer.ok()) continue;
    EXPECT_THAT(answer, AllOf(StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("page_token")),
                              ReasonIs("PAGE_TOKEN_INVALID")))
        << i;
  }
  EXPECT_THAT(Ask(Query("measures { name: 'gross' }", "page_token: '" + token + "'")),
              ReasonIs("PAGE_TOKEN_INVALID"));
  const std::string question = std::string("\n") + first.meta().canonical_query();
  PageToken foreign{std::string(32, 'f'), 5, 3};
  EXPECT_THAT(Ask(Query(kMonthly, "page_token: '" + foreign.Encode(question) + "'")),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition), ReasonIs("LOG_ID_MISMATCH")));
}

TEST_F(AnalyticsServiceTest, BadRequestsNameTheField) {
  const auto refused = [&](const std::string& request, const char* field) {
    const auto answer = Ask(request);
    EXPECT_THAT(answer, StatusIs(absl::StatusCode::kInvalidArgument)) << request;
    EXPECT_EQ(status::FieldOf(answer.status()), field) << request;
  };
  refused("", "query");
  refused("query {}", "query.measures");
  refused(Query("measures { name: 'nett' }"), "query.measures[0].name");
  refused(Query(kMonthly, "page_size: 100001"), "page_size");
  refused(Query(kMonthly, "page_token: '!'"), "page_token");
  refused(Query(kMonthly, "label_language: 'zh_CN'"), "label_language");
  auto request = ParseText<v1::QueryRequest>(Query(kMonthly));
  request.mutable_query()->set_grain(static_cast<v1::Grain>(99));
  EXPECT_THAT(Ask(request), ReasonIs("UNKNOWN_GRAIN"));
  request = ParseText<v1::QueryRequest>(Query(kMonthly));
  request.mutable_query()->add_comparisons(static_cast<v1::Comparison>(9));
  EXPECT_THAT(Ask(request), ReasonIs("UNKNOWN_COMPARISON"));
  const auto garbage = tidemark::testing::CallRaw(
      server_->channel(), absl::StrCat("/", kAnalyticsServiceName, "/Query"), "\xFF\xFF garbage");
  EXPECT_THAT(garbage, StatusIs(absl::StatusCode::kInvalidArgument, HasSubstr("QueryRequest")));
}

TEST_F(AnalyticsServiceTest, RegionScopeIsAWall) {
  Serve({.token_name = "t", .principal = "p", .region_scope = "regions/cn-33"});
  ASSERT_OK_AND_ASSIGN(const auto inside, Ask(Query(kMonthly)));
  // What others reported is not told, not even that they did not.
  EXPECT_OK(
      Ask(Query("measures { name: 'net' } filters { dimension: 'product' codes: 'nowhere' }")));
  const auto query = ParseText<v1::Query>(kMonthly);
  EXPECT_EQ(testing::Difference(testing::Recount(world_, query, world_.log_size(), "regions/cn-33"),
                                0, inside.result()),
            "");
  EXPECT_EQ(inside.result().notes(0).code(), "REGION_SCOPE");
  Serve({.token_name = "t", .principal = "p"});
  // Not the answer of the one with the scope, although the query is the same.
  ASSERT_OK_AND_ASSIGN(const auto outside, Ask(Query(kMonthly)));
  EXPECT_EQ(outside.result().notes(0).code(), "PANEL_AS_REPORTED");
  for (const auto& note : outside.result().notes()) EXPECT_NE(note.code(), "REGION_SCOPE");
  Serve({.token_name = "t", .principal = "p", .region_scope = "regions/nowhere"});
  EXPECT_THAT(Ask(Query(kMonthly)), StatusIs(absl::StatusCode::kPermissionDenied));
}

TEST_F(AnalyticsServiceTest, VocabularyHasBothLanguages) {
  for (const char* language : {"", "en", "zh", "zh-Hans"}) {
    grpc::ClientContext context;
    v1::GetVocabularyRequest request;
    request.set_language(language);
    v1::GetVocabularyResponse response;
    ASSERT_TRUE(stub_->GetVocabulary(&context, request, &response).ok());
    EXPECT_THAT(response.measures(), SizeIs(20));
    EXPECT_THAT(response.dimensions(), SizeIs(19));
    EXPECT_THAT(response.grains(), SizeIs(8));
    EXPECT_THAT(response.comparisons(), SizeIs(4));
    for (const auto* terms : {&response.measures(), &response.dimensions(), &response.grains(),
                              &response.comparisons()}) {
      for (const v1::Term& term : *terms) {
        EXPECT_NE(term.name(), "");
        EXPECT_NE(term.title(), "") << term.name();
        EXPECT_NE(term.definition(), "") << term.name();
      }
    }
  }
  grpc::ClientContext context;
  v1::GetVocabularyRequest request;
  request.set_language("fr");
  v1::GetVocabularyResponse response;
  EXPECT_EQ(stub_->GetVocabulary(&context, request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(AnalyticsServiceTest, EveryWordOfTheVocabularyCanBeAsked) {
  grpc::ClientContext context;
  v1::GetVocabularyResponse words;
  ASSERT_TRUE(stub_->GetVocabulary(&context, {}, &words).ok());
  for (const v1::Term& measure : words.measures()) {
    const std::string quantile = measure.name() == "quantile" ? " quantile: 5000" : "";
    EXPECT_OK(Ask(Query("measures { name: '" + measure.name() + "'" + quantile + "}")));
  }
  for (const v1::Term& dimension : words.dimensions()) {
    for (const std::string& level : dimension.levels()) {
      EXPECT_OK(Ask(Query("measures { name: 'net' } dimensions { name: '" + dimension.name() +
                          "' level: '" + level + "' }")));
    }
  }
}

TEST_F(AnalyticsServiceTest, SnapshotsOfAnotherCatalogAreRefused) {
  const uint64_t size = world_.log_size();
  const uint64_t version = history_.stored_version();
  const auto append = [&](const CatalogHash& hash) {
    EffectBatch block;
    block.log_id = world_.log_id;
    block.first_leaf = store_.folded_size();
    block.record_count = 1;
    block.accepted_time_us = world_.accepted_us.back();
    block.catalog_marks = {{block.first_leaf, version, hash}};
    ASSERT_OK(store_.Append(block));
  };
  CatalogHash hash;
  std::memcpy(hash.data(), history_.stored_hash().data(), hash.size());
  append(hash);
  EXPECT_OK(Ask(Query("measures { name: 'net' }")));
  hash[31] ^= 1;
  append(hash);
  EXPECT_THAT(Ask(Query("measures { name: 'net' }")),
              AllOf(StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("restore")),
                    ReasonIs("CATALOG_MISMATCH")));
  EXPECT_OK(Ask(Query("measures { name: 'net' }", absl::StrCat("as_of { log_size: ", size, "}"))));
}

TEST_F(AnalyticsServiceTest, FoldStatusShowsTheState) {
  grpc::ClientContext context;
  v1::GetFoldStatusResponse response;
  ASSERT_TRUE(stub_->GetFoldStatus(&context, {}, &response).ok());
  EXPECT_EQ(response.snapshot().log_id(), world_.log_id);
  EXPECT_EQ(response.snapshot().log_size(), world_.log_size());
  EXPECT_EQ(response.log_size(), world_.log_size() + 5);
  EXPECT_TRUE(response.log_reachable());
  EXPECT_GT(response.effects(), 0u);
  EXPECT_EQ(response.replica(), "replica-1");
  EXPECT_EQ(response.version(), "0.1.0");
  EXPECT_FALSE(response.has_stall());
}

TEST_F(AnalyticsServiceTest, WhyFoldingStandsStillIsToldWithTheStateAndToWhoWaitsForIt) {
  stall_ = absl::FailedPreconditionError("another catalog than the log's");
  grpc::ClientContext context;
  v1::GetFoldStatusResponse response;
  ASSERT_TRUE(stub_->GetFoldStatus(&context, {}, &response).ok());
  EXPECT_EQ(status::FromRpcStatusProto(response.stall()), stall_);
  EXPECT_OK(Ask(Query(kMonthly)));
  EXPECT_THAT(
      Ask(Query(kMonthly, absl::StrCat("min_log_size: ", world_.log_size() + 5))).status(),
      AllOf(ReasonIs("BEHIND"), StatusIs(absl::StatusCode::kUnavailable,
                                         HasSubstr("waits: another catalog than the log's"))));
}

// What years to date read lies before the periods shown, so an answer that is kept must know of it.
TEST_F(AnalyticsServiceTest, KeptYearsToDateFollowTheLog) {
  MemoryStore store;
  Serve({.token_name = "t", .principal = "p"}, &store);
  const std::string query = R"pb(query {
                                   measures { name: "events" }
                                   measures { name: "consumers" }
                                   grain: GRAIN_MONTH
                                   range { first: "2016-05" last: "2016-06" }
                                   dimensions { name: "source" }
                                   comparisons: [ COMPARISON_YTD, COMPARISON_YTD_YOY ]
                                 })pb";
  std::set<std::string> answers;
  for (uint64_t size = 40; size <= world_.log_size(); size += 12) {
    ASSERT_OK(testing::FoldInto(world_, size, &store));
    ASSERT_OK_AND_ASSIGN(const v1::QueryResponse kept, Ask(query));
    ASSERT_OK_AND_ASSIGN(const v1::QueryResponse computed, Ask(query + " bypass_cache: true"));
    EXPECT_THAT(kept.result(), EqualsProto(computed.result())) << size;
    answers.insert(computed.result().SerializeAsString());
  }
  EXPECT_GT(answers.size(), 5u);
}

}  // namespace
}  // namespace tidemark::analytics
