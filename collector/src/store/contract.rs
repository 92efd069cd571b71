//! What every store must do, whatever its database: the tests of [`Store`](super::Store), run on each implementation.

pub(crate) mod assets;
pub(crate) mod avis;
pub(crate) mod catalogue;
pub(crate) mod decomptes;
pub(crate) mod editions;
pub(crate) mod quarantine;
pub(crate) mod replays;
pub(crate) mod retention;
pub(crate) mod sequences;
pub(crate) mod spool;
pub(crate) mod writes;

/// Makes a test of each point of the contract; `$store` gives a new, empty store and what keeps it alive.
macro_rules! run_on {
    ($store:expr) => {
        $crate::store::contract::run_on!($store;
            writes {
                an_avis_is_stored_with_all_its_answers,
                a_closed_bouton_takes_no_new_avis_and_answers_replays,
                a_form_that_is_sent_again_changes_its_avis,
                a_write_that_comes_twice_takes_back_nothing_that_was_changed_since,
                a_change_moves_the_decompte_on_the_day_of_the_avis,
                a_change_that_contradicts_the_avis_is_refused_and_fails_no_neighbour,
                a_withdrawn_avis_is_gone_and_no_replay_brings_it_back,
                writes_of_one_batch_see_those_before_them,
                a_large_batch_is_stored_whole,
                pages_keep_their_addresses,
            }
            replays {
                a_replay_gets_the_same_answer_and_counts_once,
                a_key_used_for_another_request_is_refused,
                a_key_is_remembered_across_midnight_and_forgotten_after_72_hours,
                a_key_is_remembered_across_the_day_that_lacks_an_hour,
                a_key_is_remembered_when_the_secret_was_rotated_meanwhile,
                an_avis_without_a_key_is_stored_once,
                remembered_keys_can_be_carried_over,
                the_first_secret_stays,
            }
            decomptes {
                decomptes_are_read_by_months_and_days,
                the_decomptes_of_a_demarche_are_read_by_bouton,
                the_decomptes_of_a_demarche_are_read_by_day,
                satisfaction_is_read_by_month,
                the_version_of_a_period_grows_when_its_averages_move_and_only_then,
                how_fresh_a_period_is_tells_its_last_avis,
                decomptes_written_anew_are_the_same,
                satisfaction_is_counted_by_demarche_and_page,
                a_store_that_was_prepared_is_ready,
                the_last_avis_of_a_bouton_is_known,
                avis_are_counted_by_bouton_and_day,
                periods_read_together_are_of_one_moment,
                an_avis_counts_in_the_quarter_of_its_paris_day,
            }
            avis {
                the_avis_of_a_day_are_read_in_order,
                the_avis_about_a_demarche_are_read_day_by_day_some_at_a_time,
                stored_avis_are_told_from_others,
            }
            retention {
                what_is_blanked_counts_as_before,
                the_oldest_is_blanked_first_some_at_a_time,
                pages_are_blanked_beside_texts,
                avis_without_a_page_are_gone_through_once_a_month_at_a_time,
            }
            catalogue {
                demarches_are_registered_all_or_none,
                names_come_in_the_order_of_their_bytes,
                a_demarche_changes_only_where_it_is_told_to,
                the_list_of_essential_demarches_is_replaced_as_a_whole,
                boutons_are_registered_with_aliases_and_origins,
                keys_are_made_and_revoked,
                keys_of_another_store_keep_their_numbers,
                the_last_use_of_a_key_is_noted_apart_from_the_catalogue,
            }
            spool {
                entries_of_a_spool_are_written_exactly_once,
                entries_that_prove_wrong_are_told_with_their_reasons,
                spools_are_known_until_they_are_forgotten,
            }
            quarantine {
                an_avis_in_quarantine_is_stored_and_not_counted,
                the_quarantine_is_released_confirmed_and_filled_again,
                avis_are_selected_by_what_they_have_in_common,
                an_act_is_done_some_at_a_time_and_to_nothing_else,
                avis_are_given_to_another_demarche,
                the_journal_keeps_what_was_done,
            }
            editions {
                an_edition_is_kept_as_it_was_frozen_and_once,
                of_two_that_freeze_a_quarter_at_once_one_does,
                errata_are_kept_in_their_order,
            }
            assets {
                an_asset_is_kept_as_it_was_first_served,
                an_asset_is_revoked_by_its_digest_and_restored,
                of_collectors_that_start_at_once_one_keeps_an_asset,
            }
            sequences {
                any_sequence_of_writes_leaves_decomptes_equal_to_a_recount,
            }
        );
    };
    ($store:expr; $($theme:ident { $($name:ident,)+ })+) => {
        $($(
            #[tokio::test]
            async fn $name() {
                let (store, _kept) = $store;
                $crate::store::contract::$theme::$name(&store).await;
            }
        )+)+
    };
}
pub(crate) use run_on;
