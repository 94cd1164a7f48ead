package requirements_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("A table of clauses", func() {
	// The compiler says nothing of a package's variable that nobody uses: its clauses would never be checked.
	It("is part of its suite", func() {
		files, err := filepath.Glob("../../suites/*/*.go")
		Expect(err).NotTo(HaveOccurred())
		tables, named := map[string]string{}, map[string]int{}
		for _, path := range files {
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
			Expect(err).NotTo(HaveOccurred())
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.Ident:
					named[n.Name]++
				case *ast.ValueSpec:
					for i, value := range n.Values {
						if isTable(value) {
							tables[n.Names[i].Name] = path
						}
					}
				}
				return true
			})
		}
		Expect(len(tables)).To(BeNumerically(">", 20))
		for name, path := range tables {
			Expect(named[name]).To(BeNumerically(">", 1), "%s declares %s, and nothing uses it", path, name)
		}
	})
})

// isTable: it is an Interface of clauses, or some clauses of one.
func isTable(value ast.Expr) bool {
	literal, ok := value.(*ast.CompositeLit)
	if !ok {
		return false
	}
	of := literal.Type
	if list, ok := of.(*ast.ArrayType); ok {
		of = list.Elt
	}
	if selected, ok := of.(*ast.SelectorExpr); ok {
		of = selected.Sel
	}
	name, ok := of.(*ast.Ident)
	return ok && (name.Name == "Interface" || name.Name == "Clause")
}
