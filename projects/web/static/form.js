/* Beside a form of an event: says which field is being typed in, and puts a refusal beside the field that it is about. */
"use strict";
(() => {
  const form = document.getElementById("event");
  const panel = document.getElementById("beside");

  const clear = (field) => {
    const said = document.getElementById("e-" + field.name);
    if (said) said.remove();
    field.removeAttribute("aria-invalid");
    if (document.getElementById("h-" + field.name)) field.setAttribute("aria-describedby", "h-" + field.name);
    else field.removeAttribute("aria-describedby");
    field.closest(".field").classList.remove("wrong");
  };

  const mark = (field, said) => {
    said.id = "e-" + field.name;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", said.id);
    const place = field.closest(".field");
    place.classList.add("wrong");
    place.append(said);
    const more = field.closest("details");
    if (more) more.open = true;
  };

  document.body.addEventListener("htmx:configRequest", (event) => {
    const cause = event.detail.triggeringEvent;
    if (cause && cause.type === "input") event.detail.parameters["typing"] = cause.target.name;
  });

  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target !== panel) return; // of each part of the answer there is one such event
    const said = panel.querySelector("[data-beside]");
    const about = said && document.getElementById("f-" + said.dataset.beside);
    for (const field of form.querySelectorAll("[id^='f-']")) {
      const old = document.getElementById("e-" + field.name);
      if (field === about && old && old.textContent === said.textContent) said.remove();
      else if (field === about || old) clear(field);
      if (field === about && said.isConnected) mark(field, said);
    }
  });
})();
