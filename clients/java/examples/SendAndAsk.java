// Sends two purchases and asks for the total. Needs the classes made by clients/java/generate.sh on the class path.
//   java SendAndAsk.java SOURCE CATEGORY   token in TIDEMARK_TOKEN, addresses in TIDEMARK_INGEST and TIDEMARK_ANALYTICS
import dev.tidemark.analytics.v1.*;
import dev.tidemark.ingest.v1.*;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.util.stream.IntStream;

class SendAndAsk {
  static io.grpc.Channel connect(String variable, String address) {
    Metadata token = new Metadata();
    token.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + System.getenv("TIDEMARK_TOKEN"));
    String target = System.getenv().getOrDefault(variable, address);
    return io.grpc.ManagedChannelBuilder.forTarget(target).usePlaintext().intercept(MetadataUtils.newAttachHeadersInterceptor(token)).build();
  }

  public static void main(String[] args) {
    var ingest = IngestServiceGrpc.newBlockingStub(connect("TIDEMARK_INGEST", "127.0.0.1:7301"));
    var analytics = AnalyticsServiceGrpc.newBlockingStub(connect("TIDEMARK_ANALYTICS", "127.0.0.1:7303"));
    var batch = SubmitEventsRequest.newBuilder();
    for (int i = 1; i <= 2; ++i)
      batch.addEvents(Event.newBuilder().setSource(args[0]).setId("java-" + i).setKind(EventKind.EVENT_KIND_PURCHASE).setCategory(args[1])
          .setEventTimeUs(1_700_000_000_000_000L).setAmount(1999).setQuantity(1));
    BatchVerdict verdict = ingest.submitEvents(batch.build()).getVerdict();
    System.out.println("accepted " + verdict.getAccepted() + " of " + batch.getEventsCount());
    long size = verdict.getFirstLeaf() + verdict.getAccepted();
    for (var e : verdict.getExceptionsList()) { // sent again: DUPLICATE, and nothing counts twice
      System.out.println("event " + e.getPosition() + ": " + e.getKind() + " " + e.getStatus().getMessage());
      size = Math.max(size, e.getLeaf() + 1);
    }
    var query = Query.newBuilder().addMeasures(Measure.newBuilder().setName("gross")).addMeasures(Measure.newBuilder().setName("purchases"))
        .addFilters(Filter.newBuilder().setDimension("source").addCodes(args[0]));
    for (Column column : analytics.query(QueryRequest.newBuilder().setQuery(query).setMinLogSize(size).build()).getResult().getColumnsList().subList(0, 2))
      System.out.printf("%s: %.2f %s%n", column.getName(), column.getIntegers().getValues(0) / Math.pow(10, column.getDecimals()), column.getUnit());
    System.exit(0); // without waiting for the channels
  }
}
