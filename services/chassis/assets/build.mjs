// Builds the site's assets into `built/`: names that carry the content's hash, and `manifest.json`.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { basename, extname, join } from "node:path";
import * as sass from "sass";

const here = fileURLToPath(new URL(".", import.meta.url));
const modules = join(here, "node_modules");
const target = join(here, "built");
const next = join(here, `built.${process.pid}`);
const manifest = {};

async function put(name, content) {
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  const extension = extname(name);
  const file = `${basename(name, extension)}-${hash}${extension}`;
  await writeFile(join(next, file), content);
  manifest[name] = file;
  return file;
}

const replaced = async (text, pattern, resolve) => {
  const found = [...text.matchAll(pattern)];
  for (const match of found) text = text.replace(match[0], await resolve(match[1]));
  return text;
};

const module_ = {
  "govuk-frontend": ["govuk-frontend.js", "govuk-frontend/dist/govuk/govuk-frontend.min.js"],
  "htmx.org": ["htmx.js", "htmx.org/dist/htmx.esm.min.js"],
};
const imported = /(?<=(?:from |import\())"(govuk-frontend|htmx\.org|\.\/[\w-]+\.js)"/g;

await rm(next, { recursive: true, force: true });
await mkdir(next);

const css = sass.compile(join(here, "src/site.scss"), { style: "compressed", quietDeps: true, charset: false }).css;
await put("site.css", await replaced(css, /\bfont:(atkinson[\w-]+)/g, async (name) =>
  put(`${name}.woff2`, await readFile(join(modules, "@fontsource/atkinson-hyperlegible/files", `${name}.woff2`)))));

const script = async (name) => replaced(await readFile(join(here, "src", name), "utf8"), imported, async (name) => {
  if (name.startsWith("./")) return `"./${await put(name.slice(2), await script(name))}"`;
  const [as, from] = module_[name];
  const source = (await readFile(join(modules, from), "utf8")).replace(/^\/\/# sourceMappingURL=.*$/m, "");
  return `"./${await put(as, source)}"`;
});
await put("site.js", await script("site.js"));

await put("icon.svg", await readFile(join(here, "src/icon.svg")));
await copyFile(join(modules, "@fontsource/atkinson-hyperlegible/LICENSE"), join(next, "font-licence.txt"));
await writeFile(join(next, "manifest.json"), JSON.stringify(manifest, null, 2));
await rm(target, { recursive: true, force: true });
await rename(next, target);
