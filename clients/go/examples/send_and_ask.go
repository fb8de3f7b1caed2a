package main // go run *.go SOURCE CATEGORY: sends two purchases, asks for the total; with TIDEMARK_TOKEN, TIDEMARK_INGEST, TIDEMARK_ANALYTICS

import (
	"context"
	"fmt"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"math"
	"os"
	analytics "tidemark.dev/go/analytics/v1"
	ingest "tidemark.dev/go/ingest/v1"
)

func check[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	ctx := metadata.AppendToOutgoingContext(context.Background(), "authorization", "Bearer "+os.Getenv("TIDEMARK_TOKEN"))
	sender := ingest.NewIngestServiceClient(check(grpc.Dial(os.Getenv("TIDEMARK_INGEST"), grpc.WithInsecure())))
	asker := analytics.NewAnalyticsServiceClient(check(grpc.Dial(os.Getenv("TIDEMARK_ANALYTICS"), grpc.WithInsecure())))
	source, category, kind, amount := os.Args[1], os.Args[2], ingest.EventKind_EVENT_KIND_PURCHASE, int64(1999)
	buy := func(id string) *ingest.Event {
		return &ingest.Event{Source: source, Id: id, Kind: kind, Category: &category, EventTimeUs: 17e14, Amount: &amount}
	}
	verdict := check(sender.SubmitEvents(ctx, &ingest.SubmitEventsRequest{Events: []*ingest.Event{buy("go-1"), buy("go-2")}})).Verdict
	fmt.Printf("accepted %d of 2\n", verdict.Accepted)
	size := float64(verdict.FirstLeaf + uint64(verdict.Accepted))
	for _, e := range verdict.Exceptions { // sent again: DUPLICATE, and nothing counts twice
		fmt.Printf("event %d: %s %s\n", e.Position, e.Kind, e.Status.GetMessage())
		size = math.Max(size, float64(e.GetLeaf()+1))
	}
	query := &analytics.Query{Measures: []*analytics.Measure{{Name: "gross"}, {Name: "purchases"}}, Filters: []*analytics.Filter{{Dimension: "source", Codes: []string{source}}}}
	for _, c := range check(asker.Query(ctx, &analytics.QueryRequest{Query: query, MinLogSize: uint64(size)})).Result.Columns[:2] {
		fmt.Printf("%s: %.2f %s\n", c.Name, float64(c.GetIntegers().Values[0])/math.Pow10(int(c.Decimals)), c.Unit)
	}
}
