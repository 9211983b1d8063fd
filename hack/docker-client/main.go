// Command docker-client looks an image up as Go programs do that use Docker's own client, for the tests of the Engine API.
// It prints the answer, or the error on stderr with exit status 1.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/moby/moby/client"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run takes the host (unix:///path or tcp://host:port), the image, and maybe the value of X-Registry-Auth.
func run(args []string) error {
	if len(args) < 2 {
		return fmt.Errorf("usage: docker-client HOST IMAGE [AUTH]")
	}
	docker, err := client.New(client.WithHost(args[0]))
	if err != nil {
		return err
	}
	defer docker.Close()
	options := client.DistributionInspectOptions{}
	if len(args) > 2 {
		options.EncodedRegistryAuth = args[2]
	}
	answer, err := docker.DistributionInspect(context.Background(), args[1], options)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(answer)
}
