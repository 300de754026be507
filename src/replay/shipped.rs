//! The cases that ship with the program.

use super::CaseFile;

/// The text of each shipped file.
const FILES: [&str; 38] = [
    include_str!("../../cases/01-yiwu-elevator-fall.json"),
    include_str!("../../cases/02-yiwu-230-judicial-confirmation.json"),
    include_str!("../../cases/04-yiwu-printing-mill-50.json"),
    include_str!("../../cases/06-hangzhou-binjiang-streamers.json"),
    include_str!("../../cases/07-shangyu-press-injury.json"),
    include_str!("../../cases/09-wenzhou-longwan-silicosis.json"),
    include_str!("../../cases/10-shijiazhuang-wenzhou-wages.json"),
    include_str!("../../cases/12-shiyan-changzhou-nigeria.json"),
    include_str!("../../cases/14-chongqing-sichuan-crane.json"),
    include_str!("../../cases/15-hohhot-sichuan-attack.json"),
    include_str!("../../cases/17-guangyuan-chaotian-35.json"),
    include_str!("../../cases/19-ningxia-sichuan-pneumoconiosis.json"),
    include_str!("../../cases/20-jinjiang-scissors-injury.json"),
    include_str!("../../cases/22-changsha-benzene-dispatch.json"),
    include_str!("../../cases/23-guangzhou-liwan-eleven-steps.json"),
    include_str!("../../cases/25-beijing-rider-self-employed-label.json"),
    include_str!("../../cases/26-beijing-chongqing-rider.json"),
    include_str!("../../cases/28-mohrss-spc-996-courier.json"),
    include_str!("../../cases/30-spp-nankang-403.json"),
    include_str!("../../cases/31-spp-jiangxi-220.json"),
    include_str!("../../cases/33-nanning-yongning-three-periods.json"),
    include_str!("../../cases/34-beijing-pregnancy-four-years.json"),
    include_str!("../../cases/36-chongqing-20-women-protest.json"),
    include_str!("../../cases/38-jintan-46-support-arbitration.json"),
    include_str!("../../cases/39-xiangzhou-118.json"),
    include_str!("../../cases/41-weibin-44.json"),
    include_str!("../../cases/43-chaohu-14.json"),
    include_str!("../../cases/44-wanzhi-5-women.json"),
    include_str!("../../cases/46-sangzhi-25-road.json"),
    include_str!("../../cases/48-zengdu-49-payment-orders.json"),
    include_str!("../../cases/49-langya-court-union-desk.json"),
    include_str!("../../cases/51-yixing-student-intern.json"),
    include_str!("../../cases/52-quanzhou-student-intern-eye.json"),
    include_str!("../../cases/53-wuxi-gazette-three-decisions.json"),
    include_str!("../../cases/55-longsha-47-legal-aid.json"),
    include_str!("../../cases/56-jiange-xian-9.json"),
    include_str!("../../cases/57-qingjian-qianjiang-3.json"),
    include_str!("../../cases/58-qingshan-fengjie-station.json"),
];

/// Every shipped case, in the collection's order.
pub fn shipped() -> Result<Vec<CaseFile>, serde_json::Error> {
    FILES.iter().map(|text| CaseFile::parse(text)).collect()
}
