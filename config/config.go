// Package config reads penstock.yaml, the environment and --set into one typed value, and says of every
// mistake in them where it is and what was probably meant.
package config
