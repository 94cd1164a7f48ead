package spec

// Once keeps, for this process, what was measured at each place, so that several requirements can be judged by
// the same transfers.
type Once[T any] struct{ known map[string]answer[T] }

type answer[T any] struct {
	value T
	err   error
}

// At is what measure returns for the place; it is called when the place is first asked for.
func (o *Once[T]) At(on On, measure func() (T, error)) (T, error) {
	known, there := o.known[on.String()]
	if !there {
		known.value, known.err = measure()
		if o.known == nil {
			o.known = map[string]answer[T]{}
		}
		o.known[on.String()] = known
	}
	return known.value, known.err
}
