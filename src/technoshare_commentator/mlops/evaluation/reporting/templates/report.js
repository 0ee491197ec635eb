"use strict";
// Filters of the examples, and what makes links into folded parts work in every browser. Nothing here knows any data.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const rows = all("#matrix tbody tr");
  const examples = all("#cases > details");
  const shown = document.getElementById("shown");
  const words = document.getElementById("words");
  if (!rows.length) return;

  const nothing = document.querySelector(".nothing");
  const looked = rows.map((row) => row.dataset.words);
  const marks = rows.map((row) => row.dataset.marks.split(" "));
  const number = (value) => value.toLocaleString("en");
  const count = (value) => `${number(value)} example${value === 1 ? "" : "s"}`;

  function filter() {
    const which = document.querySelector("input[name=which]:checked").value;
    const asked = words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    rows.forEach((row, at) => {
      const fits = (!which || marks[at].includes(which)) && asked.every((word) => looked[at].includes(word));
      row.hidden = examples[at].hidden = !fits;
      found += fits;
    });
    nothing.hidden = found > 0;
    shown.value = (found === rows.length ? "" : `${number(found)} of `) + count(rows.length);
  }

  function reveal() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target?.closest("#cases, #matrix")) return;
    if (target.closest("#cases > details[hidden], #matrix tr[hidden]")) {
      document.querySelector("input[name=which]").checked = true;
      words.value = "";
      filter();
    }
    for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    const place = target.closest("details") ?? target;
    place.scrollIntoView({ block: "start" });
    (target.matches("tr") ? target.querySelector("a") : target.closest("[tabindex]")).focus({ preventScroll: true });
  }

  all("input[name=which]").forEach((input) => input.addEventListener("change", filter));
  words.addEventListener("input", filter);
  all(".unfold button").forEach((button) => button.addEventListener("click", () => {
    const open = button.dataset.open === "true";
    examples.forEach((one) => { if (!open || !one.hidden) one.open = open; });
  }));
  document.getElementById("matrix").tBodies[0].addEventListener("click", (event) => {
    const row = event.target.closest("tr");
    if (!event.target.closest("a") && !String(getSelection())) row.querySelector("th a").click();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (link && link.hash === location.hash) reveal();  // no hashchange then
  });
  addEventListener("hashchange", reveal);
  all(".filters, .unfold").forEach((one) => { one.hidden = false; });
  document.documentElement.classList.add("scripted");
  filter();
  if (location.hash) reveal();
})();
