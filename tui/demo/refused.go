package demo

// refusal is a record that a load refused.
type refusal struct {
	record                       int64
	reason, column, detail, text string
}

// The file that run 42 loads, and how many of its records there are for one that is refused.
const (
	bigFile = "online-retail-2011.csv.gz"
	refused = rowsAhead / 8
)

// refusals are those of the file of run 42 so far: one for each that the run says it refused.
func refusals() []refusal {
	return []refusal{
		{40112, "type", "quantity", `"1.2.3" is no number`, "581475,22596,CHRISTMAS STAR WISH LIST CHALKBOARD,1.2.3,2011-12-09 08:39:00,0.39,13069,United Kingdom"},
		{40388, "type", "quantity", `"twelve" is no number`, "581484,23843,PAPER CRAFT LITTLE BIRDIE,twelve,2011-12-09 09:15:00,2.08,16446,United Kingdom"},
		{41007, "required", "unit_price", "", "581498,79321,CHILLI LIGHTS,10,2011-12-09 10:26:00,,14446,United Kingdom"},
		{41230, "type", "ordered_at", `"09/12/2011 10:31" is not %Y-%m-%d %H:%M:%S`, "581501,22319,HAIRCLIPS FORTIES FABRIC ASSORTED,180,09/12/2011 10:31,0.39,12985,United Kingdom"},
		{41544, "fields", "", "7 fields instead of 8", "581514,21705,BAG 500g SWIRLY MARBLES,84,2011-12-09 11:20:00,0.39,17754"},
		{41901, "one_of", "country", "\"\x1b[2J\x1b]0;owned\x07\" is not in the list", "581538,23318,BOX OF 6 MINI VINTAGE CRACKERS,6,2011-12-09 11:34:00,2.49,14446,\x1b[2J\x1b]0;owned\x07"},
		{42033, "encoding", "description", "byte 0xa3 is no UTF-8", "581566,23404,HOME SWEET HOME \xa3 BLACKBOARD,144,2011-12-09 11:50:00,3.26,18102,United Kingdom"},
		{42240, "quote", "", "a quote without its end", "581579,22197,\"POPCORN HOLDER, 18,2011-12-09 12:19:00,0.85,17581,United Kingdom"},
	}
}

// A run makes one load of that file; loads had other numbers before.
const loadsBehind = 35

// loadOf is the load that a run makes.
func loadOf(run int64) int64 { return max(1, run-loadsBehind) }

// runOf is the run that made a load.
func runOf(load int64) int64 {
	if load == 4 { // run 41 made three
		return 41
	}
	return load + loadsBehind
}
