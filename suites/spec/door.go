package spec

import (
	"errors"

	"zerocopy-conformance/fixtures/sink"
	"zerocopy-conformance/fixtures/xmit"
)

// AtDoor says what a network sink's sending interface was handed while f ran, at its driver's door. Where that cannot be
// watched, the error is a *kernel.Unavailable.
func AtDoor(kind sink.Kind, f func() error) (xmit.Traffic, error) {
	pair, err := world.Pair(kind)
	if err != nil {
		return xmit.Traffic{}, err
	}
	watcher, err := xmit.Watch(pair.Interface())
	if err != nil {
		return xmit.Traffic{}, err
	}
	if err := f(); err != nil {
		return xmit.Traffic{}, errors.Join(err, watcher.Close())
	}
	traffic, err := watcher.Traffic()
	return traffic, errors.Join(err, watcher.Close())
}
