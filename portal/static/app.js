// Comfort only: every page works without this. A link with data-dialog opens that dialog instead of its page.
document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  const opener = target?.closest("[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog instanceof HTMLDialogElement) {
    event.preventDefault();
    dialog.showModal();
    return;
  }
  target?.closest("[data-lukk-dialog]")?.closest("dialog")?.close();
});

// On a small screen the menu is one row that scrolls: show the part one is in.
document.querySelector('.side [aria-current="page"]')?.scrollIntoView({ block: "nearest", inline: "nearest" });
