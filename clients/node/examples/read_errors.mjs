// Asks wrong questions and tells what the errors say to programs. CONTRACT is the file made by clients/node/generate.sh.
//   node read_errors.mjs CONTRACT        token in TIDEMARK_TOKEN, address in TIDEMARK_ANALYTICS
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const definition = loader.loadFileDescriptorSetFromBuffer(readFileSync(process.argv[2]), { longs: String, enums: String });
const { analytics } = grpc.loadPackageDefinition(definition).tidemark;
const token = new grpc.Metadata();
token.set("authorization", `Bearer ${process.env.TIDEMARK_TOKEN}`);
const asker = new analytics.v1.AnalyticsService(process.env.TIDEMARK_ANALYTICS ?? "127.0.0.1:7303", grpc.credentials.createInsecure());
const ask = promisify(asker.Query.bind(asker));

// By name, such as ErrorInfo; empty where no service of Tidemark answered.
function detailsOf(error) {
  const found = {};
  for (const bytes of error.metadata?.get("grpc-status-details-bin") ?? []) {
    for (const detail of definition["google.rpc.Status"].deserialize(bytes).details ?? []) {
      const name = detail.type_url.slice(detail.type_url.lastIndexOf("/") + 1);
      if (definition[name]) found[name.replace("google.rpc.", "")] = definition[name].deserialize(detail.value);
    }
  }
  return found;
}

for (const request of [{ query: { measures: [{ name: "netto" }] } }, { query: { measures: [{ name: "net" }] }, min_log_size: 1e12 }]) {
  try {
    await ask(request, token, { deadline: Date.now() + 10_000 });
  } catch (error) {
    const { ErrorInfo, BadRequest, RetryInfo } = detailsOf(error);
    console.log(`${grpc.status[error.code]} ${ErrorInfo?.reason ?? "(nobody of Tidemark answered)"}: ${error.details}`);
    for (const { field, description } of BadRequest?.field_violations ?? []) console.log(`  ${field}: ${description}`);
    if (RetryInfo) console.log(`  again in ${Number(RetryInfo.retry_delay.seconds ?? 0) + (RetryInfo.retry_delay.nanos ?? 0) / 1e9} s`);
  }
}
