"use strict";

const QUERY = "v1/enrich?offsets=utf16&include_text=true";
const FEATURES = "sentiment,entities,sentences,links";
const MAX_INLINE_JSON = 4000; // characters; a longer curl command is hard to read
const EXAMPLE = {
  title: "Dockers in Lisbon celebrate a deal",
  text:
    "Lisbon's port authority has signed a ten-year contract with the shipping company Nordhav, " +
    "ending months of bitter dispute. Mayor Ana Ribeiro praised the dockers' patience and called the " +
    "agreement “a wonderful day for the city”. 🎉\n\n" +
    "Not everyone was pleased. Jorge Pinto of the union Mar Livre accused Nordhav of breaking its " +
    "promises in Rotterdam, where it closed a terminal last year. Ribeiro said the city would watch " +
    "the company closely.",
};

const $ = (id) => document.getElementById(id);
/** A score with its sign, unless it rounds to zero. */
function signed(score) {
  const digits = Math.abs(score).toFixed(2);
  return (Number(digits) === 0 ? "" : score > 0 ? "+" : "−") + digits;
}

const words = (label) => label[0] + label.slice(1).toLowerCase();
const typeName = (type) => (type === "NORP" ? "Nationality or group" : words(type));

function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

function sentimentText({ label, score }) {
  return element("span", { className: label }, `${words(label)} ${signed(score)}`);
}

function tint(score) {
  const strength = Math.min(3, Math.ceil(Math.abs(score) / 0.25 - 1));
  return strength < 1 ? "" : `${score < 0 ? "n" : "p"}${strength}`;
}

/** The text from `start` to `end` as nodes, with its mentions marked. Offsets count UTF-16 code units. */
function marked(text, start, end, mentions) {
  const parts = [];
  let at = start;
  for (const mention of mentions) {
    if (mention.start < at || mention.end > end) continue;
    const mark = element("mark", { className: mention.type, title: typeName(mention.type) });
    mark.textContent = text.slice(mention.start, mention.end);
    mark.dataset.entity = mention.entity;
    parts.push(text.slice(at, mention.start), mark);
    at = mention.end;
  }
  parts.push(text.slice(at, end));
  return parts;
}

function section(name, text, enrichment) {
  const mentions = enrichment.entities
    .flatMap(({ type, mentions }, entity) => mentions.map((m) => ({ ...m, type, entity })))
    .filter((mention) => mention.section === name)
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const inside = (from, to) => mentions.filter((m) => m.start >= from && m.end <= to);
  const parts = [];
  let at = 0;
  for (const sentence of enrichment.sentences.filter((s) => s.section === name)) {
    const { quoted, speaker } = sentence;
    const { label, score } = sentence.sentiment;
    const span = element("span", { className: `sentence ${tint(score)}`, tabIndex: -1 });
    span.append(...marked(text, sentence.start, sentence.end, inside(sentence.start, sentence.end)));
    const voice = quoted ? `, quoted${speaker === null ? "" : ` from ${speaker}`}` : "";
    span.dataset.summary = `Sentence: ${words(label)} ${signed(score)}${voice}`;
    parts.push(text.slice(at, sentence.start), span);
    at = sentence.end;
  }
  parts.push(text.slice(at));
  return parts;
}

function showArticle(enrichment) {
  const { title, text } = enrichment.article;
  const heading = title === null ? [] : [element("h3", {}, ...section("title", title, enrichment))];
  $("article").replaceChildren(...heading, element("div", {}, ...section("text", text, enrichment)));
  const first = $("article").querySelector(".sentence");
  if (first) first.tabIndex = 0;
  $("sentence").textContent = "";
  const types = [...new Set(enrichment.entities.map((entity) => entity.type))].sort();
  $("legend").replaceChildren(
    ...types.map((type) => element("li", {}, element("mark", { className: type }, typeName(type)))),
  );
}

function selectEntity(index, button) {
  const chosen = button.getAttribute("aria-pressed") !== "true";
  for (const other of $("entities").querySelectorAll("button")) other.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-pressed", String(chosen));
  const marks = [...$("article").querySelectorAll("mark")];
  for (const mark of marks) {
    mark.classList.toggle("picked", chosen && mark.dataset.entity === String(index));
  }
  const first = marks.find((mark) => mark.classList.contains("picked"));
  if (first) first.scrollIntoView({ block: "nearest" });
}

/** An element that leads to the entry of a link, with what identifies it. */
function linkTo({ source, uri, name, country, wikidata, ticker, exchange }) {
  const [target, text] = ticker
    ? [uri, `${name} (${exchange ? `${exchange}: ` : ""}${ticker})`]
    : wikidata
      ? [`https://www.wikidata.org/wiki/${wikidata}`, name]
      : [uri, !uri ? `${name} (${source})` : country ? `${name}, ${country}` : name];
  if (!target) return element("span", {}, text);
  return element("a", { href: target, target: "_blank", rel: "noopener noreferrer" }, text);
}

function showEntities(entities) {
  const most = Math.max(...entities.map((entity) => entity.salience), 0.01);
  $("entities").replaceChildren(
    ...entities.map((entity, index) => {
      const button = element("button", { type: "button" }, entity.name);
      button.setAttribute("aria-pressed", "false");
      button.addEventListener("click", () => selectEntity(index, button));
      const count = entity.mentions.length;
      const meter = element("meter", { min: 0, max: most, value: entity.salience });
      meter.setAttribute("aria-label", `Salience ${entity.salience.toFixed(2)}`);
      const links = bestLinks(entity).map((link) => element("small", { className: "link" }, linkTo(link)));
      const times = count === 1 ? "1 mention" : `${count} mentions`;
      return element(
        "li",
        {},
        element("span", {}, button, " ", element("small", {}, `${typeName(entity.type)}, ${times}`), ...links),
        element("span", { className: "sentiment" }, sentimentText(entity.sentiment)),
        meter,
        element("small", {}, entity.salience.toFixed(2)),
      );
    }),
  );
  if (!entities.length) $("entities").append(element("li", {}, "None found."));
}

function showVoices({ article, quoted }) {
  const line = (who, { share, sentiment }) =>
    element("li", {}, `${who}: `, sentimentText(sentiment), ` (${Math.round(100 * share)} % of the words)`);
  $("voices").replaceChildren(
    ...(article === null ? [] : [line("In its own words", article)]),
    ...quoted.map((voice) => line(voice.speaker === null ? "Other quotations" : `Quoting ${voice.speaker}`, voice)),
  );
  $("voices").hidden = quoted.length === 0;
}

/** What a date or an amount of money stands for. */
function meaning({ value }) {
  if (value === null) return "–";
  if (typeof value === "string") return value;
  return `${value.currency ?? "unknown currency"} ${value.amount === null ? "–" : value.amount.toLocaleString("en")}`;
}

function showValues(values) {
  $("values").replaceChildren(
    ...values.map((value) => element("li", {}, element("span", {}, value.text), element("span", {}, meaning(value)))),
  );
  $("dates").hidden = values.length === 0;
}

function shellQuoted(text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function curlLine(query, body) {
  const url = shellQuoted(new URL(query, document.baseURI).href);
  const json = JSON.stringify(body);
  const key = $("key").value ? ' -H "Authorization: Bearer $ENRICH_API_KEY"' : "";
  const command = `curl -s ${url}${key} -H 'Content-Type: application/json' --data-binary`;
  if (json.length <= MAX_INLINE_JSON) return `${command} ${shellQuoted(json)}`;
  return `# with {"text": …${body.title ? ', "title": …' : ""}} in article.json\n${command} @article.json`;
}

/** Header fields with the API key, if the user has entered one. */
function keyHeaders() {
  return $("key").value ? { Authorization: `Bearer ${$("key").value}` } : {};
}

function show(enrichment, query, body) {
  const { label, score, probabilities } = enrichment.sentiment;
  const shares = Object.entries(probabilities).map(([name, p]) => `${name} ${Math.round(100 * p)} %`);
  const { sentences, characters, analyzed } = enrichment.coverage;
  $("verdict").replaceChildren(
    element("strong", { className: label }, label),
    ` ${signed(score)} (${shares.join(", ")}). `,
    element("span", { className: "hint" }, `${sentences.toLocaleString("en")} sentences, ${analyzed.toLocaleString("en")} of ${characters.toLocaleString("en")} characters read.`),
  );
  showVoices(enrichment.voices);
  $("warnings").replaceChildren(...enrichment.warnings.map((w) => element("li", {}, w.detail)));
  showArticle(enrichment);
  showEntities(enrichment.entities);
  showMap($("map"), enrichment.entities).catch(() => ($("map").hidden = true)); // the rest does without
  showValues(enrichment.values ?? []);
  $("json").textContent = JSON.stringify(enrichment, null, 2);
  $("curl").textContent = curlLine(query, body);
  $("result").hidden = false;
  $("verdict-heading").focus({ preventScroll: true });
  $("result").scrollIntoView({ block: "start" });
}

function showProblem(title, detail, id) {
  $("problem").replaceChildren(element("strong", {}, title), detail);
  if (id) $("problem").append(element("small", {}, ` (request ${id})`));
  $("problem").hidden = false;
  $("result").hidden = true;
}

async function send(query, body) {
  const answer = await fetch(query, {
    method: "POST",
    headers: { "Content-Type": "application/json", ...keyHeaders() },
    body: JSON.stringify(body),
  });
  return { answer, found: await answer.json() };
}

async function enrich() {
  const body = { text: $("text").value };
  if ($("title").value.trim()) body.title = $("title").value;
  const model = $("model").value ? `&model=${encodeURIComponent($("model").value)}` : "";
  let query = `${QUERY}${model}&features=${FEATURES},values`;
  $("problem").hidden = true;
  $("enrich").disabled = true;
  $("status").textContent = "Reading …";
  try {
    let { answer, found } = await send(query, body);
    if (found.errors?.some(({ parameter }) => parameter === "features")) {
      query = `${QUERY}${model}&features=${FEATURES}`; // values are found in some languages only
      ({ answer, found } = await send(query, body));
    }
    if (answer.status === 401) askForKey();
    if (answer.ok) show(found, query, body);
    else showProblem(found.title, found.detail, found.request_id);
  } catch {
    showProblem("No answer", "The service could not be reached, or its answer was cut off. Try again.");
  } finally {
    $("enrich").disabled = false;
    $("status").textContent = "";
  }
}

function askForKey() {
  $("keys").hidden = false;
  $("key").focus();
}

/** Offers a choice of models if the server has several, and a field for a key if it requires one. */
async function offerModels() {
  const answer = await fetch("v1/models", { headers: keyHeaders() });
  $("keys").hidden = !(answer.status === 401 || $("key").value);
  if (!answer.ok) return;
  const found = await answer.json();
  if (found.models.length < 2) return;
  $("model").replaceChildren(...found.models.map(({ name }) => element("option", {}, name)));
  $("model").value = found.default;
  $("models").hidden = false;
}

function showSentence(event) {
  const sentence = event.target.closest?.(".sentence");
  if (sentence) $("sentence").textContent = sentence.dataset.summary;
}

function moveToSentence(event) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  const all = [...$("article").querySelectorAll(".sentence")];
  const here = all.indexOf(document.activeElement);
  const next = all[here + step];
  if (!step || here < 0 || !next) return;
  event.preventDefault();
  all[here].tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

$("key").value = sessionStorage.getItem("api-key") ?? "";
$("key").addEventListener("change", () => {
  sessionStorage.setItem("api-key", $("key").value.trim());
  offerModels().catch(() => {});
});
offerModels().catch(() => {}); // without a choice, the server uses its default model
$("form").addEventListener("submit", (event) => {
  event.preventDefault();
  enrich();
});
$("example").addEventListener("click", () => {
  $("title").value = EXAMPLE.title;
  $("text").value = EXAMPLE.text;
  enrich();
});
$("article").addEventListener("pointerover", showSentence);
$("article").addEventListener("focusin", showSentence);
$("article").addEventListener("keydown", moveToSentence);
$("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText($("json").textContent);
  $("copy").textContent = "Copied";
});
for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
  $("text").addEventListener(kind, (event) => {
    const files = event.dataTransfer?.types.includes("Files");
    if (!files) return;
    event.preventDefault();
    $("text").classList.toggle("over", kind === "dragenter" || kind === "dragover");
  });
}
$("text").addEventListener("drop", async (event) => {
  const [file] = event.dataTransfer.files;
  if (!file) return;
  try {
    $("text").value = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    showProblem("Not a text file", `${file.name} is not text in UTF-8.`);
  }
});
