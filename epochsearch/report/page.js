"use strict";
// Draws each figure once it is visible, in the colours of the reader's theme; in print always in the light one.
const figures = JSON.parse(document.getElementById("figures").textContent);
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const options = { responsive: true, displaylogo: false, modeBarButtonsToRemove: ["lasso2d", "select2d", "autoScale2d"] };

function themed(layout, isDark) {
  const axis = { gridcolor: isDark ? "#363b43" : "#e3e6ea", linecolor: isDark ? "#5b626d" : "#9aa1ab", zeroline: false };
  const font = { color: isDark ? "#e8eaed" : "#1b1d21", family: getComputedStyle(document.body).fontFamily, size: 13 };
  const hover = { bgcolor: isDark ? "#1e2126" : "#ffffff", font: { color: font.color } };
  const template = { layout: { font, xaxis: axis, yaxis: axis, hoverlabel: hover, legend: { bgcolor: "rgba(0,0,0,0)" } } };
  return { ...layout, template, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", dragmode: false };
}

function draw(isDark) {
  for (const place of document.querySelectorAll(".plot")) {
    if (place.closest("details:not([open])")) continue;
    const figure = figures[place.dataset.figure];
    Plotly.react(place, figure.data, themed(structuredClone(figure.layout), isDark), options);
  }
}

dark.addEventListener("change", () => draw(dark.matches));
window.addEventListener("beforeprint", () => {
  for (const part of document.querySelectorAll("details")) part.open = true;
  draw(false);
});
window.addEventListener("afterprint", () => draw(dark.matches));
for (const part of document.querySelectorAll("details")) part.addEventListener("toggle", () => draw(dark.matches));
draw(dark.matches);
document.documentElement.dataset.drawn = "yes";
