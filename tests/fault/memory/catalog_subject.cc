// The catalog's store under the campaign: catalog_world.h says what must hold.
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "tests/fault/memory/catalog_world.h"
#include "tests/fault/memory/faulty_disk.h"
#include "tests/fault/memory/subject.h"

namespace tidemark::fault {
namespace {

// Five versions and an answer in each of two lives; the end of a life empties the WAL.
void RunScript(CatalogWorld& world) {
  for (int life = 0; life < 2; ++life) {
    if (!world.Open().ok()) return;
    for (size_t i = 0; i < 5; ++i) world.Apply(1 + i, i == 3 ? 6000 : 40);
    world.AnswerRequest();
    world.Close();
  }
}

absl::Status CheckAfter(CatalogWorld& world) {
  TM_RETURN_IF_ERROR(world.OpenAndCheck());
  if (!world.Apply(3, 100)) return world.last_failure();
  TM_RETURN_IF_ERROR(world.Check());
  world.Close();
  return world.OpenAndCheck();
}

class CatalogSubject final : public Subject {
 public:
  uint64_t ScriptChanges() override {
    CatalogWorld world(1);
    RunScript(world);
    return world.fs().changes();
  }

  absl::Status Script(uint64_t nth, Tally::Fault fault, Tally* tally) override {
    CatalogWorld world(1);
    world.fs().FailChange(nth, fault);
    RunScript(world);
    tally->Count(fault);
    world.fs().Crash();
    ++tally->power_cuts;
    TM_RETURN_IF_ERROR(CheckAfter(world));
    ++tally->cases;
    tally->kept += world.acknowledged();
    return absl::OkStatus();
  }

  absl::Status Random(uint64_t seed, Tally* tally) override {
    std::mt19937_64 random(seed);
    CatalogWorld world(seed);
    if (random() % 2 == 0) world.fs().KeepSomeAtCrash(seed);
    // Large enough for SQLite to empty the WAL while it runs, at a thousand pages.
    const bool large = random() % 60 == 0;
    for (uint64_t lives = 2 + random() % 4; lives > 0; --lives) {
      FaultPlan plan(random, large ? 4000 : 80, &world.fs());
      if (world.Open().ok()) {
        for (uint64_t n = random() % 10; n > 0; --n) {
          if (random() % 20 == 0) {
            world.fs().SetDiskFull(true);
            ++tally->full_disks;
          }
          if (random() % 5 == 0) {
            world.AnswerRequest();
          } else {
            world.Apply(1 + random() % (large ? 300 : 6), random() % (large ? 6000 : 800));
          }
          world.fs().SetDiskFull(false);
        }
      }
      EndLife(random, &world.fs(), tally);
      world.Close();
      plan.End(tally);
      TM_RETURN_IF_ERROR(world.OpenAndCheck());
      ++tally->cases;
      if (random() % 3 == 0) {
        // What was served once stays, though nothing was written since.
        world.fs().Crash();
        ++tally->power_cuts;
        TM_RETURN_IF_ERROR(world.OpenAndCheck());
        ++tally->cases;
      }
      world.Close();
    }
    TM_RETURN_IF_ERROR(CheckAfter(world));
    ++tally->cases;
    tally->kept += world.acknowledged();
    return absl::OkStatus();
  }

  uint64_t Flips() override {
    Prepare();
    return stopped_->count() + killed_->count();
  }

  absl::Status Flip(uint64_t nth, Tally* tally) override {
    Prepare();
    const bool stopped = nth < stopped_->count();
    const FlippableBits& bits = stopped ? *stopped_ : *killed_;
    std::string path;
    uint64_t offset = 0;
    const Files flipped = bits.Flip(stopped ? nth : nth - stopped_->count(), &path, &offset);
    ++tally->flips;
    ++tally->cases;
    CatalogWorld world(1);
    WriteFiles(flipped, &world.fs());
    if (!world.Open().ok()) {
      ++tally->refused_at_open;
      return absl::OkStatus();
    }
    const auto served = world.EverythingServed();
    if (!served.ok()) {
      ++tally->found_on_read;
      return absl::OkStatus();
    }
    if (*served != served_) {
      return absl::DataLossError(absl::StrCat("bit ", nth % 8, " of byte ", offset, " of ", path,
                                              stopped ? "" : " (killed)", " is served"));
    }
    ++tally->harmless;
    return absl::OkStatus();
  }

 private:
  // A store that was stopped, which has no WAL, and one that was killed, which has.
  void Prepare() {
    if (stopped_ != nullptr) return;
    CatalogWorld world(3);
    bool good = world.Open().ok();
    for (size_t i = 0; i < 4; ++i) good = world.Apply(2, 30 + 300 * (i % 2)) && good;
    world.AnswerRequest();
    world.Close();
    good = world.Open().ok() && good;
    for (size_t i = 0; i < 3; ++i) good = world.Apply(2, 40) && good;
    const Files killed = ReadFiles(world.fs(), CatalogWorld::kDir);
    served_ = world.EverythingServed().value_or("");
    world.Close();
    const Files stopped = ReadFiles(world.fs(), CatalogWorld::kDir);
    stopped_ = std::make_unique<FlippableBits>(good ? stopped : Files());
    killed_ = std::make_unique<FlippableBits>(good ? killed : Files());
  }

  std::unique_ptr<FlippableBits> stopped_, killed_;
  std::string served_;
};

}  // namespace

std::unique_ptr<Subject> NewCatalogSubject() { return std::make_unique<CatalogSubject>(); }

}  // namespace tidemark::fault
