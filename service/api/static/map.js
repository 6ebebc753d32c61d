"use strict";

/* The map of linked places. service/cli/place_map.py draws the same in reports. */

const WORLD = { west: -180, east: 180, south: -58, north: 84 }; // degrees
const UNITS = 20; // of world.svg in a degree
const LEAST_HEIGHT = 14; // degrees; the outline has no detail for less
const WIDEST = 110; // degrees of longitude; places further apart are shown on the whole world
const ASPECT = 2;
const STEEPEST = 60; // degrees of latitude
const MOST_LABELS = 12;

let outline = null;
let latest = null; // the entities whose places the figure shows, or will show

/** The best link of an entity to each source, and all links to lists, which are certain. */
function bestLinks({ links = [] }) {
  const isFirst = ({ source }, index) => links.findIndex((other) => other.source === source) === index;
  return links.filter((link, index) => link.source.startsWith("list:") || isFirst(link, index));
}

/** The places that entities are linked to, each once, the most salient first. */
function linkedPlaces(entities) {
  const places = new Map();
  for (const link of entities.flatMap(bestLinks)) {
    if (link.latitude !== undefined && !places.has(link.id)) places.set(link.id, link);
  }
  return [...places.values()];
}

/** The part of the world around places: its edges in degrees, and the width of a degree of longitude
    relative to one of latitude. */
function viewOf(places) {
  const longitudes = places.map((place) => place.longitude);
  const latitudes = places.map((place) => place.latitude);
  const [left, right] = [Math.min(...longitudes), Math.max(...longitudes)];
  const [bottom, top] = [Math.min(...latitudes), Math.max(...latitudes)];
  if (right - left > WIDEST) {
    const { west, east, south, north } = WORLD;
    return { west, east, south, north, stretch: (ASPECT * (north - south)) / (east - west) };
  }
  const stretch = Math.cos((Math.min(STEEPEST, Math.abs(bottom + top) / 2) * Math.PI) / 180);
  const height = Math.max(LEAST_HEIGHT, 1.5 * (top - bottom), (1.5 * stretch * (right - left)) / ASPECT);
  const width = (ASPECT * height) / stretch;
  const middle = Math.min(WORLD.north - height / 2, Math.max(WORLD.south + height / 2, (top + bottom) / 2));
  const centre = (left + right) / 2;
  return { west: centre - width / 2, east: centre + width / 2, south: middle - height / 2, north: middle + height / 2, stretch };
}

function svg(name, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

/** Names beside markers, where they do not cover others; places further on in the list give way. */
function labels(markers, size, right) {
  const boxes = markers.map(({ x, y }) => ({ left: x - size / 2, right: x + size / 2, top: y - size / 2, bottom: y + size / 2 }));
  const texts = [];
  for (const [index, { x, y, place }] of markers.entries()) {
    if (texts.length === MOST_LABELS) break;
    const length = 0.58 * size * place.name.length;
    for (const side of ["start", "end"]) {
      const from = side === "start" ? x + 0.6 * size : x - 0.6 * size - length;
      const box = { left: from, right: from + length, top: y - size / 2, bottom: y + size / 2 };
      const covers = (other) =>
        box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;
      if (box.left < 0 || box.right > right || boxes.some((other, i) => i !== index && covers(other))) continue;
      boxes.push(box);
      const at = side === "start" ? x + 0.6 * size : x - 0.6 * size;
      texts.push(svg("text", { x: at, y: y + 0.35 * size, "text-anchor": side, "font-size": size }, place.name));
      break;
    }
  }
  return texts;
}

/** An SVG element that shows places. */
function drawMap(places) {
  const view = viewOf(places);
  const [width, height] = [1000, 1000 / ASPECT];
  const scale = height / (view.north - view.south);
  const across = scale * view.stretch;
  const markers = places.map((place) => ({
    x: (place.longitude - view.west) * across,
    y: (view.north - place.latitude) * scale,
    place,
  }));
  const land = outline.cloneNode(true);
  const moved = `translate(${-view.west * across} ${view.north * scale})`;
  land.setAttribute("transform", `${moved} scale(${across / UNITS} ${scale / UNITS})`);
  const dots = markers.map(({ x, y, place }) => {
    const kind = ["city", "capital"].includes(place.feature) ? "dot" : "ring";
    return svg("circle", { class: kind, cx: x, cy: y, r: kind === "dot" ? 8 : 11 }, svg("title", {}, place.name));
  });
  const map = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" }, land, ...dots.reverse());
  map.setAttribute("aria-label", `Map of ${places.map((place) => place.name).join(", ")}`);
  map.append(...labels(markers, 30, width));
  return map;
}

/** Shows the places of entities in a figure, which is hidden if there are none. */
async function showMap(figure, entities) {
  latest = entities;
  const places = linkedPlaces(entities);
  figure.hidden = places.length === 0;
  if (figure.hidden) return;
  if (!outline) {
    const answer = await fetch("docs/static/world.svg");
    const file = new DOMParser().parseFromString(await answer.text(), "image/svg+xml");
    outline = svg("g", {}, ...file.querySelectorAll("path"));
  }
  if (latest !== entities) return; // another article has followed meanwhile
  figure.querySelector("svg")?.remove();
  figure.prepend(drawMap(places));
}
