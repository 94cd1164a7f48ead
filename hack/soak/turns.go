package main

import (
	"iter"
	"math/rand/v2"

	"zerocopy-conformance/hack/soak/adversity"
)

// turn is one run that is to come.
type turn struct {
	suite string
	set   adversity.Set
}

// endsEvery is how often a turn is one that ends by a signal: one of so many.
const endsEvery = 4

// turns are the runs of a soak, without end. First each suite is run on the machine as it is, which tells how long it takes;
// then under each condition, then under each two that go together; and between them it is ended by a signal, on
// the machine as it is, in several processes, and under each condition. Their order is the seed's.
func turns(suites []string, conditions []adversity.Condition, seed uint64) iter.Seq[turn] {
	random := rand.New(rand.NewPCG(seed, 0))
	plain, alone, pairs, ended := adversity.Set(nil), []adversity.Set{}, []adversity.Set{}, []adversity.Set{}
	for i, c := range conditions {
		one := adversity.Set{c}
		if one.Stops() {
			ended = append(ended, one)
			for _, other := range conditions {
				if both, ok := one.With(other); ok {
					ended = append(ended, both)
				}
			}
			continue
		}
		alone = append(alone, one)
		for _, other := range conditions[:i] {
			if both, ok := one.With(other); ok && !both.Stops() {
				pairs = append(pairs, both)
			}
		}
	}
	return func(yield func(turn) bool) {
		for _, t := range product(suites, []adversity.Set{plain}) {
			if !yield(t) {
				return
			}
		}
		ends := forever(random, product(suites, ended))
		rest := inTurn(random, product(suites, alone), product(suites, append(pairs, plain)))
		for n := 1; ; n++ {
			next := rest
			if n%endsEvery == 0 && len(ended) > 0 {
				next = ends
			}
			if !yield(next()) {
				return
			}
		}
	}
}

// listed are the sets that were asked for, suite by suite, without end.
func listed(suites []string, sets []adversity.Set) iter.Seq[turn] {
	return func(yield func(turn) bool) {
		for {
			for _, t := range product(suites, sets) {
				if !yield(t) {
					return
				}
			}
		}
	}
}

func product(suites []string, sets []adversity.Set) (all []turn) {
	for _, set := range sets {
		for _, suite := range suites {
			all = append(all, turn{suite, set})
		}
	}
	return all
}

// forever draws each of them once, in an order by lot, and then all of them again.
func forever(random *rand.Rand, all []turn) func() turn {
	var left []int
	return func() turn {
		if len(left) == 0 {
			left = random.Perm(len(all))
		}
		next := all[left[0]]
		left = left[1:]
		return next
	}
}

// inTurn draws each of the first once, and then from the others.
func inTurn(random *rand.Rand, once, then []turn) func() turn {
	others := forever(random, then)
	left := random.Perm(len(once))
	return func() turn {
		if len(left) == 0 {
			return others()
		}
		next := once[left[0]]
		left = left[1:]
		return next
	}
}
