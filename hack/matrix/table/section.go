package table

import "io"

// section is one part of what is printed: a table, or items, and what a reader has to know of them.
type section struct {
	title string
	notes []string
	head  []string
	rows  [][]string
	// legend says how to read the rows.
	legend string
	items  []item
}

// item is a text with what belongs to it, line by line.
type item struct {
	text  string
	lines []string
}

// sections are all that is printed of a matrix, the reasons why it is red last, where a terminal shows them.
func (m *Matrix) sections() []section {
	if len(m.Columns) == 0 {
		return []section{{title: "Red: " + errEmpty.Error()}}
	}
	columns := m.columns()
	return []section{
		textbook(columns), sharing(columns), answers(columns), changes(columns), kernels(columns), red(columns),
	}
}

// Terminal prints the matrix for a person, in lines of 160 characters.
func (m *Matrix) Terminal(w io.Writer) error { return terminal(w, m.sections()) }

// Markdown prints the same for a pull request.
func (m *Matrix) Markdown(w io.Writer) error { return markdown(w, m.sections()) }
