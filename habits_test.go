package main

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The limits of size that keep a file, a function and an interface one thing each.
const (
	maxFileLines     = 600
	maxTestFileLines = 1000
	maxFuncLines     = 80
	maxMethods       = 4
)

// TestHabits reads every Go file and holds it to the habits that a compiler does not check.
func TestHabits(t *testing.T) {
	documented := map[string]bool{} // folder -> some file has a package comment
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		file, err := parser.ParseFile(fset, path, src, parser.ParseComments)
		if err != nil {
			return err
		}
		if lines := bytes.Count(src, []byte("\n")); lines > maxLines(path) {
			t.Errorf("%s has %d lines, more than %d: split it", path, lines, maxLines(path))
		}
		if !strings.HasSuffix(path, "_test.go") {
			documented[filepath.Dir(path)] = documented[filepath.Dir(path)] || file.Doc != nil
			checkDecls(t, fset, file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir, ok := range documented {
		if !ok {
			t.Errorf("%s has no package comment", dir)
		}
	}
}

func maxLines(path string) int {
	if strings.HasSuffix(path, "_test.go") {
		return maxTestFileLines
	}
	return maxFileLines
}

func checkDecls(t *testing.T, fset *token.FileSet, file *ast.File) {
	t.Helper()
	at := func(n ast.Node) token.Position { return fset.Position(n.Pos()) }
	for _, decl := range file.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			if d.Name.Name == "init" && d.Recv == nil {
				t.Errorf("%s: init() runs before anybody asked: build it where it is used", at(d))
			}
			if lines := fset.Position(d.End()).Line - at(d).Line + 1; lines > maxFuncLines {
				t.Errorf("%s: %s has %d lines, more than %d", at(d), d.Name.Name, lines, maxFuncLines)
			}
			if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) && !conventional(d) {
				t.Errorf("%s: %s is exported and says nothing of itself", at(d), d.Name.Name)
			}
		case *ast.GenDecl:
			checkSpecs(t, fset, d)
		}
	}
}

func checkSpecs(t *testing.T, fset *token.FileSet, d *ast.GenDecl) {
	t.Helper()
	for _, spec := range d.Specs {
		ts, ok := spec.(*ast.TypeSpec)
		if !ok {
			continue
		}
		at := fset.Position(ts.Pos())
		if ts.Name.IsExported() && d.Doc == nil && ts.Doc == nil && ts.Comment == nil {
			t.Errorf("%s: %s is exported and says nothing of itself", at, ts.Name.Name)
		}
		if it, ok := ts.Type.(*ast.InterfaceType); ok && it.Methods.NumFields() > maxMethods {
			t.Errorf("%s: interface %s has %d methods, more than %d", at, ts.Name.Name, it.Methods.NumFields(), maxMethods)
		}
	}
}

// conventional tells whether a method's name alone says what it does, as errors have them.
func conventional(d *ast.FuncDecl) bool {
	return d.Recv != nil && (d.Name.Name == "Error" || d.Name.Name == "Unwrap" || d.Name.Name == "Is")
}

// exportedReceiver tells whether a function's type, if it is a method, can be seen from outside.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	if gen, ok := typ.(*ast.IndexExpr); ok {
		typ = gen.X
	}
	id, ok := typ.(*ast.Ident)
	return ok && id.IsExported()
}
