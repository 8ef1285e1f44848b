package main

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

const rootLong = `Penstock takes purchases from CSV files, cleans them into PostgreSQL, builds the analytics a shop decides
by, publishes them to a data lake and queries that lake. With nothing configured it runs a PostgreSQL of
its own, a lake in a folder and a sample of real purchases.`

const rootExample = `penstock --demo                         look around on invented data
penstock --run                          the whole pipeline
penstock --run ingest transform         two steps of it
penstock --run insights                 what the purchases say
penstock --run rejects --help           what one task takes
penstock init --from data/orders.csv    write a penstock.yaml that fits a file
penstock doctor                         is everything there that the configuration names?`

const runExample = `penstock --run
penstock --run ingest transform --source online-retail
penstock --run insights customer_value --sort -net_revenue --limit 10
penstock --run --json > facts.jsonl`

const completionExample = `source <(penstock completion bash)
penstock completion zsh > "${fpath[1]}/_penstock"
penstock completion fish > ~/.config/fish/completions/penstock.fish`

// help writes what one command does, how it is called and what it takes.
func (a *app) help(cmd *cobra.Command) {
	var b strings.Builder
	long, example := cmd.Long, cmd.Example
	switch {
	case !cmd.HasParent():
		long, example = rootLong, rootExample
	case long == "":
		long = cmd.Short + "."
	}
	switch cmd.CommandPath() {
	case "penstock run":
		example = runExample
	case "penstock completion":
		example = completionExample
	}
	fmt.Fprintf(&b, "%s\n\nUsage:\n", strings.TrimSpace(long))
	for _, line := range usageLines(cmd) {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	if example != "" {
		fmt.Fprintf(&b, "\nExamples:\n  %s\n", strings.ReplaceAll(strings.TrimSpace(example), "\n", "\n  "))
	}
	for _, c := range listed(cmd) {
		writeGroups(&b, c)
	}
	if own := cmd.LocalNonPersistentFlags(); own.HasAvailableFlags() {
		fmt.Fprintf(&b, "\nFlags:\n%s", flagUsages(own))
	}
	if all := cmd.Root().PersistentFlags(); all.HasAvailableFlags() {
		fmt.Fprintf(&b, "\nFlags of every task:\n%s", flagUsages(all))
	}
	_, _ = fmt.Fprint(a.out, b.String())
}

// usageLines shows a command the way it is typed: tasks with --run before them.
func usageLines(cmd *cobra.Command) []string {
	if !cmd.HasParent() {
		return []string{"penstock [flags]                        the console", "penstock --run [TASK ...] [flags]", "penstock COMMAND [flags]"}
	}
	if cmd.Name() == "run" && !cmd.Parent().HasParent() {
		return []string{"penstock --run [STEP ...] [flags]", "penstock --run TASK [arguments and flags of the task]"}
	}
	return []string{typed(cmd.Parent()) + " " + cmd.Use + " [flags]"}
}

// typed is a command's path as a user types it.
func typed(cmd *cobra.Command) string {
	return strings.Replace(cmd.CommandPath(), "penstock run", "penstock --run", 1)
}

// listed says whose sub-commands a command's help lists: the root also lists the tasks.
func listed(cmd *cobra.Command) []*cobra.Command {
	if cmd.HasParent() {
		return []*cobra.Command{cmd}
	}
	for _, c := range cmd.Commands() {
		if c.Name() == "run" {
			return []*cobra.Command{c, cmd}
		}
	}
	return []*cobra.Command{cmd}
}

func writeGroups(b *strings.Builder, parent *cobra.Command) {
	list := slices.Clone(parent.Commands())
	slices.SortStableFunc(list, func(x, y *cobra.Command) int {
		return strings.Compare(x.Annotations["place"], y.Annotations["place"]) // cobra's own have none
	})
	var titles []string
	lines := map[string][]string{}
	for _, c := range list {
		if !c.IsAvailableCommand() {
			continue
		}
		title := c.Annotations["group"]
		switch {
		case title == "" && parent.HasParent():
			title = "Actions"
		case title == "":
			title = string(groupTools)
		}
		if lines[title] == nil {
			titles = append(titles, title)
		}
		lines[title] = append(lines[title], fmt.Sprintf("  %-12s %s\n", c.Name(), c.Short))
	}
	for _, title := range titles {
		fmt.Fprintf(b, "\n%s:\n%s", title, strings.Join(lines[title], ""))
	}
}

func flagUsages(fs *pflag.FlagSet) string { return fs.FlagUsagesWrapped(110) }

// version is set by the build: -ldflags "-X main.version=...".
var version string

// versionString is the stamped version, else what the build recorded of the checkout.
func versionString() string {
	if version != "" {
		return version
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	rev, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			rev = s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+changes"
		}
	}
	if rev == "" {
		return info.Main.Version
	}
	return "dev-" + rev + dirty
}

func (a *app) printVersion() error {
	if a.flags.json {
		return a.emit(struct {
			Version string `json:"version"`
		}{versionString()})
	}
	_, err := fmt.Fprintf(a.out, "penstock %s\n", versionString())
	return err
}
