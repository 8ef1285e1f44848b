package source

// kind is the type of a canonical column.
type kind uint8

const (
	textKind kind = iota
	numberKind
	timeKind
)

// canonical is a column of the entity purchases as staging keeps it.
type canonical struct {
	name     string
	kind     kind
	whole    int // digits before the decimal point
	scale    int // digits after it
	required bool
	fallback string // what stands for NULL where no rule says otherwise
}

// purchases lists the canonical columns in the order of staging.purchases.
var purchases = [...]canonical{
	{name: "invoice_no", required: true},
	{name: "line_no"},
	{name: "product_code"},
	{name: "description"},
	{name: "quantity", kind: numberKind, whole: 11, scale: 3, required: true},
	{name: "unit_price", kind: numberKind, whole: 12, scale: 6, required: true},
	{name: "discount_rate", kind: numberKind, whole: 3, scale: 6, required: true, fallback: "0"},
	{name: "discount", kind: numberKind, whole: 12, scale: 6, required: true, fallback: "0"},
	{name: "tax", kind: numberKind, whole: 12, scale: 6},
	{name: "currency"},
	{name: "ordered_at", kind: timeKind, required: true},
	{name: "updated_at", kind: timeKind},
	{name: "customer_id"},
	{name: "country"},
	{name: "channel"},
	{name: "status"},
}

// Columns names the canonical columns of the entity purchases in their order;
// extra, which gathers the unmapped ones, is not among them.
func Columns() []string {
	names := make([]string, len(purchases))
	for i := range purchases {
		names[i] = purchases[i].name
	}
	return names
}

// What rows have beside the canonical columns: lineageColumns before them, of
// which the first loadColumns are the same in all rows of a load, and extraColumn
// behind.
const (
	loadColumns    = 2
	lineageColumns = 5
	extraColumn    = "extra"
)

// CopyColumns names the columns of staging.purchases in the order in which a
// Batch's COPY tuples hold them, all of them.
func CopyColumns() []string {
	names := append([]string{"source", "load_id", "record", "line", "byte_offset"}, Columns()...)
	return append(names, extraColumn)
}

func canonicalIndex(name string) int {
	for i := range purchases {
		if purchases[i].name == name {
			return i
		}
	}
	return -1
}
