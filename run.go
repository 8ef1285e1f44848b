package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"penstock/pipeline/source"
)

// group is where help lists a task.
type group string

const (
	groupSteps group = "Steps of the pipeline (they combine)"
	groupData  group = "Data"
	groupState group = "Runs and state"
	groupTools group = "Commands"
)

// task is one thing that the command line can do. Those of tasks() follow --run, those of commands()
// follow the program's name. A task owns the words and flags after its name; the global flags are
// allowed everywhere.
type task struct {
	name    string
	group   group
	args    string // as the usage line shows them: "[RUN]"
	short   string // one line, no full stop
	long    string // what help says above the usage; short when empty
	example string // one command a line
	// flags declares the task's own flags; a constructor closes over their values.
	flags func(fs *pflag.FlagSet)
	// run does the task. The result goes to a.out, text for humans to a.err.
	run func(ctx context.Context, a *app, args []string) error
	// complete proposes words for the next argument; nil proposes nothing.
	complete func(a *app, args []string) []string
	// actions are the task's own sub-tasks: runs show, loads undo.
	actions []task
}

// tasks is the registry of what --run takes, in the order help shows them.
func tasks() []task {
	return slices.Concat(
		pipelineTasks(),
		[]task{
			validateTask(),
			runsTask(),
			loadsTask(),
			rejectsTask(),
			queryTask(),
			insightsTask(),
			migrateTask(),
			urlTask(),
			stopTask(),
		},
	)
}

// commands is the registry of what stands on its own after the program's name.
func commands() []task {
	return []task{
		initTask(),
		doctorTask(),
		keysTask(),
	}
}

// globals are the flags that every task takes.
type globals struct {
	config, profile string
	set             []string
	json, yes       bool
	engines         map[string]string
	sources         []string
	rebuild         bool
	version         bool
}

// command builds the whole command line. "--run" becomes the hidden command "run", so that the words
// after it are found, completed and explained like any others.
func (a *app) command() *cobra.Command {
	root := &cobra.Command{
		Use:           "penstock",
		Short:         "Operate a pipeline of e-commerce purchases",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          a.strayCommand,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if a.flags.version {
				return a.printVersion()
			}
			return a.openConsole(cmd.Context())
		},
	}
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	root.SetArgs(runAsCommand(a.args))
	root.SetHelpFunc(func(cmd *cobra.Command, _ []string) { a.help(cmd) })
	root.SetFlagErrorFunc(flagError)
	a.globalFlags(root)

	run := &cobra.Command{
		Use:    "run",
		Short:  "Run steps of the pipeline, or one task",
		Hidden: true,
		Args:   cobra.ArbitraryArgs,
		RunE:   a.runTask,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		},
	}
	for i, t := range tasks() {
		run.AddCommand(a.taskCommand(t, i))
	}
	root.AddCommand(run)
	for i, t := range commands() {
		root.AddCommand(a.taskCommand(t, i))
	}
	return root
}

func (a *app) globalFlags(root *cobra.Command) {
	fs := root.PersistentFlags()
	fs.SortFlags = false
	fs.StringVar(&a.flags.config, "config", "", "read this `file` instead of penstock.yaml")
	fs.StringVar(&a.flags.profile, "profile", "", "lay this profile of the configuration over the rest (`name`)")
	fs.StringArrayVar(&a.flags.set, "set", nil, "override one setting for this run (`key=value`), such as lake.url=./lake")
	fs.BoolVar(&a.flags.json, "json", false, "write the result as JSON lines")
	fs.StringToStringVar(&a.flags.engines, "engine", nil, "execute a step with another engine (`step=name`)")
	fs.Lookup("engine").DefValue = "" // help would show an empty map
	fs.StringSliceVar(&a.flags.sources, "source", nil, "only these sources (`name`)")
	fs.BoolVar(&a.flags.yes, "yes", false, "answer yes to what would be asked")
	fs.BoolVar(&a.flags.rebuild, "rebuild", false, "derive everything anew instead of what changed")
	root.Flags().SortFlags = false
	root.Flags().Bool("run", false, "run the pipeline, some steps of it, or one task: --run [TASK ...]")
	a.view.declare(root.Flags())
	root.Flags().BoolVar(&a.flags.version, "version", false, "print the version and stop")
	a.completeFlags(root)
}

// runAsCommand replaces the flag --run by the command run, unless another command comes first.
func runAsCommand(args []string) []string {
	out := slices.Clone(args)
	for i, arg := range out {
		if arg == "--" {
			break
		}
		if arg == "--run" {
			out[i] = "run"
			break
		}
		if name, ok := strings.CutPrefix(arg, "--run="); ok {
			return slices.Concat(out[:i], []string{"run", name}, out[i+1:])
		}
	}
	return out
}

// taskCommand is a task as the command line knows it; place is where help lists it.
func (a *app) taskCommand(t task, place int) *cobra.Command {
	cmd := &cobra.Command{
		Use:     strings.TrimSpace(t.name + " " + t.args),
		Short:   t.short,
		Long:    t.long,
		Example: t.example,
		Args:    cobra.ArbitraryArgs,
		RunE:    func(cmd *cobra.Command, args []string) error { return t.run(cmd.Context(), a, args) },
	}
	cmd.Annotations = map[string]string{"group": string(t.group), "place": fmt.Sprintf("%03d", place)}
	cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if t.complete == nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return t.complete(a, args), cobra.ShellCompDirectiveNoFileComp
	}
	if t.flags != nil {
		t.flags(cmd.Flags())
	}
	cmd.Flags().SortFlags = false
	for i, sub := range t.actions {
		cmd.AddCommand(a.taskCommand(sub, i))
	}
	return cmd
}

// runTask is --run with no task's name after it: the whole pipeline, or a name that does not exist.
func (a *app) runTask(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return a.runPipeline(cmd.Context(), nil)
	}
	if isCommand(cmd, args[0]) {
		return commandError(args)
	}
	return unknownName("task", args[0], names(tasks()), "penstock --run --help lists the tasks")
}

// isCommand tells whether a word stands on its own after the program's name; help and completion do so, too.
func isCommand(cmd *cobra.Command, word string) bool {
	found, _, err := cmd.Root().Find([]string{word})
	return err == nil && found.Name() == word && !found.Hidden
}

// commandError refuses a command that stands behind --run.
func commandError(args []string) error {
	return usageError(fmt.Sprintf("%q is a command, no task", args[0]), "leave --run out: penstock "+strings.Join(args, " "))
}

// strayCommand refuses a word after the program's name that is no command.
func (a *app) strayCommand(_ *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if slices.Contains(names(tasks()), args[0]) {
		return usageError(fmt.Sprintf("%q is a task", args[0]), "run it with: penstock --run "+strings.Join(args, " "))
	}
	return unknownName("command", args[0], names(commands()), "penstock --help lists the commands")
}

func names(list []task) []string {
	out := make([]string, len(list))
	for i, t := range list {
		out[i] = t.name
	}
	return out
}

// hinted is an error of the command line with what to do about it.
type hinted struct{ message, hint string }

func (e *hinted) Error() string { return e.message }

// Hint says what to do next.
func (e *hinted) Hint() string { return e.hint }

// usageError is an error of the command line: it ends the program with code 2.
func usageError(message, hint string) error {
	return &codeError{code: codeUsage, err: &hinted{message, hint}}
}

// unknownName is the usage error for a name that does not exist, with the nearest that does.
func unknownName(what, got string, have []string, hint string) error {
	if near := source.Nearest(got, have); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return usageError(fmt.Sprintf("unknown %s %q", what, got), hint)
}

// flagError turns a flag that does not parse into a usage error that names the nearest flag.
func flagError(cmd *cobra.Command, err error) error {
	hint := strings.ReplaceAll(cmd.CommandPath(), "penstock run", "penstock --run") + " --help lists the flags"
	if name, ok := strings.CutPrefix(err.Error(), "unknown flag: --"); ok {
		var have []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { have = append(have, f.Name) })
		cmd.InheritedFlags().VisitAll(func(f *pflag.Flag) { have = append(have, f.Name) })
		if near := source.Nearest(name, have); near != "" {
			hint = fmt.Sprintf("did you mean --%s?", near)
		}
	}
	return usageError(err.Error(), hint)
}
