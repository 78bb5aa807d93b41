// Comfort only: counts an SMS while it is written, by the rules of fiks/sms/rules.py. Without this, «Regn ut» does.
const BASIC = new Set(
  "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà",
);
const EXTENDED = new Set("^{}\\[~]|€\f");
const NAMES = { "\t": "tabulator", "\u00a0": "hardt mellomrom" };

function measureSms(text) {
  const signs = [...text];
  const strange = [...new Set(signs.filter((sign) => !BASIC.has(sign) && !EXTENDED.has(sign)))];
  const sizes = signs.map((sign) => (strange.length ? sign.length : EXTENDED.has(sign) ? 2 : 1));
  const used = sizes.reduce((sum, size) => sum + size, 0);
  const [one, split] = strange.length ? [70, 67] : [160, 153];
  if (used <= one) return { used, parts: used ? 1 : 0, room: one, strange };
  let [parts, inPart] = [1, 0];
  for (const size of sizes) {
    if (inPart + size > split) [parts, inPart] = [parts + 1, 0];
    inPart += size;
  }
  return { used, parts, room: split * parts, strange };
}

function signName(sign) {
  const number = sign.codePointAt(0).toString(16).toUpperCase().padStart(4, "0");
  return NAMES[sign] ?? (/[\p{C}\p{Z}]/u.test(sign) ? `usynlig tegn (U+${number})` : sign);
}

const written = document.getElementById("tekst");
const place = (name) => document.querySelector(`[data-teller="${name}"]`);
if (written && place("lest")) {
  const number = new Intl.NumberFormat("nb-NO");
  let toSay;
  const count = () => {
    const found = measureSms(written.value.replace(/^[ \t\n]+|[ \t\n]+$/g, ""));
    place("deler").textContent = number.format(found.parts);
    place("brukt").textContent = number.format(found.used);
    place("plass").textContent = number.format(found.room);
    place("fremmede").textContent = found.strange.map(signName).join(", ");
    place("dyrt").hidden = !found.strange.length;
    clearTimeout(toSay);
    toSay = setTimeout(() => {
      const dear = found.strange.length ? ` Dyrere tegn: ${place("fremmede").textContent}.` : "";
      place("lest").textContent = `${found.parts} SMS, ${found.used} av ${found.room} tegn.${dear}`;
    }, 1000);
  };
  written.addEventListener("input", count);
  document.getElementById("regn").hidden = true;
  count();
}
