/* What a checker cannot see and a ruler can: hands over what is wrong on the screen that is there now, in words. */
const done = arguments[arguments.length - 1];
const host = document.querySelector("je-donne-mon-avis");
const root = host && host.shadowRoot && host.shadowRoot.querySelector(".avis") ? host.shadowRoot : document;
const found = [];
const named = (node) => `${node.localName}${node.id ? `#${node.id}` : ""}${node.className && node.className.baseVal === undefined ? `.${node.className}` : ""}`;
const words = (node) => node.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
const unseen = (node) => node.closest(".unseen, .trap, [hidden]");
const shown = (node) => {
  const { width, height } = node.getBoundingClientRect();
  return width > 0 && height > 0 && getComputedStyle(node).visibility === "visible" && !unseen(node);
};

const measure = () => {
  /* Colours, as the engine computes them. */
  const channels = (colour) => {
    const numbers = colour.match(/[\d.]+/g).map(Number);
    return { rgb: numbers.slice(0, 3), alpha: numbers.length > 3 ? numbers[3] : 1 };
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((channel) => {
      const part = channel / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  /* The colour behind an element; an option is drawn by the control that shares its cell. */
  const behind = (node) => {
    for (let at = node; at; at = at.parentElement ?? at.getRootNode().host) {
      const control = at.localName === "label" && at.parentElement.matches(".opt") && at.parentElement.querySelector("input");
      for (const layer of control ? [at, control] : [at]) {
        const { rgb, alpha } = channels(getComputedStyle(layer).backgroundColor);
        if (alpha === 1) return rgb;
      }
    }
    return [255, 255, 255];
  };
  const inverted = matchMedia("(forced-colors: active)").matches;

  const texts = document.createTreeWalker(root === document ? document.body : root, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const node = texts.currentNode;
    const parent = node.parentElement;
    if (!node.data.trim() || !parent || parent.closest("style, script, noscript, svg, option") || !shown(parent)) continue;
    const style = getComputedStyle(parent);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const contrast = ratio(channels(style.color).rgb, behind(parent));
    const faint = parent.closest("[aria-disabled]");
    if (!inverted && !faint && contrast < (large ? 3 : 4.5)) found.push(`contrast ${contrast.toFixed(2)}: «${words(parent)}»`);
    /* Text that leaves the box that is drawn around it. */
    const box = parent.closest(".opt, button, a, .ticket, .errors, .trouble, .card, dialog, main, body");
    const range = document.createRange();
    range.selectNodeContents(node);
    const [inner, outer] = [range.getBoundingClientRect(), box.getBoundingClientRect()];
    if (inner.left < outer.left - 1 || inner.right > outer.right + 1) found.push(`text leaves ${named(box)} sideways: «${words(parent)}»`);
    if (!box.matches("dialog, main, body") && (inner.top < outer.top - 1 || inner.bottom > outer.bottom + 1)) found.push(`text leaves ${named(box)}: «${words(parent)}»`);
  }

  for (const node of root.querySelectorAll("button, input, textarea, select, summary, a[href]")) {
    if (!shown(node)) continue;
    const { width, height } = node.getBoundingClientRect();
    /* A link within a sentence is as tall as its line. */
    const inline = node.localName === "a" && getComputedStyle(node).display === "inline";
    if (!inline && Math.min(width, height) < 44) found.push(`target ${Math.round(width)} × ${Math.round(height)}: ${named(node)} «${words(node)}»`);
    /* The edge of what is filled in or chosen. */
    if (!inverted && node.matches("input, textarea")) {
      const edge = ratio(channels(getComputedStyle(node).borderTopColor).rgb, behind(node.parentElement.closest(":not(.opt)")));
      if (edge < 3) found.push(`edge ${edge.toFixed(2)}: ${named(node)}`);
    }
  }

  for (const node of root.querySelectorAll("*")) {
    if (!shown(node) || node.closest("svg")) continue;
    const { overflowX, overflowY } = getComputedStyle(node);
    const cut = (overflow, inner, outer) => /hidden|clip/.test(overflow) && inner > outer + 1;
    if (cut(overflowX, node.scrollWidth, node.clientWidth) || cut(overflowY, node.scrollHeight, node.clientHeight)) found.push(`cut off: ${named(node)}`);
  }
  for (const box of [document.documentElement, ...root.querySelectorAll("dialog")]) {
    if (box.scrollWidth > box.clientWidth) found.push(`sideways: ${named(box)}, ${box.scrollWidth} in ${box.clientWidth} pixels`);
  }
  return [...new Set(found)];
};

/* A colour on its way to another is none to measure. What turns for ever is no such thing. */
const moving = [document, root].flatMap((tree) => tree.getAnimations());
const ending = moving.filter((one) => one.effect.getComputedTiming().endTime < Infinity);
Promise.allSettled(ending.map((one) => one.finished)).then(() => done(measure()));
