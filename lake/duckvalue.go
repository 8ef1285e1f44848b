package lake

import (
	"errors"
	"strconv"
	"unsafe"

	duck "github.com/duckdb/duckdb-go-bindings"
)

// vectorData is one column of a chunk: memory of DuckDB's, valid until the
// chunk is destroyed.
type vectorData struct {
	vector duck.Vector
	data   unsafe.Pointer
	valid  unsafe.Pointer // a bit a row, nil when no row is NULL
}

func newVectorData(v duck.Vector) vectorData {
	return vectorData{vector: v, data: duck.VectorGetData(v), valid: duck.VectorGetValidity(v)}
}

func (v vectorData) null(row int) bool {
	if v.valid == nil {
		return false
	}
	word := *(*uint64)(unsafe.Add(v.valid, row/64*8))
	return word&(1<<(row%64)) == 0
}

// value is row's element of a vector of T, whose layout is DuckDB's.
func value[T any](v vectorData, row int) T {
	var t T
	return *(*T)(unsafe.Add(v.data, uintptr(row)*unsafe.Sizeof(t)))
}

// duckString is DuckDB's string: up to 12 bytes lie in it, more behind the pointer.
type duckString struct {
	length uint32
	rest   [12]byte // the bytes, or the first four and a pointer
}

// bytes is a string's or blob's memory; valid as long as the chunk is.
func (v vectorData) bytes(row int) []byte {
	s := (*duckString)(unsafe.Add(v.data, uintptr(row)*unsafe.Sizeof(duckString{})))
	if s.length <= uint32(len(s.rest)) {
		return s.rest[:s.length]
	}
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&s.rest[4])), s.length) //nolint:gosec // DuckDB's string
}

type (
	duckInterval struct {
		months, days int32
		micros       int64
	}
	duckHuge struct {
		lo uint64
		hi int64
	}
	duckList struct{ offset, length uint64 }
)

// reader turns the values of one type into text.
type reader struct {
	kind     duck.Type
	name     string
	storage  duck.Type // of a decimal or an enum
	width    int
	scale    int
	enum     []string
	children []reader
	names    []string // of a struct's children
	size     int      // of an array
}

// typeNames has the types that there is a text form for.
var typeNames = map[duck.Type]string{
	duck.TypeBoolean: "BOOLEAN", duck.TypeTinyInt: "TINYINT", duck.TypeSmallInt: "SMALLINT", duck.TypeInteger: "INTEGER",
	duck.TypeBigInt: "BIGINT", duck.TypeUTinyInt: "UTINYINT", duck.TypeUSmallInt: "USMALLINT", duck.TypeUInteger: "UINTEGER",
	duck.TypeUBigInt: "UBIGINT", duck.TypeHugeInt: "HUGEINT", duck.TypeUHugeInt: "UHUGEINT", duck.TypeFloat: "FLOAT",
	duck.TypeDouble: "DOUBLE", duck.TypeTimestamp: "TIMESTAMP", duck.TypeTimestampS: "TIMESTAMP_S", duck.TypeTimestampMS: "TIMESTAMP_MS",
	duck.TypeTimestampNS: "TIMESTAMP_NS", duck.TypeTimestampTZ: "TIMESTAMP WITH TIME ZONE", duck.TypeDate: "DATE", duck.TypeTime: "TIME",
	duck.TypeInterval: "INTERVAL", duck.TypeVarchar: "VARCHAR", duck.TypeBlob: "BLOB", duck.TypeDecimal: "DECIMAL", duck.TypeEnum: "ENUM",
	duck.TypeUUID: "UUID", duck.TypeSQLNull: "NULL", duck.TypeMap: "MAP", duck.TypeStruct: "STRUCT",
}

var errUnreadable = errors.New("no text form")

func newReader(t duck.LogicalType) (reader, error) {
	r := reader{kind: duck.GetTypeId(t)}
	r.name = typeNames[r.kind]
	if alias := duck.LogicalTypeGetAlias(t); alias == "JSON" {
		r.name = alias
	}
	switch r.kind {
	case duck.TypeDecimal:
		r.storage, r.width, r.scale = duck.DecimalInternalType(t), int(duck.DecimalWidth(t)), int(duck.DecimalScale(t))
		r.name = "DECIMAL(" + strconv.Itoa(r.width) + "," + strconv.Itoa(r.scale) + ")"
	case duck.TypeEnum:
		r.storage = duck.EnumInternalType(t)
		for i := range duck.EnumDictionarySize(t) {
			r.enum = append(r.enum, duck.EnumDictionaryValue(t, duck.IdxT(i)))
		}
	case duck.TypeList, duck.TypeArray, duck.TypeStruct, duck.TypeMap:
		return r, r.nest(t)
	}
	if r.name == "" {
		r.name = "type " + strconv.Itoa(int(r.kind))
		return r, errUnreadable
	}
	return r, nil
}

// nest makes the readers of a nested type's children.
func (r *reader) nest(t duck.LogicalType) error {
	add := func(child duck.LogicalType) error {
		defer duck.DestroyLogicalType(&child)
		c, err := newReader(child)
		r.children = append(r.children, c)
		return err
	}
	switch r.kind {
	case duck.TypeList:
		err := add(duck.ListTypeChildType(t))
		r.name = r.children[0].name + "[]"
		return err
	case duck.TypeArray:
		err := add(duck.ArrayTypeChildType(t))
		r.size = int(duck.ArrayTypeArraySize(t)) //nolint:gosec // at most 100,000
		r.name = r.children[0].name + "[" + strconv.Itoa(r.size) + "]"
		return err
	case duck.TypeMap:
		return errors.Join(add(duck.MapTypeKeyType(t)), add(duck.MapTypeValueType(t)))
	}
	for i := range duck.StructTypeChildCount(t) {
		r.names = append(r.names, duck.StructTypeChildName(t, i))
		if err := add(duck.StructTypeChildType(t, i)); err != nil {
			return err
		}
	}
	return nil
}

func (r reader) numeric() bool {
	switch r.kind {
	case duck.TypeTinyInt, duck.TypeSmallInt, duck.TypeInteger, duck.TypeBigInt, duck.TypeHugeInt, duck.TypeUTinyInt, duck.TypeUSmallInt,
		duck.TypeUInteger, duck.TypeUBigInt, duck.TypeUHugeInt, duck.TypeFloat, duck.TypeDouble, duck.TypeDecimal:
		return true
	}
	return false
}
