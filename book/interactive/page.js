// The static face of the book's figures. Every figure on a page pushes
// [its element, its description, compute, start, step] to window.figures, before or after this
// script loads. The functions are the book's JAX, compiled; the rest is the arithmetic of patch.py
// and caption.py, kept equal to them by tests, and the behaviour of sliders and buttons.
(() => {
  "use strict";
  const pushed = window.figures || [];
  if (pushed.patches) return;

  // ---- From arrays to attributes: the twin of patch.py.

  const HEAD = 9;
  const GAP = 4;
  const { abs, floor, log10, max, min, sqrt } = Math;

  const short = (value) => String(floor(min(max(value, -9999), 9999) * 10 + 0.5) / 10);
  const at = (x, y) => `${short(x)} ${short(y)}`;
  const drawable = (...numbers) => numbers.every(Number.isFinite);

  function pixel([offset, factor, logarithmic], value) {
    if (logarithmic) value = value > 0 ? log10(value) : -Infinity;
    return offset + factor * value;
  }

  function pixels(panel, values) {
    const places = [];
    for (let i = 0; i < values.length; i += 2) {
      places.push([pixel(panel.x, values[i]), pixel(panel.y, values[i + 1])]);
    }
    return places;
  }

  function parts(artist, values) {
    const size = values.length / artist.slots.length;
    return artist.slots.map((slot, i) => [slot, values.subarray(i * size, (i + 1) * size), i * size]);
  }

  function arrow(x0, y0, x1, y1) {
    if (!drawable(x0, y0, x1, y1)) return "";
    let dx = x1 - x0;
    let dy = y1 - y0;
    const length = sqrt(dx * dx + dy * dy);
    if (length < 1) return `M${at(x0, y0)}h0`;
    dx /= length;
    dy /= length;
    const head = min(HEAD, 0.7 * length);
    const x = x1 - head * dx;
    const y = y1 - head * dy;
    const side = 0.4 * head;
    return (
      `M${at(x0, y0)}L${at(x, y)}M${at(x1 - dx, y1 - dy)}` +
      `L${at(x - side * dy, y + side * dx)}L${at(x + side * dy, y - side * dx)}Z`
    );
  }

  function place([x0, y0], [x1, y1], [w, h], limits, boxes) {
    let dx = x1 - x0;
    let dy = y1 - y0;
    const length = sqrt(dx * dx + dy * dy);
    [dx, dy] = length >= 1 ? [dx / length, dy / length] : [0, -1];
    const wide = w / 2;
    const high = h / 2;
    const far = min(
      dx ? (wide + GAP) / abs(dx) : Infinity,
      dy ? (high + GAP) / abs(dy) : Infinity,
    );
    const [left, right] = [limits[0] + wide, limits[2] - wide];
    const [top, bottom] = [limits[1] + high, limits[3] - high];
    let x = min(max(x1 + far * dx, left), right);
    let y = min(max(y1 + far * dy, top), bottom);
    for (const [l, t, r, b] of [...boxes, ...boxes]) {
      if (l < x + wide && x - wide < r && t < y + high && y - high < b) {
        const ways = [[x, t - high], [x, b + high], [l - wide, y], [r + wide, y]];
        const here = [x, y];
        let best = Infinity;
        for (const there of ways) {
          const [u, v] = there;
          const inside = left <= u && u <= right && top <= v && v <= bottom;
          const moved = abs(u - here[0]) + abs(v - here[1]);
          if (inside && moved < best) {
            best = moved;
            [x, y] = there;
          }
        }
      }
    }
    boxes.push([x - wide, y - high, x + wide, y + high]);
    return [x, y];
  }

  function heat({ low, high, hues, scale }, value) {
    if (!drawable(value)) return "fill:none";
    if (hues) {
      const zero = min(max(0, low), high);
      const above = value > zero;
      const part = above ? (value - zero) / (high - zero) : (zero - value) / (zero - low || 1);
      return `fill:${hues[+above]};fill-opacity:${floor(min(part, 1) * 100 + 0.5)}%`;
    }
    const part = min(max((value - low) / (high - low), 0), 1) * (scale.length - 1);
    const first = min(floor(part), scale.length - 2);
    const next = scale[first + 1];
    const mixed = scale[first].map((a, i) => floor(a + (next[i] - a) * (part - first) + 0.5));
    return `fill:rgb(${mixed})`;
  }

  const KINDS = {
    vectors(artist, values, panel, changes, labels, arrays) {
      const tails = pixels(panel, Array.isArray(artist.tail) ? artist.tail : arrays[artist.tail]);
      pixels(panel, values).forEach((tip, i) => {
        const start = tails[i % tails.length];
        changes.push([artist.slots[i], "d", arrow(...start, ...tip)]);
        if (artist.labels[i] && drawable(...start, ...tip)) {
          labels.push([start, tip, artist.labels[i]]);
        }
      });
    },
    lines(artist, values, panel, changes) {
      for (const [slot, own] of parts(artist, values)) {
        let path = "";
        let pen = "M";
        for (const [x, y] of pixels(panel, own)) {
          if (drawable(x, y)) path += pen + at(x, y);
          pen = drawable(x, y) ? "L" : "M";
        }
        changes.push([slot, "d", path]);
      }
    },
    points(artist, values, panel, changes) {
      for (const [slot, own] of parts(artist, values)) {
        const places = pixels(panel, own).filter((spot) => drawable(...spot));
        changes.push([slot, "d", places.map((spot) => `M${at(...spot)}${artist.mark}`).join("")]);
      }
    },
    bars(artist, values, panel, changes) {
      const bottom = short(pixel(panel.y, artist.base));
      for (const [slot, own, first] of parts(artist, values)) {
        let path = "";
        own.forEach((value, i) => {
          const top = pixel(panel.y, value);
          const [left, right] = artist.edges[first + i].map((x) => short(pixel(panel.x, x)));
          if (drawable(top)) path += `M${left} ${bottom}V${short(top)}H${right}V${bottom}Z`;
        });
        changes.push([slot, "d", path]);
      }
    },
    "heat map"(artist, values, panel, changes) {
      artist.slots.forEach((slot, i) => changes.push([slot, "style", heat(artist, values[i])]));
    },
    text(artist, values, panel, changes, labels, arrays) {
      changes.push([artist.slots[0], "", fill(artist.template, values)]);
      if (!("at" in artist)) return;
      const [x, y] = pixels(panel, arrays[artist.at])[0];
      const moved = `translate(${at(x + artist.offset[0], y - artist.offset[1])})`;
      if (drawable(x, y)) changes.push([artist.slots[1], "transform", moved]);
    },
  };

  function patches(panels, arrays) {
    const changes = [];
    for (const panel of panels) {
      const labels = [];
      for (const artist of panel.artists) {
        KINDS[artist.kind](artist, arrays[artist.array], panel, changes, labels, arrays);
      }
      const heads = labels.map(([, [x, y]]) => [x - 3, y - 3, x + 3, y + 3]);
      const boxes = [...panel.fixed, ...heads];
      for (const [start, tip, [slot, ...size]] of labels) {
        const spot = place(start, tip, size, panel.box, boxes);
        changes.push([slot, "transform", `translate(${at(...spot)})`]);
      }
    }
    return changes;
  }

  // ---- Words and numbers: the twin of caption.py.

  function fill(template, numbers) {
    return template
      .map((part) => {
        if (typeof part === "string") return part;
        const [i, format, otherwise] = part;
        if (typeof format === "string") return formatNumber(numbers[i], format);
        return fill(numbers[i] ? format : otherwise, numbers);
      })
      .join("");
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

  // ---- One figure: its sliders, and its training if it has any.

  const PAUSE = 400; // milliseconds of rest before a caption is read aloud
  const BUDGET = 8; // milliseconds of training in one display frame
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

  function mount([node, spec, compute, start, step]) {
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
    let results;
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
      results = compute(...state, ...values, results);
      for (const [slot, attribute, value] of patches(spec.panels, results)) {
        if (attribute) slots[slot].setAttribute(attribute, value);
        else slots[slot].textContent = value;
      }
      caption.textContent = fill(spec.caption, results[results.length - 1]);
    }

    const later = (work) => (frame ||= requestAnimationFrame(work));

    function show() {
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
        later(show);
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
      later(show);
      say(`${counter.textContent}. `);
    });
    find(".reset").addEventListener("click", () => {
      running = false;
      restart();
      later(show);
      say("");
    });
    document.addEventListener("visibilitychange", () => document.hidden && pause());
    new IntersectionObserver(([entry]) => entry.isIntersecting || pause()).observe(node);
  }

  window.figures = { push: mount, patches, fill };
  pushed.forEach(mount);
})();
