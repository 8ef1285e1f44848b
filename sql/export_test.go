package sql

// WithMigrations has Migrate apply the given texts, numbered from 1, instead of
// the embedded files.
func (o MigrateOptions) WithMigrations(texts ...string) MigrateOptions {
	o.files = func(Database) []migration {
		var list []migration
		for i, text := range texts {
			list = append(list, migration{version: i + 1, name: "test.sql", text: text})
		}
		return list
	}
	return o
}
