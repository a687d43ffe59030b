"""What chapter 3 claims, against what its cells computed."""

from tests.chapters.conftest import Glued


def test_only_orthonormal_directions_are_read_exactly_along_themselves(glued: Glued) -> None:
    found = glued("features")
    assert found["orthonormal_own_most"] < 0.001
    assert found["independent_own_least"] > 0.1


def test_the_dual_reader_needs_independence_and_no_more_features_than_neurons(glued: Glued) -> None:
    found = glued("features")
    assert found["independent_dual_most"] < 0.002
    assert found["crowded_dual_least"] > 0.1


def test_nothing_is_left_over_after_as_many_directions_as_neurons(glued: Glued) -> None:
    found = glued("features")
    assert 0.2 < found["new_eighth"] < 0.55  # closed form: the root of 1/8
    assert found["new_ninth_most"] < 1e-3


def test_a_direction_downstream_depends_on_the_input_only_through_the_relu(glued: Glued) -> None:
    found = glued("features")
    assert found["linear_turn"] < 0.2
    assert found["relu_turn_least"] > 5


def test_a_relu_aligns_sparse_features_with_neurons_and_a_linear_layer_does_not(
    glued: Glued,
) -> None:
    found = glued("features")
    assert found["relu_wins"] >= 15
    assert found["relu_sparse"] > found["linear_sparse"] + 0.2
    assert found["relu_sparse_aligned"] >= 9
    assert abs(found["linear_sparse"] - found["alignment_start"]) < 0.08
    assert abs(found["linear_adam"] - found["alignment_start"]) < 0.08


def test_dense_features_are_aligned_less_and_stuck_runs_lose_more(glued: Glued) -> None:
    found = glued("features")
    assert found["relu_dense"] < found["relu_sparse"] - 0.05
    assert found["stuck_loss_most"] == 0 or found["stuck_loss_most"] > found["whole_loss_most"]
