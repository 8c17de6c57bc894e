//! Bodies and query strings; in the latter a name may repeat.
use crate::error::Error;
use axum::{
    Json,
    extract::{FromRequest, FromRequestParts, Request},
    http::request::Parts,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use store::gallery::{Filter, Order};

/// The largest page that upstream gives.
const LARGEST_PAGE: i64 = 1000;

/// A JSON body; one that does not fit is refused in upstream's form.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let Json(body) = Json::from_request(request, state)
            .await
            .map_err(|error| Error::unprocessable(error.body_text()))?;
        Ok(Self(body))
    }
}

/// A query string as pairs.
#[derive(Debug, Default)]
pub(crate) struct Pairs(Vec<(String, String)>);

impl<S: Send + Sync> FromRequestParts<S> for Pairs {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Error> {
        axum::extract::Query::try_from_uri(&parts.uri)
            .map(|query| Self(query.0))
            .map_err(|error| Error::unprocessable(error.to_string()))
    }
}

impl Pairs {
    /// The value of a name that does not repeat; the last one if it does.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of a name.
    pub(crate) fn list(&self, name: &str) -> Vec<String> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    }

    /// All values of a name that must be there.
    pub(crate) fn required_list(&self, name: &str) -> Result<Vec<String>, Error> {
        let values = self.list(name);
        if values.is_empty() { Err(Error::invalid(&["query", name], "Field required")) } else { Ok(values) }
    }

    /// A flag, in the spellings that upstream accepts.
    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, Error> {
        match self.text(name).map(str::to_ascii_lowercase).as_deref() {
            None => Ok(None),
            Some("true" | "1" | "yes" | "on" | "t" | "y") => Ok(Some(true)),
            Some("false" | "0" | "no" | "off" | "f" | "n") => Ok(Some(false)),
            Some(_) => Err(Error::unprocessable(format!("{name} should be a boolean"))),
        }
    }

    /// A whole number between bounds.
    pub(crate) fn number(
        &self,
        name: &str,
        bounds: std::ops::RangeInclusive<i64>,
    ) -> Result<Option<i64>, Error> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number =
            text.parse().map_err(|_| Error::unprocessable(format!("{name} should be an integer")))?;
        if bounds.contains(&number) {
            Ok(Some(number))
        } else {
            Err(Error::unprocessable(format!(
                "{name} should be between {} and {}",
                bounds.start(),
                bounds.end()
            )))
        }
    }

    /// One of the names of an enumeration.
    pub(crate) fn choice<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Error> {
        self.text(name).map(|text| parse_choice(name, text)).transpose()
    }

    /// Whether the order is ascending.
    pub(crate) fn ascending(&self, name: &str, default: bool) -> Result<bool, Error> {
        match self.text(name) {
            None => Ok(default),
            Some("ASC") => Ok(true),
            Some("DESC") => Ok(false),
            Some(_) => Err(Error::unprocessable(format!("{name} should be 'ASC' or 'DESC'"))),
        }
    }

    /// The filter and order of a gallery list; `origin` is that parameter's name.
    pub(crate) fn gallery(&self, origin: &str) -> Result<(Filter, Order), Error> {
        let categories = self.list("categories");
        let filter = Filter {
            origin: self.choice(origin)?,
            categories: if categories.is_empty() {
                None
            } else {
                Some(
                    categories
                        .iter()
                        .map(|text| parse_choice("categories", text))
                        .collect::<Result<_, _>>()?,
                )
            },
            is_intermediate: self.flag("is_intermediate")?,
            board_id: self.text("board_id").map(ToOwned::to_owned),
            created_date: self.text("created_date").map(ToOwned::to_owned),
            search_term: self.text("search_term").map(ToOwned::to_owned),
        };
        let order = Order {
            starred_first: self.flag("starred_first")?.unwrap_or(true),
            ascending: self.ascending("order_dir", false)?,
        };
        Ok((filter, order))
    }

    /// Offset and limit of a page.
    pub(crate) fn page(&self) -> Result<(i64, i64), Error> {
        Ok((
            self.number("offset", 0..=i64::MAX)?.unwrap_or(0),
            self.number("limit", 0..=LARGEST_PAGE)?.unwrap_or(10),
        ))
    }
}

fn parse_choice<T: DeserializeOwned>(name: &str, text: &str) -> Result<T, Error> {
    serde_json::from_value(Value::String(text.to_owned()))
        .map_err(|_| Error::unprocessable(format!("{text:?} is not a valid {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use store::images::ImageCategory;

    fn pairs(pairs: &[(&str, &str)]) -> Pairs {
        Pairs(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn categories_repeat_and_unknown_ones_are_refused() {
        let (filter, order) =
            pairs(&[("categories", "control"), ("categories", "user"), ("order_dir", "ASC")])
                .gallery("origin")
                .unwrap();
        assert_eq!(filter.categories, Some(vec![ImageCategory::Control, ImageCategory::User]));
        assert!(order.ascending && order.starred_first);
        assert!(pairs(&[("categories", "nonsense")]).gallery("origin").is_err());
        assert!(pairs(&[("limit", "-1")]).page().is_err());
    }
}
