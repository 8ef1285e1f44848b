package widget

import "strings"

// ASCII returns the row with the characters that widgets draw with (rules,
// marks, blocks, arrows) replaced by ASCII of the same width. The root applies
// it to a whole frame for a session with Env.ASCII; letters of data stay.
func ASCII(row string) string {
	for i := range len(row) {
		if row[i] >= 0x80 {
			return strings.Map(plainMark, row)
		}
	}
	return row
}

func plainMark(r rune) rune {
	switch r {
	case '─', '━', '╌', '╴', '╶', '–', '—':
		return '-'
	case '│', '┃', '▏', '▕', '╎':
		return '|'
	case '┌', '┐', '└', '┘', '├', '┤', '┬', '┴', '┼', '╭', '╮', '╰', '╯':
		return '+'
	case '…':
		return '~'
	case '▸', '▶', '›', '→':
		return '>'
	case '◂', '◀', '‹', '←':
		return '<'
	case '▾', '▼', '↓':
		return 'v'
	case '▴', '▲', '↑':
		return '^'
	case '●', '■', '◆':
		return '*'
	case '○', '□', '◇':
		return 'o'
	case '✓':
		return 'v'
	case '✗', '×', '✕':
		return 'x'
	case '█', '▉', '▊', '▓':
		return '#'
	case '▋', '▌', '▍', '▒':
		return '='
	case '▎', '░', '▁', '▂', '▃':
		return '.'
	case '▄', '▅':
		return ':'
	case '▆', '▇':
		return '|'
	case '·', '•':
		return '.'
	case '−':
		return '-'
	}
	if r >= 0x2400 && r <= 0x2421 { // pictures of control characters
		return '?'
	}
	return r
}
