"""What chapter 2 claims, against what its cells computed."""

from tests.chapters.conftest import Glued

RELATIONS = ("plural", "gender", "age", "royalty")
OTHERS = ("plural_kin", "plural_things", "gender_kin", "number_verbs", "tense")


def test_a_packed_number_hides_the_second_intensity_from_a_linear_reader(glued: Glued) -> None:
    found = glued("linearity")
    assert abs(found["packed_size_error"] - found["uniform_deviation"]) < 0.02


def test_the_dual_reader_pays_in_noise_and_loses_at_small_angles_only(glued: Glued) -> None:
    found = glued("linearity")
    assert found["dual_15"] > found["own_15"] + 0.05
    assert found["dual_60"] < found["own_60"] - 0.05
    assert abs(found["dual_90"] - found["own_90"]) < 0.01


def test_ranges_beat_a_direction_once_there_are_enough_of_them(glued: Glued) -> None:
    found = glued("linearity")
    assert found["ranges_4"] > found["direction_error"] + 0.01
    assert found["ranges_16"] < found["direction_error"] - 0.02
    assert 4 < found["enough_ranges"] < 16


def test_packing_fails_on_its_own_grid_in_either_precision(glued: Glued) -> None:
    found = glued("linearity")
    assert found["lost_64"] >= 1
    assert found["lost_32"] >= 1
    assert found["median_y_million"] > 1000 * found["median_y_ten"]


def test_gradient_descent_finds_the_linear_code_and_not_the_packed_one(glued: Glued) -> None:
    found = glued("linearity")
    assert found["packed_slope"] == 0
    assert found["packed_worse"] >= 6
    assert found["packed_after"] > found["packed_before"] + 0.1
    assert found["linear_after"] < 0.05
    assert found["packed_exact"] + 0.05 < found["squeezed_least"] < found["one_kept"]


def test_a_network_built_to_unpack_beats_all_that_were_trained_not_to(glued: Glued) -> None:
    found = glued("linearity")
    for base in (4, 10):
        assert found[f"built_{base}"] < found[f"direct_best_{base}"] - 0.05


def test_training_puts_the_shape_along_a_direction_and_the_hue_was_there_before(
    glued: Glued,
) -> None:
    found = glued("linearity")
    assert found["after_least_shape"] > found["before_most_shape"] + 0.2
    assert found["before_hue"] > 0.6
    assert found["after_y"] < found["before_y"] - 0.1


def test_offsets_of_a_relation_share_a_direction_and_random_pairs_do_not(glued: Glued) -> None:
    found = glued("linearity")
    for relation in (*RELATIONS, *OTHERS):
        assert found[f"cosine_{relation}"] > found["chance_most"] + 0.05
        assert found[f"least_{relation}"] > 0.2
    assert abs(found["cosine_random_pairs"]) < 0.1
    assert min(found[f"cosine_{relation}"] for relation in RELATIONS) == found["cosine_royalty"]


def test_people_and_things_share_a_plural_and_plural_and_gender_share_nothing(glued: Glued) -> None:
    found = glued("linearity")
    assert found["aligned_plural_plural_things"] > 0.5
    assert abs(found["aligned_plural_gender"]) < 0.2


def test_offsets_solve_analogies_and_the_left_out_words_help(glued: Glued) -> None:
    found = glued("linearity")
    assert found["queen_count"] >= 4
    for relation in RELATIONS:
        assert found[f"usual_{relation}"] > found[f"nearest_{relation}"] + 10
        assert found[f"usual_{relation}"] > found[f"all_words_{relation}"] + 3


def test_without_agreement_analogies_of_tense_are_solved_all_the_same(glued: Glued) -> None:
    found = glued("linearity")
    assert abs(found["none_cosine_tense"]) < 0.15
    assert abs(found["none_cosine_plural"]) < 0.15
    assert found["none_usual_tense"] > 50
    assert found["none_nearest_tense"] > 50
    assert found["none_all_tense"] < 20
