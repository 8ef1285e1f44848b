package theme

// colours are the shades of a theme by role.
type colours struct {
	text, muted, faint, accent, accent2, ok, warn, bad, info, selected, rule shade

	heat   [8]shade
	series [6]shade
}

// palette returns the colours of a named theme. The series keep apart for
// deuteranopes, protanopes and tritanopes; heat grows evenly in lightness. Of the
// sixteen colours only those are used that can be read as xterm has them: on white
// that is no green, yellow or cyan, so that some roles share a colour there and rest
// on their words and marks.
func palette(name string, dark bool) colours {
	switch {
	case name == "contrast" && dark:
		return darkContrast()
	case name == "contrast":
		return lightContrast()
	case name == "dark":
		return darkColours()
	}
	return lightColours()
}

func darkColours() colours {
	return colours{
		text:     shade{0xe4e7eb, 254, -1},
		muted:    shade{0xa9b1bd, 145, 7},
		faint:    shade{0x8b94a3, 246, 7},
		accent:   shade{0x5cc8ff, 117, 14},
		accent2:  shade{0xc4a7ff, 183, 13},
		ok:       shade{0x8ae6b0, 115, 10},
		warn:     shade{0xf2b84b, 214, 11},
		bad:      shade{0xff6b62, 203, 9},
		info:     shade{0x8ab4f8, 111, 6},
		selected: shade{0x24405e, 237, -1},
		rule:     shade{0x6e7787, 243, 8},
		heat: [8]shade{
			{0x22304f, 236, 12},
			{0x2f4a7a, 60, 12},
			{0x4f6386, 61, 8},
			{0x6e7b86, 243, 8},
			{0x8f9282, 246, 6},
			{0xb3aa76, 144, 3},
			{0xd6c468, 186, 11},
			{0xffe65a, 221, 15},
		},
		series: [6]shade{
			{0x70a4ff, 111, 12},
			{0xe0af00, 178, 3},
			{0x73e7c8, 122, 6},
			{0xa48ea3, 139, 8},
			{0xffff9e, 228, 15},
			{0xec6972, 167, 9},
		},
	}
}

func lightColours() colours {
	return colours{
		text:     shade{0x1b1f24, 234, -1},
		muted:    shade{0x4a525d, 239, -1},
		faint:    shade{0x5d6672, 241, -1},
		accent:   shade{0x0062a8, 25, 4},
		accent2:  shade{0x7a3fc4, 92, 12},
		ok:       shade{0x0f7a3a, 22, -1},
		warn:     shade{0x855000, 94, 5},
		bad:      shade{0xa01a12, 124, 1},
		info:     shade{0x2f5fb3, 25, 4},
		selected: shade{0xcfe3f7, 153, -1},
		rule:     shade{0x7d8590, 102, 8},
		heat: [8]shade{
			{0xdbe6f2, 254, 8},
			{0xb9d0e9, 153, 8},
			{0x95b7dc, 110, 12},
			{0x709ccc, 69, 12},
			{0x4e80b8, 67, 4},
			{0x32639e, 26, 4},
			{0x1d467d, 24, 0},
			{0x0c2a57, 17, 0},
		},
		series: [6]shade{
			{0x0057ff, 27, 4},
			{0xaf7200, 130, 13},
			{0x008b8b, 30, 0},
			{0x6b2b72, 90, 5},
			{0x6c6955, 240, 8},
			{0x751905, 88, 1},
		},
	}
}

func darkContrast() colours {
	c := darkColours()
	c.text, c.muted, c.faint = shade{0xffffff, 231, 15}, shade{0xe6e6e6, 254, 15}, shade{0xd0d0d0, 252, 7}
	c.accent, c.accent2 = shade{0x7fdcff, 81, 14}, shade{0xdcc8ff, 189, 13}
	c.ok, c.warn = shade{0xa0ffc4, 121, 10}, shade{0xffd166, 221, 11}
	c.bad, c.info = shade{0xff9d95, 217, 9}, shade{0xb3d0ff, 153, 6}
	c.selected, c.rule = shade{0x00467f, 24, -1}, shade{0xc0c0c0, 250, 7}
	return c
}

func lightContrast() colours {
	c := lightColours()
	c.text, c.muted, c.faint = shade{0x000000, 16, 0}, shade{0x1f1f1f, 234, 0}, shade{0x333333, 236, 0}
	c.accent, c.accent2 = shade{0x003f73, 19, 4}, shade{0x4d1a8f, 54, 12}
	c.ok, c.warn = shade{0x0a5a22, 23, 0}, shade{0x5c3600, 58, 5}
	c.bad, c.info = shade{0x7a0a08, 88, 1}, shade{0x163f87, 18, 4}
	c.selected, c.rule = shade{0xb5d9ff, 153, -1}, shade{0x404040, 238, 8}
	return c
}
