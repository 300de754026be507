//! The program itself over a network: one case is referred, worked on, opened
//! in an emergency and told of, by people at a terminal.

use serde_json::Value;

use crate::world::World;

/// Exit code, standard output, standard error.
async fn run(world: &World, agency: &str, line: &str) -> (i32, String, String) {
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_casenet"))
        .args(line.split(' '))
        .arg("--data")
        .arg(world.folder())
        .args(["--gateway", &world.gateway, "--agency", agency])
        .output()
        .await
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

async fn page(world: &World, agency: &str, line: &str) -> String {
    let (code, page, error) = run(world, agency, line).await;
    assert_eq!(code, 0, "{line}: {error}");
    page
}

async fn json(world: &World, agency: &str, line: &str) -> Value {
    let page = page(world, agency, &format!("{line} --json")).await;
    serde_json::from_str(&page).unwrap()
}

fn name(answer: &Value) -> &str {
    answer["name"].as_str().unwrap()
}

const HEADER: &str = "--purpose act --scope summary,identity,claims";

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_is_taken_from_draft_to_its_outcome() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let case = case.trim_start_matches("cases/");
    let draft = format!(
        "referral create {case} --to yiwu-labour --service arbitration --legal-basis PIPL-13-3 {HEADER} --respond-by 3d --draft"
    );
    let drafted = json(&world, "yiwu-union", &draft).await;
    let full = name(&drafted).to_owned();
    // As tables show it, which is what people type.
    let short = full.replace("cases/", "").replace("referrals/", "");
    let sent = page(&world, "yiwu-union", &format!("referral send {short}")).await;
    assert!(
        sent.contains("requested") && sent.contains(&short),
        "{sent}"
    );

    let inbox = page(&world, "yiwu-labour", "referral list --box in --open").await;
    assert!(
        inbox.contains(&short) && inbox.contains("accept, reject"),
        "{inbox}"
    );
    let outbox = page(&world, "yiwu-labour", "referral list --box out").await;
    assert_eq!(outbox, "nothing\n");

    // Not yet: the refusal says what is legal now.
    let (code, _, error) = run(
        &world,
        "yiwu-labour",
        &format!("referral hold {short} --reason x"),
    )
    .await;
    assert_eq!(code, 4, "{error}");
    assert!(
        error.contains("[WRONG_STATE]") && error.contains("legal now: "),
        "{error}"
    );

    for line in [
        format!("referral acknowledge {short}"),
        format!("referral accept {short}"),
        format!("referral start {short}"),
        format!("referral ask {short} contract?"),
    ] {
        page(&world, "yiwu-labour", &line).await;
    }
    let line = format!("referral provide {short} yes --add evidence");
    page(&world, "yiwu-union", &line).await;
    let line = format!("referral complete {short} --outcome awarded --amount 12345.60");
    page(&world, "yiwu-labour", &line).await;
    let line = format!("referral acknowledge-outcome {short}");
    let done = page(&world, "yiwu-union", &line).await;
    for told in [
        "awarded",
        "¥12,345.60",
        "outcome noted",
        "contract?",
        "provide-information",
    ] {
        assert!(done.contains(told), "{told} is not in {done}");
    }
    let of_case = json(
        &world,
        "yiwu-union",
        &format!("referral list --case {case}"),
    )
    .await;
    assert_eq!(name(&of_case["referrals"][0]), full);

    // To others neither the referral nor the case exists.
    let (code, _, error) = run(&world, "chengxin-law", &format!("referral show {short}")).await;
    assert_eq!((code, error.contains("[NOT_FOUND]")), (3, true), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_referral_for_the_same_needs_a_reason() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let case = case.trim_start_matches("cases/");
    let create = format!(
        "referral create {case} --to yiwu-labour --service arbitration --legal-basis PIPL-13-3 {HEADER}"
    );
    page(&world, "yiwu-union", &create).await;
    // A second one is refused before it is drafted.
    let (code, _, error) = run(&world, "yiwu-union", &create).await;
    assert_eq!(
        (code, error.contains("[REFERRAL_OPEN]")),
        (4, true),
        "{error}"
    );
    let again = format!("{create} --duplicate-reason second-claim");
    page(&world, "yiwu-union", &again).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_an_agreement_and_what_the_worker_is_told() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let case = case.trim_start_matches("cases/");
    let form = world.folder().join("form.pdf");
    std::fs::write(&form, "signed").unwrap();
    let grant = format!(
        "consent grant {case} --purpose representation --kinds law-firm --sections summary,identity,claims --until 90d --form {}",
        form.display()
    );
    let consent = json(&world, "yiwu-union", &grant).await;
    assert_eq!(consent["recipientKinds"][0], "AGENCY_KIND_LAW_FIRM");
    let consent = name(&consent).to_owned();

    let propose = "agreement propose chengxin-law --sections summary --access-days 30";
    let agreement = json(&world, "yiwu-union", propose).await;
    let accept = format!("agreement accept {}", name(&agreement));
    page(&world, "chengxin-law", &accept).await;
    let listed = page(&world, "yiwu-union", "agreement list").await;
    assert!(listed.contains("in-force"), "{listed}");

    // The agreement does not cover the scope: that firm is no candidate.
    let pool =
        format!("referral pool {case} --service legal_representation --consent {consent} {HEADER}");
    let asked = json(&world, "yiwu-union", &pool).await;
    let asked = asked["referrals"].as_array().unwrap();
    assert!(!asked.is_empty());
    assert!(
        asked
            .iter()
            .all(|one| one["toAgency"] != "agencies/chengxin-law")
    );

    let notices = page(&world, "yiwu-union", &format!("notice list {case}")).await;
    assert!(
        notices.contains("not told yet") && notices.contains("n000001"),
        "{notices}"
    );
    let told = format!("notice delivered {case}/n000001 --by sms");
    assert!(page(&world, "yiwu-union", &told).await.contains("sms"));
    let due = format!("notice list {case} --undelivered");
    assert_eq!(page(&world, "yiwu-union", &due).await, "nothing\n");
    let (code, _, error) = run(&world, "yiwu-union", &told).await;
    assert_eq!(code, 4, "{error}");

    let withdrawn = page(&world, "yiwu-union", &format!("consent withdraw {consent}")).await;
    assert!(withdrawn.contains("withdrawn"), "{withdrawn}");
    let open = page(&world, "yiwu-union", "referral list --open").await;
    assert_eq!(open, "nothing\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_is_opened_and_reviewed_and_a_matter_referred() {
    let world = World::together().await;
    let case = world.register("yiwu-union").await.name;
    let case = case.trim_start_matches("cases/");
    let open = format!(
        "break-glass open {case} --reason danger_to_life --explanation locked_in_the_dormitory --sections summary,contact --minutes 30"
    );
    let opened = json(&world, "kaihua-union", &open).await;
    let queue = page(&world, "operator", "break-glass list --unreviewed").await;
    assert!(
        queue.contains("kaihua-union") && queue.contains("danger_to_life"),
        "{queue}"
    );
    let review = format!(
        "break-glass review {} --verdict unjustified --note no_emergency",
        name(&opened)
    );
    let (code, _, error) = run(&world, "kaihua-union", &review).await;
    assert_eq!(code, 3, "{error}");
    let reviewed = page(&world, "operator", &review).await;
    assert!(reviewed.contains("unjustified"), "{reviewed}");
    let queue = page(&world, "operator", "break-glass list --unreviewed").await;
    assert_eq!(queue, "nothing\n");
    let close = format!("break-glass close {}", name(&opened));
    let (code, _, error) = run(&world, "kaihua-union", &close).await;
    assert_ne!(code, 0, "{error}");

    let create = "matter create --district 330782 --employer 义乌示例服饰有限公司 --claim unpaid_wages=480000 --title-zh 集体欠薪 --title-en wages";
    let matter = json(&world, "yiwu-union", create).await;
    let matter = name(&matter).trim_start_matches("cases/").to_owned();
    page(
        &world,
        "yiwu-union",
        &format!("matter link {matter} {case}"),
    )
    .await;
    let listed = page(&world, "yiwu-union", &format!("matter list {matter}")).await;
    assert!(listed.contains(case), "{listed}");
    let refer =
        format!("matter refer {matter} --to chengxin-law --service legal_representation {HEADER}");
    let referred = page(&world, "yiwu-union", &refer).await;
    // The matter holds nobody; the case has no consent to go by.
    for told in [matter.as_str(), "not referred", "BASIS_ENDED", case] {
        assert!(referred.contains(told), "{told} is not in {referred}");
    }
    page(
        &world,
        "yiwu-union",
        &format!("matter unlink {matter} {case}"),
    )
    .await;
}
