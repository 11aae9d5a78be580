// Shows the OpenAPI document that the page carries, in the system's light or dark theme.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

window.SwaggerUIBundle({
  spec: JSON.parse(document.getElementById("document").textContent),
  dom_id: "#reference",
  deepLinking: true,
  presets: [window.SwaggerUIBundle.presets.apis],
});
