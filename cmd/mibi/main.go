// Command mibi is Openmibi's client, server and demo in one binary.
package main

import (
	"os"

	"github.com/openmibi/openmibi/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], cli.System()))
}
