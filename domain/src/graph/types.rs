//! Which outputs may feed which inputs, by the types in their schemas. The rules are upstream's, odd ones included:
//! a list may feed a single value, because what runs decides whether that works.
use serde_json::Value;

/// The type of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldType {
    /// Anything.
    Any,
    /// Nothing.
    Null,
    /// A type of JSON: `integer`, `number`, `string`, `boolean`, `object`.
    Plain(String),
    /// A named schema.
    Named(String),
    /// One of these values.
    Choice(Vec<Value>),
    /// A list.
    List(Box<FieldType>),
    /// One of these types.
    Either(Vec<FieldType>),
}

impl FieldType {
    /// The type that a field's schema describes.
    pub fn of(schema: &Value) -> Self {
        if let Some(path) = schema.get("$ref").and_then(Value::as_str) {
            return Self::Named(path.rsplit('/').next().unwrap_or(path).to_owned());
        }
        if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
            return Self::Either(choices.iter().map(Self::of).collect());
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return Self::Choice(values.clone());
        }
        match schema.get("type").and_then(Value::as_str) {
            None => Self::Any,
            Some("null") => Self::Null,
            Some("array") => Self::List(Box::new(schema.get("items").map_or(Self::Any, Self::of))),
            Some(plain) => Self::Plain(plain.to_owned()),
        }
    }

    fn plain(name: &str) -> Self {
        Self::Plain(name.to_owned())
    }

    /// The types that this one is made of.
    fn parts(&self) -> &[Self] {
        match self {
            Self::List(item) => std::slice::from_ref(item),
            Self::Either(types) => types,
            _ => &[],
        }
    }

    /// Whether anything goes, or anything inside of it.
    pub fn is_any(&self) -> bool {
        *self == Self::Any || self.parts().contains(&Self::Any)
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        matches!(self, Self::List(_))
    }

    /// Whether it is a list, or may be one.
    pub fn may_be_list(&self) -> bool {
        self.is_list() || matches!(self, Self::Either(types) if types.iter().any(Self::is_list))
    }

    /// The item of a list.
    pub fn item(&self) -> Option<&Self> {
        match self {
            Self::List(item) => Some(item),
            _ => None,
        }
    }

    /// The types that a single value of it may have.
    pub fn alternatives(&self) -> Vec<Self> {
        let types = if self.parts().is_empty() { std::slice::from_ref(self) } else { self.parts() };
        types.iter().filter(|kind| **kind != Self::Null).cloned().collect()
    }

    /// The types that items of it may have, where it is or may be a list.
    pub fn item_types(&self) -> Vec<Self> {
        match self {
            _ if self.is_any() => vec![Self::Any],
            Self::List(_) => self.alternatives(),
            Self::Either(types) => {
                types.iter().filter(|kind| kind.is_list()).flat_map(Self::item_types).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether every value of this type is one of `other`.
    pub fn is_kind_of(&self, other: &Self) -> bool {
        // Truth values are numbers, 0 and 1.
        self == other || (*self == Self::plain("boolean") && *other == Self::plain("integer"))
    }

    /// Whether an output of this type may feed an input of type `input`.
    pub fn may_feed(&self, input: &Self) -> bool {
        let is = |name: &str| *self == Self::plain(name);
        let into = |name: &str| *input == Self::plain(name);
        let is_subset = match self.parts() {
            [] => input.parts().contains(self),
            parts => parts.iter().all(|part| input.parts().contains(part)),
        };
        self.is_kind_of(input)
            || self.is_any()
            || input.is_any()
            || input.parts().contains(self)
            || self.parts().contains(input)
            || (is("integer") && into("number"))
            || ((is("integer") || is("number")) && into("string"))
            || is_subset
    }
}
