//! Why the register says no, in the words of the person who asked.

use hall::id::ActorId;
use hall::text::Text;

/// A refusal. Nothing has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rejection {
    /// There is a manager already, or this is a demo.
    SetupClosed,
    /// Not the newest setup token, or it has expired.
    WrongSetupToken,
    /// Only an empty store becomes a demo: otherwise the demo's sign-in would open somebody's real hall.
    NotADemo,
    /// Wrong id or secret, disabled, or the secret was changed a moment ago: deliberately one answer, so that nobody
    /// learns by asking which ids exist.
    WrongCredentials,
    /// Not this actor's to do.
    NotAllowed,
    UnknownAccount(ActorId),
    UnknownDevice(ActorId),
    /// An account or device, perhaps a former one, has this id.
    AlreadyExists(ActorId),
    Disabled(ActorId),
    /// Demo identities are everybody's, so nobody changes them.
    DemoIdentity(ActorId),
    /// Without a manager of the whole store nobody could make another.
    LastManager(ActorId),
    WeakSecret(Weakness),
    /// No name, or an endless one.
    Name {
        at_most: usize,
    },
    /// The token was drawn before; draw again.
    TokenInUse,
}

/// What is wrong with a new password or PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    TooShort {
        at_least: usize,
    },
    TooLong {
        at_most: usize,
    },
    /// All characters alike, or counting up or down.
    Guessable,
}

impl Rejection {
    /// What to tell the person: what is the matter, and what to do.
    pub fn detail(&self) -> Text {
        match self {
            Rejection::SetupClosed => Text::new(
                "系统已完成初始设置。请用负责人账号登录。",
                "This system is set up already. Sign in as a manager.",
            ),
            Rejection::WrongSetupToken => Text::new(
                "设置口令不对或已过期。请重新启动服务,使用最新显示的口令。",
                "The setup token is wrong or has expired. Restart the service and use the newest one it prints.",
            ),
            Rejection::NotADemo => Text::new(
                "该数据存储已有正式数据,不能用作演示。请为演示另选存储。",
                "This store holds real data and cannot become a demo. Choose another store for the demo.",
            ),
            Rejection::WrongCredentials => Text::new(
                "工号或密码不对。请重试,或请负责人重设。",
                "The number or the password is wrong. Try again, or ask the manager for a new one.",
            ),
            Rejection::NotAllowed => Text::new(
                "您没有这项权限。请联系本厅负责人。",
                "You are not allowed to do this. Ask the hall's manager.",
            ),
            Rejection::UnknownAccount(id) => Text::new(
                format!("没有账号「{id}」。请核对工号。"),
                format!("There is no account \"{id}\". Check the number."),
            ),
            Rejection::UnknownDevice(id) => Text::new(
                format!("没有设备「{id}」。请核对编号。"),
                format!("There is no device \"{id}\". Check its id."),
            ),
            Rejection::AlreadyExists(id) => Text::new(
                format!("「{id}」已被使用(包括已停用的)。请换一个。"),
                format!(
                    "\"{id}\" is taken, perhaps by a former account or device. Choose another."
                ),
            ),
            Rejection::Disabled(id) => Text::new(
                format!("账号「{id}」已停用。请新建账号。"),
                format!("Account \"{id}\" is disabled. Create a new one."),
            ),
            Rejection::DemoIdentity(id) => Text::new(
                format!("「{id}」是公用的演示身份,不能更改。请新建账号来试。"),
                format!(
                    "\"{id}\" is a demo identity that everybody shares. Create an account to try this with."
                ),
            ),
            Rejection::LastManager(id) => Text::new(
                format!("「{id}」是最后一位总负责人。请先新建另一位。"),
                format!(
                    "\"{id}\" is the last manager of the whole store. Create another one first."
                ),
            ),
            Rejection::WeakSecret(weakness) => weakness.detail(),
            Rejection::Name { at_most } => Text::new(
                format!("请填写姓名,最多{at_most}字。"),
                format!("Give a name of at most {at_most} characters."),
            ),
            Rejection::TokenInUse => {
                Text::new("令牌重复,请重试。", "The token was drawn twice. Try again.")
            }
        }
    }
}

impl Weakness {
    fn detail(self) -> Text {
        match self {
            Weakness::TooShort { at_least } => Text::new(
                format!("太短,至少{at_least}个字符。"),
                format!("Too short: use at least {at_least} characters."),
            ),
            Weakness::TooLong { at_most } => Text::new(
                format!("太长,最多{at_most}个字符。"),
                format!("Too long: use at most {at_most} characters."),
            ),
            Weakness::Guessable => Text::new(
                "太容易猜到。不要用相同或连续的字符。",
                "Too easy to guess. Do not repeat one character or count up or down.",
            ),
        }
    }
}
