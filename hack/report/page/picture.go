package page

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"zerocopy-conformance/suites/ledger"
)

// picture is a technique as the textbook draws it, once as it claims and once as it was measured.
type picture struct {
	Technique, Device, Verdict string
	Figures                    []figure
}

// figure is one drawing.
type figure struct {
	Name, Label, Caption string
	Boxes                []box
	Arrows               []arrow
	Switches             []int
}

// box is where bytes lie.
type box struct {
	Name         string
	X, Y, Width  int
	TextX, TextY int
	Device       bool
}

// arrow is one move of all bytes, by the CPU or by a device: a path, and its head.
type arrow struct{ By, Path, Head string }

// The names of the places, as the ledger has them.
const (
	disk   = "disk"
	cache  = "page cache"
	user   = "user buffer"
	socket = "socket buffer"
	nic    = "NIC"
)

var boxes = []box{
	place(disk, 2, 150, 56, true), place(cache, 104, 150, 94, false), place(user, 196, 34, 98, false), place(socket, 288, 150, 106, false), place(nic, 428, 150, 50, true),
}

func place(name string, x, y, width int, device bool) box {
	return box{Name: name, X: x, Y: y, Width: width, TextX: x + width/2, TextY: y + 25, Device: device}
}

// moves are the ways between places: from, into, the arrow's points.
var moves = map[[2]string][][2]float64{
	{disk, cache}:   {{58, 170}, {103, 170}},
	{cache, user}:   {{150, 150}, {150, 54}, {195, 54}},
	{user, socket}:  {{294, 54}, {341, 54}, {341, 149}},
	{cache, socket}: {{198, 170}, {287, 170}},
	{socket, nic}:   {{394, 170}, {427, 170}},
	{cache, nic}:    {{150, 190}, {150, 222}, {453, 222}, {453, 191}},
}

// between is the arrow from one place to another.
func between(from, into, by string) arrow {
	points := moves[[2]string{from, into}]
	var path strings.Builder
	for i, p := range points {
		fmt.Fprintf(&path, "%c%g %g", "ML"[min(i, 1)], p[0], p[1])
	}
	// The head: a triangle whose tip is the last point.
	tip, before := points[len(points)-1], points[len(points)-2]
	length := math.Hypot(tip[0]-before[0], tip[1]-before[1])
	x, y := 9*(tip[0]-before[0])/length, 9*(tip[1]-before[1])/length
	head := fmt.Sprintf("M%g %gL%g %gL%g %gZ", tip[0], tip[1], tip[0]-x-y/2, tip[1]-y+x/2, tip[0]-x+y/2, tip[1]-y-x/2)
	return arrow{by, path.String(), head}
}

// The two that carry bytes.
const (
	byCPU    = "cpu"
	byDevice = "dma"
)

// draw draws a row that has a claim.
func draw(r *ledger.Row) picture {
	p := picture{Technique: r.Technique, Device: r.Device, Verdict: r.Verdict}
	p.Figures = []figure{claimed(r.Claimed), measured(r)}
	for i := range p.Figures {
		f := &p.Figures[i]
		f.Boxes = boxes
		f.Label = fmt.Sprintf("%s, %s: %s", r.Technique, f.Name, f.Caption)
	}
	return p
}

// claimed is the textbook's drawing of its numbers: of two copies by the CPU both cross the user boundary, one is made inside
// the kernel, and where there is none the device gathers from the page cache.
func claimed(n *ledger.Numbers) figure {
	f := figure{Name: "claimed", Caption: caption(float64(n.ModeSwitches), float64(n.CPU), float64(n.DMA)), Switches: switches(n.ModeSwitches)}
	f.Arrows = append(f.Arrows, between(disk, cache, byDevice))
	switch n.CPU {
	case 2:
		f.Arrows = append(f.Arrows, between(cache, user, byCPU), between(user, socket, byCPU))
	case 1:
		f.Arrows = append(f.Arrows, between(cache, socket, byCPU))
	}
	return f.out(n.CPU > 0)
}

// out adds the device's own fetching.
func (f figure) out(copied bool) figure {
	from := cache
	if copied {
		from = socket
	}
	f.Arrows = append(f.Arrows, between(from, nic, byDevice))
	return f
}

// measured is the same of what was measured, and of nothing else.
func measured(r *ledger.Row) figure {
	f := figure{Name: "measured"}
	unknown := []string{}
	count := func(name string, is bool) {
		if !is {
			unknown = append(unknown, name)
		}
	}
	count("mode switches", r.ModeSwitches != nil)
	count("copies by the CPU", r.CPUCopies != nil)
	count("transfers by devices", r.DMATransfers != nil)
	if r.ModeSwitches != nil {
		f.Switches = switches(*r.ModeSwitches)
	}
	for _, each := range r.CPUCopiesWhich {
		from, into, _ := strings.Cut(each, " → ")
		if _, drawn := moves[[2]string{from, into}]; drawn {
			f.Arrows = append(f.Arrows, between(from, into, byCPU))
		}
	}
	if r.DMAInBytes != nil && *r.DMAInBytes > 0 {
		f.Arrows = append(f.Arrows, between(disk, cache, byDevice))
	}
	if r.DMAOutBytes != nil && *r.DMAOutBytes > 0 && r.CPUCopies != nil {
		f = f.out(*r.CPUCopies > 0)
	}
	f.Caption = "not checked: " + strings.Join(unknown, ", ")
	if len(unknown) == 0 {
		f.Caption = caption(float64(*r.ModeSwitches), *r.CPUCopies, float64(*r.DMATransfers))
	}
	return f
}

// caption says the numbers.
func caption(switches, cpu, dma float64) string {
	return fmt.Sprintf("%s, %s: %g by the CPU, %g by devices", plural(switches, "mode switch", "es"), plural(cpu+dma, "cop", "ies"), cpu, dma)
}

func plural(n float64, word, ending string) string {
	if n == 1 {
		ending = strings.TrimPrefix(ending, "es")
		if ending == "ies" {
			ending = "y"
		}
	}
	return fmt.Sprintf("%g %s%s", n, word, ending)
}

// switches are where along the boundary each is drawn.
func switches(n int) (at []int) {
	const first, step, most = 222, 12, 10
	for i := range min(n, most) {
		at = append(at, first+i*step)
	}
	return slices.Clip(at)
}
