package mibitiff_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
)

// TestDocOfAliases looks whether the comments on types that come from another
// room name all that these types have: go doc shows nothing else of them.
func TestDocOfAliases(t *testing.T) {
	t.Parallel()
	comments := map[string]string{}
	for _, name := range []string{"plane.go", "errors.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok {
				comments[spec.Name.Name] = spec.Doc.Text()
			}
			return true
		})
	}
	for name, alias := range map[string]reflect.Type{
		"Plane": reflect.TypeFor[mibitiff.Plane](), "DType": reflect.TypeFor[mibitiff.DType](),
		"Stats": reflect.TypeFor[mibitiff.Stats](), "FormatError": reflect.TypeFor[mibitiff.FormatError](),
	} {
		var members []string
		for i := range alias.NumMethod() {
			members = append(members, alias.Method(i).Name)
		}
		if alias.Kind() == reflect.Struct {
			for _, field := range reflect.VisibleFields(alias) {
				if field.IsExported() {
					members = append(members, field.Name)
				}
			}
		}
		if len(members) == 0 {
			t.Errorf("%s has nothing to name", name)
		}
		for _, member := range members {
			if !regexp.MustCompile(`\b` + member + `\b`).MatchString(comments[name]) {
				t.Errorf("the comment on %s does not name %s", name, member)
			}
		}
	}
}
