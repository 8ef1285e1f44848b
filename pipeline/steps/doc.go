// Package steps holds the steps of the pipeline, one file or family of files each. A step is a
// pipeline.Step made by a function that takes what the step needs; nothing here reads the environment
// or the clock.
package steps
