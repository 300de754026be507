//! What browsers keep: one stylesheet, our script, two vendored ones, each named by a
//! part of its hash, so that it may be kept for ever.

use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderName, StatusCode};
use std::sync::LazyLock;

use ring::digest::{SHA256, digest};

/// A file that is compiled in.
pub(crate) struct Asset {
    stem: &'static str,
    ending: &'static str,
    kind: &'static str,
    text: &'static str,
}

/// The stylesheet.
pub(crate) const STYLE: Asset = Asset {
    stem: "casenet",
    ending: "css",
    kind: "text/css; charset=utf-8",
    text: include_str!("../assets/casenet.css"),
};

/// htmx 2.0.11, from npm.
pub(crate) const HTMX: Asset = Asset {
    stem: "htmx",
    ending: "js",
    kind: "text/javascript; charset=utf-8",
    text: include_str!("../assets/htmx-2.0.11.min.js"),
};

/// htmx's extension for server-sent events 2.2.4, from npm.
pub(crate) const SSE: Asset = Asset {
    stem: "htmx-sse",
    ending: "js",
    kind: "text/javascript; charset=utf-8",
    text: include_str!("../assets/htmx-sse-2.2.4.min.js"),
};

/// Our own few lines of script.
pub(crate) const SCRIPT: Asset = Asset {
    stem: "casenet",
    ending: "js",
    kind: "text/javascript; charset=utf-8",
    text: include_str!("../assets/casenet.js"),
};

/// The sign in a browser's tab.
pub(crate) const MARK: Asset = Asset {
    stem: "mark",
    ending: "svg",
    kind: "image/svg+xml",
    text: include_str!("../assets/mark.svg"),
};

const ALL: [Asset; 5] = [STYLE, HTMX, SSE, SCRIPT, MARK];

static PATHS: LazyLock<Vec<(String, Asset)>> = LazyLock::new(|| {
    let with_path = |asset: Asset| (asset.path(), asset);
    ALL.into_iter().map(with_path).collect()
});

impl Asset {
    /// Where browsers find it.
    pub(crate) fn path(&self) -> String {
        let hash = digest(&SHA256, self.text.as_bytes());
        let hash: String = hash.as_ref()[..6]
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        format!("/assets/{}-{hash}.{}", self.stem, self.ending)
    }
}

/// Answers `GET /assets/{file}`: exactly these files, whatever the path says.
pub(crate) async fn serve(uri: http::Uri) -> Response {
    match PATHS.iter().find(|(path, _)| path == uri.path()) {
        Some((_, asset)) => {
            let headers: [(HeaderName, &str); 2] = [
                (CONTENT_TYPE, asset.kind),
                (CACHE_CONTROL, "public, max-age=31536000, immutable"),
            ];
            (headers, asset.text).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As npm delivered them (`sha256sum` over the package's `dist` files).
    const VENDORED: [(&Asset, &str); 2] = [
        (
            &HTMX,
            "d6fdc75f204e6bdefa99b69bf1e6d4ac69b8a364f77929f45c13476b4000f717",
        ),
        (
            &SSE,
            "98a46496de0c3605fbffdce9167ba427bdd9553184f83f149c261891a92c0136",
        ),
    ];

    #[test]
    fn the_vendored_scripts_are_as_npm_delivered_them() {
        for (asset, expected) in VENDORED {
            let hash = digest(&SHA256, asset.text.as_bytes());
            let hash: String = hash.as_ref().iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(hash, expected, "{}", asset.stem);
        }
    }

    #[test]
    fn a_first_page_stays_light() {
        let bytes: usize = ALL.iter().map(|asset| asset.text.len()).sum();
        assert!(bytes < 100 * 1024, "{bytes} bytes of assets");
    }
}
