package main

import "github.com/spf13/cobra"

// completeFlags says what the shell may propose after the global flags.
func (a *app) completeFlags(root *cobra.Command) {
	fixed := func(f func() []string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return f(), cobra.ShellCompDirectiveNoFileComp
		}
	}
	_ = root.RegisterFlagCompletionFunc("engine", fixed(func() []string { return nil }))
}
