#ifndef TIDEMARK_SERVICES_ANALYTICS_QUERY_CROSSWALK_H_
#define TIDEMARK_SERVICES_ANALYTICS_QUERY_CROSSWALK_H_

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "clients/cpp/catalog/catalog_view.h"
#include "common/base/rational.h"

namespace tidemark::analytics {

// By which weights figures are divided.
enum class FigureKind : uint8_t {
  kPersons,   // population
  kMoney,     // gross domestic product, else population
  kArea,      // area
  kOther,     // population, else households
  kNotAdded,  // by none: rates and index numbers
};

// What counts of the figure of a region.
struct FigurePart {
  catalog_client::Ordinal region = catalog_client::kNone;
  // Above 0 and at most 1.
  base::Rational share;
};

// Which figures make up the figure of a region of later boundaries.
struct FigureParts {
  enum class Of : uint8_t {
    kParts,
    // Some part has no weight that fits the kind of figure.
    kWeightless,
    // Several figures, or a part of one, of a kind that does not add up.
    kNotAdded,
  };
  Of of = Of::kParts;
  // As which the region counts.
  catalog_client::Ordinal region = catalog_client::kNone;
  // It was not there yet when the figures were stated. A figure that is stated of it all the same
  // was made for it later, and comes before the parts.
  bool is_new = false;
  // By region, ascending; at least one.
  std::vector<FigurePart> parts;

  // The region's own figure and no other.
  bool IsOwn() const {
    return of == Of::kParts && parts.size() == 1 && parts[0].region == region &&
           parts[0].share == base::Rational(1);
  }
  // A weight below 1 takes part, so that what they make up is an estimate.
  bool IsWeighed() const;
};

// Crosswalk: which figures make up a region of later boundaries. A figure is of the boundaries of
// the last day of its period; from then on what was replaced or merged whole counts as what took it
// over, and a part that was divided off counts with its weight, in the order of the days. Of
// several things on one day each is a share of what there was before. Not thread-safe.
class Crosswalk {
 public:
  // Not owned.
  explicit Crosswalk(const catalog_client::CatalogView& view);

  const catalog_client::CatalogView& view() const { return view_; }

  // No region was ever replaced or divided.
  bool empty() const { return changes_.empty(); }

  // Figures of a period whose last moment is `stated_us`, for the region that `region` counts as at
  // `moment_us`. Boundaries do not go back: of a later period it is the region's own figure.
  const FigureParts& PartsOf(catalog_client::Ordinal region, FigureKind kind, int64_t stated_us,
                             int64_t moment_us);
  // What the region counts as at `moment_us`, and all whose figures of any earlier period may be a
  // part of its; perhaps some more.
  std::vector<catalog_client::Ordinal> SourcesOf(catalog_client::Ordinal region,
                                                 int64_t moment_us) const;
  // The region is another one by then.
  bool IsReplaced(catalog_client::Ordinal region, int64_t moment_us) const {
    return CountsAs(region, moment_us) != region;
  }

 private:
  using Ordinal = catalog_client::Ordinal;
  // Of which regions' figures a region consists.
  struct Holding {
    std::map<Ordinal, base::Rational> shares;
    bool weightless = false;
  };
  using Holdings = std::map<Ordinal, Holding>;
  // What leaves a region on a day.
  struct Move {
    Ordinal from = catalog_client::kNone;
    Ordinal to = catalog_client::kNone;
    base::Rational share;
    bool weightless = false;
  };
  using Moves = std::map<int64_t, std::vector<Move>>;

  const FigureParts& OwnOf(Ordinal region);
  FigureParts MakeParts(Ordinal region, FigureKind kind, int64_t stated_us, int64_t moment_us);
  // Of regions that something left or came to.
  Holdings Follow(FigureKind kind, int64_t stated_us, int64_t moment_us) const;
  Moves MovesIn(FigureKind kind, int64_t stated_us, int64_t moment_us) const;
  void AddParts(Ordinal region, FigureKind kind, int64_t stated_us, int64_t moment_us,
                Moves* moves) const;
  Ordinal CountsAs(Ordinal region, int64_t time_us) const;
  bool IsNew(Ordinal region, int64_t stated_us) const;

  const catalog_client::CatalogView& view_;
  // On which some region was replaced or divided, ascending.
  std::vector<int64_t> changes_;
  // Who gave something to a region, at whatever time.
  std::map<Ordinal, std::vector<Ordinal>> givers_;
  std::map<Ordinal, FigureParts> own_;
  // By the last change before the moment, as all below.
  std::map<std::tuple<FigureKind, int64_t, int64_t>, Holdings> followed_;
  std::map<std::tuple<Ordinal, FigureKind, int64_t, int64_t>, FigureParts> parts_;
};

}  // namespace tidemark::analytics

#endif  // TIDEMARK_SERVICES_ANALYTICS_QUERY_CROSSWALK_H_
