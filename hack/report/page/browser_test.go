package page_test

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// browser is a headless Chromium, spoken to by the DevTools protocol over a pipe.
type browser struct {
	into    *os.File
	mu      sync.Mutex
	next    int
	waiting map[int]chan reply
	session string
}

type reply struct {
	Result json.RawMessage
	Error  *struct{ Message string }
}

// opened is a browser that shows a file. It is ended with the spec.
func opened(path string, width, height int, dark bool) *browser {
	GinkgoHelper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		Skip("not-checked: " + err.Error() + " (to have it checked: install chromium)")
	}
	toIt, into, err := os.Pipe()
	Expect(err).NotTo(HaveOccurred())
	from, fromIt, err := os.Pipe()
	Expect(err).NotTo(HaveOccurred())
	// As root it has no sandbox; it shows nothing but what the kit has written.
	command := exec.Command(chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", "--no-first-run", "--disable-background-networking",
		"--user-data-dir="+GinkgoT().TempDir(), "--remote-debugging-pipe", "about:blank")
	command.Env = append(os.Environ(), "HOME="+GinkgoT().TempDir())
	command.ExtraFiles = []*os.File{toIt, fromIt}
	Expect(command.Start()).To(Succeed())
	toIt.Close()
	fromIt.Close()
	b := &browser{into: into, waiting: map[int]chan reply{}}
	go b.listen(from)
	DeferCleanup(func() {
		b.session = ""
		b.ask("Browser.close", nil, nil)
		_ = command.Wait()
		into.Close()
		from.Close()
	})
	var target struct{ TargetID string }
	b.ask("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.ask("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	scheme := map[bool]string{false: "light", true: "dark"}[dark]
	b.ask("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	b.ask("Emulation.setEmulatedMedia", map[string]any{"features": []any{map[string]any{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	b.ask("Page.navigate", map[string]any{"url": "file://" + path}, nil)
	Eventually(func() any { return b.eval("document.documentElement?.dataset.built || ''") }).WithTimeout(60 * time.Second).WithPolling(5 * time.Millisecond).Should(Equal("yes"))
	return b
}

// listen hands on what the browser answers.
func (b *browser) listen(from *os.File) {
	messages := bufio.NewReaderSize(from, 1<<20)
	for {
		text, err := messages.ReadBytes(0)
		if err != nil {
			return
		}
		var said struct {
			ID int
			reply
		}
		if json.Unmarshal(text[:len(text)-1], &said) != nil || said.ID == 0 {
			continue
		}
		b.mu.Lock()
		to := b.waiting[said.ID]
		delete(b.waiting, said.ID)
		b.mu.Unlock()
		if to != nil {
			to <- said.reply
		}
	}
}

// ask has the browser do something.
func (b *browser) ask(method string, parameters map[string]any, into any) {
	GinkgoHelper()
	answer := make(chan reply, 1)
	b.mu.Lock()
	b.next++
	id := b.next
	b.waiting[id] = answer
	b.mu.Unlock()
	message := map[string]any{"id": id, "method": method, "params": parameters}
	if parameters == nil {
		message["params"] = map[string]any{}
	}
	if b.session != "" {
		message["sessionId"] = b.session
	}
	text, err := json.Marshal(message)
	Expect(err).NotTo(HaveOccurred())
	_, err = b.into.Write(append(text, 0))
	Expect(err).NotTo(HaveOccurred())
	var said reply
	Eventually(answer).WithTimeout(60*time.Second).Should(Receive(&said), method)
	if said.Error != nil {
		err = errors.New(said.Error.Message)
	}
	Expect(err).NotTo(HaveOccurred(), method)
	if into != nil {
		Expect(json.Unmarshal(said.Result, into)).To(Succeed())
	}
}

// eval is the value of an expression in the page.
func (b *browser) eval(expression string) any {
	GinkgoHelper()
	var said struct {
		Result           struct{ Value any }
		ExceptionDetails *struct{ Exception struct{ Description string } }
	}
	b.ask("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &said)
	if e := said.ExceptionDetails; e != nil {
		Fail(fmt.Sprintf("%s: %s", expression, e.Exception.Description))
	}
	return said.Result.Value
}

// press presses a key and lets it go.
func (b *browser) press(key string) {
	GinkgoHelper()
	codes := map[string]int{"Enter": 13, "Escape": 27, "Tab": 9, "ArrowRight": 39, "ArrowDown": 40}
	down := map[string]any{"type": "keyDown", "key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
	if key == "Enter" {
		down["text"] = "\r"
	}
	b.ask("Input.dispatchKeyEvent", down, nil)
	b.ask("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": codes[key]}, nil)
}

// click clicks into the middle of an element.
func (b *browser) click(selector string) {
	GinkgoHelper()
	at := b.eval(fmt.Sprintf(`(() => { const e = document.querySelector(%q); e.scrollIntoView({block: "center"}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`, selector)).([]any)
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		b.ask("Input.dispatchMouseEvent", map[string]any{"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1}, nil)
	}
}

// shoot takes a picture of what is on the screen.
func (b *browser) shoot(path string) {
	GinkgoHelper()
	var said struct{ Data string }
	b.ask("Page.captureScreenshot", map[string]any{"format": "png"}, &said)
	picture, err := base64.StdEncoding.DecodeString(said.Data)
	Expect(err).NotTo(HaveOccurred())
	Expect(os.WriteFile(path, picture, 0o644)).To(Succeed())
}
