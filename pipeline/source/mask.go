package source

import (
	"net/url"
	"regexp"
)

var (
	anyURL = regexp.MustCompile(`\b[a-zA-Z][a-zA-Z0-9+.-]*://\S+`)
	// userinfo is what stands between the scheme and the host of a URL; greedy, because a password that
	// nobody escaped may hold an @ itself.
	userinfo = regexp.MustCompile(`^([a-zA-Z][a-zA-Z0-9+.-]*://[^:/?#\s@]*):\S*@`)
	// secretWord is a word of a key=value address, or of a URL's query, whose value is a secret.
	secretWord = regexp.MustCompile(`(?i)\b((?:ssl)?password|passwd|pwd|token|secret|secret_?access_?key|access_?key|api_?key|signature)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s&;]*)`)
)

// Masked stands where a secret or a personal value would be.
const Masked = "***"

// Mask replaces the passwords of URLs and of key=value addresses in a text by Masked.
func Mask(text string) string {
	text = anyURL.ReplaceAllStringFunc(text, func(s string) string {
		// A URL that parses and has no password keeps its @; in one that does not parse nobody can tell.
		if u, err := url.Parse(s); err == nil {
			if _, has := u.User.Password(); !has {
				return s
			}
		}
		return userinfo.ReplaceAllString(s, "$1:"+Masked+"@")
	})
	return secretWord.ReplaceAllString(text, "$1="+Masked)
}
