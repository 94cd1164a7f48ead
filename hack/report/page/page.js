"use strict";
// Whatever the data holds is text: nothing of it is ever taken for markup.
const data = JSON.parse(document.getElementById("data").textContent);
const at = (id) => document.getElementById(id);
const make = (name, text, kind) => {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = text;
  if (kind) element.className = kind;
  return element;
};

// The matrix: a row for each requirement, a button for each answer.
const rows = [];
const body = at("matrix").tBodies[0];
function build() {
  const all = document.createDocumentFragment();
  for (const requirement of data.requirements) {
    const row = make("tr");
    const head = make("th");
    head.scope = "row";
    head.append(make("b", requirement.id), requirement.text);
    row.append(head);
    let alike = true;
    const verdicts = requirement.answers.map((answer) => (answer ? data.verdicts[answer.v] : ""));
    verdicts.forEach((verdict, i) => {
      const cell = make("td");
      if (verdict) {
        const button = make("button", verdict, "v-" + verdict);
        button.tabIndex = -1;
        button.setAttribute("aria-label", requirement.id + " on " + data.columns[i] + ": " + verdict);
        cell.append(button);
      }
      alike = alike && verdict === verdicts[0];
      row.append(cell);
    });
    rows.push({ row, first: row.querySelector("button"), requirement, verdicts, alike, text: (requirement.id + " " + requirement.text + " " + requirement.source).toLowerCase() });
    all.append(row);
  }
  body.append(all);
  filter();
}

function filter() {
  const words = at("words").value.toLowerCase().split(/\s+/).filter(Boolean);
  const verdict = at("verdict").value;
  const differ = at("differ").checked;
  let shown = 0;
  let first = true;
  for (const each of rows) {
    const show = words.every((word) => each.text.includes(word)) && (!verdict || each.verdicts.includes(verdict)) && (!differ || !each.alike);
    if (each.row.hidden === show) each.row.hidden = !show;
    if (show) shown++;
    if (show && first && each.first) {
      // One of all answers is where the Tab key goes.
      for (const button of body.querySelectorAll('button[tabindex="0"]')) button.tabIndex = -1;
      each.first.tabIndex = 0;
      first = false;
    }
  }
  at("count").textContent = shown + " of " + rows.length + " requirements";
}
for (const id of ["words", "verdict", "differ"]) at(id).addEventListener("input", filter);
for (const form of document.querySelectorAll("form.filters")) form.addEventListener("submit", (event) => event.preventDefault());

// From answer to answer by the arrow keys.
body.addEventListener("keydown", (event) => {
  const button = event.target.closest("button");
  const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
  if (!button || !step) return;
  event.preventDefault();
  const cell = button.parentElement;
  let next;
  if (step[1]) {
    next = step[1] > 0 ? cell.nextElementSibling : cell.previousElementSibling;
  } else {
    let row = cell.parentElement;
    do row = step[0] > 0 ? row.nextElementSibling : row.previousElementSibling;
    while (row && (row.hidden || !row.cells[cell.cellIndex].querySelector("button")));
    next = row && row.cells[cell.cellIndex];
  }
  const to = next && next.querySelector("button");
  if (!to) return;
  button.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
});

// An answer in full.
body.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const row = rows.find((each) => each.row === button.closest("tr"));
  const column = button.parentElement.cellIndex - 1;
  const answer = row.requirement.answers[column];
  const say = (id, text) => { at("answer-" + id).textContent = text; };
  say("id", row.requirement.id);
  say("kernel", data.columns[column]);
  say("verdict", row.verdicts[column]);
  at("answer-verdict").className = "v-" + row.verdicts[column];
  say("text", row.requirement.text);
  say("source", row.requirement.source + (row.requirement.since ? ", since Linux " + row.requirement.since : ": no kernel is held to it"));
  say("seen", data.texts[answer.r] || "as owed");
  say("places", answer.c);
  say("again", data.texts[answer.a]);
  at("answer").showModal();
});

// The ledger: bars of one number, of the methods into one sink from one source.
function options(id, names) {
  at(id).replaceChildren(...names.map((name) => make("option", name)));
}
const timed = () => ["cpu", "gb"].includes(at("ledger-what").value);
function ledger() {
  return (timed() ? data.speeds : data.ledger)[at("ledger-kernel").selectedIndex] || [];
}
function kernelChosen() {
  // What was not measured of this kernel cannot be asked for.
  for (const option of at("ledger-what").options) option.disabled = ["cpu", "gb"].includes(option.value) && !data.speeds[at("ledger-kernel").selectedIndex].length;
  if (at("ledger-what").selectedOptions[0].disabled) at("ledger-what").selectedIndex = 0;
  places();
}
function places() {
  const unique = (key) => [...new Set(ledger().map((row) => row[key]))].sort();
  const before = [at("ledger-sink").value || "tcp", at("ledger-source").value || "tmp"];
  options("ledger-sink", unique("sink"));
  if (!timed()) options("ledger-source", unique("source"));
  at("ledger-source").disabled = timed();
  at("timed").hidden = !timed();
  ["ledger-sink", "ledger-source"].forEach((id, i) => {
    if ([...at(id).options].some((option) => option.value === before[i])) at(id).value = before[i];
  });
  bars();
}
function bars() {
  const what = at("ledger-what").value;
  const some = ledger().filter((row) => row.sink === at("ledger-sink").value && (timed() || row.source === at("ledger-source").value));
  const most = Math.max(timed() ? 0 : 1, ...some.map((row) => row[what] || 0)) || 1;
  at("bars-what").textContent = at("ledger-what").selectedOptions[0].textContent;
  at("bars").tBodies[0].replaceChildren(...some.map((row) => {
    const line = make("tr");
    const head = make("th", row.method + (row.cold ? ", cold" : "") + (row.chunk ? ", " + row.chunk : ""));
    head.scope = "row";
    const cell = make("td");
    const number = row[what];
    if (number !== null) {
      const bar = make("span", "", "bar");
      bar.style.width = 70 * (number / most) + "%";
      cell.append(bar);
    }
    cell.append(number === null ? "not checked" : String(number) + (row.named && what === "copies" ? " – " + row.named : ""));
    line.append(head, cell);
    return line;
  }));
}
options("ledger-kernel", data.columns);
at("ledger-kernel").addEventListener("input", kernelChosen);
at("ledger-what").addEventListener("input", places);
for (const id of ["ledger-sink", "ledger-source"]) at(id).addEventListener("input", bars);

// What is above is painted first.
requestAnimationFrame(() => setTimeout(() => { build(); kernelChosen(); document.documentElement.dataset.built = "yes"; }));
