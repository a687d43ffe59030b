"""What chapter 2 claims, against what its cells computed."""

from tests.chapters.conftest import Glued


def test_a_packed_number_hides_the_second_intensity_from_a_linear_reader(glued: Glued) -> None:
    found = glued("linearity")
    assert abs(found["packed_size_error"] - found["uniform_deviation"]) < 0.02


def test_the_dual_reader_pays_in_noise_and_loses_at_small_angles_only(glued: Glued) -> None:
    found = glued("linearity")
    assert found["dual_15"] > found["own_15"] + 0.05
    assert found["dual_60"] < found["own_60"] - 0.05
    assert abs(found["dual_90"] - found["own_90"]) < 0.01
