package lake

import (
	"fmt"
	"slices"
	"strings"

	"github.com/apache/iceberg-go"
	"github.com/apache/iceberg-go/table"
)

// SchemaError is a table shape that the lake can not take.
type SchemaError struct {
	Table  string
	Column string
	Reason string
	hint   string
}

// Error names table and column.
func (e *SchemaError) Error() string {
	if e.Column == "" {
		return fmt.Sprintf("lake table %s: %s", e.Table, e.Reason)
	}
	return fmt.Sprintf("lake table %s, column %s: %s", e.Table, e.Column, e.Reason)
}

// Hint says what to do, if anything can be done.
func (e *SchemaError) Hint() string { return e.hint }

// check finds what is wrong with a shape, before anything is written.
func (t Table) check() error {
	if !identifier.MatchString(t.Name) || encodeFile(t.Name) != t.Name {
		return &SchemaError{Table: t.Name, Reason: "its name is not a lower-case identifier"}
	}
	if len(t.Columns) == 0 {
		return &SchemaError{Table: t.Name, Reason: "it has no columns"}
	}
	seen := map[string]bool{}
	for _, c := range t.Columns {
		switch {
		case !identifier.MatchString(c.Name):
			return &SchemaError{Table: t.Name, Column: c.Name, Reason: "its name is not a lower-case identifier"}
		case seen[c.Name]:
			return &SchemaError{Table: t.Name, Column: c.Name, Reason: "it is there twice"}
		case c.Type < Text || c.Type > JSON:
			return &SchemaError{Table: t.Name, Column: c.Name, Reason: "it has no type"}
		case c.Type == Numeric && (c.Precision < 1 || c.Precision > 38 || c.Scale < 0 || c.Scale > c.Precision):
			return &SchemaError{Table: t.Name, Column: c.Name, Reason: fmt.Sprintf("numeric(%d, %d) is no decimal of at most 38 digits", c.Precision, c.Scale)}
		}
		seen[c.Name] = true
	}
	if t.PartitionByMonth == "" {
		return nil
	}
	i := slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == t.PartitionByMonth })
	if i < 0 || t.Columns[i].Type != Timestamptz && t.Columns[i].Type != Date || !t.Columns[i].Required {
		return &SchemaError{Table: t.Name, Column: t.PartitionByMonth, Reason: "the partition column has to be a required timestamptz or date"}
	}
	return nil
}

func icebergType(c Column) iceberg.Type {
	switch c.Type {
	case Int2, Int4:
		return iceberg.PrimitiveTypes.Int32
	case Int8:
		return iceberg.PrimitiveTypes.Int64
	case Numeric:
		return iceberg.DecimalTypeOf(c.Precision, c.Scale)
	case Timestamptz:
		return iceberg.PrimitiveTypes.TimestampTz
	case Date:
		return iceberg.PrimitiveTypes.Date
	case Bool:
		return iceberg.PrimitiveTypes.Bool
	case Float8:
		return iceberg.PrimitiveTypes.Float64
	default: // Text, JSON
		return iceberg.PrimitiveTypes.String
	}
}

// column is the column of a field, as readers see it; ok is false for a type
// that no publish of ours writes.
func column(f iceberg.NestedField) (c Column, ok bool) {
	c = Column{Name: f.Name, Required: f.Required}
	switch t := f.Type.(type) {
	case iceberg.StringType:
		c.Type = Text
	case iceberg.Int32Type:
		c.Type = Int4
	case iceberg.Int64Type:
		c.Type = Int8
	case iceberg.DecimalType:
		c.Type, c.Precision, c.Scale = Numeric, t.Precision(), t.Scale()
	case iceberg.TimestampTzType:
		c.Type = Timestamptz
	case iceberg.DateType:
		c.Type = Date
	case iceberg.BooleanType:
		c.Type = Bool
	case iceberg.Float64Type:
		c.Type = Float8
	default:
		return c, false
	}
	return c, true
}

func newSchema(t Table) *iceberg.Schema {
	fields := make([]iceberg.NestedField, len(t.Columns))
	for i, c := range t.Columns {
		fields[i] = iceberg.NestedField{ID: i + 1, Name: c.Name, Type: icebergType(c), Required: c.Required}
	}
	return iceberg.NewSchema(0, fields...)
}

func newSpec(t Table, schema *iceberg.Schema) (*iceberg.PartitionSpec, error) {
	if t.PartitionByMonth == "" {
		return iceberg.UnpartitionedSpec, nil
	}
	f, ok := schema.FindFieldByName(t.PartitionByMonth)
	if !ok {
		return nil, &SchemaError{Table: t.Name, Column: t.PartitionByMonth, Reason: "no such column to partition by"}
	}
	spec := iceberg.NewPartitionSpec(iceberg.PartitionField{
		SourceIDs: []int{f.ID}, FieldID: iceberg.PartitionDataIDStart, Name: t.PartitionByMonth + "_month", Transform: iceberg.MonthTransform{},
	})
	return &spec, nil
}

// evolve brings the table's schema to t within tx: new columns are added,
// columns that are gone are dropped, types are widened. Files that stay are
// read by field id, so old rows have NULL in a new column. whole says that no
// file stays, so that a column may also change its type.
func evolve(tx *table.Transaction, current *iceberg.Schema, t Table, whole bool) error {
	u := tx.UpdateSchema(true, false)
	want := map[string]Column{}
	for _, c := range t.Columns {
		want[c.Name] = c
	}
	for _, f := range current.Fields() {
		c, ok := want[f.Name]
		if !ok {
			u.DeleteColumn([]string{f.Name})
			continue
		}
		if err := evolveColumn(u, f, c, t, whole); err != nil {
			return err
		}
		delete(want, f.Name)
	}
	for _, c := range t.Columns {
		if _, isNew := want[c.Name]; isNew {
			u.AddColumn([]string{c.Name}, icebergType(c), "", false, nil)
		}
	}
	if err := u.Commit(); err != nil {
		return fmt.Errorf("change the columns of lake table %s: %w", t.Name, err)
	}
	return nil
}

func evolveColumn(u *table.UpdateSchema, f iceberg.NestedField, c Column, t Table, whole bool) error {
	to := icebergType(c)
	if f.Required && !c.Required {
		u.UpdateColumn([]string{f.Name}, table.ColumnUpdate{Required: iceberg.Optional[bool]{Val: false, Valid: true}})
	}
	if f.Type.Equals(to) {
		return nil
	}
	if _, err := iceberg.PromoteType(f.Type, to); err == nil {
		u.UpdateColumn([]string{f.Name}, table.ColumnUpdate{FieldType: iceberg.Optional[iceberg.Type]{Val: to, Valid: true}})
		return nil
	}
	if !whole || c.Name == t.PartitionByMonth {
		return &SchemaError{
			Table: t.Name, Column: c.Name,
			Reason: fmt.Sprintf("its type changes from %s to %s, which files that stay can not follow", f.Type, to),
			hint:   "publish the whole table anew: penstock --run --rebuild publish",
		}
	}
	u.DeleteColumn([]string{f.Name})
	u.AddColumn([]string{f.Name}, to, "", false, nil)
	return nil
}

// samePartition tells whether the table is partitioned as t says.
func samePartition(meta table.Metadata, t Table) bool {
	spec := meta.PartitionSpec()
	var got []string
	for _, f := range spec.Fields() {
		name, _ := meta.CurrentSchema().FindColumnName(f.SourceID())
		got = append(got, f.Transform.String()+" "+name)
	}
	if t.PartitionByMonth == "" {
		return len(got) == 0
	}
	return strings.Join(got, ",") == "month "+t.PartitionByMonth
}
