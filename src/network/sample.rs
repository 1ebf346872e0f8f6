//! A made-up network of 5 main and 26 branch halls, as the spreadsheet that a city would fill in. Always the same.

use super::sheet::Sheet;

/// Id, Chinese, English, prefix, minutes, papers in Chinese and English, whether it can be done online.
type ServiceLine = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    u32,
    &'static str,
    &'static str,
    bool,
);

const SERVICES: [ServiceLine; 20] = [
    (
        "fine",
        "违法处理",
        "Traffic fines",
        "A",
        5,
        "驾驶证;行驶证",
        "Driving licence;Vehicle licence",
        true,
    ),
    (
        "licence",
        "驾驶证业务",
        "Driving licence",
        "F",
        8,
        "居民身份证;一寸照片",
        "Identity card;One-inch photo",
        true,
    ),
    (
        "vehicle",
        "行驶证业务",
        "Vehicle licence",
        "Y",
        7,
        "居民身份证;行驶证",
        "Identity card;Vehicle licence",
        true,
    ),
    (
        "mark",
        "检验标志",
        "Inspection mark",
        "W",
        4,
        "行驶证;交强险保单",
        "Vehicle licence;Insurance policy",
        true,
    ),
    (
        "registration",
        "机动车登记",
        "Vehicle registration",
        "U",
        15,
        "购车发票;居民身份证",
        "Invoice;Identity card",
        false,
    ),
    (
        "exam",
        "考试预约",
        "Driving tests",
        "C",
        6,
        "居民身份证",
        "Identity card",
        false,
    ),
    (
        "household",
        "户口登记",
        "Household register",
        "R",
        12,
        "户口簿;居民身份证",
        "Household register;Identity card",
        false,
    ),
    (
        "id-card",
        "居民身份证",
        "Identity card",
        "M",
        9,
        "户口簿",
        "Household register",
        false,
    ),
    (
        "residence",
        "居住证",
        "Residence permit",
        "V",
        8,
        "租赁合同;居民身份证",
        "Tenancy agreement;Identity card",
        true,
    ),
    (
        "pension",
        "养老保险",
        "Pension insurance",
        "B",
        10,
        "社保卡",
        "Social security card",
        true,
    ),
    (
        "medical",
        "医疗保险",
        "Medical insurance",
        "D",
        8,
        "社保卡;医疗票据",
        "Social security card;Medical bills",
        true,
    ),
    (
        "social-card",
        "社保卡",
        "Social security card",
        "E",
        7,
        "居民身份证",
        "Identity card",
        true,
    ),
    (
        "housing-fund",
        "住房公积金",
        "Housing fund",
        "G",
        12,
        "居民身份证;银行卡",
        "Identity card;Bank card",
        true,
    ),
    (
        "property",
        "不动产登记",
        "Property register",
        "J",
        20,
        "购房合同;居民身份证",
        "Purchase contract;Identity card",
        false,
    ),
    (
        "business",
        "营业执照",
        "Business licence",
        "K",
        15,
        "居民身份证;经营场所证明",
        "Identity card;Proof of premises",
        true,
    ),
    (
        "tax",
        "税务办理",
        "Taxes",
        "L",
        12,
        "居民身份证",
        "Identity card",
        true,
    ),
    (
        "marriage",
        "婚姻登记",
        "Marriage register",
        "N",
        18,
        "户口簿;居民身份证",
        "Household register;Identity card",
        false,
    ),
    (
        "elderly",
        "老年优待",
        "Senior citizens",
        "P",
        6,
        "居民身份证",
        "Identity card",
        false,
    ),
    (
        "disability",
        "残疾人服务",
        "Disability services",
        "S",
        12,
        "残疾人证",
        "Disability card",
        false,
    ),
    ("other", "综合咨询", "Enquiries", "H", 5, "", "", false),
];

/// Id, Chinese and English of the places; the first five have the main halls.
const PLACES: [(&str, &str, &str); 31] = [
    ("zhongzhou", "中洲", "Zhongzhou"),
    ("dongling", "东岭", "Dongling"),
    ("xize", "西泽", "Xize"),
    ("nanwan", "南湾", "Nanwan"),
    ("beixi", "北溪", "Beixi"),
    ("heping", "合坪", "Heping"),
    ("qingshi", "青石", "Qingshi"),
    ("baita", "白塔", "Baita"),
    ("longqiao", "龙桥", "Longqiao"),
    ("mayuan", "麻园", "Mayuan"),
    ("shuikou", "水口", "Shuikou"),
    ("taolin", "桃林", "Taolin"),
    ("zhuxi", "竹溪", "Zhuxi"),
    ("yunfeng", "云峰", "Yunfeng"),
    ("jinsha", "金沙", "Jinsha"),
    ("luwei", "芦尾", "Luwei"),
    ("gaotang", "高塘", "Gaotang"),
    ("huangtu", "黄土", "Huangtu"),
    ("liushu", "柳树", "Liushu"),
    ("shiban", "石板", "Shiban"),
    ("meixi", "梅溪", "Meixi"),
    ("chating", "茶亭", "Chating"),
    ("songlin", "松林", "Songlin"),
    ("yanzi", "燕子", "Yanzi"),
    ("dukou", "渡口", "Dukou"),
    ("hongxing", "红星", "Hongxing"),
    ("xinan", "新安", "Xin'an"),
    ("tieling", "铁岭", "Tieling"),
    ("guihua", "桂花", "Guihua"),
    ("shangyuan", "上源", "Shangyuan"),
    ("lianhu", "莲湖", "Lianhu"),
];

const MAIN_HALLS: usize = 5;
const SERVICES_OF_MAIN: usize = 15;
/// What every hall does before anything else.
const COMMON: usize = 4;

/// The spreadsheet.
pub fn sample() -> Sheet {
    let mut rows = vec![
        row(["# 示例网络:5个主厅、26个分厅 / A sample: 5 main and 26 branch halls"]),
        row([
            "# 每张表以表头开始;# 开头的行不读 / Each table begins with its header; rows with # are not read",
        ]),
        row(["网络名称 network", "英文名称 name_en", "时区 time_zone"]),
        row([
            "云江市政务服务",
            "Yunjiang Public Services",
            "Asia/Shanghai",
        ]),
        Vec::new(),
    ];
    rows.extend(services());
    rows.push(Vec::new());
    rows.extend(halls());
    rows.push(Vec::new());
    rows.extend(authorisations());
    rows.push(Vec::new());
    rows.extend(neighbours());
    Sheet { name: None, rows }
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.iter().map(ToString::to_string).collect()
}

fn services() -> Vec<Vec<String>> {
    let mut rows = vec![row([
        "业务代码 service",
        "中文名称 name_zh",
        "英文名称 name_en",
        "号码前缀 prefix",
        "平均分钟 minutes",
        "所需材料 documents_zh",
        "材料英文 documents_en",
        "网办渠道 online_zh",
        "网办英文 online_en",
        "网址 url",
    ])];
    for (id, zh, en, prefix, minutes, papers_zh, papers_en, is_online) in SERVICES {
        let online = match is_online {
            true => ["云江通", "Yunjiang app", "https://yunjiang.example/apply"],
            false => ["", "", ""],
        };
        let minutes = minutes.to_string();
        let [name_zh, name_en, url] = online;
        rows.push(row([
            id, zh, en, prefix, &minutes, papers_zh, papers_en, name_zh, name_en, url,
        ]));
    }
    rows
}

fn halls() -> Vec<Vec<String>> {
    let mut rows = vec![row([
        "大厅代码 hall",
        "类型 kind",
        "中文名称 name_zh",
        "英文名称 name_en",
        "中文地址 address_zh",
        "英文地址 address_en",
        "咨询电话 hotline",
        "窗口 windows",
        "周一 monday",
        "周二 tuesday",
        "周三 wednesday",
        "周四 thursday",
        "周五 friday",
        "周六 saturday",
        "周日 sunday",
        "手机取号 phone_tickets",
    ])];
    for (index, (id, zh, en)) in PLACES.iter().enumerate() {
        let is_main = index < MAIN_HALLS;
        let weekday = match index % 4 {
            3 => "08:30-12:00 14:00-17:30",
            _ => "09:00-12:00 13:30-17:00",
        };
        let saturday = match (is_main, index % 6) {
            (true, _) => "预约 09:00-12:00",
            (false, 0) => "09:00-12:00",
            (false, _) => "",
        };
        let windows = windows_of(index).to_string();
        let kind = if is_main { "主厅" } else { "分厅" };
        let name_zh = match is_main {
            true => format!("{zh}政务服务中心"),
            false => format!("{zh}便民服务站"),
        };
        let name_en = match is_main {
            true => format!("{en} Public Service Centre"),
            false => format!("{en} Service Station"),
        };
        let number = 8 + index * 13 % 120;
        let mut cells = row([id, kind, &name_zh, &name_en]);
        cells.push(format!("{zh}街道人民路{number}号"));
        cells.push(format!("{number} Renmin Road, {en}"));
        cells.extend(row(["12345", &windows]));
        cells.extend(std::iter::repeat_n(weekday.to_string(), 5));
        cells.extend(row([saturday, "", "是"]));
        rows.push(cells);
    }
    rows
}

fn windows_of(index: usize) -> usize {
    match index < MAIN_HALLS {
        true => 10 + index % 5,
        false => 2 + index % 4,
    }
}

fn authorisations() -> Vec<Vec<String>> {
    let mut header = row(["授权大厅 authorised"]);
    header.extend(SERVICES.iter().map(|(id, zh, ..)| format!("{zh} {id}")));
    let mut rows = vec![header];
    for (index, (id, ..)) in PLACES.iter().enumerate() {
        let services = services_of(index);
        let cell = |service: usize| match services.contains(&service) {
            true => mode_of(index, service),
            false => "",
        };
        let mut cells = row([id]);
        cells.extend((0..SERVICES.len()).map(|service| cell(service).to_string()));
        rows.push(cells);
    }
    rows
}

/// The common services, then some of the others, beginning at another one in each hall.
fn services_of(index: usize) -> Vec<usize> {
    let others = SERVICES.len() - COMMON;
    let count = match index < MAIN_HALLS {
        true => SERVICES_OF_MAIN,
        false => 7 + index * 5 % 6,
    };
    let further = (0..count - COMMON).map(|step| COMMON + (index * 3 + step) % others);
    (0..COMMON).chain(further).collect()
}

fn mode_of(index: usize, service: usize) -> &'static str {
    match (index < MAIN_HALLS, (index + service) % 12) {
        (true, _) => "当场",
        (false, 0) => "代理 2026-01-01~2027-12-31",
        (false, 1) if service >= COMMON => "网络 暂停",
        (false, 3 | 7) if service >= COMMON => "代理",
        (false, 5 | 9) if service >= COMMON => "网络",
        (false, _) => "当场",
    }
}

/// A branch is near its main hall and near the next branch of that hall. The main halls form a ring.
fn neighbours() -> Vec<Vec<String>> {
    let mut rows = vec![row([
        "相邻大厅 neighbour",
        "另一大厅 other",
        "步行分钟 walking",
        "驾车分钟 driving",
    ])];
    let mut pair = |one: usize, other: usize, driving: usize| {
        let walking = match driving <= 6 {
            true => (driving * 4).to_string(),
            false => String::new(),
        };
        let (one, other) = (PLACES[one].0, PLACES[other].0);
        rows.push(row([one, other, &walking, &driving.to_string()]));
    };
    for main in 0..MAIN_HALLS {
        pair(main, (main + 1) % MAIN_HALLS, 18 + main * 3);
    }
    for branch in MAIN_HALLS..PLACES.len() {
        pair(branch, branch % MAIN_HALLS, 4 + branch * 7 % 19);
        if branch + MAIN_HALLS < PLACES.len() {
            pair(branch, branch + MAIN_HALLS, 5 + branch * 3 % 11);
        }
    }
    rows
}
