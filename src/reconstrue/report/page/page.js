"use strict";
/* Sorts tables, shows the values of marks, and hands out figures as files. The page is whole without it. */
(() => {
  document.documentElement.classList.add("scripted");
  const make = (tag, attributes, text) => {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    if (text) element.textContent = text;
    return element;
  };
  const said = make("div", { class: "said", role: "status", "aria-live": "polite" });
  const tip = make("div", { class: "tip", hidden: "" });
  const ring = make("div", { class: "ring", hidden: "" });
  document.body.append(said, tip, ring);

  // Tables: a click sorts, another turns the order round, a third brings the first order back.
  const words = new Intl.Collator("en", { numeric: true });
  const keyOf = (row, place, isText) => {
    const cell = row.cells[place];
    if (isText) return cell.textContent.trim() || null;
    const text = cell.dataset.v ?? cell.textContent.replaceAll(",", "");
    return text === "" || Number.isNaN(Number(text)) ? null : Number(text);
  };
  const sorted = (rows, place, isText, way) => {
    const keyed = rows.map((row) => [keyOf(row, place, isText), row]);
    const compare = (a, b) => (isText ? words.compare(a, b) : a - b);
    keyed.sort(([a, one], [b, other]) => {
      const top = other.classList.contains("top") - one.classList.contains("top");
      if (top) return top;
      // What is undefined comes last in either order.
      if (a === null || b === null) return (a === null) - (b === null);
      return way === "ascending" ? compare(a, b) : compare(b, a);
    });
    return keyed.map(([, row]) => row);
  };
  for (const table of document.querySelectorAll("table")) {
    const body = table.tBodies[0];
    const given = [...body.rows];
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, place) => {
      const button = make("button", { type: "button" }, head.textContent);
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const first = head.dataset.first;
        const second = first === "ascending" ? "descending" : "ascending";
        const now = head.getAttribute("aria-sort");
        const way = now === null ? first : now === first ? second : null;
        for (const other of heads) other.removeAttribute("aria-sort");
        if (way) head.setAttribute("aria-sort", way);
        table.classList.toggle("sorted", way !== null);
        body.append(...(way ? sorted(given, place, head.classList.contains("text"), way) : given));
        said.textContent = way ? `sorted by ${button.textContent}, ${way}` : "first order";
      });
    });
  }

  // A box that scrolls ends below a whole row.
  const cut = (box) => {
    box.style.maxHeight = "";
    if (box.scrollHeight <= box.clientHeight) return;
    const rows = [...box.querySelectorAll("tbody tr")];
    const last = rows.findLast((row) => row.offsetTop + row.offsetHeight <= box.clientHeight);
    const rim = box.offsetHeight - box.clientHeight;
    if (last) box.style.maxHeight = `${last.offsetTop + last.offsetHeight + rim}px`;
  };
  const widths = new ResizeObserver((seen) => seen.forEach(({ target }) => cut(target.parentNode)));
  for (const table of document.querySelectorAll(".scroll > table")) widths.observe(table);

  // Figures: the title of a mark shows beside it, at once, and where a finger or the keyboard points.
  let held = null;
  const hide = () => {
    held = null;
    tip.hidden = ring.hidden = true;
  };
  const show = (mark, aloud) => {
    const box = mark.getBoundingClientRect();
    const edge = document.documentElement.clientWidth;
    tip.replaceChildren(...mark.dataset.tip.split(" · ").map((part) => make("span", {}, part)));
    tip.hidden = ring.hidden = false;
    const left = box.left + box.width / 2 - tip.offsetWidth / 2;
    tip.style.left = `${Math.max(6, Math.min(left, edge - tip.offsetWidth - 6))}px`;
    const above = box.top - tip.offsetHeight - 8;
    tip.style.top = `${above > 4 ? above : box.bottom + 8}px`;
    Object.assign(ring.style, {
      left: `${box.left - 3}px`,
      top: `${box.top - 3}px`,
      width: `${box.width + 6}px`,
      height: `${box.height + 6}px`,
    });
    held = aloud ? mark : null;
    if (aloud) said.textContent = mark.dataset.tip;
  };
  const REACH = 14;
  for (const panel of document.querySelectorAll(".panel")) {
    const marks = [];
    for (const title of panel.querySelectorAll("svg title")) {
      const mark = title.parentNode;
      if (mark.localName === "svg") continue;
      // The browser's own slow tooltip would stand on top of ours.
      mark.dataset.tip = title.textContent;
      title.remove();
      marks.push(mark);
    }
    let at = -1;
    const nearest = (event) => {
      // Lines and letters lie on top of bars.
      const hit = document.elementsFromPoint(event.clientX, event.clientY).find((element) => element.dataset.tip);
      if (hit) return hit;
      let best = null;
      let least = REACH;
      for (const mark of marks) {
        const box = mark.getBoundingClientRect();
        const x = Math.max(box.left - event.clientX, 0, event.clientX - box.right);
        const y = Math.max(box.top - event.clientY, 0, event.clientY - box.bottom);
        // Lines have boxes that say little of where they are.
        if (Math.hypot(x, y) < least && box.width < 60 && box.height < 60) [best, least] = [mark, Math.hypot(x, y)];
      }
      return best;
    };
    if (marks.length) {
      let waiting = false;
      const point = (event) => {
        if (waiting) return;
        waiting = true;
        requestAnimationFrame(() => {
          waiting = false;
          const mark = nearest(event);
          if (mark) show(mark, false);
          else hide();
        });
      };
      panel.addEventListener("pointermove", point);
      panel.addEventListener("pointerdown", point);
      panel.addEventListener("pointerleave", (event) => event.pointerType === "mouse" && hide());
      panel.addEventListener("blur", hide);
      panel.addEventListener("keydown", (event) => {
        const last = marks.length - 1;
        const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: last };
        if (event.key === "Escape") return hide();
        if (!(event.key in to)) return;
        event.preventDefault();
        at = Math.max(0, Math.min(last, to[event.key]));
        marks[at].scrollIntoView({ block: "nearest", inline: "nearest" });
        show(marks[at], true);
      });
    }
    const button = make("button", { type: "button", class: "take" }, "SVG");
    button.setAttribute("aria-label", `Download ${panel.dataset.name} as SVG`);
    button.addEventListener("click", () => take(panel));
    const line = panel.parentNode.querySelector(".download") ?? make("p", { class: "download" });
    line.prepend(button);
    panel.parentNode.append(line);
  }
  // What the keyboard chose moves along; what a pointer was at is no longer below it.
  addEventListener("scroll", () => (held ? show(held, true) : hide()), { passive: true, capture: true });

  // A figure as a file: with its size and its titles, as it was drawn.
  const take = (panel) => {
    const svg = panel.querySelector("svg").cloneNode(true);
    const [, , width, height] = svg.getAttribute("viewBox").split(/\s+/);
    svg.setAttribute("width", `${width}pt`);
    svg.setAttribute("height", `${height}pt`);
    svg.removeAttribute("style");
    svg.removeAttribute("aria-hidden");
    svg.removeAttribute("focusable");
    for (const mark of svg.querySelectorAll("[data-tip]")) {
      const title = document.createElementNS(svg.namespaceURI, "title");
      title.textContent = mark.dataset.tip;
      mark.removeAttribute("data-tip");
      mark.prepend(title);
    }
    const text = new XMLSerializer().serializeToString(svg);
    const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    make("a", { href: address, download: `${panel.dataset.name}.svg` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  };
})();
