// Makes docs/pictures from a running demo:
//   casenet demo > demo.txt &   node tests/web/pictures.mjs demo.txt MODULES
// MODULES: a folder with playwright-core (tests/run.sh makes target/tools/browser).
import { mkdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [told, modules] = process.argv.slice(2);
const text = readFileSync(told, "utf8");
const base = text.match(/https:\/\/localhost:\d+/)[0];
const passwordOf = (agency) => text.match(new RegExp(`agencies/${agency}/users/(\\S+)\\s+(\\S+)`)).slice(1);
const { chromium } = await import(pathToFileURL(`${resolve(modules)}/node_modules/playwright-core/index.mjs`));
const folder = new URL("../../docs/pictures/", import.meta.url).pathname;
mkdirSync(folder, { recursive: true });

const PICTURES = [
  ["case-as-the-union-sees-it", "yiwu-union", "zh-CN", "/cases/330782-2026-000001", { width: 1280, height: 960 }],
  ["case-as-media-would-see-it", "yiwu-labour", "en", "/cases/330782-2026-000001/as?agency=agencies/yiwu-daily", { width: 1280, height: 960 }],
  ["my-work-on-a-telephone", "yiwu-union", "zh-CN", "/work", { width: 390, height: 844 }],
];
const browser = await chromium.launch({ executablePath: process.env.CASENET_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const [name, agency, language, path, viewport] of PICTURES) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport });
  const page = await context.newPage();
  await page.goto(`${base}/sign-in`);
  if (language === "en") await page.click("button[lang=en]");
  const [user, password] = passwordOf(agency);
  await page.selectOption("[name=agency]", agency);
  await page.fill("[name=user]", user);
  await page.fill("[name=password]", password);
  await page.click("main button.primary");
  await page.waitForURL("**/work");
  await page.goto(base + path);
  await page.screenshot({ path: `${folder}${name}.png` });
  await context.close();
}
await browser.close();
