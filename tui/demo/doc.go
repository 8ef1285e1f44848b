// Package demo invents what the screens of the console show when there is
// nothing to show it from: seeded, without network or clock, each pane filled,
// and with texts as hostile as real files are.
package demo
