// grpc-gateway with its defaults, in front of the services that are measured.
package main

import (
	"context"
	"net/http"
	"os"

	catalog "bench/gen/shop/catalog/v1"
	orders "bench/gen/shop/orders/v1"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
)

func main() {
	created := func(_ context.Context, w http.ResponseWriter, answer proto.Message) error {
		if _, ok := answer.(*orders.PlaceOrderResponse); ok {
			w.WriteHeader(http.StatusCreated)
		}
		return nil
	}
	mux := runtime.NewServeMux(runtime.WithForwardResponseOption(created))
	conn, err := grpc.NewClient(os.Getenv("UPSTREAM"), grpc.WithTransportCredentials(insecure.NewCredentials()))
	check(err)
	check(catalog.RegisterCatalogServiceHandler(context.Background(), mux, conn))
	check(orders.RegisterOrdersServiceHandler(context.Background(), mux, conn))
	check(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), mux))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
