//! The page's program; everything is in the library, so that browser tests can mount it.

fn main() {
    yurt_web::start();
}
