// Comfort only: areas are drawn, moved and resized on the page's picture. Without this the numbers are typed.
const SVG = "http://www.w3.org/2000/svg";
const LEAST = 2;
const GRIP = 2.5;
const NUMBERS = ["x", "y", "bredde", "hoyde"];
const written = (value) => value.toFixed(1).replace(/\.0$/, "").replace(".", ",");
const number = (text) => (/^\d+([.,]\d+)?$/.test(text.trim()) ? Number(text.trim().replace(",", ".")) : NaN);

class Areas {
  constructor(form, svg) {
    [this.form, this.svg] = [form, svg];
    this.picture = svg.querySelector("image");
    this.told = document.querySelector("[data-meldt]");
    this.sets = new Map([...form.querySelectorAll("[data-omrade]")].map((set) => [set.dataset.omrade, set]));
    this.side = Number(form.elements.vist.value);
    this.active = ["navn", "adresse", "id", "ref"].find((name) => !this.box(name)) ?? "navn";
    this.drag = null;
  }

  input(name, part) {
    return this.form.elements[`${name}-${part}`];
  }

  box(name) {
    const [x, y, width, height] = NUMBERS.map((part) => number(this.input(name, part).value));
    return [x, y, width, height].some(Number.isNaN) ? null : { x, y, width, height };
  }

  // Which page of its letter the shown page is, as far as it can be known before the file is cut.
  pageOfLetter() {
    const step = this.form.elements.kutt.value === "SIDER" ? number(this.form.elements.sider.value) : NaN;
    return step >= 1 ? ((this.side - 1) % step) + 1 : this.side;
  }

  isHere(name) {
    return this.box(name) !== null && number(this.input(name, "side").value || "1") === this.pageOfLetter();
  }

  write(name, box) {
    const [most, tallest] = [this.svg.viewBox.baseVal.width, this.svg.viewBox.baseVal.height];
    const x = Math.min(Math.max(0, box.x), most - LEAST);
    const y = Math.min(Math.max(0, box.y), tallest - LEAST);
    const values = { x, y, bredde: Math.min(box.width, most - x), hoyde: Math.min(box.height, tallest - y) };
    for (const part of NUMBERS) this.input(name, part).value = written(values[part]);
    this.input(name, "side").value = String(this.pageOfLetter());
    this.draw();
  }

  say(name) {
    const box = this.box(name);
    if (!box) return;
    const title = this.sets.get(name).dataset.tittel;
    this.told.textContent = `${title}: ${written(box.x)} fra venstre, ${written(box.y)} fra toppen, ${written(box.width)} bred og ${written(box.height)} høy, i millimeter.`;
  }

  node(kind, attributes) {
    const made = document.createElementNS(SVG, kind);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  }

  draw() {
    this.svg.querySelectorAll(".omrade").forEach((old) => old.remove());
    for (const name of this.sets.keys()) {
      if (!this.isHere(name)) continue;
      const box = this.box(name);
      const group = this.node("g", { class: `omrade omrade--${name}${name === this.active ? " omrade--valgt" : ""}` });
      group.append(this.node("rect", box));
      const label = this.node("text", { x: box.x + box.width - 0.8, y: box.y + Math.min(box.height, 4) - 0.9 });
      label.textContent = this.sets.get(name).dataset.tittel;
      group.append(label);
      if (name === this.active) {
        const corner = { x: box.x + box.width - GRIP / 2, y: box.y + box.height - GRIP / 2 };
        group.append(this.node("rect", { ...corner, width: GRIP, height: GRIP, class: "omrade__hjorne" }));
      }
      this.svg.append(group);
    }
  }

  choose(name) {
    this.active = name;
    const more = this.sets.get(name).closest("details");
    if (more) more.open = true;
    const choice = document.getElementById(`tegn-${name}`);
    if (choice) choice.checked = true;
    this.draw();
  }

  at(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(this.svg.getScreenCTM().inverse());
    return { x: point.x, y: point.y };
  }

  holds(name, point, air = 0) {
    const box = this.box(name);
    return (
      box && point.x >= box.x - air && point.x <= box.x + box.width + air && point.y >= box.y - air && point.y <= box.y + box.height + air
    );
  }

  begin(event) {
    if (event.pointerType === "touch" || event.button !== 0) return;
    event.preventDefault();
    const point = this.at(event);
    const own = this.isHere(this.active) ? this.box(this.active) : null;
    const corner = own && { x: own.x + own.width, y: own.y + own.height };
    if (corner && Math.abs(point.x - corner.x) <= GRIP && Math.abs(point.y - corner.y) <= GRIP) {
      this.drag = { kind: "resize", box: own };
    } else {
      const here = [this.active, ...this.sets.keys()].find((name) => this.isHere(name) && this.holds(name, point));
      if (here) {
        this.choose(here);
        this.drag = { kind: "move", box: this.box(here), from: point };
      } else {
        this.drag = { kind: "draw", from: point };
      }
    }
    this.svg.setPointerCapture(event.pointerId);
  }

  move(event) {
    if (!this.drag) return;
    const point = this.at(event);
    const { kind, box, from } = this.drag;
    if (kind === "move") {
      const [right, low] = [this.svg.viewBox.baseVal.width - box.width, this.svg.viewBox.baseVal.height - box.height];
      const x = Math.min(Math.max(0, box.x + point.x - from.x), right);
      const y = Math.min(Math.max(0, box.y + point.y - from.y), low);
      this.write(this.active, { ...box, x, y });
    } else if (kind === "resize") {
      this.write(this.active, { ...box, width: Math.max(LEAST, point.x - box.x), height: Math.max(LEAST, point.y - box.y) });
    } else {
      const [width, height] = [Math.abs(point.x - from.x), Math.abs(point.y - from.y)];
      if (width < LEAST || height < LEAST) return;
      this.write(this.active, { x: Math.min(point.x, from.x), y: Math.min(point.y, from.y), width, height });
    }
  }

  end() {
    if (this.drag) this.say(this.active);
    this.drag = null;
  }

  show(button) {
    this.side = Number(button.value);
    this.form.elements.vist.value = button.value;
    const [width, height] = [button.dataset.bredde, button.dataset.hoyde];
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("aria-label", `Side ${button.value} i filen, med områdene tegnet på`);
    for (const [name, value] of Object.entries({ href: button.dataset.bilde, width, height })) this.picture.setAttribute(name, value);
    document.querySelectorAll("[data-bilde]").forEach((other) => {
      other.toggleAttribute("aria-current", other === button);
      if (other === button) other.setAttribute("aria-current", "true");
      other.dataset.variant = other === button ? "secondary" : "tertiary";
    });
    this.draw();
  }

  // Up and down in a field of mm move half a millimetre, with shift five.
  nudge(event) {
    const up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    const [name, part] = (event.target.name ?? "").split("-");
    const value = number(event.target.value ?? "");
    if (!up || !this.sets.has(name) || !NUMBERS.includes(part) || Number.isNaN(value)) return;
    event.preventDefault();
    event.target.value = written(Math.max(0, value + up * (event.shiftKey ? 5 : 0.5)));
    this.draw();
  }

  listen() {
    const tools = document.querySelector("[data-tegn]");
    tools.hidden = false;
    document.querySelectorAll("[data-med-skript]").forEach((hint) => {
      hint.hidden = false;
    });
    tools.addEventListener("change", (event) => this.choose(event.target.value));
    this.form.addEventListener("input", () => this.draw());
    this.form.addEventListener("keydown", (event) => this.nudge(event));
    this.form.addEventListener("focusin", (event) => {
      const name = event.target.closest("[data-omrade]")?.dataset.omrade;
      if (name) this.choose(name);
    });
    document.querySelectorAll("[data-bilde]").forEach((button) => {
      button.addEventListener("click", (event) => {
        event.preventDefault();
        this.show(button);
      });
    });
    this.svg.addEventListener("pointerdown", (event) => this.begin(event));
    this.svg.addEventListener("pointermove", (event) => this.move(event));
    this.svg.addEventListener("pointerup", () => this.end());
    this.svg.addEventListener("pointercancel", () => this.end());
    this.svg.classList.add("ark--tegnes");
    this.choose(this.active);
  }
}

const setup = document.querySelector("form[data-oppsett]");
const drawing = document.querySelector("svg[data-ark]");
if (setup && drawing) new Areas(setup, drawing).listen();
