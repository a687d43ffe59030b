"""What chapter 4 claims, against what its cells computed."""

from tests.chapters.conftest import Glued


def test_many_random_directions_disturb_as_much_as_expected(glued: Glued) -> None:
    found = glued("superposition")
    assert abs(found["crowd_noise"] - found["crowd_expected"]) < 0.02
    assert found["packed_32"] < found["drawn_32"] - 0.1


def test_the_seeds_keep_what_the_text_says(glued: Glued) -> None:
    found = glued("superposition")
    assert found["two_dense"] >= 8
    assert found["five_0.05"] >= 8
    assert abs(found["norm_dense"] - 2) < 0.05
    assert abs(found["pentagon_least"] - 0.4) < 0.05
    assert found["five_again"] > found["five_plain"]


def test_the_relu_keeps_more_and_the_linear_model_does_not(glued: Glued) -> None:
    found = glued("superposition-geometry")
    assert found["relu_dense"] == found["linear_sparse"] == 5
    assert found["relu_sparse"] >= 9
    assert found["relu_lost"] < found["linear_lost"] / 2


def test_training_finds_the_calculated_phases(glued: Glued) -> None:
    found = glued("superposition-geometry")
    assert found["phase_agree"] > 95
    assert found["phase_inside"] == 0


def test_pairs_beat_triangles_and_the_ratio_rests_near_one_half(glued: Glued) -> None:
    found = glued("superposition-geometry")
    assert found["pair_and_one"] >= 4
    assert found["pentagons"] >= 4
    assert abs(found["per_1"] - 1) < 0.05
    assert abs(found["per_0.3"] - 0.5) < 0.05


def test_most_rows_of_the_ledger_hold_and_the_full_version_is_there(glued: Glued) -> None:
    found = glued("claim-ledger")
    assert found["passed"] >= found["rows"] - 4
    assert found["full_rows"] == found["rows"]
    assert found["passed_shapes_exact"] == found["passed_phase"] == 1
