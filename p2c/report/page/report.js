"use strict";
// What the page does by itself: charts, the plan's records with search and filter, one record, the theme.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const byId = (id) => document.getElementById(id);
  const STATUSES = ["agree", "differ", "only_source", "only_target"];
  const PAGE = 25;
  const GOOD = ["acknowledged", "verified", "planned"];
  const said = (word) => data.words[word] || String(word ?? "").replaceAll("_", " ");
  const count = (number) => Number(number).toLocaleString("en");

  // An element with its text; attributes by name. Text is never read as HTML.
  function element(name, content, attributes = {}) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (Array.isArray(content)) made.append(...content);
    else if (content !== undefined && content !== null) made.textContent = String(content);
    return made;
  }
  function kept(name, value) {
    try {
      if (value === undefined) return sessionStorage.getItem(name);
      sessionStorage.setItem(name, value);
    } catch { /* a browser that keeps nothing for files */ }
    return null;
  }
  function options(select, values) {
    for (const value of [...new Set(values)].filter(Boolean).sort()) {
      select.append(element("option", said(value), { value }));
    }
  }

  // The theme: as the system has it, until somebody chooses.
  const theme = byId("theme");
  const isDark = () => (document.documentElement.dataset.theme
    || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  function showTheme(chosen) {
    if (chosen) document.documentElement.dataset.theme = chosen;
    theme.textContent = isDark() ? "Light" : "Dark";
    theme.setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours");
  }
  theme.addEventListener("click", () => {
    const chosen = isDark() ? "light" : "dark";
    kept("theme", chosen);
    showTheme(chosen);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => showTheme());
  showTheme(kept("theme"));

  // Charts are Chartist's; their colours are the page's.
  function series(names, rows) {
    return names.map((name) => ({ className: name, data: rows.map((row) => row[name]) }));
  }
  function bars() {
    for (const place of document.querySelectorAll(".bar")) {
      const counts = place.dataset.counts.split(",").map(Number);
      const all = counts.reduce((sum, one) => sum + one, 0);
      const none = { showLabel: false, showGrid: false, offset: 0 };
      new Chartist.BarChart(place, {
        labels: [""], series: counts.map((one, at) => ({ className: STATUSES[at], data: [one] })),
      }, {
        stackBars: true, horizontalBars: true, low: 0, high: all || 1, chartPadding: 0,
        axisX: { ...none, type: Chartist.FixedScaleAxis, ticks: [0, all || 1], low: 0, high: all || 1 },
        axisY: none,
      });
    }
  }
  function runChart() {
    const place = byId("runs-chart");
    if (!place) return;
    const rows = data.runs.map((run) => ({ agree: run.writes || 0, differ: run.failed || 0, at: run.started_at }));
    const step = Math.ceil(rows.length / Math.max(2, place.clientWidth / 90));
    new Chartist.BarChart(place, {
      labels: rows.map((row, at) => (at % step ? "" : row.at.slice(5, 16))), series: series(["agree", "differ"], rows),
    }, { stackBars: true, axisY: { onlyInteger: true }, axisX: { showGrid: false } });
  }
  function stageChart() {
    const place = byId("stages-chart");
    if (!place) return;
    const rows = data.runs.map((run) => ({ ...run.stages, at: run.started_at }));
    const step = Math.ceil(rows.length / Math.max(2, place.clientWidth / 90));
    new Chartist.BarChart(place, {
      labels: rows.map((row, at) => (at % step ? "" : row.at.slice(5, 16))),
      series: data.stages.map((stage, at) => ({ className: `stage-${at}`, data: rows.map((row) => row[stage]) })),
    }, { stackBars: true, low: 0, axisX: { showGrid: false } });
  }
  function overTime() {
    const place = byId("time-chart");
    if (!place) return;
    const [entity, company] = [byId("time-entity"), byId("time-company")];
    options(entity, data.timeline.map((row) => `${row.flow} → ${row.target}`));
    options(company, data.timeline.map((row) => row.company));
    const draw = () => {
      const runs = new Map();
      for (const row of data.timeline) {
        if (entity.value && `${row.flow} → ${row.target}` !== entity.value) continue;
        if (company.value && row.company !== company.value) continue;
        const sum = runs.get(row.run_id) || { at: row.noted_at, agree: 0, differ: 0, only_source: 0, only_target: 0 };
        for (const status of STATUSES) sum[status] += row[status];
        runs.set(row.run_id, sum);
      }
      const rows = [...runs.values()];
      const step = Math.ceil(rows.length / Math.max(2, place.clientWidth / 90));
      new Chartist.LineChart(place, {
        labels: rows.map((row, at) => (at % step ? "" : row.at.slice(5, 16))), series: series(STATUSES, rows),
      }, { low: 0, axisY: { onlyInteger: true, offset: 50 }, lineSmooth: false, axisX: { showGrid: false } });
      byId("time-table").tBodies[0].replaceChildren(...rows.map((row) => line([
        head(row.at.slice(0, 16)), ...STATUSES.map((status) => cell(said(status), count(row[status]), "number")),
      ])));
    };
    entity.addEventListener("change", draw);
    company.addEventListener("change", draw);
    draw();
  }

  const head = (content) => element("th", content, { scope: "row", role: "rowheader" });
  const line = (cells) => element("tr", cells, { role: "row" });
  function cell(label, content, name) {
    return element("td", content, { role: "cell", "data-label": label, ...(name ? { class: name } : {}) });
  }
  const shown = (value) => (value === null || value === undefined ? "–" : typeof value === "object" ? JSON.stringify(value) : String(value));

  // The plan's records.
  function plan() {
    const rows = (data.plan && data.plan.rows) || [];
    const table = byId("writes");
    if (!table) return;
    const find = byId("find");
    const filters = { flow: byId("by-flow"), operation: byId("by-operation"), status: byId("by-status"), company: byId("by-company") };
    for (const row of rows) row.text = words(row);
    for (const [name, select] of Object.entries(filters)) {
      options(select, rows.map((row) => row[name]));
      select.value = kept(`by-${name}`) || "";
      if (select.selectedIndex < 0) select.value = "";
    }
    find.value = kept("find") || "";
    let room = PAGE;
    const draw = () => {
      const asked = find.value.trim().toLowerCase().split(/\s+/);
      const fit = rows.filter((row) => asked.every((word) => row.text.includes(word))
        && Object.entries(filters).every(([name, select]) => !select.value || row[name] === select.value));
      table.tBodies[0].replaceChildren(...fit.slice(0, room).map(record));
      byId("found").textContent = `${count(fit.length)} of ${count(rows.length)} records` + (fit.length > room ? `, ${count(room)} shown` : "");
      byId("further").hidden = fit.length <= room;
    };
    const again = () => {
      kept("find", find.value);
      for (const [name, select] of Object.entries(filters)) kept(`by-${name}`, select.value);
      room = PAGE;
      draw();
    };
    find.addEventListener("input", again);
    for (const select of Object.values(filters)) select.addEventListener("change", again);
    byId("clear").addEventListener("click", () => {
      find.value = "";
      for (const select of Object.values(filters)) select.value = "";
      again();
      find.focus();
    });
    byId("further").addEventListener("click", () => {
      const last = room;
      room += PAGE;
      draw();
      table.tBodies[0].rows[last].querySelector("button").focus();
    });
    draw();
  }
  function words(row) {
    const texts = [row.key, row.source_key, row.record_id, row.name, row.flow, row.target, row.error_message];
    for (const [name, values] of Object.entries(row.columns)) texts.push(name, ...values);
    return texts.filter((text) => text !== null && text !== undefined).map((text) => (typeof text === "object" ? JSON.stringify(text) : String(text))).join(" ").toLowerCase();
  }
  function outcome(row) {
    return row.error_code === "not_persisted" ? "not_persisted" : row.status;
  }
  function record(row) {
    const open = element("button", row.key || row.source_key || "?", { type: "button", class: "link" });
    open.addEventListener("click", () => drill(row));
    const bad = GOOD.includes(outcome(row)) ? "" : "status-bad";
    return line([
      element("th", [open, element("span", row.name || "", { class: "sub" })], { scope: "row", role: "rowheader" }),
      element("td", [row.flow, element("span", row.target, { class: "sub" })], { role: "cell", "data-label": "flow" }),
      cell("operation", row.operation), cell("status", said(outcome(row)), bad), cell("company", row.company || "–"),
      cell("change", change(row)),
    ]);
  }
  function change(row) {
    const names = Object.keys(row.columns);
    if (row.operation !== "update") return `${names.length} columns`;
    const first = names.slice(0, 2).map((name) => `${name}: ${short(row.columns[name][0])} → ${short(row.columns[name][1])}`);
    return first.join("; ") + (names.length > 2 ? `; ${names.length - 2} more` : "");
  }
  const short = (value) => (shown(value).length > 40 ? `${shown(value).slice(0, 39)}…` : shown(value));

  // One record: values, what was said about it, its way through the layers.
  function drill(row) {
    byId("record-name").textContent = [row.key || row.source_key, row.name].filter(Boolean).join(" · ");
    const parts = [facts(row), element("h4", "Values"), values(row)];
    if (Object.keys(row.kept).length) parts.push(element("h4", "Left as the target has them; the source says"), list(row.kept));
    if (Object.keys(row.held_instead).length) parts.push(element("h4", "Sent, and read back as"), list(row.held_instead));
    parts.push(element("h4", "What the service said"), service(row), element("h4", "Its way through the layers"), ...way(row));
    byId("record-body").replaceChildren(...parts);
    byId("record").showModal();
    byId("record").scrollTop = 0;
  }
  function list(pairs) {
    return element("dl", Object.entries(pairs).flatMap(([name, value]) => [element("dt", name), element("dd", shown(value))]));
  }
  function facts(row) {
    const found = { flow: `${row.flow} → ${row.target}`, operation: row.operation, status: said(outcome(row)) };
    if (row.first_contact) found["first contact"] = "the two records never agreed on anything before";
    if (row.fate) found["by the last build"] = [said(row.fate), row.detail].filter(Boolean).join(": ");
    if (row.is_drift) found.drift = "the target was changed since both systems last agreed";
    found["source key"] = shown(row.source_key);
    if (row.record_id) found["record id"] = row.record_id;
    return list(found);
  }
  function values(row) {
    const rows = Object.entries(row.columns).map(([name, [before, after]]) => line([
      head(name), cell("before", shown(before), "gone"), cell("after", shown(after), "come"),
    ]));
    const heads = ["column", "before", "after"].map((name) => element("th", name, { scope: "col", role: "columnheader" }));
    return element("table", [
      element("caption", "Columns before and after"),
      element("thead", [line(heads)], { role: "rowgroup" }), element("tbody", rows, { role: "rowgroup" }),
    ], { class: "cards", role: "table" });
  }
  function service(row) {
    if (!row.sent_at) return element("p", row.error_message || "It was not sent.");
    const found = { sent: shown(row.sent_at), answered: shown(row.finished_at), attempts: shown(row.attempts), "HTTP status": shown(row.http_status) };
    if (row.error_code) found.code = row.error_code;
    if (row.error_message) found.message = row.error_message;
    if (row.request_id) found["request id"] = row.request_id;
    return list(found);
  }
  function way(row) {
    const command = element("p", ["The same, and what to do next: ", element("code", `p2c explain ${/\s/.test(row.key || "") ? `'${row.key}'` : row.key}`)]);
    if (!row.layers) return [element("p", "It is not followed on this page, which follows the first records of a plan."), command];
    const found = row.layers.map((at) => data.layers[at]).map((one) => {
      const made = element("details", [element("summary", one.table), list(one.row)]);
      return made;
    });
    return found.length ? [...found, command] : [element("p", "No layer has a row of it any more."), command];
  }

  // Served by `p2c report --serve`: asks for news, and loads anew when there is another report.
  function follow() {
    const live = byId("live");
    let version = null;
    const ask = async () => {
      try {
        const news = await (await fetch("news", { cache: "no-store" })).json();
        live.textContent = news.text;
        if (version !== null && news.version !== version && !byId("record").open) location.reload();
        version ??= news.version;
      } catch { live.textContent = "The server does not answer any more; this is what it showed last."; }
      setTimeout(ask, 2000);
    };
    ask();
  }

  bars();
  runChart();
  stageChart();
  overTime();
  plan();
  if (data.live) follow();
})();
