package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
)

// Read reads a report. A file that lacks a key of the schema, or has one that the schema does not know, is
// refused with that key's path: another version has written it.
func Read(path string) (*Report, error) {
	var r Report
	if err := ReadFile(path, "report", &r); err != nil {
		return nil, err
	}
	return &r, nil
}

// Parse reads a report that is no file of its own; name is what the errors call it.
func Parse(name string, text []byte) (*Report, error) {
	var r Report
	if err := parse(name, "report", text, &r); err != nil {
		return nil, err
	}
	return &r, nil
}

// ReadFile reads what WriteFile has written of a value of the same type, as strictly as Read does.
func ReadFile(path, what string, into any) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return parse(path, what, text, into)
}

func parse(name, what string, text []byte, into any) error {
	var raw any
	if err := json.Unmarshal(text, &raw); err != nil {
		return fmt.Errorf("%s is no JSON: %w", name, err)
	}
	if err := conforms("", raw, reflect.TypeOf(into)); err != nil {
		return fmt.Errorf("%s is no %s of this version of the kit: %w", name, what, err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// conforms compares the keys of a JSON value with those that its type writes.
func conforms(path string, value any, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch have := value.(type) {
	case []any:
		for i, element := range have {
			if t.Kind() == reflect.Slice {
				if err := conforms(fmt.Sprintf("%s[%d]", path, i), element, t.Elem()); err != nil {
					return err
				}
			}
		}
	case map[string]any:
		if t.Kind() != reflect.Struct {
			return nil
		}
		known := fields(t)
		for _, key := range slices.Sorted(maps.Keys(known)) {
			element, there := have[key]
			if !there {
				return fmt.Errorf("key %s is missing", join(path, key))
			}
			if err := conforms(join(path, key), element, known[key]); err != nil {
				return err
			}
		}
		for _, key := range slices.Sorted(maps.Keys(have)) {
			if known[key] == nil {
				return fmt.Errorf("key %s is unknown", join(path, key))
			}
		}
	}
	return nil
}

// fields are the keys that a struct writes, with their types.
func fields(t reflect.Type) map[string]reflect.Type {
	all := map[string]reflect.Type{}
	for i := range t.NumField() {
		field := t.Field(i)
		if field.Anonymous {
			maps.Copy(all, fields(field.Type))
		} else if key, _, _ := strings.Cut(field.Tag.Get("json"), ","); key != "" && key != "-" {
			all[key] = field.Type
		}
	}
	return all
}

func join(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }
