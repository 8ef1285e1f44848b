package config

import (
	"fmt"
	"log/slog"

	"penstock/pipeline/source"
)

// Secret is a value that is never shown: every way of printing or encoding it gives ***.
type Secret struct{ v string }

// NewSecret wraps a value that must not be shown.
func NewSecret(v string) Secret { return Secret{v} }

// Reveal is the value itself, for the one place that needs it.
func (s Secret) Reveal() string { return s.v }

// String is ***, or empty for an empty secret.
func (s Secret) String() string {
	if s.v == "" {
		return ""
	}
	return source.Masked
}

// Format keeps every verb of fmt, %#v and %x too, from showing the value.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// MarshalText covers JSON, text and slog's handlers.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalYAML covers YAML.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }

// LogValue covers slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// UnmarshalText reads the value.
func (s *Secret) UnmarshalText(text []byte) error {
	s.v = string(text)
	return nil
}

// DSN is the address of a database: "local" for the managed server, a postgres:// URL or libpq's
// key=value words. Every way of printing it leaves the password out.
type DSN struct{ v string }

// NewDSN wraps an address.
func NewDSN(v string) DSN { return DSN{v} }

// Reveal is the address with its password, for the one place that connects.
func (d DSN) Reveal() string { return d.v }

// IsLocal tells whether the managed server is meant.
func (d DSN) IsLocal() bool { return d.v == "local" }

// IsZero tells whether nothing is set.
func (d DSN) IsZero() bool { return d.v == "" }

// String is the address with *** for its password.
func (d DSN) String() string { return Mask(d.v) }

// Format keeps every verb of fmt from showing the password.
func (d DSN) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(d.String())) }

// MarshalText covers JSON, text and slog's handlers.
func (d DSN) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// MarshalYAML covers YAML.
func (d DSN) MarshalYAML() (any, error) { return d.String(), nil }

// LogValue covers slog.
func (d DSN) LogValue() slog.Value { return slog.StringValue(d.String()) }

// UnmarshalText reads the address.
func (d *DSN) UnmarshalText(text []byte) error {
	d.v = string(text)
	return nil
}

// Mask replaces the passwords of URLs and of key=value addresses in a text by ***.
func Mask(text string) string { return source.Mask(text) }

// holdsSecret tells whether a text carries a password or token that Mask would hide.
func holdsSecret(text string) bool { return Mask(text) != text }
