// Writes the binary part of the corpus: what the formats' own writers make. By hand, after a format
// has changed:
//   ninja -C build/fuzz fuzz_make_seeds && build/fuzz/fuzz/make_seeds tests/fuzz/corpus
#include <google/protobuf/descriptor.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/message.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <random>

#include "absl/strings/str_cat.h"
#include "clients/cpp/ledger/block.h"
#include "clients/cpp/ledger/checkpoint.h"
#include "clients/cpp/ledger/control.h"
#include "clients/cpp/ledger/random_records.h"
#include "clients/cpp/ledger/tlog_proof.h"
#include "clients/cpp/query/parse.h"
#include "clients/cpp/submit/column_batch.h"
#include "common/fs/file_system.h"
#include "services/analytics/api/page_token.h"
#include "services/analytics/store/random_world.h"
#include "services/analytics/store/run_store.h"
#include "services/catalog/api/page_token.h"
#include "services/ingest/store/identity_run_format.h"
#include "tidemark/analytics/v1/query.pb.h"
#include "tidemark/catalog/v1/resource.pb.h"
#include "tidemark/ingest/v1/ingest_service.pb.h"

namespace tidemark::fuzz {
namespace {

namespace pb = google::protobuf;

std::filesystem::path corpus;

void Write(const std::string& target, const std::string& name, std::string_view bytes) {
  std::filesystem::create_directories(corpus / target);
  std::ofstream(corpus / target / name, std::ios::binary) << bytes;
}

void Must(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << "make_seeds: " << status << "\n";
  std::exit(1);
}

// ---- Ledger ----

std::string CatalogMarkBody() {
  std::string body;
  Must(ledger::EncodeBody(ledger::CatalogMark{.version = 7, .hash = {1, 2}}, &body));
  return body;
}
std::string SourceDayBody() {
  std::string body;
  Must(ledger::EncodeBody(ledger::SourceDay{.source = "shop",
                                            .day = 19700,
                                            .events = 12,
                                            .gross = -3,
                                            .refunds = 5,
                                            .principal = "till"},
                          &body));
  return body;
}
std::string ErasureBody() {
  const ledger::LeafRange ranges[] = {{3, 4}, {6, 900}};
  std::string body;
  Must(ledger::EncodeBody(ledger::Erasure{.leaves = ranges, .principal = "dpo"}, &body));
  return body;
}

// `realistic`: events as a platform sends them, else any that can be stored, and the other kinds.
void WriteBlock(const std::string& name, uint64_t seed, size_t rows, bool realistic) {
  constexpr uint64_t kFirst = 1000;
  const ledger::HmacKey key("salt key");
  ledger::RecordFactory factory(seed);
  ledger::LeafBatch leaves(&key);
  ledger::BlockBuilder builder;
  for (size_t row = 0; row < rows; ++row) {
    auto record = realistic ? factory.Realistic(kFirst + row) : factory.Random(kFirst + row);
    record.accepted_time_us = 1'700'000'000'000'000;
    Must(leaves.Add(record));
    Must(builder.Add(record));
  }
  const std::string bodies[] = {CatalogMarkBody(), SourceDayBody(), ErasureBody(), "later"};
  if (!realistic) {
    for (uint8_t i = 0; i < 4; ++i) {
      const ledger::ControlRecord record{static_cast<uint8_t>(i + 2), bodies[i]};
      Must(leaves.AddControl(record, 1'700'000'000'000'000));
      Must(builder.AddControl(record));
    }
  }
  leaves.Finish();
  std::vector<ledger::Hash> hashes;
  leaves.HashLeaves(&hashes);
  ledger::CompactRange range(kFirst);
  range.Append(hashes);
  std::string block;
  Must(builder.Finish({.first_leaf = kFirst,
                       .accepted_time_us = 1'700'000'000'000'000,
                       .log_id = {7},
                       .nodes = range.nodes()},
                      &block));
  Write("block", name, block);
  for (size_t i = 0; i < rows && i < 3; ++i) {
    Write("leaf", absl::StrCat(name, "-", i), leaves.leaf(i));
  }
}

void WriteLedger() {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    WriteBlock(absl::StrCat("random-", seed), seed, seed * 3, false);
  }
  WriteBlock("realistic-1", 1, 1, true);
  WriteBlock("realistic-60", 2, 60, true);
  Write("leaf", "mark", absl::StrCat("\x02", CatalogMarkBody()));
  Write("leaf", "day", absl::StrCat("\x03", SourceDayBody()));
  Write("leaf", "erasure", absl::StrCat("\x04", ErasureBody()));

  const auto signer = *ledger::NoteSigner::FromSeed("tidemark.example/log", {1, 2, 3});
  const auto witness = *ledger::NoteSigner::FromSeed("witness.example", {4});
  const ledger::Checkpoint checkpoint{.origin = "tidemark.example/log",
                                      .size = 12345,
                                      .root = {9, 8, 7},
                                      .accepted_time_us = 1'700'000'000'000'000};
  const std::string note = *ledger::SignCheckpoint(checkpoint, signer);
  Write("note", "checkpoint", note);
  Write("note", "cosigned", *witness.Cosign(note));
  Write("note", "other-key", *witness.Sign("a text\n"));
  Write("note", "text", *ledger::CheckpointText(checkpoint));
  Write("note", "text-extended", *ledger::CheckpointText(checkpoint) + "more\n");
  Write("note", "verifier", signer.verifier().ToText());
  Write("note", "signer", signer.ToText());
  Write("note", "proof",
        ledger::TlogProofText(
            {.extra = "a leaf", .index = 7, .path = {{1}, {2}}, .checkpoint = note}));
}

// ---- Ingest ----

// Ends of runs with so many entries per part, the place of the directory in front.
void WriteIdentityRuns() {
  for (const uint64_t entries : {1, 300, 2000}) {
    ingest::IdentityRunDirectory directory;
    directory.begin_leaf = 5;
    directory.end_leaf = 5 + 16 * entries;
    uint64_t page = 1;
    for (size_t p = 0; p < ingest::kIdentityRunParts; ++p) {
      ingest::IdentityRunPart& part = directory.parts[p];
      part.entries = p % 3 == 2 ? 0 : entries;
      part.first_page = page;
      part.filter_blocks = ingest::RunFilter::BlocksFor(part.entries);
      page +=
          part.pages() + (part.filter_bytes() + part.filter_padding()) / ingest::kIdentityPageBytes;
      for (uint64_t i = 0; i < part.pages(); ++i) {
        directory.fences.push_back(uint64_t{p} << 60 | i * 1000);
      }
    }
    const uint64_t offset = page * ingest::kIdentityPageBytes;
    const std::string place(reinterpret_cast<const char*>(&offset), sizeof(offset));
    const std::string end = ingest::EncodeIdentityRunEnd(directory, offset);
    Write("identity_run", absl::StrCat("end-", entries), place + end);
    Write("identity_run", absl::StrCat("directory-", entries),
          place + end.substr(0, end.size() - ingest::kIdentityRunFooterBytes));
  }
  const ingest::IdentityRunName name{.begin_leaf = 5, .end_leaf = 77};
  Write("identity_run", "name", std::string(8, '\0') + name.ToString());
}

// ---- Analytics ----

void WriteRuns() {
  const auto folder = std::filesystem::temp_directory_path() / "tidemark-fuzz-seeds";
  const auto file_system = fs::NewPosixFileSystem();
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    std::filesystem::remove_all(folder);
    auto store = *analytics::RunStore::Open(
        {.fs = file_system.get(), .dir = folder.string(), .background = false});
    analytics::RandomWorld world(seed);
    for (uint64_t block = 0; block < 2; ++block) {
      Must(store->Append(world.NextBlock(4 + 3 * seed)->batch()));
    }
    Must(store->Seal());
    store.reset();
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
      if (!file.is_regular_file() || file.file_size() == 0) continue;
      std::ifstream in(file.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      if (bytes.starts_with(analytics::kRunMagic)) {
        Write("run", absl::StrCat("world-", seed), bytes);
      }
    }
  }
  std::filesystem::remove_all(folder);
}

void WriteTokens() {
  constexpr std::string_view kQuestion = "net by month";  // as page_token_fuzzer.cc has it
  const analytics::PageToken ours{
      .log_id = "00112233445566778899aabbccddeeff", .log_size = 12345, .offset = 100};
  Write("page_token", "analytics", ours.Encode(kQuestion));
  Write("page_token", "analytics-other", ours.Encode("net"));
  const catalog::PageToken listed{.version = 77, .position = "regions/cn-330200"};
  Write("page_token", "catalog", catalog::EncodePageToken(listed, kQuestion));
  Write("page_token", "token", absl::StrCat("tm_", std::string(43, 'a')));
}

void WriteQueries() {
  const std::string_view texts[] = {
      "net", "net, events by month, category@2 where consumer_region = cn-33 compare yoy",
      "quantile(9500) share(net of consumer_region@nation) by year"};
  for (size_t i = 0; i < std::size(texts); ++i) {
    const auto query = query::ParseQuery(texts[i]);
    if (query.ok()) Write("query", absl::StrCat("message-", i), query->SerializeAsString());
  }
}

// ---- Messages, every field set ----

void Fill(pb::Message* message, std::mt19937_64& random, int depth);

void FillField(pb::Message* message, const pb::FieldDescriptor* field, std::mt19937_64& random,
               int depth) {
  const auto* r = message->GetReflection();
  using Type = pb::FieldDescriptor;
  const bool many = field->is_repeated();
  const uint64_t number = random() >> (random() % 64);
  const std::string text = absl::StrCat("t\xE8\x8C\xB6", number % 1000);
  switch (field->cpp_type()) {
    case Type::CPPTYPE_MESSAGE:
      if (depth > 4) return;
      return Fill(many ? r->AddMessage(message, field) : r->MutableMessage(message, field), random,
                  depth + 1);
    case Type::CPPTYPE_STRING:
      return many ? r->AddString(message, field, text) : r->SetString(message, field, text);
    case Type::CPPTYPE_ENUM: {
      const auto* value = field->enum_type()->value(static_cast<int>(number % 100) %
                                                    field->enum_type()->value_count());
      return many ? r->AddEnum(message, field, value) : r->SetEnum(message, field, value);
    }
    case Type::CPPTYPE_BOOL:
      return many ? r->AddBool(message, field, true) : r->SetBool(message, field, true);
    case Type::CPPTYPE_INT32:
      return r->SetInt32(message, field, static_cast<int32_t>(number));
    case Type::CPPTYPE_UINT32:
      return many ? r->AddUInt32(message, field, static_cast<uint32_t>(number))
                  : r->SetUInt32(message, field, static_cast<uint32_t>(number));
    case Type::CPPTYPE_INT64:
      return many ? r->AddInt64(message, field, -static_cast<int64_t>(number / 2))
                  : r->SetInt64(message, field, -static_cast<int64_t>(number / 2));
    case Type::CPPTYPE_UINT64:
      return r->SetUInt64(message, field, number);
    default:
      return;
  }
}

void Fill(pb::Message* message, std::mt19937_64& random, int depth) {
  const auto* type = message->GetDescriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    FillField(message, type->field(i), random, depth);
    if (type->field(i)->is_repeated()) FillField(message, type->field(i), random, depth);
  }
}

// The same bytes every time.
std::string Serialized(const pb::Message& message) {
  std::string bytes;
  {
    pb::io::StringOutputStream stream(&bytes);
    pb::io::CodedOutputStream out(&stream);
    out.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&out);
  }
  return bytes;
}

// What the catalog of the plain_event fuzzer knows.
void WritePlainEvents() {
  for (int i = 0; i < 3; ++i) {
    ingest::v1::Event event;
    event.set_source("platform-1");
    event.set_id("e-1");
    event.set_kind(ingest::v1::EVENT_KIND_PURCHASE);
    event.set_event_time_us(1'700'000'000'000'000);
    event.set_amount(1999);
    if (i > 0) {
      event.set_order("o-1");
      event.mutable_consumer()->set_scheme("account");
      event.mutable_consumer()->set_id("Alice");
      event.set_consumer_region("gbt2260-330200");
      event.set_provider_region("r");
      event.set_category("c");
      event.set_product("p-1");
      event.set_segment(ingest::v1::SEGMENT_PERSONS);
      event.set_age_band("a");
      event.set_quantity(2);
      event.set_currency("CNY");
    }
    if (i > 1) {
      event.set_revision(1);
      event.mutable_consumer()->set_prehashed(std::string(16, 'p'));
      event.set_place_of_use("gbt2260-330200");
      event.set_provider("一个名字比四十四个字节更长的商家，所以不被记住");
      event.set_channel(ingest::v1::CHANNEL_ONLINE);
      event.set_payment_method("card");
      event.set_area_type(ingest::v1::AREA_TYPE_URBAN);
      event.set_income_band("i");
      event.set_voucher_amount(100);
    }
    Write("plain_event", absl::StrCat("good-", i), Serialized(event));
  }
}

void WriteMessages() {
  std::mt19937_64 random(1);
  for (int i = 0; i < 3; ++i) {
    ingest::v1::Event event;
    Fill(&event, random, 0);
    Write("event", absl::StrCat("full-", i), Serialized(event));
    ingest::v1::SubmitEventsRequest request;
    Fill(&request, random, 0);
    Write("request", absl::StrCat("full-", i), Serialized(request));
    submit::ColumnBatch columns;
    columns.Add(event);
    for (int n = 0; n < 4 * i; ++n) {
      event.set_id(absl::StrCat("id-", n));
      event.set_category(n % 2 == 0 ? "books" : "音乐");
      if (n % 3 == 0) event.clear_amount();
      columns.Add(event);
    }
    Write("columns", absl::StrCat("full-", i), columns.Finish());
    ingest::v1::StreamEventsRequest streamed;
    streamed.set_sequence(300 + static_cast<uint64_t>(i));
    *streamed.mutable_batch() = request;
    Write("request", absl::StrCat("streamed-", i), Serialized(streamed));
  }
  // The parts of a oneof put each other out, so one message each.
  const auto* type = catalog::v1::Resource::descriptor();
  for (int i = 0; i < type->field_count(); ++i) {
    if (type->field(i)->real_containing_oneof() == nullptr) continue;
    catalog::v1::Resource resource;
    FillField(&resource, type->field(i), random, 0);
    resource.set_name("regions/cn");
    (*resource.mutable_display_names())["en"] = "China";
    const std::string bytes = Serialized(resource);
    Write("catalog_state", type->field(i)->name(), bytes);
    Write("resource_yaml", absl::StrCat("message-", type->field(i)->name()), bytes);
  }
}

}  // namespace
}  // namespace tidemark::fuzz

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: make_seeds FOLDER\n";
    return 2;
  }
  tidemark::fuzz::corpus = argv[1];
  tidemark::fuzz::WriteLedger();
  tidemark::fuzz::WriteIdentityRuns();
  tidemark::fuzz::WriteRuns();
  tidemark::fuzz::WriteTokens();
  tidemark::fuzz::WriteQueries();
  tidemark::fuzz::WriteMessages();
  tidemark::fuzz::WritePlainEvents();
  return 0;
}
