package main

import (
	"slices"

	"github.com/spf13/cobra"

	"penstock/config"
	"penstock/pipeline"
)

// completeFlags says what the shell may propose after the global flags. A configuration that does not
// load proposes nothing: completion is no place for errors.
func (a *app) completeFlags(root *cobra.Command) {
	for flag, propose := range map[string]func() []string{
		"engine":  engineChoices,
		"source":  a.sourceNames,
		"profile": a.profileNames,
		"set":     a.settingKeys,
	} {
		_ = root.RegisterFlagCompletionFunc(flag, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			directive := cobra.ShellCompDirectiveNoFileComp
			if flag == "set" {
				directive |= cobra.ShellCompDirectiveNoSpace
			}
			return propose(), directive
		})
	}
	_ = root.MarkPersistentFlagFilename("config", "yaml", "yml")
}

func engineChoices() []string {
	var out []string
	for _, step := range pipeline.StepNames() {
		for _, engine := range config.EngineNames()[string(step)] {
			out = append(out, string(step)+"="+engine)
		}
	}
	return out
}

func (a *app) sourceNames() []string {
	c, err := a.config()
	if err != nil {
		return nil
	}
	var out []string
	for _, s := range c.Sources {
		out = append(out, s.Name)
	}
	return out
}

func (a *app) profileNames() []string {
	c, err := a.config()
	if err != nil {
		return nil
	}
	return c.Profiles()
}

func (a *app) settingKeys() []string {
	c, err := a.config()
	if err != nil {
		return nil
	}
	var out []string
	for _, s := range c.Settings() {
		out = append(out, s.Key+"=")
	}
	return slices.Compact(out)
}
