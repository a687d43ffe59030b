"""What chapter 5 claims, against what its cells computed."""

from tests.chapters.conftest import Glued


def test_neurons_of_the_toy_model_are_polysemantic(glued: Glued) -> None:
    found = glued("way_forward")
    assert found["meanings_least"] >= 3
    assert found["guilty_most"] < 50


def test_the_smallest_error_is_not_the_right_dictionary(glued: Glued) -> None:
    found = glued("way_forward")
    assert found["lost_0.01"] < found["lost_0.3"] - 5
    assert found["nearest_0.01"] < found["nearest_least_0.3"] - 0.02
    assert found["nearest_least_0.3"] > 0.99


def test_latents_shrink_by_half_the_penalty(glued: Glued) -> None:
    assert abs(glued("way_forward")["shrunk"] - 0.15) < 0.04


def test_top_k_recovers_nine_features_in_ten(glued: Glued) -> None:
    found = glued("way_forward")
    assert found["best_mean"] >= 95
    assert found["best_least"] >= 90
    assert found["top_mean"] >= 88
    assert found["strict_mean"] > found["quiet_mean"] + 15
    assert found["quiet_lost"] < found["strict_lost"]


def test_words_to_spare_help(glued: Glued) -> None:
    found = glued("way_forward")
    assert found["narrow_mean"] + 10 < found["top_mean"] < found["best_mean"]


def test_resampling_helps_a_narrow_dictionary(glued: Glued) -> None:
    found = glued("way_forward")
    assert found["renewed_mean"] > found["kept_mean"] + 2 > found["first_stage"] + 2


def test_recovery_falls_when_many_features_are_present(glued: Glued) -> None:
    found = glued("way_forward")
    assert found["crowd_five"] > found["crowd_ten"] + 30


def test_the_six_directions_are_found_for_a_price_only(glued: Glued) -> None:
    found = glued("way_forward")
    assert found["six_strong"] >= 6
    assert found["six_weak_mean"] < 4
    assert found["six_none_mean"] < 4
