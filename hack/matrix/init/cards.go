package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// cards has one lock for each pair of network interfaces: one suite at a time is lent them.
var cards sync.Map

// lend finds the interfaces with these hardware addresses and says how a suite is told of them. They are the suite's
// until giveBack is called.
func lend(addresses []string) (environment []string, giveBack func(), err error) {
	if len(addresses) == 0 {
		return nil, func() {}, nil
	}
	lock, _ := cards.LoadOrStore(strings.Join(addresses, " "), &sync.Mutex{})
	lock.(*sync.Mutex).Lock()
	giveBack = lock.(*sync.Mutex).Unlock
	var names []string
	for _, address := range addresses {
		name, err := named(address)
		if err != nil {
			giveBack()
			return nil, nil, err
		}
		names = append(names, name)
	}
	return []string{"ZC_NICS=" + strings.Join(names, ",")}, giveBack, nil
}

// named is the name of the interface with that hardware address.
func named(address string) (string, error) {
	files, _ := filepath.Glob("/sys/class/net/*/address")
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && strings.TrimSpace(string(text)) == address {
			return filepath.Base(filepath.Dir(file)), nil
		}
	}
	return "", fmt.Errorf("there is no network interface with the address %s", address)
}
