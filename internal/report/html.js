"use strict";
(() => {
  const PAGE = 100;
  const data = JSON.parse(document.getElementById("data").textContent);
  const controls = data.controls;
  const all = data.findings;
  const rank = {critical: 5, high: 4, medium: 3, low: 2, info: 1};
  const $ = (id) => document.getElementById(id);

  // Everything that comes from the accounts goes in as text, never as markup.
  const clean = (s) => String(s).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "\ufffd");
  const el = (name, className, text) => {
    const e = document.createElement(name);
    if (className) e.className = className;
    if (text !== undefined) e.textContent = clean(text);
    return e;
  };
  const name = (f) => f.a.name || f.a.id;
  const region = (f) => f.a.region || "global";
  const title = (f) => (controls[f.c] || {}).title || f.c;

  const keys = {
    s: (f) => (rank[f.s] || 0) * 1000 + f.r,
    r: (f) => f.r * 10 + (rank[f.s] || 0),
    c: (f) => title(f),
    asset: (f) => name(f),
    account: (f) => f.a.account || "",
    region: (f) => region(f),
  };
  const facets = {
    v: (f) => f.st || f.v,
    s: (f) => f.s,
    account: (f) => f.a.account || "",
    region: region,
    c: (f) => f.c,
  };

  let sort = "r", down = true, page = 0, shown = all;
  const open = new Set();

  const haystack = (f) => {
    if (!f.hay) {
      const c = controls[f.c] || {};
      f.hay = [title(f), f.c, f.m, f.id, f.a.id, f.a.name, f.a.type, f.a.account, region(f), f.v, f.s, f.st,
        Object.entries(f.a.tags || {}).map(([k, v]) => k + "=" + v).join(" "),
        (c.frameworks || []).join(" "), Object.values(c.known_as || {}).join(" ")].join("\n").toLowerCase();
    }
    return f.hay;
  };

  function filter() {
    const words = $("q").value.toLowerCase().split(/\s+/).filter(Boolean);
    const wanted = Object.entries(facets).map(([k, of]) => [of, $("f-" + k).value]).filter(([, v]) => v !== "");
    shown = all.filter((f) => wanted.every(([of, v]) => of(f) === v) && words.every((w) => haystack(f).includes(w)));
    const key = keys[sort], sign = down ? -1 : 1;
    shown = shown.map((f, i) => [key(f), i, f]).sort((a, b) => (a[0] < b[0] ? -sign : a[0] > b[0] ? sign : a[1] - b[1])).map((x) => x[2]);
    page = 0;
    draw();
  }

  function draw() {
    const from = page * PAGE, to = Math.min(shown.length, from + PAGE);
    const rows = document.createDocumentFragment();
    for (const f of shown.slice(from, to)) {
      rows.append(row(f));
      if (open.has(f.id)) rows.append(detail(f));
    }
    if (!shown.length) {
      const tr = el("tr"), td = el("td", "soft", all.length ? "No finding matches the filter." : "Nothing fails and nothing is undecided.");
      td.colSpan = 6;
      tr.append(td);
      rows.append(tr);
    }
    $("rows").replaceChildren(rows);
    const n = (x) => x.toLocaleString("en");
    $("status").textContent = shown.length ? `${n(from + 1)}–${n(to)} of ${n(shown.length)}` + (shown.length < all.length ? `, filtered from ${n(all.length)}` : "") : "";
    $("prev").disabled = page === 0;
    $("next").disabled = to >= shown.length;
    for (const b of document.querySelectorAll("[data-sort]")) {
      b.closest("th").setAttribute("aria-sort", b.dataset.sort !== sort ? "none" : down ? "descending" : "ascending");
    }
  }

  function row(f) {
    const tr = el("tr");
    tr.id = f.id;
    const severity = el("td");
    severity.append(el("span", "chip " + (rank[f.s] ? f.s : "info"), f.s));
    if (f.v === "unknown") severity.append(" ", el("span", "chip v-unknown", "unknown"));
    if (f.st) severity.append(" ", el("span", "chip v-none", f.st));
    const finding = el("td"), button = el("button", "open", title(f));
    button.type = "button";
    button.setAttribute("aria-expanded", String(open.has(f.id)));
    button.addEventListener("click", () => toggle(f, tr, button));
    finding.append(button, el("span", "sub", f.m || ""));
    const asset = el("td");
    asset.append(name(f));
    asset.firstChild.data = clean(name(f));
    if (f.a.name && f.a.name !== f.a.id) asset.append(el("span", "sub", f.a.type));
    tr.append(severity, el("td", "num", f.r), finding, asset, el("td", "", f.a.account || ""), el("td", "", region(f)));
    return tr;
  }

  function toggle(f, tr, button) {
    const now = !open.has(f.id);
    button.setAttribute("aria-expanded", String(now));
    if (now) {
      open.add(f.id);
      tr.after(detail(f));
    } else {
      open.delete(f.id);
      tr.nextElementSibling.remove();
    }
  }

  function detail(f) {
    const c = controls[f.c] || {}, fix = Object.assign({}, c.fix, f.fix);
    const tr = el("tr", "detail"), td = el("td"), cols = el("div", "cols"), left = el("div"), right = el("div");
    td.colSpan = 6;
    const block = (to, heading, ...body) => { to.append(el("h3", "", heading), ...body); };
    if (f.g) block(left, "Not read", list("ul", f.g));
    if (f.e) block(left, "Evidence", evidence(f.e));
    if (c.why) block(left, "Why it matters", el("p", "", c.why));
    if (fix.steps && fix.steps.length) block(left, "Fix", list("ol", fix.steps));
    if (fix.cli) block(left, "Command line", el("pre", "", fix.cli.trim()));
    if (fix.terraform) block(left, "Terraform", el("pre", "", fix.terraform.trim()));
    if (fix.cloudformation) block(left, "CloudFormation", el("pre", "", fix.cloudformation.trim()));
    block(right, "Asset", el("code", "", f.a.id), el("p", "soft", f.a.type));
    const tags = Object.entries(f.a.tags || {}).sort();
    if (tags.length) block(right, "Tags", list("ul", tags.map(([k, v]) => k + " = " + v)));
    if (f.rr) block(right, "Risk " + f.r, list("ul", f.rr));
    if (c.frameworks) block(right, "Requirements", list("ul", c.frameworks));
    const known = Object.entries(c.known_as || {}).sort();
    if (known.length) block(right, "Known as", list("ul", known.map(([tool, ids]) => tool + ": " + ids.join(", "))));
    if (c.references) block(right, "References", links(c.references));
    block(right, "Finding", el("code", "", f.id));
    if (f.t) right.append(el("p", "soft", "since " + f.t.replace("T", " ").replace("Z", " UTC")));
    right.append(el("p", "soft", f.c));
    cols.append(left, right);
    td.append(cols);
    tr.append(td);
    return tr;
  }

  function list(kind, items) {
    const l = el(kind);
    for (const i of items) l.append(el("li", "", i));
    return l;
  }

  function links(urls) {
    const l = el("ul");
    for (const u of urls) {
      const li = el("li");
      if (/^https?:\/\//i.test(u)) {
        const a = el("a", "", u.replace(/^https?:\/\//i, ""));
        a.href = u;
        a.rel = "noopener noreferrer";
        a.target = "_blank";
        li.append(a);
      } else {
        li.textContent = clean(u);
      }
      l.append(li);
    }
    return l;
  }

  function evidence(values) {
    const dl = el("dl", "evidence");
    for (const v of values) {
      const box = el("div"), dd = el("dd");
      box.append(el("dt", "", (v.asset ? v.asset + " " : "") + v.path));
      const text = typeof v.value === "object" && v.value !== null ? JSON.stringify(v.value, null, 1) : JSON.stringify(v.value);
      if (text.length > 60) dd.append(el("pre", "", text));
      else dd.append(el("code", "", text));
      if (v.note) dd.append(" ", el("span", "soft", v.note));
      box.append(dd);
      dl.append(box);
    }
    return dl;
  }

  function fill(id, of, label, order) {
    const counts = new Map();
    for (const f of all) counts.set(of(f), (counts.get(of(f)) || 0) + 1);
    const values = [...counts.keys()].filter((v) => v !== "").sort(order || ((a, b) => (label(a) < label(b) ? -1 : 1)));
    for (const v of values) {
      const o = el("option", "", `${label(v)} (${counts.get(v).toLocaleString("en")})`);
      o.value = v;
      $(id).append(o);
    }
  }

  function reset() {
    $("q").value = "";
    for (const k of Object.keys(facets)) $("f-" + k).value = "";
  }

  fill("f-v", facets.v, (v) => v);
  fill("f-s", facets.s, (v) => v, (a, b) => (rank[b] || 0) - (rank[a] || 0));
  fill("f-account", facets.account, (v) => v);
  fill("f-region", facets.region, (v) => v);
  fill("f-c", facets.c, (id) => (controls[id] || {}).title || id);

  let timer = 0;
  $("q").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(filter, 120); });
  for (const k of Object.keys(facets)) $("f-" + k).addEventListener("change", filter);
  $("reset").addEventListener("click", () => { reset(); filter(); });
  const turn = (by) => { page += by; draw(); $("findings").scrollIntoView(); };
  $("prev").addEventListener("click", () => turn(-1));
  $("next").addEventListener("click", () => turn(1));
  for (const b of document.querySelectorAll("[data-sort]")) {
    b.addEventListener("click", () => {
      down = sort === b.dataset.sort ? !down : ["s", "r"].includes(b.dataset.sort);
      sort = b.dataset.sort;
      filter();
    });
  }
  for (const a of document.querySelectorAll("[data-open]")) {
    a.addEventListener("click", (e) => {
      e.preventDefault();
      reset();
      open.add(a.dataset.open);
      filter();
      page = Math.max(0, Math.floor(shown.findIndex((f) => f.id === a.dataset.open) / PAGE));
      draw();
      const tr = $(a.dataset.open);
      if (tr) { tr.scrollIntoView(); tr.querySelector("button").focus({preventScroll: true}); }
    });
  }
  document.addEventListener("keydown", (e) => {
    if (e.key === "/" && !/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) { e.preventDefault(); $("q").focus(); }
    if (e.key === "Escape" && document.activeElement === $("q") && $("q").value) { $("q").value = ""; filter(); }
  });
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details.card:not([open])")];
    for (const d of closed) d.open = true;
  });
  addEventListener("afterprint", () => { for (const d of closed) d.open = false; });

  for (const e of document.querySelectorAll(".filters, #list, .pager")) e.hidden = false;
  filter();
})();
