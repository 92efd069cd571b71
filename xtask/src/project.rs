//! Where things are in the repository, named once.

use std::{
    env,
    path::{Path, PathBuf},
};

/// The repository this xtask was compiled from.
pub(crate) struct Project {
    root: PathBuf,
    target: PathBuf,
}

impl Project {
    /// The repository, and its build directory: `target`, unless `CARGO_TARGET_DIR` moves it.
    pub(crate) fn find() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().unwrap_or(manifest).to_path_buf();
        let target = root.join(env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into()));
        Self { root, target }
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The loader as it is written, before the names of what it loads are put in.
    pub(crate) fn loader_source(&self) -> PathBuf {
        self.root.join("widget/loader/avis.js")
    }

    /// What shows the hosted form in a frame, as it is written.
    pub(crate) fn frame_source(&self) -> PathBuf {
        self.root.join("widget/loader/frame.js")
    }

    /// The wasm as the compiler leaves it, before wasm-bindgen.
    pub(crate) fn compiled_wasm(&self) -> PathBuf {
        self.target.join("wasm32-unknown-unknown/wasm-release/widget.wasm")
    }

    /// The widget as browsers get it. The collector's `build.rs` embeds what is there.
    pub(crate) fn widget_bundle(&self) -> PathBuf {
        self.target.join("widget")
    }

    /// Says from which inputs [`Self::widget_bundle`] was made.
    pub(crate) fn widget_stamp(&self) -> PathBuf {
        self.target.join("widget.stamp")
    }

    /// Where cargo builds.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    pub(crate) fn collector_binary(&self) -> PathBuf {
        self.release_binary("collector")
    }

    /// A program of any member, built for release.
    pub(crate) fn release_binary(&self, name: &str) -> PathBuf {
        self.target.join("release").join(name)
    }

    /// Databases, logs and results of `cargo xtask bench`.
    pub(crate) fn bench_directory(&self) -> PathBuf {
        self.target.join("bench")
    }

    /// What `cargo xtask run` keeps between two runs.
    pub(crate) fn demo_directory(&self) -> PathBuf {
        self.target.join("demo")
    }

    /// Tools of the tests that no package manager installs.
    pub(crate) fn tools_directory(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// `path` as a person at the root would type it.
    pub(crate) fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}
