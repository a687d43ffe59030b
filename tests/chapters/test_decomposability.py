"""What chapter 1 claims, against what its cells computed; the seeds are fixed, the margins wide."""

from tests.chapters.conftest import Glued


def test_between_the_training_pictures_all_networks_are_right_and_the_table_knows_nothing(
    glued: Glued,
) -> None:
    found = glued("decomposability")
    assert found["known_new"] == found["known_one"] == 0
    assert found["new_shape_least"] > 90


def test_shifted_and_noisy_shapes_are_lost_bit_by_bit_and_the_colour_is_not(glued: Glued) -> None:
    found = glued("decomposability")
    assert found["new_shape"] > found["one_shape"] + 5
    assert found["one_shape"] > found["two_shape"] + 5 > 55
    assert found["noisy_shape_least"] > 80
    assert min(found["one_colour"], found["two_colour"], found["noisy_colour"]) > 97


def test_neurons_for_a_colour_are_common_for_a_shape_rare_and_no_network_has_all(
    glued: Glued,
) -> None:
    found = glued("decomposability")
    assert found["colour_neurons"] > 2 * found["shape_neurons"] > 0
    assert min(found["red_seeds"], found["blue_seeds"]) > 16
    assert max(found["circle_seeds"], found["triangle_seeds"]) < 24
    assert found["all_four_seeds"] <= 3


def test_the_colour_is_learned_first_and_selectivity_for_the_shape_grows_with_its_answers(
    glued: Glued,
) -> None:
    found = glued("decomposability")
    assert found["colour_at_10"] > 95
    assert found["shape_at_10"] < 65 < found["shape_at_200"]
    assert found["shape_s_10"] < found["shape_s_50"] < found["shape_s_200"] - 0.05
    assert found["colour_s_600"] < found["colour_s_10"]
    assert found["silent_50"] > found["silent_600"] - 0.5


def test_on_purple_a_neuron_is_at_most_half_way_between_red_and_blue(glued: Glued) -> None:
    found = glued("decomposability")
    assert found["purple_above"] < 1e-3
    assert found["purple_share_most"] < 100


def test_on_purple_networks_with_a_shape_neuron_do_better(glued: Glued) -> None:
    found = glued("decomposability")
    assert found["purple_shape_most"] > found["purple_shape"] + 10
    assert found["purple_shape_least"] < 60
    assert found["with_shape_neuron"] > found["without_shape_neuron"] + 5


def test_a_pair_that_was_never_shown_is_answered_by_a_shortcut(glued: Glued) -> None:
    found = glued("decomposability")
    assert found["pair_colour_0"] > 95
    assert found["pair_shape_0_most"] < 25
    assert found["pair_shape_0"] < found["pair_shape_4"] < found["pair_shape_16"] - 10
    assert found["pair_shape_64"] > 95


def test_random_labels_are_memorised_and_nothing_else_is_learned(glued: Glued) -> None:
    found = glued("decomposability")
    assert min(found["true_own"], found["random_own"]) > 95
    assert found["true_rest"] > 85
    assert 40 < found["random_rest"] < 60
