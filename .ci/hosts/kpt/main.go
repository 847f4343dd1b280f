// Kpt is kpt's own commands below `kpt fn`, from its module, under a root command of ours: kpt's own
// root takes in `kpt alpha rollouts`, whose module the Go proxy does not have.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/kptdev/kpt/commands/fn"
	kpterrors "github.com/kptdev/kpt/pkg/lib/errors"
	"github.com/kptdev/kpt/pkg/lib/errors/resolver"
	"github.com/kptdev/kpt/pkg/printer"
	"github.com/spf13/cobra"
)

const module = "github.com/kptdev/kpt"

func main() {
	out := printer.New(os.Stdout, os.Stderr)
	ctx := printer.WithContext(context.Background(), out)
	root := &cobra.Command{Use: "kpt", SilenceUsage: true, SilenceErrors: true}
	root.PersistentFlags().BoolVar(&printer.TruncateOutput, "truncate-output", true, "")
	root.AddCommand(fn.GetCommand(ctx, "kpt"), &cobra.Command{
		Use: "version",
		Run: func(*cobra.Command, []string) { fmt.Println(version()) },
	})
	if err := root.Execute(); err != nil {
		os.Exit(report(err))
	}
}

// report prints an error as kpt's own root does, and gives its exit code.
func report(err error) int {
	if known, ok := resolver.ResolveError(err); ok {
		if known.Message != "" {
			fmt.Fprintln(os.Stderr, known.Message)
		}
		return known.ExitCode
	}
	var wrapped *kpterrors.Error
	if errors.As(err, &wrapped) {
		if inner, ok := kpterrors.UnwrapErrors(wrapped); ok {
			err = inner
		}
	}
	fmt.Fprintf(os.Stderr, "Error: %s\n", err)
	return 1
}

func version() string {
	info, _ := debug.ReadBuildInfo()
	for _, dependency := range info.Deps {
		if dependency.Path == module {
			return dependency.Version
		}
	}
	return "unknown"
}
