// Sends two purchases and asks for the total. CONTRACT is the file made by clients/node/generate.sh.
//   node send_and_ask.mjs CONTRACT SOURCE CATEGORY   token in TIDEMARK_TOKEN, addresses in TIDEMARK_INGEST and TIDEMARK_ANALYTICS
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const [contract, source, category] = process.argv.slice(2);
const definition = loader.loadFileDescriptorSetFromBuffer(readFileSync(contract), { longs: String, enums: String });
const { ingest, analytics } = grpc.loadPackageDefinition(definition).tidemark;
const token = new grpc.Metadata();
token.set("authorization", `Bearer ${process.env.TIDEMARK_TOKEN}`);
const insecure = grpc.credentials.createInsecure();
const sender = new ingest.v1.IngestService(process.env.TIDEMARK_INGEST ?? "127.0.0.1:7301", insecure);
const asker = new analytics.v1.AnalyticsService(process.env.TIDEMARK_ANALYTICS ?? "127.0.0.1:7303", insecure);
const call = (client, method, request) =>
  promisify(client[method].bind(client))(request, token, { deadline: Date.now() + 10_000 });

const events = [1, 2].map((i) => ({
  source, category, id: `node-${i}`, kind: "EVENT_KIND_PURCHASE",
  event_time_us: 1_700_000_000_000_000, amount: 1999, quantity: 1,
}));
const { verdict } = await call(sender, "SubmitEvents", { events });
console.log(`accepted ${verdict.accepted ?? 0} of ${events.length}`);
for (const e of verdict.exceptions ?? []) console.log(`event ${e.position ?? 0}: ${e.kind} ${e.status?.message ?? ""}`);

const leaves = [Number(verdict.first_leaf ?? 0) + (verdict.accepted ?? 0), ...(verdict.exceptions ?? []).map((e) => Number(e.leaf ?? 0) + 1)];
const query = { measures: [{ name: "gross" }, { name: "purchases" }], filters: [{ dimension: "source", codes: [source] }] };
const { result } = await call(asker, "Query", { query, min_log_size: Math.max(...leaves) });
for (const column of result.columns.slice(0, 2)) {
  console.log(`${column.name}: ${(Number(column.integers.values[0]) / 10 ** (column.decimals ?? 0)).toFixed(2)} ${column.unit}`);
}
