//! How values of our own are written: an enum by its names, a checked text as itself, a secret not at all.

/// Enums whose every value has a name, the same in JSON and wherever else it is written.
macro_rules! named {
    ($(#[$about:meta])* pub enum $Enum:ident {
        $($(#[$of_value:meta])* $Value:ident = $name:tt,)+
    }) => {
        $(#[$about])*
        pub enum $Enum {
            $($(#[$of_value])* #[serde(rename = $name)] $Value,)+
        }

        #[allow(dead_code, reason = "not every enum is also read or listed by its names")]
        impl $Enum {
            /// Every one.
            pub const ALL: [$Enum; [$($name),+].len()] = [$($Enum::$Value),+];

            /// As it is written.
            pub fn name(self) -> &'static str {
                match self {
                    $($Enum::$Value => $name,)+
                }
            }

            /// The one of this name.
            pub fn named(name: &str) -> Option<$Enum> {
                $Enum::ALL.into_iter().find(|one| one.name() == name)
            }
        }
    };
}
pub(crate) use named;

/// What a text is checked to be is that text, to people and programs.
macro_rules! shown_as_text {
    ($($Text:ident),+) => {$(
        impl $Text {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $Text {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}
pub(crate) use shown_as_text;

/// And stored as that text, which is checked again when it is read: `#[serde(try_from = "String", into = "String")]`.
macro_rules! stored_as_text {
    ($($Text:ident or $Wrong:ident),+) => {$(
        impl TryFrom<String> for $Text {
            type Error = $Wrong;
            fn try_from(text: String) -> Result<$Text, $Wrong> {
                $Text::parse(&text)
            }
        }

        impl From<$Text> for String {
            fn from(text: $Text) -> String {
                text.0
            }
        }
    )+};
}
pub(crate) use stored_as_text;

/// Debug output shows only the type: whatever holds such a value may be logged.
macro_rules! hidden {
    ($($Secret:ty),+) => {$(
        impl std::fmt::Debug for $Secret {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($Secret), "(…)"))
            }
        }
    )+};
}
pub(crate) use hidden;
