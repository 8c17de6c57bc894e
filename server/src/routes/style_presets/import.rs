//! Presets from a CSV or JSON file.
use crate::{error::Error, routes::images::unsupported, session::Admin, state::AppState};
use axum::{
    Json,
    extract::{Multipart, State},
};
use serde::Deserialize;
use store::style_presets::{self, NewStylePreset};

/// One preset of a file; the older names of its fields are known too.
#[derive(Debug, Deserialize)]
struct Row {
    name: String,
    #[serde(alias = "positive_prompt", default)]
    prompt: String,
    #[serde(default)]
    negative_prompt: String,
}

/// A field of a CSV file.
pub(super) fn quote(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

pub(super) async fn import(
    State(state): State<AppState>,
    Admin(user): Admin,
    mut parts: Multipart,
) -> Result<Json<()>, Error> {
    let bad = |error: axum::extract::multipart::MultipartError| Error::bad_request(error.body_text());
    let mut rows = None;
    while let Some(part) = parts.next_field().await.map_err(bad)? {
        if part.name() != Some("file") {
            continue;
        }
        let kind = part.content_type().unwrap_or_default().to_owned();
        let file_name = part.file_name().unwrap_or_default().to_lowercase();
        let text = part.text().await.map_err(bad)?;
        let parsed = if kind == "application/json" || file_name.ends_with(".json") {
            serde_json::from_str(&text).ok()
        } else if kind.contains("csv") || file_name.ends_with(".csv") {
            parse_csv(&text)
        } else {
            return Err(unsupported("Unsupported file type. Only .csv and .json are supported"));
        };
        rows = Some(parsed.ok_or_else(|| Error::bad_request("Invalid preset data"))?);
    }
    let rows = rows.ok_or_else(|| Error::unprocessable("file is required"))?;
    for row in rows {
        let preset = NewStylePreset {
            name: row.name,
            positive_prompt: row.prompt,
            negative_prompt: row.negative_prompt,
            r#type: "user".to_owned(),
            is_public: false,
        };
        style_presets::insert(&state.pool, &user, &preset, false).await?;
    }
    Ok(Json(()))
}

fn parse_csv(text: &str) -> Option<Vec<Row>> {
    let mut lines = records(text.trim_start_matches('\u{feff}')).into_iter();
    let header = lines.next()?;
    let column = |names: &[&str]| header.iter().position(|title| names.contains(&title.trim()));
    let (name, prompt) = (column(&["name"])?, column(&["prompt", "positive_prompt"])?);
    let negative = column(&["negative_prompt"]);
    lines
        .filter(|fields| fields.iter().any(|field| !field.is_empty()))
        .map(|fields| {
            Some(Row {
                name: fields.get(name).filter(|name| !name.trim().is_empty())?.clone(),
                prompt: fields.get(prompt)?.clone(),
                negative_prompt: negative.and_then(|index| fields.get(index)).cloned().unwrap_or_default(),
            })
        })
        .collect()
}

/// The records of a CSV text (RFC 4180).
fn records(text: &str) -> Vec<Vec<String>> {
    let (mut all, mut record, mut field, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(std::mem::take(&mut field)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                record.push(std::mem::take(&mut field));
                all.push(std::mem::take(&mut record));
            }
            other => field.push(other),
        }
    }
    if !field.is_empty() || !record.is_empty() {
        record.push(field);
        all.push(record);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_fields_hold_commas_lines_and_quotes() {
        let text = format!("name,prompt,negative_prompt\r\na,{},\r\n", quote("x, \"y\"\nz"));
        let rows = parse_csv(&text).unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].prompt, "x, \"y\"\nz");
        assert!(parse_csv("title,prompt\na,b\n").is_none());
    }
}
