//! What it costs to name an avis: id and receipt from the idempotency key, and the edit token.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot make a key has nothing to measure")]

use collector::day::Day;
use collector::identity::{Keyring, SecretKey};
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::Timestamp;
use std::hint::black_box;
use uuid::Uuid;

fn identity(criterion: &mut Criterion) {
    let keyring = Keyring::new(vec![SecretKey { id: 1, bytes: [7; 32] }]).unwrap();
    let key = Uuid::from_u128(0x8e03_978e_40d5_43e8_bc93_6894_a57f_9324);
    let day = Day::constant(2026, 11, 22);
    let accepted_at: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
    let identity = keyring.identity(day, key);
    let token = keyring.edit_token(identity, accepted_at);

    let mut group = criterion.benchmark_group("identity");
    group.bench_function("the names of an avis", |bencher| {
        bencher.iter(|| keyring.identity(black_box(day), black_box(key)));
    });
    group.bench_function("an edit token made", |bencher| {
        bencher.iter(|| keyring.edit_token(black_box(identity), black_box(accepted_at)));
    });
    group.bench_function("an edit token opened", |bencher| {
        bencher.iter(|| {
            keyring.open_edit_token(
                black_box(token.as_str()),
                black_box(identity.avis_id),
                black_box(accepted_at),
            )
        });
    });
    group.bench_function("a Paris day", |bencher| bencher.iter(|| Day::of(black_box(accepted_at))));
    group.finish();
}

criterion_group!(benches, identity);
criterion_main!(benches);
