// The sums of use in the catalog's file.
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "services/catalog/store/sqlite_catalog_store.h"
#include "services/catalog/store/sqlite_lease.h"
#include "services/catalog/store/use_seal.h"

namespace tidemark::catalog {
namespace {

int64_t Signed(uint64_t value) { return static_cast<int64_t>(value); }
uint64_t Unsigned(int64_t value) { return static_cast<uint64_t>(value); }

absl::Status Damaged(const std::string& path, std::string_view what) {
  return absl::DataLossError(absl::StrCat(path, ": ", what, " is damaged", kDamagedAdvice));
}

// What the reporter's last batch says of this one; nothing: it is new.
absl::StatusOr<std::optional<UseOutcome>> OutcomeOfRepeat(SqliteConnection& connection,
                                                          const std::string& path,
                                                          const UseBatch& batch) {
  Query query = connection.Start(
      "SELECT batch, fingerprint, time_us, seal FROM use_reporters WHERE reporter = ?1");
  query.BindText(1, batch.reporter);
  const bool row = query.Step();
  TM_RETURN_IF_ERROR(query.status());
  if (!row) return std::nullopt;
  const UseBatch last = {.reporter = batch.reporter,
                         .number = Unsigned(query.Int(0)),
                         .fingerprint = std::string(query.Blob(1)),
                         .time_us = query.Int(2)};
  if (query.Int(3) != SealOf(last)) {
    return Damaged(path, absl::StrCat("what it knows of reporter ", batch.reporter));
  }
  if (batch.number > last.number) return std::nullopt;
  const bool same = batch.number < last.number || batch.fingerprint == last.fingerprint;
  return same ? UseOutcome::kRepeated : UseOutcome::kOtherBatch;
}

absl::StatusOr<UseSum> SumIn(const Query& row, int column, std::string_view grant,
                             const std::string& path) {
  UseSum sum = {.grant = std::string(grant),
                .day = static_cast<int32_t>(row.Int(column)),
                .purpose = static_cast<int32_t>(row.Int(column + 1)),
                .units = Unsigned(row.Int(column + 2))};
  if (row.Int(column + 3) != SealOf(sum)) {
    return Damaged(path, absl::StrCat("a sum of use of ", grant));
  }
  return sum;
}

absl::Status AddSum(SqliteConnection& connection, const std::string& path, UseSum sum) {
  {
    Query query = connection.Start(
        "SELECT day, purpose, units, seal FROM uses "
        "WHERE grant_name = ?1 AND day = ?2 AND purpose = ?3");
    query.BindText(1, sum.grant).Bind(2, sum.day).Bind(3, sum.purpose);
    if (query.Step()) {
      TM_ASSIGN_OR_RETURN(const UseSum before, SumIn(query, 0, sum.grant, path));
      sum.units += before.units;
    }
    TM_RETURN_IF_ERROR(query.status());
  }
  if (sum.units > kMostUnits) {
    return absl::OutOfRangeError(absl::StrCat(sum.grant, ": ", sum.units, " units, at most ",
                                              kMostUnits, " can be kept of a day"));
  }
  Query query = connection.Start(
      "INSERT OR REPLACE INTO uses (grant_name, day, purpose, units, seal) "
      "VALUES (?1, ?2, ?3, ?4, ?5)");
  query.BindText(1, sum.grant).Bind(2, sum.day).Bind(3, sum.purpose);
  query.Bind(4, Signed(sum.units)).Bind(5, SealOf(sum)).Step();
  return query.status();
}

absl::Status WriteBatch(SqliteConnection& connection, const std::string& path,
                        const UseBatch& batch) {
  for (const UseSum& sum : batch.sums) TM_RETURN_IF_ERROR(AddSum(connection, path, sum));
  Query query = connection.Start(
      "INSERT OR REPLACE INTO use_reporters (reporter, batch, fingerprint, time_us, seal) "
      "VALUES (?1, ?2, ?3, ?4, ?5)");
  query.BindText(1, batch.reporter).Bind(2, Signed(batch.number)).BindBlob(3, batch.fingerprint);
  query.Bind(4, batch.time_us).Bind(5, SealOf(batch)).Step();
  return query.status();
}

}  // namespace

absl::StatusOr<UseOutcome> SqliteCatalogStore::AddUse(const UseBatch& batch) {
  base::MutexLock lock(writer_mutex_);
  TM_RETURN_IF_ERROR(sealed());
  TM_ASSIGN_OR_RETURN(const auto repeat, OutcomeOfRepeat(*writer_, path_, batch));
  if (repeat) return *repeat;
  TM_RETURN_IF_ERROR(writer_->Execute("BEGIN IMMEDIATE"));
  absl::Status status = WriteBatch(*writer_, path_, batch);
  if (status.ok()) {
    status = writer_->Execute("COMMIT");
    SealIfInDoubt(status);
  }
  if (!status.ok()) {
    // The first error says more than what the rollback may add to it.
    writer_->Execute("ROLLBACK").IgnoreError();
    return status;
  }
  return UseOutcome::kAdded;
}

absl::StatusOr<std::optional<std::string>> SqliteCatalogStore::GrantWithUseAfter(
    std::string_view grant) const {
  const Lease reader(*this);
  Query query = reader->Start(
      "SELECT grant_name FROM uses WHERE grant_name > ?1 ORDER BY grant_name LIMIT 1");
  query.BindText(1, grant);
  const bool row = query.Step();
  TM_RETURN_IF_ERROR(query.status());
  if (!row) return std::nullopt;
  return std::string(query.Text(0));
}

absl::StatusOr<std::vector<UseSum>> SqliteCatalogStore::UseOf(std::string_view grant,
                                                              const UsePosition& after,
                                                              int32_t last_day,
                                                              size_t limit) const {
  const Lease reader(*this);
  Query query = reader->Start(
      "SELECT day, purpose, units, seal FROM uses WHERE grant_name = ?1 "
      "AND (day, purpose) > (?2, ?3) AND day <= ?4 ORDER BY day, purpose LIMIT ?5");
  query.BindText(1, grant).Bind(2, after.day).Bind(3, after.purpose);
  query.Bind(4, last_day).Bind(5, Signed(limit));
  std::vector<UseSum> found;
  while (query.Step()) {
    TM_ASSIGN_OR_RETURN(UseSum sum, SumIn(query, 0, grant, path_));
    found.push_back(std::move(sum));
  }
  TM_RETURN_IF_ERROR(query.status());
  return found;
}

}  // namespace tidemark::catalog
