"use strict";
// Draws the figures one after the other, in the colours of the reader's theme; in print always in the light one.
// A folded task is drawn when it is opened.
const figures = JSON.parse(document.getElementById("figures").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const options = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"] };

function themed(layout, isDark) {
  const axis = { gridcolor: isDark ? "#363b43" : "#e3e6ea", linecolor: isDark ? "#5b626d" : "#9aa1ab", zeroline: false };
  const font = { color: isDark ? "#e8eaed" : "#1b1d21", family: getComputedStyle(document.body).fontFamily, size: 13 };
  const hover = { bgcolor: isDark ? "#1e2126" : "#ffffff", font: { color: font.color } };
  const template = { layout: { font, xaxis: axis, yaxis: axis, hoverlabel: hover, legend: { bgcolor: "rgba(0,0,0,0)" } } };
  const modebar = { bgcolor: "rgba(0,0,0,0)", color: isDark ? "#9aa1ab" : "#8a919b", activecolor: font.color };
  return { ...layout, template, modebar, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", dragmode: false };
}

function drawOne(place, isDark) {
  const figure = figures[place.dataset.figure];
  Plotly.react(place, figure.data, themed(structuredClone(figure.layout), isDark), options);
}

function visible() {
  return [...document.querySelectorAll(".plot")].filter((place) => !place.closest("details:not([open])"));
}

let latest = 0;
async function draw(isDark) {
  const turn = ++latest;
  for (const place of visible()) {
    if (turn !== latest) return;
    drawOne(place, isDark);
    await new Promise((resume) => setTimeout(resume)); // the reader may scroll meanwhile
  }
  document.documentElement.dataset.drawn = "yes";
}

dark.addEventListener("change", () => draw(dark.matches));
window.addEventListener("beforeprint", () => {
  latest += 1;
  for (const part of document.querySelectorAll("details")) part.open = true;
  for (const place of visible()) drawOne(place, false);
});
window.addEventListener("afterprint", () => draw(dark.matches));
for (const part of document.querySelectorAll("details")) part.addEventListener("toggle", () => draw(dark.matches));
draw(dark.matches);
