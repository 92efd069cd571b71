//! Requests through `fetch`, answers through `Reflect`: a JSON library would weigh more than all of this.

use super::host::later;
use crate::form::{Avis, LOST_AFTER, Reply, Request};
use js_sys::{Array, Object, Reflect};
use std::pin::Pin;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, RequestInit, Response};

/// Makes a request, whatever comes of it.
pub(super) async fn send(base: &str, request: Request) -> Reply {
    fetch(base, request).await.unwrap_or_default()
}

async fn fetch(base: &str, request: Request) -> Result<Reply, JsValue> {
    let init = Object::new();
    set(&init, "method", request.method.name())?;
    // The answer arrives even if the page goes away meanwhile.
    set(&init, "keepalive", true)?;
    let headers = Object::new();
    if let Some(key) = request.key {
        set(&headers, "Idempotency-Key", format!("\"{key}\""))?;
    }
    if let Some(token) = request.bearer {
        set(&headers, "Authorization", format!("Bearer {token}"))?;
    }
    if let Some(body) = request.body {
        set(&headers, "Content-Type", "application/json")?;
        set(&init, "body", body)?;
    }
    set(&init, "headers", headers)?;

    let response = respond(format!("{base}{}", request.path), init, LOST_AFTER).await?;
    let mut reply = Reply {
        status: response.status(),
        retry_after: response.headers().get("Retry-After")?.and_then(|seconds| seconds.parse().ok()),
        ..Reply::default()
    };
    // A body that is no JSON says nothing more than its status.
    if let Ok(json) = response.json()
        && let Ok(json) = JsFuture::from(json).await
    {
        reply.avis = avis(&json);
        reply.token = text(&json, "token");
        reply.errors = errors(&json);
    }
    Ok(reply)
}

/// The answer to a request that `init` describes further, unless it takes longer than `patience`, in milliseconds.
/// Boxed, so that it is once in the wasm.
pub(super) fn respond(
    url: String,
    init: Object,
    patience: u32,
) -> Pin<Box<dyn Future<Output = Result<Response, JsValue>>>> {
    Box::pin(async move {
        let abort = AbortController::new()?;
        set(&init, "credentials", "omit")?;
        set(&init, "referrerPolicy", "no-referrer")?;
        set(&init, "signal", abort.signal())?;
        later(patience.into(), move || abort.abort());
        let window = web_sys::window().ok_or(JsValue::NULL)?;
        let answer = window.fetch_with_str_and_init(&url, init.unchecked_ref::<RequestInit>());
        Ok(JsFuture::from(answer).await?.unchecked_into())
    })
}

pub(super) fn set(object: &Object, name: &str, value: impl Into<JsValue>) -> Result<bool, JsValue> {
    Reflect::set(object, &JsValue::from_str(name), &value.into())
}

fn text(object: &JsValue, name: &str) -> Option<String> {
    Reflect::get(object, &JsValue::from_str(name)).ok()?.as_string()
}

fn avis(json: &JsValue) -> Option<Avis> {
    Some(Avis {
        id: text(json, "id")?,
        receipt: text(json, "receipt")?,
        edit_token: text(json, "edit_token")?,
    })
}

fn errors(json: &JsValue) -> Vec<(String, String)> {
    let errors = Reflect::get(json, &JsValue::from_str("errors")).unwrap_or_default();
    if !Array::is_array(&errors) {
        return Vec::new();
    }
    Array::from(&errors)
        .iter()
        .filter_map(|error| Some((text(&error, "pointer")?, text(&error, "code")?)))
        .collect()
}
