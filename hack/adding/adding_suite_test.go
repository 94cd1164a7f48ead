// Package adding_test holds the examples of this folder to what their page says: each patch is applied to a copy of the tree,
// and the commands of its section are run there.
//
// Where a mount namespace can be had the copy lies over the tree meanwhile, for the commands alone: the go command keeps what
// it has compiled by its folder, and finds in its cache all that the patch has left as it was.
package adding_test

import (
	"os"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"zerocopy-conformance/hack/keeper"
)

func TestMain(m *testing.M) {
	keeper.Enter()
	os.Exit(m.Run())
}

func TestAdding(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hack/adding")
}
