package sql

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Explain renders what the server said about a statement the way psql does:
// severity, SQLSTATE and message, the line with a caret under the position,
// DETAIL, HINT and where the statement stands. It returns "" for an error that
// did not come from the server. Text of the statement and of the data is in
// it: it passes tui/clean before it is shown.
func Explain(err error, statement string) string {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s: %s\n", e.Severity, e.Code, e.Message)
	switch {
	case e.Position > 0 && statement != "":
		writePosition(&b, statement, int(e.Position))
	case e.InternalPosition > 0 && e.InternalQuery != "":
		writePosition(&b, e.InternalQuery, int(e.InternalPosition))
	}
	for _, part := range []struct{ name, text string }{
		{"DETAIL", e.Detail}, {"HINT", e.Hint}, {"CONTEXT", e.Where},
	} {
		if part.text != "" {
			fmt.Fprintf(&b, "%s:  %s\n", part.name, part.text)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// excerpt is the width of the piece of a long line that is shown.
const excerpt = 70

// writePosition shows the line of the position, which counts characters from
// one, and a caret under it. Tabs become blanks, so that the caret fits.
func writePosition(b *strings.Builder, statement string, position int) {
	line, column, text := locate(statement, position)
	if line == 0 {
		return
	}
	from := 0
	if column > excerpt-10 {
		from = column - excerpt/2
	}
	to := min(len(text), from+excerpt)
	before, after := "", ""
	if from > 0 {
		before = "..."
	}
	if to < len(text) {
		after = "..."
	}
	head := fmt.Sprintf("LINE %d: %s", line, before)
	fmt.Fprintf(b, "%s%s%s\n%*s^\n", head, string(text[from:to]), after, len(head)+column-1-from, "")
}

// locate returns the line and the column, both from 1, of a character position,
// and that line; line 0 when the statement is shorter.
func locate(statement string, position int) (line, column int, text []rune) {
	runes := []rune(statement)
	if position < 1 || position > len(runes)+1 {
		return 0, 0, nil
	}
	line, start := 1, 0
	for i := range position - 1 {
		if runes[i] == '\n' {
			line, start = line+1, i+1
		}
	}
	end := start
	for end < len(runes) && runes[end] != '\n' && runes[end] != '\r' {
		end++
	}
	text = runes[start:end:end]
	for i, r := range text {
		if r == '\t' {
			text[i] = ' '
		}
	}
	return line, position - start, text
}

// statementError puts the place in a shipped statement into the error's text.
func statementError(err error, statement string) error {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return err
	}
	if line, column, _ := locate(statement, int(e.Position)); line > 0 {
		err = fmt.Errorf("line %d, column %d: %w", line, column, err)
	}
	return Clarify(err)
}
