// The static face of the book's figures. Every figure on a page pushes
// [its element, its description, show, start, step] to window.figures, before or after this script
// loads. The functions are the book's JAX, compiled, and give numbers; here they are written, as
// caption.py and patch.py write them (tests keep the two equal), and sliders and buttons work.
(() => {
  "use strict";
  const pushed = window.figures || [];
  if (pushed.patches) return;

  const { abs, floor, max, min } = Math;

  // ---- Templates filled with numbers: the twin of caption.py.

  const length = (value) => String(floor(min(max(value, -9999), 9999) * 10 + 0.5) / 10);

  function fill(template, columns, row = 0) {
    let words = "";
    for (const part of template) {
      if (typeof part === "string") {
        words += part;
        continue;
      }
      const [i, format, otherwise] = part;
      const number = columns[i][row];
      if (otherwise) words += fill(number ? format : otherwise, columns, row);
      else words += format ? formatNumber(number, format) : length(number);
    }
    return words;
  }

  function formatNumber(value, format) {
    if (Number.isNaN(value)) return "not a number";
    if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
    const [, plus, comma, precision, kind] = /(\+?)(,?)(?:d|(?:\.(\d+))?([fe%]))/.exec(format);
    const digits = kind ? +(precision || 6) : 0;
    let size = abs(value) * (kind === "%" ? 100 : 1);
    // JavaScript rounds a half up, Python to the even neighbour.
    const places = kind === "e" ? digits - size.toExponential().split("e")[1] : digits;
    const scaled = places < 0 ? size / 10 ** -places : size * 10 ** places;
    if (scaled % 1 === 0.5 && Math.fround(value) === value) {
      const even = floor(scaled) + (floor(scaled) % 2);
      size = places < 0 ? even * 10 ** -places : even / 10 ** places;
    }
    let written =
      kind === "e"
        ? size.toExponential(digits).replace(/([+-])(\d)$/, "$10$2")
        : size.toFixed(digits);
    if (comma) written = written.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
    const minus = value < 0 && /[1-9]/.test(written.split("e")[0]);
    return (minus ? "−" : plus) + written.replace("-", "−") + (kind === "%" ? "%" : "");
  }

  // ---- From numbers to attributes: the twin of patch.py.

  // Takes what the panels need from the front of the numbers.
  function patches(panels, numbers) {
    const changes = [];
    for (const { parts, labels, box, fixed } of panels) {
      let columns;
      for (const [slots, attribute, template, given] of parts) {
        columns = given.map((fixed) => fixed || numbers.shift());
        const rows = columns[0].length / slots.length;
        slots.forEach((slot, i) => {
          let written = "";
          for (let k = i * rows; k < (i + 1) * rows; k++) written += fill(template, columns, k);
          // A line begins anew after a point that is left out.
          if (attribute === "d") written = written.replace(/^L|M+L/g, "M").replace(/M+$/, "");
          changes.push([slot, attribute, written]);
        });
      }
      if (labels) changes.push(...placed(labels, columns, box, [...fixed]));
    }
    return changes;
  }

  function placed(labels, columns, limits, boxes) {
    const seen = columns[0];
    const [x, y, tipX, tipY] = columns.slice(-4);
    labels.forEach((label, i) => {
      if (label && seen[i]) boxes.push([tipX[i] - 3, tipY[i] - 3, tipX[i] + 3, tipY[i] + 3]);
    });
    return labels.flatMap((label, i) => {
      if (!label) return [];
      const [slot, width, height] = label;
      if (!seen[i]) return [[slot, "transform", "scale(0)"]];
      const spot = room([x[i], y[i]], width / 2, height / 2, limits, boxes);
      return [[slot, "transform", `translate(${spot.map(length).join(" ")})`]];
    });
  }

  function room([x, y], wide, high, limits, boxes) {
    for (const [left, top, right, bottom] of [...boxes, ...boxes]) {
      if (left < x + wide && x - wide < right && top < y + high && y - high < bottom) {
        const ways = [[x, top - high], [x, bottom + high], [left - wide, y], [right + wide, y]];
        const here = [x, y];
        let best = Infinity;
        for (const [u, v] of ways) {
          const inside =
            limits[0] + wide <= u && u <= limits[2] - wide &&
            limits[1] + high <= v && v <= limits[3] - high;
          const moved = abs(u - here[0]) + abs(v - here[1]);
          if (inside && moved < best) {
            best = moved;
            [x, y] = [u, v];
          }
        }
      }
    }
    boxes.push([x - wide, y - high, x + wide, y + high]);
    return [x, y];
  }

  // ---- One figure: its sliders, and its training if it has any.

  const PAUSE = 400; // milliseconds of rest before a caption is read aloud
  const BUDGET = 8; // milliseconds of training in one display frame
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  function mount([node, spec, show, start, step]) {
    const find = (selector) => node.querySelector(selector);
    const slots = [];
    for (const element of node.querySelectorAll("[data-slot]")) {
      slots[element.dataset.slot] = element;
    }
    const inputs = [...node.querySelectorAll("input, select")];
    const values = spec.sliders.map(({ whole }) => new (whole ? Int32Array : Float32Array)(1));
    const caption = find(".caption");
    const said = find(".said");
    let state = [];
    let numbers;
    let frame = 0;
    let timer = 0;

    function read(i) {
      const { format, unit, spoken, choices } = spec.sliders[i];
      const { value } = inputs[i];
      values[i][0] = choices ? choices[value] : value;
      if (choices) return;
      const written = formatNumber(+value, format);
      inputs[i].previousElementSibling.textContent = written + unit;
      inputs[i].setAttribute("aria-valuetext", `${written} ${spoken}`.trim());
    }

    function say(words) {
      clearTimeout(timer);
      timer = setTimeout(() => (said.textContent = words + caption.textContent), PAUSE);
    }

    function draw() {
      numbers = show(...state, ...values, numbers);
      const left = [...numbers];
      for (const [slot, attribute, value] of patches(spec.panels, left)) {
        if (attribute) slots[slot].setAttribute(attribute, value);
        else slots[slot].textContent = value;
      }
      caption.textContent = fill(spec.caption, Array.from(left[0] || [], (x) => [x]));
    }

    const later = (work) => (frame ||= requestAnimationFrame(work));

    function redraw() {
      frame = 0;
      draw();
    }

    inputs.forEach((input, i) => {
      input.disabled = false;
      read(i);
      input.addEventListener("input", () => {
        read(i);
        if (spec.sliders[i].restart) restart();
        else if (step && !state.length) restart();
        later(redraw);
        if (!running) say("");
      });
    });
    for (const part of node.querySelectorAll(".controls, .training")) part.hidden = false;

    let running = false;
    let count = 0;
    let spare;
    let shown = 0;
    const number = new Int32Array(1);
    const last = spec.steps || Infinity;
    const counter = find(".count");
    const run = find(".run");

    function restart() {
      if (!step) return;
      state = start(...values);
      spare = undefined;
      count = 0;
      tell();
    }

    function tell() {
      const done = count === last ? ", finished" : "";
      counter.textContent = `Step ${formatNumber(count, ",d")}${done}`;
      run.textContent = running ? "Pause" : "Run";
    }

    function advance() {
      number[0] = count++;
      const next = step(...state, number, ...values, spare);
      spare = state;
      state = next;
    }

    // Slow at first, where most happens, and faster as the training goes on.
    function train(now) {
      frame = 0;
      if (!running) return draw();
      const goal = min(count + 1 + floor(count / 30), last);
      const end = performance.now() + BUDGET;
      while (count < goal && performance.now() < end) advance();
      if (count === last) pause();
      if (!running || !calm.matches || now - shown > 1000) {
        shown = now;
        tell();
        draw();
      }
      if (running) later(train);
    }

    function pause() {
      if (!running) return;
      running = false;
      tell();
      say(`${counter.textContent}. `);
    }

    if (!step) return;
    run.addEventListener("click", () => {
      if (running) return pause();
      if (!state.length || count === last) restart();
      running = true;
      tell();
      cancelAnimationFrame(frame);
      frame = 0;
      later(train);
    });
    find(".step").addEventListener("click", () => {
      pause();
      if (!state.length) restart();
      if (count !== last) advance();
      tell();
      later(redraw);
      say(`${counter.textContent}. `);
    });
    find(".reset").addEventListener("click", () => {
      running = false;
      restart();
      later(redraw);
      say("");
    });
    document.addEventListener("visibilitychange", () => document.hidden && pause());
    new IntersectionObserver(([entry]) => entry.isIntersecting || pause()).observe(node);
  }

  window.figures = { push: mount, patches, fill };
  pushed.forEach(mount);
})();
