// A day's work in several browsers. Each journey is a sentence; the first that
// fails ends the run with a picture's worth of words.
import { pathToFileURL } from "node:url";
import { readFileSync } from "node:fs";

const { base, password, modules } = JSON.parse(process.env.CASENET_SITE);
const load = (path) => import(pathToFileURL(`${modules}/node_modules/${path}`));
const { chromium } = await load("playwright-core/index.mjs");
const axe = readFileSync(`${modules}/node_modules/axe-core/axe.min.js`, "utf8");

const browser = await chromium.launch({
  executablePath: process.env.CASENET_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
const faults = [];

/** A browser of its own for somebody of that agency. */
async function somebody(agency, options = {}) {
  const context = await browser.newContext({ ignoreHTTPSErrors: true, locale: "zh-CN", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  // Each page as it should be: no script fault, nothing that the policy stopped.
  page.on("pageerror", (error) => faults.push(`${agency}: ${error.message}`));
  page.on("console", (line) => {
    if (/Content.Security|Refused to/.test(line.text())) faults.push(`${agency}: ${line.text()}`);
  });
  if (agency) await signIn(page, agency);
  return page;
}

async function signIn(page, agency, secret = password) {
  await page.goto(`${base}/sign-in`);
  await page.selectOption("[name=agency]", agency);
  await page.fill("[name=user]", "desk");
  await page.fill("[name=password]", secret);
  await page.click("main button.primary");
}

const at = (page, path) => page.waitForURL((url) => url.pathname === path || path.test?.(url.pathname));
const text = (page, selector) => page.locator(selector).innerText();
function must(holds, what) {
  if (!holds) throw new Error(what);
}

async function journey(sentence, steps) {
  const began = Date.now();
  try {
    await steps();
    must(faults.length === 0, faults.join("\n"));
    console.log(`ok   ${sentence} (${Date.now() - began} ms)`);
  } catch (error) {
    console.log(`FAIL ${sentence}\n${error.stack}`);
    await browser.close();
    process.exit(1);
  }
}

const union = await somebody("");
let number, referral, firm;

await journey("a wrong password says so and keeps agency and user", async () => {
  await signIn(union, "yiwu-union", "not the password");
  await union.waitForSelector("[role=alert]");
  must((await union.inputValue("[name=user]")) === "desk", "the user is lost");
  must((await union.inputValue("[name=agency]")) === "yiwu-union", "the agency is lost");
  await union.fill("[name=password]", password);
  await union.click("main button.primary");
  await at(union, "/work");
});

await journey("an intake with faults comes back with each at its field, and nothing is lost", async () => {
  await union.click("text=登记案件");
  await union.fill("[name='workers[0].name']", "测试工友乙");
  await union.fill("[name='workers[0].identity_number']", "330782187006150070");
  await union.fill("[name='claims[0].amount']", "一万");
  await union.selectOption("[name='claims[0].kind']", "unpaid_wages");
  await union.click("main form button.primary");
  await union.waitForSelector("[role=alert]");
  must((await union.locator(".wrong .error").count()) === 1, "the sum is not faulted");
  await union.fill("[name='claims[0].amount']", "12,345.60");
  await union.click("main form button.primary");
  await union.waitForSelector("#f-workers-0--identity_number-error");
  must((await union.inputValue("[name='workers[0].name']")) === "测试工友乙", "the name is lost");
  must((await union.inputValue("[name='claims[0].amount']")) === "12,345.60", "the sum is lost");
});

await journey("on a line that fails nothing typed is lost, and it is said", async () => {
  await union.fill("[name='workers[0].identity_number']", "");
  await union.fill("[name=title_zh]", "测试讨薪案");
  await union.context().setOffline(true);
  await union.click("main form button.primary");
  await union.waitForSelector("#offline:not([hidden])");
  must((await union.inputValue("[name=title_zh]")) === "测试讨薪案", "the title is lost");
  await union.context().setOffline(false);
  await union.click("main form button.primary");
  await at(union, /^\/cases\/\d/);
  number = new URL(union.url()).pathname.split("/").pop();
  must((await text(union, "h1")) === "测试讨薪案", "no title");
  must((await text(union, "#claims")).includes("¥12,345.60"), "no sum");
});

await journey("the worker's consent is recorded", async () => {
  await union.goto(`${base}/cases/${number}/consent`);
  await union.selectOption("[name=purpose]", "representation");
  await union.check("[name=recipient_kinds][value=law_firm]");
  for (const section of ["summary", "identity", "claims", "employment"]) {
    await union.check(`[name=sections][value=${section}]`);
  }
  await union.fill("[name=evidence_sha256]", "ab");
  await union.click("main form button.primary");
  await union.waitForSelector("#f-evidence_sha256-error");
  must(await union.isChecked("[name=sections][value=claims]"), "a tick is lost");
  await union.fill("[name=evidence_sha256]", "ab".repeat(32));
  await union.click("main form button.primary");
  await at(union, `/cases/${number}/sharing`);
  must((await text(union, ".consent")).includes("律师事务所"), "no recipient");
});

await journey("a referral is drafted, sent, and appears in the firm's browser by itself", async () => {
  firm = await somebody("hongyi-law");
  await at(firm, "/work");
  must((await firm.locator(".row").count()) === 0, "the firm has work already");
  await union.click("text=转介给其他机构");
  await union.selectOption("[name=to_agency]", "agencies/hongyi-law");
  await union.selectOption("[name=service_code]", "legal_representation");
  await union.fill("[name=purpose]", "代理仲裁");
  await union.selectOption("[name=basis]", { index: 1 });
  for (const section of ["summary", "identity", "claims"]) {
    await union.check(`[name=scope][value=${section}]`);
  }
  await union.click("main form button.primary");
  await at(union, /^\/referrals\//);
  referral = new URL(union.url()).pathname;
  must((await union.locator("button:text-is('接受')").count()) === 0, "the sender may accept");
  await union.click("button:text-is('发送')");
  await firm.waitForSelector(".row");
});

await journey("before it accepts the firm sees the summary, not the name", async () => {
  await firm.goto(`${base}/cases/${number}`);
  const page = await text(firm, "main");
  must(!page.includes("测试工友乙"), "the name is shown");
  must((await firm.locator(".withheld .law").count()) > 3, "what is withheld does not stand there with its law");
});

await journey("a firm clears conflicts, accepts and starts; the sender's page follows by itself", async () => {
  await firm.goto(base + referral);
  must((await firm.locator("button:text-is('发送')").count()) === 0, "the receiver may send");
  await firm.click("text=检查利益冲突");
  await firm.waitForSelector("text=利益冲突检查已通过");
  await firm.click("button:text-is('接受')");
  await firm.click("button:text-is('开始办理')");
  await firm.waitForSelector(".heading .tag:text-is('办理中')");
  await union.waitForSelector(".heading .tag:text-is('办理中')");
});

await journey("a question goes to the sender and its answer comes back", async () => {
  await firm.click("text=请对方补充");
  await firm.fill("[name=question]", "工资如何约定?");
  await firm.click("main form button[type=submit]");
  await union.waitForSelector("text=工资如何约定?");
  await union.click(".buttons >> text=答复");
  await union.fill("[name=answer]", "按月,书面约定。");
  await union.click("main form button[type=submit]");
  await firm.waitForSelector("text=按月,书面约定。");
});

await journey("see-as is the firm's own page, but for what it says it leaves out", async () => {
  await union.goto(`${base}/cases/${number}/as?agency=agencies/hongyi-law`);
  await firm.goto(`${base}/cases/${number}`);
  const cards = (page, within) =>
    page.locator(`${within} .main section.card`).evaluateAll((all) => all.map((card) => [card.id, card.innerText]));
  // The lead may not read what the firm wrote for itself.
  const leftOut = await text(union, ".as-other .notice.warn");
  must(leftOut.includes("律师卷"), leftOut);
  const others = (all) => JSON.stringify(all.filter(([section]) => section !== "counsel-file"));
  const previewed = others(await cards(union, ".as-other"));
  const own = others(await cards(firm, "#case"));
  must(own.includes("测试工友乙"), "the firm does not see the worker");
  must(previewed === own, `\n${previewed}\n${own}`);
});

await journey("why says by which rule and law, and who looked names the firm", async () => {
  await firm.goto(`${base}/cases/${number}/why`);
  must((await firm.locator(".decision").count()) === 18, "not every section is explained");
  await union.goto(`${base}/cases/${number}/looked`);
  must((await text(union, "table")).includes("弘义律师事务所"), "the firm's look is not there");
  await firm.goto(`${base}/cases/${number}`);
  must((await firm.locator(".tabs >> text=谁看过").count()) === 0, "the page is offered to who may not read it");
});

await journey("a withdrawn consent takes the case off the other screen", async () => {
  must((await text(firm, "main")).includes("测试工友乙"), "nothing to take away");
  await union.goto(`${base}/cases/${number}/sharing`);
  await union.click("summary:text-is('撤回同意')");
  await union.click("text=确认撤回");
  await firm.waitForSelector("#identity", { state: "detached" });
  must(!(await text(firm, "main")).includes("测试工友乙"), "the name is still there");
  await firm.goto(`${base}/cases/${number}`);
  must(!(await text(firm, "main")).includes("测试工友乙"), "the name is still served");
});

await journey("the worker is told, and that is recorded", async () => {
  await union.goto(`${base}/cases/${number}/sharing`);
  const open = await union.locator("text=尚未告知").count();
  must(open > 0, "no notice");
  await union.locator("button:text-is('当面')").first().click();
  await union.waitForFunction((before) => document.body.innerText.split("尚未告知").length - 1 === before - 1, open);
});

await journey("an emergency is opened, told, reviewed by the lead and not by the opener", async () => {
  const other = await somebody("kaihua-union");
  await at(other, "/work");
  await other.goto(`${base}/emergency/open`);
  await other.fill("[name=case]", number);
  await other.selectOption("[name=reason]", "evidence_at_risk");
  await other.fill("[name=explanation]", "太短");
  await other.click("main form button.danger");
  await other.waitForSelector(".error");
  await other.fill("[name=explanation]", "证据今晚可能被销毁,无人可问。");
  await other.click("main form button.danger");
  await at(other, `/cases/${number}`);
  await other.goto(`${base}/emergency`);
  must((await other.locator(".review").count()) === 0, "the opener may review");
  await union.goto(`${base}/work`);
  await union.click(".count >> text=待审查的紧急访问");
  await union.fill("textarea[name=note]", "情况属实");
  await union.click(".review >> text=正当 >> nth=0");
  await union.waitForSelector(".tag:text-is('正当')");
  await other.context().close();
});

await journey("an agreement is proposed and accepted by the other side", async () => {
  await union.goto(`${base}/agreements/new`);
  await union.selectOption("[name=partner]", "agencies/hongyi-law");
  await union.check("[name=sections][value=summary]");
  await union.fill("[name=access_days]", "90");
  await union.click("main form button.primary");
  await at(union, "/agreements");
  must((await union.locator("text=接受协议").count()) === 0, "one's own proposal may be accepted");
  await firm.goto(`${base}/agreements`);
  await firm.click("text=接受协议");
  await firm.waitForSelector(".tag:text-is('生效中')");
});

await journey("a note is written by the keyboard alone", async () => {
  await union.goto(`${base}/cases/${number}`);
  await union.keyboard.press("Tab");
  must((await text(union, ":focus")) === "跳到正文", "the first stop is not the skip link");
  await union.keyboard.press("Enter");
  for (let stop = 0; stop < 12; stop++) {
    await union.keyboard.press("Tab");
    if ((await union.locator(":focus").textContent()) === "记一笔") break;
  }
  await union.keyboard.press("Enter");
  await at(union, `/cases/${number}/note`);
  await union.focus("[name=note]");
  await union.keyboard.type("键盘写的");
  await union.keyboard.press("Tab");
  await union.keyboard.press("Enter");
  await at(union, `/cases/${number}`);
  await union.waitForSelector("#timeline >> text=键盘写的");
  await union.keyboard.press("g");
  await union.keyboard.press("w");
  await at(union, "/work");
});

await journey("media is shown nothing of a case without a consent for it", async () => {
  const media = await somebody("yiwu-daily");
  await at(media, "/work");
  const answer = await media.goto(`${base}/cases/${number}`);
  must(answer.status() === 404, "there is a page");
  must((await text(media, "main")).includes("没有找到,或未与您共享".replace(",", "，")), "it is not said");
  await media.context().close();
});

const PAGES = () => [
  "/work", "/cases", "/cases/new", `/cases/${number}`, `/cases/${number}/sharing`, `/cases/${number}/refer`,
  `/cases/${number}/consent`, `/cases/${number}/note`, `/cases/${number}/looked`, `/cases/${number}/why`,
  `/cases/${number}/as?agency=agencies/yiwu-labour`, "/referrals/inbox", "/referrals/outbox", referral,
  `${referral}/withdraw`, "/emergency", "/emergency/open", "/agreements", "/agreements/new", "/directory",
  "/rules", "/webhooks", "/no-such-page",
];

for (const [language, words] of [["zh-CN", "我的工作"], ["en", "My work"]]) {
  await journey(`axe finds nothing on any page, and none is wider than a telephone (${language})`, async () => {
    const reader = await somebody("yiwu-union", { bypassCSP: true, viewport: { width: 360, height: 740 } });
    await at(reader, "/work");
    if (language === "en") await reader.click("button[lang=en]");
    await reader.waitForSelector(`nav >> text=${words}`);
    for (const path of PAGES()) {
      await reader.goto(base + path);
      must((await reader.getAttribute("html", "lang")) === language, `${path}: not in ${language}`);
      const over = await reader.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      must(over <= 0, `${path}: ${over}px wider than the screen`);
      await reader.evaluate(axe);
      const { violations } = await reader.evaluate(() => window.axe.run());
      const said = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join("\n")}`);
      must(said.length === 0, `${path}\n${said.join("\n")}`);
    }
    await reader.context().close();
  });
}

await journey("a page prints without its navigation", async () => {
  await union.goto(`${base}/cases/${number}`);
  await union.emulateMedia({ media: "print" });
  must(!(await union.isVisible(".top")) && (await union.isVisible("#claims")), "not as it should print");
  await union.emulateMedia({ media: "screen" });
});

await journey("a first page is light", async () => {
  const fresh = await somebody("");
  let bytes = 0;
  const inspector = await fresh.context().newCDPSession(fresh);
  await inspector.send("Network.enable");
  inspector.on("Network.loadingFinished", (done) => (bytes += done.encodedDataLength));
  await fresh.goto(`${base}/sign-in`, { waitUntil: "networkidle" });
  must(bytes > 10_000 && bytes < 150 * 1024, `${bytes} bytes`);
  console.log(`     ${bytes} bytes`);
});

await journey("signing out in one tab ends it in the other", async () => {
  const tab = await union.context().newPage();
  await tab.goto(`${base}/work`);
  await union.goto(`${base}/work`);
  await union.click(".who >> text=退出");
  await at(union, "/sign-in");
  await tab.goto(`${base}/cases`);
  await at(tab, "/sign-in");
});

await browser.close();
