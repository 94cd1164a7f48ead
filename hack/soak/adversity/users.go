package adversity

import "fmt"

// nobody is the user that has no files (nobody in Debian's passwd).
const nobody = 65534

// users are who runs the suite, if it is not who runs the soak.
var users = []Condition{
	{
		Name: "nobody", Says: fmt.Sprintf("as user %d, without capabilities", nobody), Of: []string{"user"},
		Missing: first(asRoot, program("setpriv", "util-linux")),
		Pose:    always(func(r *Run) { r.become(nobody) }),
	},
	{
		Name: "small-pipes", Says: "as an ordinary user whose pipes are used up: new ones have one or two pages, and stay so", Of: []string{"user"},
		Missing: first(softPipes, program("setpriv", "util-linux")),
		Pose:    poseSmallPipes,
	},
}

// become has the suite run as that user, without capabilities.
func (r *Run) become(user int) {
	r.Prefix = append(r.Prefix, "setpriv", fmt.Sprintf("--reuid=%d", user), fmt.Sprintf("--regid=%d", user), "--clear-groups",
		"--inh-caps=-all", "--ambient-caps=-all", "--bounding-set=-all", "--")
}
