"use strict";
(() => {
  const data = JSON.parse(document.getElementById("items").textContent);
  const byId = (id) => document.getElementById(id);
  const [panel, list, find, more, note] = ["panel", "panel-list", "panel-find", "panel-more", "panel-note"].map(byId);
  const PAGE = 100;
  const clock = new Intl.DateTimeFormat("en-GB", {
    timeZone: data.zone, weekday: "short", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit",
  });
  const value = (name, i) => data.columns[name].values[data.columns[name].codes[i]];
  const named = (name, key) => data.names[name][key] ?? key;
  let found = [], shown = [], opener = null, drawn = 0, expected = 0;

  // The same conditions as in the library: all must hold; a platform also lets items without one through.
  function matches(want, i) {
    for (const name of Object.keys(data.columns)) {
      if (want[name] === undefined) continue;
      const own = value(name, i);
      const isOpen = (name === "platform" || name === "product") && own === "";
      if (own !== want[name] && !isOpen) return false;
    }
    if (want.mentions !== undefined && !(data.mentions[i] ?? []).includes(want.mentions)) return false;
    if (want.incident !== undefined && !(data.incidents[i] ?? []).includes(want.incident)) return false;
    if (want.startAt !== undefined && data.written[i] < Number(want.startAt)) return false;
    return want.endAt === undefined || data.written[i] < Number(want.endAt);
  }

  function heading(want) {
    const words = [];
    const say = (key, tell) => { if (want[key] !== undefined) words.push(tell(want[key])); };
    say("label", (key) => named("label", key));
    say("queue", (key) => ({ review: "waiting for review", none: "surely none of the labels", language: "left alone because of its language" }[key] ?? "not waiting for review"));
    say("release", (key) => (key === "-" ? "before any release" : `while ${named("release", key)} was the newest`));
    say("declared", (key) => `giving version ${named("release", key)}`);
    say("mentions", (key) => `about the notes of ${named("release", key)}`);
    say("incident", (key) => `of the incident “${named("incident", key)}”`);
    say("theme", (key) => (key === "-" ? "in no theme" : `in “${named("theme", key)}”`));
    say("source", (key) => `from ${key}`);
    say("platform", (key) => `on ${key}`);
    say("product", (key) => `of ${key}`);
    say("language", (key) => (key === "" ? "in an unknown language" : `in language ${key}`));
    say("startAt", (key) => `from ${clock.format(Number(key) / 1000)}`);
    say("endAt", (key) => `before ${clock.format(Number(key) / 1000)}`);
    return words.length ? `Items: ${words.join(", ")}` : "All items";
  }

  function element(name, text, kind) {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  }

  function words(name, text) {
    const made = element(name, text);
    made.dir = "auto";
    return made;
  }

  function row(i) {
    const item = element("li");
    item.dataset.id = `${value("source", i)}:${data.id[i]}`;
    const quote = element("blockquote");
    if (data.title[i]) quote.append(words("b", ""), " ");
    if (data.title[i]) quote.firstChild.append(words("bdi", data.title[i]));
    quote.append(data.text[i] ? words("bdi", data.text[i]) : element("i", "no words"));
    const release = value("release", i);
    const theme = value("theme", i);
    const facts = [
      named("label", value("label", i)), value("source", i), clock.format(data.written[i] / 1000),
      data.rating[i] === null ? "" : `rating ${data.rating[i]}`,
      value("platform", i), data.version[i] ? `version ${data.version[i]}` : "",
      release === "-" ? "before any release" : `newest release ${named("release", release)}`,
      theme === "-" ? "" : `“${named("theme", theme)}”`, data.id[i],
    ];
    item.append(quote, element("p", facts.filter(Boolean).join(" · "), "muted"));
    return item;
  }

  function draw() {
    for (const i of shown.slice(drawn, drawn + PAGE)) list.append(row(i));
    drawn = Math.min(shown.length, drawn + PAGE);
    more.hidden = drawn >= shown.length;
    const missing = expected - found.length;
    const part = shown.length === found.length ? "" : `${shown.length} of them match. `;
    const rest = missing > 0 ? `The newest ${found.length} are on this page; all ${expected} are in items.csv. ` : "";
    note.textContent = `${expected} ${expected === 1 ? "item" : "items"}. ${rest}${part}${shown.length > drawn ? `${drawn} shown.` : ""}`;
  }

  function sift() {
    const sought = find.value.trim().toLowerCase();
    shown = !sought ? found : found.filter((i) => row(i).textContent.toLowerCase().includes(sought));
    list.replaceChildren();
    drawn = 0;
    draw();
  }

  function open(from) {
    const want = from.dataset;
    opener = from;
    expected = Number(want.n);
    found = data.written.map((_, i) => i).filter((i) => matches(want, i));
    byId("panel-title").textContent = heading(want);
    find.value = "";
    sift();
    panel.showModal();
    panel.scrollTop = 0;
    find.focus();
  }

  function reveal() {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    if (target) for (const card of target.querySelectorAll("details.card")) card.open = true;
    if (target) target.scrollIntoView();
  }

  document.documentElement.classList.add("live");
  document.addEventListener("click", (event) => {
    const from = event.target.closest("[data-n]");
    if (from) open(from);
    else if (event.target === panel || event.target.id === "panel-close") panel.close();
  });
  panel.addEventListener("close", () => { if (opener && opener.focus) opener.focus(); });
  find.addEventListener("input", sift);
  more.addEventListener("click", draw);
  window.addEventListener("hashchange", reveal);
  reveal();
})();
