//! `/api/trpc/…`

mod answer_get_observatoire_stats;
mod recount;
