"""What a person meets, as rules, and the tests that hold each: where to look before changing it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
GUI = "tests/gui/"
HOUSE = GUI + "behaviour/house/test_"

# (number, rule, tests): every rule has one that fails where it is broken. What only the eye can
# judge (light, dark, Chinese, small screens) is in the pictures of `make screenshots`.
RULES = (
    (
        *(
            "1.1",
            "Sources, pages, controls and one status line; docks; a window comes back on screen",
        ),
        GUI + "window/test_layout.py::test_the_window_is_on_the_screen_when_shown",
        GUI + "test_app.py::test_layout_and_session_survive_a_restart",
        GUI + "window/test_frame_first.py::test_the_page_in_front_follows_the_first_frame",
    ),
    (
        *("1.2", "The first start shows a living example; a refusal says what, where, what to do"),
        GUI + "test_app.py::test_first_start_shows_a_living_example",
        GUI + "sources/test_sources.py::test_errors_are_sentences_and_leave_the_session_alone",
    ),
    (
        *("1.3", "Names, units, tips; a control that cannot be used says why"),
        GUI + "pages/test_every_control.py::test_every_control_has_a_name_and_a_tip",
        GUI + "pages/test_every_control.py::test_a_control_that_cannot_be_used_says_why",
        GUI + "window/test_menus.py::test_the_tooltip_has_the_reason_while_it_holds",
    ),
    (
        *("1.4", "What is drawn can be dragged; box, slider and line say one number"),
        HOUSE + "hands.py::test_line_box_and_slider_show_one_number_at_all_times",
        GUI + "pages/test_every_control.py::test_a_line_that_is_dragged_says_the_number_of_its_box",
    ),
    (
        *("1.5", "Undo of every parameter; sessions survive; nothing is overwritten silently"),
        GUI + "topk/test_topk_page.py::test_undo_and_redo_walk_through_every_parameter",
        GUI + "window/test_autosave.py::test_the_lock_of_a_program_that_was_killed_is_taken_over",
        GUI + "spectrum/test_lower_views.py::test_existing_file_is_not_overwritten_without_asking",
    ),
    (
        *("1.6", "Leading values first; cancel within 200 ms; the window never waits"),
        GUI + "spectrum/test_pipeline.py::"
        "test_leading_values_come_first_with_their_band_and_the_rest_replaces_them",
        GUI + "core/work/test_runner_process.py::test_cancel_kills_the_process_within_200_ms",
    ),
    (
        *("1.7", "What answers the question of a page stands above the fold"),
        GUI + "window/test_layout.py::"
        "test_what_answers_the_question_of_a_page_stands_above_the_fold",
    ),
    (
        *("1.8", "Names that a file brings are used everywhere"),
        GUI + "behaviour/test_names.py::"
        "test_scores_are_called_by_the_columns_under_the_mouse_by_rank_and_by_index",
        GUI + "behaviour/test_names.py::"
        "test_exported_numbers_carry_the_names_of_scores_and_pictures",
        GUI + "behaviour/rules/test_numbers.py::"
        "test_headers_are_the_names_and_what_is_no_number_says_so",
    ),
    (
        *("2.1", "Fusion, light and dark; numerals that do not jitter"),
        GUI + "core/paint/test_theme.py::test_apply_gives_fusion_and_follows_a_change",
        GUI + "core/paint/test_theme.py::test_theme_auto_follows_the_platform",
    ),
    (
        *("2.2", "One colour and dash per operator, strategy or rule, everywhere"),
        GUI + "pages/test_one_look.py::"
        "test_the_chosen_operator_has_its_own_look_and_the_hard_one_the_ink",
        GUI + "column_row/test_figures.py::"
        "test_one_strategy_keeps_colour_and_dash_with_every_weight",
        GUI + "core/figure/test_palette.py::test_sequential_map_grows_evenly_in_lightness",
        GUI + "core/figure/test_palette.py::"
        "test_diverging_map_is_symmetric_in_lightness_about_a_light_neutral",
    ),
    (
        *("2.3", "Colours contrast with the background and stay apart for colour-blind eyes"),
        GUI + "core/figure/test_palette.py::test_every_curve_colour_contrasts_with_its_background",
        GUI + "core/figure/test_palette.py::test_curve_colours_stay_apart",
        GUI + "core/figure/test_palette.py::test_48_categories_have_different_looks",
    ),
    (
        *(
            "2.4",
            "Words on data are readable and hide no point; else they are numbered in the legend",
        ),
        GUI + "behaviour/rules/test_words.py::test_words_on_a_picture_stand_on_a_plate",
        GUI + "core/paint/test_plot_labels.py::"
        "test_labels_without_room_are_numbers_that_the_legend_lists",
        GUI + "core/paint/test_plot_labels.py::test_the_label_of_a_level_lies_over_no_point",
    ),
    (
        *("2.5", "A read-out under the mouse names the axes with their values"),
        GUI + "core/paint/test_plot_view.py::test_no_key_of_the_program_is_read_under_the_mouse",
        GUI + "behaviour/test_names.py::test_pictures_of_the_matrix_say_row_and_column_by_name",
    ),
    (
        *("3.1", "The keys that people know work wherever the focus is"),
        HOUSE + "keys.py::test_every_shortcut_works_wherever_the_focus_is_on_every_page",
    ),
    (
        *("3.2", "A double click on a title maximises; splitters remember their place"),
        HOUSE + "hands.py::"
        "test_a_double_click_on_its_title_lets_a_plot_fill_the_page_and_escape_brings_all_back",
        HOUSE + "hands.py::test_dividers_remember_their_place_and_a_reset_puts_them_back",
    ),
    (
        *("3.3", "Files on the command line; render needs no display, and is named where none is"),
        GUI + "test_command_line.py::test_without_a_display_one_line_points_to_render",
        GUI + "test_command_line.py::test_render_writes_an_svg_with_its_labels_as_text",
    ),
    (
        *("3.4", "English and Chinese without restart; a dropped picture restores its state"),
        GUI + "test_app.py::test_language_switches_without_restart_and_keeps_everything",
        HOUSE + "return.py::test_a_dropped_panel_file_restores_its_page",
        GUI + "test_figure_return.py::"
        "test_a_dropped_picture_restores_page_array_and_rank_in_one_step",
    ),
    (
        *("4.1", "The first window lies on the screen with its frame"),
        GUI + "window/test_layout.py::test_the_first_window_lies_on_the_screen_with_its_frame",
    ),
    (
        *("4.2", "At 1024 x 768 nothing is cut"),
        GUI + "window/test_layout.py::test_a_small_screen_cuts_nothing",
        GUI + "window/test_small_screen.py::test_no_tab_is_behind_a_scroll_arrow",
        GUI + "core/widgets/test_fitting_tabs.py::"
        "test_titles_are_short_where_the_long_ones_do_not_fit_and_long_again_where_they_do",
    ),
    (
        *("5.1", "A message moves nothing; the last fifty can be read again"),
        HOUSE + "messages.py::test_no_message_moves_anything_by_a_pixel",
        HOUSE + "messages.py::test_the_last_fifty_are_read_again_also_in_another_language",
        GUI + "behaviour/rules/test_numbers.py::test_no_ring_lies_over_a_message",
    ),
    (
        *("5.2", "A wheel changes nothing in passing"),
        HOUSE + "wheel.py::test_a_wheel_changes_nothing_in_passing_and_scrolls_the_panel",
        HOUSE + "wheel.py::test_a_wheel_changes_nothing_in_a_dialog",
    ),
    (
        *("5.3", "What is stale looks stale"),
        HOUSE + "stale.py::test_old_drawings_and_numbers_are_dimmed_and_the_new_array_is_named",
        HOUSE + "stale.py::test_what_is_of_another_number_is_dimmed_until_its_answer_comes",
    ),
    (
        *("5.4", "One failure is one sentence in one place"),
        GUI + "topk/test_topk_not_a_number.py::"
        "test_an_operator_that_returns_no_number_stops_no_other",
    ),
    (
        *("6.1", "Another array is fitted anew"),
        HOUSE + "axes.py::test_another_array_is_fitted_anew",
    ),
    (
        *("6.2", "Another number about the same array leaves axes and zoom"),
        HOUSE + "axes.py::test_another_number_about_the_same_array_leaves_the_zoom",
        HOUSE + "axes.py::test_axes_stand_still_while_a_number_comes_and_goes",
    ),
    (
        *("6.3", "Rank and k are remembered by array"),
        GUI + "topk/test_first_k.py::test_what_an_array_has_had_it_gets_back",
        GUI + "topk/test_first_k.py::test_a_first_k_never_keeps_every_score",
    ),
    (
        *("7.1", "At equal softness each operator has its own tau, and no other is said"),
        GUI + "topk/test_topk_declared.py::"
        "test_at_equal_softness_nothing_that_is_drawn_or_said_hangs_on_the_shared_tau",
        GUI + "topk/test_topk_declared.py::"
        "test_at_equal_softness_every_plot_says_the_tau_of_each_operator",
    ),
    (
        *("7.2", "Beside each operator its tau; the softness has its unit"),
        HOUSE + "heard.py::test_a_row_says_its_tau_and_time",
        GUI + "topk/test_topk_declared.py::test_the_softness_has_its_unit",
    ),
    (
        *("8.1", "Code for NumPy, PyTorch and JAX that imports nothing else"),
        GUI + "topk/test_topk_copied_code.py::"
        "test_every_library_is_its_own_and_the_message_says_which",
        "tests/engine/copied/test_copied_code.py",
    ),
    ("8.2", "A score of -inf is not there", "tests/engine/copied/test_copied_code.py"),
    ("8.3", "(..., n), dtype and device are kept", "tests/engine/copied/test_copied_code.py"),
    (
        *("8.4", "The last lines run it; its defaults are those in force"),
        GUI + "topk/test_topk_copied_code.py::"
        "test_copied_code_gives_the_plotted_output_with_no_argument_but_the_scores",
    ),
    (
        *("8.5", "Copy as Python repeats what is seen"),
        GUI + "pages/test_every_call.py::test_the_call_draws_what_is_seen",
    ),
    (
        *("9.1", "No digit that the error bound cannot carry"),
        GUI + "spectrum/test_numbers.py::test_no_digit_stands_that_the_error_bound_cannot_carry",
    ),
    (
        *("9.2", "What is not defined says so; a witness is on its own curve"),
        GUI + "topk/test_topk_lower_views.py::"
        "test_a_law_that_is_not_defined_says_so_in_grey_and_why",
        GUI + "topk/test_topk_lower_views.py::"
        "test_a_witness_is_on_no_other_curve_where_its_own_is_not_drawn",
    ),
    (
        *("9.3", "A consensus says what it is for"),
        GUI + "spectrum/test_numbers.py::test_a_consensus_says_what_it_is_for",
    ),
    (
        *("10.1", "Any array is a table of numbers; 10^9 entries scroll without being read"),
        GUI + "behaviour/rules/test_numbers.py::"
        "test_names_of_rows_stand_whole_and_longer_ones_of_columns_end_in_dots",
        GUI + "behaviour/rules/test_numbers.py::test_digits_are_as_many_as_are_chosen",
        GUI + "spectrum/test_entries.py::test_a_thousand_million_entries_scroll_without_being_read",
    ),
    (
        *(
            "10.2",
            "Go to a cell; a click selects it; copies have headers; rank r and residual, too",
        ),
        GUI + "behaviour/rules/test_numbers.py::test_ctrl_g_goes_to_a_cell_of_a_large_array",
        GUI + "behaviour/rules/test_numbers.py::"
        "test_a_click_in_the_picture_chooses_the_cell_and_back",
        GUI + "behaviour/rules/test_numbers.py::test_what_is_chosen_is_copied_with_its_headers",
        GUI + "behaviour/rules/test_numbers.py::"
        "test_rank_r_and_residual_have_the_same_table_and_add_up",
    ),
    (
        *("11.1", "Map, levels and histogram of every picture; what is clipped is said"),
        GUI + "pages/test_every_picture.py::"
        "test_a_click_on_the_bar_opens_the_panel_and_escape_closes_it",
        GUI + "core/figure/test_levels.py::test_clipped_is_said_in_words_at_its_end",
    ),
    (
        *("11.2", "Pictures side by side share levels; exports, session and undo carry them"),
        GUI + "pages/test_every_picture.py::"
        "test_pictures_side_by_side_share_levels_until_they_are_unlocked",
        GUI + "pages/test_every_picture.py::"
        "test_what_the_panel_sets_is_the_state_and_undo_takes_it_back",
    ),
    (
        *("12.1", "F5 reads again and keeps what was set"),
        GUI + "behaviour/test_following.py::test_f5_reads_the_selected_file_again",
    ),
    (
        *("12.2", "A file that changes is noticed; half a file is waited for; numbers stay"),
        GUI + "behaviour/test_following.py::test_a_changed_file_is_offered_and_read_when_asked",
        GUI + "behaviour/test_following.py::test_a_broken_file_leaves_the_old_numbers",
        GUI + "behaviour/test_following.py::"
        "test_a_file_that_vanishes_keeps_its_numbers_and_says_so",
    ),
    (
        *("13.1", "Every table leaves as CSV, Markdown and LaTeX"),
        HOUSE + "tables.py::test_every_table_is_copied_from_its_menu_and_found_by_the_search",
        GUI + "pages/test_every_table.py::test_every_number_shown_is_written_in_full",
        GUI + "pages/test_every_table.py::test_latex_is_what_pdflatex_can_set",
    ),
    (
        *("14.1", "The export dialog remembers, and previews as it will be"),
        GUI + "core/screen/test_export_dialog.py::test_choices_are_remembered",
        GUI + "core/screen/test_export_dialog.py::"
        "test_the_preview_says_its_smallest_text_and_what_is_left_out",
    ),
    (
        *("14.2", "No text is smaller than chosen, none is cut; it stays text in one font"),
        GUI + "core/export/test_paper.py::test_text_of_every_plot_is_whole_and_large_enough",
        GUI + "core/export/test_paper.py::test_pdf_and_svg_bring_their_one_font",
        GUI + "core/export/test_paper.py::test_lines_follow_the_text",
    ),
    (
        *("14.3", "Several panels in one file, restored as a whole"),
        GUI + "core/export/test_panels.py::test_one_block_of_metadata_restores_all",
        GUI + "core/export/test_panels.py::test_one_legend_names_every_curve_once",
    ),
    (
        *("14.4", "The first picture export takes no longer than 5 s"),
        "tests/benchmarks/test_start_time.py::test_the_first_export_on_a_fresh_home",
    ),
    (
        *("14.5", "A picture itself is saved pixel for pixel"),
        GUI + "core/screen/test_export_dialog.py::test_a_picture_is_written_pixel_by_pixel",
        GUI + "core/export/test_pixels.py::test_photo_of_rank_r_is_a_photo_again",
    ),
    (
        *("15.1", "Tab walks everything in reading order and comes round"),
        HOUSE + "keys.py::test_tab_reaches_everything_in_reading_order_and_comes_round",
        HOUSE + "keys.py::test_arrows_move_in_tables_and_tab_leaves",
    ),
    (
        *("15.2", "No underlined letter is shared"),
        HOUSE + "keys.py::test_no_letter_is_shared_by_a_menu_and_anything_in_sight",
    ),
    (
        *("15.3", "Shortcuts work in fields; Ctrl+Z takes back the typing first"),
        HOUSE + "keys.py::test_a_field_is_not_asked_for_the_keys_of_the_window",
        HOUSE + "keys.py::test_undo_in_a_number_box_takes_back_the_typing_first",
    ),
    (
        *("15.4", "What can be dragged moves by keys; the focus is seen"),
        GUI + "core/paint/test_plot_heard.py::"
        "test_a_line_is_moved_by_keys_as_far_as_it_goes_and_says_where_it_is",
        HOUSE + "keys.py::test_a_ring_lies_around_what_has_the_focus_while_keys_are_used",
    ),
    (
        *("16.1", "Everything written is heard; messages and results once"),
        HOUSE + "heard.py::test_the_text_of_a_value_holds_the_value",
        HOUSE + "heard.py::test_messages_are_said_once_and_their_text_is_the_sentence",
        GUI + "behaviour/screen_reader/test_at_spi.py::"
        "test_results_and_messages_are_announced_once",
    ),
    (
        *("16.2", "Every plot says what is drawn; its buttons of which plot"),
        GUI + "core/paint/test_plot_heard.py::"
        "test_a_plot_says_what_is_drawn_and_its_buttons_of_which_plot",
        GUI + "behaviour/screen_reader/test_at_spi.py::"
        "test_plots_say_what_is_drawn_and_their_buttons_of_which_plot",
    ),
    (
        *("17.1", "The pseudo-inverse is a view"),
        GUI + "spectrum/test_inverse_view.py::"
        "test_picture_ratios_and_solution_are_numpys_and_follow_the_rank",
        GUI + "spectrum/test_inverse_view.py::test_penrose_errors_and_norms_are_read_out",
        GUI + "spectrum/test_inverse_view.py::test_it_is_saved_whole_or_in_factors",
    ),
    (
        *("17.2", "The 2 x 2 geometry takes an own matrix"),
        GUI + "spectrum/test_lower_views.py::"
        "test_geometry_takes_a_2_x_2_array_a_block_of_a_larger_one_or_what_is_typed",
    ),
    (
        *("17.3", "At every rank picture, error and factors come"),
        GUI + "spectrum/test_odd_matrices.py::test_picture_pair_and_file_come_beyond_what_is_known",
    ),
)
NUMBERS = {1: 8, 2: 5, 3: 4, 4: 2, 5: 4, 6: 3, 7: 2, 8: 5, 9: 3, 10: 2, 11: 2, 12: 2, 13: 1, 14: 5,
           15: 4, 16: 2, 17: 3}  # fmt: skip


@cache
def names_in(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}


def test_every_rule_is_held():
    numbers = [f"{part}.{one}" for part, most in NUMBERS.items() for one in range(1, most + 1)]
    assert [number for number, *_ in RULES] == numbers


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule[0])
def test_what_holds_a_rule_is_there(rule):
    _, _, *tests = rule
    assert tests
    for path, _, name in (one.partition("::") for one in tests):
        assert not name or name in names_in(path), f"{path}::{name}"
