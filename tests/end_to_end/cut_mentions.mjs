// Cuts the mentions out of an article by their offsets, as a client in JavaScript would.
// Standard input: {"unit", "article", "enrichment"}; standard output: the text of each mention.
import { readFileSync } from "node:fs";

const { unit, article, enrichment } = JSON.parse(readFileSync(0, "utf8"));

function cut({ section, start, end }) {
  return unit === "utf16"
    ? article[section].slice(start, end)
    : Buffer.from(article[section], "utf8").subarray(start, end).toString("utf8");
}

console.log(JSON.stringify(enrichment.entities.flatMap((entity) => entity.mentions.map(cut))));
