#ifndef TIDEMARK_CLIENTS_CPP_QUERY_CANONICAL_H_
#define TIDEMARK_CLIENTS_CPP_QUERY_CANONICAL_H_

#include <string>
#include <string_view>

namespace tidemark::analytics::v1 {
class Contribution;
class LocationQuotient;
class Measure;
class PerCapita;
class Query;
class Rank;
class Share;
enum Geography : int;
}  // namespace tidemark::analytics::v1

// The text form of queries; docs/query-language.md has the grammar. Nothing here needs a catalog,
// and any message has a text, valid query or not.
namespace tidemark::query {

// The same question with everything written one way: grain and geography spelled out, codes of a
// filter sorted and each once, filters by dimension (keeping before excluding), comparisons by
// number and each once. What decides columns or order of the answer stays as it is.
analytics::v1::Query Normalised(const analytics::v1::Query& query);

// By which groups and boundaries places are judged where the query does not say.
analytics::v1::Geography UsualGeography(const analytics::v1::Query& query);

// One line of text that says everything about the normalised query. Equal questions have equal
// texts, and parsing the text of one that a text can say gives it back, to be normalised again.
std::string CanonicalText(const analytics::v1::Query& query);

// Names of the columns that answer parts of a query: `net`, `quantile(9500)`; `share(net)`,
// `share(net of consumer_region)`, `share(net of consumer_region@nation)`; `rank(net)`,
// `rank(net asc)`; `yoy_contribution(net of category@1)`, whose rate is
// `yoy_contribution_rate(...)`; `location_quotient(gross of consumer_region)`; `per_capita(net)`,
// `per_capita(net,registered,year_end)`; `ratio_to_gdp(net)`.
std::string MeasureColumn(const analytics::v1::Measure& measure);
std::string ShareColumn(const analytics::v1::Share& share);
std::string RankColumn(const analytics::v1::Rank& rank);
std::string ContributionColumn(const analytics::v1::Contribution& contribution, bool rate);
std::string LocationQuotientColumn(const analytics::v1::LocationQuotient& quotient);
std::string PerCapitaColumn(const analytics::v1::PerCapita& per_capita);
std::string RatioToGdpColumn(std::string_view measure);

// A code as it stands in a text: bare where the grammar allows it, else in double quotes.
std::string QuotedCode(std::string_view code);
// The words that a bare code may not be: `by`, `where`, `unknown`, ...; without regard to case.
bool IsReservedWord(std::string_view word);

}  // namespace tidemark::query

#endif  // TIDEMARK_CLIENTS_CPP_QUERY_CANONICAL_H_
